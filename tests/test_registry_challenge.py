import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.registry.authentication import choose
from registry_mirror.registry.challenge import (
    Challenge,
    InvalidChallengeError,
    parse_challenges,
    read_challenges,
)

HUB = (
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
    'scope="repository:library/nginx:pull,push"'
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ()),
        (" , ,", ()),
        ("Basic", (Challenge("basic"),)),
        ('Basic realm="x"', (Challenge("basic", (("realm", "x"),)),)),
        ('BASIC Realm = "x" ', (Challenge("basic", (("realm", "x"),)),)),
        ("Basic realm=x", (Challenge("basic", (("realm", "x"),)),)),
        ("Basic realm=", (Challenge("basic", token68="realm="),)),
        ("Negotiate", (Challenge("negotiate"),)),
        ("Negotiate a87421000492aa874209af8bc028==", (
            Challenge("negotiate", token68="a87421000492aa874209af8bc028=="),
        )),
        ('Negotiate, Basic realm="x"', (
            Challenge("negotiate"), Challenge("basic", (("realm", "x"),)),
        )),
        ('NTLM abc=, Bearer realm="https://h/t",service=s', (
            Challenge("ntlm", token68="abc="),
            Challenge("bearer", (("realm", "https://h/t"), ("service", "s"))),
        )),
        ('Basic realm="a, Bearer b=\\"c\\"", Bearer realm="d"', (
            Challenge("basic", (("realm", 'a, Bearer b="c"'),)),
            Challenge("bearer", (("realm", "d"),)),
        )),
        ('Bearer realm="r" service="s"', (
            Challenge("bearer", (("realm", "r"), ("service", "s"))),
        )),
        ("Bearer realm=https://h:5000/token?a=b,service=s", (
            Challenge("bearer", (("realm", "https://h:5000/token?a=b"), ("service", "s"))),
        )),
        ('Bearer realm="",scope=""', (Challenge("bearer", (("realm", ""), ("scope", ""))),)),
        (HUB, (Challenge("bearer", (
            ("realm", "https://auth.docker.io/token"),
            ("service", "registry.docker.io"),
            ("scope", "repository:library/nginx:pull,push"),
        )),)),
    ],
)  # fmt: skip
def test_a_header_is_read(header: str, expected: tuple[Challenge, ...]) -> None:
    assert parse_challenges(header) == expected


@pytest.mark.parametrize(
    "header", ['"', '"Basic"', "=x", 'Bearer realm="never closed', "Basic @", "Basic a b @"]
)
def test_what_is_no_challenge_is_refused(header: str) -> None:
    with pytest.raises(InvalidChallengeError):
        parse_challenges(header)


def test_a_header_that_cannot_be_read_does_not_hide_the_others() -> None:
    assert read_challenges(['"', "Basic realm=x"]) == (Challenge("basic", (("realm", "x"),)),)


def test_tokens_are_chosen_before_passwords_in_whatever_order() -> None:
    headers = ['Basic realm="x"', HUB]
    for given_headers in (headers, headers[::-1], [", ".join(headers)]):
        chosen = choose(read_challenges(given_headers))
        assert chosen is not None
        assert chosen.scheme == "bearer"


def test_a_bearer_challenge_without_a_realm_is_none() -> None:
    assert choose(read_challenges(["Bearer service=x, Basic realm=y"])) == Challenge(
        "basic", (("realm", "y"),)
    )
    assert choose(read_challenges(["Bearer service=x"])) is None


WORDS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789!#$-_.", min_size=1, max_size=8)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20)


@st.composite
def challenges(draw: st.DrawFn) -> Challenge:
    names = draw(st.lists(WORDS.map(str.lower), min_size=1, max_size=4))
    return Challenge(draw(WORDS).lower(), tuple((name, draw(VALUES)) for name in names))


def written(challenge: Challenge) -> str:
    quoted = (
        name + '="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for name, value in challenge.parameters
    )
    return f"{challenge.scheme} {', '.join(quoted)}"


@given(st.lists(challenges(), max_size=4).map(tuple))
def test_what_is_written_is_read_back(wanted: tuple[Challenge, ...]) -> None:
    assert parse_challenges(", ".join(map(written, wanted))) == wanted


@given(st.text() | st.text('Basic rem=,"\\ \t;a1'))
def test_no_text_makes_it_fail_in_another_way(header: str) -> None:
    try:
        parse_challenges(header)
    except InvalidChallengeError:
        return
