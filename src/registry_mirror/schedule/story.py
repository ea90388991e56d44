"""What goes on in a schedule, in words, for whoever debugs it."""

from collections.abc import Iterable, Iterator

from registry_mirror.schedule.records import Action, BlobStep, Need, Run
from registry_mirror.schedule.statistics import Statistics
from registry_mirror.schedule.work import MIB

_WORDS = {Action.CHECK: "asked for", Action.MOUNT: "mounted", Action.UPLOAD: "sent"}


def of_statistics(now: Statistics) -> str:
    return (
        f"<Schedule: {now.done} of {now.images} images done, {now.failed} failed, "
        f"{now.moving} moving; under way: bodies {now.bodies}, requests {now.requests}; "
        f"{now.to_send / MIB:.1f} MiB to send>"
    )


def of_runs(runs: Iterable[Run]) -> str:
    return "\n".join(line for run in runs for line in _of_run(run))


def _of_run(run: Run) -> Iterator[str]:
    if run.missing:
        yield f"{run.image} waits for {run.missing} of its blobs"
        yield from (f"  {_of_need(need)}" for need in run.needs if not need.is_met)
    else:
        yield f"{run.image} has its blobs and waits for manifests to be put: {run.putting}"


def _of_need(need: Need) -> str:
    place, leader = need.place, need.place.spread.leader
    if place.step is not None:
        return f"{need.blob}: {_of_step(place.step)}"
    if leader is not None and leader.step is not None:
        return f"{need.blob}: first {_of_step(leader.step)} in {leader.repository}"
    return f"{need.blob}: nobody acts for it"


def _of_step(step: BlobStep) -> str:
    begun = "waits to be" if step.is_waiting else "is being"
    return f"{begun} {_WORDS[step.action]} by {step.run.image}"
