"""From a request to a plan: names, precedence, copies that are one, and names that meet."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_mirror.errors import Problem, RequestInvalidError
from registry_mirror.naming import Naming, Target
from registry_mirror.oci.platform import (
    DEFAULT_SELECTION,
    EveryPlatform,
    OnlyPlatforms,
    Platform,
    Selection,
)
from registry_mirror.plan import Format, Plan
from registry_mirror.planning import make_plan, name_request
from registry_mirror.request.body import read_body
from registry_mirror.request.listing import read_list
from registry_mirror.text import Language

TARGET = Target("registry.example.com", "team/mirrors")
BELOW = f"{TARGET}/"
ARM64 = OnlyPlatforms((Platform("linux", "arm64"),))
DIGEST = "sha256:" + "0" * 64


def plan(
    text: str,
    *,
    naming: Naming = Naming.FLAT,
    target: Target = TARGET,
    selection: Selection = DEFAULT_SELECTION,
    max_images: int | None = None,
) -> Plan:
    return make_plan(
        read_list(text),
        target=target,
        naming=naming,
        selection=selection,
        format=Format.V2S2,
        max_images=max_images,
    )


def problems(
    text: str, *, max_images: int | None = None, target: Target = TARGET
) -> tuple[Problem, ...]:
    with pytest.raises(RequestInvalidError) as caught:
        plan(text, max_images=max_images, target=target)
    return caught.value.problems


def test_the_seeds_names() -> None:
    made = plan(
        "nginx:latest\n"
        "gcr.io/google-containers/pause:3.9\n"
        "registry.k8s.io/kube-apiserver:v1.28.0\n"
        "quay.io/prometheus/node-exporter:v1.7.0\n"
    )
    assert [(copy.line, str(copy.source), str(copy.target)) for copy in made.copies] == [
        (1, "docker.io/library/nginx:latest", f"{BELOW}nginx:latest"),
        (2, "gcr.io/google-containers/pause:3.9", f"{BELOW}pause:3.9"),
        (3, "registry.k8s.io/kube-apiserver:v1.28.0", f"{BELOW}kube-apiserver:v1.28.0"),
        (4, "quay.io/prometheus/node-exporter:v1.7.0", f"{BELOW}node-exporter:v1.7.0"),
    ]
    assert {copy.format for copy in made.copies} == {Format.V2S2}


def test_a_pinned_image_goes_to_its_tag() -> None:
    (copy,) = plan(f"nginx:1@{DIGEST}").copies
    assert (copy.source.digest, str(copy.target)) == (DIGEST, f"{BELOW}nginx:1")


def test_the_line_goes_before_the_request_and_the_request_before_the_settings() -> None:
    form = "### Images\na:1\nb:1 --platform linux/arm64\n### Options\n- [x] 同步所有架构"
    made = make_plan(
        read_body(form),
        target=TARGET,
        naming=Naming.FLAT,
        selection=DEFAULT_SELECTION,
        format=Format.OCI,
        max_images=None,
    )
    assert [copy.selection for copy in made.copies] == [EveryPlatform(), ARM64]
    (copy,) = plan("a:1", selection=ARM64).copies
    assert copy.selection == ARM64


@pytest.mark.parametrize(
    "text",
    [
        "nginx:1\nnginx:1",
        "nginx:1\ndocker.io/library/nginx:1",
        "nginx:1\nnginx:1 --as nginx",
        "nginx:1\nnginx:1 --platform linux/amd64",
        "a:1 --platform linux/amd64,linux/386\na:1 --platform linux/386,linux/amd64",
    ],
)
def test_what_is_asked_for_twice_is_one_copy(text: str) -> None:
    (copy,) = plan(text).copies
    assert copy.line == 1


def test_a_source_may_go_to_two_names() -> None:
    made = plan("nginx:1\nnginx:1 --as web\nnginx:1 --all --as nginx:1-all")
    assert [str(copy.target) for copy in made.copies] == [
        f"{BELOW}nginx:1",
        f"{BELOW}web:1",
        f"{BELOW}nginx:1-all",
    ]


@pytest.mark.parametrize(
    ("text", "reason", "option"),
    [
        (
            "registry.k8s.io/pause:3.9\ngcr.io/google-containers/pause:3.9",
            "this line and line 1, registry.k8s.io/pause:3.9, would both become pause:3.9",
            "--as google-containers-pause",
        ),
        ("x.io/nginx:1\nnginx:1", "x.io/nginx:1", "--as library-nginx"),
        ("nginx:1\nx.io/nginx:1", "docker.io/library/nginx:1", "--as x.io-nginx"),
        ("redis:1\nnginx:1 --as redis", "docker.io/library/redis:1", "--as library-nginx"),
        (f"nginx:1\nnginx:1@{DIGEST}", "docker.io/library/nginx:1", "--as library-nginx"),
        (
            "nginx:1\nnginx:1 --all",
            "line 1 asks for docker.io/library/nginx:1 with other options",
            "--as nginx:1-all",
        ),
        ("nginx:1\nnginx:1 --platform linux/arm/v7", "other options", "--as nginx:1-armv7"),
    ],
)
def test_names_that_meet_are_refused_with_a_way_out(text: str, reason: str, option: str) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.line) == ("target-conflict", 2)
    assert problem.text == text.split("\n")[1]
    assert reason in problem.reason.say(Language.EN)
    assert "1" in dict(problem.reason.values)["line"]
    assert dict(problem.hint.values)["option"] == option
    first, second = text.split("\n")
    assert len(plan(f"{first}\n{second.partition(' --as')[0]} {option}").copies) == 2


def test_every_line_that_meets_another_is_told_with_a_name_of_its_own() -> None:
    text = "a.io/x/n:1\nb.io/x/n:1\nc.io/x/n:1\nd.io/x/n:1 --as n"
    told = problems(text)
    assert [(problem.line, problem.code) for problem in told] == [
        (line, "target-conflict") for line in (2, 3, 4)
    ]
    options = [dict(problem.hint.values)["option"] for problem in told]
    first, *others = (line.partition(" ")[0] for line in text.split("\n"))
    lines = [first, *(f"{line} {option}" for line, option in zip(others, options, strict=True))]
    assert len({str(copy.target) for copy in plan("\n".join(lines)).copies}) == 4


def test_a_line_that_stands_twice_is_told_twice_with_one_name() -> None:
    told = problems("n:1\na.io/n:1\na.io/n:1")
    assert [problem.line for problem in told] == [2, 3]
    assert len({str(problem.hint) for problem in told}) == 1


def test_two_tags_of_one_name_do_not_meet() -> None:
    assert len(plan("a.io/n:1\nb.io/n:2").copies) == 2


def test_full_paths_do_not_meet() -> None:
    made = plan("a.io/n:1\nb.io/n:1", naming=Naming.PATH)
    assert [str(copy.target) for copy in made.copies] == [
        f"{BELOW}a.io/n:1",
        f"{BELOW}b.io/n:1",
    ]


def test_all_problems_come_at_once_and_in_order() -> None:
    told = problems("a.io/n:1\nnginx\nb.io/n:1\nx:1 --platform arm\nY:1", max_images=1)
    assert [(problem.line, problem.code) for problem in told] == [
        (2, "missing-tag"),
        (3, "target-conflict"),
        (4, "bad-option"),
        (5, "bad-reference"),
        (None, "too-many-images"),
    ]


def test_the_limit_counts_copies() -> None:
    assert len(plan("a:1\na:1\nb:1", max_images=2).copies) == 2
    (problem,) = problems("a:1\nb:1\nc:1", max_images=2)
    assert (problem.code, problem.line) == ("too-many-images", None)
    assert str(problem.reason) == "there are 3 images; the limit is 2"


def test_a_list_that_was_not_read_to_its_end_is_complained_of_once() -> None:
    request = read_body("a:1\n" * 10_001)
    with pytest.raises(RequestInvalidError) as caught:
        name_request(request, Naming.FLAT, DEFAULT_SELECTION, 0)
    assert [problem.line for problem in caught.value.problems] == [10_001]


def test_a_name_that_is_too_long_below_the_namespace_is_told() -> None:
    fits, too_long = "a" * (255 - len("team/mirrors/")), "a" * (256 - len("team/mirrors/"))
    assert len(plan(f"x.io/{fits}:1").copies[0].target.repository) == 255
    (problem,) = problems(f"x.io/{too_long}:1")
    assert (problem.line, problem.code) == (1, "bad-reference")
    assert plan(f"x.io/{too_long}:1 {dict(problem.hint.values)['option']}").copies


def test_an_empty_request_makes_no_plan() -> None:
    assert [problem.code for problem in problems("# nothing")] == ["empty-request"]


def test_names_can_be_had_without_a_target() -> None:
    named = name_request(read_list("nginx:1\nnginx:1\nb/c:2"), Naming.FLAT, ARM64, None)
    assert [(one.item.line, str(one.name), one.selection) for one in named] == [
        (1, "nginx:1", ARM64),
        (3, "c:2", ARM64),
    ]


LINES = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["", "a.io/", "b.io/x/", "[::1]:5000/"]),
    st.sampled_from(["n", "m", "library-n"]),
    st.sampled_from([":1", ":2", f":1@{DIGEST}"]),
    st.sampled_from(["", " --all", " --as n", " --as m:1", " --platform linux/arm64"]),
)


@given(st.lists(LINES, min_size=1, max_size=8), st.sampled_from(Naming))
def test_no_plan_writes_a_tag_twice_and_every_conflict_has_a_way_out(
    lines: list[str], naming: Naming
) -> None:
    try:
        made = plan("\n".join(lines), naming=naming)
    except RequestInvalidError as error:
        for problem in error.problems:
            assert problem.line is not None
            bare = lines[problem.line - 1].partition(" --as")[0]
            lines[problem.line - 1] = f"{bare} {dict(problem.hint.values)['option']}"
        made = plan("\n".join(lines), naming=naming)
    targets = [str(copy.target) for copy in made.copies]
    assert len(set(targets)) == len(targets)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        (f"{BELOW}nginx:1", "--as mirrors-nginx"),
        (f"Registry.example.com/team/mirrors/nginx:1@{DIGEST}", "--as mirrors-nginx"),
        (f"x:1\n{BELOW}nginx:1 --as nginx:1", "--as mirrors-nginx"),
        (f"x.io/mirrors-nginx:1\n{BELOW}nginx:1", "--as registry.example.com-team-mirrors-nginx"),
    ],
)
def test_no_image_is_copied_onto_itself(text: str, option: str) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.line) == ("target-conflict", text.count("\n") + 1)
    assert "overwrite" in str(problem.reason)
    assert dict(problem.hint.values)["option"].startswith(option)


def test_an_image_may_get_another_name_in_its_own_namespace() -> None:
    made = plan(f"{BELOW}nginx:1 --as web\n{BELOW}nginx:2 --as nginx:3\n{BELOW}a/nginx:1")
    assert [str(copy.target) for copy in made.copies] == [
        f"{BELOW}web:1",
        f"{BELOW}nginx:3",
        f"{BELOW}nginx:1",
    ]


def test_thousands_of_lines_that_meet_are_each_offered_a_name_at_once() -> None:
    """Also where what the others are offered first is taken."""
    numbers = range(3_000)
    meet = [f"h{number}.example/a/x:1" for number in numbers]
    taken = [f"b/y{number}:1 --as h{number}.example-a-x:1" for number in numbers]
    started = time.process_time()
    found = problems("\n".join([*meet, *taken]))
    assert time.process_time() - started < 5
    assert len(found) == len(meet) - 1
    offered = {dict(problem.hint.values)["option"] for problem in found}
    assert offered >= {"--as a-x", "--as x-2", "--as x-2999"}
    assert len(offered) == len(found)


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("registry.example.com/team/mirrors/web:1", "write nginx:1.27 --all --as web:1"),
        ("registry.example.com/team/mirrors/a/web", "write nginx:1.27 --all --as a/web"),
        ("registry.example.com/other/web:1", "such as --as other/web:1"),
        ("quay.io/team/web", "such as --as team/web"),
        ("quay.io/team/mirrors/web", "such as --as web"),
        ("localhost/web", "such as --as web"),
    ],
)
def test_a_new_name_with_a_registry_is_refused(name: str, offered: str) -> None:
    (problem,) = problems(f"nginx:1.27 --all --as {name}")
    assert problem.code == "bad-option"
    assert "begins with a registry" in str(problem.reason)
    assert offered in str(problem.hint)


def test_only_the_targets_own_registry_is_put_right_in_a_name() -> None:
    own, other = (
        problems(f"nginx:1.27 --as {host}/team/mirrors/web:1")[0].hint
        for host in (TARGET.registry, "quay.io")
    )
    assert dict(own.values)["line"] == "nginx:1.27 --as web:1"
    assert "line" not in dict(other.values)


@pytest.mark.parametrize("name", ["web", "web.v1", "team/web", "team/my.web", "localhost"])
def test_a_new_name_may_have_dots_and_folders(name: str) -> None:
    assert str(plan(f"nginx:1.27 --as {name}").copies[0].target) == f"{BELOW}{name}:1.27"


def test_by_full_paths_a_new_name_may_begin_with_a_registry_other_than_the_targets() -> None:
    made = plan("nginx:1.27 --as quay.io/team/web", naming=Naming.PATH)
    assert str(made.copies[0].target) == f"{BELOW}quay.io/team/web:1.27"
    with pytest.raises(RequestInvalidError):
        plan(f"nginx:1.27 --as {BELOW}web", naming=Naming.PATH)
