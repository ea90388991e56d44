"""The configs of images: their sizes must be right, and they name the platform of a lone image."""

from contextlib import suppress

from registry_mirror.engines.native.job import Job
from registry_mirror.engines.native.recompression import BrokenBlobError
from registry_mirror.engines.native.resolving import MAX_CONFIG
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.manifest import parse_config_platform
from registry_mirror.oci.platform import Platform
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.errors import RegistryError


class Configs:
    """Remembers those that have passed by."""

    def __init__(self) -> None:
        self._sizes: dict[Digest, int] = {}
        self._platforms: dict[Digest, Platform | None] = {}

    async def read(
        self, source: RegistryClient, repository: str, digest: Digest, size: int
    ) -> bytes:
        """Raises BrokenBlobError where `size`, in bytes, is wrong, and RegistryError."""
        content = await source.get_blob_bytes(repository, digest, MAX_CONFIG)
        self._sizes[digest] = len(content)
        self._check(digest, size)
        self._platforms[digest] = parse_config_platform(content)
        return content

    def check(self, job: Job) -> None:
        """Raises BrokenBlobError: a manifest may lie about a config that another image has sent."""
        for image in job.images.values():
            self._check(image.config.digest, image.config.size)

    async def learn(self, job: Job, target: RegistryClient) -> None:
        """Look into the config of a lone image that was at the target already, if possible."""
        if not isinstance(job.top, Digest) or job.platforms is not None:
            return
        image, repository = job.images[job.top], job.copy.target.repository
        digest = image.config.digest
        if digest in self._platforms:
            return
        with suppress(RegistryError):
            content = image.new_config or await target.get_blob_bytes(
                repository, digest, MAX_CONFIG
            )
            self._platforms[digest] = parse_config_platform(content)

    def platforms(self, job: Job) -> tuple[str, ...] | None:
        """None where neither an index nor a config has told."""
        if job.platforms is not None or not isinstance(job.top, Digest):
            return job.platforms
        platform = self._platforms.get(job.images[job.top].config.digest)
        return (str(platform),) if platform else None

    def _check(self, digest: Digest, size: int) -> None:
        found = self._sizes.get(digest, size)
        if found != size:
            raise BrokenBlobError(f"the config has {found} bytes, not {size}")
