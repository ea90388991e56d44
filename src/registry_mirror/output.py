"""Where a command's lines go. No line of a stranger's can be a command to a runner."""

import io
import os
import select
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from registry_mirror.report.quoting import log_line

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDOUT = "-"

_STDOUT, _STDERR = 1, 2


@dataclass(frozen=True, slots=True)
class Output:
    """With the document on stdout, everything else goes to stderr."""

    json: str | None = None

    def say(self, line: str) -> None:
        click.echo(_inert(line), err=self.json == STDOUT)

    def complain(self, line: str) -> None:
        click.echo(_inert(line), err=True)

    def document(self, text: str) -> bool:
        """Whether all of it was written that anybody wants to read; complains where not."""
        try:
            if self.json == STDOUT:
                click.echo(text)
                _raise_failure(sys.stdout)
            elif self.json:
                Path(self.json).write_text(f"{text}\n", encoding="utf-8")
        except BrokenPipeError:
            return True
        except OSError as error:
            self.complain(f"The JSON report could not be written: {error}")
            return False
        return True

    @property
    def errors_are_a_terminal(self) -> bool:
        return sys.stderr.isatty()


def outlast_readers() -> None:
    """From here on a closed pipe, a closed terminal or a full disk ends no run.

    A descriptor that was closed from the start is opened, for the next file would get its number.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(descriptor)
    sys.stdout = _lasting(_STDOUT, sys.stdout)
    sys.stderr = _lasting(_STDERR, sys.stderr)


class _Lasting(io.RawIOBase):
    """A descriptor that goes on taking what can't be told to anybody any more."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self.failure: OSError | None = None

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError as error:
                self.failure = error
                _lead_nowhere(self._descriptor)
                return memoryview(data).nbytes


def _lasting(descriptor: int, stream: TextIO | None) -> TextIO:
    """`stream` is what Python made of the descriptor, None where that was closed."""
    return io.TextIOWrapper(
        io.BufferedWriter(_Lasting(descriptor)),
        encoding=stream.encoding if stream else "utf-8",
        errors=stream.errors if stream else "backslashreplace",
        line_buffering=True,
    )


def _lead_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _raise_failure(stream: TextIO) -> None:
    raw = getattr(stream.buffer, "raw", None)
    if isinstance(raw, _Lasting) and raw.failure:
        raise raw.failure


def _inert(line: str) -> str:
    return "\t".join(log_line(part) for part in line.split("\t"))
