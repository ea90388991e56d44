"""What is ready to use does what it is for: judged by sed, kustomize and the formats' parsers."""

import re
import shlex
import shutil
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_mirror.naming import Naming, Target, name_of
from registry_mirror.oci.reference import Reference
from registry_mirror.outputs import Mirrored, mirrored
from registry_mirror.outputs.compose import compose_override
from registry_mirror.outputs.containerd import folder_of, hosts_files, hosts_left_out
from registry_mirror.outputs.files import output_files
from registry_mirror.outputs.kustomize import kustomization, kustomize_images
from registry_mirror.outputs.scalars import comment, scalar
from registry_mirror.outputs.sed import sed_line, sed_script
from registry_mirror.request import Item, Service
from registry_mirror.request.listing import read_list
from registry_mirror.text import Language
from tests.report_samples import MIXED, copied, digest, report_of

TARGET = Target("registry.example.com:5000", "my/mirrors")
BELOW = f"{TARGET}"
PINNED = f"quay.io/team/app:1.0@{digest('app')}"


def image(line: str, naming: Naming = Naming.FLAT) -> Mirrored:
    item = read_list(line).items[0]
    return Mirrored(item.source, TARGET.reference(name_of(item, naming)), digest(line))


def images(*lines: str, naming: Naming = Naming.FLAT) -> tuple[Mirrored, ...]:
    return tuple(image(line, naming) for line in lines)


def loaded(text: str) -> Any:
    return yaml.safe_load(text)


