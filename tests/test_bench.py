"""The benchmark measures what it says: its corpus, its counting, its limits, a whole small run."""

import gzip
import hashlib
import json
import os
import re
import select
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.command import main
from bench.content import grow
from bench.corpus import KB, MB, MIB, CorpusName, describe
from bench.limit import limit
from bench.link import Conditions, Cuts
from bench.processes import OUTPUT, Usage, run
from bench.requests import Requests, read_log
from bench.results import summarise
from bench.runs import Run, Side
from bench.scenarios import SCENARIOS, Place, Way
from bench.storage import Stored, store
from bench.tables import Measured, section
from tests.registries import require_peer

SLOW = Conditions(round_trip=0.1, rate=40 * MB, rate_per_connection=10 * MB)


def grown(name: str, size: int) -> bytes:
    return b"".join(chunk.stored for chunk in grow(name, size))


@given(st.text(max_size=8), st.one_of(st.integers(23, 300), st.integers(60_000, 200_000)))
def test_a_layer_is_gzip_of_the_size_that_was_asked_for(name: str, size: int) -> None:
    content = grown(name, size)
    assert len(content) == size
    plain = b"".join(chunk.plain for chunk in grow(name, size))
    assert gzip.decompress(content) == plain


@given(st.integers(0, 22))
def test_no_layer_is_smaller_than_gzip_can_be(size: int) -> None:
    with pytest.raises(ValueError, match="too few"):
        grown("small", size)


def test_no_layer_can_be_compressed_further() -> None:
    content = grown("layer", 300_000)
    assert len(zlib.compress(content, 9)) > 0.99 * len(content)


def test_layers_of_other_names_have_nothing_in_common() -> None:
    one, other = grown("one", 200_000), grown("other", 200_000)
    middle = range(1000, 199_000, 100)
    assert sum(one[n : n + 4] == other[n : n + 4] for n in middle) == 0


def test_the_fleet_is_twenty_images_that_share_300_mb() -> None:
    corpus = describe(CorpusName.FLEET, 1)
    assert [len(image.layers) for image in corpus.images] == [5] * 20
    assert corpus.unique == 300 * MB
    assert corpus.referenced == 1300 * MB
    assert corpus.largest == 40 * MB


def test_small_images_have_a_few_layers_and_share_their_first() -> None:
    corpus = describe(CorpusName.SMALL, 1)
    assert len(corpus.images) == 200
    assert {len(image.layers) for image in corpus.images} == {3, 4}
    assert all(KB <= layer.size <= 200 * KB for layer in corpus.layers)
    assert len({image.layers[0] for image in corpus.images}) == 4


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        (CorpusName.BIG, [1024 * MIB]),
        (CorpusName.WIDE, [256 * MIB] * 16),
        (CorpusName.CUTS, [60 * MB] * 6),
    ],
)
def test_other_corpora_are_of_big_layers(name: CorpusName, sizes: list[int]) -> None:
    assert [layer.size for layer in describe(name, 1).layers] == sizes


@pytest.mark.parametrize("name", CorpusName)
def test_images_of_a_corpus_have_names_of_their_own(name: CorpusName) -> None:
    images = describe(name, 1).images
    assert len({image.name for image in images}) == len(images)


def test_a_corpus_is_stored_the_same_each_time(tmp_path: Path) -> None:
    """A change of these bytes needs a new version in `bench.storage`."""
    one, other = (store(describe(CorpusName.FLEET, 1e-4), 1e-4, tmp_path / n) for n in "ab")
    assert fingerprint(one.root) == fingerprint(other.root)
    assert fingerprint(one.root)[:16] == "d9fa6e3dafca0bcd"


def fingerprint(root: Path) -> str:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    lines = (f"{p.relative_to(root)} {hashlib.sha256(p.read_bytes()).hexdigest()}" for p in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_blobs_are_stored_under_their_digests_and_counted_once(tmp_path: Path) -> None:
    stored = store(describe(CorpusName.FLEET, 1e-4), 1e-4, tmp_path)
    sizes = {}
    for path in stored.root.rglob("data"):
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == path.parent.name
        sizes[path.parent.name] = len(content)
    manifests = {path.name for path in stored.root.rglob("revisions/sha256/*")}
    assert len(manifests) == 20
    assert stored.unique == sum(size for name, size in sizes.items() if name not in manifests)


def test_configs_say_what_the_layers_hold(tmp_path: Path) -> None:
    stored = store(describe(CorpusName.SMALL, 0.01), 0.01, tmp_path)
    blobs = {path.parent.name: path for path in stored.root.rglob("data")}
    for path in stored.root.rglob("revisions/sha256/*"):
        manifest = json.loads(blobs[path.name].read_bytes())
        config = json.loads(blobs[hex_of(manifest["config"])].read_bytes())
        held = [gzip.decompress(blobs[hex_of(x)].read_bytes()) for x in manifest["layers"]]
        digests = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in held]
        assert config["rootfs"]["diff_ids"] == digests


