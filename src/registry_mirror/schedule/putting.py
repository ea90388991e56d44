"""When an image's manifests go: after all its blobs, wave by wave, the tag last."""

from registry_mirror.schedule.records import PutStep, Run
from registry_mirror.schedule.results import Broken, Lacking, Put

PutResult = Put | Lacking | Broken


def next_puts(run: Run) -> tuple[PutStep, ...]:
    """The manifests to put now; they count as handed out."""
    if not run.is_open or run.missing or run.putting:
        return ()
    while not run.unput and run.waves:
        run.unput = list(run.waves.popleft())
    steps = tuple(PutStep(run, child) for child in run.unput)
    run.unput = []
    run.putting = len(steps)
    return steps


def put_again(step: PutStep) -> bool:
    """Have a refused manifest put once more, when the blobs are there; False the second time."""
    if step.child in step.run.put_again:
        return False
    step.run.put_again.add(step.child)
    step.run.unput.append(step.child)
    return True
