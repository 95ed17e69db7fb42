"""Duties to warn that the truth says were owed: was anybody warned, and in time?

A party is accused only where it cannot have been otherwise: its own data alone made the measure at a tick,
the object then really entered the zone, the clause spoke all the time, and either little time had passed or
rows of the party's own show that it still held the object. Otherwise it is undetermined, with the reason.
"""

import hashlib
import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from foedus.drill.outcome import Known, Run
from foedus.judge.finding import Finding, Kind
from foedus.judge.pictures import Judged
from foedus.judge.reading import Answer, Stand, span_s
from foedus.judge.sky import Sky
from foedus.judge.tape import Said, Tape
from foedus.judge.warnings import CELL_DEG, alike, routed_by
from foedus.model import SECOND_NS, TrackClass
from foedus.pact.clauses import Warn, Zone

ABOUT_M: Final = 40_000.0
"""A warning is about an object within that of the middle of its cell: cell, error, a tick of flight."""

STALE_NS: Final = 30 * SECOND_NS
"""For how long a tick at which the measure was made shows by itself that the party still held the object."""

ROOM_TICKS: Final = 2
"""Ticks that a node may take to see and to say: the measure is looked at once a tick."""

TURN_NS: Final = 30 * SECOND_NS
"""How much later than the truth's own entry a node may put it."""

DELIVER_NS: Final = 60 * SECOND_NS
"""After that a message that was sent has come, or the link was cut."""


class Due(NamedTuple):
    """One duty as the truth has it."""

    known: Known
    clause: Warn
    zone: Zone
    owner: str
    target: int
    start_ns: int
    deadline_ns: int
    doubt: str  # why it cannot be told whether the duty had begun; empty: it had


def judge_duties(judged: Judged, run: Run, tape: Tape, sky: Sky, hubs: tuple[str, ...]) -> Iterator[Finding]:
    """Missed and late warnings."""
    for known in run.known:
        zone = next((one for one in judged.pact.zone if one.id == known.zone), None)
        if zone is None or zone.owner in (None, known.member) or known.member in hubs:
            continue
        if known.member in run.outside or zone.owner not in run.members:
            continue
        yield from _one(judged, run, tape, sky, known, zone)
    yield from _relays(judged, run, tape, hubs)


def _one(judged: Judged, run: Run, tape: Tape, sky: Sky, known: Known, zone: Zone) -> Iterator[Finding]:
    """The first clause that was owed decides; two clauses that say the same are met by one warning."""
    found = []
    for clause in judged.pact.clause:
        due = _due(judged, run, tape, sky, known, zone, clause) if isinstance(clause, Warn) else None
        if due is not None:
            found.append(_answer(run, tape, sky, due))
    answers = [one for one in found if one is not None]
    if answers and len(answers) == len(found):
        yield min(answers, key=lambda one: one.kind == "undetermined")


def _due(
    judged: Judged, run: Run, tape: Tape, sky: Sky, known: Known, zone: Zone, clause: Warn
) -> Due | None:  # fmt: skip
    target, owner = sky.row_of(known.target), zone.owner or ""
    entry_ns = sky.entry_ns(target, zone, known.at_ns)
    within_s = span_s(judged.pact, clause.within_s)
    if not entry_ns or within_s is None or not _about(judged, run, known, zone, clause):
        return None
    first_ns = max(known.at_ns, entry_ns - round(clause.horizon_s * SECOND_NS) + TURN_NS)
    start_ns = _speaks_from(judged, clause, known.member, owner, first_ns, entry_ns)
    if start_ns is None:
        return None
    deadline_ns = start_ns + round(within_s * SECOND_NS) + ROOM_TICKS * run.truth.tick_ns
    throughout = judged.stands.throughout(start_ns, deadline_ns)
    spoke = all(_speaks(stand, clause, known.member, owner) == Answer.YES for stand in throughout)
    if not spoke or deadline_ns >= run.truth.end_ns:
        return None
    doubt = _doubt(run, tape, sky, known, clause, target, start_ns, deadline_ns)
    return Due(known, clause, zone, owner, target, start_ns, deadline_ns, doubt)


