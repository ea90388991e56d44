"""The comment that says what a run came to."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from registry_mirror.report import Report, words
from registry_mirror.report.commands import AS_PUSHED, Access
from registry_mirror.report.failures import failure_sections
from registry_mirror.report.fitting import COMMENT, Limit, most
from registry_mirror.report.folded import commands, digests, dropped, outputs, replaced
from registry_mirror.report.markup import join, link, table
from registry_mirror.report.pasted import pasted_texts
from registry_mirror.report.quoting import BLOCK_LIMIT
from registry_mirror.report.rows import OUTCOME_HEAD, outcome_row
from registry_mirror.report.totals import headline, totals
from registry_mirror.text import Language, Text

_SHORT_SAID = 200


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is told: `said` in characters, the last three in images."""

    said: int
    sed: bool
    outputs: bool
    digests: bool
    replaced: bool
    commands: int
    succeeded: int
    failed: int


_Step = tuple[int, Callable[[int], _Detail]]


def report_comment(
    report: Report,
    *,
    language: Language,
    access: Access = AS_PUSHED,
    run_url: str | None = None,
    limit: Limit = COMMENT,
) -> str:
    """The report in Markdown, as much of it as the limit holds.

    What doesn't fit is given up in this order: the line for sed, other configuration ready
    to use, what registries said, digests, commands, rows of what succeeded, and failures last.
    """
    writer = _Writer(report, language, access, run_url)
    whole = _whole(report)
    short = replace(whole, sed=False)
    lean = replace(short, outputs=False)
    quiet = replace(lean, said=0)
    plain = replace(quiet, digests=False)
    bare = replace(plain, replaced=False)
    for detail in (whole, short, lean, replace(lean, said=_SHORT_SAID), quiet, plain, bare):
        text = writer.write(detail)
        if limit.holds(text):
            return text
    return _cut(writer.write, bare, limit)


def _whole(report: Report) -> _Detail:
    succeeded, failed = len(report.succeeded), len(report.failed)
    return _Detail(
        said=BLOCK_LIMIT,
        sed=True,
        outputs=True,
        digests=True,
        replaced=True,
        commands=succeeded,
        succeeded=succeeded,
        failed=failed,
    )


def _cut(write: Callable[[_Detail], str], detail: _Detail, limit: Limit) -> str:
    def fits(step: _Step) -> bool:
        return limit.holds(write(step[1](0)))

    steps = _steps(detail)
    count, at = next(filter(fits, steps), steps[-1])
    return write(at(most(count, lambda kept: write(at(kept)), limit)))


def _steps(detail: _Detail) -> tuple[_Step, ...]:
    no_commands = replace(detail, commands=0)
    no_table = replace(no_commands, succeeded=0)
    return (
        (detail.commands, lambda kept: replace(detail, commands=kept)),
        (detail.succeeded, lambda kept: replace(no_commands, succeeded=kept)),
        (detail.failed, lambda kept: replace(no_table, failed=kept)),
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    report: Report
    language: Language
    access: Access
    run_url: str | None

    def write(self, detail: _Detail) -> str:
        return join(
            f"## {headline(self.report, self.language)}",
            self._say(words.BETWEEN_SENTENCES).join(
                (*totals(self.report, self.language), *self._run_link())
            ),
            self._pasted(),
            self._table(detail),
            self._failures(detail),
            *self._folded(detail),
            self._left_out(detail),
        )

    def _run_link(self) -> tuple[str, ...]:
        return (link(self._say(words.RUN_LOG), self.run_url),) if self.run_url else ()

    def _table(self, detail: _Detail) -> str:
        shown = {
            id(outcome)
            for outcome in (
                *self.report.succeeded[: detail.succeeded],
                *self.report.failed[: detail.failed],
            )
        }
        rows = (
            outcome_row(outcome, self.language)
            for outcome in self.report.outcomes
            if id(outcome) in shown
        )
        return table((self._say(text) for text in OUTCOME_HEAD), rows)

    def _failures(self, detail: _Detail) -> str:
        failed = self.report.failed
        if not failed:
            return ""
        return join(
            f"### {self._say(words.FAILURES)}",
            failure_sections(failed[: detail.failed], self.language, said=detail.said),
            f"### {self._say(words.NEXT_AFTER_FAILURE)}",
            self._say(words.RETRY_FAILED),
        )

    def _folded(self, detail: _Detail) -> tuple[str, ...]:
        succeeded = self.report.succeeded
        copies = tuple(outcome.copy for outcome in succeeded[: detail.commands])
        return (
            replaced(succeeded, self.language) if detail.replaced else "",
            *commands(copies, self.access, self.language),
            *(self._outputs(sed=detail.sed) if detail.outputs else ()),
            digests(succeeded, self.language) if detail.digests else "",
            dropped(succeeded, self.language) if detail.digests else "",
        )

    def _outputs(self, *, sed: bool) -> tuple[str, ...]:
        services = self.report.pasted.services if self.report.pasted else ()
        return outputs(self.report.succeeded, services, self.access, self.language, sed=sed)

    def _pasted(self) -> str:
        texts = map(self._say, pasted_texts(self.report.pasted))
        return self._say(words.BETWEEN_SENTENCES).join(texts)

    def _left_out(self, detail: _Detail) -> str:
        whole = _whole(self.report)
        missing = (
            (words.LEFT_OUT_SED, whole.succeeded if detail.outputs and not detail.sed else 0),
            (words.LEFT_OUT_OUTPUTS, 0 if detail.outputs else whole.succeeded),
            (words.LEFT_OUT_SAID, whole.failed if detail.said < whole.said else 0),
            (words.LEFT_OUT_DIGESTS, 0 if detail.digests else whole.succeeded),
            (words.LEFT_OUT_COMMANDS, whole.commands - detail.commands),
            (words.LEFT_OUT_SUCCEEDED, whole.succeeded - detail.succeeded),
            (words.LEFT_OUT_FAILED, whole.failed - detail.failed),
        )
        items = [f"- {self._say(text.fill(count=str(n)))}" for text, n in missing if n]
        if not items:
            return ""
        return join(self._say(words.LEFT_OUT), "\n".join(items), self._say(words.WHOLE))

    def _say(self, text: Text) -> str:
        return text.say(self.language)
