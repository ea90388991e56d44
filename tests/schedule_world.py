"""Images to schedule, and a target registry in which the transfers of a schedule come true."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from registry_mirror.errors import Code, Failure, Side
from registry_mirror.oci.digest import Digest
from registry_mirror.oci.platform import DEFAULT_SELECTION
from registry_mirror.oci.reference import Reference
from registry_mirror.plan import Copy
from registry_mirror.schedule import (
    Absent,
    Blob,
    Broken,
    Budget,
    Check,
    Ended,
    Image,
    ImageDone,
    ImageFailed,
    Kind,
    Lacking,
    Mount,
    Mounted,
    MountRefused,
    Present,
    Put,
    PutChild,
    PutTag,
    Result,
    Schedule,
    Sent,
    Transfer,
    Upload,
)

MIB = 1024 * 1024
PLENTY = Budget(bodies=100, requests=100)

MISSING = Failure(Code.BLOB_MISSING, Side.SOURCE)
CUT = Failure(Code.SOURCE_UNAVAILABLE, Side.SOURCE)
DENIED = Failure(Code.TARGET_DENIED, Side.TARGET)
LATE = Failure(Code.TIMEOUT)
MISMATCH = Failure(Code.TARGET_MISMATCH, Side.TARGET)

Move = Transfer[str]
Answer = Result[str]
Where = tuple[str, Digest, bool]


def digest(name: str) -> Digest:
    return Digest.of(name.encode())


def layer(name: str, mib: float = 10, *, recompress: bool = False) -> Blob:
    return Blob(digest(name), int(mib * MIB), recompress=recompress)


def config(name: str, size: int = 2000) -> Blob:
    return Blob(digest(name), size, Kind.CONFIG)


def image(
    target: str, *blobs: Blob, source: str = "", children: tuple[tuple[str, ...], ...] = ()
) -> Image:
    repository, _, tag = target.partition(":")
    copy = Copy(
        line=1,
        source=Reference("source.test", source or repository, "1"),
        target=Reference("target.test", repository, tag or "1"),
        selection=DEFAULT_SELECTION,
    )
    waves = tuple(tuple(digest(child) for child in wave) for wave in children)
    return Image(copy, blobs, waves)


@dataclass
class World:
    """Carries out transfers, and objects to any that a schedule must not ask for.

    `holds` is what the target has; `claims` is what it wrongly says it has, and `believed` what
    it has ever said to have. `said` are the failures it has answered with.
    """

    schedule: Schedule[str]
    parallel: int
    holds: set[Where] = field(default_factory=set)
    claims: set[Where] = field(default_factory=set)
    believed: set[Where] = field(default_factory=set)
    said: list[tuple[Image, Failure]] = field(default_factory=list)
    running: list[Move] = field(default_factory=list)
    ended: dict[Copy, Ended] = field(default_factory=dict)
    put: set[tuple[Copy, Digest | None]] = field(default_factory=set)
    sent: Counter[Where] = field(default_factory=Counter)
    begun: list[str] = field(default_factory=list)
    sessions: dict[Where, str] = field(default_factory=dict)

    @classmethod
    def of(cls, *images: Image, parallel: int = 100) -> "World":
        world = cls(Schedule(parallel), parallel)
        for each in images:
            world.add(each)
        return world

    def add(self, each: Image) -> None:
        self.note(self.schedule.add(each))

    def start(self, budget: Budget = PLENTY) -> tuple[Move, ...]:
        moves = self.schedule.next(budget)
        for move in moves:
            self._judge(move)
            self.running.append(move)
            self.begun.append(repr(move))
        bodies = sum(move.is_body for move in self.running)
        if any(move.is_body for move in moves):
            assert bodies <= budget.bodies
            assert len({m.image.copy for m in self.running if m.is_body}) <= self.parallel
        if any(not move.is_body for move in moves):
            assert len(self.running) - bodies <= budget.requests
        return moves

    def end(self, move: Move, answer: Answer | None = None) -> tuple[Ended, ...]:
        """End a transfer as told, or as the world makes it end."""
        answer = answer or self.natural(move)
        self.running.remove(move)
        if isinstance(answer, Broken | Lacking):
            self.said.append((move.image, answer.failure))
        match move, answer:
            case ((Check() | Upload()), Present()):
                self.believed.add(where(move.image, move.blob))
            case Upload(), Sent():
                self.sent[where(move.image, move.blob)] += 1
                self.holds.add(where(move.image, move.blob))
            case Mount(), Mounted():
                self.holds.add(where(move.image, move.blob))
            case Mount(), MountRefused(session) if session:
                self.sessions[where(move.image, move.blob)] = session
            case ((PutChild() | PutTag()), Put()):
                self.put.add((move.image.copy, _child(move)))
            case ((PutChild() | PutTag()), Lacking(named)):
                lacking = [b for b in move.image.blobs if not named or b.digest in named]
                self.claims -= {where(move.image, blob) for blob in lacking}
            case _:
                pass
        ended = self.schedule.end(move, answer)
        self.note(ended)
        return ended

    def fail(self, each: Image, failure: Failure) -> None:
        self.note(self.schedule.fail(each.copy, failure))

    def natural(self, move: Move) -> Answer:
        match move:
            case Check():
                return Present() if self.seems_there(move.image, move.blob) else Absent()
            case Upload():
                there = move.check and self.seems_there(move.image, move.blob)
                return Present() if there else Sent(move.blob.size)
            case Mount():
                held = (move.from_repository, move.blob.digest, move.blob.recompress) in self.holds
                return Mounted() if held else MountRefused(f"session {move.number}")
            case PutChild() | PutTag():
                lacking = {b.digest for b in move.image.blobs if not self.has(move.image, b)}
                return Lacking(frozenset(lacking), MISMATCH) if lacking else Put()

    def has(self, each: Image, blob: Blob) -> bool:
        return where(each, blob) in self.holds

    def seems_there(self, each: Image, blob: Blob) -> bool:
        return self.has(each, blob) or where(each, blob) in self.claims

    def note(self, ended: Iterable[Ended]) -> None:
        for end in ended:
            assert end.image.copy not in self.ended, f"{end.image} ended twice"
            self.ended[end.image.copy] = end

    def run(self, budget: Budget = PLENTY) -> "World":
        while not self.schedule.is_over:
            self.start(budget)
            self.end(self.running[0])
        return self

    def moves(self, budget: Budget = PLENTY) -> Iterator[Move]:
        """Every transfer as it starts, the earliest first; the caller ends it."""
        while not self.schedule.is_over:
            self.start(budget)
            yield self.running[0]

    def done(self) -> set[str]:
        return {str(e.image) for e in self.ended.values() if isinstance(e, ImageDone)}

    def failed(self) -> dict[str, Failure]:
        return {str(e.image): e.failure for e in self.ended.values() if isinstance(e, ImageFailed)}

    def _judge(self, move: Move) -> None:
        assert move.image.copy not in self.ended, f"{move} is for an image that has ended"
        assert all(move.number != other.number for other in self.running)
        match move:
            case Check() | Upload() | Mount():
                self._judge_blob(move)
            case PutChild() | PutTag():
                there = self.holds | self.believed
                assert all(where(move.image, b) in there for b in move.image.blobs), move
                assert self._earlier_manifests(move) <= self.put, move

    def _judge_blob(self, move: Check | Upload[str] | Mount) -> None:
        place = where(move.image, move.blob)
        others = (m for m in self.running if isinstance(m, Check | Upload | Mount))
        assert all(where(m.image, m.blob) != place for m in others), f"{move} runs already"
        if isinstance(move, Upload):
            assert not self.sent[place], f"{move} was sent before"
            session = self.sessions.pop(place, None)
            assert move.session == session
        if isinstance(move, Mount):
            assert move.from_repository != move.image.repository
            sender = (move.from_repository, move.blob.digest, move.blob.recompress)
            assert sender in self.holds | self.believed

    def _earlier_manifests(self, move: PutChild | PutTag) -> set[tuple[Copy, Digest | None]]:
        earlier: list[Digest] = []
        for wave in move.image.children:
            if isinstance(move, PutChild) and move.child in wave:
                break
            earlier.extend(wave)
        return {(move.image.copy, child) for child in earlier}


def where(each: Image, blob: Blob) -> Where:
    return each.repository, blob.digest, blob.recompress


def _child(move: PutChild | PutTag) -> Digest | None:
    return move.child if isinstance(move, PutChild) else None
