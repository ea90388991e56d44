"""What people read, in both languages, with the strangers' words in it kept apart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in Chinese and English.

    The templates are ours; `values` may be a stranger's words, so they are quoted only when the
    sentence is said, by whoever knows where it will stand (a code span in a comment, bare in a
    terminal). So are the parts of `lists`, each by itself.
    """

    zh: str
    en: str
    values: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def fill(self, **values: str) -> "Text":
        return replace(self, values=(*self.values, *values.items()))

    def listing(self, **lists: Iterable[str]) -> "Text":
        named = ((name, tuple(parts)) for name, parts in lists.items())
        return replace(self, lists=(*self.lists, *named))

    def then(self, other: "Text") -> "Text":
        """Both sentences in one; a value that both name is the first one's."""
        values = tuple(value for value in other.values if value[0] not in dict(self.values))
        lists = tuple(parts for parts in other.lists if parts[0] not in dict(self.lists))
        return Text(
            f"{self.zh}；{other.zh}",
            f"{self.en}; {other.en}",
            (*self.values, *values),
            (*self.lists, *lists),
        )

    def say(self, language: Language, quote: Callable[[str], str] = str) -> str:
        quoted = {name: quote(value) for name, value in self.values}
        match language:
            case Language.ZH:
                return self.zh.format_map(quoted | self._joined("、", quote))
            case Language.EN:
                return self.en.format_map(quoted | self._joined(", ", quote))
            case _:
                assert_never(language)

    def _joined(self, separator: str, quote: Callable[[str], str]) -> dict[str, str]:
        return {name: separator.join(map(quote, parts)) for name, parts in self.lists}

    def __str__(self) -> str:
        return self.say(Language.EN)
