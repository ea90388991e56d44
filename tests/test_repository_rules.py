"""The file of rules: what it allows, and what is said of each mistake in it."""

from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from registry_mirror.errors import Code, ConfigurationInvalidError, Problem
from registry_mirror.oci.reference import Reference
from registry_mirror.repository_rules import MAX_FILE, PATH, Rules, read_rules
from registry_mirror.request import Item
from registry_mirror.source_pattern import BadPatternError, Pattern
from registry_mirror.text import Language

ROOT = Path(__file__).parents[1]


def item(image: str, line: int = 1) -> Item:
    return Item(line, image, Reference.parse(image))


def rules(allow: str = "", deny: str = "") -> Rules:
    return Rules(
        allow=tuple(map(Pattern.parse, allow.split())), deny=tuple(map(Pattern.parse, deny.split()))
    )


def problems_of(content: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationInvalidError) as caught:
        read_rules(content.encode() if isinstance(content, str) else content)
    return caught.value.problems


# What a pattern means


@pytest.mark.parametrize(
    ("pattern", "image"),
    [
        ("quay.io", "quay.io/a/b/c:1"),
        ("quay.io/", "quay.io/a:1"),
        ("QUAY.io", "quay.io/a:1"),
        ("quay.io", "Quay.IO/a:1"),
        ("quay.io/**", "quay.io/a/b:1"),
        ("quay.io/prometheus/**", "quay.io/prometheus/a/b:1"),
        ("quay.io/prometheus/**", "quay.io/prometheus:1"),
        ("quay.io/**/node", "quay.io/a/b/node:1"),
        ("quay.io/**/a/**/b", "quay.io/x/a/y/a/b/a/b:1"),
        ("quay.io/*/node-*", "quay.io/a/node-exporter:1"),
        ("quay.io/a/*b*b", "quay.io/a/xbyb:1"),
        ("nginx", "nginx:1.27"),
        ("nginx", "docker.io/library/nginx:1"),
        ("docker.io", "bitnami/nginx:1"),
        ("docker.io/**", "nginx:1"),
        ("docker.io/*", "nginx:1"),
        ("docker.io/nginx", "nginx:1"),
        ("index.docker.io/library/nginx", "nginx:1"),
        ("docker.io/library/*", "index.docker.io/nginx:1"),
        ("docker.io/evil/*", "registry-1.docker.io/evil/x:1"),
        ("docker.io/evil/*", "registry.hub.docker.com/evil/x:1"),
        ("docker.io/evil/*", "docker.io:443/evil/x:1"),
        ("docker.io/library/nginx", "registry-1.docker.io/nginx:1"),
        ("bitnami/*", "docker.io/bitnami/nginx:1"),
        ("harbor.example.com", "harbor.example.com:8443/a:1"),
        ("harbor.example.com:8443", "harbor.example.com:8443/a:1"),
        ("quay.io:443", "quay.io/a:1"),
        ("localhost/a", "localhost/a:1"),
        ("[::1]:5000/a", "[::1]:5000/a:1"),
        ("10.0.0.1:5000", "10.0.0.1:5000/a/b:1"),
        ("port.example.com:5000", "port.example.com:05000/a:1"),
        ("[::1]:80", "[0:0:0:0:0:0:0:1]:80/a:1"),
        ("[::1]:80", "[::1]:080/a:1"),
        ("[0:0::1]", "[::1]:5000/a:1"),
    ],
)
def test_a_pattern_matches(pattern: str, image: str) -> None:
    assert Pattern.parse(pattern).matches(Reference.parse(image))


