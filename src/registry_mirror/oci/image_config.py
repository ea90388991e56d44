"""An image's config as OCI writes it: what skopeo makes of Docker's for `--format oci`.

Docker's own members are dropped; the rest is written as image-spec 1.1 orders it.
"""

import re
from datetime import date

from registry_mirror.oci.canonical import Members, Value, encode, platform, some
from registry_mirror.oci.json import InvalidJSONError, Object, parse_object
from registry_mirror.oci.manifest import PlatformDetails

_TIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?P<fraction>\.[0-9]+)?(?P<zone>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_NANOSECONDS = 9
"""Digits of a second's fraction that are kept."""


class InvalidConfigError(ValueError):
    pass


def oci_config(content: bytes) -> bytes:
    """Raises InvalidConfigError."""
    try:
        return encode(_image(parse_object(content)))
    except InvalidJSONError as error:
        raise InvalidConfigError(str(error)) from error


def _image(body: Object) -> Members:
    details = PlatformDetails(
        body.text("architecture"),
        body.text("os"),
        body.text("os.version"),
        body.texts("os.features"),
        body.text("variant"),
    )
    return {
        **_created(body),
        **some("author", body.text("author")),
        **platform(details),
        "config": _settings(body.nested("config") or Object()),
        "rootfs": _rootfs(body.nested("rootfs") or Object()),
        **some("history", [_history(step) for step in body.objects("history")]),
    }


def _settings(body: Object) -> Members:
    return {
        **some("User", body.text("User")),
        **some("ExposedPorts", _set(body, "ExposedPorts")),
        **some("Env", body.texts("Env")),
        **some("Entrypoint", body.texts("Entrypoint")),
        **some("Cmd", body.texts("Cmd")),
        **some("Volumes", _set(body, "Volumes")),
        **some("WorkingDir", body.text("WorkingDir")),
        **some("Labels", dict(body.text_map("Labels"))),
        **some("StopSignal", body.text("StopSignal")),
        **some("ArgsEscaped", body.flag("ArgsEscaped")),
    }


def _rootfs(body: Object) -> Members:
    diff_ids: Value = body.texts("diff_ids") if body.has("diff_ids") else None
    return {"type": body.text("type"), "diff_ids": diff_ids}


def _history(body: Object) -> Members:
    return {
        **_created(body),
        **some("created_by", body.text("created_by")),
        **some("author", body.text("author")),
        **some("comment", body.text("comment")),
        **some("empty_layer", body.flag("empty_layer")),
    }


def _set(body: Object, key: str) -> Members:
    return {name: {} for name in body.keys(key)}


def _created(body: Object) -> Members:
    return some("created", _time(body.text("created"))) if body.has("created") else {}


def _time(text: str) -> str:
    """A time as Go writes it again: no zeros at the end of the fraction, UTC as `Z`."""
    match = _TIME.fullmatch(text)
    if not match or not _is_date(match["date"]):
        raise InvalidConfigError("created is no time")
    fraction = (match["fraction"] or "")[: _NANOSECONDS + 1].rstrip("0").rstrip(".")
    zone = "Z" if match["zone"] in ("+00:00", "-00:00") else match["zone"]
    return text[: len("2006-01-02T15:04:05")] + fraction + zone


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
