"""Headers of registries' answers: challenges, Locations, ranges, and how long to wait."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar, cast

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from fuzz.target import Shape, Target, lines_of
from registry_mirror.errors import Side
from registry_mirror.oci.digest import Digest
from registry_mirror.registry import sessions
from registry_mirror.registry.challenge import (
    InvalidChallengeError,
    parse_challenges,
    read_challenges,
)
from registry_mirror.registry.client import RegistryClient
from registry_mirror.registry.credentials import IdentityToken
from registry_mirror.registry.downloads import BlobSource
from registry_mirror.registry.errors import ProtocolError, SizeDiffersError
from registry_mirror.registry.exchange import Exchange, Question
from registry_mirror.registry.locations import BadLocationError, go
from registry_mirror.registry.policy import Endpoint
from registry_mirror.registry.refusals import read_retry_after
from registry_mirror.registry.sessions import UploadSession
from registry_mirror.registry.tokens import Scope, Wanted, question, wanted_scopes
from registry_mirror.secret import Secret

_HERE = URL("https://registry.example:5000/v2/a/b/blobs/uploads/?x=1")
_PLAIN = URL("http://registry.example/v2/")
_DIGEST = Digest.of(b"")
_SIZE = 1000
_MOST_LINES = 20
_SCOPES = (Scope("a/b", frozenset({"pull", "push"})),)

_Result = TypeVar("_Result")


def check(data: bytes) -> None:
    """Each line is tried as the value of every header that is read."""
    for line in data.decode("utf-8", "surrogateescape").split("\n", _MOST_LINES)[:_MOST_LINES]:
        _challenge(line)
        _location(_HERE, line)
        _location(_PLAIN, line)
        _pause(line)
        _upload(line)
        _download(line)


def _challenge(line: str) -> None:
    read_challenges([line, line])
    try:
        challenges = parse_challenges(line)
    except InvalidChallengeError:
        return
    for challenge in challenges[:_MOST_LINES]:
        assert challenge.scheme == challenge.scheme.lower()
        scopes = wanted_scopes(_SCOPES, challenge.get("scope"))
        assert scopes[0] == str(_SCOPES[0])
        with suppress(BadLocationError):
            realm = str(go(_HERE, challenge.get("realm")))
            for known in (None, IdentityToken(Secret("x"))):
                asked = question(Wanted(realm, challenge.get("service"), scopes, known))
                _location(_HERE, asked.url)


def _location(current: URL, location: str | URL) -> None:
    try:
        url = go(current, location)
    except BadLocationError as error:
        assert "?" not in str(error)
        return
    assert url.scheme in ("http", "https")
    assert current.scheme == "http" or url.scheme == "https"
    assert url.raw_host
    assert 0 < Endpoint.of(url).port <= 65535
    assert url.user is None
    assert url.password is None
    sent = f"{url.raw_path_qs} {url.raw_host}"
    assert sent.isascii()
    assert sent.isprintable()
    assert " " not in url.raw_path_qs
    assert str(go(current, str(url))) == str(url)


def _pause(line: str) -> None:
    for headers in ({"Retry-After": line, "Date": "Mon, 02 Jan 2006 15:04:05 GMT"}, {}):
        pause = read_retry_after({**headers, "Date": headers.get("Date", line)}, line)
        assert pause is None or pause >= 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """The part of `transport.Answer` that upload sessions and downloads look at."""

    headers: CIMultiDictProxy[str]
    status: int = 206
    url: URL = _HERE


@dataclass(frozen=True, slots=True)
class _Registry:
    """An exchange in which every question has the same answer, and a client that asks it."""

    answer: _Answer
    side: Side = Side.TARGET

    def scopes(self, *_repositories: str) -> tuple[Scope, ...]:
        return _SCOPES

    @asynccontextmanager
    async def ask(self, _question: Question) -> AsyncIterator[_Answer]:
        yield self.answer


def _answered(**headers: str) -> _Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _Answer(CIMultiDictProxy(CIMultiDict(named)))


def _upload(line: str) -> None:
    session = UploadSession("a/b", "/before")
    with suppress(ProtocolError):
        after, _ = _done(sessions.received(_exchange(Location=line), session))
        assert after.location.startswith(("http", session.location))
    assert _done(sessions.received(_exchange(Range=line), session))[1] != 0
    opened = _done(sessions.start(_exchange(OCI_Chunk_Min_Length=line, Location="/x"), "a/b"))
    assert 0 <= opened.smallest_piece <= sessions.MAX_MINIMUM


def _exchange(**headers: str) -> Exchange:
    return cast("Exchange", _Registry(_answered(**headers)))


def _done(work: Coroutine[object, None, _Result]) -> _Result:
    """What a coroutine that waits for nothing comes to."""
    try:
        work.send(None)
    except StopIteration as end:
        return cast("_Result", end.value)
    raise AssertionError("it waits")


def _download(line: str) -> None:
    client = cast("RegistryClient", _Registry(_answered(), Side.SOURCE))
    blob = BlobSource(client, "a/b", _DIGEST, _SIZE)
    for answer in (
        _answered(Content_Range=line),
        _Answer(_answered(Content_Length=line).headers, status=200),
    ):
        with suppress(ProtocolError, SizeDiffersError):
            assert blob._start(answer, 7) in (0, 7)  # type: ignore[arg-type]  # noqa: SLF001


_WORDS = lines_of(
    """
    Bearer
    Basic
    Negotiate
    realm="https://auth.example/token"
    service="registry.example"
    scope="repository:a/b:pull,push"
    error="invalid_token"
    ,
    =
    \\"
    https://
    http://
    //
    ../
    ?
    #
    @
    :443
    :0
    :65536
    registry.example
    [::1]
    %41
    %
    bytes 7-999/1000
    bytes=
    0-
    /*
    Mon, 02 Jan 2006 15:05:05 GMT
    Retry-After: 5ms
    -0000
    +99:99
    """
)

TARGET = Target(
    name="headers",
    shape=Shape.HEADERS,
    check=check,
    words=_WORDS,
    seeds=(
        b'Bearer realm="https://auth.example/token",service="s",scope="repository:a/b:pull"',
        b'Basic realm=x, Negotiate abc==, Bearer realm=https://a.example/t service="b c"',
        b'Bearer realm="a\\"b"',
        b"/v2/a/b/blobs/uploads/1?_state=a%2Fb",
        b"https://storage.example:444/x?X-Signature=a+b%20c#d",
        b"//other.example/x\n../x\n?y",
        b"http://registry.example:5000/x",
        b"https://user:word@[::1]:443/\xe4\xb8\xad",
        b"bytes 7-999/1000\nbytes 7-999/*\n0-999\nbytes=0-0\n1000",
        b"120\n1.5\nMon, 02 Jan 2006 15:05:05 GMT\nMonday, 02-Jan-06 15:04:05 -0000",
        b"retry-after: 1.5ms, allowed: 44000/minute",
    ),
)
