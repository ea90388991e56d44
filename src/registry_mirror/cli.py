"""The command line: parse, call, print, exit."""

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NoReturn

import click

from registry_mirror import __version__, commands, stopping
from registry_mirror import config as cfg
from registry_mirror.cli_types import (
    host,
    json_file,
    outputs_folder,
    platform,
    registry,
    target,
    text_of,
)
from registry_mirror.doctor.command import run_doctor
from registry_mirror.engines import EngineName
from registry_mirror.errors import ConfigurationInvalidError, RequestInvalidError
from registry_mirror.exits import Exit
from registry_mirror.naming import Naming, Target
from registry_mirror.output import Output, outlast_readers
from registry_mirror.plan import Format
from registry_mirror.request.listing import read_arguments


def _values(choices: type[StrEnum]) -> list[str]:
    return [choice.value for choice in choices]


_json_option = click.option(
    "--json",
    type=json_file,
    metavar="FILE|-",
    help="Write the report as JSON; - is standard output.",
)
_LIST_HELP = "A list, one image a line, a manifest, or an issue's body; - is standard input."


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="registry-mirror")
def cli() -> None:
    """Mirror container images into a registry of your own, as Docker V2 Schema 2."""


@cli.command()
@click.argument("images", nargs=-1, metavar="[IMAGE]...")
@click.option("-f", "--file", type=click.File("rb"), help=_LIST_HELP)
@click.option("--to", type=target, metavar="HOST/NS", help="Where the images go.")
@click.option("--all", "every", is_flag=True, help="Every platform of an index.")
@click.option(
    "--platform", "platforms", type=platform, multiple=True, help="One: that image. Repeat: a list."
)
@click.option("--format", "MIRROR_FORMAT", type=click.Choice(_values(Format)))
@click.option("--engine", "MIRROR_ENGINE", type=click.Choice(_values(EngineName)))
@click.option("--parallel", "MAX_PARALLEL", type=click.IntRange(*cfg.MAX_PARALLEL))
@click.option("--connections", "MAX_CONNECTIONS", type=click.IntRange(*cfg.MAX_CONNECTIONS))
@click.option("--retries", "MAX_RETRIES", type=click.IntRange(*cfg.MAX_RETRIES))
@click.option(
    "--timeout",
    "IMAGE_TIMEOUT",
    type=click.IntRange(*cfg.IMAGE_TIMEOUT),
    help="Seconds for one image.",
)
@click.option(
    "--insecure",
    type=host,
    multiple=True,
    metavar="HOST",
    help="Speak plain http to this host, or don't verify its certificate.",
)
@click.option("--ca-file", "SSL_CERT_FILE", type=click.Path(exists=True, dir_okay=False))
@click.option("--naming", "NAMING", type=click.Choice(_values(Naming)))
@click.option("--max-images", "MAX_IMAGES", type=click.IntRange(*cfg.MAX_IMAGES))
@click.option("--dry-run", is_flag=True, help="Show the plan and copy nothing.")
@_json_option
@click.option(
    "--outputs",
    type=outputs_folder,
    metavar="DIR",
    help="Write hosts.toml, kustomization.yaml, replace.sed and more for what was mirrored.",
)
@click.option("--no-progress", is_flag=True, help="The report alone.")
def sync(  # noqa: PLR0913, PLR0917 - one parameter per option
    images: tuple[str, ...],
    file: BinaryIO | None,
    to: Target | None,
    every: bool,  # noqa: FBT001
    platforms: tuple[str, ...],
    insecure: tuple[str, ...],
    dry_run: bool,  # noqa: FBT001
    json: str | None,
    outputs: Path | None,
    no_progress: bool,  # noqa: FBT001
    **settings: str | int | None,
) -> None:
    """Mirror images: named here, or listed in a file.

    Every option has a setting of the same meaning in the environment; see README.
    """
    if bool(images) == bool(file):
        raise click.UsageError("Name images, or a file with -f, and not both.")
    if every and platforms:
        raise click.UsageError("--all excludes --platform.")
    if dry_run and outputs:
        raise click.UsageError("--dry-run mirrors nothing that --outputs could be of.")
    overrides = {name: str(value) for name, value in settings.items() if value is not None}
    overrides |= _target_settings(to) | _selection_settings(platforms, every=every)
    if insecure:
        overrides["INSECURE_HOSTS"] = ",".join(insecure)
    output = Output(json)
    show = commands.Show(dry_run=dry_run, progress=not no_progress, outputs=outputs)

    request = commands.read_request(text_of(file)) if file else read_arguments(images)

    async def run(stop: asyncio.Event) -> Exit:
        values = cfg.process_environment() | overrides
        read = cfg.read_settings(values, needs=cfg.Needs.TARGET)
        return await commands.sync(request, read, show, output, stop)

    _exit_with(run, output)


