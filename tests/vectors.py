"""Images with what skopeo 1.22.2 made of them: `copy --format v2s2`, with and without `--all`.

tests/data/vectors/cases.json lists them; the bytes of every manifest, config and layer are beside
it by digest, except layers over 64 KiB, which a case names in `left_out`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_mirror.errors import Code
from registry_mirror.oci.digest import Digest

DIRECTORY = Path(__file__).parent / "data" / "vectors"

PASSED_THROUGH = frozenset({"oci-gzip-mt-plain-data", "oci-empty-blob-layer"})
"""Where skopeo compresses a layer that is typed gzip, and we don't look into it."""

REFUSED = {
    "oci-encrypted-layer": Code.UNSUPPORTED_LAYER,
    "oci-docker-config-type": Code.BAD_MANIFEST,
    "oci-octet-config-type": Code.NOT_AN_IMAGE,
    "oci-docker-layer-types": Code.UNSUPPORTED_LAYER,
    "oci-artifact-oras": Code.NOT_AN_IMAGE,
    "oci-cosign-signature": Code.NOT_AN_IMAGE,
    "oci-single-attestation": Code.NOT_AN_IMAGE,
    "docker-v2s2-oci-layer-types": Code.UNSUPPORTED_LAYER,
    "index-empty": Code.PLATFORM_NOT_FOUND,
    "index-nested": Code.NOT_AN_IMAGE,
    "index-artifacts-mixed": Code.NOT_AN_IMAGE,
    "index-amd64-variants": Code.PLATFORM_NOT_FOUND,
    "oci-config-too-big": Code.TOO_LARGE,
    "oci-sha512-layer": Code.UNSUPPORTED_LAYER,
}
"""What manifests that can be read tell, and why it is refused."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of skopeo: `digest` is what it put under the tag, `manifests` below it."""

    everything: bool
    exit_code: int
    error: str
    digest: Digest | None
    manifests: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """`manifests` have their Content-Types, `blobs` their sizes in bytes."""

    name: str
    description: str
    top: Digest
    manifests: Mapping[Digest, str]
    blobs: Mapping[Digest, int]
    left_out: frozenset[Digest]
    runs: tuple[Run, ...]

    def run(self, *, everything: bool) -> Run | None:
        return next((run for run in self.runs if run.everything == everything), None)


def content(digest: Digest) -> bytes:
    return (DIRECTORY / digest.algorithm / digest.encoded).read_bytes()


def _run(body: dict[str, Any]) -> Run:
    return Run(
        body["mode"] == "v2s2-all",
        body["exit"],
        body["error"],
        Digest(body["digest"]) if "digest" in body else None,
        tuple(map(Digest, body.get("manifests", ()))),
    )


def _case(body: dict[str, Any]) -> Case:
    return Case(
        body["name"],
        body["description"],
        Digest(body["top"]),
        {Digest(digest): kind for digest, kind in body["manifests"].items()},
        {Digest(digest): size for digest, size in body["blobs"].items()},
        frozenset(map(Digest, body["left_out"])),
        tuple(map(_run, body["runs"])),
    )


CASES: Mapping[str, Case] = {
    body["name"]: _case(body)
    for body in json.loads((DIRECTORY / "cases.json").read_text(encoding="utf-8"))
}
