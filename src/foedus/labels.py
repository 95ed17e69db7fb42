"""To whom the tracks of a member's picture may go on: the bulk answer behind the labels of outgoing formats.

A row of the picture rests on own tracks and on rows that partners gave. Each of these has its own answer: an
own track may go where the pact releases it as it stands, a partner's row where that partner marked it
`onward`, and back to the partner itself, which knows it. The fused row may go where all of them may, in the
lowest form.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from foedus.model import I8, I16, I64, Form, Tracks
from foedus.pact.tables.compile import PactTables
from foedus.pact.tables.release import decide, zones_of
from foedus.pact.tables.rules import DENY
from foedus.partners import Partner
from foedus.view import Labels


class Contributed(NamedTuple):
    """What one party has in the picture, and to whom each of these rows may go on."""

    bit: int  # of the party, in the order of the pact
    numbers: I64  # (m,) that party's numbers
    form: I8  # (m, parties)
    clause: I16  # (m, parties)


def from_partner(partner: Partner, tables: PactTables) -> Contributed:
    """The rows that a partner gave: onward where it says so, and back to itself."""
    reports = partner.reports
    bit = tables.parties.index(partner.party)
    form = reports.onward.copy()
    form[:, bit] = reports.form
    clause = np.where(form > Form.NONE, reports.clause[:, None], np.int16(DENY))
    return Contributed(bit, reports.number.astype(np.int64), form, clause)


def label(
    picture: Tracks, pairs: list[tuple[int, int, int]], contributions: list[Contributed], tables: PactTables
) -> Labels:
    """The label of each row of the picture: over everything behind it the lowest form for each party.

    pairs: (party bit, that party's number, number in the picture) of every row behind the picture, as the
    fuser tells them. A row of which anything is not in the contributions may go to nobody.
    """
    shape = (len(picture.number), len(tables.parties))
    form = np.full(shape, Form.SOURCE, np.int8)
    clause = np.full(shape, DENY, np.int16)
    known = {entry.bit: entry for entry in contributions}
    for bit, theirs, fused in _by_party(pairs):
        rows = _places(picture.number.astype(np.int64), fused)
        theirs_form, theirs_clause = _rows_of(known.get(bit), theirs, len(tables.parties))
        lower = theirs_form < form[rows]
        form[rows] = np.where(lower, theirs_form, form[rows])
        clause[rows] = np.where(lower, theirs_clause, clause[rows])
    if tables.hub:
        form = _entitled(picture, form, tables)
    clause[form == Form.NONE] = DENY
    form[:, tables.me] = Form.SOURCE
    clause[:, tables.me] = DENY
    return Labels(form, clause)


def _by_party(pairs: list[tuple[int, int, int]]) -> Iterator[tuple[int, I64, I64]]:
    """(bit, that party's numbers, numbers in the picture), party by party."""
    table = np.array(pairs, np.int64).reshape(-1, 3)
    for bit in np.unique(table[:, 0]).tolist():
        rows = table[table[:, 0] == bit]
        yield bit, rows[:, 1], rows[:, 2]


def _places(numbers: I64, wanted: I64) -> I64:
    """Where each wanted number stands; every one of them is there."""
    order = np.argsort(numbers, kind="stable")
    places = order[np.searchsorted(numbers, wanted, sorter=order)]
    assert np.array_equal(numbers[places], wanted)
    return np.asarray(places, np.int64)


def _rows_of(contributed: Contributed | None, theirs: I64, parties: int) -> tuple[I8, I16]:
    """Form and clause of these rows of a party, NONE for those that it does not have."""
    form = np.zeros((len(theirs), parties), np.int8)
    clause = np.full((len(theirs), parties), DENY, np.int16)
    if contributed is not None:
        here = np.isin(theirs, contributed.numbers)
        places = _places(contributed.numbers, theirs[here])
        form[here] = contributed.form[places]
        clause[here] = contributed.clause[places]
    return form, clause


def _entitled(picture: Tracks, form: I8, tables: PactTables) -> I8:
    """At the hub, the lower of what members let go on and of what the pact entitles each party to."""
    zones = zones_of(tables, picture.lat_rad, picture.lon_rad, picture.height_m)
    entitled = decide(tables, picture.track_class, zones).form
    return np.minimum(form, entitled)