@pytest.mark.parametrize(
    ("pattern", "image"),
    [
        ("quay.io", "quay.io.evil.example/a:1"),
        ("quay.io", "evil.example/quay.io/a:1"),
        ("quay.io", "quay-io.example/a:1"),
        ("quay.io/prometheus", "quay.io/prometheus/node:1"),
        ("quay.io/prometheus/*", "quay.io/prometheus/a/b:1"),
        ("quay.io/prometheus/**", "quay.io/prometheus-evil/a:1"),
        ("quay.io/*/node", "quay.io/a/b/node:1"),
        ("quay.io/a*", "quay.io/ba:1"),
        ("quay.io/a/*b*b", "quay.io/a/b:1"),
        ("docker.io/*", "bitnami/nginx:1"),
        ("nginx", "bitnami/nginx:1"),
        ("nginx", "quay.io/library/nginx:1"),
        ("library/*", "quay.io/library/nginx:1"),
        ("harbor.example.com:8443", "harbor.example.com/a:1"),
        ("harbor.example.com:443", "harbor.example.com:8443/a:1"),
        ("quay.io/a.b", "quay.io/a-b:1"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, image: str) -> None:
    assert not Pattern.parse(pattern).matches(Reference.parse(image))


@pytest.mark.parametrize(
    ("pattern", "reason", "hint"),
    [
        ("", "empty", "host/path"),
        ("*", "begins with a host", "leave allow out"),
        ("**", "begins with a host", "leave allow out"),
        ("*.gcr.io/a", "begins with a host", "leave allow out"),
        ("https://quay.io/a/", "scheme", "write: quay.io/a"),
        ("nginx:1.27", "no tag", "write: nginx"),
        ("quay.io/a/b:1.27", "no tag", "write: quay.io/a/b"),
        (f"quay.io/a/b@sha256:{'a' * 64}", "no tag", "write: quay.io/a/b"),
        ("redis:7", "host with its port", "redis:7/**"),
        ("quay.io/A", "uppercase", "write: quay.io/a"),
        ("quay.io/a**", "part of the path by itself", "node-*"),
        ("quay.io//a", "isn't a pattern", "host/path"),
        ("quay.io/a/", "isn't a pattern", "host/path"),
        ("quay.io/a b", "isn't a pattern", "host/path"),
        ("quay.io/镜像", "isn't a pattern", "host/path"),
        ("-quay.io/a", "isn't a pattern", "host/path"),
        ("quay.io/" + "a" * 600, "more than 510", "at most 510"),
    ],
)
def test_a_pattern_that_is_none_is_explained(pattern: str, reason: str, hint: str) -> None:
    with pytest.raises(BadPatternError) as caught:
        Pattern.parse(pattern)
    assert reason in str(caught.value.reason)
    assert hint in str(caught.value.hint)


PARTS = st.from_regex(r"[a-z0-9]{1,6}(?:[._-][a-z0-9]{1,4}){0,2}", fullmatch=True)
HOSTS = st.sampled_from(
    ["docker.io", "quay.io", "ghcr.io", "harbor.example.com:8443", "localhost", "10.0.0.1:5000"]
)
REFERENCES = st.builds(
    lambda host, parts: Reference.parse(f"{host}/{'/'.join(parts)}:1"),
    HOSTS,
    st.lists(PARTS, min_size=1, max_size=4),
)


def with_stars(reference: Reference) -> st.SearchStrategy[str]:
    """A pattern made of a reference: some of it replaced by what stands for it."""
    parts = reference.repository.split("/")

    def star(part: str) -> st.SearchStrategy[str]:
        cuts = st.tuples(st.integers(0, len(part)), st.integers(0, len(part))).map(sorted)
        within = cuts.map(lambda cut: part[: cut[0]] + "*" + part[cut[1] :])
        return st.one_of(st.just(part), st.just("*"), st.just("**"), within)

    many = st.lists(st.just("**"), max_size=2)
    path = st.tuples(*(star(part) for part in parts), many.map("/".join)).map(
        lambda made: "/".join(filter(None, made))
    )
    return path.map(lambda made: f"{reference.registry}/{made}")


@given(st.data())
def test_a_pattern_made_from_a_reference_matches_it(data: st.DataObject) -> None:
    reference = data.draw(REFERENCES)
    assert Pattern.parse(data.draw(with_stars(reference))).matches(reference)
    assert Pattern.parse(reference.registry).matches(reference)
    assert Pattern.parse(reference.name).matches(reference)


@given(REFERENCES, REFERENCES)
def test_a_name_without_stars_matches_itself_alone(one: Reference, other: Reference) -> None:
    assume(one.name != other.name)
    assert not Pattern.parse(one.name).matches(other)


@given(st.data())
def test_deny_beats_allow(data: st.DataObject) -> None:
    reference = data.draw(REFERENCES)
    patterns = st.lists(with_stars(reference).map(Pattern.parse), min_size=1, max_size=3)
    allow, deny = tuple(data.draw(patterns)), tuple(data.draw(patterns))
    asked = Item(1, str(reference), reference)
    assert not Rules(allow=allow).problems([asked])
    (problem,) = Rules(allow=allow, deny=deny).problems([asked])
    assert problem.code is Code.SOURCE_NOT_ALLOWED
    assert str(deny[0]) in str(problem.reason)


@given(st.text(max_size=60))
@example("a" * 400 + "*")
@example("0öB/:")
def test_parsing_a_pattern_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        pattern = Pattern.parse(text)
    except BadPatternError:
        return
    assert str(pattern) == text


def test_no_pattern_takes_long() -> None:
    worst = Pattern.parse("quay.io/" + "a*" * 120 + "b")
    assert not worst.matches(Reference.parse(f"quay.io/{'a' * 255}:1"))
    worst = Pattern.parse("quay.io/" + "**/a/" * 40 + "b")
    assert not worst.matches(Reference.parse(f"quay.io/{'/'.join('a' * 120)}:1"))


# What rules do to a list


def test_without_rules_everything_is_allowed() -> None:
    assert Rules().problems([item(f"a/b:{tag}") for tag in range(500)]) == ()
    assert read_rules(None) == read_rules(b"") == read_rules(b"# nothing\n") == Rules()


def test_each_line_that_is_not_allowed_is_named_with_what_denied_it() -> None:
    judged = rules(allow="docker.io quay.io/prometheus/**", deny="docker.io/evil/*").problems(
        [
            item("nginx:1.27", 1),
            item("evil/x:1", 2),
            item("quay.io/prometheus/node-exporter:v1", 3),
            item("ghcr.io/a/b:1", 5),
        ]
    )
    assert [(p.code, p.line, p.text) for p in judged] == [
        (Code.SOURCE_NOT_ALLOWED, 2, "evil/x:1"),
        (Code.SOURCE_NOT_ALLOWED, 5, "ghcr.io/a/b:1"),
    ]
    assert "docker.io/evil/*" in str(judged[0].reason)
    assert "docker.io, quay.io/prometheus/**" in str(judged[1].hint)
    assert PATH in judged[1].reason.say(Language.ZH)


def test_a_long_list_of_allowed_sources_is_cut() -> None:
    allow = " ".join(f"r{number}.example" for number in range(9))
    (problem,) = rules(allow=allow).problems([item("nginx:1")])
    assert "r4.example, …;" in str(problem.hint)
    assert "r5.example" not in str(problem.hint)


def test_a_request_may_have_too_many_images() -> None:
    limited = Rules(images_per_request=2)
    assert limited.problems([item("a:1"), item("b:1")]) == ()
    (problem,) = limited.problems([item("a:1"), item("b:1"), item("c:1")])
    assert (problem.code, problem.line) == (Code.TOO_MANY_IMAGES, None)
    assert "3 images; the limit is 2" in str(problem.reason)
    assert "images-per-request" in str(problem.hint)


def test_a_day_may_have_too_many_images() -> None:
    limited = Rules(images_per_day=10)
    assert limited.daily_problem(7, 3) is None
    assert Rules().daily_problem(10**6, 1) is None
    problem = limited.daily_problem(8, 3)
    assert problem
    assert problem.code is Code.DAILY_LIMIT
    assert all(number in str(problem.reason) for number in ("8", "3", "10"))
    assert "images-per-day" in problem.hint.say(Language.ZH)


# What the file may say


FULL = """\
limits:
  images-per-request: 20
  images-per-day: 100
  image-size: 10 GiB
sources:
  allow: [docker.io/library/*, quay.io/prometheus/**, registry.k8s.io]
  deny:
    - docker.io/evil/*
"""


def test_a_file_is_read() -> None:
    assert read_rules(FULL.encode()) == Rules(
        images_per_request=20,
        images_per_day=100,
        max_image_size=10 * 1024**3,
        allow=tuple(
            map(Pattern.parse, ["docker.io/library/*", "quay.io/prometheus/**", "registry.k8s.io"])
        ),
        deny=(Pattern.parse("docker.io/evil/*"),),
    )


@pytest.mark.parametrize(
    "content",
    [
        "limits:\nsources:\n",
        "limits: {}\nsources: {}\n",
        "limits:\n  image-size:\nsources:\n  allow:\n  deny: []\n",
        "---\n# rules\n",
        "\ufeff",
    ],
)
def test_what_is_left_empty_sets_no_rule(content: str) -> None:
    assert read_rules(content.encode()) == Rules()


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1", 1),
        ("1048576", 1024**2),
        ("512 B", 512),
        ("1KB", 1000),
        ("1 kib", 1024),
        ("5 MB", 5 * 1000**2),
        ("5 MiB", 5 * 1024**2),
        ("2 GB", 2 * 1000**3),
        ("2GiB", 2 * 1024**3),
        ("'1 TiB'", 1024**4),
        ("1 TB", 1000**4),
        ("1024 TiB", 1024**5),
    ],
)
def test_a_size_is_read(written: str, size: int) -> None:
    assert read_rules(f"limits: {{image-size: {written}}}".encode()).max_image_size == size


