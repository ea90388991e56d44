"""Lists that wait, commands in comments and the repository's rules, through `issue`."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry_mirror.embedded.auth import Account, Basic
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.exits import Exit
from registry_mirror.repository_rules import PATH
from tests.issue_office import AUTHOR, BOT, COLLABORATOR, OWN_RUN, OWNER, STRANGER, Office, office
from tests.issue_requests import form, small_image


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


# Lists that wait


async def test_to_show_a_list_takes_manifests_alone_and_no_login(place: Office) -> None:
    account = Account("reader", "secret of the source")
    async with EmbeddedRegistry(Basic((account,))) as private:
        private.put("team/secret", "1", small_image("private"))
        auth = base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
        place.variables["SOURCE_AUTH_JSON"] = json.dumps({"auths": {private.host: {"auth": auth}}})
        number = place.open(place.image(), f"{private.host}/team/secret:1")
        await place.happen("opened", number, AUTHOR)

        assert place.kinds(number) == ["approval"]
        assert "`source-denied`" in place.last(number)
        assert f"{private.host}/team/secret:1@" not in place.last(number)
        assert not [seen for seen in place.source.requests if "/blobs/" in seen.path]
        assert place.target.requests == []


async def test_what_is_not_found_is_no_part_of_the_list(place: Office) -> None:
    number = place.open(place.image(), f"{place.source.host}/library/app:9")
    await place.happen("opened", number, AUTHOR)
    assert "`tag-not-found`" in place.last(number)

    await place.comment(number, place.approval(number), COLLABORATOR)
    assert place.labels(number) == {"completed", "approved"}
    assert place.last(number).count("✅ copied") == 1
    assert f"approved by `{COLLABORATOR}`" in place.last(number)


async def test_a_list_of_which_nothing_is_found_has_nothing_to_approve(place: Office) -> None:
    number = place.open(f"{place.source.host}/library/app:9")
    await place.happen("opened", number, AUTHOR)
    assert (place.kinds(number), place.labels(number)) == (["unresolved"], {"failed"})

    await place.edit(number, f"{place.source.host}/library/app:8")
    assert place.kinds(number) == ["unresolved"] * 2
    await place.edit(number, place.image())
    assert (place.kinds(number)[-1], place.labels(number)) == ("approval", {"needs-approval"})


async def test_an_edit_of_a_list_that_failed_in_another_way_starts_nothing(place: Office) -> None:
    """Of which nothing was found once, and a part when it was run."""
    number = place.open(f"{place.source.host}/library/app:9")
    await place.happen("opened", number, AUTHOR)
    await place.edit(number, place.image(), place.image("lost"))
    place.source.faults.deny("*/library/lost/*")
    await place.comment(number, place.approval(number), COLLABORATOR)
    assert place.labels(number) == {"failed", "approved"}
    kinds = place.kinds(number)
    await place.edit(number, place.image())
    assert (place.kinds(number), place.labels(number)) == (kinds, {"failed", "approved"})


async def test_an_invalid_list_is_told_to_a_stranger_too(place: Office) -> None:
    number = place.open("nginx")
    await place.happen("opened", number, AUTHOR)
    assert (place.kinds(number), place.labels(number)) == (["invalid"], {"invalid"})
    url = "https://github.example.com/me/fork/issues/new?template=mirror-request.yml&images=nginx"
    assert url in place.last(number)

    await place.edit(number, place.image())
    assert (place.kinds(number)[-1], place.labels(number)) == ("approval", {"needs-approval"})


async def test_what_was_shown_is_what_is_copied(place: Office) -> None:
    number = place.open(place.image())
    await place.happen("opened", number, AUTHOR)
    shown = place.source.manifest("library/app", "1")
    place.image(content="something else under the same tag")
    await place.comment(number, place.approval(number), COLLABORATOR)

    copied = place.target.manifest("mirrors/app", "1")
    assert shown
    assert copied
    assert json.loads(copied[1])["config"]["digest"] == json.loads(shown[1])["config"]["digest"]


async def test_an_edit_after_the_approving_comment_ends_its_approval(place: Office) -> None:
    """Though the event, which was made before, has the text that was approved."""
    number = place.open(place.image())
    await place.happen("opened", number, AUTHOR)
    approving = place.github.comment_event(number, place.approval(number), COLLABORATOR)
    place.github.edit_issue(number, form([place.image("evil")]))
    await place.serve(approving)
    assert place.kinds(number) == ["approval", "approval"]
    assert place.labels(number) == {"needs-approval"}
    assert "/library/evil:1@" in place.last(number)
    assert not place.was_written_to

    await place.comment(number, place.approval(number), COLLABORATOR)
    assert (place.holds(), place.holds("evil:1")) == (False, True)


@pytest.mark.parametrize("asked", ["reopened", "/retry", "/retry failed"])
@pytest.mark.parametrize("sender", [AUTHOR, COLLABORATOR])
async def test_an_edit_after_the_event_ends_an_earlier_approval(
    place: Office, sender: str, asked: str
) -> None:
    number = place.open(place.image(), f"{place.source.host}/library/late:1")
    await place.happen("opened", number, AUTHOR)
    await place.comment(number, place.approval(number), COLLABORATOR)
    place.namespace = "again"
    event = asked_by(place, sender, number, asked)
    place.github.edit_issue(number, form([place.image("evil")]))
    await place.serve(event)
    assert (place.kinds(number)[-1], place.labels(number)) == ("approval", {"needs-approval"})
    assert "/library/evil:1@" in place.last(number)
    assert not place.holds()


def asked_by(place: Office, sender: str, number: int, asked: str) -> dict[str, Any]:
    if asked.startswith("/"):
        return place.github.comment_event(number, asked, sender)
    return place.github.event(asked, number, sender)


@pytest.mark.parametrize("action", ["opened", "edited"])
async def test_what_a_person_who_may_write_has_just_written_runs_as_it_was_then(
    place: Office, action: str
) -> None:
    """Whoever changed it since, be it with the Triage role, wasn't judged."""
    number = place.open("nginx" if action == "edited" else place.image(), author=COLLABORATOR)
    event = place.github.event("opened", number, COLLABORATOR)
    if action == "edited":
        await place.serve(event)
        event = place.github.edit_issue(number, form([place.image()]), sender=COLLABORATOR)
    place.github.edit_issue(number, form([place.image("evil")]), sender=STRANGER)
    await place.serve(event)
    assert (place.holds(), place.holds("evil:1")) == (True, False)
    assert not place.github.seen("POST", "graphql")