def _about(judged: Judged, run: Run, known: Known, zone: Zone, clause: Warn) -> bool:
    """Whether the clause is about these two parties, that zone and that object."""
    stand = judged.stands.at(known.at_ns)
    if known.member not in stand.chosen(clause.by) or zone.owner not in stand.chosen(clause.to):
        return False
    track_class = next(one.track_class for one in run.truth.targets if one.id == known.target)
    return (not clause.zones or zone.id in clause.zones) and _of_class(clause, track_class)


def _of_class(clause: Warn, track_class: int) -> bool:
    """Whether the clause is about the object whatever its holder took it to be: its class, or unknown."""
    classes = [int(one) for one in clause.classes]
    if not classes:
        return True
    if track_class in (TrackClass.UNIDENTIFIED, TrackClass.COOPERATIVE):
        return track_class in classes
    return track_class in classes and TrackClass.UNIDENTIFIED in classes


def _speaks_from(
    judged: Judged, clause: Warn, debtor: str, creditor: str, first_ns: int, last_ns: int
) -> int | None:
    """The first instant between two at which the clause surely speaks."""
    for at_ns in judged.stands.changes(first_ns, last_ns):
        stand = judged.stands.at(at_ns)
        if _speaks(stand, clause, debtor, creditor) == Answer.YES:
            return at_ns
    return None


def _speaks(stand: Stand, clause: Warn, debtor: str, creditor: str) -> Answer:
    aimed = stand.aimed_at(clause, creditor)
    if "any" not in clause.against and aimed == Answer.YES:
        aimed = Answer.DOUBT  # whose the object is, a node cannot know; nobody is accused for it
    return min(stand.speaks(clause, debtor, creditor), aimed)


def _doubt(
    run: Run, tape: Tape, sky: Sky, known: Known, clause: Warn, target: int, start_ns: int, deadline_ns: int
) -> str:  # fmt: skip
    """Why it cannot be told that the party's own tracks made the clause's measure then."""
    if known.sources != (known.member,):
        return "the data of others made the measure together with its own"
    if run.probability == 0.0 or clause.probability > run.probability:
        return "the clause asks for a higher probability than the drill's measure"
    if stopped_by_script(run, known.member, deadline_ns):
        return "the script kept it from acting"
    if start_ns <= known.at_ns + STALE_NS or _held(tape, sky, known.member, target, start_ns, deadline_ns):
        return ""
    return "whether it still held the object then cannot be told"


def stopped_by_script(run: Run, member: str, until_ns: int) -> bool:
    """Whether an inject silenced or stopped that member before then."""
    return any(
        one.at_ns
        and one.at_ns <= until_ns
        and one.inject.split()[:2] in (["silent", member], ["stop", member])
        for one in run.played
    )


def _held(tape: Tape, sky: Sky, member: str, target: int, from_ns: int, to_ns: int) -> bool:
    """Whether that party gave anybody a row of the object in that time."""
    for flow in tape.flows.values():
        if flow.sender == member:
            when = (flow.sent_ns >= from_ns) & (flow.sent_ns <= to_ns)
            if (when & sky.about(flow, target)).any():
                return True
    return False


def _answer(run: Run, tape: Tape, sky: Sky, due: Due) -> Finding | None:
    """What came of the duty; None where it was met."""
    told = [one for one in tape.warnings if _is_for(sky, one, due)]
    in_time = [one for one in told if one.captured.sent_ns <= due.deadline_ns]
    if in_time:
        late_ns = due.deadline_ns + DELIVER_NS
        if any(one.captured.arrived_ns for one in in_time) or late_ns > run.truth.end_ns:
            return None
        return _finding(due, "undetermined", "delivery", "sent in time, and no link brought it", in_time[0])
    if due.doubt:
        return _finding(due, "undetermined", "warn", f"no warning in time: {due.doubt}")
    if told:
        after_s = (told[0].captured.sent_ns - due.start_ns) / SECOND_NS
        words = f"sent {after_s:.0f} s after it was known; {due.clause.id} asks for {_within_s(due):.0f} s"
        return _finding(due, "late", "warn", words, told[0])
    words = f"{due.known.member} knew of {due.known.target} from its own sensors, and warned nobody"
    return _finding(due, "missed_duty", "warn", words)