@pytest.mark.parametrize(
    "written",
    ["0", "-1", "1.5 GiB", "10 G", "GiB", "10 bananas", "1e9", "[1]", "{a: 1}", "1025 TiB", "९"],
)
def test_what_is_no_size_is_told(written: str) -> None:
    (problem,) = problems_of(f"limits:\n  image-size: {written}\n")
    assert (problem.code, problem.line, problem.text) == (Code.BAD_SETTING, 2, PATH)
    assert "image-size: 10 GiB" in str(problem.hint)


@pytest.mark.parametrize(
    "written", ["0", "-5", "many", "1.5", "[20]", "100001", "1_000", "٣", "''"]
)
@pytest.mark.parametrize("key", ["images-per-request", "images-per-day"])
def test_what_is_no_number_is_told(key: str, written: str) -> None:
    (problem,) = problems_of(f"limits:\n  {key}: {written}\n")
    assert problem.line == 2
    assert f"{key} is a whole number from 1 to 100000" in str(problem.reason)


WRONG = [
    ("limit:\n  images-per-day: 3\n", 1, "no key limit", "did you mean limits?"),
    ("limits:\n  images_per_day: 3\n", 2, "no key images_per_day", "mean images-per-day?"),
    ("limits:\n  Image-Size: 3\n", 2, "no key Image-Size", "mean image-size?"),
    ("limits:\n  colour: 3\n", 2, "no key colour", "keys are images-per-request, images-per-day"),
    ("allow: [quay.io]\n", 1, "no key allow", "allow belongs below sources"),
    ("sources:\n  image-size: 3\n", 2, "no key image-size", "image-size belongs below limits"),
    ("limits: 3\n", 1, "limits holds keys", "images-per-request"),
    ("sources:\n  - quay.io\n", 2, "sources holds keys", "allow, deny"),
    ("- a\n", 1, "holds keys", "limits, sources"),
    ("just text\n", 1, "holds keys", "limits, sources"),
    ("limits:\n  image-size: 3\n  image-size: 4\n", 3, "line 2 has it already", "keep one"),
    ("sources: {}\nsources: {}\n", 2, "line 1 has it already", "keep one"),
    ("sources:\n  allow: quay.io\n", 2, "allow is a list", "allow: [docker.io/library/*]"),
    ("sources:\n  allow:\n    a: b\n", 3, "allow is a list", "allow: [docker.io/library/*]"),
    ("sources:\n  deny:\n    - a: b\n", 3, "one pattern", "deny: [docker.io/library/*]"),
    ("sources:\n  deny:\n    - ''\n", 3, "'' in deny: the pattern is empty", "host/path"),
    ("sources:\n  deny:\n    - quay.io\n    - nginx:1\n", 4, "nginx:1 in deny: ", "host"),
    ("limits:\n\timage-size: 3\n", 2, "tab", "README"),
    ("limits: [\n", 2, "isn't YAML", "README"),
    ("sources:\n  deny: [*.gcr.io]\n", 2, "stands in quotes", "README"),
    ("a: &x 1\nb: *x\n", 2, "no YAML alias (*x)", "README"),
    ("limits: {}\n---\nsources: {}\n", 3, "more than one YAML document", "one document"),
    ("[" * 60, 1, "nested", "README"),
]


