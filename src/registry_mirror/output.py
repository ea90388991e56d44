"""Where a command's lines go. No line of a stranger's can be a command to a runner."""

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from registry_mirror.report.quoting import log_line

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Output:
    """With the document on stdout, everything else goes to stderr."""

    json: str | None = None

    def say(self, line: str) -> None:
        click.echo(_inert(line), err=self.json == STDOUT)

    def complain(self, line: str) -> None:
        click.echo(_inert(line), err=True)

    def document(self, text: str) -> None:
        if self.json == STDOUT:
            click.echo(text)
        elif self.json:
            Path(self.json).write_text(f"{text}\n", encoding="utf-8")

    @property
    def errors_are_a_terminal(self) -> bool:
        return sys.stderr.isatty()


def _inert(line: str) -> str:
    return "\t".join(log_line(part) for part in line.split("\t"))
