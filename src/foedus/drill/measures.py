"""What runs of a drill under one pact say over several seeds: minutes, alarms, duties to warn, exchange.

Pure functions of runs, and of the texts where a measure needs them. Minutes count to arrival in the capital's
zone. A seed without a warning is worse than any number of minutes; it is never left out of a distribution.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec
import numpy as np

from foedus.drill.outcome import Captured, Known, Outcome, Run, Told, Warned
from foedus.drill.truth import inside
from foedus.model import SECOND_NS, Form
from foedus.pact.clauses import Pact, Warn, Zone
from foedus.pact.force import selected
from foedus.pact.meaning.evaluate import span_s
from foedus.pact.tables.onward import is_warned
from foedus.wire import Picture, decode_message
from foedus.wire import Warn as WarnMessage

Minutes = float | None
"""Minutes before arrival; None: it never came, or came after arrival."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution over seeds. A quantile is None where that seed had nothing before arrival.

    Quantiles are values that occurred, without interpolation: Hyndman and Fan, Sample quantiles in
    statistical packages (1996), definition 1. The tenth of a hundred is thus a bad seed.
    """

    seeds: int
    tenth_min: Minutes
    median_min: Minutes
    ninetieth_min: Minutes
    never_share: float


def spread(values: Sequence[Minutes]) -> Spread:
    """The distribution of minutes; None and what came after arrival count as less than any."""
    assert values
    found = sorted(-math.inf if one is None or one < 0.0 else one for one in values)
    return Spread(
        seeds=len(found),
        tenth_min=_quantile(found, 0.1),
        median_min=_quantile(found, 0.5),
        ninetieth_min=_quantile(found, 0.9),
        never_share=sum(one == -math.inf for one in found) / len(found),
    )


def _quantile(ordered: Sequence[float], share: float) -> Minutes:
    value = ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]
    return None if value == -math.inf else value


# ---------------------------------------------------------------- minutes of warning


class CapitalMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """What one capital had of one event, over the seeds."""

    pact: str
    event: str
    member: str
    known: Spread  # first entitled knowledge
    shown: Spread  # first warning on a screen
    acknowledged: Spread  # first acknowledgement by a person


def cases(runs: Sequence[Run]) -> tuple[tuple[str, str], ...]:
    """(event, member) of every arrival in any of the runs, in the order of their appearance."""
    return tuple(dict.fromkeys((one.event, one.member) for run in runs for one in run.outcomes))


def minutes_of(runs: Sequence[Run]) -> tuple[CapitalMinutes, ...]:
    """Minutes of warning of every capital and event."""
    found = []
    for event, member in cases(runs):
        there = [one for run in runs for one in [run.outcome(event, member)] if one is not None]
        found.append(
            CapitalMinutes(
                pact=runs[0].pact,
                event=event,
                member=member,
                known=spread([one.known_min for one in there]),
                shown=spread([one.shown_min for one in there]),
                acknowledged=spread([one.acknowledged_min for one in there]),
            )
        )
    return tuple(found)


def shown_or_none_min(run: Run, event: str, member: str) -> float:
    """Minutes from the first warning shown to arrival; 0 without one, or with one that came after."""
    outcome = run.outcome(event, member)
    return max(0.0, (outcome.shown_min or 0.0) if outcome else 0.0)


# ---------------------------------------------------------------- missed and false warnings


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """Warnings at one member's console, over the seeds; its own node's and those of partners."""

    pact: str
    member: str
    hours: float  # of all runs together
    threats: int  # events of which a real object entered its zone
    missed: int  # of these, without a warning on its screen before
    missed_share: float | None  # None: no threat
    raised: int  # warnings that it got or gave itself
    false: int  # about nothing that flew
    needless: int  # about a real object that entered none of its zones while the drill lasted
    false_per_hour: float


def alarms_of(runs: Sequence[Run], zones: Sequence[Zone]) -> tuple[Alarms, ...]:
    """Missed and false warnings of every member. zones: of the drill."""
    return tuple(_alarms(runs, member, zones) for member in runs[0].members)


def _alarms(runs: Sequence[Run], member: str, zones: Sequence[Zone]) -> Alarms:
    own = [zone for zone in zones if zone.owner == member]
    threats = [one for run in runs for one in run.outcomes if one.member == member]
    missed = sum(one.shown_min is None or one.shown_min < 0.0 for one in threats)
    raised = false = needless = 0
    for run in runs:
        entered = _entered(run, own)
        for one in run.warned:
            if one.member != member or one.direction == "sent":
                continue
            raised += 1
            false += not one.target
            needless += bool(one.target) and one.target not in entered
    hours = sum(run.truth.end_ns - run.truth.start_ns for run in runs) / (3_600 * SECOND_NS)
    return Alarms(
        pact=runs[0].pact,
        member=member,
        hours=hours,
        threats=len(threats),
        missed=missed,
        missed_share=missed / len(threats) if threats else None,
        raised=raised,
        false=false,
        needless=needless,
        false_per_hour=false / hours,
    )


def _entered(run: Run, zones: Sequence[Zone]) -> list[str]:
    """Real objects that were inside one of the zones at some tick."""
    rows = run.truth.rows
    hit = np.zeros(len(rows.target), np.bool_)
    for zone in zones:
        hit |= inside(zone, rows.lat_rad, rows.lon_rad, rows.height_m)
    there = np.unique(rows.target[hit]).tolist()
    return [run.truth.targets[row].id for row in there if run.truth.targets[row].real]


# ---------------------------------------------------------------- duties to warn

Stand = Literal["met", "late", "breached", "not owed", "undetermined"]


class DutyRead(msgspec.Struct, frozen=True, kw_only=True):
    """One duty to warn in one event: what became of it in one run, read from the debtor's own console."""

    seed: int
    event: str
    clause: str
    debtor: str
    creditor: str
    stand: Stand
    because: str
    due_s: float | None  # seconds from the start of the drill


