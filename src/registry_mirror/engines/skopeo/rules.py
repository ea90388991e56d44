"""What skopeo's messages mean: two ordered tables, the first row that fits decides.

To teach it a new message, record it in tests/data/skopeo_stderr.json and add a row. What a
registry answered stands inside skopeo's own sentence, so sides are told by how a message begins,
which no registry can write.
"""

import re
from dataclasses import dataclass

from registry_mirror.errors import Code, Side
from registry_mirror.text import Text

NATIVE = Text(
    zh="skopeo 引擎做不到，native 引擎可以：设置 MIRROR_ENGINE=native（或 --engine native）；"
    "也可以用 --format source 原样复制，但目标得到的就不是 Docker V2 Schema 2",
    en="skopeo can't do this, the native engine can: set MIRROR_ENGINE=native (or --engine "
    "native); or copy it as it is with --format source, though not as Docker V2 Schema 2",
)
NATIVE_ONLY = Text(
    zh="skopeo 引擎做不到，native 引擎可以：设置 MIRROR_ENGINE=native（或 --engine native）",
    en="skopeo can't do this, the native engine can: set MIRROR_ENGINE=native (or --engine native)",
)
NATIVE_OR_ONE = Text(
    zh="只同步一个平台（去掉 --all，用 --platform）就能成功。要全部平台，需要 native 引擎："
    "设置 MIRROR_ENGINE=native（或 --engine native）；也可以用 --format source 原样复制",
    en="one platform alone (--platform instead of --all) works. All of them need the native "
    "engine: set MIRROR_ENGINE=native (or --engine native); or copy everything as it is with "
    "--format source",
)
TLS = Text(
    zh="证书不受信任：请维护者用 --ca-file（SSL_CERT_FILE）加入 CA；"
    "只支持 http 的仓库，把主机加到 INSECURE_HOSTS（--insecure）",
    en="ask a maintainer to add the registry's CA with --ca-file (SSL_CERT_FILE), or, where it "
    "speaks plain http only, its host to INSECURE_HOSTS (--insecure)",
)


@dataclass(frozen=True, slots=True)
class SideRule:
    pattern: re.Pattern[str]
    side: Side


@dataclass(frozen=True, slots=True)
class Rule:
    """`source` is the code where the source is to blame, `target` where the target is.

    A side without a code is one at which the row does not fit. Of a message whose side is unknown
    it fits where both codes are the same.
    """

    pattern: re.Pattern[str]
    source: Code | None
    target: Code | None
    hint: Text | None = None


def _rule(pattern: str, source: Code | None, target: Code | None, hint: Text | None = None) -> Rule:
    return Rule(re.compile(pattern), source, target, hint)


def _side(pattern: str, side: Side) -> SideRule:
    return SideRule(re.compile(pattern), side)


def _status(codes: str, before: str = "") -> str:
    """The ways of versions 1.9 to 1.22 to say that a registry answered with an HTTP status."""
    said = (
        r"StatusCode: |(?:invalid )?status code from registry |unexpected HTTP status: "
        r"|from destination repository \S{1,300}: "
    )
    return rf"{before}(?:{said})(?:{codes})\b"


_TOO_MANY = _status("429") + r"|toomanyrequests|too many requests to registry"
_START = r"^(?:copying (?:system image|image \d+/\d+) from manifest list: )?"
_LIST = r"^copying (?:system image|image \d+/\d+) from manifest list: "

