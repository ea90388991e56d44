"""What a Markdown comment becomes on GitHub; cmarkgfm is its renderer, and has no types."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

_CODE = frozenset({"code", "pre"})


@dataclass
class Page(HTMLParser):
    """A rendered comment: its elements in order, and its text in and outside of code."""

    elements: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(" ".join([tag, *(f"{name}={value}" for name, value in attrs)]))
        self._open.append(tag)
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if _CODE & set(self._open):
            self.code[-1] += data
        else:
            self.outside.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.append(f"!{data}")

    @property
    def words(self) -> str:
        return "".join(self.outside)


def render(markdown: str) -> Page:
    """Raw HTML is kept as GitHub keeps it, so that what leaks is seen."""
    page = Page()
    page.feed(github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))
    page.close()
    return page
