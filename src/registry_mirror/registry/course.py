"""How the next request of an upload goes, by what became of the ones before. No I/O."""

from dataclasses import dataclass, field

from registry_mirror.registry.profiles import ORDINARY, Profile

WHOLE = 8 * 1024 * 1024
"""Bytes of a blob that still goes in the closing request alone; some registries refuse 20 MB."""

LOST_SESSIONS = 2
"""After so many in a row blobs go in pieces."""

LEAST_PIECE = 1024 * 1024


@dataclass(slots=True)
class Lessons:
    """What all blobs of a target have learnt.

    `piece` is the size in bytes of requests that get through, None as long as there was no need to
    know it. `lost` counts the sessions that went with what was in them since a blob last arrived
    in one go. `takes_pieces` is False for a registry that puts them together wrongly.
    """

    profile: Profile = ORDINARY
    piece: int | None = None
    lost: int = 0
    takes_pieces: bool = True


@dataclass(slots=True)
class Course:
    """Of one blob."""

    lessons: Lessons
    _lost: int = 0
    _cuts: list[int] = field(default_factory=list)

    def fits_whole(self, size: int | None) -> bool:
        return size is not None and size <= min(WHOLE, self.lessons.piece or WHOLE)

    def piece(self, at: int, least: int) -> int | None:
        """The most bytes of the next request, None for all that are left.

        `at` is what the session has, `least` what the registry wants at least. A request that does
        not begin at the start says where it belongs, and some registries limit such ones.
        """
        limit = self.lessons.profile.largest_piece
        if self.lessons.piece is None:
            return max(limit, least) if at and limit else None
        return max(min(self.lessons.piece, limit or self.lessons.piece), least)

    def cut(self, moved: int) -> None:
        """A request broke off after so many bytes."""
        if moved:
            self._cuts.append(moved)

    def lose(self) -> bool:
        """A session is gone. True where the blob goes on in other pieces because of it.

        What was handed to a connection may not all have got through: half of it did. Without a cut
        pieces would be no help.
        """
        lessons, before = self.lessons, self.lessons.piece
        if not self._cuts or not lessons.takes_pieces:
            return False
        self._lost += 1
        lessons.lost += 1
        if max(self._lost, lessons.lost) >= LOST_SESSIONS:
            piece = max(min(self._cuts) // 2, LEAST_PIECE)
            lessons.piece = min(piece, before or piece)
        return lessons.piece != before

    def arrive(self) -> None:
        """The blob is there."""
        if self.lessons.piece is None:
            self.lessons.lost = 0

    def misplace(self) -> None:
        """The registry made other bytes of the parts that it was sent."""
        self.lessons.takes_pieces = False
        self.lessons.piece = None
