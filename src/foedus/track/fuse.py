"""Tracks of several parties, own ones among them, fused to one picture with numbers of its own."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from foedus.limits import MEMBERS_MAX
from foedus.model import Tracks
from foedus.track.fuse_kernels import fill_picture, fuse
from foedus.track.fuse_rows import (
    HEAD_CUT,
    HEAD_FULL,
    HEAD_OBJECTS,
    HEAD_REFUSED,
    HEAD_ROWS,
    HEAD_STALE,
    load_rows,
    make_fuse_desk,
)

_DTYPES = tuple(column.dtype for column in Tracks.empty())


class Source(NamedTuple):
    """What one party contributes: its bit in the order of the pact, its tracks under its own numbers."""

    bit: int
    tracks: Tracks


class Fuser:
    """The picture of one node.

    via: for each party by bit, the set of parties whose observations may be inside its rows; where it is not
    given, a party's rows hold its own observations only.
    """

    def __init__(self, via: Sequence[int] = ()) -> None:
        self._desk = make_fuse_desk()
        self._via = tuple(via) or tuple(1 << bit for bit in range(MEMBERS_MAX))

    def set_via(self, via: Sequence[int]) -> None:
        """Go by these sets from the next update on."""
        self._via = tuple(via)

    def update(self, sources: Sequence[tuple[int, Tracks]], *, now_ns: int) -> Tracks:
        """The fused picture by number; a row's `sources` are the parties behind it.

        sources: every party's present rows, in the same order at every call; unknown heights and velocities
        are NaN. The first in the order that knows an address, a code or a callsign names it. A party's rows
        are never fused with one another. Velocity columns are NaN where no party knows the velocity.
        Sigmas are honest whatever the rows have in common within their via sets; see docs/tracking.md.
        """
        desk = self._desk
        desk.head[HEAD_ROWS] = 0
        for bit, tracks in sources:
            assert 0 <= bit < len(self._via)
            load_rows(desk, _native(tracks), bit, self._via[bit], now_ns)
        fuse(desk)
        picture = Tracks.empty(int(desk.head[HEAD_OBJECTS]))
        fill_picture(desk, picture)
        return picture

    def members(self, number: int) -> tuple[tuple[int, int], ...]:
        """(party bit, that party's number) of the rows behind a number of the newest picture, or none."""
        return tuple((bit, theirs) for bit, theirs, fused in self.pairs() if fused == number)

    def number_of(self, bit: int, number: int) -> int:
        """The number in the newest picture of a party's row; 0 if it is not in it."""
        return next((fused for whose, theirs, fused in self.pairs() if (whose, theirs) == (bit, number)), 0)

    def pairs(self) -> list[tuple[int, int, int]]:
        """(party bit, that party's number, number in the newest picture) of every row behind it."""
        rows = self._desk.rows[: self._desk.head[HEAD_ROWS]]
        fused = self._desk.objects["number"][rows["object"]]
        return list(zip(rows["bit"].tolist(), rows["number"].tolist(), fused.tolist(), strict=True))

    @property
    def searches_cut(self) -> int:
        """How many searches for a pair have ended at PAIR_LOOKS_MAX objects."""
        return int(self._desk.head[HEAD_CUT])

    @property
    def refused(self) -> tuple[tuple[str, int], ...]:
        """(reason, rows) of all rows left out so far."""
        head = self._desk.head
        counts = (
            ("impossible value", int(head[HEAD_REFUSED])),
            ("older than a minute", int(head[HEAD_STALE])),
            ("picture full", int(head[HEAD_FULL])),
        )
        return tuple((reason, count) for reason, count in counts if count)


def _native(tracks: Tracks) -> Tracks:
    """The tracks in the one memory layout for which the kernels are compiled: contiguous, writable."""
    return Tracks._make(
        column if _fits(column, dtype) else np.require(column, dtype, ("C", "W"))
        for column, dtype in zip(tracks, _DTYPES, strict=True)
    )


def _fits(column: Any, dtype: np.dtype[Any]) -> bool:
    return bool(column.dtype == dtype and column.flags.c_contiguous and column.flags.writeable)