@pytest.mark.parametrize(("content", "line", "reason", "hint"), WRONG, ids=range(len(WRONG)))
def test_a_mistake_is_told_with_its_line(content: str, line: int, reason: str, hint: str) -> None:
    (problem,) = problems_of(content)
    assert (problem.code, problem.line, problem.text) == (Code.BAD_SETTING, line, PATH)
    assert reason in str(problem.reason)
    assert hint in str(problem.hint)
    for text in (problem.reason, problem.hint):
        assert text.say(Language.ZH).strip()


def test_a_file_that_is_no_text_or_too_large_is_told() -> None:
    (problem,) = problems_of(b"limits:\n  image-size: \xff\n")
    assert (problem.line, "UTF-8" in str(problem.reason)) == (2, True)
    (problem,) = problems_of(b"#" * (MAX_FILE + 1))
    assert str(MAX_FILE) in str(problem.reason)
    assert read_rules(b"#" * MAX_FILE) == Rules()


def test_every_mistake_is_told_at_once_in_the_order_of_the_lines() -> None:
    problems = problems_of(
        "sources:\n  deny: [quay.io/A]\n  alow: []\nlimits:\n  image-size: x\n  image-size: 1\n"
        "  images-per-day: 0\nmore: 1\n"
    )
    assert [problem.line for problem in problems] == [2, 3, 5, 6, 7, 8]


