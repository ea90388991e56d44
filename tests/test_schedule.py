import os
import sys
from collections import Counter, deque
from dataclasses import replace
from random import Random
from types import FrameType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_mirror.errors import Failure, Side
from registry_mirror.outcome import Bytes
from registry_mirror.schedule import (
    Absent,
    Broken,
    Budget,
    Check,
    Image,
    ImageDone,
    ImageFailed,
    Lacking,
    Mount,
    Mounted,
    MountRefused,
    Put,
    PutChild,
    PutTag,
    Result,
    Schedule,
    Sent,
    Upload,
)
from tests.schedule_world import (
    CUT,
    DENIED,
    LATE,
    MIB,
    MISMATCH,
    MISSING,
    PLENTY,
    Move,
    World,
    config,
    digest,
    image,
    layer,
    where,
)

if TYPE_CHECKING:
    from _typeshed import TraceFunction

BASE = layer("base")


def sends(world: World, name: str, budget: Budget = PLENTY) -> Upload[str]:
    """Run until the one upload of a layer starts."""
    for move in world.moves(budget):
        if isinstance(move, Upload) and move.blob.digest == digest(name):
            return move
        world.end(move)
    raise AssertionError(f"{name} is never sent")


def test_an_image_goes_blobs_first_then_manifests_by_digest_then_the_tag() -> None:
    nginx = image(
        "nginx:1.27",
        config("amd64"),
        BASE,
        config("arm64"),
        layer("arm64"),
        children=(("amd64", "arm64"),),
    )
    world = World.of(nginx).run()
    kinds = [text.partition(": ")[2] for text in world.begun]
    assert kinds[-3:] == [
        f"put manifest {digest('amd64').encoded[:8]}>",
        f"put manifest {digest('arm64').encoded[:8]}>",
        "put the tag>",
    ]
    assert world.done() == {"nginx:1.27"}
    assert all(world.has(nginx, blob) for blob in nginx.blobs)


def test_an_index_in_an_index_waits_for_its_own_images() -> None:
    world = World.of(image("nginx", children=(("amd64", "arm64"), ("inner",))))
    first = world.start()
    assert [m.child for m in first if isinstance(m, PutChild)] == [
        digest("amd64"),
        digest("arm64"),
    ]
    world.end(first[1])
    assert world.start() == ()
    world.end(first[0])
    assert [m.child for m in world.start() if isinstance(m, PutChild)] == [digest("inner")]


def test_an_image_of_nothing_but_its_tag() -> None:
    world = World.of(image("nginx"))
    (tag,) = world.start()
    assert isinstance(tag, PutTag)
    assert world.end(tag) == (ImageDone(tag.image, Bytes(0, 0, 0, 0)),)


def test_a_shared_blob_is_sent_once_and_mounted_elsewhere() -> None:
    images = [image("a", BASE), image("b", BASE), image("c", BASE), image("a:2", BASE)]
    world = World.of(*images)
    lead = sends(world, "base")
    assert str(lead.image) == "a:1"
    assert world.start() == (), "whoever waits has nothing to do"
    copies = [each.copy for each in images]
    assert [world.schedule.spared(copy) for copy in copies] == [0, 0, 0, 0]
    world.end(lead)
    mounts = [m for m in world.start() if isinstance(m, Mount)]
    assert [(m.image.repository, m.from_repository) for m in mounts] == [("b", "a"), ("c", "a")]
    world.end(mounts[0])
    assert [world.schedule.spared(copy) for copy in copies] == [0, BASE.size, 0, BASE.size]
    world.run()
    assert world.done() == {"a:1", "b:1", "c:1", "a:2"}
    assert {str(end.image): end.moved for end in world.ended.values()} == {
        "a:1": Bytes(BASE.size, BASE.size, 0, 0),
        "a:2": Bytes(BASE.size, 0, 0, BASE.size),
        "b:1": Bytes(BASE.size, 0, BASE.size, 0),
        "c:1": Bytes(BASE.size, 0, BASE.size, 0),
    }


