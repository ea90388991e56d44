"""Whom skopeo may be sent to on behalf of somebody who may not write to the repository. Pure.

skopeo goes wherever a registry leads it (redirects, token servers, names that resolve to addresses
inside, URLs in manifests), and no policy of ours can hold it. So strangers are served from
registries alone whose answers a stranger can't write: public ones, at the port of https, run by
somebody who lets others push images there but neither redirects nor names. Wildcards stand only
where every name below a domain is that registry's own; not below `azurecr.io`, `jfrog.io` or
`aliyuncs.com`, where customers say where requests go, nor for gateways that redirect by rules of
their customers.
"""

from collections.abc import Iterable

from registry_mirror.engines.skopeo import words
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.hosts import without_port
from registry_mirror.oci.manifest import ImageManifest
from registry_mirror.oci.reference import Reference
from registry_mirror.text import Text

WELL_KNOWN = frozenset(
    {
        "cgr.dev",
        "container-registry.oracle.com",
        "docker.elastic.co",
        "docker.io",
        "gcr.io",
        "ghcr.io",
        "icr.io",
        "mcr.microsoft.com",
        "nvcr.io",
        "public.ecr.aws",
        "quay.io",
        "registry.access.redhat.com",
        "registry.fedoraproject.org",
        "registry.gitlab.com",
        "registry.k8s.io",
        "registry.opensuse.org",
        "registry.suse.com",
    }
)
WELL_KNOWN_DOMAINS = ("gcr.io", "pkg.dev")
"""Google's: Container Registry by region (`us.gcr.io`, also `k8s.gcr.io`) and Artifact Registry."""

_HTTPS = ":443"


def is_well_known(registry: str) -> bool:
    registry = registry.lower().removesuffix(_HTTPS)
    if registry != without_port(registry):
        return False
    return registry in WELL_KNOWN or registry.endswith(tuple(f".{d}" for d in WELL_KNOWN_DOMAINS))


def refusal_of_registry(source: Reference) -> Failure | None:
    """Why skopeo copies nothing from there for a stranger."""
    return None if is_well_known(source.registry) else _refusal(words.NOT_WELL_KNOWN)


def refusal_of_urls(images: Iterable[ImageManifest]) -> Failure | None:
    """Images that say themselves where skopeo shall fetch their parts: at any address."""
    parts = (blob for image in images for blob in (*image.layers, image.config) if blob)
    return _refusal(words.URLS) if any(blob.urls for blob in parts) else None


def _refusal(cause: Text) -> Failure:
    hint = words.STRANGERS_HINT
    return Failure(Code.ENGINE_UNSUPPORTED, Side.SOURCE, cause=cause, hint=hint)