def _within_s(due: Due) -> float:
    return (due.deadline_ns - due.start_ns) / SECOND_NS


def _is_for(sky: Sky, said: Said, due: Due) -> bool:
    warn = said.warn
    if (said.captured.sender, warn.to, warn.zone) != (due.known.member, due.owner, due.zone.id):
        return False
    lat, lon = math.radians(warn.lat_cell_deg + CELL_DEG / 2), math.radians(warn.lon_cell_deg + CELL_DEG / 2)
    return sky.near_cell_m(due.target, said.captured.sent_ns, lat, lon) <= ABOUT_M


def _finding(due: Due, kind: Kind, rule: str, says: str, said: Said | None = None) -> Finding:
    return Finding(
        at_ns=due.deadline_ns,
        kind=kind,
        rule=rule,
        who=due.known.member,
        to=due.owner,
        clause=due.clause.id,
        sequence=said.captured.sequence if said else 0,
        says=f"{says} (zone {due.zone.id})",
        evidence=evidence_of(due.known),
    )


def evidence_of(known: Known) -> str:
    """SHA-256 (hex) of a record of knowledge."""
    return hashlib.sha256(repr(known).encode()).hexdigest()


# ---------------------------------------------------------------- what a hub was to pass on


def _relays(judged: Judged, run: Run, tape: Tape, hubs: tuple[str, ...]) -> Iterator[Finding]:
    """Warnings that a member addressed to a party it may not meet, and that the hub did not pass on."""
    for said in tape.warnings:
        captured, warn = said
        hub = captured.recipient
        if hub not in hubs or warn.to == hub or warn.revision != 1 or not captured.arrived_ns:
            continue
        if routed_by(judged, captured.sender, warn.to) != hub or stopped_by_script(
            run, hub, captured.arrived_ns
        ):
            continue
        clause = _relay_clause(judged, said)
        within_s = None if clause is None else span_s(judged.pact, clause.within_s)
        if clause is None or within_s is None:
            continue
        deadline_ns = captured.arrived_ns + round(within_s * SECOND_NS) + ROOM_TICKS * run.truth.tick_ns
        throughout = judged.stands.throughout(captured.sent_ns, deadline_ns)
        over = any(_speaks(stand, clause, hub, warn.to) != Answer.YES for stand in throughout)
        if over or deadline_ns >= run.truth.end_ns or _gone_on(tape, said, deadline_ns):
            continue
        words = f"a warning for {warn.to} of zone {warn.zone} stayed with the hub"
        yield Finding(
            at_ns=deadline_ns, kind="missed_duty", rule="relay", who=hub, to=warn.to, clause=clause.id,
            sequence=captured.sequence, says=words,
        )  # fmt: skip


def _relay_clause(judged: Judged, said: Said) -> Warn | None:
    hub, warn = said.captured.recipient, said.warn
    stand = judged.stands.at(said.captured.arrived_ns)
    return next(
        (
            one
            for one in judged.pact.clause
            if isinstance(one, Warn)
            and hub in stand.chosen(one.by)
            and warn.to in stand.chosen(one.to)
            and (not one.zones or warn.zone in one.zones)
            and (not one.classes or warn.track_class in [int(kind) for kind in one.classes])
            and _speaks(stand, one, hub, warn.to) == Answer.YES
        ),
        None,
    )


def _gone_on(tape: Tape, said: Said, deadline_ns: int) -> bool:
    """Whether the hub told the party the same, or something newer of the same, or anything of that zone."""
    return any(
        other.captured.sender == said.captured.recipient
        and other.warn.to == said.warn.to
        and other.captured.sent_ns <= deadline_ns
        and (alike(said, other) or other.warn.zone == said.warn.zone)
        for other in tape.warnings
    )