@cli.command()
@click.option("-f", "--file", type=click.File("rb"), default="-", help=_LIST_HELP)
def check(file: BinaryIO) -> None:
    """Check a list and print what each image will be called. Nothing is copied."""
    output = Output()
    request = commands.read_request(text_of(file))

    async def run(_: asyncio.Event) -> Exit:
        settings = cfg.read_settings(cfg.process_environment(), needs=cfg.Needs.NAMES)
        return commands.check(request, settings, output)

    _exit_with(run, output)


@cli.command()
@_json_option
def issue(json: str | None) -> None:
    """Answer the GitHub issue that this workflow run is for."""
    output = Output(json)

    async def run(stop: asyncio.Event) -> Exit:
        return await commands.issue(cfg.process_environment(), output, stop)

    _exit_with(run, output)


@cli.command()
@click.option(
    "--source",
    "sources",
    type=registry,
    multiple=True,
    metavar="HOST",
    help="Try this source registry in place of the well-known ones. Repeat for more.",
)
@_json_option
def doctor(sources: tuple[str, ...], json: str | None) -> None:
    """Look for what is wrong with the settings, the target and the repository.

    No blob, manifest or tag stays at the target. Exit code 3: something has to be put right.
    """
    output = Output(json)

    async def run(stop: asyncio.Event) -> Exit:
        return await run_doctor(cfg.process_environment(), sources, output, stop)

    _exit_with(run, output)


@cli.command()
def demo() -> None:
    """Mirror images between two registries that live as long as this command."""
    from registry_mirror.demo import run_demo  # noqa: PLC0415 - a server that nobody else needs

    output = Output()

    async def run(stop: asyncio.Event) -> Exit:
        return await run_demo(cfg.process_environment(), output, stop)

    _exit_with(run, output)


def main() -> None:
    outlast_readers()
    cli(prog_name="registry-mirror")


def _target_settings(to: Target | None) -> dict[str, str]:
    return {"TARGET_REGISTRY": to.registry, "TARGET_NAMESPACE": to.namespace} if to else {}


def _selection_settings(platforms: tuple[str, ...], *, every: bool) -> dict[str, str]:
    """Either option replaces both settings, for each excludes the other."""
    if not every and not platforms:
        return {}
    return {"MIRROR_ALL": "true" if every else "", "MIRROR_PLATFORMS": ",".join(platforms)}


def _exit_with(run: Callable[[asyncio.Event], Awaitable[Exit]], output: Output) -> NoReturn:
    try:
        sys.exit(asyncio.run(_until_done(run)))
    except RequestInvalidError as error:
        commands.tell_problems(error, output)
        sys.exit(Exit.REQUEST_INVALID)
    except ConfigurationInvalidError as error:
        commands.tell_problems(error, output)
        sys.exit(Exit.CONFIGURATION_INVALID)
    except Exception:  # noqa: BLE001 - told in full, then the run ends
        for line in traceback.format_exc().splitlines():
            output.complain(line)
        sys.exit(Exit.BUG)


async def _until_done(run: Callable[[asyncio.Event], Awaitable[Exit]]) -> Exit:
    """A signal asks to stop; what ran until then is still reported.

    Lists are read before, for a loop doesn't hear of a signal while a read blocks it.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in stopping.signals():
        loop.add_signal_handler(number, stop.set)
    return await run(stop)
