"""Mirror container images into a registry of one's own, as Docker V2 Schema 2."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("registry-mirror")
except PackageNotFoundError:  # run from a checkout, as the GitHub action does
    __version__ = "0.1.0"
