"""What a registry holds, in memory: blobs once for all repositories, each linked where it is known.

Digests and tags are looked up as the text that a client sent; an unknown one is None.
"""

from dataclasses import dataclass, field

from registry_mirror.embedded.content import Content, Stored
from registry_mirror.embedded.images import BuiltImage, Piece


@dataclass(slots=True)
class Repository:
    blobs: set[str] = field(default_factory=set)
    manifests: dict[str, Piece] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def find(self, reference: str) -> Piece | None:
        """The manifest of a tag or a digest."""
        return self.manifests.get(self.tags.get(reference, reference))

    def remove(self, digest: str) -> None:
        """Take a manifest away, and with it every tag that names it."""
        del self.manifests[digest]
        self.tags = {tag: named for tag, named in self.tags.items() if named != digest}


class Storage:
    def __init__(self) -> None:
        self._blobs: dict[str, Content] = {}
        self._size = 0
        self._repositories: dict[str, Repository] = {}

    def repositories(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self._repositories if self.repository(name)))

    def repository(self, name: str) -> Repository | None:
        """A repository exists from its first manifest on."""
        repository = self._repositories.get(name)
        return repository if repository and repository.manifests else None

    def make_repository(self, name: str) -> Repository:
        return self._repositories.setdefault(name, Repository())

    def blob(self, name: str, digest: str) -> Content | None:
        repository = self._repositories.get(name)
        if repository is None or digest not in repository.blobs:
            return None
        return self._blobs[digest]

    def add_blob(self, name: str, digest: str, content: Content) -> None:
        if digest not in self._blobs:
            self._blobs[digest] = content
            self._size += content.size
        self.make_repository(name).blobs.add(digest)

    def size_with(self, digest: str, size: int) -> int:
        """Bytes of all blobs once this one is among them, each counted once."""
        return self._size if digest in self._blobs else self._size + size

    def put(self, name: str, tag: str, image: BuiltImage) -> None:
        for blob in image.blobs:
            self.add_blob(name, blob.digest, Stored(blob.content))
        for layer in image.synthetic:
            self.add_blob(name, layer.digest, layer)
        repository = self.make_repository(name)
        for manifest in (*image.manifests, image.top):
            repository.manifests[manifest.digest] = manifest
        repository.tags[tag] = image.top.digest