@pytest.mark.parametrize(
    ("asked", "when", "editor", "policy"),
    [
        ("reopened", "before", STRANGER, "approval"),
        ("reopened", "after", STRANGER, "approval"),
        ("/retry", "before", STRANGER, "approval"),
        ("/retry", "after", STRANGER, "approval"),
        ("/retry failed", "before", STRANGER, "approval"),
        ("/retry failed", "after", STRANGER, "approval"),
        ("/retry", "before", STRANGER, "collaborators"),
        ("/retry", "before", BOT, "approval"),
    ],
)
async def test_a_text_that_somebody_else_changed_last_waits(
    place: Office, asked: str, when: str, editor: str, policy: str
) -> None:
    """The Triage role may edit every issue, and a bot may have a person's name."""
    place.variables["REQUEST_POLICY"] = policy
    place.github.permissions["helper"] = "write"
    number = place.open(place.image(), author=COLLABORATOR)
    evil = form([place.image("evil")])
    if when == "before":
        place.github.edit_issue(number, evil, sender=editor)
    event = asked_by(place, COLLABORATOR, number, asked)
    if when == "after":
        place.github.edit_issue(number, evil, sender=editor)
    await place.serve(event)
    assert (place.kinds(number), place.labels(number)) == (["approval"], {"needs-approval"})
    assert "edited this issue last" in place.last(number)
    assert "/library/evil:1@" in place.last(number)
    assert not place.was_written_to

    await place.comment(number, place.approval(number), COLLABORATOR)
    assert (place.holds(), place.holds("evil:1")) == (False, True)


@pytest.mark.parametrize(
    ("sender", "editor"),
    [(COLLABORATOR, COLLABORATOR), (COLLABORATOR, OWNER), (OWNER, COLLABORATOR), (OWNER, "dave")],
)
async def test_a_text_that_somebody_who_may_write_changed_last_runs_as_it_stands(
    place: Office, sender: str, editor: str
) -> None:
    place.github.permissions["dave"] = "write"
    number = place.open("nginx", author=COLLABORATOR)
    place.github.edit_issue(number, form([place.image("evil")]), sender=STRANGER)
    event = place.github.comment_event(number, "/retry", sender)
    place.github.edit_issue(number, form([place.image()]), sender=editor)
    await place.serve(event)
    assert (place.holds(), place.holds("evil:1")) == (True, False)