SIDES: tuple[SideRule, ...] = (
    _side(
        _START
        + r'writing blob: (?:Patch|Put) "[^"]*": (?:readfrom tcp \S+: )?happened during read',
        Side.SOURCE,
    ),
    _side(
        _START + r'writing blob: Patch "[^"]*": net/http: HTTP/1\.x transport connection broken: '
        r"http: ContentLength=\d+ with Body length \d+$",
        Side.SOURCE,
    ),
    _side(
        _START + r"(?:trying to reuse blob|writing |[Uu]ploading |initializing destination"
        r"|creating destination|checking whether a blob|committing )",
        Side.TARGET,
    ),
    _side(
        _START + r"(?:initializing (?:image from )?source|reading |determining manifest MIME type"
        r"|choosing an image|creating an updated image manifest|encryption required"
        r"|Unexpectedly received|copying (?:system )?image|fetching |Error fetching "
        r"|Error retrieving manifest|Error parsing |Error reading |Error determining )",
        Side.SOURCE,
    ),
)

RULES: tuple[Rule, ...] = (
    # What a target refuses in words of its own, whatever the status.
    _rule(
        r"immutable|already exists in the .{1,300} cannot be overwritten", None, Code.TAG_IMMUTABLE
    ),
    _rule(
        r"exceed the configured upper limit|(?i:quota|storage limit)|reached the limit of"
        r"|507 Insufficient Storage",
        None,
        Code.QUOTA_EXCEEDED,
    ),
    _rule(r"unknown manifest class", None, Code.TARGET_REFUSES_FORMAT),
    _rule(r"due to configured policy", Code.SOURCE_DENIED, Code.TARGET_DENIED),
    # How much and how often.
    _rule(
        _TOO_MANY,
        Code.RATE_LIMITED,
        Code.RATE_LIMITED,
    ),
    _rule(
        _status("413") + r"|exceeded maximum allowed size|size invalid",
        Code.TOO_LARGE,
        Code.TOO_LARGE,
    ),
    # Statuses.
    _rule(
        r"initiating layer upload .*(?:: unsupported$|StatusCode: 405\b)", None, Code.TARGET_DENIED
    ),
    _rule(_status(r"5\d\d|408"), Code.SOURCE_UNAVAILABLE, Code.TARGET_UNAVAILABLE),
    _rule(_status("401|403|451"), Code.SOURCE_DENIED, Code.TARGET_DENIED),
    _rule(
        _status("404", r"pinging container registry \S{1,300}: "),
        Code.SOURCE_UNAVAILABLE,
        Code.TARGET_UNAVAILABLE,
    ),
    _rule(
        _status(
            "404", r"(?:reading (?:config(?:uration)? )?blob.{0,300}|from manifest list: .{0,900})"
        ),
        Code.BLOB_MISSING,
        None,
    ),
    _rule(_status("404"), Code.TAG_NOT_FOUND, Code.TARGET_NOT_FOUND),
    _rule(_status("405|406|415"), None, Code.TARGET_REFUSES_FORMAT),
    # The content of the source. Before the words of registries, which hold "unknown" and "denied".
    _rule(
        r"happened during read: Digest did not match|digest \S{1,200} does not match expected"
        r"|does not match provided manifest digest",
        Code.DIGEST_MISMATCH,
        None,
    ),
    _rule(r"http: ContentLength=\d+ with Body length \d+$", Code.BAD_MANIFEST, None),
    _rule(r"no image found in (?:image index|manifest list)", Code.PLATFORM_NOT_FOUND, None),
    _rule(
        _LIST + r".*(?:vnd\.in-toto\+json|vnd\.docker\.attestation\.manifest|vnd\.oci\.empty\.v1)",
        Code.ENGINE_UNSUPPORTED,
        None,
        NATIVE_OR_ONE,
    ),
    _rule(r"zstd compression is not", Code.ENGINE_UNSUPPORTED, None, NATIVE),
    _rule(
        r'unsupported docker v2s2 media type: "application/vnd\.(?:oci\.image\.'
        r'|docker\.image\.rootfs\.diff\.tar\.zstd")',
        Code.ENGINE_UNSUPPORTED,
        None,
        NATIVE_ONLY,
    ),
    _rule(r"unsupported schema version 2$", Code.ENGINE_UNSUPPORTED, None, NATIVE_ONLY),
    _rule(
        r"(?:during manifest conversion|v2s2 media type): "
        r'"application/vnd\.(?:in-toto|dev\.cosign|dev\.sigstore|cncf\.)',
        Code.NOT_AN_IMAGE,
        None,
    ),
    _rule(
        r"invalid mixed OCI image"
        r'|artifact with type "application/vnd\.docker\.container\.image\.v1',
        Code.BAD_MANIFEST,
        None,
    ),
    _rule(
        r"unsupported image-specific operation on artifact|Unexpectedly received a manifest list",
        Code.NOT_AN_IMAGE,
        None,
    ),
    _rule(
        r"Unknown media type during manifest conversion|unsupported docker v2s2 media type"
        r"|encryption required together",
        Code.UNSUPPORTED_LAYER,
        None,
    ),
    _rule(
        r"initializing image from source \S{1,600}: (?:invalid character|json: |unexpected end of "
        r"JSON|rejecting ambiguous|no FSLayers|parsing v2s1|unsupported schema version|.*v2s1)",
        Code.BAD_MANIFEST,
        None,
    ),
    # What is not there.
    _rule(
        _LIST + r".*manifest unknown|reading (?:config(?:uration)? )?blob.*blob unknown",
        Code.BLOB_MISSING,
        None,
    ),
    _rule(
        r"manifest unknown|artifact \S{1,300} not found",
        Code.TAG_NOT_FOUND,
        Code.TARGET_NOT_FOUND,
    ),
    _rule(
        r"name unknown|repository name not known"
        r"|(?:project|namespace|repository)\b.{0,200}\b(?:not found|not exist)",
        Code.REPOSITORY_NOT_FOUND,
        Code.TARGET_NOT_FOUND,
    ),
    _rule(r"no Location header in response", None, Code.TARGET_NOT_FOUND),
    # What registries say in the words of the distribution specification.
    _rule(
        r"manifest invalid|uploading manifest .*: unsupported\b|tag invalid",
        None,
        Code.TARGET_REFUSES_FORMAT,
    ),
    _rule(r"digest invalid|provided digest did not match", None, Code.TARGET_MISMATCH),
    _rule(r"blob (?:upload )?(?:unknown|invalid)", Code.BLOB_MISSING, Code.TARGET_UNAVAILABLE),
    _rule(
        r"unauthorized|authentication required|\bdenied\b|invalid username/password"
        r"|no basic auth credentials",
        Code.SOURCE_DENIED,
        Code.TARGET_DENIED,
    ),
    # Time, then the network.
    _rule(r"context deadline exceeded", Code.TIMEOUT, Code.TIMEOUT),
    _rule(
        r"x509: |tls: |server gave HTTP response to HTTPS client",
        Code.SOURCE_UNAVAILABLE,
        Code.TARGET_UNAVAILABLE,
        TLS,
    ),
    _rule(
        r"dial (?:tcp|udp)|\bEOF\b|connection reset|broken pipe|i/o timeout|no such host"
        r"|server misbehaving|network is unreachable|no route to host|timeout awaiting"
        r"|TLS handshake timeout|transport connection broken|closed network connection"
        r"|malformed HTTP|decoding bearer token|invalid character",
        Code.SOURCE_UNAVAILABLE,
        Code.TARGET_UNAVAILABLE,
    ),
)

_LOGGING_IN = (
    r"(?:initializing source|Error parsing image name|fetching manifest \S{1,300} in"
    r"|^trying to reuse blob \S{1,200} at) \S{1,600}: too many requests to registry$"
)

PASSING = re.compile(
    _status(r"5\d\d|408") + rf"|[Uu]ploading (?:manifest|layer) .*(?:{_TOO_MANY})|{_LOGGING_IN}"
)
"""Trouble that passes, and that skopeo may have left to us.

Its own --retry-times is for lost connections: 1.9.3 gives up at the first 500 or 503. A 429 it
waits out by itself, five tries long, except where the request has a body or asks for a token.
"""
