"""What skopeo writes to stderr, with registries' words in it."""

from fuzz.target import Shape, Target, lines_of
from registry_mirror.engines.skopeo.stderr import (
    MAX_SAID,
    explain,
    explain_retried,
    retries_in,
    unquote,
)
from registry_mirror.errors import Failure
from registry_mirror.oci.reference import Reference
from registry_mirror.report.quoting import code_span
from registry_mirror.text import Language

_SOURCE = Reference.parse("a.example/b/c:1")
_TARGET = Reference.parse("127.0.0.1:5000/team/c:1")


def check(data: bytes) -> None:
    """Whatever was said, it means something, and can be said."""
    text = data.decode("utf-8", "replace")
    unquote(text)
    for target in (_TARGET, None):
        _judge(explain(text, source=_SOURCE, target=target, exit_code=1))
        retried = explain_retried(text, source=_SOURCE, target=target)
        assert (retried is not None) == (retries_in(text[-65_536:]) > 0)
        if retried:
            _judge(retried)
    for code in (-2, -9, 0):
        _judge(explain("", source=_SOURCE, target=None, exit_code=code))


def _judge(failure: Failure) -> None:
    assert len(failure.said) <= MAX_SAID
    failure.said.encode()
    code_span(failure.said)
    for text in (failure.cause, failure.hint):
        for language in Language:
            assert text is None or len(text.say(language, code_span)) < 10_000


_WORDS = lines_of(
    r"""
    time="2026-01-02T03:04:05Z"
    level=fatal msg="
    level=warning msg="Failed, retrying in 1s ... (1/3). Error: x"
    initializing source docker://a.example/b/c:1:
    reading manifest 1 in a.example/b/c:
    writing blob:
    trying to reuse blob sha256:
    manifest unknown
    unauthorized: authentication required
    denied: requested access to the resource is denied
    toomanyrequests:
    connection refused
    no such host
    i/o timeout
    x509: certificate signed by unknown authority
    Error parsing image name "docker://
    StatusCode: 500
    \\x1b
    \\u202e
    \\U0010ffff
    \\377
    \\"
    https://u:word@a.example/b?c=d
    Authorization: Basic
    Bearer
    token=
    password":"
    """
)

TARGET = Target(
    name="skopeo",
    shape=Shape.LINES,
    check=check,
    words=_WORDS,
    seeds=(
        (
            b'time="2026-01-02T03:04:05Z" level=fatal msg="initializing source docker://a.example/b/c:1:'
            b' reading manifest 1 in a.example/b/c: manifest unknown"\n'
        ),
        (
            b'level=warning msg="Failed, retrying in 1s ... (1/3). Error: writing blob: Patch '
            b'\\"https://u:word@127.0.0.1:5000/v2/team/c/blobs/uploads/1?_state=x\\": EOF"\n'
            b'level=fatal msg="copying system image from manifest list: writing blob: denied"\n'
        ),
        b'time="x" level=error msg=bare\npanic: \\x41\\u00e9\\U0001f600\\101\\n',
        (
            b'level=fatal msg="Error parsing image name \\"docker://127.0.0.1:5000/team/c:1\\":'
            b' pinging: unauthorized: access_token=abcdefghij Authorization: Basic abcdefgh"'
        ),
    ),
)