def hex_of(descriptor: dict[str, str]) -> str:
    return descriptor["digest"].removeprefix("sha256:")


def test_a_corpus_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    corpus = describe(CorpusName.BIG, 1e-6)
    root = store(corpus, 1e-6, tmp_path).root
    written = (root / "unique").stat().st_mtime_ns
    assert store(corpus, 1e-6, tmp_path).root == root
    assert (root / "unique").stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("way", "unique", "first", "again"),
    [
        (Way(SLOW), 300 * MB, 7.5 + 0.4, 0.2),
        (Way(SLOW, Place.BOTH), 300 * MB, 7.5 + 0.6, 0.4),
        (Way(SLOW), 4 * MB, 4 + 0.4, 0.2),
    ],
)
def test_the_limit_of_a_link(way: Way, unique: int, first: float, again: float) -> None:
    """The third: the largest layer, 40 MB, over one connection."""
    stored = Stored(describe(CorpusName.FLEET, 1), Path(), unique)
    assert limit(way, stored, again=False) == pytest.approx(first)
    assert limit(way, stored, again=True) == pytest.approx(again)


def test_a_link_without_a_rate_has_no_limit() -> None:
    stored = Stored(describe(CorpusName.FLEET, 1), Path(), 300 * MB)
    assert limit(Way(Conditions(0.1)), stored, again=False) is None


def test_cuts_come_earlier_in_a_smaller_corpus() -> None:
    way = SCENARIOS["cuts"].scaled(0.5).way
    assert way
    assert (way.target_cuts, way.source_cuts) == (Cuts(up=12 * MB), Cuts(down=20 * MB))


def test_requests_are_counted_by_what_they_ask_for() -> None:
    lines = [
        '127.0.0.1 - - [24/Nov/2026:15:01:49 +0000] "GET /v2/ HTTP/1.1" 200 2 "" "x"',
        '127.0.0.1 - - [-] "GET /v2/a/manifests/1.0 HTTP/1.1" 200 400 "" "x"',
        '127.0.0.1 - - [-] "HEAD /v2/a/blobs/sha256:00 HTTP/1.1" 404 0 "" "x"',
        '127.0.0.1 - - [-] "POST /v2/a/blobs/uploads/ HTTP/1.1" 202 0 "" "x"',
        '127.0.0.1 - - [-] "POST /v2/a/blobs/uploads/?mount=sha256:00&from=b HTTP/1.1" 201 0 "" ""',
        '127.0.0.1 - - [-] "PUT /v2/a/blobs/uploads/0-1?digest=sha256:00 HTTP/1.1" 201 0 "" "x"',
        '- - - [-] "PUT /v2/a/manifests/1.0 HTTP/1.1" 499 - "" ""',
        '127.0.0.1 - - [-] "GET /v2/a/manifests/1.0?benchmark HTTP/1.1" 200 400 "" ""',
        'time="2026-11-24T15:01:48Z" level=info msg="listening on 127.0.0.1:1"',
    ]
    assert read_log(lines) == Requests(
        {
            "GET manifest": 1,
            "GET ping": 1,
            "HEAD blob": 1,
            "POST upload": 2,
            "PUT manifest": 1,
            "PUT upload": 1,
        },
        402,
    )


CHILD = "x = bytearray(120 << 20); import time; u = time.process_time() + 0.5\n"
CHILD += "while time.process_time() < u: pass"


def test_what_children_use_counts(tmp_path: Path) -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}]); print('ok')"
    usage = run((sys.executable, "-c", code), {}, tmp_path, 30)
    assert usage.code == 0
    assert usage.cpu >= 0.5
    assert usage.memory >= 120 * MIB
    assert (tmp_path / OUTPUT).read_text() == "ok\n"


