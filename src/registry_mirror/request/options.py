"""What may follow an image on its line: `--platform P[,P]`, `--all`, `--as NAME[:TAG]`."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from registry_mirror.errors import Code, Problem
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Selection
from registry_mirror.oci.reference import MAX_REPOSITORY, REMOTE_NAME, TAG
from registry_mirror.request import words
from registry_mirror.request.platforms import read_platforms
from registry_mirror.text import Text

_OPTIONS = ("--platform", "--all", "--as")
_OTHER_NAMES = {
    "-a": "--all",
    "--all-platforms": "--all",
    "--all-architectures": "--all",
    "--all-arch": "--all",
    "--multi-arch": "--all",
    "--arch": "--platform",
    "--override-arch": "--platform",
    "--name": "--as",
    "--tag": "--as",
    "--to": "--as",
    "--target": "--as",
    "--rename": "--as",
}


@dataclass(frozen=True, slots=True)
class NewName:
    """What `--as` says; without a tag the source's is kept."""

    path: str
    tag: str | None


@dataclass(frozen=True, slots=True)
class Options:
    selection: Selection | None = None
    name: NewName | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """One option as it stands on the line: `value` is None where there is none."""

    option: str
    value: str | None = None


def read_options(tokens: Sequence[str]) -> Options | tuple[Problem, ...]:
    """Read the words that follow an image; the problems have no line yet."""
    given = _pair(tokens)
    values = [_read(one) for one in given]
    problems = [value for value in values if isinstance(value, Problem)]
    problems += _clashes(given)
    if problems:
        return tuple(problems)
    return Options(
        next((v for v in values if isinstance(v, EveryPlatform | OnlyPlatforms)), None),
        next((v for v in values if isinstance(v, NewName)), None),
    )


def _pair(tokens: Sequence[str]) -> list[_Given]:
    """Join each option with its value, which stands after `=` or is the next word."""
    given: list[_Given] = []
    rest = list(reversed(tokens))
    while rest:
        option, equals, value = rest.pop().partition("=")
        if equals:
            given.append(_Given(option, value))
        elif option.startswith("-") and option != "--all" and rest and not rest[-1].startswith("-"):
            given.append(_Given(option, rest.pop()))
        else:
            given.append(_Given(option))
    return given


def _read(given: _Given) -> EveryPlatform | OnlyPlatforms | NewName | Problem:
    match given:
        case _Given("--all", value):
            return EveryPlatform() if value is None else _valued_all()
        case _Given("--platform", str(value)) if value:
            return read_platforms(value)
        case _Given("--platform"):
            return _bad(_about(words.NEEDS_VALUE, "--platform"), words.PLATFORM_EXAMPLE)
        case _Given("--as", str(value)) if value:
            return _read_name(value)
        case _Given("--as"):
            return _bad(_about(words.NEEDS_VALUE, "--as"), words.AS_EXAMPLE)
        case _:
            return _unknown(given.option)


def _valued_all() -> Problem:
    return _bad(_about(words.TAKES_NO_VALUE, "--all"), _about(words.WRITE_OPTION, "--all"))


def _read_name(text: str) -> NewName | Problem:
    name = _parse_name(text)
    if name:
        return name
    path, colon, tag = text.partition(":")
    lowered = path.lower() + colon + tag
    right = words.WRITE_OPTION.fill(option=f"--as {lowered}")
    hint = right if _parse_name(lowered) else words.AS_HINT
    return _bad(words.BAD_AS.fill(name=text), hint)


def _parse_name(text: str) -> NewName | None:
    path, colon, tag = text.partition(":")
    if not REMOTE_NAME.fullmatch(path) or len(path) > MAX_REPOSITORY:
        return None
    if colon and not TAG.fullmatch(tag):
        return None
    return NewName(path, tag or None)


def _unknown(option: str) -> Problem:
    if not option.startswith("-"):
        reason = words.UNEXPECTED_WORD.fill(word=option)
        return Problem(Code.BAD_REFERENCE, reason, words.WRITE_IMAGE)
    close = get_close_matches(option, _OPTIONS, n=1)
    meant = _OTHER_NAMES.get(option) or (close[0] if close else None)
    hint = _about(words.DID_YOU_MEAN, meant) if meant else words.OPTIONS_THERE_ARE
    return _bad(_about(words.UNKNOWN_OPTION, option), hint)


def _clashes(given: Sequence[_Given]) -> list[Problem]:
    names = [one.option for one in given]
    problems = [
        _bad(_about(words.GIVEN_TWICE, option), _join(given, option))
        for option in _OPTIONS
        if names.count(option) > 1
    ]
    if "--all" in names and "--platform" in names:
        problems.append(_bad(words.ALL_AND_PLATFORM, words.ALL_AND_PLATFORM_HINT))
    return problems


def _join(given: Sequence[_Given], option: str) -> Text:
    if option != "--platform":
        return words.KEEP_ONE
    values = ",".join(one.value for one in given if one.option == option and one.value)
    return words.WRITE_OPTION.fill(option=f"--platform {values}")


def _about(text: Text, option: str) -> Text:
    return text.fill(option=option)


def _bad(reason: Text, hint: Text) -> Problem:
    return Problem(Code.BAD_OPTION, reason, hint)
