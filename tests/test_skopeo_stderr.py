"""skopeo's stderr, as recorded of several versions against real and broken registries."""

import json
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.engines.skopeo.rules import RULES
from registry_mirror.engines.skopeo.stderr import MAX_SAID, explain, rule_of, unquote
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.reference import Reference
from registry_mirror.text import Language

RECORDED = Path(__file__).parent / "data" / "skopeo_stderr.json"
SOURCE = Reference.parse("docker.io/library/app:1.0")
TARGET = Reference.parse("registry.example.com/team/app:1.0")


@dataclass(frozen=True, slots=True)
class Recorded:
    """`exit` is negative where a signal ended skopeo."""

    case: str
    done: str
    versions: list[str]
    command: str
    exit: int
    stderr: str
    code: str
    side: str | None
    source: str
    target: str

    def explain(self) -> Failure:
        return explain(
            self.stderr,
            source=Reference.parse(self.source),
            target=Reference.parse(self.target),
            exit_code=self.exit,
        )


CASES = [Recorded(**record) for record in json.loads(RECORDED.read_text(encoding="utf-8"))]


def _id(recorded: Recorded) -> str:
    return f"{recorded.case}@{'+'.join(recorded.versions)}"


@pytest.mark.parametrize("recorded", CASES, ids=_id)
def test_every_recorded_failure_has_its_code_and_side(recorded: Recorded) -> None:
    failure = recorded.explain()
    assert (failure.code, failure.side) == (recorded.code, recorded.side), failure.said


@pytest.mark.parametrize("recorded", CASES, ids=_id)
def test_said_is_the_reason_without_time_stamp_and_query(recorded: Recorded) -> None:
    said = recorded.explain().said
    assert bool(said) == bool(recorded.stderr)
    assert not any(noise in said for noise in ("level=", "time=", "_state=", "retrying in"))


@pytest.mark.parametrize("recorded", CASES, ids=_id)
def test_names_that_are_words_of_registries_change_nothing(recorded: Recorded) -> None:
    def renamed(text: str) -> str:
        named = text.replace("team/app", "quota/immutable").replace("library/app", "denied/x509")
        return re.sub(r":1\.0\b", ":EOF", named).replace("manifest 1.0 ", "manifest EOF ")

    failure = explain(
        renamed(recorded.stderr),
        source=Reference.parse(renamed(recorded.source)),
        target=Reference.parse(renamed(recorded.target)),
        exit_code=recorded.exit,
    )
    assert (failure.code, failure.side) == (recorded.code, recorded.side), failure.said


def test_every_version_was_recorded() -> None:
    versions = {version for recorded in CASES for version in recorded.versions}
    assert {"1.9.3", "1.13.3", "1.22.0-dev", "1.22.2"} <= versions


def test_every_row_of_the_table_decides_a_recorded_failure() -> None:
    failures = [recorded.explain() for recorded in CASES]
    deciding = [rule_of(failure.said, failure.side) for failure in failures]
    assert [rule.pattern.pattern for rule in RULES if rule not in deciding] == []


def fatal(message: str) -> str:
    return f'time="2026-01-02T03:04:05Z" level=fatal msg={json.dumps(message)}\n'


def of(
    stderr: str, exit_code: int = 1, source: Reference = SOURCE, target: Reference | None = TARGET
) -> Failure:
    return explain(stderr, source=source, target=target, exit_code=exit_code)


def test_the_fatal_line_counts_not_the_warnings_before_it() -> None:
    stderr = (
        'time="2026-01-02T03:04:05Z" level=warning msg="Failed, retrying in 1s ... (1/3). '
        'Error: initializing source docker://app:1.0: dial tcp: connection refused"\n'
        + fatal(
            "initializing source docker://app:1.0: reading manifest 1.0 in "
            "docker.io/library/app: denied"
        )
        + "some words after it\n"
    )
    failure = of(stderr)
    assert failure.code is Code.SOURCE_DENIED
    assert failure.said.endswith("docker.io/library/app: denied")


def test_the_last_of_several_reasons_counts() -> None:
    stderr = 'level=error msg="closing the first try"\nlevel=fatal msg="no space left on device"\n'
    assert of(stderr).said == "no space left on device"


def test_a_text_that_is_no_log_is_quoted_by_its_last_line() -> None:
    failure = of("goroutine 1\npanic: runtime error\n", exit_code=2)
    assert (failure.code, failure.side) == (Code.ENGINE_FAILED, None)
    assert failure.said == "panic: runtime error"


WARNING = (
    'time="2026-01-02T03:04:05Z" level=warning msg="Failed, retrying in 1s ... (1/3). Error: EOF"\n'
)


def test_a_signal_while_it_waits_to_retry_is_a_cancellation() -> None:
    assert of(WARNING, -signal.SIGTERM) == Failure(Code.CANCELLED)