def test_processes_at_the_same_time_are_added_up(tmp_path: Path) -> None:
    code = f"import subprocess, sys; c = [sys.executable, '-c', {CHILD!r}]\n"
    code += "a, b = (subprocess.Popen(c, start_new_session=True) for _ in 'ab'); a.wait(); b.wait()"
    assert run((sys.executable, "-c", code), {}, tmp_path, 30).memory >= 240 * MIB


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    """The child has a session of its own; the pipe that it holds open ends with it."""
    os.mkfifo(tmp_path / "held")
    reading = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    code = "import subprocess; held = open('held', 'w'); print('held', flush=True)\n"
    code += "subprocess.Popen(['sleep', '60'], stdout=held, start_new_session=True).wait()"
    usage = run((sys.executable, "-c", code), {}, tmp_path, 2)
    ended, _, _ = select.select([reading], [], [], 10)
    os.close(reading)
    assert (tmp_path / OUTPUT).read_text() == "held\n"
    assert ended
    assert usage.code is None
    assert 2 <= usage.wall < 10


def a_run(contender: str, wall: float, arrived: int) -> Run:
    usage = Usage(0, wall, 1.5, 50 * MIB, 0.5)
    side = Side(Requests({"GET manifest": 20}, 300 * MB), None)
    return Run("fleet", contender, 0, 0, 20, arrived, usage, side, side)


def test_a_table_ranks_only_those_who_brought_everything() -> None:
    runs = {
        "native": [a_run("native", wall, 20) for wall in (9.0, 7.9, 8.0)],
        "skopeo-loop": [a_run("skopeo-loop", 24.0, 20)],
        "crane": [a_run("crane", 1.0, 20), a_run("crane", 1.0, 19)],
    }
    stored = Stored(describe(CorpusName.FLEET, 1), Path(), 300 * MB)
    summaries = tuple(summarise(of) for of in runs.values())
    text = section(Measured(SCENARIOS["fleet"], stored, again=False, summaries=summaries))
    assert "the link's own limit: 7.90 s" in text
    rows = {line.split(" | ")[0].strip("| "): line.split(" | ")[1:] for line in text.split("\n")}
    assert rows["this program, native engine"][:4] == [
        "20",
        "7.90 / **8.00** / 9.00",
        "1.01",
        "3.00",
    ]
    assert rows["crane in a loop, ×5"][:4] == ["**19 of 20**", "1.00 / **1.00** / 1.00", "–", "–"]


@pytest.mark.slow
def test_a_small_run_from_its_corpus_to_its_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    require_peer("docker-registry")
    require_peer("skopeo")
    said = tmp_path / "said.json"
    arguments = ("--scenario=small", "--contender=skopeo-loop", "--rounds=1", "--scale=0.01")
    assert main([*arguments, f"--folder={tmp_path / 'work'}", f"--json={said}"]) == 0
    first, again = json.loads(said.read_text(encoding="utf-8"))["runs"]
    unique = json.loads(said.read_text(encoding="utf-8"))["measured"][0]["unique"]
    assert (first["arrived"], again["arrived"]) == (4, 4)
    assert (first["usage"]["code"], again["usage"]["code"]) == (0, 0)
    assert first["target"]["traffic"]["up"] > unique > 10 * again["target"]["traffic"]["up"]
    assert first["source"]["requests"]["sent"] >= unique
    assert first["target"]["requests"]["counts"]["PUT manifest"] == 4
    assert first["usage"]["wall"] > 0.5 > first["usage"]["cpu"] > 0
    assert re.search(r"\| skopeo in a loop, ×5 \| 4 \|", capsys.readouterr().out)
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["corpus-small-0.01-v1"]


@pytest.mark.slow
def test_a_run_between_local_registries_into_the_embedded_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    require_peer("docker-registry")
    require_peer("skopeo")
    arguments = ("--scenario=big", "--contender=skopeo-loop", "--rounds=2", "--scale=0.001")
    assert main([*arguments, "--target=embedded", f"--folder={tmp_path}"]) == 0
    output = capsys.readouterr().out
    assert "both registries local; target: embedded." in output
    assert re.search(r"\| skopeo in a loop, ×5 \| 1 \| [0-9. /*]+ \| – \| 1.00 \|", output)
