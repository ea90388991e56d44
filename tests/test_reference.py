"""The grammar of distribution/reference, rule by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.oci.reference import (
    InvalidReferenceError,
    NameTooLongError,
    Reference,
    UppercaseNameError,
)

HEX = "0123456789abcdef" * 4
SHA256 = f"sha256:{HEX}"
SHA384 = f"sha384:{HEX}{HEX[:32]}"
SHA512 = f"sha512:{HEX}{HEX}"

# What is written, then registry, repository, tag and digest.
RIGHT = [
    ("nginx", "docker.io", "library/nginx", None, None),
    ("nginx:1.27", "docker.io", "library/nginx", "1.27", None),
    ("library/nginx:1.27", "docker.io", "library/nginx", "1.27", None),
    ("bitnami/redis:7", "docker.io", "bitnami/redis", "7", None),
    ("a/b/c:1", "docker.io", "a/b/c", "1", None),
    ("docker.io/nginx:1", "docker.io", "library/nginx", "1", None),
    ("docker.io/library/nginx:1", "docker.io", "library/nginx", "1", None),
    ("docker.io/a/b:1", "docker.io", "a/b", "1", None),
    ("index.docker.io/nginx:1", "docker.io", "library/nginx", "1", None),
    ("index.docker.io/a/b:1", "docker.io", "a/b", "1", None),
    ("registry-1.docker.io/nginx:1", "registry-1.docker.io", "nginx", "1", None),
    ("quay.io/x/y:1", "quay.io", "x/y", "1", None),
    ("gcr.io/google-containers/pause:3.9", "gcr.io", "google-containers/pause", "3.9", None),
    ("b.gcr.io/test.example.com/app:a.b", "b.gcr.io", "test.example.com/app", "a.b", None),
    ("xn--n3h.com/app:1", "xn--n3h.com", "app", "1", None),
    # A host without dot, colon or uppercase is a part of Docker Hub's path, but for localhost.
    ("localhost/x:1", "localhost", "x", "1", None),
    ("localhost:5000/x", "localhost:5000", "x", None, None),
    ("localhost:5000", "docker.io", "library/localhost", "5000", None),
    ("host/x:1", "docker.io", "host/x", "1", None),
    ("host:5000/x:1", "host:5000", "x", "1", None),
    ("host:0123456789/x", "host:0123456789", "x", None, None),
    ("HOST/x:1", "HOST", "x", "1", None),
    ("Registry.Example.com:443/x:1", "Registry.Example.com:443", "x", "1", None),
    ("Docker.io/nginx:1", "Docker.io", "nginx", "1", None),
    ("example.com:5000", "docker.io", "library/example.com", "5000", None),
    ("192.168.1.1:5000/x:5050", "192.168.1.1:5000", "x", "5050", None),
    ("192.168.1.1:5000", "docker.io", "library/192.168.1.1", "5000", None),
    ("a--b.example/x", "a--b.example", "x", None, None),
    ("[2001:db8::1]/x", "[2001:db8::1]", "x", None, None),
    ("[2001:DB8::1]:5000/x:1", "[2001:DB8::1]:5000", "x", "1", None),
    ("[::1]:5000/x:1", "[::1]:5000", "x", "1", None),
    ("[2001:db8:1:2:3:4:5:6]/x/y", "[2001:db8:1:2:3:4:5:6]", "x/y", None, None),
    # Separators.
    ("a.b/c:1", "a.b", "c", "1", None),
    ("x/a.b_c__d-e--f---g:1", "docker.io", "x/a.b_c__d-e--f---g", "1", None),
    ("foo/foo_bar.com:8080", "docker.io", "foo/foo_bar.com", "8080", None),
    # Tags.
    ("x:_", "docker.io", "library/x", "_", None),
    ("x:A.b-C_", "docker.io", "library/x", "A.b-C_", None),
    (f"x:{'t' * 128}", "docker.io", "library/x", "t" * 128, None),
    # Digests.
    (f"x@{SHA256}", "docker.io", "library/x", None, SHA256),
    (f"x:1@{SHA256}", "docker.io", "library/x", "1", SHA256),
    (f"host:5000/x:1@{SHA384}", "host:5000", "x", "1", SHA384),
    (f"host:5000/x:1@{SHA512}", "host:5000", "x", "1", SHA512),
    # 64 hex digits are an image's id only when they stand alone.
    (f"{HEX}:1", "docker.io", f"library/{HEX}", "1", None),
    (f"library/{HEX}", "docker.io", f"library/{HEX}", None, None),
    (HEX[:63], "docker.io", f"library/{HEX[:63]}", None, None),
    # The repository's length counts `library/` and not the domain.
    ("a" * 247, "docker.io", "library/" + "a" * 247, None, None),
    (f"example.com/{'a' * 255}:1", "example.com", "a" * 255, "1", None),
    (f"example.com/{'a/' * 127}a:1", "example.com", "a/" * 127 + "a", "1", None),
]


@pytest.mark.parametrize(("text", "registry", "repository", "tag", "digest"), RIGHT)
def test_what_the_grammar_accepts(
    text: str, registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    read = Reference.parse(text)
    assert (read.registry, read.repository, read.tag, read.digest) == (
        registry,
        repository,
        tag,
        digest,
    )
    assert Reference.parse(str(read)) == read


WRONG = [
    "",
    " ",
    "x ",
    " x",
    "x\n",
    ":1",
    "x:",
    "/x",
    "x/",
    "a//b",
    "a/./b",
    f"@{SHA256}",
    "x@",
    HEX,
    # Separators neither begin nor end a component, nor stand beside another kind.
    "-x",
    "x-",
    ".x",
    "x.",
    "_x/y",
    "x/y_",
    "a..b",
    "a___b",
    "a._b",
    "a-_b",
    # Hosts.
    "host:/x",
    "host:port/x",
    "host:5000:1/x",
    "-host.com/x",
    "host-.com/x",
    ".com/x",
    "foo_bar.com/x:1",
    "[::1]",
    "[::1]:5000",
    "[::1]:tag",
    "[]/x",
    "[0]/x",
    "[fe80::1%eth0]/x",
    "[::ffff:1.2.3.4]/x",
    "[::g]/x",
    "::1/x",
    "http://example.com/x",
    "user:secret@example.com/x",
    # Tags.
    "x:.a",
    "x:-a",
    "x:a b",
    "x:a:b",
    "x:a/b",
    "x:a+b",
    f"x:{'t' * 129}",
    # Digests: unknown algorithms can't be checked, and a length or case may be wrong.
    f"x@{HEX}",
    f"x@sha256:{HEX[:63]}",
    f"x@sha256:{HEX}0",
    f"x@sha256:{HEX.upper()}",
    f"x@SHA256:{HEX}",
    f"x@sha512:{HEX}",
    f"x@md5:{HEX[:32]}",
    f"x@sha256+b64:{HEX}",
    f"x@{SHA256}:1",
    f"x@{SHA256}@{SHA256}",
    # Other alphabets and look-alikes.
    "nginx：1",
    "ngіnx:1",
    "x:１",
    "\u212a8s/x:1",
    "镜像:1",
    "aa/asdf$$^/aa",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_the_grammar_refuses(text: str) -> None:
    with pytest.raises(InvalidReferenceError):
        Reference.parse(text)


@pytest.mark.parametrize("text", ["Nginx:1", "a/B:1", "example.com/X", "host:5000/Up/low:1"])
def test_uppercase_names_are_told_apart(text: str) -> None:
    with pytest.raises(UppercaseNameError):
        Reference.parse(text)


@pytest.mark.parametrize("text", ["x:A B", "Ngіnx:1", "\u212a8s:1"])
def test_uppercase_is_not_blamed_for_something_else(text: str) -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        Reference.parse(text)
    assert not isinstance(caught.value, UppercaseNameError)


@pytest.mark.parametrize("text", ["a" * 248, f"example.com/{'a' * 256}:1", "a/" * 128 + "a:1"])
def test_long_names_are_told_apart(text: str) -> None:
    with pytest.raises(NameTooLongError):
        Reference.parse(text)


_HOST = (
    r"([A-Za-z0-9]([A-Za-z0-9-]{0,5}[A-Za-z0-9])?\.){0,3}[a-z]{1,3}"
    r"|\[[a-fA-F0-9:]{0,4}:[a-fA-F0-9]{0,4}\]"
)
# A dot in the first component would make a host of it.
_PATH = r"[a-z0-9]{1,4}((__?|-{1,3})[a-z0-9]{1,4}){0,3}(/[a-z0-9]{1,4}([._][a-z0-9]{1,4})?){0,3}"
REFERENCES = st.builds(
    lambda host, path, tag, digest: host + path + tag + digest,
    st.from_regex(rf"(({_HOST})(:[0-9]{{1,5}})?/)?", fullmatch=True),
    st.from_regex(_PATH, fullmatch=True),
    st.from_regex(r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,9})?", fullmatch=True),
    st.sampled_from(["", f"@{SHA256}", f"@{SHA512}"]),
)


@given(REFERENCES)
def test_a_written_reference_reads_as_itself(text: str) -> None:
    read = Reference.parse(text)
    assert Reference.parse(str(read)) == read


@given(st.text())
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    try:
        read = Reference.parse(text)
    except InvalidReferenceError:
        return
    assert Reference.parse(str(read)) == read
