"""What people read, in both languages, with the strangers' words in it kept apart."""

from collections.abc import Callable
from dataclasses import dataclass
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
    terminal).
    """

    zh: str
    en: str
    values: tuple[tuple[str, str], ...] = ()

    def fill(self, **values: str) -> "Text":
        return Text(self.zh, self.en, (*self.values, *values.items()))

    def then(self, other: "Text") -> "Text":
        """Both sentences in one; a value that both name is the first one's."""
        values = tuple(value for value in other.values if value[0] not in dict(self.values))
        return Text(f"{self.zh}；{other.zh}", f"{self.en}; {other.en}", (*self.values, *values))

    def say(self, language: Language, quote: Callable[[str], str] = str) -> str:
        quoted = {name: quote(value) for name, value in self.values}
        match language:
            case Language.ZH:
                return self.zh.format_map(quoted)
            case Language.EN:
                return self.en.format_map(quoted)
            case _:
                assert_never(language)

    def __str__(self) -> str:
        return self.say(Language.EN)
