"""The main job on real images, with two registries that live as long as the command."""

import asyncio
import functools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from registry_mirror.config import Needs, Settings, read_settings
from registry_mirror.embedded.images import build_image, build_index, build_layer
from registry_mirror.embedded.server import EmbeddedRegistry
from registry_mirror.engines import Observer
from registry_mirror.exits import Exit
from registry_mirror.mirror import mirror
from registry_mirror.oci.platform import Platform
from registry_mirror.outcome import Copied, Failed, Outcome, Unchanged
from registry_mirror.output import Output
from registry_mirror.plan import Plan
from registry_mirror.report import Report
from registry_mirror.report.markdown import report_comment
from registry_mirror.report.terminal import PlainProgress
from registry_mirror.request.body import read_body

NAMESPACE = "my-mirrors"

_ISSUE = """### 镜像列表 / Images

```text
{host}/demo/web:1.0
{host}/demo/worker:1.0
{host}/demo/tool:2.0 --all
{host}/demo/web:9.9
```

### 平台 / Platform

_No response_

### 选项 / Options

- [ ] Sync all architectures（同步所有架构）
"""
_EXPECTED = (Copied, Copied, Copied, Failed)
_EXPECTED_AGAIN = (Unchanged, Unchanged, Unchanged, Failed)

# The settings that the demo makes its own; the rest of the environment is left as it is.
_KEPT = ("PATH", "HOME", "TMPDIR", "REPORT_LANGUAGE")


async def run_demo(values: Mapping[str, str], output: Output, stop: asyncio.Event) -> Exit:
    """Raises ConfigurationInvalidError where the engine can't be used here."""
    async with EmbeddedRegistry() as source, EmbeddedRegistry() as target:
        fill(source)
        settings = _settings(values, target)
        body = _ISSUE.format(host=source.host)
        _show(output, "The issue", body)
        first = await _mirror(body, settings, output, stop)
        _show(output, "The target now holds", _content_of(target))
        again = await _mirror(body, settings, output, stop)
    if stop.is_set():
        return Exit.INTERRUPTED
    expected = _ended(first, _EXPECTED) and _ended(again, _EXPECTED_AGAIN)
    return Exit.DONE if expected else Exit.SOME_FAILED


def fill(registry: EmbeddedRegistry) -> None:
    """Two images on one base layer, and a tool for two platforms."""
    base = build_layer({"bin/sh": b"#!", "etc/os-release": b"ID=demo\n" * 5000})
    web = build_layer({"srv/index.html": b"<h1>It works</h1>\n"})
    worker = build_layer({"srv/worker.py": b"print('working')\n"})
    registry.put("demo/web", "1.0", build_image([base, web]))
    registry.put("demo/worker", "1.0", build_image([base, worker]))
    tools = [
        build_image([base, build_layer({"bin/tool": machine.encode()})], Platform("linux", machine))
        for machine in ("amd64", "arm64")
    ]
    registry.put("demo/tool", "2.0", build_index(tools))


async def _mirror(body: str, settings: Settings, output: Output, stop: asyncio.Event) -> Report:
    report = await mirror(read_body(body), settings, functools.partial(_watch, output), stop)
    comment = report_comment(report, language=settings.language)
    _show(output, "The comment that would be posted", comment)
    return report


@asynccontextmanager
async def _watch(output: Output, plan: Plan) -> AsyncIterator[Observer]:
    yield PlainProgress(plan, output.say)


def _settings(values: Mapping[str, str], target: EmbeddedRegistry) -> Settings:
    kept = {name: values[name] for name in _KEPT if name in values}
    asked = {"TARGET_REGISTRY": target.host, "TARGET_NAMESPACE": NAMESPACE}
    return read_settings(kept | asked, needs=Needs.TARGET)


def _content_of(registry: EmbeddedRegistry) -> str:
    return "\n".join(
        f"{registry.host}/{repository}:{tag}  {found[0]}"
        for repository in registry.repositories()
        for tag in registry.tags(repository)
        if (found := registry.manifest(repository, tag))
    )


def _ended(report: Report, expected: tuple[type[Outcome], ...]) -> bool:
    return tuple(type(outcome) for outcome in report.outcomes) == expected


def _show(output: Output, title: str, text: str) -> None:
    for line in ("", f"──── {title} ────", "", *text.splitlines()):
        output.say(line)
