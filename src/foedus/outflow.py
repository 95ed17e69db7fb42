"""What one recipient has been given so far: its own track numbers, and which rows are new to it."""

import numpy as np

from foedus.model import I16, I32, Bool, Form, Reports, Tracks
from foedus.wire import Columns, Evidence, Picture, Send, Verdicts, pack_columns

NO_EVIDENCE = Evidence(Columns(0, ()))


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
        """Forget tracks that no longer exist; their numbers are not used again."""
        if len(self._given) > 2 * len(tracks.number) + 64:
            alive = dict.fromkeys(tracks.number.tolist())
            self._given = {own: given for own, given in self._given.items() if own in alive}

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
