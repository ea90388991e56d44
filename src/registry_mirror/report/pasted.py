"""What is said of a manifest that was pasted in the place of a list."""

from registry_mirror.report import words
from registry_mirror.request import Pasted
from registry_mirror.text import Text


def pasted_texts(pasted: Pasted | None) -> tuple[Text, ...]:
    """How many images it had, and from where on it could be read by its lines alone."""
    if pasted is None:
        return ()
    text = words.PASTED_ONE if pasted.images == 1 else words.PASTED
    count = text.fill(count=str(pasted.images))
    broken = words.PASTED_BROKEN.fill(line=str(pasted.broken)) if pasted.broken else None
    return (count, broken) if broken else (count,)