def duties_of(pact: Pact, run: Run) -> tuple[DutyRead, ...]:
    """Every duty to warn the capital of each event. pact: the text that was played.

    Owed from the debtor's own entitled knowledge, by the measure of the drill, and from the declaration of
    the casus where the clause hangs on one. Met when the warning was on the creditor's disk by then plus
    `within`. Other duties than to warn are not read here: the ledger has them.
    """
    parties = [party.id for party in pact.party]
    return tuple(
        _duty(pact, run, outcome, clause, debtor)
        for outcome in run.outcomes
        if outcome.member in parties
        for clause in pact.clause
        if isinstance(clause, Warn) and is_warned(pact, clause, outcome.member)
        for debtor in selected(pact, clause.by)
        if debtor != outcome.member and debtor in run.members
    )


def _duty(pact: Pact, run: Run, outcome: Outcome, clause: Warn, debtor: str) -> DutyRead:
    stand, because, due_ns = _stand(pact, run, outcome, clause, debtor)
    return DutyRead(
        seed=run.seed,
        event=outcome.event,
        clause=clause.id,
        debtor=debtor,
        creditor=outcome.member,
        stand=stand,
        because=because,
        due_s=(due_ns - run.truth.start_ns) / SECOND_NS if due_ns else None,
    )


def _stand(pact: Pact, run: Run, outcome: Outcome, clause: Warn, debtor: str) -> tuple[Stand, str, int]:
    objects = [one.id for one in run.truth.targets if one.event == outcome.event and one.real]
    knew = _first_known(run.known, debtor, objects, outcome.zone)
    told = _first_told(run.told, clause.casus, outcome.event)
    if clause.casus is not None and told is None:
        return "not owed", f"nobody declared {clause.casus} for it", 0
    if knew is None:
        return "not owed", f"{debtor} never knew of it", 0
    start_ns = max(knew.at_ns, told.at_ns if told else 0)
    if start_ns >= outcome.arrival_ns:
        return "not owed", f"{debtor} knew, or the casus was declared, only after arrival", 0
    within_s = span_s(pact, clause.within_s)
    if within_s is None:
        return "undetermined", f"{clause.id}.within_s is unknown", 0
    due_ns = start_ns + round(within_s * SECOND_NS)
    stored_ns = _first_stored(run.warned, debtor, outcome.member, clause.id, objects)
    if stored_ns == 0:
        return "breached", f"{debtor} knew and {outcome.member} was not told by it", due_ns
    late_s = (stored_ns - due_ns) / SECOND_NS
    return ("met", "", due_ns) if late_s <= 0.0 else ("late", f"{late_s:.0f} s late", due_ns)


def _first_known(known: Sequence[Known], member: str, objects: Sequence[str], zone: str) -> Known | None:
    return next(
        (one for one in known if one.member == member and one.zone == zone and one.target in objects), None
    )


def _first_told(told: Sequence[Told], casus: str | None, event: str) -> Told | None:
    return next(
        (
            one
            for one in told
            if (one.what, one.of, one.says) == ("casus", casus, "yes") and one.because == f"event {event}"
        ),
        None,
    )


