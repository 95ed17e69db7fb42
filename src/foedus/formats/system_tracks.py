"""What a tracker of air traffic control says of each track besides the estimate: a 16-bit number, its age.

I062/040 holds 16 bits, and numbers here have 31, so each track is given one that no other track has, and it
keeps it. A number is given anew only when every other has been given since: a display that missed the end of
a track must not take the next one for it.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from foedus.limits import ASTERIX_TRACKS_MAX
from foedus.model import F64, I64, SECOND_NS, Bool, Tracks, concatenate, take


class SystemTracks(NamedTuple):
    """Tracks to be sent now, those that ended since the last time behind them."""

    tracks: Tracks
    rows: I64  # (n,) where each stood in the picture, -1 for one that ended
    number: I64  # (n,) 1 to ASTERIX_TRACKS_MAX
    age_s: F64  # (n,) since the track was first sent
    first: Bool  # (n,)
    last: Bool  # (n,)


class SystemTrackBook:
    """Numbers and ages of the tracks of one output. `left_out` counts rows for which no number was free."""

    def __init__(self) -> None:
        self._free = deque(range(1, ASTERIX_TRACKS_MAX + 1))
        self._known: dict[int, tuple[int, int]] = {}  # number in the picture -> (number, first time)
        self._before = Tracks.empty()
        self.left_out = 0

    def update(self, picture: Tracks, *, now_ns: int) -> SystemTracks:
        """The tracks to be sent of this picture; each number of the picture stands in it once."""
        numbers = picture.number.tolist()
        present = dict.fromkeys(numbers)
        gone = [row for row, number in enumerate(self._before.number.tolist()) if number not in present]
        ended = [(row, *self._known.pop(int(self._before.number[row]))) for row in gone]
        news = [number for number in numbers if number not in self._known]
        for number in news[: len(self._free)]:
            self._known[number] = (self._free.popleft(), now_ns)
        self.left_out += sum(number not in self._known for number in news)
        rows = np.array([row for row, number in enumerate(numbers) if number in self._known], np.int64)
        tracks = take(picture, rows)
        entries = [self._known[number] for number in tracks.number.tolist()]
        entries += [(number, first_ns) for _, number, first_ns in ended]
        fresh = dict.fromkeys(news)
        self._free.extend(number for _, number, _ in ended)
        last = np.arange(len(entries)) >= len(rows)
        sent = concatenate([tracks, take(self._before, np.array(gone, np.int64))])
        self._before = tracks
        return SystemTracks(
            sent,
            np.concatenate([rows, np.full(len(ended), -1, np.int64)]),
            np.array([number for number, _ in entries], np.int64),
            (now_ns - np.array([first_ns for _, first_ns in entries], np.int64)) / SECOND_NS,
            np.array([number in fresh for number in sent.number.tolist()], bool) & ~last,
            last,
        )
