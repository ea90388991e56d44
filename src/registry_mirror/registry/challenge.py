"""What a registry asks for in `WWW-Authenticate` (RFC 9110, section 11.6.1).

    challenges := challenge *( "," challenge )
    challenge  := scheme [ 1*SP ( token68 / parameter *( "," parameter ) ) ]
    parameter  := token "=" ( token / quoted-string )

Registries leave quotes out around URLs and commas out between parameters; both are understood.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SEPARATORS = re.compile(r"[\s,]*")
_SCHEME = re.compile(rf"({_WORD})(?=[\s,]|$)")
_TOKEN68 = re.compile(r"[ \t]+([A-Za-z0-9._~+/-]+=*)[ \t]*(?=,|$)")
_PARAMETER = re.compile(
    rf"""({_WORD})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))(?=[\s,]|$)""", re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


MAX_CHALLENGES = 16
"""Of one answer; registries make one or two."""


class InvalidChallengeError(ValueError):
    """The header follows no grammar that we know."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """The scheme and the names of parameters are in lowercase."""

    scheme: str
    parameters: tuple[tuple[str, str], ...] = ()
    token68: str = ""

    def get(self, name: str) -> str:
        """The first parameter of this name, or nothing."""
        return next((value for key, value in self.parameters if key == name), "")


def read_challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """The first challenges of several headers; one that can't be read is passed over."""
    challenges: list[Challenge] = []
    for header in islice(headers, MAX_CHALLENGES):
        try:
            challenges += parse_challenges(header)
        except InvalidChallengeError:
            continue
    return tuple(challenges[:MAX_CHALLENGES])


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Raises InvalidChallengeError."""
    challenges: list[Challenge] = []
    position = _skip(header, 0)
    while position < len(header):
        challenge, position = _challenge(header, position)
        challenges.append(challenge)
    return tuple(challenges)


def _challenge(header: str, position: int) -> tuple[Challenge, int]:
    scheme = _SCHEME.match(header, position)
    if scheme is None:
        raise InvalidChallengeError
    token68 = _TOKEN68.match(header, scheme.end())
    if token68:
        return Challenge(scheme[1].lower(), token68=token68[1]), _skip(header, token68.end())
    parameters, position = _parameters(header, _skip(header, scheme.end()))
    return Challenge(scheme[1].lower(), parameters), position


def _parameters(header: str, position: int) -> tuple[tuple[tuple[str, str], ...], int]:
    parameters: list[tuple[str, str]] = []
    while match := _PARAMETER.match(header, position):
        value = match[3] if match[2] is None else _ESCAPED.sub(r"\1", match[2])
        parameters.append((match[1].lower(), value))
        position = _skip(header, match.end())
    return tuple(parameters), position


def _skip(header: str, position: int) -> int:
    match = _SEPARATORS.match(header, position)
    return match.end() if match else position