async def test_a_text_that_somebody_else_changed_last_gets_no_account_of_ours(
    place: Office,
) -> None:
    place.variables["REQUEST_POLICY"] = "everyone"
    account = Account("reader", "secret of the source")
    async with EmbeddedRegistry(Basic((account,))) as private:
        private.put("team/secret", "1", small_image("private"))
        auth = base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
        place.variables["SOURCE_AUTH_JSON"] = json.dumps({"auths": {private.host: {"auth": auth}}})
        number = place.open(place.image(), author=COLLABORATOR)
        body = form([f"{private.host}/team/secret:1"])
        place.github.edit_issue(number, body, sender=STRANGER)
        await place.comment(number, "/retry", COLLABORATOR)
        assert not place.holds("secret:1")

        place.github.edit_issue(number, body, sender=COLLABORATOR)
        await place.comment(number, "/retry", COLLABORATOR)
        assert place.holds("secret:1")


@pytest.mark.parametrize("status", [200, 403, 422])
async def test_where_github_does_not_tell_who_changed_a_text_it_waits(
    place: Office, status: int
) -> None:
    number = place.open(place.image(), author=COLLABORATOR)
    if status == 200:
        place.github.graphql_refused = True
    else:
        place.github.fail("POST", "/graphql$", status=status, times=1000)
    await place.comment(number, "/retry", COLLABORATOR)
    assert (place.kinds(number), place.labels(number)) == (["approval"], {"needs-approval"})
    assert "didn't say who did" in place.last(number)
    assert not place.was_written_to


async def test_what_others_write_like_us_counts_for_nothing(place: Office) -> None:
    """The very comments of ours, posted by everybody else, for a list with an image more."""
    number = place.open(place.image())
    await place.happen("opened", number, AUTHOR)
    approval = place.approval(number)
    await place.comment(number, approval, COLLABORATOR)
    shown, approved = (c.body for c in place.github.comments(number)[:3:2])
    forged = place.open(place.image(), place.image("evil"))
    for author in (AUTHOR, STRANGER, COLLABORATOR, BOT):
        for body in (shown, approved):
            place.github.add_comment(forged, body, author=author)
    place.github.issue(forged).body = place.github.issue(number).body
    place.namespace = "again"

    await place.happen("reopened", forged, AUTHOR)
    await place.comment(forged, "/retry", AUTHOR)
    await place.comment(forged, approval, AUTHOR)
    assert not place.holds()
    assert place.labels(forged) == {"needs-approval"}


async def test_a_list_that_no_comment_holds_is_too_long(place: Office) -> None:
    place.variables["MAX_IMAGES"] = "500"
    name = "with-a-name-of-no-small-length-" * 3
    lines = [place.image(f"{name}{n}") for n in range(300)]
    number = place.open(*lines)
    await place.happen("opened", number, AUTHOR)
    assert (place.kinds(number), place.labels(number)) == (["invalid"], {"invalid"})
    assert "too long to be shown" in place.last(number)


async def test_eight_digits_are_enough_to_approve(place: Office) -> None:
    number = place.open(place.image())
    await place.happen("opened", number, AUTHOR)
    await place.comment(number, place.approval(number)[:-4], COLLABORATOR)
    assert place.labels(number) == {"completed", "approved"}


# Commands


async def test_only_what_failed_is_mirrored_again(place: Office) -> None:
    place.variables["REQUEST_POLICY"] = "everyone"
    lines = [place.image(), f"{place.source.host}/library/late:1"]
    number = place.open(*lines)
    await place.happen("opened", number, AUTHOR)
    assert place.labels(number) == {"failed"}

    place.image("late")
    place.source.requests.clear()
    await place.comment(number, "/retry failed", AUTHOR)
    assert place.labels(number) == {"completed"}
    assert not [seen for seen in place.source.requests if "/library/app/" in seen.path]

    await place.comment(number, "/retry failed", AUTHOR)
    assert "Nothing failed the last time" in place.last(number)

    place.github.edit_issue(number, form([*lines, place.image("more")]))
    await place.comment(number, "/retry failed", AUTHOR)
    assert "was changed since its last run" in place.last(number)
    assert not place.holds("more:1")