def test_an_image_that_comes_late_finds_what_is_there_and_mounts_the_rest() -> None:
    world = World.of(image("a", BASE)).run()
    world.add(image("a:2", BASE))
    assert [type(move) for move in world.start()] == [PutTag]
    world.add(image("b", BASE))
    assert [type(move) for move in world.start()] == [Mount]


def test_a_blob_that_comes_twice_in_an_image_is_one() -> None:
    world = World.of(image("a", BASE, BASE, config("c"))).run()
    (end,) = world.ended.values()
    assert end.moved == Bytes(BASE.size + 2000, BASE.size + 2000, 0, 0)


def test_large_layers_are_asked_for_by_a_small_request_and_small_blobs_while_they_are_sent() -> (
    None
):
    world = World.of(image("a", BASE, layer("small", 0.9), config("c", 3 * MIB)))
    check, *small = world.start(Budget(bodies=0, requests=100))
    assert isinstance(check, Check)
    assert check.blob == BASE
    assert [m.check for m in small if isinstance(m, Upload)] == [True, True]
    assert not any(move.is_body for move in small)
    world.end(check, Absent())
    (upload,) = world.start(Budget(bodies=1, requests=100))
    assert isinstance(upload, Upload)
    assert (upload.check, upload.is_body) == (False, True)


def test_what_is_there_already_moves_nothing_and_can_be_mounted() -> None:
    first, second = image("a", BASE), image("b", BASE)
    world = World.of(first, second)
    world.holds.add(("a", BASE.digest, False))
    world.run()
    assert world.ended[first.copy].moved == Bytes(BASE.size, 0, 0, BASE.size)
    assert world.ended[second.copy].moved == Bytes(BASE.size, 0, BASE.size, 0)
    assert not world.sent


def test_a_recompressed_layer_is_never_asked_for_nor_taken_for_the_same_layer() -> None:
    changed = layer("base", recompress=True)
    world = World.of(image("a", changed), image("a:2", BASE), image("b", changed))
    moves = world.start()
    assert [(type(m), m.is_body) for m in moves] == [(Upload, True), (Check, False)]
    assert isinstance(moves[0], Upload)
    assert not moves[0].check
    world.run()
    assert world.sent == Counter({("a", BASE.digest, True): 1, ("a", BASE.digest, False): 1})


@pytest.mark.parametrize("session", ["opened", None])
def test_a_refused_mount_is_an_upload_of_the_same_image(session: str | None) -> None:
    world = World.of(image("a", BASE), image("b", BASE))
    world.end(sends(world, "base"))
    mount = next(m for m in world.start() if isinstance(m, Mount))
    world.end(mount, MountRefused(session))
    if session is None:
        check = next(m for m in world.start() if isinstance(m, Check))
        assert check.image is mount.image
        world.end(check)
    upload = next(m for m in world.start() if isinstance(m, Upload))
    assert upload.image is mount.image
    assert (upload.session, upload.check) == (session, False)
    assert world.run().done() == {"a:1", "b:1"}


def test_an_image_in_the_same_repository_takes_over_an_opened_session() -> None:
    other = image("b:2", BASE, config("c"))
    world = World.of(image("a", BASE), image("b:1", BASE), other)
    world.end(sends(world, "base"))
    mount = next(m for m in world.start() if isinstance(m, Mount))
    world.fail(mount.image, LATE)
    world.end(mount, MountRefused("opened"))
    upload = next(m for m in world.start() if isinstance(m, Upload) and m.blob == BASE)
    assert (str(upload.image), upload.session) == ("b:2", "opened")
    assert world.run().done() == {"a:1", "b:2"}


def test_a_repository_that_refused_a_mount_is_not_asked_again() -> None:
    world = World.of(image("a", BASE), image("b:1", BASE), image("b:2", BASE))
    world.end(sends(world, "base"))
    mount = next(m for m in world.start() if isinstance(m, Mount))
    world.end(mount, MountRefused("opened"))
    upload = next(m for m in world.start() if isinstance(m, Upload))
    world.end(upload, Broken(DENIED))
    again = next(m for m in world.start() if isinstance(m, Upload))
    assert (str(again.image), again.session) == ("b:2", None)


