"""Beast binary and AVR text: streams of Mode S frames from receivers.

Beast: 0x1A, a type, six octets of a 12 MHz counter, one of signal level, the frame; every 0x1A inside is
doubled. AVR: a line `*HEX;` or `@COUNTERHEX;`. Neither has a clock, so the first frame is anchored on the
time at which it came, and the counter runs from there.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from foedus.feeds import mode_s, rows
from foedus.feeds.decoder import TRUNCATED, Decoded, add_counts, sorted_counts
from foedus.feeds.rows import new_rows, to_plots
from foedus.jit import kernel
from foedus.limits import RECORDS_PER_PASS_MAX
from foedus.model import I32, I64, Plots, concatenate

U8 = npt.NDArray[np.uint8]

ESCAPE: Final = 0x1A
LINE_BYTES_MAX: Final = 64
"""The longest AVR line has 43 characters."""

# Fields of the framing state.
POSITION: Final = 0
IN_GAP: Final = 1  # the present stretch of lost bytes is counted already
GAPS: Final = 2
CUT: Final = 3
STATE: Final = 4

NO_FRAME: Final = "stretch of bytes in which no frame was found"
FRAME_CUT: Final = "frame cut short by another"
NO_LINE: Final = "line that is no frame"

_FORMATS: Final = {
    0: "DF 0 short air-air surveillance",
    4: "DF 4 altitude reply",
    5: "DF 5 identity reply",
    11: "DF 11 all-call reply",
    16: "DF 16 long air-air surveillance",
    19: "DF 19 restricted extended squitter",
    20: "DF 20 Comm-B altitude reply",
    21: "DF 21 Comm-B identity reply",
    24: "DF 24 Comm-D",
    mode_s.MODE_A_C: "Mode A/C reply",
    mode_s.POSITION: "ADS-B airborne position",
    mode_s.POSITION_ALONE: "ADS-B airborne position without its other half",
    mode_s.IDENTIFICATION: "ADS-B identification",
    mode_s.VELOCITY: "ADS-B velocity",
    mode_s.SQUITTER_OTHER: "ADS-B other squitter",
    mode_s.RELAYED: "DF 18 relayed or ground-based squitter",
    mode_s.STATUS: "receiver status",
}

_REFUSED: Final = {
    mode_s.PARITY: "parity error",
    mode_s.LENGTH: "length that does not fit the downlink format",
    mode_s.FORMAT_UNKNOWN: "downlink format unknown",
    mode_s.SURFACE: "ADS-B surface position: not decoded by this version",
    mode_s.LEAP: "ADS-B position further from the last one than an aircraft flies",
    mode_s.STAMP: "counter of the receiver leapt",
    mode_s.TABLE_FULL: "more addresses at once than the decoder remembers",
}


@kernel
def find_frames(data: U8, state: I64, frames: U8, octets: I32, counters: I64) -> int:
    """Number of frames found from state[POSITION] on, at most as many as `frames` has rows.

    Filled: frames, shape (n, 14), octets and counters, shape (n,); octets is 0 for a receiver's status.
    """
    size = data.shape[0]
    n = 0
    while state[POSITION] + 1 < size and n < frames.shape[0]:
        p = state[POSITION]
        kind = data[p + 1]
        if data[p] != ESCAPE or not 0x31 <= kind <= 0x34:
            state[GAPS] += 1 - state[IN_GAP]
            state[IN_GAP] = 1
            state[POSITION] += 2 if data[p] == ESCAPE and kind == ESCAPE else 1
            continue
        length = 2 if kind == 0x31 else 7 if kind == 0x32 else 14
        p += 2
        counter = 0
        whole = True
        for i in range(7 + length):
            if p >= size or (data[p] == ESCAPE and p + 1 >= size):
                return n
            value = data[p]
            if value == ESCAPE:
                if data[p + 1] != ESCAPE:
                    whole = False
                    break
                p += 1
            p += 1
            if i < 6:
                counter = counter << 8 | int(np.int64(value))
            elif i > 6:
                frames[n, i - 7] = value
        state[POSITION] = p
        state[IN_GAP] = 0
        if not whole:
            state[CUT] += 1
            continue
        octets[n] = 0 if kind == 0x34 else length
        counters[n] = counter
        n += 1
    return n


class ModeSDecoder:
    """Decoder of one receiver's stream; `text`: AVR instead of Beast."""

    def __init__(self, *, text: bool) -> None:
        self._text = text
        self._now_ns = 0
        self._rest = b""
        self._overlong = False  # inside a line that was refused already
        self._state = np.zeros(STATE, np.int64)
        self._clock = np.zeros(mode_s.CLOCK, np.int64)
        self._aircraft = mode_s.no_aircraft()
        self._table = mode_s.parity_table()
        self._frames = np.zeros((RECORDS_PER_PASS_MAX, mode_s.FRAME_OCTETS_MAX), np.uint8)
        self._octets = np.zeros(RECORDS_PER_PASS_MAX, np.int32)
        self._counters = np.zeros(RECORDS_PER_PASS_MAX, np.int64)
        self._whole, self._real = new_rows(RECORDS_PER_PASS_MAX)
        self._whole[rows.MODE_A] = -1  # what no squitter can fill stays unknown
        self._real[:] = np.nan
        self._tally = np.zeros(mode_s.OUTCOMES, np.int64)

    def feed(self, data: bytes, now_ns: int) -> Decoded:
        """The positions that `data` completes; the first frame is taken to have come at `now_ns`."""
        refused: dict[str, int] = {}
        self._now_ns = now_ns
        parts = self._feed_text(data, refused) if self._text else self._feed_binary(data)
        return Decoded(
            concatenate(parts) if parts else Plots.empty(), self._accepted(), self._refused(refused)
        )

    def finish(self) -> Decoded:
        """Refuses an unfinished frame."""
        refused: dict[str, int] = {}
        parts = []
        if self._text:
            if self._rest.strip():  # a last line needs no end
                parts = self._take_lines([self._rest], refused)
        elif self._rest and not self._state[IN_GAP]:
            refused[TRUNCATED] = 1
        self._rest = b""
        self._overlong = False
        self._state[:] = 0
        plots = concatenate(parts) if parts else Plots.empty()
        return Decoded(plots, self._accepted(), self._refused(refused))

    def _feed_binary(self, data: bytes) -> list[Plots]:
        piece = np.frombuffer(bytearray(self._rest + data), np.uint8)  # writable, as the kernels' type is
        parts = []
        self._state[POSITION] = 0
        while count := find_frames(piece, self._state, self._frames, self._octets, self._counters):
            parts.extend(self._take(count))
        self._rest = piece[self._state[POSITION] :].tobytes()
        return parts

    def _feed_text(self, data: bytes, refused: dict[str, int]) -> list[Plots]:
        lines = (self._rest + data).replace(b";", b"\n").split(b"\n")
        self._rest = lines.pop()
        if self._overlong and lines:
            lines.pop(0)
            self._overlong = False
        parts = self._take_lines(lines, refused)
        if len(self._rest) > LINE_BYTES_MAX:
            if not self._overlong:
                add_counts(refused, ((NO_LINE, 1),))
            self._overlong = True
            self._rest = b""
        return parts

    def _take_lines(self, lines: list[bytes], refused: dict[str, int]) -> list[Plots]:
        parts = []
        count = 0
        for line in lines:
            text = line.strip()
            if not text:
                continue
            counter, frame = _parse_line(text)
            if not frame:
                add_counts(refused, ((NO_LINE, 1),))
                continue
            self._frames[count, : len(frame)] = list(frame)
            self._octets[count] = len(frame)
            self._counters[count] = counter
            count += 1
            if count == RECORDS_PER_PASS_MAX:
                parts.extend(self._take(count))
                count = 0
        parts.extend(self._take(count))
        return parts

    def _take(self, count: int) -> list[Plots]:
        count = mode_s.take_squitters(
            self._frames,
            self._octets,
            self._counters,
            count,
            self._now_ns,
            self._clock,
            self._table,
            self._aircraft,
            self._whole,
            self._real,
            self._tally,
        )
        return [to_plots(self._whole, self._real, count)] if count else []

    def _accepted(self) -> tuple[tuple[str, int], ...]:
        return sorted_counts({name: int(self._tally[outcome]) for outcome, name in _FORMATS.items()})

    def _refused(self, refused: dict[str, int]) -> tuple[tuple[str, int], ...]:
        """All reasons since the last call; empties the tables."""
        for outcome, name in _REFUSED.items():
            add_counts(refused, ((name, int(self._tally[outcome])),))
        add_counts(refused, ((NO_FRAME, int(self._state[GAPS])), (FRAME_CUT, int(self._state[CUT]))))
        self._state[GAPS] = 0
        self._state[CUT] = 0
        self._tally[:] = 0
        return sorted_counts(refused)


def _parse_line(text: bytes) -> tuple[int, bytes]:
    """(counter or NO_STAMP, frame) of an AVR line without its semicolon; an empty frame when it is none."""
    start = 13 if text[:1] == b"@" else 1
    digits = text[start:]
    if text[:1] not in (b"*", b"@") or len(digits) not in (4, 14, 28):
        return mode_s.NO_STAMP, b""
    try:
        counter = int(text[1:13], 16) if start == 13 else mode_s.NO_STAMP
        return counter, bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return mode_s.NO_STAMP, b""
