"""What a hub passed on, against what it was given: the originator's control, path by path.

A hub's row must rest on a row of a member, other than the recipient, that the caveats let go on to that
recipient in at least this form (docs/pact.md, caveat). Which row it rests on is read from place and time.
"""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from foedus.judge.cut import cell_deg
from foedus.judge.finding import Finding
from foedus.judge.pictures import Judged
from foedus.judge.place import EARTH_M, away_m
from foedus.judge.reading import Answer, Stand
from foedus.judge.tape import Flow, Tape, digest_of
from foedus.model import F64, I64, SECOND_NS, Form
from foedus.pact.clauses import Caveat, Warn, Withhold

RESTS_ON_NS: Final = 90 * SECOND_NS
"""How old a row may be on which another rests: a partner forgets rows of more than 60 s (docs/pact.md)."""

NEAR_M: Final = 8_000.0
"""Two rows are of one object within this, and four sigma, and half a cell of each: a fused place moves."""

SIGMAS: Final = 4.0
CELL_M: Final = 111_195.0 * math.sqrt(0.5)
"""Half the diagonal of a cell of one degree."""

UNKNOWN_M_S: Final = 400.0
"""Speed at most of a row without velocity; faster ones are missed, and nobody is accused for it."""

TURN_M_S: Final = 60.0
"""How far from its straight path an object may get in each second: velocity to 25 m/s, and a turn."""


class Bound(NamedTuple):
    """The highest form in which something may go on, and the clause that bounds it."""

    form: Form
    clause: str
    doubt: bool = False


def bound_of(judged: Judged, stand: Stand, share: str, giver: str, hub: str, to: str, form: int) -> Bound:
    """How far a row that giver gave hub under that share may go on to a party."""
    if to == giver:
        return Bound(Form.NONE, "", False)
    shut = [one for one in judged.rules(stand, giver, to) if not one.gives]
    for rule in shut:
        clause = next(one for one in judged.pact.clause if one.id == rule.clause)
        if isinstance(clause, Withhold):
            prevails = any(under == rule.clause for _, under in judged.over)
            return Bound(Form.NONE, rule.clause, rule.doubt or prevails)
    caveats = [
        one
        for one in judged.pact.clause
        if isinstance(one, Caveat) and share in one.on and giver in stand.chosen(one.originator)
    ]
    speaking = [(one, stand.speaks(one, giver, hub)) for one in caveats]
    doubt = any(answer == Answer.DOUBT for _, answer in speaking)
    bounds = [_by_caveat(stand, one, to, form) for one, answer in speaking if answer != Answer.NO]
    lowest = min(bounds, key=lambda one: one.form, default=Bound(Form.NONE, ""))
    return Bound(min(lowest.form, Form(form)), lowest.clause, doubt)


def _by_caveat(stand: Stand, caveat: Caveat, to: str, form: int) -> Bound:
    if caveat.onward is not None and to in stand.chosen(caveat.onward.to):
        return Bound(caveat.onward.max_form, caveat.id)
    if not caveat.orcon and to in stand.chosen(caveat.rel_to):
        return Bound(Form(form), caveat.id)
    return Bound(Form.NONE, caveat.id)


def lifted(judged: Judged, stand: Stand, hub: str, to: str) -> frozenset[str]:
    """Caveats and withholds that a duty of the hub to warn that party prevails over."""
    return frozenset(
        under
        for one in judged.pact.clause
        if isinstance(one, Warn) and hub in stand.chosen(one.by) and to in stand.chosen(one.to)
        for under in one.notwithstanding
    )


def may_alert(judged: Judged, stand: Stand, share: str, giver: str, hub: str, to: str, form: int) -> bool:
    """Whether an alert may rest on such a row: by the caveats, or by a duty that prevails over them."""
    bound = bound_of(judged, stand, share, giver, hub, to, form)
    return to != giver and (
        bound.form >= Form.ALERT or bound.doubt or bound.clause in lifted(judged, stand, hub, to)
    )


def judge_marks(
    judged: Judged, tape: Tape, hubs: tuple[str, ...], parties: tuple[str, ...]
) -> Iterator[Finding]:
    """Rows given to a hub with a mark that lets them go on further than the caveats do."""
    for flow in tape.flows.values():
        if flow.recipient not in hubs:
            if flow.rows.onward.any():
                row = int(np.flatnonzero(flow.rows.onward.any(axis=1))[0])
                yield _finding(
                    tape, flow, row, "onward", "", "a row that is marked to go on, given to no hub"
                )
            continue
        marks = np.column_stack([flow.message, flow.rows.form, flow.rows.onward])
        _, first = np.unique(marks, axis=0, return_index=True)
        for row in sorted(first.tolist()):
            stands = judged.stands.about(int(flow.sent_ns[row]))
            for to, mark in zip(parties, flow.rows.onward[row].tolist(), strict=True):
                if to in (flow.sender, flow.recipient) or not mark:
                    continue
                if not any(_mark_ok(judged, stand, flow, row, to, mark) for stand in stands):
                    words = f"marked to go on to {to} as {Form(mark).name.lower()}, which no caveat allows"
                    yield _finding(tape, flow, row, "onward", flow.clause[row], words)