def test_a_log_without_a_reason_is_quoted_without_its_time() -> None:
    failure = of(WARNING, exit_code=9)
    assert failure.said == "Failed, retrying in 1s ... (1/3). Error: EOF"
    assert failure.code is Code.ENGINE_FAILED


@pytest.mark.parametrize(
    ("exit_code", "code", "cause"),
    [
        (-signal.SIGTERM, Code.CANCELLED, None),
        (-signal.SIGINT, Code.CANCELLED, None),
        (143, Code.CANCELLED, None),
        (-signal.SIGKILL, Code.ENGINE_FAILED, "killed (SIGKILL)"),
        (3, Code.ENGINE_FAILED, "exit code 3"),
    ],
)
def test_an_end_without_a_word_is_told_by_its_exit_code(
    exit_code: int, code: Code, cause: str | None
) -> None:
    failure = of("", exit_code)
    assert failure.code is code
    assert (cause in str(failure.cause)) if cause else failure.cause is None


def test_one_registry_alone_stands_as_the_source() -> None:
    stderr = fatal(
        'Error parsing image name "docker://registry.example.com/team/app:1.0": reading manifest '
        "1.0 in registry.example.com/team/app: manifest unknown"
    )
    assert of(stderr, source=TARGET, target=None).code is Code.TAG_NOT_FOUND
    assert of(stderr).code is Code.TARGET_NOT_FOUND


@pytest.mark.parametrize(
    "answer",
    [
        "initializing source docker://x: reading blob: no image found in image index",
        "happened during read: Digest did not match",
        "http: ContentLength=1 with Body length 2 ",
    ],
)
def test_a_target_cannot_blame_the_source_with_words_of_its_own(answer: str) -> None:
    stderr = fatal(f"writing manifest: uploading manifest 1.0 to r.example.com/a: denied: {answer}")
    assert of(stderr).side is Side.TARGET
    assert of(stderr).code is Code.TARGET_DENIED


def test_what_only_the_native_engine_can_do_says_so_in_both_languages() -> None:
    unsupported = [case.explain() for case in CASES if case.code == "engine-unsupported"]
    assert unsupported
    for failure in unsupported:
        assert failure.hint is not None
        for language in Language:
            hint = failure.hint.say(language)
            assert "MIRROR_ENGINE=native" in hint
            assert "--engine native" in hint


SECRETS = [
    'Get "https://alice:hunter2hunter2@registry.example.com/v2/": EOF',
    'Get "https://alice:hun/ter2hunter2@registry.example.com/v2/": EOF',
    "login alice:hunter2hunter2@registry.example.com failed: EOF",
    'Get "https://cdn.example.com/blob?X-Amz-Signature=hunter2hunter2&a=1": EOF',
    "Authorization: Basic hunter2hunter2 refused",
    '"Authorization":"Bearer hunter2hunter2"',
    "header Bearer hunter2hunter2hunter2 is old",
    'answered {"access_token":"hunter2hunter2"}',
    "token=hunter2hunter2 is old",
    "password: hunter2hunter2",
]


@pytest.mark.parametrize("text", SECRETS)
def test_credentials_are_taken_out(text: str) -> None:
    said = of(fatal(f"initializing source docker://app:1.0: {text}")).said
    assert said.startswith("initializing source docker://app:1.0: ")
    assert "ter2" not in said


def test_references_with_a_tag_and_a_digest_are_left_whole() -> None:
    name = f"docker://r.example.com:5000/a/app:1.0@sha256:{'a' * 64}"
    bare = f"app:1.0@sha256:{'a' * 64}"
    said = of(fatal(f"initializing source {name} {bare}: EOF")).said
    assert said == f"initializing source {name} {bare}: EOF"


def test_said_is_cut() -> None:
    said = of(fatal("initializing source docker://app:1.0: " + "x" * 10_000)).said
    assert len(said) == MAX_SAID
    assert said.endswith("…")


@pytest.mark.parametrize(
    ("quoted", "text"),
    [
        (r"a \"b\" \\ c", 'a "b" \\ c'),
        (r"line\nline\ttab", "line\nline\ttab"),
        (r"\x1b[0m \u00e9 \U0001f600 \033", "\x1b[0m é 😀 \x1b"),
        (r"\ud800 \Uffffffff", "\ufffd \ufffd"),
        (r"\\n", r"\n"),
    ],
)
def test_go_strings_are_unquoted(quoted: str, text: str) -> None:
    assert unquote(quoted) == text


@given(st.text(), st.integers(-64, 255))
def test_any_text_is_explained(text: str, exit_code: int) -> None:
    for stderr in (text, fatal(text), f'level=fatal msg="{text}'):
        failure = of(stderr, exit_code)
        assert len(failure.said) <= MAX_SAID
        assert failure.code in Code


@pytest.mark.parametrize(
    "text",
    ["a:" * 40_000, "://" * 30_000, 'msg="' * 20_000, "token=" * 9_000, "reading blob " * 6_000],
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    started = time.process_time()
    assert len(of(fatal(text)).said) <= MAX_SAID
    assert time.process_time() - started < 2
