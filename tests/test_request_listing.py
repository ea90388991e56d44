from registry_mirror.request import Request
from registry_mirror.request.listing import MAX_PROBLEMS, read_arguments, read_list


def lines_of(request: Request) -> list[tuple[int, str]]:
    return [(item.line, str(item.source)) for item in request.items]


def codes_of(request: Request) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in request.problems]


def test_a_list_is_read_with_all_its_problems() -> None:
    request = read_list("\ufeff# base\r\nnginx:1.27\r\n\r\nredis\r\nX:1\r\nalpine:3 --al\r\n")
    assert lines_of(request) == [(2, "docker.io/library/nginx:1.27")]
    assert codes_of(request) == [(4, "missing-tag"), (5, "bad-reference"), (6, "bad-option")]
    assert [problem.text for problem in request.problems] == ["redis", "X:1", "alpine:3 --al"]


def test_lines_count_from_where_the_list_stands() -> None:
    assert lines_of(read_list("\nx:1", first_line=10)) == [(11, "docker.io/library/x:1")]


def test_a_json_list_is_told_line_by_line() -> None:
    request = read_list('[\n  "nginx:1.27",\n  "redis:7"\n]\n')
    assert codes_of(request) == [(n, "bad-reference") for n in (1, 2, 3, 4)]
    assert "nginx:1.27" in str(request.problems[1].hint)


def test_a_yaml_list_is_told_line_by_line() -> None:
    request = read_list("images:\n  - nginx:1.27\n  - image: redis:7\n")
    assert codes_of(request) == [(n, "bad-reference") for n in (1, 2, 3)]
    assert "redis:7" in str(request.problems[2].hint)


def test_an_empty_list() -> None:
    for text in ("", "\n\n", "# only\n# comments\n"):
        assert codes_of(read_list(text)) == [(None, "empty-request")]
    assert codes_of(read_arguments([])) == [(None, "empty-request")]
    assert codes_of(read_arguments(["", " "])) == [(None, "empty-request")]


def test_a_list_of_wrong_lines_only_is_not_called_empty() -> None:
    assert codes_of(read_list("nginx")) == [(1, "missing-tag")]


def test_problems_have_an_end() -> None:
    request = read_list("nginx\n" * (MAX_PROBLEMS + 5))
    assert len(request.problems) == MAX_PROBLEMS == 2000


def test_arguments_are_lines_in_their_order() -> None:
    request = read_arguments(["nginx:1.27", "redis", "alpine:3 --all --as a"])
    assert lines_of(request) == [
        (1, "docker.io/library/nginx:1.27"),
        (3, "docker.io/library/alpine:3"),
    ]
    assert str(request.items[1].target) == "a:3"
    assert codes_of(request) == [(2, "missing-tag")]


def test_an_argument_of_several_lines_is_one_line() -> None:
    assert codes_of(read_arguments(["nginx:1.27\nredis:7"])) == [(1, "bad-reference")]
