"""Where an image that isn't where it was looked for may be: moved, elsewhere, or misspelt."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from registry_mirror.advice.spelling import is_slip
from registry_mirror.oci.reference import DOCKER_HUB, Reference

MAX_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is known of the public registries.

    `moved` has names (or what they begin with, up to a slash) and where these are now; `popular`
    are names that people leave the registry or the owner out of; `registries` are those to which
    the same images are often pushed, under the same paths; `frozen` are new places of `moved` that
    get no updates.
    """

    moved: tuple[tuple[str, str], ...]
    popular: tuple[str, ...]
    registries: tuple[str, ...]
    frozen: tuple[str, ...] = ()


_OFFICIAL = (
    "adminer alpine amazonlinux archlinux bash buildpack-deps busybox caddy cassandra clickhouse "
    "composer consul couchbase couchdb debian docker drupal eclipse-mosquitto eclipse-temurin "
    "elasticsearch elixir emqx erlang fedora fluentd flink gcc ghost golang gradle groovy "
    "haproxy haskell hello-world httpd influxdb jetty joomla julia kibana kong logstash mariadb "
    "maven memcached mongo mongo-express mysql nats neo4j nextcloud nginx node odoo "
    "percona perl php phpmyadmin postgres python r-base rabbitmq redis redmine registry "
    "rockylinux ruby rust solr sonarqube spark storm swift telegraf tomcat traefik ubuntu varnish "
    "vault wordpress zookeeper"
)
_KUBERNETES = (
    "kube-apiserver kube-controller-manager kube-scheduler kube-proxy pause etcd coredns/coredns "
    "conformance e2e-test-images/agnhost ingress-nginx/controller "
    "ingress-nginx/kube-webhook-certgen metrics-server/metrics-server "
    "kube-state-metrics/kube-state-metrics sig-storage/csi-provisioner sig-storage/csi-attacher "
    "sig-storage/csi-resizer sig-storage/csi-snapshotter sig-storage/snapshot-controller "
    "sig-storage/csi-node-driver-registrar sig-storage/livenessprobe "
    "sig-storage/nfs-subdir-external-provisioner external-dns/external-dns dns/k8s-dns-node-cache "
    "autoscaling/cluster-autoscaler"
)
_OTHERS = (
    "quay.io/prometheus/prometheus",
    "quay.io/prometheus/node-exporter",
    "quay.io/prometheus/alertmanager",
    "quay.io/prometheus/blackbox-exporter",
    "quay.io/prometheus-operator/prometheus-operator",
    "quay.io/prometheus-operator/prometheus-config-reloader",
    "quay.io/jetstack/cert-manager-controller",
    "quay.io/jetstack/cert-manager-webhook",
    "quay.io/jetstack/cert-manager-cainjector",
    "quay.io/argoproj/argocd",
    "quay.io/argoproj/argo-rollouts",
    "quay.io/coreos/flannel",
    "quay.io/cilium/cilium",
    "quay.io/cilium/operator-generic",
    "quay.io/metallb/controller",
    "quay.io/metallb/speaker",
    "quay.io/keycloak/keycloak",
    "quay.io/minio/minio",
    "docker.io/grafana/grafana",
    "docker.io/grafana/loki",
    "docker.io/grafana/promtail",
    "docker.io/flannel/flannel",
    "docker.io/calico/node",
    "docker.io/calico/cni",
    "docker.io/calico/kube-controllers",
    "docker.io/rancher/rancher",
    "docker.io/istio/pilot",
    "docker.io/istio/proxyv2",
    "docker.io/jenkins/jenkins",
    "docker.io/gitlab/gitlab-ce",
    "docker.io/portainer/portainer-ce",
    "docker.io/nacos/nacos-server",
    "docker.io/apache/kafka",
    "docker.io/apache/skywalking-oap-server",
    "docker.io/jaegertracing/all-in-one",
    "docker.io/openebs/provisioner-localpv",
    "ghcr.io/dexidp/dex",
    "ghcr.io/fluxcd/source-controller",
    "ghcr.io/kyverno/kyverno",
    "gcr.io/distroless/static",
    "gcr.io/distroless/base",
    "gcr.io/kaniko-project/executor",
    "gcr.io/cadvisor/cadvisor",
)

