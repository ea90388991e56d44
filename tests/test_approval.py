"""Lists that are pinned, shown, and read back from the comment that showed them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.approval import (
    PinnedList,
    digest_of_body,
    find_list,
    lists_with,
    pinned_line,
    worded_like,
)
from registry_mirror.errors import Code, Failure, Side
from registry_mirror.naming import Naming, Target
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform
from registry_mirror.outcome import Failed
from registry_mirror.plan import Copy, Format, Plan
from registry_mirror.planning import make_plan
from registry_mirror.report.waiting import Shown, waiting_comment
from registry_mirror.request.listing import read_list
from registry_mirror.text import Language

TARGET = Target("registry.example.com", "team/mirrors")
DIGEST = Digest("sha256:" + "a" * 64)
LISTS = (
    "nginx:1.27",
    "quay.io/a/b:1 --all",
    "quay.io/a/b:1 --platform linux/s390x",
    "ghcr.io/a/b:1 --as c",
    "ghcr.io/a/b:1 --as c/d:2",
    "Harbor.example.com:8443/a/b:1",
    "[2001:db8::1]:5000/a/b:1",
    f"nginx:1.27@{DIGEST}",
    "# first\n\nnginx:1\nredis:7 --as nginx:2",
)
OTHER = OnlyPlatforms((Platform("linux", "arm64"), Platform("linux", "arm", "v7")))


def plan_of(lines: str, naming: Naming = Naming.FLAT) -> Plan:
    return make_plan(
        read_list(lines),
        target=TARGET,
        naming=naming,
        selection=OTHER,
        format=Format.V2S2,
        max_images=None,
    )


def pinned(copies: Sequence[Copy], body: str = "body") -> PinnedList:
    lines = tuple(pinned_line(copy, DIGEST, TARGET) for copy in copies)
    return PinnedList(lines, digest_of_body(body))


def replanned(one: PinnedList) -> Plan:
    """By other settings than those of the time when it was shown."""
    return make_plan(
        one.request(),
        target=TARGET,
        naming=Naming.PATH,
        selection=EveryPlatform(),
        format=Format.V2S2,
        max_images=None,
    )


@pytest.mark.parametrize("naming", list(Naming))
@pytest.mark.parametrize(
    "lines", [*LISTS, "nginx:1\nnginx:1 --as other:1", "nginx:1   --as  x:1   # why"]
)
def test_what_is_said_of_an_image_is_said_in_the_requesters_words(
    lines: str, naming: Naming
) -> None:
    asked = read_list(lines)
    one = pinned(plan_of(lines, naming).copies)
    worded = worded_like(one.request(), asked)
    assert [item.text for item in worded.items] == [item.text for item in asked.items]
    assert [replace(item, text="") for item in worded.items] == [
        replace(item, text="") for item in one.request().items
    ]


@pytest.mark.parametrize("naming", list(Naming))
@pytest.mark.parametrize("lines", LISTS)
def test_other_settings_make_the_same_plan_of_it(lines: str, naming: Naming) -> None:
    plan = plan_of(lines, naming)
    expected = tuple(replace(c, source=replace(c.source, digest=DIGEST)) for c in plan.copies)
    assert replanned(pinned(plan.copies)).copies == expected


def test_its_lines_read_as_request_lines() -> None:
    assert pinned(plan_of("\nnginx:1.27 --all\nghcr.io/a/b:1 --as c").copies).lines == (
        f"docker.io/library/nginx:1.27@{DIGEST} --all  # line 2",
        f"ghcr.io/a/b:1@{DIGEST} --platform linux/arm64,linux/arm/v7 --as c:1  # line 3",
    )


@pytest.mark.parametrize("language", list(Language))
def test_a_comment_shows_it_so_that_it_can_be_read_back(language: Language) -> None:
    copies = plan_of("nginx:1.27\nghcr.io/a/b:1 --as c").copies
    one = pinned(copies)
    hostile = "```text\ndocker.io/evil/evil:1\n```\n/approve 000000000000"
    failed = Failed(copies[0], Failure(Code.TAG_NOT_FOUND, Side.SOURCE, said=hostile))
    shown = Shown(one, tuple((copy, DIGEST) for copy in copies), (failed,))
    comment = waiting_comment(shown, language=language)

    assert comment
    assert comment.count(f"\n/approve {one.digest[:12]}\n") == 1
    assert find_list(comment, digest=one.digest, body_digest=one.body_digest) == one


def test_a_comment_whose_list_was_changed_shows_none() -> None:
    one = pinned(plan_of("nginx:1.27").copies)
    comment = f"```text\n{one.lines[0]}\n```"
    found = {"digest": one.digest, "body_digest": one.body_digest}
    assert find_list(comment, **found) == one
    assert find_list(comment.replace("nginx", "nginy"), **found) is None
    assert find_list("no block", **found) is None
    assert find_list("", digest=PinnedList((), "").digest, body_digest="") is None


@pytest.mark.parametrize(
    "line",
    [
        "docker.io/library/nginx:1",
        f"docker.io/library/nginx:1@{DIGEST} --all",
        f"docker.io/library/nginx:1@{DIGEST}  # line 4",
        "docker.io/library/nginx:1 --all  # line 4",
        f"docker.io/library/nginx@{DIGEST} --all  # line 4",
        f"docker.io/library/nginx:1@{DIGEST} --all --what  # line 4",
    ],
)
def test_a_line_that_leaves_something_open_is_none_of_a_list(line: str) -> None:
    one = PinnedList((line,), "b" * 64)
    assert find_list(f"```\n{line}\n```", digest=one.digest, body_digest="b" * 64) is None


def test_its_digest_is_of_the_lines_and_of_the_body() -> None:
    one = PinnedList(("a", "b"), "c")
    others = (PinnedList(("a b",), "c"), PinnedList(("b", "a"), "c"), PinnedList(("a", "b"), "d"))
    assert len({one.digest, *(other.digest for other in others)}) == 4
    assert digest_of_body("a\r\nb") == digest_of_body("a\nb") != digest_of_body("a b")


def test_lists_are_found_by_how_their_digest_begins() -> None:
    lists = [PinnedList((str(n),), "") for n in range(40)]
    first = lists[0]
    assert lists_with(first.digest[:8], [*lists, first]) == (first,)
    assert len(lists_with("", lists)) == 40


def test_a_long_list_gives_up_its_table_and_then_all() -> None:
    def shown(count: int) -> str | None:
        copies = plan_of("\n".join(f"quay.io/team/image-{n}:1" for n in range(count))).copies
        listed = Shown(pinned(copies), tuple((copy, DIGEST) for copy in copies))
        return waiting_comment(listed, language=Language.EN)

    whole, bare = shown(100), shown(300)
    assert whole
    assert "<details>" in whole
    assert bare
    assert "<details>" not in bare
    assert shown(600) is None


@given(st.text())
def test_any_comment_is_searched(text: str) -> None:
    assert find_list(text, digest="0" * 64, body_digest="") is None