def _mark_ok(judged: Judged, stand: Stand, flow: Flow, row: int, to: str, mark: int) -> bool:
    case = (judged, stand, flow.clause[row], flow.sender, flow.recipient, to, int(flow.rows.form[row]))
    bound = bound_of(*case)
    return mark <= bound.form or bound.doubt or (mark == Form.ALERT and may_alert(*case))


# ---------------------------------------------------------------- what the hub gave


def judge_onward(judged: Judged, tape: Tape, hubs: tuple[str, ...]) -> Iterator[Finding]:
    """Rows of a hub that rest on nothing that may go on to the recipient in that form."""
    for hub in hubs:
        given = [flow for flow in tape.flows.values() if flow.recipient == hub]
        for flow in tape.flows.values():
            if flow.sender == hub:
                yield from _rests(judged, tape, hub, given, flow)


def _rests(judged: Judged, tape: Tape, hub: str, given: list[Flow], flow: Flow) -> Iterator[Finding]:
    known: set[tuple[int, str]] = set()
    for row in range(len(flow.clause)):
        best, behind = Bound(Form.NONE, ""), []
        for source in given:
            for at in near_rows(source, flow, row).tolist():
                behind.append(source.sender)
                for stand in (
                    *judged.stands.about(int(flow.sent_ns[row])),
                    judged.stands.at(int(source.sent_ns[at])),
                ):
                    case = (judged, stand, source.clause[at], source.sender, hub, flow.recipient)
                    bound = bound_of(*case, int(source.rows.form[at]))
                    best = max(best, bound, key=lambda one: (one.form, one.doubt))
                if best.form >= flow.rows.form[row] or best.doubt:
                    break
        if best.form >= flow.rows.form[row] or best.doubt:
            continue
        rule = "orcon" if behind else "source"
        key = (int(flow.message[row]), rule)
        if key not in known:
            known.add(key)
            yield _onward_finding(tape, flow, row, best, behind)


def _onward_finding(tape: Tape, flow: Flow, row: int, best: Bound, behind: list[str]) -> Finding:
    if not behind:
        words = "no row that the hub was given lies where this one does: whose it is cannot be told"
        return _finding(tape, flow, row, "source", "", words, "undetermined")
    whose = ", ".join(sorted(set(behind)))
    if set(behind) == {flow.recipient}:
        return _finding(tape, flow, row, "echo", "", "it rests on the recipient's own data alone")
    words = f"it rests on rows of {whose} alone, of which at most {best.form.name.lower()} may go on"
    return _finding(tape, flow, row, "orcon", best.clause, words)


def near_rows(source: Flow, flow: Flow, row: int) -> I64:
    """Rows of another flow, arrived before, that may be of the same object as one row of this one."""
    return near(
        source, float(flow.rows.lat_rad[row]), float(flow.rows.lon_rad[row]),
        int(flow.rows.time_ns[row]), int(flow.sent_ns[row]),
        CELL_M * cell_deg(int(flow.rows.form[row])) + SIGMAS * float(flow.rows.position_sigma_m[row]),
    )  # fmt: skip


def near(source: Flow, lat_rad: float, lon_rad: float, time_ns: int, sent_ns: int, room_m: float) -> I64:
    """Rows that had arrived by sent_ns, newest first, whose object may have been there at that time."""
    rows = source.rows
    recent = (source.arrived_ns > 0) & (source.arrived_ns <= sent_ns)
    recent &= (rows.time_ns > time_ns - RESTS_ON_NS) & (rows.time_ns <= sent_ns)
    index = np.flatnonzero(recent)
    gone_s = (time_ns - rows.time_ns[index]) / SECOND_NS
    east, north = rows.velocity_east_m_s[index], rows.velocity_north_m_s[index]
    still = np.isnan(east + north)
    lat = rows.lat_rad[index] + np.where(still, 0.0, north * gone_s / EARTH_M)
    lon = rows.lon_rad[index] + np.where(still, 0.0, east * gone_s / EARTH_M / np.cos(lat))
    cells: F64 = np.array([CELL_M * cell_deg(form) for form in range(6)])[np.clip(rows.form[index], 0, 5)]
    reach = NEAR_M + room_m + cells + SIGMAS * rows.position_sigma_m[index]
    reach = reach + np.where(still, UNKNOWN_M_S, TURN_M_S) * np.abs(gone_s)
    close = away_m(lat, lon, lat_rad, lon_rad) <= reach
    return np.asarray(index[close][::-1])


def _finding(
    tape: Tape, flow: Flow, row: int, rule: str, clause: str, says: str, kind: str = "forbidden"
) -> Finding:
    captured = tape.captured[int(flow.message[row])]
    return Finding(
        at_ns=captured.sent_ns,
        kind=kind,  # type: ignore[arg-type]
        rule=rule,
        who=captured.sender,
        to=captured.recipient,
        clause=clause,
        sequence=captured.sequence,
        says=says,
        rows=1,
        evidence=digest_of(captured),
    )