def replaced(script: str, text: str, tmp_path: Path, sed: str = "sed") -> str:
    path = tmp_path / "replace.sed"
    path.write_text(script)
    ran = subprocess.run(
        [*sed.split(), "-E", "-f", str(path)],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def is_gnu(sed: str) -> bool:
    ran = subprocess.run([sed, "--version"], capture_output=True, text=True, check=False)
    return "GNU" in ran.stdout


SEDS = [
    "sed",
    *(["sed --posix"] if is_gnu("sed") else []),
    *(name for name in ("gsed", "ssed", "bsdsed") if shutil.which(name)),
    *(["busybox sed"] if shutil.which("busybox") else []),
]
"""Those that this machine has; on macOS and FreeBSD `sed` is BSD's."""
each_sed = pytest.mark.parametrize("sed", SEDS)


HUB = f"{BELOW}/nginx:1.27"
REPLACEMENTS = {
    "image: nginx:1.27": f"image: {HUB}",
    "image: 'nginx:1.27'": f"image: '{HUB}'",
    'image: "docker.io/library/nginx:1.27"': f'image: "{HUB}"',
    "image: index.docker.io/nginx:1.27": f"image: {HUB}",
    "image: library/nginx:1.27 # comment": f"image: {HUB} # comment",
    "FROM nginx:1.27 AS web": f"FROM {HUB} AS web",
    "nginx:1.27": HUB,
    '{"image":"nginx:1.27","x":1}': f'{{"image":"{HUB}","x":1}}',
    "--image=nginx:1.27": f"--image={HUB}",
    "- nginx:1.27, bitnami/nginx:2": f"- {HUB}, {BELOW}/bitnami-nginx:2",
    f"image: {PINNED}": f"image: {BELOW}/app:1.0@{digest(PINNED)}",
    "image: quay.io/team/app:1.0": f"image: {BELOW}/app:1.0@{digest(PINNED)}",
}
REPLACEMENTS |= {
    "nginx:1.27 nginx:1.27": f"{HUB} {HUB}",
    "nginx:1.27,nginx:1.27,nginx:1.27": f"{HUB},{HUB},{HUB}",
}
LEFT_ALONE = (
    "image: me@nginx:1.27",
    "image: nginx:1.27.1",
    "image: nginx:1.27-alpine",
    "image: nginx:1x27",
    "image: my-nginx:1.27",
    "image: quay.io/nginx:1.27",
    "image: team/nginx:1.27",
    "image: bitnami/nginx:1.27",
    f"image: nginx:1.27@{digest('somebody else')}",
    f"image: quay.io/team/app:1.0@{digest('somebody else')}",
    f"image: {HUB}",
    "image: dockerXio/library/nginx:1.27",
    "image: http://nginx:1.27/path",
)
MOVED = images("nginx:1.27", "bitnami/nginx:2 --as bitnami-nginx", PINNED)


@each_sed
@pytest.mark.parametrize(("before", "after"), REPLACEMENTS.items())
def test_sed_writes_targets_over_sources(before: str, after: str, tmp_path: Path, sed: str) -> None:
    script = sed_script(MOVED, Language.EN)
    assert replaced(script, f"{before}\n", tmp_path, sed) == f"{after}\n"


@each_sed
@pytest.mark.parametrize("line", LEFT_ALONE)
def test_sed_leaves_everything_else_alone(line: str, tmp_path: Path, sed: str) -> None:
    assert replaced(sed_script(MOVED, Language.ZH), f"{line}\n", tmp_path, sed) == f"{line}\n"


@each_sed
def test_the_line_for_a_shell_does_the_same_and_keeps_the_originals(
    tmp_path: Path, sed: str
) -> None:
    before = {"a b.yaml": "a: nginx:1.27\nb: nginx:1.28\n", "c.yaml": "nginx:1.27,nginx:1.27\n"}
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    line = sed_line(MOVED)
    assert line.startswith("sed ")
    subprocess.run(["sh", "-ec", sed + line.removeprefix("sed")], cwd=tmp_path, check=True)
    after = {"a b.yaml": f"a: {HUB}\nb: nginx:1.28\n", "c.yaml": f"{HUB},{HUB}\n"}
    kept = {f"{name}.bak": text for name, text in before.items()}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == after | kept


@each_sed
def test_the_brackets_of_an_ipv6_host_are_no_class(tmp_path: Path, sed: str) -> None:
    moved = images("[2001:db8::1]:5000/team/app:1.0")
    text = "image: [2001:db8::1]:5000/team/app:1.0\nimage: d:5000/team/app:1.0\n"
    after = f"image: {BELOW}/app:1.0\nimage: d:5000/team/app:1.0\n"
    assert replaced(sed_script(moved, Language.EN), text, tmp_path, sed) == after


def test_nothing_is_written_that_only_gnu_sed_reads() -> None:
    """BSD's `-i` takes the next word, unless a suffix is joined to it; a label ends with its `-e`.

    Escapes of letters (`\\w`, `\\b`) and of `+` and `?`, and other flags than `g`, are GNU's own.
    """
    moved = (*MOVED, *images("[2001:db8::1]:5000/team/app:1.0 --as v6"))
    name, *options = shlex.split(sed_line(moved).replace("\\\n", ""))
    commands = options[3:-1:2]
    assert [name, *options[:2], options[-1]] == ["sed", "-E", "-i.bak", "*.yaml"]
    assert options[2:-1:2] == ["-e"] * len(commands)
    assert [commands[0], commands[-1]] == [":again", "tagain"]
    assert commands == sed_script(moved, Language.EN).splitlines()[1:]
    for command in commands[1:-1]:
        before, pattern, replacement, flags = re.split(r"(?<!\\)#", command)
        assert (before, flags) == ("s", "g")
        assert re.findall(r"\\(.)", pattern, re.DOTALL) == re.findall(r"\\([][.])", pattern)
        assert re.findall(r"\\(.)", replacement, re.DOTALL) == re.findall(r"\\(\d)", replacement)


def test_a_source_of_several_targets_is_left_to_people(tmp_path: Path) -> None:
    twice = images("nginx:1.27", "nginx:1.27 --as arm-nginx", "redis:7")
    script = sed_script(twice, Language.EN)
    text = "nginx:1.27\nredis:7\n"
    assert replaced(script, text, tmp_path) == f"nginx:1.27\n{BELOW}/redis:7\n"
    assert "# Not here: docker.io/library/nginx:1.27" in script
    assert sed_line(twice[:2]) == ""


def test_no_command_changes_what_another_has_written(tmp_path: Path) -> None:
    chain = (*images("nginx:1.27"), image(f"{HUB} --as other"), *images("redis:7"))
    script = sed_script(chain, Language.EN)
    assert replaced(script, "nginx:1.27\nredis:7\n", tmp_path).splitlines() == [
        HUB,
        f"{BELOW}/redis:7",
    ]
    assert f"# Not here: {HUB}" in script


COMPONENT = st.from_regex(r"[a-z0-9]{1,6}([._-][a-z0-9]{1,4}){0,2}", fullmatch=True)
HOST = st.from_regex(r"[a-z]{1,5}\.[a-z]{2,4}(:[1-9][0-9]{1,3})?", fullmatch=True)
TAG = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}", fullmatch=True)
SOURCES = st.builds(
    "{}{}:{}".format,
    HOST.map("{}/".format) | st.just(""),
    st.lists(COMPONENT, min_size=1, max_size=3).map("/".join),
    TAG,
).filter(lambda text: bool(read_list(text).items))


