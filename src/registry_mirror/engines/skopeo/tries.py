"""The tries of one command: how many there were, how long to wait, what was said last."""

from registry_mirror.engines.skopeo.rules import PASSING
from registry_mirror.engines.skopeo.stderr import explain, explain_retried, retries_in
from registry_mirror.errors import Failure
from registry_mirror.oci.reference import Reference

LONGEST_PAUSE = 30.0
"""Seconds between two tries."""


class Tries:
    """`target` is None where one registry alone is asked."""

    def __init__(self, retries: int, source: Reference, target: Reference | None = None) -> None:
        self._retries = retries
        self._source = source
        self._target = target
        self._made = 0
        self._failure: Failure | None = None
        self._stderr = bytearray()

    def next(self) -> bytearray:
        """Where the next try writes its stderr."""
        self._stderr = bytearray()
        return self._stderr

    def failed(self, exit_code: int) -> Failure:
        """What the try meant that has just ended."""
        stderr = self._text()
        self._made += 1 + retries_in(stderr)
        self._failure = explain(
            stderr, source=self._source, target=self._target, exit_code=exit_code
        )
        return self._failure

    @property
    def may_go_on(self) -> bool:
        """Whether to try again; the tries that skopeo made by itself count too."""
        passing = self._failure is not None and PASSING.search(self._failure.said)
        return bool(passing) and self._made <= self._retries

    @property
    def pause(self) -> float:
        return min(2.0 ** (self._made - 1), LONGEST_PAUSE)

    @property
    def last_failure(self) -> Failure | None:
        """What is known of a command that ran out of time; None where nothing was said at all."""
        running = explain_retried(self._text(), source=self._source, target=self._target)
        return running or self._failure

    def _text(self) -> str:
        return self._stderr.decode("utf-8", errors="replace")
