"""Who may have what done: every kind of sender, policy and event, through `issue`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.issue_office import AUTHOR, COLLABORATOR, SENDERS, Office, office
from tests.issue_requests import LABEL, form

CHECKOUT = Path(__file__).parents[1]

Happening = Callable[[Office, int, str], Awaitable[object]]


@dataclass(frozen=True)
class Expected:
    """`kind` is of the last comment that was said then; labels None stay as they were."""

    kind: str | None
    labels: frozenset[str] | None = None
    copied: bool = False
    reaction: str | None = None


COPIED = Expected("report", frozenset({"completed"}), copied=True)
WAITING = Expected("approval", frozenset({"needs-approval"}))
REFUSED = Expected("refused", frozenset({"refused"}))
IGNORED = Expected(None)
DENIED = Expected("reply", reaction="-1")
TOLD = Expected("reply", reaction="confused")
DONE = Expected("reply", reaction="+1")
APPROVED = Expected("report", frozenset({"completed", "approved"}), copied=True)

WORDS = {
    "copied": COPIED,
    "approved": APPROVED,
    "waiting": WAITING,
    "refused": REFUSED,
    "denied": DENIED,
    "told": TOLD,
    "done": DONE,
    "ignored": IGNORED,
}


async def nothing(_place: Office, _number: int, _sender: str) -> None:
    return


async def opened(place: Office, number: int, sender: str) -> None:
    place.github.issue(number).author = sender
    await place.happen("opened", number, sender)


async def reopened(place: Office, number: int, sender: str) -> None:
    await place.happen("reopened", number, sender)


async def edited(place: Office, number: int, sender: str) -> None:
    await place.edit(number, place.image(), sender=sender)


def comment(text: str) -> Happening:
    async def happen(place: Office, number: int, sender: str) -> None:
        await place.comment(number, text, sender)

    return happen


async def approve(place: Office, number: int, sender: str) -> None:
    await place.comment(number, place.approval(number), sender)


async def is_invalid(place: Office, number: int, _sender: str) -> None:
    place.github.issue(number).labels.append("invalid")


async def is_shown(place: Office, number: int, _sender: str) -> None:
    await place.happen("opened", number, AUTHOR)


async def is_shown_and_edited(place: Office, number: int, sender: str) -> None:
    await is_shown(place, number, sender)
    place.github.edit_issue(number, form([place.image(), place.image("evil")]))


async def is_approved(place: Office, number: int, sender: str) -> None:
    """And run; from then on the target is another one."""
    await is_shown(place, number, sender)
    await approve(place, number, COLLABORATOR)
    assert place.holds()
    place.namespace = "again"


async def is_approved_and_edited(place: Office, number: int, sender: str) -> None:
    await is_approved(place, number, sender)
    place.github.edit_issue(number, form([place.image(), place.image("evil")]))


async def is_retried(place: Office, number: int, _sender: str) -> None:
    """By somebody who may write, which shows the list."""
    await place.comment(number, "/retry", COLLABORATOR)


async def is_retried_and_approved(place: Office, number: int, sender: str) -> None:
    await is_retried(place, number, sender)
    await approve(place, number, COLLABORATOR)
    assert place.holds()
    place.namespace = "again"


async def is_retried_approved_and_edited(place: Office, number: int, sender: str) -> None:
    await is_retried_and_approved(place, number, sender)
    place.github.edit_issue(number, form([place.image(), place.image("evil")]))


# What came before, the event itself, and what becomes of it where its sender is the owner, a
# collaborator, the issue's author, a stranger or a bot.
Row = tuple[Happening, Happening, str]

COLLABORATORS: dict[str, Row] = {
    "opened": (nothing, opened, "copied copied refused refused refused"),
    "reopened": (nothing, reopened, "waiting waiting refused refused refused"),
    "edited": (is_invalid, edited, "waiting waiting refused refused refused"),
    "edited else": (nothing, edited, "ignored ignored ignored ignored ignored"),
    "retry": (nothing, comment("/retry"), "waiting waiting denied denied ignored"),
    "retry failed": (nothing, comment("/retry failed"), "waiting waiting denied denied ignored"),
    "approve none": (nothing, comment("/approve 0123456789ab"), "told told denied denied ignored"),
    "approve": (is_retried, approve, "approved approved denied denied ignored"),
    "retry approved": (
        is_retried_and_approved,
        comment("/retry"),
        "approved approved denied denied ignored",
    ),
    "retry approved and edited": (
        is_retried_approved_and_edited,
        comment("/retry"),
        "waiting waiting denied denied ignored",
    ),
    "cancel": (nothing, comment("/cancel"), "done done done denied ignored"),
    "help": (nothing, comment("/help"), "done done done done ignored"),
    "unknown": (nothing, comment("/mirror now"), "told told told told ignored"),
    "talk": (nothing, comment("Thanks! /retry"), "ignored ignored ignored ignored ignored"),
}
APPROVAL: dict[str, Row] = {
    "opened": (nothing, opened, "copied copied waiting waiting waiting"),
    "reopened": (nothing, reopened, "waiting waiting waiting waiting waiting"),
    "edited": (is_invalid, edited, "waiting waiting waiting waiting waiting"),
    "edited while shown": (is_shown, edited, "waiting waiting waiting waiting waiting"),
    "edited else": (nothing, edited, "ignored ignored ignored ignored ignored"),
    "retry": (nothing, comment("/retry"), "waiting waiting waiting denied ignored"),
    "retry failed": (nothing, comment("/retry failed"), "waiting waiting waiting denied ignored"),
    "approve none": (nothing, comment("/approve 0123456789ab"), "told told denied denied ignored"),
    "approve": (is_shown, approve, "approved approved denied denied ignored"),
    "approve edited": (is_shown_and_edited, approve, "waiting waiting denied denied ignored"),
    "reopened approved": (is_approved, reopened, "approved approved approved waiting waiting"),
    "retry approved": (is_approved, comment("/retry"), "approved approved approved denied ignored"),
    "retry approved and edited": (
        is_approved_and_edited,
        comment("/retry"),
        "waiting waiting waiting denied ignored",
    ),
    "cancel": (nothing, comment("/cancel"), "done done done denied ignored"),
    "help": (nothing, comment("/help"), "done done done done ignored"),
    "unknown": (nothing, comment("/mirror now"), "told told told told ignored"),
}
EVERYONE: dict[str, Row] = {
    "opened": (nothing, opened, "copied copied copied copied copied"),
    "reopened": (nothing, reopened, "copied copied copied copied copied"),
    "edited": (is_invalid, edited, "copied copied copied copied copied"),
    "retry": (nothing, comment("/retry"), "copied copied copied denied ignored"),
    "retry failed": (nothing, comment("/retry failed"), "told told told denied ignored"),
    "approve": (nothing, comment("/approve 0123456789ab"), "told told denied denied ignored"),
    "cancel": (nothing, comment("/cancel"), "done done done denied ignored"),
}
TABLES = {"collaborators": COLLABORATORS, "approval": APPROVAL, "everyone": EVERYONE}

CASES = [
    pytest.param(policy, before, happen, sender, WORDS[word], id=f"{policy}-{name}-{sender}")
    for policy, table in TABLES.items()
    for name, (before, happen, words) in table.items()
    for sender, word in zip(SENDERS, words.split(), strict=True)
]


@pytest.mark.parametrize(("policy", "before", "happen", "sender", "expected"), CASES)
async def test_who_may_have_what_done(
    policy: str,
    before: Happening,
    happen: Happening,
    sender: str,
    expected: Expected,
    tmp_path: Path,
) -> None:
    async with office(tmp_path, policy) as place:
        number = place.open()
        await before(place, number, sender)
        kinds, labels = place.kinds(number), place.labels(number)

        await happen(place, number, sender)

        said = place.kinds(number)[len(kinds) :]
        assert place.holds() == expected.copied
        assert not place.holds("evil:1")
        assert (said[-1] if said else None) == expected.kind
        assert place.labels(number) == (labels if expected.labels is None else expected.labels)
        if expected.reaction:
            assert place.reactions(number) == ["eyes", expected.reaction]
        if not (expected.copied or "approved" in labels):
            assert not place.was_written_to
            assert place.github.issue(number).state == "open"


@pytest.mark.parametrize(
    ("then", "now"), [([LABEL, "invalid"], [LABEL]), ([LABEL], [LABEL, "invalid"])]
)
async def test_whether_an_edit_counts_is_told_by_the_labels_of_now(
    then: list[str], now: list[str], tmp_path: Path
) -> None:
    async with office(tmp_path) as place:
        number = place.open(author=COLLABORATOR)
        place.github.issue(number).labels[:] = then
        event = place.github.edit_issue(number, form([place.image()]), sender=COLLABORATOR)
        place.github.issue(number).labels[:] = now
        await place.serve(event)
        assert place.holds() == ("invalid" in now)


@pytest.mark.parametrize(
    ("author", "text", "began"),
    [
        (COLLABORATOR, "/retry", True),
        (AUTHOR, "/retry", True),
        (COLLABORATOR, "/retry failed", False),
        (COLLABORATOR, "/help", False),
        (COLLABORATOR, "/approve 0123456789ab", False),
        (AUTHOR, "/approve 0123456789ab", False),
    ],
)
async def test_the_last_step_is_told_whether_anything_began(
    author: str, text: str, *, began: bool, tmp_path: Path
) -> None:
    """To show a list for approval is something, too: the labels are gone by then."""
    async with office(tmp_path) as place:
        number = place.open(author=author)
        await place.comment(number, text, author)
        said = (tmp_path / "outputs").read_text(encoding="utf-8")
        assert ("began" in said) == began
    workflow = (CHECKOUT / ".github/workflows/mirror.yml").read_text(encoding="utf-8")
    assert "BEGAN: ${{ steps.mirror.outputs.began }}\n" in workflow
