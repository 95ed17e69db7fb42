"""What one recipient has been given so far, and what waits until it is old enough to be given."""

from typing import NamedTuple

import numpy as np

from foedus.limits import PENDING_ROWS_MAX
from foedus.model import I8, I16, I32, I64, Bool, Form, Reports, Tracks, concatenate, take
from foedus.wire import Columns, Evidence, Picture, Send, Verdicts, pack_columns

NO_EVIDENCE = Evidence(Columns(0, ()))


class Held(NamedTuple):
    """Rows for one recipient, by the time at which each may leave."""

    due_ns: I64
    forms_in: I8  # at the hub the lowest onward form behind each row, as it came
    tracks: Tracks

    @classmethod
    def none(cls) -> "Held":
        """No rows."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int8), Tracks.empty())

    def where(self, mask: Bool) -> "Held":
        """The rows of the mask."""
        return Held(self.due_ns[mask], self.forms_in[mask], take(self.tracks, mask))

    def and_then(self, more: "Held") -> "Held":
        """These rows, then those."""
        return Held(
            np.concatenate([self.due_ns, more.due_ns]),
            np.concatenate([self.forms_in, more.forms_in]),
            concatenate([self.tracks, more.tracks]),
        )


class Outflow:
    """Numbers and newest times of the tracks that one recipient was given.

    Numbers are handed out in the order of first release to this recipient, so that they tell nothing about
    tracks that it was not given.
    """

    def __init__(self, recipient: str) -> None:
        self.recipient = recipient
        self.rows_count = 0
        self.withheld: dict[str, int] = {}  # rows by clause, "" for default deny
        self._next = 1
        self._given: dict[int, tuple[int, int]] = {}  # track number -> (recipient's number, newest time)
        self.pending = Held.none()
        self.pending_dropped = 0
        self._held_ns: dict[int, int] = {}  # track number -> newest time held back until due

    def fresh(self, tracks: Tracks, form: np.ndarray[tuple[int], np.dtype[np.int8]]) -> Bool:
        """Which rows are released and newer than what the recipient has."""
        mask = form > Form.NONE
        for row in np.flatnonzero(mask):
            given = self._given.get(int(tracks.number[row]))
            if given is not None and given[1] >= tracks.time_ns[row]:
                mask[row] = False
        return mask

    def number(self, tracks: Tracks) -> I32:
        """The recipient's numbers of these tracks, all of which are being released now."""
        numbers = np.empty(len(tracks.number), np.int32)
        for row, (own, time_ns) in enumerate(
            zip(tracks.number.tolist(), tracks.time_ns.tolist(), strict=True)
        ):
            given = self._given.get(own)
            if given is None:
                theirs, self._next = self._next, self._next + 1
            else:
                theirs = given[0]
            self._given[own] = (theirs, time_ns)
            numbers[row] = theirs
        return numbers

    def forget_absent(self, tracks: Tracks) -> None:
        """Forget tracks that no longer exist and wait for nothing; their numbers are not used again."""
        waiting = len(self.pending.due_ns)
        if max(len(self._given), len(self._held_ns)) > 2 * (len(tracks.number) + waiting) + 64:
            alive = dict.fromkeys([*tracks.number.tolist(), *self.pending.tracks.number.tolist()])
            self._given = {own: given for own, given in self._given.items() if own in alive}
            self._held_ns = {own: time_ns for own, time_ns in self._held_ns.items() if own in alive}

    # ------------------------------------------------------------ rows that are not old enough yet

    def unheld(self, tracks: Tracks) -> Bool:
        """Which rows are newer than what is held of their tracks already."""
        known = [self._held_ns.get(number, -1) for number in tracks.number.tolist()]
        return tracks.time_ns > np.array(known, np.int64)

    def hold(self, rows: Held) -> None:
        """Keep rows until they are due; beyond PENDING_ROWS_MAX the oldest are dropped and counted."""
        if len(rows.due_ns) == 0:
            return
        for number, time_ns in zip(rows.tracks.number.tolist(), rows.tracks.time_ns.tolist(), strict=True):
            self._held_ns[number] = max(time_ns, self._held_ns.get(number, -1))
        held = self.pending.and_then(rows)
        excess = len(held.due_ns) - PENDING_ROWS_MAX
        if excess > 0:
            self.pending_dropped += excess
            held = held.where(np.arange(len(held.due_ns)) >= excess)
        self.pending = held

    def take_due(self, now_ns: int) -> Held:
        """The rows that are due, which are held no longer."""
        due = self.pending.due_ns <= now_ns
        if not due.any():
            return Held.none()
        rows = self.pending.where(due)
        self.pending = self.pending.where(~due)
        return rows

    def drop_pending(self) -> None:
        """Drop and count all that waits: it came from plots, or under rights, that no longer stand so."""
        self.pending_dropped += len(self.pending.due_ns)
        self.pending = Held.none()
        self._held_ns = {}

    def start_anew(self) -> None:
        """Forget every track: the rows that come now are another tracker's, under numbers of its own."""
        self._given = {}
        self.drop_pending()

    def take_back(self, verdicts: tuple[Verdicts, ...]) -> None:
        """Subtract the rows of a message that the guard held back: nobody was given them."""
        self.rows_count -= sum(verdict.rows for verdict in verdicts if verdict.form != Form.NONE)

    def count(self, verdicts: tuple[Verdicts, ...]) -> None:
        """Add the rows of one message to this recipient's totals."""
        for verdict in verdicts:
            if verdict.form == Form.NONE:
                self.withheld[verdict.clause] = self.withheld.get(verdict.clause, 0) + verdict.rows
            else:
                self.rows_count += verdict.rows


def count_verdicts(
    form: np.ndarray[tuple[int], np.dtype[np.int8]], clause: I16, clauses: tuple[str, ...]
) -> tuple[Verdicts, ...]:
    """Rows per (form, clause), ordered by form and clause; clause -1 is default deny."""
    if len(form) == 0:
        return ()
    pairs, rows = np.unique(form.astype(np.int64) * 65536 + clause + 1, return_counts=True)
    found = []
    for pair, count in zip(pairs.tolist(), rows.tolist(), strict=True):
        index = pair % 65536 - 1
        found.append(Verdicts(clauses[index] if index >= 0 else "", pair // 65536, count))
    return tuple(found)


def picture_of(
    reports: Reports,
    *,
    recipient: str,
    time_ns: int,
    pact: str,
    clauses: tuple[str, ...],
    evidence: Evidence,
    verdicts: tuple[Verdicts, ...],
) -> Send:
    """The message for one recipient; it names only the clauses that its rows rest on."""
    used, rows = np.unique(reports.clause, return_inverse=True)
    return Send(
        recipient,
        Picture(
            time_ns,
            pact,
            tuple(clauses[index] for index in used.tolist()),
            pack_columns(reports._replace(clause=rows.astype(np.int16))),
        ),
        evidence,
        verdicts,
    )
