"""The repository's file of rules, and the patterns of sources in it."""

from fuzz.target import Shape, Target, lines_of
from registry_mirror.errors import ConfigurationInvalidError
from registry_mirror.oci.reference import Reference
from registry_mirror.report.quoting import code_span
from registry_mirror.repository_rules import (
    MAX_NUMBER,
    MAX_SIZE,
    Rules,
    read_rules,
)
from registry_mirror.request import Item
from registry_mirror.source_pattern import BadPatternError, Pattern
from registry_mirror.text import Language, Text

_SOURCES = tuple(
    Reference.parse(text)
    for text in (
        "nginx:1",
        "a.example:443/b/c/d:1",
        "localhost:5000/x:1",
        f"quay.io/{'a/' * 100}a:1",
        f"docker.io/b/{'a' * 250}:1",
    )
)
_ITEMS = tuple(Item(line, str(source), source) for line, source in enumerate(_SOURCES, 1))


def check(data: bytes) -> None:
    """Every mistake has its line and can be said; rules that were read can be used."""
    for line in data[:2000].decode("utf-8", "replace").split("\n")[:3]:
        _pattern(line)
    try:
        rules = read_rules(data)
    except ConfigurationInvalidError as error:
        assert error.problems
        lines = 1 + data.count(b"\n") + data.count(b"\r")
        for problem in error.problems:
            assert problem.line is not None
            assert 1 <= problem.line <= lines
            _said(problem.reason, problem.hint)
        return
    _judge(rules)


def _judge(rules: Rules) -> None:
    for number in (rules.images_per_request, rules.images_per_day):
        assert number is None or 1 <= number <= MAX_NUMBER
    assert rules.max_image_size is None or 1 <= rules.max_image_size <= MAX_SIZE
    for problem in rules.problems(_ITEMS):
        _said(problem.reason, problem.hint)
    for pattern in (*rules.allow, *rules.deny):
        assert Pattern.parse(str(pattern)) == pattern
    if rules.daily_problem(0, 1):
        assert rules.images_per_day == 0


def _pattern(text: str) -> None:
    """What is offered instead of a wrong pattern is right."""
    try:
        pattern = Pattern.parse(text)
    except BadPatternError as error:
        _said(error.reason, error.hint)
        offered = dict(error.hint.values).get("pattern")
        if offered is not None:
            Pattern.parse(offered)
        return
    assert Pattern.parse(str(pattern)) == pattern
    for source in _SOURCES:
        pattern.matches(source)


def _said(*texts: Text) -> None:
    for text in texts:
        for language in Language:
            assert len(text.say(language, code_span)) < 10_000


_WORDS = lines_of(
    """
    limits:
    sources:
    \u0020 images-per-request: 20
    \u0020 images-per-day: 100
    \u0020 image-size: 10 GiB
    \u0020 allow:
    \u0020 deny: [a.example/*]
    \u0020 - docker.io/library/*
    \u0020 - quay.io/prometheus/**
    - localhost:5000
    **
    */
    *a*b*
    :443
    index.docker.io
    https://
    ---
    ...
    &a
    *a
    <<: *a
    !!binary
    |
    >-
    "\\U0001F600"
    "\\ud800"
    %YAML 1.1
    # comment
    ~
    null
    ? a
    {a: b}
    [a, b]
    KiB
    0x10
    1_000
    """
)

TARGET = Target(
    name="rules",
    shape=Shape.LINES,
    check=check,
    words=_WORDS,
    seeds=(
        b"limits:\n  images-per-request: 20\n  images-per-day: 100\n  image-size: 10 GiB\n",
        b"sources:\n  allow: [docker.io/library/*, quay.io/prometheus/**, registry.k8s.io]\n",
        b"limits: {images_per_request: '7', image-size: 500MB, allow: 1}\nsource: []\n",
        b"sources:\n  deny:\n    - a.example:443/b*c/**/d\n    - Nginx\n    - nginx:1\n    - *x\n",
        b"--- &a\nlimits: *a\n---\n",
        b"docker.io/*/x**\nhttps://a.example/b/\nlocalhost:5000/a*b*c*d\n",
        b'a: !!int "\\x41\\u00e9"\n? b\n: |\n  c\n',
    ),
)