def _first_stored(
    warned: Sequence[Warned], debtor: str, creditor: str, clause: str, objects: Sequence[str]
) -> int:
    times = [
        one.stored_ns
        for one in warned
        if (one.member, one.direction, one.party, one.clause) == (debtor, "sent", creditor, clause)
        and one.target in objects
        and one.stored_ns
    ]
    return min(times, default=0)


# ---------------------------------------------------------------- given and received

WEIGHTS: Final = {Form.ALERT: 1, Form.REGION: 2, Form.COARSE: 3, Form.TRACK: 4, Form.SOURCE: 5}
"""What a row in each form counts as disclosed: its place in the lattice of forms (model.Form), alert least.
Only the order has a source; the distances between them are this file's, and the counts per form are told."""


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """What one member gave and got in one form, over the seeds: rows of pictures, and messages of warning."""

    pact: str
    member: str
    form: str  # of model.Form; alert: warnings are counted there as well
    given: int
    received: int


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What one member gave and got, weighed by form, and in minutes (K14: reciprocity)."""

    pact: str
    member: str
    given: float  # rows weighed by form, per seed
    received: float
    minutes_given: float  # per seed, by which its warnings came before the warned one's own
    minutes_received: float


def exchanges_of(runs: Sequence[Run]) -> tuple[Exchange, ...]:
    """Rows and warnings that arrived, by member and form. The runs must have kept their messages' bytes.

    Of what goes through the hub, the hub is a giver and a taker as well: it holds the data in between.
    """
    counts: dict[tuple[str, Form], list[int]] = {}
    for run in runs:
        for one in run.sent:
            for form, rows in _disclosed(one):
                for column, member in enumerate((one.sender, one.recipient)):
                    counts.setdefault((member, form), [0, 0])[column] += rows
    return tuple(
        Exchange(pact=runs[0].pact, member=member, form=form.name.lower(), given=found[0], received=found[1])
        for member in runs[0].members
        for form in WEIGHTS
        for found in [counts.get((member, form), [0, 0])]
        if any(found)
    )


def _disclosed(one: Captured) -> Iterator[tuple[Form, int]]:
    """(form, rows) that one message let its recipient have; nothing if it did not arrive."""
    if not one.arrived_ns or one.kind == "ack":
        return
    assert one.body, "the run kept no bytes, so what was given cannot be counted"
    message = decode_message(one.body)
    if isinstance(message, WarnMessage):
        yield Form.ALERT, 1
    elif isinstance(message, Picture) and message.reports.rows:
        forms = np.frombuffer(message.reports.data[FORM_COLUMN], np.int8)
        values, rows = np.unique(forms, return_counts=True)
        for value, count in zip(values.tolist(), rows.tolist(), strict=True):
            yield Form(value), count


FORM_COLUMN: Final = 2
"""Where model.Reports has the form of each row; a test holds the two together."""


def balances_of(runs: Sequence[Run]) -> tuple[Balance, ...]:
    """What each member gave and got: rows weighed by form, and minutes of warning, per seed."""
    exchanges = exchanges_of(runs)
    minutes = _minutes_exchanged(runs)
    return tuple(
        Balance(
            pact=runs[0].pact,
            member=member,
            given=_weight(exchanges, member, "given") / len(runs),
            received=_weight(exchanges, member, "received") / len(runs),
            minutes_given=sum(gain for giver, _, gain in minutes if giver == member) / len(runs),
            minutes_received=sum(gain for _, taker, gain in minutes if taker == member) / len(runs),
        )
        for member in runs[0].members
    )


def _weight(exchanges: Sequence[Exchange], member: str, column: Literal["given", "received"]) -> int:
    return sum(
        WEIGHTS[Form[one.form.upper()]] * (one.given if column == "given" else one.received)
        for one in exchanges
        if one.member == member
    )


def _minutes_exchanged(runs: Sequence[Run]) -> list[tuple[str, str, float]]:
    """(who warned first, who was warned, minutes before the warned one's own node's warning or arrival)."""
    found = []
    for run in runs:
        for one in run.outcomes:
            if not one.shown_ns or one.shown_by == one.member or (one.shown_min or 0.0) <= 0.0:
                continue
            objects = [target.id for target in run.truth.targets if target.event == one.event]
            own = [
                each.shown_ns
                for each in run.warned
                if (each.member, each.direction) == (one.member, "own")
                and each.target in objects
                and each.shown_ns
            ]
            until_ns = min([*own, one.arrival_ns])
            gain = (until_ns - one.shown_ns) / (60 * SECOND_NS)
            found.append((one.shown_by, one.member, gain))
    return found