@settings(max_examples=20, deadline=None)
@given(st.lists(SOURCES, min_size=1, max_size=4, unique_by=lambda s: str(Reference.parse(s))))
def test_sed_changes_each_source_into_its_own_target(sources: list[str]) -> None:
    moved = images(*sources, naming=Naming.PATH)
    text = "".join(f"  image: {source}\n" for source in sources)
    ran = subprocess.run(
        ["sed", "-E", *(f"-e{line}" for line in sed_script(moved, Language.EN).splitlines())],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "".join(f"  image: {one.target}\n" for one in moved)


def test_kustomize_names_each_spelling_and_keeps_tags() -> None:
    block = loaded(kustomize_images(images("nginx:1.26", "nginx:1.27"), Language.EN))
    assert block["images"] == [
        {"name": name, "newName": f"{BELOW}/nginx"}
        for name in ("nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx")
    ]


def test_kustomize_changes_tags_only_where_it_must() -> None:
    lines = ("quay.io/a/b:1.20 --as c:2.0", PINNED, "quay.io/x:1 --as y", "quay.io/x:2 --as z")
    text = kustomize_images(images(*lines), Language.EN)
    assert loaded(text)["images"] == [
        {"name": "quay.io/a/b", "newName": f"{BELOW}/c", "newTag": "2.0"},
        {"name": "quay.io/team/app", "newName": f"{BELOW}/app", "digest": digest(PINNED)},
    ]
    assert "# Not here: quay.io/x, for kustomize" in text


def test_kustomize_is_not_told_to_take_one_tag_s_digest_for_another() -> None:
    """Both keep their tags, but the digest would be written for either."""
    text = kustomize_images(images(PINNED, "quay.io/team/app:2.0"), Language.EN)
    assert loaded(text) is None
    assert "# Not here: quay.io/team/app, for kustomize" in text


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: pod
spec:
  initContainers:
  - name: a
    image: docker.io/library/nginx:1.26
  containers:
  - name: b
    image: nginx:1.27
  - name: c
    image: quay.io/nginx:1.27
  - name: d
    image: quay.io/a/b:1.20
  - name: e
    image: quay.io/team/app:1.0
"""


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl isn't installed")
def test_kustomize_itself_takes_the_file_as_a_component(tmp_path: Path) -> None:
    moved = images("nginx:1.26", "nginx:1.27", "quay.io/a/b:1.20 --as c:2.0", PINNED)
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs/kustomization.yaml").write_text(kustomization(moved, Language.ZH))
    (tmp_path / "app").mkdir()
    (tmp_path / "app/pod.yaml").write_text(POD)
    (tmp_path / "app/kustomization.yaml").write_text(
        "resources: [pod.yaml]\ncomponents: [../outputs]\n"
    )
    ran = subprocess.run(
        ["kubectl", "kustomize", str(tmp_path / "app")],
        capture_output=True,
        text=True,
        check=True,
    )
    spec = loaded(ran.stdout)["spec"]
    assert [one["image"] for one in (*spec["initContainers"], *spec["containers"])] == [
        f"{BELOW}/nginx:1.26",
        f"{BELOW}/nginx:1.27",
        "quay.io/nginx:1.27",
        f"{BELOW}/c:2.0",
        f"{BELOW}/app@{digest(PINNED)}",
    ]


def test_compose_has_the_services_of_the_pasted_file() -> None:
    moved = images("nginx:1.27", PINNED)
    services = (
        Service("web", Reference.parse("nginx:1.27")),
        Service("yes", Reference.parse(PINNED)),
        Service("lost", Reference.parse("redis:7")),
    )
    text = compose_override(moved, services, Language.EN)
    assert loaded(text) == {
        "services": {
            "web": {"image": HUB},
            "yes": {"image": f"{BELOW}/app:1.0@{digest(PINNED)}"},
        }
    }
    assert "Rename" not in text


def test_compose_of_a_list_is_a_template() -> None:
    text = compose_override(images("nginx:1.27", "bitnami/nginx:1 --as x"), (), Language.EN)
    assert loaded(text)["services"] == {
        "nginx": {"image": HUB},
        "nginx-2": {"image": f"{BELOW}/x:1"},
    }
    assert "# Rename each service" in text


def test_a_service_has_one_entry_however_many_files_name_it() -> None:
    moved = images("nginx:1.27", "redis:7")
    services = (
        Service("web", Reference.parse("nginx:1.27")),
        Service("web", Reference.parse("redis:7")),
        Service("db", Reference.parse("redis:7")),
        Service("db", Reference.parse("redis:7")),
    )
    text = compose_override(moved, services, Language.EN)
    assert text.count("db:") == 1
    assert loaded(text) == {"services": {"db": {"image": f"{BELOW}/redis:7"}}}
    assert "# Not here: the service web" in text
    alone = compose_override(moved, services[:2], Language.EN)
    assert loaded(alone) is None
    assert "# Not here: the service web" in alone


def test_names_of_a_template_are_taken_once() -> None:
    text = compose_override(images("c/x-2:1", "a/x:1", "b/x:1 --as y"), (), Language.EN)
    assert sorted(loaded(text)["services"]) == ["x", "x-2", "x-3"]
    assert text.count("image: ") == 3


def test_thousands_of_images_take_no_time() -> None:
    moved = images(*(f"a/i{n}:1 --as i{n}" for n in range(8_000)))
    started = time.process_time()
    assert sed_script(moved, Language.EN)
    assert time.process_time() - started < 2


def test_plain_http_is_spoken_of_where_the_target_has_a_port() -> None:
    (hosts,) = hosts_files(images("nginx:1.27", naming=Naming.PATH), Language.EN)
    assert "plain http" in hosts.text


def test_kustomize_says_that_every_tag_is_led_away() -> None:
    assert "Every tag of these names" in kustomize_images(images("nginx:1.27"), Language.EN)


def test_hosts_lead_containerd_to_the_path_that_was_kept() -> None:
    moved = images("nginx:1.27", "bitnami/redis:7", naming=Naming.PATH)
    (hosts,) = hosts_files(moved, Language.EN)
    read = tomllib.loads(hosts.text)
    assert hosts.folder == "docker.io"
    assert read["server"] == "https://registry-1.docker.io"
    ((mirror, options),) = read["host"].items()
    assert options == {"capabilities": ["pull", "resolve"], "override_path": True}
    for one in moved:
        asked = f"{mirror}/{one.source.repository}/manifests/{one.source.tag}"
        path = f"v2/{one.target.repository}/manifests/{one.target.tag}"
        assert asked == f"https://{one.target.registry}/{path}"


@pytest.mark.parametrize(
    ("lines", "naming"),
    [
        (["nginx:1.27"], Naming.FLAT),
        (["registry.k8s.io/pause:3.9"], Naming.FLAT),
        (["nginx:1.27", "redis:7 --as other"], Naming.PATH),
        (["nginx:1.27 --as docker.io/library/nginx:1"], Naming.PATH),
    ],
)
def test_no_hosts_where_a_path_or_tag_was_not_kept(lines: list[str], naming: Naming) -> None:
    moved = images(*lines, naming=naming)
    assert hosts_files(moved, Language.EN) == ()
    assert "NAMING=path" in hosts_left_out(moved, Language.EN)[0]


def test_a_registry_with_a_port_has_the_folder_that_containerd_looks_for() -> None:
    assert folder_of("harbor.example.com:8443") == "harbor.example.com_8443_"
    assert folder_of("quay.io") == "quay.io"


@pytest.mark.parametrize("name", ["服务", "\U0001f433", "\u2028", "\x85", "é\n", "\U0010ffff"])
def test_a_scalar_may_have_any_character(name: str) -> None:
    assert loaded(f"{scalar(name)}: a") == {name: "a"}


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1) | SOURCES)
def test_every_scalar_is_read_as_the_text_that_it_was(text: str) -> None:
    assert loaded(f"a: {scalar(text)}") == {"a": text}
    assert loaded(f"{scalar(text)}: a") == {text: "a"}


@given(st.text())
def test_a_comment_is_one_line_that_no_terminal_obeys(text: str) -> None:
    line = comment(f"{text}\x1b]0;\a")
    assert line.isprintable()
    assert loaded(f"{line}\na: b") == {"a": "b"}


def test_files_are_of_what_succeeded_at_the_host_to_pull_from() -> None:
    files = {
        "/".join(file.path): file.text
        for file in output_files(mirrored(MIXED.outcomes, "vpc.example.com"), ())
    }
    assert set(files) == {
        "images.txt",
        "replace.sed",
        "kustomization.yaml",
        "compose.override.yaml",
    }
    assert files["images.txt"] == "vpc.example.com/my-mirrors/redis:7.4\n"
    assert not any("nginx" in text or "private" in text for text in files.values())
    assert output_files(mirrored(report_of().outcomes), ()) == ()


def test_a_hosts_file_has_a_folder_of_its_own() -> None:
    moved = images("harbor.example.com:8443/team/app:1.0", naming=Naming.PATH)
    paths = [file.path for file in output_files(moved, ())]
    assert ("hosts", "harbor.example.com_8443_", "hosts.toml") in paths


def test_what_was_copied_is_what_is_named() -> None:
    outcome = copied("nginx:1.27")
    (one,) = mirrored([outcome])
    assert (one.source, one.target) == (outcome.copy.source, outcome.copy.target)
    assert isinstance(read_list("nginx:1.27").items[0], Item)