CATALOGUE = Catalogue(
    moved=(
        ("k8s.gcr.io", "registry.k8s.io"),
        ("gcr.io/google-containers", "registry.k8s.io"),
        ("gcr.io/google_containers", "registry.k8s.io"),
        ("docker.io/bitnami", "docker.io/bitnamilegacy"),
    ),
    popular=(
        *(f"{DOCKER_HUB}/library/{name}" for name in _OFFICIAL.split()),
        *(f"registry.k8s.io/{name}" for name in _KUBERNETES.split()),
        *_OTHERS,
    ),
    registries=(DOCKER_HUB, "quay.io", "ghcr.io", "registry.k8s.io"),
    frozen=("docker.io/bitnamilegacy",),
)


def candidates(
    source: Reference,
    others: Iterable[Reference],
    catalogue: Catalogue = CATALOGUE,
    *,
    may_be_private: bool = False,
) -> tuple[Reference, ...]:
    """Other places to look at for an image, the likeliest first.

    `others` are the request's other images, whose names are spelt right. The whole name of an image
    that may be private is told to no other registry.
    """
    names = dict.fromkeys(_names(source, tuple(others), catalogue))
    if not may_be_private:
        names |= dict.fromkeys(_elsewhere(source, catalogue))
    names.pop(source.name, None)
    return tuple(_at(source, name) for name in names)[:MAX_CANDIDATES]


def surely(
    source: Reference, others: Iterable[Reference], catalogue: Catalogue = CATALOGUE
) -> tuple[Reference, ...]:
    """Those that would be meant even where the registry that was named can't be reached."""
    known = (*(other.name for other in others), *_popular(source, catalogue))
    misspelt = (name for name in known if _is_misspelt(source.name, name))
    names = dict.fromkeys((*_moved(source, catalogue), *misspelt))
    return tuple(_at(source, name) for name in names)[:MAX_CANDIDATES]


def moved(source: Reference, catalogue: Catalogue = CATALOGUE) -> Reference | None:
    """Where an image's registry or owner has gone to."""
    return next((_at(source, name) for name in _moved(source, catalogue)), None)


def _names(source: Reference, others: tuple[Reference, ...], catalogue: Catalogue) -> Iterator[str]:
    popular = _popular(source, catalogue)
    yield from _moved(source, catalogue)
    yield from (name for name in popular if _last(name) == _last(source.name))
    if source.registry == DOCKER_HUB and not source.repository.startswith("library/"):
        yield f"{DOCKER_HUB}/library/{_last(source.name)}"
    yield from (other.name for other in others if _is_misspelt(source.name, other.name))
    yield from (name for name in popular if _is_misspelt(source.name, name))


def _popular(source: Reference, catalogue: Catalogue) -> tuple[str, ...]:
    """None for an image of a registry that isn't public: nobody else need know of it."""
    public = {*catalogue.registries, *(name.partition("/")[0] for name in catalogue.popular)}
    is_public = any(one == source.registry or is_slip(one, source.registry) for one in public)
    return catalogue.popular if is_public else ()


def _moved(source: Reference, catalogue: Catalogue) -> Iterator[str]:
    for before, now in catalogue.moved:
        if source.name.startswith(f"{before}/") or (source.name == before and "/" in now):
            yield now + source.name.removeprefix(before)


def _is_misspelt(name: str, other: str) -> bool:
    """Whether only the last part or only what stands before it was mistyped."""
    if _parent(name) == _parent(other):
        return is_slip(_last(name), _last(other))
    return _last(name) == _last(other) and is_slip(_parent(name), _parent(other))


def _elsewhere(source: Reference, catalogue: Catalogue) -> Iterator[str]:
    """The same path in the other registries, which know no `library`."""
    if source.registry not in catalogue.registries:
        return
    path = source.repository.removeprefix("library/")
    for registry in catalogue.registries:
        bare = registry == DOCKER_HUB and "/" not in path
        yield f"{registry}/library/{path}" if bare else f"{registry}/{path}"


def _at(source: Reference, name: str) -> Reference:
    """The same tag under another name; a digest is kept, for content is the same anywhere."""
    registry, _, repository = name.partition("/")
    return replace(source, registry=registry, repository=repository)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _parent(name: str) -> str:
    return name.rpartition("/")[0]