async def test_an_image_that_two_lines_name_is_mirrored_again_once(place: Office) -> None:
    """And its other name, which is another image to make, by its own line."""
    place.variables["REQUEST_POLICY"] = "everyone"
    late = f"{place.source.host}/library/late:1"
    lines = [place.image(), late, f"{late} --as other:1", late]
    number = place.open(*lines)
    await place.happen("opened", number, AUTHOR)
    assert place.labels(number) == {"failed"}

    place.image("late")
    place.source.requests.clear()
    await place.comment(number, "/retry failed", AUTHOR)
    assert place.labels(number) == {"completed"}
    assert place.last(number).count("✅ copied") == 2
    assert (place.holds("late:1"), place.holds("other:1")) == (True, True)
    assert not [seen for seen in place.source.requests if "/library/app/" in seen.path]


async def test_what_failed_of_an_approved_list_is_mirrored_again_by_its_lines(
    place: Office,
) -> None:
    """Its lines are ours and have the body's numbers: what was left out doesn't shift them."""
    lost, late = f"{place.source.host}/library/lost:1", place.image("late")
    number = place.open(lost, place.image(), late, late)
    await place.happen("opened", number, AUTHOR)
    denied = place.source.faults.deny("*/library/late/*")
    await place.comment(number, place.approval(number), COLLABORATOR)
    assert place.labels(number) == {"failed", "approved"}
    assert place.holds()

    denied.remaining = 0
    place.source.requests.clear()
    await place.comment(number, "/retry failed", AUTHOR)
    assert place.labels(number) == {"completed", "approved"}
    assert place.holds("late:1")
    assert not [seen for seen in place.source.requests if "/library/app/" in seen.path]


async def test_cancel_ends_the_runs_of_this_issue_alone(place: Office) -> None:
    github, number = place.github, place.open()
    mine = [github.add_run(f"Mirror request #{number}", status) for status in ("queued", "pending")]
    others = [
        github.add_run(f"Mirror request #{number}1"),
        github.add_run(f"Cancel request #{number}"),
        github.add_run(f"Mirror request #{number}", workflow_id=1),
    ]
    await place.comment(number, "/cancel", AUTHOR)
    assert [run.conclusion for run in mine] == ["cancelled"] * 2
    assert [run.conclusion for run in others] == [None] * 3
    assert github.runs[OWN_RUN].conclusion is None
    assert "Told 2 runs to end" in place.last(number)

    await place.comment(number, "/cancel", AUTHOR)
    assert "Nothing runs" in place.last(number)


async def test_a_cancel_that_github_refuses_is_told(place: Office) -> None:
    number = place.open()
    place.github.add_run(f"Mirror request #{number}")
    place.github.actions_read_only = True
    await place.comment(number, "/cancel", AUTHOR)
    assert "Cancel workflow" in place.last(number)
    assert place.reactions(number) == ["eyes", "confused"]


async def test_a_comment_elsewhere_is_left_alone(place: Office) -> None:
    number = place.github.open_issue("A bug: /retry does nothing", [], AUTHOR)
    await place.comment(number, "/help", AUTHOR)
    pull = place.github.comment_event(place.open(), "/help", AUTHOR)
    pull["issue"]["pull_request"] = {"url": "https://example.com"}
    await place.serve(pull)
    assert place.github.requests == []


# Rules


async def test_a_source_that_is_not_allowed_is_named(place: Office) -> None:
    place.github.files[PATH] = f"sources:\n  deny: ['{place.source.host}/library/evil']\n".encode()
    number = place.open(place.image(), place.image("evil"), "nginx", author=COLLABORATOR)
    await place.happen("opened", number, COLLABORATOR)
    assert place.labels(number) == {"invalid"}
    assert "| 5 |" in place.last(number)
    assert "| 6 |" in place.last(number)
    assert not place.was_written_to


async def test_an_approved_list_is_held_to_the_rules_of_now(place: Office) -> None:
    number = place.open(place.image())
    await place.happen("opened", number, AUTHOR)
    place.github.files[PATH] = b"sources:\n  allow: [quay.io]\n"
    await place.comment(number, place.approval(number), COLLABORATOR)
    assert place.kinds(number)[-1] == "invalid"
    assert f"| 4 | `{place.image()}` |" in place.last(number)
    assert "@sha256" not in place.last(number)
    assert not place.was_written_to