PIECES = st.sampled_from(
    [
        *"abc:-?&*!|>%@`'\"#,[]{}\n\t ",
        *["limits:\n", "sources:\n", "  image-size: ", "  images-per-day: ", "10 GiB\n", "20\n"],
        *["  allow: ", "  deny: ", "[quay.io]\n", "    - docker.io/library/*\n", "---\n", "*a"],
    ]
)


CONTENTS = st.one_of(st.text(), st.lists(PIECES).map("".join)).map(str.encode) | st.binary()


@given(CONTENTS)
def test_reading_raises_nothing_but_its_own_error(content: bytes) -> None:
    last = content.count(b"\n") + content.count(b"\r") + 1
    assert all(1 <= line <= last for line in lines_told(content))


def lines_told(content: bytes) -> list[int]:
    try:
        read_rules(content)
    except ConfigurationInvalidError as error:
        return [problem.line or 0 for problem in error.problems]
    return []


# The file that a fork starts with


def test_the_file_of_a_new_fork_sets_no_rule() -> None:
    assert read_rules((ROOT / PATH).read_bytes()) == Rules()


def test_uncommented_it_is_the_example_of_the_readmes() -> None:
    lines = (ROOT / PATH).read_text(encoding="utf-8").splitlines()
    uncommented = "\n".join(line.removeprefix("# ") for line in lines if not line.startswith("##"))
    for readme in ("README.md", "README.en.md"):
        block = next(
            part
            for part in (ROOT / readme).read_text(encoding="utf-8").split("```yaml\n")[1:]
            if part.startswith("limits:")
        ).partition("```")[0]
        assert read_rules(uncommented.encode()) == read_rules(block.encode()) != Rules()