def test_a_failed_leader_promotes_the_next_that_waits() -> None:
    world = World.of(image("a", BASE), image("b", BASE), image("c", BASE))
    world.end(sends(world, "base"), Broken(DENIED))
    assert str(sends(world, "base").image) == "b:1"
    world.run()
    assert (world.done(), world.failed()) == ({"b:1", "c:1"}, {"a:1": DENIED})
    assert world.schedule.statistics().promotions == 1


def test_a_failed_check_promotes_too() -> None:
    world = World.of(image("a", BASE), image("b", BASE))
    (check,) = world.start()
    world.end(check, Broken(DENIED))
    assert world.run().done() == {"b:1"}


def test_a_failed_mount_fails_its_image_alone() -> None:
    world = World.of(image("a", BASE), image("b:1", BASE), image("b:2", BASE))
    world.end(sends(world, "base"))
    mount = next(m for m in world.start() if isinstance(m, Mount))
    world.end(mount, Broken(DENIED))
    assert world.run().done() == {"a:1", "b:2"}
    assert world.failed() == {"b:1": DENIED}


def test_what_a_source_lacks_comes_from_another_source_for_all_that_wait() -> None:
    world = World.of(
        image("a", BASE, source="broken"),
        image("b", BASE, source="broken"),
        image("c", BASE, source="whole"),
    )
    world.end(sends(world, "base"), Broken(MISSING))
    assert str(sends(world, "base").image) == "c:1"
    world.run()
    assert (world.done(), world.failed()) == ({"b:1", "c:1"}, {"a:1": MISSING})


def test_what_no_source_has_fails_all_that_wait_and_whoever_comes_later() -> None:
    world = World.of(
        image("a", BASE, source="broken"),
        image("b", BASE, source="broken"),
        image("c", layer("other"), source="broken"),
    )
    world.end(sends(world, "base"), Broken(MISSING))
    assert world.failed() == {"a:1": MISSING, "b:1": MISSING}
    world.add(image("d", BASE, source="broken"))
    assert "d:1" in world.failed()
    world.add(image("e", BASE, source="whole"))
    assert world.run().done() == {"c:1", "e:1"}


def test_a_passing_failure_of_a_source_lets_one_more_image_try() -> None:
    names = ("a", "b", "c")
    world = World.of(*(image(name, BASE, source="flaky") for name in names))
    world.end(sends(world, "base"), Broken(CUT))
    assert set(world.failed()) == {"a:1"}
    world.end(sends(world, "base"), Broken(CUT))
    assert set(world.failed()) == {"a:1", "b:1", "c:1"}


def test_a_failure_withdraws_what_has_not_begun_of_that_image_alone() -> None:
    doomed = image("a", layer("one", 9), layer("two", 8), BASE)
    world = World.of(doomed, image("b", BASE, layer("three", 7)))
    first = sends(world, "base", Budget(bodies=1, requests=100))
    world.end(first, Sent(BASE.size))
    second = sends(world, "one", Budget(bodies=1, requests=100))
    world.end(second, Broken(DENIED))
    world.run()
    assert world.failed() == {"a:1": DENIED}
    assert world.done() == {"b:1"}
    assert {where[1] for where in world.sent} == {BASE.digest, digest("three")}


def test_a_failed_image_goes_on_leading_what_it_has_begun() -> None:
    doomed = image("a", BASE, layer("one", 5))
    world = World.of(doomed, image("b", BASE))
    lead = sends(world, "base", Budget(bodies=1, requests=100))
    world.fail(doomed, LATE)
    assert world.failed() == {"a:1": LATE}
    assert world.schedule.is_wanted(lead)
    assert not world.schedule.is_over
    world.end(lead)
    world.run()
    assert world.done() == {"b:1"}
    assert [where[0] for where in world.sent] == ["a"]


def test_what_a_failed_image_has_begun_for_itself_is_not_wanted() -> None:
    doomed = image("a", BASE)
    world = World.of(doomed)
    lead = sends(world, "base")
    assert world.schedule.is_wanted(lead)
    world.fail(doomed, LATE)
    assert not world.schedule.is_wanted(lead)
    world.end(lead, Broken(Failure(LATE.code)))
    assert world.schedule.is_over