async def test_mistakes_in_the_rules_let_nothing_through(place: Office) -> None:
    place.github.files[PATH] = b"limits:\n  images-per-day: many\n"
    for author in (AUTHOR, COLLABORATOR):
        number = place.open(place.image(), author=author)
        assert await place.happen("opened", number, author) is Exit.CONFIGURATION_INVALID
        assert "images-per-day" in place.last(number)
        assert place.labels(number) == {"failed"}
    assert not place.was_written_to


async def test_rules_that_cannot_be_read_let_nothing_through(place: Office) -> None:
    place.github.fail("GET", "/contents/", status=422, times=1000)
    number = place.open(place.image(), author=COLLABORATOR)
    assert await place.happen("opened", number, COLLABORATOR) is Exit.UNANSWERED
    assert "ending=unchecked" in (place.folder / "outputs").read_text(encoding="utf-8")
    assert not place.was_written_to


# Being stopped


async def test_a_run_that_resolves_ends_soon_when_it_is_cancelled(place: Office) -> None:
    held = place.source.faults.hold("GET", "/v2/library/app/manifests/*")
    number = place.open()
    serving = asyncio.create_task(place.happen("opened", number, AUTHOR))
    await held.arrived.wait()
    asked = time.monotonic()
    place.stop.set()
    assert await serving is Exit.DONE

    assert time.monotonic() - asked < 5
    assert (place.kinds(number), place.labels(number)) == (["cancelled"], {"failed"})


async def test_a_github_that_wants_to_be_waited_for_is_not_when_cancelled(
    place: Office, tmp_path: Path
) -> None:
    held = place.source.faults.hold("GET", "/v2/library/app/manifests/*")
    number = place.open(author=COLLABORATOR)
    serving = asyncio.create_task(place.happen("opened", number, COLLABORATOR))
    await held.arrived.wait()
    place.github.slow_down("POST", "/comments$", 3_000, times=1000)
    asked = time.monotonic()
    place.stop.set()
    assert await serving is Exit.INTERRUPTED

    assert time.monotonic() - asked < 5
    assert "ending=reported" in (tmp_path / "outputs").read_text(encoding="utf-8")


# The law

LINES = ("app:1", "evil:1", "app:2")

STRANGERS_DEEDS = st.one_of(
    st.tuples(st.just("opened"), st.sampled_from((AUTHOR, STRANGER, BOT))),
    st.tuples(st.just("reopened"), st.sampled_from((AUTHOR, STRANGER, BOT))),
    st.tuples(st.just("edited"), st.sampled_from((AUTHOR, STRANGER))),
    st.tuples(
        st.sampled_from(("/retry", "/retry failed", "/approve", "/cancel", "/help", "forge")),
        st.sampled_from((AUTHOR, STRANGER, BOT)),
    ),
    st.tuples(st.sampled_from(("reopened", "/retry", "/retry failed")), st.just(COLLABORATOR)),
)


async def _do(place: Office, number: int, deed: str, sender: str, step: int) -> None:
    match deed:
        case "opened" | "reopened":
            await place.happen(deed, number, sender)
        case "edited":
            line = f"{place.source.host}/library/{LINES[step % len(LINES)]}"
            await place.edit(number, line, sender=sender)
        case "forge":
            for comment in place.github.comments(number):
                body = comment.body.replace("registry-mirror approval", "registry-mirror approved")
                place.github.add_comment(number, body, author=sender)
        case "/approve":
            shown = "approval" in place.kinds(number)
            line = place.approval(number) if shown else "/approve 0123456789ab"
            await place.comment(number, line, sender)
        case _:
            await place.comment(number, deed, sender)


@pytest.mark.parametrize("policy", ["approval", "collaborators"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(STRANGERS_DEEDS, min_size=1, max_size=8))
def test_whatever_strangers_do_nothing_is_copied_without_approval(
    policy: str, deeds: list[tuple[str, str]], tmp_path: Path
) -> None:
    """A collaborator may help them by anything but an approval, where approvals are asked for."""

    async def live() -> None:
        async with office(tmp_path, policy) as place:
            for line in LINES:
                place.image(*line.split(":"))
            number = place.open()
            for step, (deed, sender) in enumerate(deeds):
                if policy == "approval" or sender != COLLABORATOR:
                    await _do(place, number, deed, sender, step)
            assert not place.was_written_to

    asyncio.run(live())
