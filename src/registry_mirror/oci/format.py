"""The formats in which an image can be written."""

from enum import StrEnum


class Format(StrEnum):
    """`source` copies every byte as it is."""

    V2S2 = "v2s2"
    OCI = "oci"
    SOURCE = "source"