def test_an_image_whose_tag_is_being_put_ends_as_that_goes() -> None:
    """A tag that may have been put must not belong to a failed image."""
    answers: list[Result[str]] = [Put(), Broken(DENIED), Lacking(frozenset(), MISMATCH)]
    images = [image(f"i:{number}") for number in range(len(answers))]
    world = World.of(*images)
    tags = world.start()
    for each in images:
        world.fail(each, LATE)
    assert not world.ended
    for tag, answer in zip(tags, answers, strict=True):
        assert world.schedule.is_wanted(tag)
        world.end(tag, answer)
    assert world.schedule.is_over
    assert (world.done(), world.failed()) == ({"i:0"}, {"i:1": DENIED, "i:2": LATE})


def test_what_a_failed_image_was_to_lead_is_led_by_another() -> None:
    doomed = image("a", BASE)
    world = World.of(doomed, image("b", BASE))
    (check,) = world.start()
    world.end(check)
    world.fail(doomed, LATE)
    assert str(sends(world, "base").image) == "b:1"
    assert world.run().done() == {"b:1"}


def test_a_manifest_that_lacks_what_the_registry_claimed_to_have_gets_it_sent_once() -> None:
    nginx = image("nginx", BASE, config("c"), children=(("amd64", "arm64"),))
    world = World.of(nginx)
    world.claims.add(("nginx", BASE.digest, False))
    world.run()
    assert world.done() == {"nginx:1"}
    assert world.sent["nginx", BASE.digest, False] == 1
    assert world.ended[nginx.copy].moved.sent == BASE.size + 2000


def test_a_registry_that_does_not_name_what_it_lacks_gets_all_that_it_was_not_sent() -> None:
    world = World.of(image("nginx", BASE, layer("sent", 20)))
    world.claims.add(("nginx", BASE.digest, False))
    for move in world.moves():
        if isinstance(move, PutTag) and not world.sent["nginx", BASE.digest, False]:
            world.end(move, Lacking(frozenset(), MISMATCH))
        else:
            world.end(move)
    assert world.done() == {"nginx:1"}
    assert set(world.sent.values()) == {1}


def test_a_manifest_that_goes_on_lacking_fails_its_image() -> None:
    world = World.of(image("nginx", BASE))
    for move in world.moves():
        world.end(move, Lacking(frozenset(), MISMATCH) if isinstance(move, PutTag) else None)
    assert world.failed() == {"nginx:1": MISMATCH}


