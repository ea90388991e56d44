"""A JSON document of GitHub's, read field by field into plain values; its shape ends here."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime


class BadDocumentError(ValueError):
    """Names the field that is not what it should be, never its content."""


@dataclass(frozen=True, slots=True)
class Document:
    _value: object
    _name: str = "document"

    @classmethod
    def read(cls, raw: bytes) -> "Document":
        """An empty text is null. Raises BadDocumentError for what is no JSON."""
        if not raw:
            return cls(None)
        try:
            return cls(json.loads(raw))
        except (ValueError, RecursionError):
            raise BadDocumentError("not a JSON document") from None

    def field(self, name: str) -> "Document":
        """A field of an object; an absent one is null."""
        if not isinstance(self._value, dict):
            raise BadDocumentError(f"{self._name} is no object")
        return Document(self._value.get(name), f"{self._name}.{name}")

    def items(self) -> tuple["Document", ...]:
        if not isinstance(self._value, list):
            raise BadDocumentError(f"{self._name} is no list")
        return tuple(Document(item, f"{self._name}[]") for item in self._value)

    def text(self) -> str:
        """Half a surrogate pair, which JSON can carry and UTF-8 cannot, becomes `?`."""
        if not isinstance(self._value, str):
            raise BadDocumentError(f"{self._name} is no text")
        return self._value.encode("utf-8", "replace").decode("utf-8")

    def text_or(self, default: str) -> str:
        return default if self.is_null() else self.text()

    def number(self) -> int:
        if not isinstance(self._value, int) or isinstance(self._value, bool):
            raise BadDocumentError(f"{self._name} is no whole number")
        return self._value

    def truth(self) -> bool:
        if not isinstance(self._value, bool):
            raise BadDocumentError(f"{self._name} is neither true nor false")
        return self._value

    def moment(self) -> datetime:
        """A time of day with its date and offset."""
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise BadDocumentError(f"{self._name} is no time") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def is_list(self) -> bool:
        return isinstance(self._value, list)

    def is_null(self) -> bool:
        return self._value is None
