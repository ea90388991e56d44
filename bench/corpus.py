"""Which images there are to copy: values, the same at every run; the bytes are `bench.content`'s.

`scale` makes layers smaller, and where there are many images, these fewer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

KB = 1_000
MB = 1_000_000
MIB = 1024 * 1024

_SMALLEST = 64


@dataclass(frozen=True, slots=True)
class Layer:
    """`name` tells it from all others and is what its bytes grow from; `size` is compressed."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Image:
    repository: str
    layers: tuple[Layer, ...]

    @property
    def name(self) -> str:
        """What it is called below the target's namespace."""
        return self.repository.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Corpus:
    name: str
    images: tuple[Image, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Each once, in the order in which images need them."""
        return tuple(dict.fromkeys(layer for image in self.images for layer in image.layers))

    @property
    def largest(self) -> int:
        return max(layer.size for layer in self.layers)

    @property
    def unique(self) -> int:
        """Bytes of all layers, each counted once."""
        return sum(layer.size for layer in self.layers)

    @property
    def referenced(self) -> int:
        """Bytes of all layers, each counted for every image that has it."""
        return sum(layer.size for image in self.images for layer in image.layers)


class CorpusName(StrEnum):
    FLEET = "fleet"
    SMALL = "small"
    BIG = "big"
    WIDE = "wide"
    CUTS = "cuts"


def describe(name: CorpusName, scale: float) -> Corpus:
    return Corpus(name, _CORPORA[name](scale))


def _fleet(scale: float) -> tuple[Image, ...]:
    """20 images of 5 layers, 300 MB: two distributions, four runtimes, ten frameworks, two own."""
    bases = _layers("base", (25, 35), scale)
    runtimes = _layers("runtime", (10, 20, 30, 40), scale)
    frameworks = _layers("framework", (2, 3, 4, 5, 6, 6, 7, 8, 9, 10), scale)
    images = []
    for n in range(20):
        application = _layer(f"application-{n}", (1 + n % 5) * MB, scale)
        settings = _layer(f"settings-{n}", MB, scale)
        shared = (bases[n % 2], runtimes[n % 4], frameworks[n % 10])
        images.append(Image(f"fleet/image-{n:03}", (*shared, application, settings)))
    return tuple(images)


def _small(scale: float) -> tuple[Image, ...]:
    """200 images of three or four layers of 1 to 200 KB, the first of which 50 images share."""
    bases = [Layer(f"base-{n}", size * KB) for n, size in enumerate((200, 150, 100, 50))]
    return tuple(
        Image(f"small/image-{n:03}", (bases[n % 4], *_own(n)))
        for n in range(max(4, round(200 * scale)))
    )


def _own(image: int) -> tuple[Layer, ...]:
    sizes = (1 + image * 7 % 120, 1 + image * 13 % 40, 1 + image * 3 % 10)
    count = 2 + image % 2
    return tuple(Layer(f"own-{image}-{n}", size * KB) for n, size in enumerate(sizes[:count]))


def _big(scale: float) -> tuple[Image, ...]:
    return (Image("big/image", (_layer("big", 1024 * MIB, scale),)),)


def _wide(scale: float) -> tuple[Image, ...]:
    layers = tuple(_layer(f"wide-{n}", 256 * MIB, scale) for n in range(16))
    return (Image("wide/image", layers),)


def _cuts(scale: float) -> tuple[Image, ...]:
    return tuple(
        Image(f"cuts/image-{n}", tuple(_layer(f"cut-{n}-{m}", 60 * MB, scale) for m in range(2)))
        for n in range(3)
    )


def _layers(name: str, sizes: tuple[int, ...], scale: float) -> tuple[Layer, ...]:
    return tuple(_layer(f"{name}-{n}", size * MB, scale) for n, size in enumerate(sizes))


def _layer(name: str, size: int, scale: float) -> Layer:
    return Layer(name, max(_SMALLEST, round(size * scale)))


_CORPORA: Mapping[CorpusName, Callable[[float], tuple[Image, ...]]] = {
    CorpusName.FLEET: _fleet,
    CorpusName.SMALL: _small,
    CorpusName.BIG: _big,
    CorpusName.WIDE: _wide,
    CorpusName.CUTS: _cuts,
}
