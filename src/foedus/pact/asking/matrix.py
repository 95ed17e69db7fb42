"""Who gives what to whom: of each pair the best form of data, by which clause, on what conditions.

The best is taken over every kind of situation that the text tells apart, so it is what one party may at most
have of another's data, not what it has today. Where it rests on an unknown term or attacker, it is in doubt.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from foedus.model import Form, TrackClass
from foedus.pact.clauses import Caveat, Pact, Route, Share, Withhold
from foedus.pact.force import Fact, spoken_date
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.flows import Flow, flows
from foedus.pact.meaning.situation import Situation
from foedus.pact.meaning.universe import universe
from foedus.pact.words import DataKind, Truth


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What one party gives another of one kind of data, at best."""

    giver: str
    taker: str
    data: str
    form: str  # certainly, in the situations of the conditions
    form_max: str  # if all that is in doubt turns out so
    doubtful: bool
    via: str  # the hub, where it does not come directly
    clause: str
    pact: str
    conditions: tuple[str, ...]  # such as `while C1`, `inside ALPS`, `ballistic`; empty: always


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of one or several pacts on one day."""

    title: str
    pacts: tuple[str, ...]
    at: str
    data: str
    track_class: str  # empty: of any
    events: tuple[str, ...]  # empty: of any, and ordinary days
    parties: tuple[str, ...]
    names: tuple[str, ...]
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]  # which pacts are not, or perhaps not, in force

    def entry(self, giver: str, taker: str) -> Entry | None:
        """The entry of a pair; None: no share names it."""
        return next((one for one in self.entries if (one.giver, one.taker) == (giver, taker)), None)


class _Best(NamedTuple):
    flow: Flow
    pact: Pact


def matrix(
    pacts: Sequence[Pact],
    *,
    at: datetime,
    data: DataKind = DataKind.TRACKS,
    track_class: TrackClass | None = None,
    events: Sequence[str] = (),
    facts: tuple[Fact, ...] = (),
) -> Matrix:
    """Who gives what to whom under these pacts together; the most, where several pacts give."""
    best: dict[tuple[str, str], _Best] = {}
    notes: list[str] = []
    for pact in pacts:
        evaluator = Evaluator(pact)
        force = evaluator.in_force(Situation(at=at, facts=facts)).truth
        if force != Truth.YES:
            notes.append(f"{pact.pact} is {'not' if force == Truth.NO else 'perhaps'} in force")
        for situation in _situations(evaluator, at, facts, data, track_class, events):
            for one in flows(evaluator, situation):
                pair = (one.giver, one.taker)
                if pair not in best or _rank(one) > _rank(best[pair].flow):
                    best[pair] = _Best(one, pact)
    parties = {party.id: party.name for pact in pacts for party in pact.party}
    return Matrix(
        title=" with ".join(pact.title for pact in pacts),
        pacts=tuple(f"{pact.pact} {pact.version}" for pact in pacts),
        at=spoken_date(at),
        data=data.name.lower(),
        track_class="" if track_class is None else track_class.name.lower(),
        events=tuple(events),
        parties=tuple(parties),
        names=tuple(parties.values()),
        entries=tuple(
            _entry(best[giver, taker]) for giver in parties for taker in parties if (giver, taker) in best
        ),
        notes=tuple(notes),
    )


def _rank(flow: Flow) -> tuple[int, int, bool, bool]:
    """More is better: what is certain, then what is possible; of equals the direct way."""
    return flow.form, flow.form_max, bool(flow.form_unknown), not flow.via


def _situations(
    evaluator: Evaluator,
    at: datetime,
    facts: tuple[Fact, ...],
    data: DataKind,
    track_class: TrackClass | None,
    events: Sequence[str],
) -> Iterator[Situation]:
    """One situation for each that the clauses about data tell apart."""
    pact = evaluator.pact
    telling = [one for one in pact.clause if isinstance(one, Share | Withhold | Route | Caveat)]
    cells = [cell.situation for cell in universe([pact], at=at, facts=facts)]
    classes = list(dict.fromkeys(one.track_class for one in cells))
    if track_class is not None:
        stands_for = track_class if track_class in classes else classes[-1]
        cells = [
            msgspec.structs.replace(one, track_class=track_class)
            for one in cells
            if one.track_class == stands_for
        ]
        classes = [track_class]
    if not events or "none" in events:
        cells += [Situation(at=at, track_class=one, facts=facts) for one in classes]
    seen: dict[tuple[object, ...], None] = {}
    for cell in cells:
        if events and cell.event not in events:
            continue
        situation = msgspec.structs.replace(cell, data=data)
        holds = tuple(evaluator.clause_holds(clause, situation).truth for clause in telling)
        speaks = any(
            truth != Truth.NO for truth, one in zip(holds, telling, strict=True) if isinstance(one, Share)
        )
        for zones in _places(pact) if speaks else ((),):  # what nobody gives is given in no zone
            key = (holds, situation.track_class, zones)
            if key not in seen:
                seen[key] = None
                yield msgspec.structs.replace(situation, zones=zones)


def _places(pact: Pact) -> tuple[tuple[str, ...], ...]:
    """Outside all zones, and inside each that a clause about data may mean."""
    shares = [one for one in pact.clause if isinstance(one, Share | Withhold)]
    needed = any(isinstance(one, Share) and one.need_to_know for one in shares)
    named = [
        zone.id
        for zone in pact.zone
        if any(zone.id in one.zones for one in shares) or (needed and zone.owner is not None)
    ]
    return ((), *((zone,) for zone in named))


def _entry(best: _Best) -> Entry:
    flow = best.flow
    clause = flow.clause or flow.form_unknown
    return Entry(
        giver=flow.giver,
        taker=flow.taker,
        data=flow.data,
        form=flow.form.name.lower(),
        form_max=flow.form_max.name.lower(),
        doubtful=flow.truth == Truth.UNDETERMINED,
        via=flow.via,
        clause=clause if flow.truth != Truth.NO else "",
        pact=best.pact.pact,
        conditions=_conditions(best.pact, clause) if flow.truth != Truth.NO else (),
    )


def _conditions(pact: Pact, clause_id: str) -> tuple[str, ...]:
    """What the deciding share asks for."""
    clause = next((one for one in pact.clause if one.id == clause_id), None)
    if not isinstance(clause, Share):
        return ()
    found = [f"while {clause.casus}"] if clause.casus else []
    if clause.zones:
        found.append(f"inside {' or '.join(clause.zones)}")
    if clause.need_to_know:
        found.append("inside own zones")
    if clause.classes:
        found.append(" or ".join(one.name.lower() for one in clause.classes))
    return tuple(found)


def cell_words(entry: Entry | None) -> str:
    """One cell in a word or two: `track`, `coarse (hub)`, `?`, `? at most track`, `-`."""
    if entry is None:
        return "-"
    hub = " (hub)" if entry.via else ""
    if entry.doubtful:
        return f"? at most {entry.form_max}{hub}" if entry.form_max != "none" else "?"
    return "-" if entry.form == Form.NONE.name.lower() else f"{entry.form}{hub}"
