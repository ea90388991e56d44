"""The parts of a report that are folded: commands, configuration, digests, entries left out."""

from collections.abc import Sequence

from registry_mirror.outcome import Copied, Dropped, Unchanged
from registry_mirror.outputs import Mirrored, mirrored
from registry_mirror.outputs.compose import compose_override
from registry_mirror.outputs.containerd import hosts_files, hosts_left_out
from registry_mirror.outputs.kustomize import kustomize_images
from registry_mirror.outputs.scalars import comment
from registry_mirror.outputs.sed import left_out, sed_line
from registry_mirror.plan import Copy
from registry_mirror.report import words
from registry_mirror.report.commands import Access, ctr_lines, docker_lines, login_line
from registry_mirror.report.markup import REFERENCE_LIMIT, UNKNOWN, details, row, table
from registry_mirror.report.quoting import code_block, code_span
from registry_mirror.request import Service
from registry_mirror.text import Language, Text

Succeeded = Copied | Unchanged

# Lines of our own making, which the limit of a comment cuts by whole images.
_NO_LIMIT = 10**9
_DIGEST_LIMIT = 140
_ATTESTATION = "attestation"


def commands(copies: tuple[Copy, ...], access: Access, language: Language) -> tuple[str, ...]:
    if not copies:
        return ()
    login = login_line(access.registry or copies[0].target.registry, access.user)
    docker = docker_lines(copies, access)
    return (
        details(words.DOCKER_COMMANDS.say(language), _shell([login, *docker])),
        details(
            words.CTR_COMMANDS.say(language),
            _shell(ctr_lines(copies, access)),
            words.CTR_LOGIN.say(language),
        ),
    )


def outputs(
    succeeded: tuple[Succeeded, ...],
    services: tuple[Service, ...],
    access: Access,
    language: Language,
    *,
    sed: bool,
) -> tuple[str, ...]:
    """What is ready to use; empty ones say nothing. `sed` takes most of the room."""
    images = mirrored(succeeded, access.registry)
    written = (
        (words.SED, "sh", _sed(images, language) if sed else ""),
        (words.KUSTOMIZE, "yaml", kustomize_images(images, language)),
        (words.COMPOSE, "yaml", compose_override(images, services, language)),
        (words.HOSTS, "toml", _hosts(images, language)),
    )
    return tuple(
        details(summary.say(language), code_block(text, _NO_LIMIT, kind))
        for summary, kind, text in written
        if text
    )


def _sed(images: Sequence[Mirrored], language: Language) -> str:
    return "\n".join(line for line in (sed_line(images), *left_out(images, language)) if line)


def _hosts(images: Sequence[Mirrored], language: Language) -> str:
    """Nothing where no registry can have one."""
    files = hosts_files(images, language)
    texts = [file.text for file in files]
    missing = [comment(text) for text in hosts_left_out(images, language)]
    return "\n".join((*texts, *missing)) if files else ""


def digests(succeeded: tuple[Succeeded, ...], language: Language) -> str:
    head = (words.TARGET, words.DIGEST, words.SOURCE_DIGEST, words.MEDIA_TYPE)
    rows = (_digest_row(outcome) for outcome in succeeded)
    summary = words.DIGESTS.fill(count=str(len(succeeded)))
    return details(summary.say(language), table((text.say(language) for text in head), rows))


def replaced(succeeded: tuple[Succeeded, ...], language: Language) -> str:
    rows = [
        row(
            code_span(str(outcome.copy.target), REFERENCE_LIMIT),
            code_span(outcome.replaced, _DIGEST_LIMIT),
        )
        for outcome in succeeded
        if isinstance(outcome, Copied) and outcome.replaced
    ]
    head = (words.TARGET, words.HELD_BEFORE)
    summary = words.REPLACED.fill(count=str(len(rows)))
    return details(summary.say(language), table((text.say(language) for text in head), rows))


def dropped(succeeded: tuple[Succeeded, ...], language: Language) -> str:
    entries = [(outcome.copy, entry) for outcome in succeeded for entry in outcome.dropped]
    if not entries:
        return ""
    head = (words.SOURCE, words.ENTRY, words.REASON)
    rows = (_dropped_row(copy, entry, language) for copy, entry in entries)
    return details(
        words.DROPPED.fill(count=str(len(entries))).say(language),
        words.DROPPED_WHY.say(language),
        table((text.say(language) for text in head), rows),
    )


def _shell(lines: list[str]) -> str:
    return code_block("\n".join(lines), _NO_LIMIT, "sh")


def _digest_row(outcome: Succeeded) -> str:
    return row(
        code_span(str(outcome.copy.target), REFERENCE_LIMIT),
        code_span(outcome.content.digest, _DIGEST_LIMIT),
        _source_digest(outcome),
        code_span(outcome.content.media_type),
    )


def _source_digest(outcome: Succeeded) -> str:
    digest = outcome.source_digest
    return code_span(digest, _DIGEST_LIMIT) if digest else UNKNOWN


def _dropped_row(copy: Copy, entry: Dropped, language: Language) -> str:
    known = {_ATTESTATION: words.ATTESTATION}
    reason = known.get(entry.reason, Text("{reason}", "{reason}").fill(reason=entry.reason))
    return row(
        code_span(str(copy.source), REFERENCE_LIMIT),
        code_span(entry.digest, _DIGEST_LIMIT),
        reason.say(language, code_span),
    )
