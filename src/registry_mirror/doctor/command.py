"""The command `doctor`: a checklist, told as it grows, and an exit code."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from registry_mirror.doctor import words
from registry_mirror.doctor.examination import Doctor
from registry_mirror.doctor.surroundings import Surroundings, read_surroundings
from registry_mirror.doctor.target import skipped
from registry_mirror.exits import Exit
from registry_mirror.output import Output
from registry_mirror.race import unless_stopped
from registry_mirror.report.checklist import (
    Check,
    Checklist,
    Name,
    check_lines,
    checklist_document,
    checklist_markdown,
    totals_line,
)


async def run_doctor(
    values: Mapping[str, str], sources: tuple[str, ...], output: Output, stop: asyncio.Event
) -> Exit:
    """What was found until `stop` is reported all the same."""
    surroundings = read_surroundings(values)
    checklist = await _examine(Doctor(values, surroundings, sources), output, stop)
    output.say(totals_line(checklist, surroundings.language))
    written = output.document(checklist_document(checklist))
    _summarize(checklist, surroundings, output)
    if stop.is_set():
        return Exit.INTERRUPTED
    return Exit.DONE if checklist.is_good and written else Exit.CONFIGURATION_INVALID


async def _examine(doctor: Doctor, output: Output, stop: asyncio.Event) -> Checklist:
    found: list[Check] = []
    empty = Checklist((), doctor.surroundings.repository_url)

    def tell(check: Check) -> None:
        found.append(check)
        for line in check_lines(empty, check, doctor.surroundings.language):
            output.say(line)

    async def examine() -> bool:
        async for check in doctor.checks():
            tell(check)
        return True

    is_whole = bool(await unless_stopped(examine(), stop))
    if not is_whole:
        for check in skipped(_after(found), words.SKIPPED_BROKEN_OFF):
            tell(check)
    return replace(empty, checks=tuple(found), is_whole=is_whole)


def _after(found: Sequence[Check]) -> tuple[Name, ...]:
    """What comes behind the last that was looked at."""
    names = tuple(Name)
    return names[names.index(found[-1].name) + 1 :] if found else names


def _summarize(checklist: Checklist, surroundings: Surroundings, output: Output) -> None:
    """Where the runner's file can't be written the log has it all."""
    if surroundings.summary_path is None:
        return
    text = checklist_markdown(checklist, surroundings.language)
    try:
        with surroundings.summary_path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        output.complain(f"The run's summary could not be written: {error}")
