"""JSON that isn't a manifest: docker's configuration, GitHub's events, tokens, registries' noes."""

import math
from contextlib import suppress

from fuzz.target import Shape, Target, lines_of
from registry_mirror.docker_config import (
    InvalidDockerConfigError,
    flawed_accounts,
    hosts_with_login,
    parse_docker_config,
    with_helpers_for,
    without_unreadable,
)
from registry_mirror.github.event import BadEventError, read_event
from registry_mirror.registry.refusals import MAX_SAID, read_refusal
from registry_mirror.registry.tokens import MAX_LIFE, Reply, TokenRefusedError, read_token


def check(data: bytes) -> None:
    _docker_config(data)
    _event(data)
    _refusal(data)
    _token(data)


def _docker_config(data: bytes) -> None:
    """A file is read as UTF-8, a secret of the environment may hold any byte."""
    text = data.decode("utf-8", "surrogateescape")
    with suppress(InvalidDockerConfigError):
        parse_docker_config(text)
    with suppress(InvalidDockerConfigError):
        flawed_accounts(text, lambda name: name == "installed")
    with suppress(InvalidDockerConfigError):
        readable = without_unreadable(text)
        assert without_unreadable(readable) == readable
    with suppress(InvalidDockerConfigError):
        hosts = hosts_with_login(text)
        named = with_helpers_for(text, ["a.example", "docker.io"])
        again = parse_docker_config(named)
        assert hosts_with_login(named) >= hosts
        assert with_helpers_for(named, ["a.example", "docker.io"]) == named or not again.store


def _event(data: bytes) -> None:
    for name in ("issues", "issue_comment", "push"):
        try:
            event = read_event(name, data)
        except BadEventError as error:
            assert len(str(error)) < 300
        else:
            event.body.encode()
            event.sender.encode()


def _refusal(data: bytes) -> None:
    codes, said = read_refusal(data)
    assert len(said) <= MAX_SAID
    assert said.isprintable()
    assert all(code.isascii() and code.isprintable() for code in codes)


def _token(data: bytes) -> None:
    with suppress(TokenRefusedError):
        token = read_token(Reply(200, {}, data), 5.0)
        assert math.isfinite(token.life)
        assert 0 < token.life <= MAX_LIFE
        value = token.value.reveal()
        assert value.isascii()
        assert value.isprintable()


_WORDS = lines_of(
    """
    auths
    auth
    credHelpers
    credsStore
    username
    password
    identitytoken
    registrytoken
    a.example
    https://index.docker.io/v1/
    YTpi
    desktop
    action
    opened
    reopened
    edited
    created
    issue
    comment
    number
    title
    body
    labels
    name
    mirror-request
    sender
    login
    type
    Bot
    repository
    owner
    state
    open
    changes
    pull_request
    user
    id
    errors
    error
    code
    message
    detail
    details
    TOOMANYREQUESTS
    https://a.example/b?c=d
    <style>
    </style>
    token
    access_token
    expires_in
    300
    1e400
    """
)

TARGET = Target(
    name="documents",
    shape=Shape.JSON,
    check=check,
    words=_WORDS,
    seeds=tuple(
        text.encode()
        for text in (
            (
                '{"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"},"a.example/x":{"username":"u",'
                '"password":"p","identitytoken":"t"}},"credHelpers":{"b.example":"h"},"credsStore":"s"}'
            ),
            (
                '{"action":"opened","issue":{"number":7,"title":"t","body":"nginx:1","state":"open",'
                '"user":{"login":"alice"},"labels":[{"name":"mirror-request"}]},"sender":{"login":'
                '"alice","type":"User"},"repository":{"owner":{"login":"me"}}}'
            ),
            (
                '{"action":"created","issue":{"number":7,"title":"t","body":null,"state":"open",'
                '"user":{"login":"bob"},"labels":[]},"comment":{"id":5,"body":"/mirror approve",'
                '"user":{"login":"alice"}},"sender":{"login":"alice","type":"User"},'
                '"repository":{"owner":{"login":"me"}}}'
            ),
            (
                '{"action":"edited","changes":{"body":{"from":"x"}},"issue":{"number":7,"title":"t",'
                '"body":"y","state":"open","user":{"login":"bob"},"labels":[]},"sender":{"login":"x",'
                '"type":"Bot"},"repository":{"owner":{"login":"me"}}}'
            ),
            '{"errors":[{"code":"TOOMANYREQUESTS","message":"retry-after: 5ms","detail":"d"}]}',
            '{"error":"x","details":"https://a.example/b?c=d"}',
            "<html><style>a{}</style><body>502 Bad Gateway</body></html>",
            '{"token":"abc","access_token":"def","expires_in":300}',
            '{"access_token":"def","expires_in":"1e400"}',
        )
    ),
)