def test_big_layers_go_first_whoever_they_belong_to() -> None:
    world = World.of(
        image("a", layer("small", 2), layer("biggest", 30)), image("b", layer("big", 20))
    )
    for check in world.start(Budget(bodies=0, requests=100)):
        world.end(check)
    uploads = [m for m in world.start() if isinstance(m, Upload)]
    assert [m.blob.size // MIB for m in uploads] == [30, 20, 2]


def test_of_equal_layers_the_one_that_most_images_wait_for_goes_first() -> None:
    mine, shared = layer("mine"), layer("shared")
    world = World.of(image("a", mine, shared))
    for check in world.start(Budget(bodies=0, requests=100)):
        world.end(check)
    world.add(image("b", shared))
    (upload,) = world.start(Budget(bodies=1, requests=0))
    assert isinstance(upload, Upload)
    assert upload.blob == shared


def test_small_requests_end_images_first_then_feed_the_bodies() -> None:
    world = World.of(image("a", layer("tiny", 0.5)), image("b", BASE))
    world.add(image("done"))
    one = Budget(bodies=0, requests=1)
    order: list[type[Move]] = []
    for move in world.moves(one):
        order.append(type(move))
        if len(order) == 3:
            break
        world.end(move)
    assert order == [PutTag, Check, Upload]


def test_parallel_counts_images_that_send_large_layers_of_their_own() -> None:
    first = image("a", layer("a1", 30), layer("a2", 2))
    world = World.of(
        first,
        image("b", layer("b1", 20)),
        image("c", layer("c1", 10), layer("c2", 0.5), config("cc")),
        parallel=1,
    )
    for check in world.start(Budget(bodies=0, requests=100)):
        world.end(check)
    world.start(Budget(bodies=0, requests=100))
    started = [m.blob.size // MIB for m in world.start() if isinstance(m, Upload)]
    assert started == [30, 2], "the small layers and configs of others don't wait for a slot"
    assert world.schedule.statistics().moving == 1
    for move in tuple(world.running):
        if move.image is first:
            world.end(move)
    assert [m.image.repository for m in world.start() if m.is_body] == ["b"]


def test_waiting_for_a_shared_layer_takes_no_slot() -> None:
    world = World.of(
        image("a", BASE), image("b", layer("b1", 30), BASE), image("c", layer("c1", 5)), parallel=2
    )
    for check in world.start(Budget(bodies=0, requests=100)):
        world.end(check)
    a_and_b = world.start(Budget(bodies=9, requests=0))
    assert [m.image.repository for m in a_and_b] == ["b", "a"]
    world.end(a_and_b[0])
    assert [m.image.repository for m in world.start(Budget(bodies=9, requests=0))] == ["c"]


def test_an_image_that_has_begun_is_finished_before_another_begins() -> None:
    world = World.of(
        image("a", layer("a1", 30), layer("a2", 3)), image("b", layer("b1", 20)), parallel=1
    )
    for check in world.start(Budget(bodies=0, requests=100)):
        world.end(check)
    one = Budget(bodies=1, requests=100)
    sent: list[int] = []
    for move in world.moves(one):
        sent.extend([move.blob.size // MIB] if isinstance(move, Upload) else [])
        world.end(move)
    assert sent == [30, 3, 20]


def test_fewer_bodies_are_allowed_than_run() -> None:
    world = World.of(*(image(f"i{n}", layer(f"l{n}")) for n in range(6)))
    for check in world.start(Budget(bodies=0, requests=100)):
        world.end(check)
    bodies = world.start(Budget(bodies=4, requests=0))
    assert len(bodies) == 4
    world.end(bodies[0])
    assert world.start(Budget(bodies=2, requests=0)) == ()
    world.end(bodies[1])
    world.end(bodies[2])
    assert len(world.start(Budget(bodies=2, requests=0))) == 1


def test_statistics_are_of_one_moment() -> None:
    world = World.of(image("a", BASE), image("b", BASE))
    before = world.schedule.statistics()
    world.run()
    after = world.schedule.statistics()
    assert before == replace(before, images=2, done=0, to_send=BASE.size, sent=0, mounted=0)
    assert (after.done, after.to_send, after.sent, after.mounted) == (2, 0, BASE.size, BASE.size)
    assert (after.uploads, after.mounts, after.bodies, after.requests) == (1, 1, 0, 0)


def test_the_story_of_a_schedule() -> None:
    world = World.of(image("a", BASE), image("b", BASE, layer("own", 2)), image("c"))
    tag, _check = world.start(Budget(bodies=0, requests=2))
    assert repr(tag) == "<#1 c:1: put the tag>"
    world.end(world.running[1])
    world.start(Budget(bodies=1, requests=1))
    base, own = BASE.digest.encoded[:8], digest("own").encoded[:8]
    assert repr(world.schedule) == (
        "<Schedule: 0 of 3 images done, 0 failed, 1 moving; "
        "under way: bodies 1, requests 1; 12.0 MiB to send>"
    )
    assert world.schedule.story().splitlines() == [
        "a:1 waits for 1 of its blobs",
        f"  layer {base} (10.0 MiB): is being sent by a:1",
        "b:1 waits for 2 of its blobs",
        f"  layer {base} (10.0 MiB): first is being sent by a:1 in a",
        f"  layer {own} (2.0 MiB): waits to be asked for by b:1",
        "c:1 has its blobs and waits for manifests to be put: 1",
    ]
    assert repr(world.running[1]) == f"<#3 a:1: send layer {base} (10.0 MiB)>"


def test_a_transfer_ends_once_and_only_as_its_kind_can() -> None:
    world = World.of(image("a", BASE))
    (check,) = world.start()
    with pytest.raises(ValueError, match="can't end as"):
        world.schedule.end(check, Mounted())
    world.schedule.end(check, Absent())
    with pytest.raises(ValueError, match="now"):
        world.schedule.end(check, Absent())
    with pytest.raises(ValueError, match="added before"):
        world.schedule.add(check.image)
    with pytest.raises(ValueError, match="parallel"):
        Schedule[str](0)


LAYERS = st.builds(
    layer,
    st.sampled_from("abcdefgh"),
    st.sampled_from([0.1, 2, 2, 5, 40]),
    recompress=st.sampled_from([False, False, False, True]),
)
BLOBS = st.lists(LAYERS | st.builds(config, st.sampled_from("xyz")), max_size=6)
WAVES = st.sampled_from([(), (("m1", "m2"),), (("m1", "m2"), ("inner",))])


@st.composite
def plans(draw: st.DrawFn) -> tuple[Image, ...]:
    """Images that share blobs, repositories and sources."""
    count = draw(st.integers(0, 9))
    return tuple(
        image(
            f"{draw(st.sampled_from('pqrs'))}:{number}",
            *draw(BLOBS),
            source=draw(st.sampled_from(["one", "two", "three"])),
            children=draw(WAVES),
        )
        for number in range(count)
    )


BUDGETS = st.builds(Budget, bodies=st.integers(1, 4), requests=st.integers(1, 6))
FAILURES = st.sampled_from([MISSING, CUT, DENIED, LATE])


def trouble(move: Move, failure: Failure, *, fails: bool) -> Broken | MountRefused[str] | Lacking:
    """How a transfer may end badly."""
    match move:
        case Mount() if not fails:
            return MountRefused(f"session {move.number}" if move.number % 2 else None)
        case PutChild() | PutTag() if not fails:
            named = frozenset(blob.digest for blob in move.image.blobs[:2])
            return Lacking(named if move.number % 2 else frozenset(), MISMATCH)
        case _:
            return Broken(failure)


@given(st.data(), plans(), st.integers(1, 3))
@settings(max_examples=300)
def test_everything_ends_whatever_happens(
    data: st.DataObject, plan: tuple[Image, ...], parallel: int
) -> None:
    world = World.of(parallel=parallel)
    for place in {where(each, blob): None for each in plan for blob in each.blobs}:
        state = data.draw(st.sampled_from([world.holds, world.claims, set(), set(), set(), set()]))
        state.add(place)
    unseen, given_up = list(plan), set[Image]()
    while unseen or not world.schedule.is_over:
        what = data.draw(st.sampled_from(["end"] * 8 + ["trouble"] * 3 + ["add", "give up"]))
        if unseen and (what == "add" or world.schedule.is_over):
            world.add(unseen.pop())
        elif what == "give up" and len(unseen) < len(plan):
            given_up.add(each := data.draw(st.sampled_from(plan[len(unseen) :])))
            world.fail(each, LATE)
        else:
            world.start(data.draw(BUDGETS))
            assert world.running, "nothing runs and nothing starts: a deadlock"
            judge_wanted(world, plan[len(unseen) :])
            move = data.draw(st.sampled_from(world.running))
            bad = trouble(move, data.draw(FAILURES), fails=data.draw(st.booleans()))
            world.end(move, bad if what == "trouble" else None)
    judge_ends(world, plan, given_up)
    now = world.schedule.statistics()
    assert (now.to_send, now.bodies, now.requests, now.moving) == (0, 0, 0, 0)
    assert now.done + now.failed == now.images == len(plan)


def judge_wanted(world: World, added: tuple[Image, ...]) -> None:
    """What an open image runs is wanted; what no open image has a use for is not."""
    still_open = [each for each in added if each.copy not in world.ended]
    for move in world.running:
        wanted = world.schedule.is_wanted(move)
        if move.image in still_open:
            assert wanted, move
        elif not any(of_use(move, each) for each in still_open):
            assert not wanted, move


def of_use(move: Move, other: Image) -> bool:
    return not isinstance(move, PutChild | PutTag) and move.blob.digest in {
        blob.digest for blob in other.blobs
    }


def judge_ends(world: World, plan: tuple[Image, ...], given_up: set[Image]) -> None:
    assert set(world.ended) == {each.copy for each in plan}
    for end in world.ended.values():
        moved, each = end.moved, end.image
        assert moved.total == sum({where(each, b): b.size for b in each.blobs}.values())
        has_tag = (each.copy, None) in world.put
        match end:
            case ImageDone():
                assert has_tag
                assert all(world.has(each, blob) for blob in each.blobs)
                assert moved.sent + moved.mounted + moved.present >= moved.total
            case ImageFailed():
                assert not has_tag
                own = {failure for image, failure in world.said if image is each}
                of_source = {
                    failure
                    for image, failure in world.said
                    if image.source == each.source and failure.side is Side.SOURCE
                }
                late = {LATE} if each in given_up else set[Failure]()
                assert end.failure in own | of_source | late


@given(st.data(), plans(), st.integers(1, 3))
def test_without_trouble_each_blob_is_sent_once(
    data: st.DataObject, plan: tuple[Image, ...], parallel: int
) -> None:
    world = World.of(*plan, parallel=parallel)
    while not world.schedule.is_over:
        world.start(data.draw(BUDGETS))
        world.end(data.draw(st.sampled_from(world.running)))
    assert world.done() == {str(each) for each in plan}
    sent = Counter((name, recompress) for (_, name, recompress) in world.sent.elements())
    assert set(sent.values()) <= {1}
    assert set(sent) == {(b.digest, b.recompress) for each in plan for b in each.blobs}
    for end in world.ended.values():
        moved = end.moved
        assert moved.sent + moved.mounted + moved.present == moved.total


@given(plans(), st.integers(1, 3), BUDGETS, st.randoms(use_true_random=False))
def test_the_same_events_bring_the_same_transfers(
    plan: tuple[Image, ...], parallel: int, budget: Budget, random: Random
) -> None:
    once, again = (World.of(*plan, parallel=parallel) for _ in range(2))
    while not once.schedule.is_over:
        assert once.start(budget) == again.start(budget)
        move = random.choice(once.running)
        bad = trouble(move, MISSING, fails=True) if random.random() < 0.1 else None
        once.end(move, bad)
        again.end(move, bad)
    assert once.ended == again.ended


def fleet(images: int) -> tuple[Image, ...]:
    """Five layers each: four of its own, one that eight share, and a base that all share."""
    return tuple(
        image(
            f"i{n}:1",
            config(f"c{n}"),
            BASE,
            layer(f"shared {n // 8}", 3),
            *(layer(f"own {n} {k}", 1 + (n * 7 + k) % 50) for k in range(4)),
            source=f"source{n % 17}",
            children=((f"m{n}",),),
        )
        for n in range(images)
    )


def lines_run(images: int, *, troubled: bool) -> int:
    """How many lines of the schedule's own code run for a fleet.

    Every third upload and every fourth mount end badly when troubled, so that images fail, lead
    and are promoted.
    """
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> "TraceFunction | None":
        nonlocal count
        if "schedule" + os.sep not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    plan = fleet(images)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        drive(Schedule(5), plan, troubled=troubled)
    finally:
        sys.settrace(before)
    return count


def drive(schedule: Schedule[str], plan: tuple[Image, ...], *, troubled: bool) -> None:
    """Like an engine on the bare schedule: add, start, end, with nothing kept but the queue."""
    running: deque[Move] = deque()
    for each in plan:
        schedule.add(each)
    while not schedule.is_over:
        running.extend(schedule.next(Budget(bodies=8, requests=24)))
        schedule.end(move := running.popleft(), easy_answer(move, troubled=troubled))


def easy_answer(move: Move, *, troubled: bool) -> Result[str]:
    match move:
        case Check():
            return Absent()
        case Upload():
            bad = troubled and move.number % 3 == 0
            return Broken((CUT, DENIED)[move.number % 2]) if bad else Sent(move.blob.size)
        case Mount():
            return MountRefused("s") if troubled and move.number % 4 == 0 else Mounted()
        case PutChild() | PutTag():
            return Put()


@pytest.mark.parametrize("troubled", [False, True])
def test_the_work_of_a_schedule_grows_in_line_with_the_plan(*, troubled: bool) -> None:
    quarter, half, whole = (lines_run(n, troubled=troubled) for n in (250, 500, 1000))
    assert half < 2.3 * quarter
    assert whole < 2.3 * half
    assert whole < 1000 * 7 * 400
