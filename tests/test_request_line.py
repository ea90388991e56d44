"""A line of a list: what is read, what is refused, and what is offered instead."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_mirror.errors import Problem
from registry_mirror.oci.platform import EveryPlatform, OnlyPlatforms, Platform, Selection
from registry_mirror.request import Item, TargetName
from registry_mirror.request.line import read_line
from registry_mirror.text import Language

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"
AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")


def item_of(line: str) -> Item:
    read = read_line(line, 7)
    assert isinstance(read, Item), read
    return read


def problems_of(line: str) -> tuple[Problem, ...]:
    read = read_line(line, 7)
    assert isinstance(read, tuple), read
    return read


@pytest.mark.parametrize(
    "line", ["", " ", "\t", "\u3000", "\ufeff", "#", "# nginx:1", "  # x", "#nginx", "\u200b# x"]
)
def test_blank_lines_and_comments_say_nothing(line: str) -> None:
    assert read_line(line, 1) is None


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        (f"nginx:1.27@{DIGEST}", f"docker.io/library/nginx:1.27@{DIGEST}"),
        ("k8s.gcr.io/pause:3.9", "k8s.gcr.io/pause:3.9"),
        ("localhost:5000/x:1", "localhost:5000/x:1"),
        ("[::1]:5000/x:1", "[::1]:5000/x:1"),
        ("test:5000/repo:tag", "test:5000/repo:tag"),
        ("nginx:1.27 # the web", "docker.io/library/nginx:1.27"),
        ("nginx:1.27 #", "docker.io/library/nginx:1.27"),
        # Nobody sees these, so nobody means them.
        ("  nginx:1.27\t", "docker.io/library/nginx:1.27"),
        ("\ufeffnginx:1.27\u00a0", "docker.io/library/nginx:1.27"),
        ("\u3000nginx:1.27\u3000", "docker.io/library/nginx:1.27"),
        ("ngi\u200bnx:1\u200d.27\u2060", "docker.io/library/nginx:1.27"),
    ],
)
def test_images(line: str, source: str) -> None:
    item = item_of(line)
    assert str(item.source) == source
    assert (item.line, item.text, item.selection, item.target) == (7, line, None, None)


@pytest.mark.parametrize(
    ("options", "selection", "target"),
    [
        ("--all", EveryPlatform(), None),
        ("  --all  ", EveryPlatform(), None),
        ("\t--all", EveryPlatform(), None),
        ("\u00a0--all", EveryPlatform(), None),
        ("--platform linux/arm64", OnlyPlatforms((ARM64,)), None),
        ("--platform=linux/arm64", OnlyPlatforms((ARM64,)), None),
        ("--platform linux/amd64,linux/arm64", OnlyPlatforms((AMD64, ARM64)), None),
        ("--platform linux/amd64,linux/amd64", OnlyPlatforms((AMD64,)), None),
        ("--platform linux/arm/v7", OnlyPlatforms((Platform("linux", "arm", "v7"),)), None),
        ("--platform linux/sparc64", OnlyPlatforms((Platform("linux", "sparc64"),)), None),
        ("--as web", None, TargetName("web", "1.27")),
        ("--as=team/web:2", None, TargetName("team/web", "2")),
        ("--all --as web", EveryPlatform(), TargetName("web", "1.27")),
        ("--as web --all", EveryPlatform(), TargetName("web", "1.27")),
    ],
)
def test_options(options: str, selection: Selection | None, target: TargetName | None) -> None:
    item = item_of(f"nginx:1.27 {options}")
    assert (item.selection, item.target) == (selection, target)


# What is pasted, and the line that is offered for it.
PASTED = [
    ("docker pull nginx:1.27", "nginx:1.27"),
    ("  docker  pull  nginx:1.27", "nginx:1.27"),
    ("$ sudo docker pull nginx:1.27", "nginx:1.27"),
    ("root@node1:~# docker pull nginx:1.27", "nginx:1.27"),
    ("docker pull --platform=linux/arm64 nginx:1.27", "nginx:1.27 --platform linux/arm64"),
    ("docker pull --platform linux/arm64 nginx:1.27", "nginx:1.27 --platform linux/arm64"),
    ("docker image pull -q nginx:1.27", "nginx:1.27"),
    ("docker run -d -p 80:80 --name web nginx:1.27", "nginx:1.27"),
    ("ctr -n k8s.io images pull registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9"),
    ("ctr i pull --all-platforms quay.io/x/y:1", "quay.io/x/y:1 --all"),
    ("crictl pull quay.io/x/y:1", "quay.io/x/y:1"),
    ("podman pull docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27"),
    ("nerdctl -n k8s.io pull nginx:1.27", "nginx:1.27"),
    ("skopeo copy docker://nginx:1.27 docker://example.com/ns/nginx:1.27", "nginx:1.27"),
    ("skopeo copy --all docker://nginx:1.27 dir:/tmp/x", "nginx:1.27 --all"),
    ("FROM golang:1.22 AS build", "golang:1.22"),
    ("kubectl run x --image=nginx:1.27", "nginx:1.27"),
    ("kubectl run x --image nginx:1.27 --port 80", "nginx:1.27"),
    ("docker://nginx:1.27", "nginx:1.27"),
    ("https://gcr.io/google-containers/pause:3.9", "gcr.io/google-containers/pause:3.9"),
    ("http://registry.example.com:5000/x:1", "registry.example.com:5000/x:1"),
    ("hub.docker.com/r/bitnami/redis:7", "bitnami/redis:7"),
    ("https://hub.docker.com/layers/library/nginx/1.27/images/sha256-a", "nginx:1.27"),
    ("https://github.com/orgs/o/packages/container/p:1", "ghcr.io/o/p:1"),
    ("nginx:1.27,", "nginx:1.27"),
    ("nginx:1.27;", "nginx:1.27"),
    ("nginx:1.27、", "nginx:1.27"),
    ("nginx:1.27，", "nginx:1.27"),
    ("nginx:1.27；", "nginx:1.27"),
    ("nginx：1.27", "nginx:1.27"),
    ("ｎｇｉｎｘ：１．２７", "nginx:1.27"),
    ("nginx:1.27\u3000--all", "nginx:1.27 --all"),
    ("nginx:1.27 —all", "nginx:1.27 --all"),
    ("nginx:1.27 －－platform linux/arm64", "nginx:1.27 --platform linux/arm64"),
    ("“nginx:1.27”", "nginx:1.27"),
    ("「nginx:1.27」", "nginx:1.27"),
    ('"nginx:1.27"', "nginx:1.27"),
    ('"nginx:1.27",', "nginx:1.27"),
    ("'nginx:1.27'", "nginx:1.27"),
    ("`nginx:1.27`", "nginx:1.27"),
    ("```nginx:1.27```", "nginx:1.27"),
    ("**nginx:1.27**", "nginx:1.27"),
    ('["nginx:1.27"]', "nginx:1.27"),
    ("- nginx:1.27", "nginx:1.27"),
    ("* nginx:1.27", "nginx:1.27"),
    ("+ `nginx:1.27`", "nginx:1.27"),
    ("• nginx:1.27", "nginx:1.27"),
    ("> nginx:1.27", "nginx:1.27"),
    ("- [ ] nginx:1.27", "nginx:1.27"),
    ("1. nginx:1.27", "nginx:1.27"),
    ("12) nginx:1.27", "nginx:1.27"),
    ("1、nginx:1.27", "nginx:1.27"),
    ("（1）nginx:1.27", "nginx:1.27"),
    ("1. `docker pull nginx:1.27`,", "nginx:1.27"),
    ("image: nginx:1.27", "nginx:1.27"),
    ('- image: "nginx:1.27"', "nginx:1.27"),
    ("镜像：nginx:1.27", "nginx:1.27"),
    ("-nginx:1.27", "nginx:1.27"),
    ("--all nginx:1.27", "nginx:1.27 --all"),
    ("--platform linux/arm64 nginx:1.27", "nginx:1.27 --platform linux/arm64"),
    ("nginx : 1.27", "nginx:1.27"),
    ("nginx 1.27", "nginx:1.27"),
    ("nginx latest", "nginx:latest"),
    ("quay.io/x/y: v1", "quay.io/x/y:v1"),
    ("nginx:1.27 -> example.com/my/web:1", "nginx:1.27 --as web:1"),
    ("NGINX:1.27-Alpine", "nginx:1.27-Alpine"),
    ("quay.io/Prometheus/x:V1 --all", "quay.io/prometheus/x:V1 --all"),
    ("nginx:1.27 --platform linux/amd64, linux/arm64",
     "nginx:1.27 --platform linux/amd64,linux/arm64"),
    ("请同步 nginx:1.27", "nginx:1.27"),
    ("nginx:1.27（最新）", "nginx:1.27"),
    ("user:pass@registry.example.com/x:1", "registry.example.com/x:1"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "offered"), PASTED)
def test_what_is_pasted_is_refused_with_the_right_line(line: str, offered: str) -> None:
    (problem,) = problems_of(line)
    assert problem.code == "bad-reference"
    assert problem.line == 7
    assert dict(problem.hint.values)["line"] == offered
    assert offered in problem.hint.say(Language.ZH)
    item_of(offered)


@pytest.mark.parametrize(
    ("line", "code", "offered"),
    [
        ("nginx", "missing-tag", "nginx:latest"),
        ("nginx:", "missing-tag", "nginx:latest"),
        ("nginx --all", "missing-tag", "nginx:latest --all"),
        ("localhost:5000/x", "missing-tag", "localhost:5000/x:latest"),
        (f"nginx@{DIGEST}", "missing-tag", f"nginx:0123456789ab@{DIGEST}"),
        ("NGINX", "bad-reference", "nginx:latest"),
        ("docker pull nginx", "bad-reference", "nginx:latest"),
        ("https://hub.docker.com/_/nginx", "bad-reference", "nginx:latest"),
        ("https://hub.docker.com/_/nginx/tags?page=1", "bad-reference", "nginx:latest"),
        ("https://hub.docker.com/r/bitnami/redis/tags", "bad-reference", "bitnami/redis:latest"),
        ("https://quay.io/repository/a/b?tab=tags", "bad-reference", "quay.io/a/b:latest"),
        ("https://github.com/o/r/pkgs/container/p", "bad-reference", "ghcr.io/o/p:latest"),
    ],
)
def test_a_tag_is_asked_for(line: str, code: str, offered: str) -> None:
    (problem,) = problems_of(line)
    assert problem.code == code
    assert dict(problem.hint.values)["line"] == offered


@pytest.mark.parametrize(
    ("line", "images"),
    [
        ("nginx:1.27 redis:7", ("nginx:1.27", "redis:7")),
        ("nginx:1.27, redis:7", ("nginx:1.27", "redis:7")),
        ("nginx:latest  quay.io/a/b", ("nginx:latest", "quay.io/a/b:latest")),
        ("nginx:1.27、redis:7", ("nginx:1.27", "redis:7")),
        ('["nginx:1.27", "redis:7"]', ("nginx:1.27", "redis:7")),
        ("docker pull nginx:1.27 && docker pull redis:7", ("nginx:1.27", "redis:7")),
    ],
)
def test_several_images_are_offered_a_line_each(line: str, images: tuple[str, ...]) -> None:
    (problem,) = problems_of(line)
    assert (problem.code, dict(problem.hint.lists)["lines"]) == ("bad-reference", images)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[", "no image"),
        ("],", "no image"),
        ("images:", "no image"),
        ("```", "code block"),
        ("~~~text", "code block"),
        ("<image>:<tag>", "placeholder"),
        ("${IMAGE}:1", "placeholder"),
        ("nginx:{{ version }}", "placeholder"),
        (HEX, "image's id"),
        ("nginx:1@sha256:abc", "no digest"),
        ("a.b:65536/x/y:1", "65536 in the registry's address is no port"),
        ("a.b:99999999/x/y:1", "is no port"),
        ("[::1]:70000/x:1", "is no port"),
        ("a.b:0/x:1", "is no port"),
        ("a.b:05000/x:1", "is no port"),
        (f"nginx:1@md5:{HEX[:32]}", "no digest"),
        ("ngіnx:1.27", "character і (U+0456)"),
        ("nginx:1\u202e27", "control character (U+202E)"),
        ("nginx:1\x1b[31m", "control character (U+001B)"),
        ("nginx:1\ud800", "control character (U+D800)"),
        (f"nginx:{'t' * 129}", "the tag has more than 128"),
        (f"x.io/{'a' * 256}:1", "more than 255"),
        ("nginx:1 " + "x" * 2000, "more than 2000"),
        ("word " * 40, "more on the line"),
        ("please sync nginx", "more on the line"),
        ("$(touch /tmp/x)", "more on the line"),
    ],
)
def test_what_is_no_image(line: str, reason: str) -> None:
    (problem,) = problems_of(line)
    assert problem.code == "bad-reference"
    assert reason in problem.reason.say(Language.EN)


@pytest.mark.parametrize(
    ("options", "reason", "hint"),
    [
        ("--all --platform linux/arm64", "exclude each other", "--all"),
        ("--platform", "needs a value", "--platform linux/arm64"),
        ("--platform=", "needs a value", "--platform linux/arm64"),
        ("--as", "needs a value", "--as my-nginx"),
        ("--all=true", "takes no value", "write --all"),
        ("--platform amd64", "amd64 isn't a platform", "write linux/amd64"),
        ("--platform arm64,amd64", "arm64 isn't", "write linux/arm64,linux/amd64"),
        ("--platform linux-amd64", "linux-amd64 isn't", "write linux/amd64"),
        ("--platform linux/x86_64", "linux/x86_64 isn't", "write linux/amd64"),
        ("--platform linux/aarch64", "isn't a platform", "write linux/arm64"),
        ("--platform armv7", "isn't a platform", "write linux/arm/v7"),
        ("--platform Linux/AMD64", "isn't a platform", "write linux/amd64"),
        ("--platform linux/amd64;rm", "isn't a platform", "OS/ARCH"),
        ("--platform linux/amd64 --platform linux/arm64", "more than once",
         "--platform linux/amd64,linux/arm64"),
        ("--as a --as b", "more than once", "keep one"),
        ("--as Web", "Web can't be", "write --as web"),
        ("--as example.com:5000/web", "can't be the name", "no registry"),
        ("--as web:", "can't be the name", "--as my-nginx"),
        (f"--as web@{DIGEST}", "can't be the name", "no digest"),
        ("--as ../x", "can't be the name", "lowercase"),
        ("--platfrom linux/arm64", "no option --platfrom", "did you mean --platform"),
        ("-all", "no option -all", "did you mean --all"),
        ("--arch arm64", "no option --arch", "did you mean --platform"),
        ("--frobnicate", "no option --frobnicate", "--platform OS/ARCH"),
    ],
)  # fmt: skip
def test_options_that_are_wrong(options: str, reason: str, hint: str) -> None:
    (problem,) = problems_of(f"nginx:1.27 {options}")
    assert problem.code == "bad-option"
    assert reason in problem.reason.say(Language.EN)
    assert hint in problem.hint.say(Language.EN)


def test_an_option_alone_has_no_image() -> None:
    (problem,) = problems_of("--all")
    assert (problem.code, str(problem.reason)) == (
        "bad-option",
        "there are options but no image",
    )


def test_image_and_options_are_complained_of_together() -> None:
    codes = [problem.code for problem in problems_of("nginx --platform amd64 --what")]
    assert codes == ["missing-tag", "bad-option", "bad-option"]


SECRET = "hunter2"


@pytest.mark.parametrize(
    "line",
    [
        f"user:{SECRET}@registry.example.com/x:1",
        f"https://user:{SECRET}@registry.example.com/x:1",
        f"user:a@{SECRET}/b@registry.example.com/x:1",
        f"user:{SECRET}@registry.example.com",
        f"user:{SECRET}@10.0.0.5",
        f"user:{SECRET}@registry.example.com/x:1@latest",
        f"user:{SECRET}@master",
        f"{SECRET}@ghcr.io/o/p:1",
        f"user：{SECRET}＠registry.example.com/x:1",
        f"docker pull user:{SECRET}@registry.example.com/x:1",
        f"ctr images pull -u user:{SECRET} nginx:1",
        f"ctr images pull --user=user:{SECRET} nginx:1",
        f"skopeo copy --src-creds user:{SECRET} docker://nginx:1 dir:/x",
        f"docker login -u user -p {SECRET} example.com",
        f"nginx:1 --creds user:{SECRET} --as --all",
        f"- image: user:{SECRET}@registry.example.com/x@{DIGEST}",
        f"user:{SECRET}@registry.example.com/x:1 " + "word " * 80,
        f"user:{SECRET}@registry.example.com/x:1 " + "w" * 3000,
        "x" * 150 + f":{SECRET}" + "y" * 100 + "@registry.example.com/x:1",
    ],
)
def test_no_password_is_repeated(line: str) -> None:
    for problem in problems_of(line):
        told = [problem.text]
        told += [text.say(lang) for text in (problem.reason, problem.hint) for lang in Language]
        assert not any(SECRET in text for text in told)


@pytest.mark.parametrize(
    "line",
    [
        f"nginx@{DIGEST}",
        f"NGINX:1@{DIGEST}",
        "nginx@1.27",
        "nginx:1@sha256:abc",
        "nginx:1.27@latest",
        "nginx:1.27@1.27.1-alpine",
    ],
)
def test_what_is_no_password_is_shown(line: str) -> None:
    assert problems_of(line)[0].text == line


def test_a_long_line_is_cut() -> None:
    (problem,) = problems_of("a" * 5000 + "!")
    assert len(problem.text) == 200
    assert problem.text.endswith("…")


FRAGMENTS = st.sampled_from(
    ["nginx", ":", "1.27", " ", "/", "@", DIGEST, "--all", "--platform", "--as", "=", ",", "、",
     "linux/amd64", "docker pull", "https://", "hub.docker.com/_/", "-", "`", '"', "[", "]", "{",
     "}", "(", ")", "#", "<", ">", "***", "\t", "\u3000", "：", "“", "—", "1.", "image:", "\x00",
     "FROM", "skopeo copy", "->", "{0}", "%s", "\ud800", "&&", "-u", "_"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=12).map("".join)))
def test_every_line_has_an_answer(line: str) -> None:
    match read_line(line, 1):
        case tuple(problems):
            assert problems
            for problem in problems:
                for language in Language:
                    assert problem.reason.say(language)
                    assert problem.hint.say(language)
        case Item(source=source):
            assert source.tag
        case None:
            pass


@settings(max_examples=300)
@given(st.lists(FRAGMENTS, max_size=8).map("".join))
def test_what_is_offered_is_right(line: str) -> None:
    read = read_line(line, 1)
    for problem in read if isinstance(read, tuple) else ():
        offered = dict(problem.hint.values).get("line")
        if offered is not None:
            assert isinstance(read_line(offered, 1), Item), (line, offered)
