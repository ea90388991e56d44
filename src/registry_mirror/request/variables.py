"""Variables in the values of a Compose file, by Compose's own rules for interpolation."""

import re

_NAME = r"[A-Za-z_][A-Za-z0-9_]*+"
_DEFAULT = re.compile(rf"\$\{{{_NAME}:?-(?P<default>[^${{}}]*)\}}")
_VARIABLE = re.compile(rf"\$(?:{_NAME}|\{{[^{{}}]*\}}?)")
_INNERMOST = re.compile(rf"\$\{{{_NAME}[^{{}}$]*\}}")
_DOLLAR = "$$"
_HIDDEN = "\x00"
"""For a `$$` while variables are looked for; no image has it."""

MAX_VARIABLES = 20
"""Variables of one value."""


class UnsetError(ValueError):
    """A variable has no default."""

    def __init__(self, variable: str) -> None:
        super().__init__(variable)
        self.variable = variable


def substitute(text: str) -> str:
    """Put each variable's default in its place: nobody's environment is known here.

    Raises UnsetError for the first variable without a default.
    """
    text = text.replace(_DOLLAR, _HIDDEN)
    for _ in range(MAX_VARIABLES):
        # The innermost first, for a default may be a variable: `${A:-${B:-x}}`.
        replaced = _DEFAULT.sub(r"\g<default>", text, count=1)
        if replaced == text:
            break
        text = replaced
    variable = _INNERMOST.search(text) or _VARIABLE.search(text)
    if variable:
        raise UnsetError(variable[0].replace(_HIDDEN, _DOLLAR))
    return text.replace(_HIDDEN, "$")
