"""Which changes of a text can matter for a capital in its events, read before anything is played.

What a text lets happen is asked of the evaluator (who owes the capital a warning) and of its flows (who gives
whom what) in three situations for each event: an ordinary day, the event while nobody can name the attacker,
and the event with him named, if people ever can.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from foedus.drill.outcome import Run
from foedus.drill.people import situation_of
from foedus.drill.text import Drill, Event
from foedus.model import Form, TrackClass
from foedus.pact.clauses import Pact
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.flows import flows
from foedus.pact.meaning.situation import Situation
from foedus.pact.words import Truth


class Way(NamedTuple):
    """Something that a text lets happen in one situation."""

    kind: str  # warn or data
    giver: str
    taker: str
    situation: int  # number of the situation


Ways = Mapping[Way, tuple[float, ...]]
"""What is there, and how good it is: a duty 1, data their form and the delay below zero."""


class Asked(NamedTuple):
    """One situation, by the name of its event, and where the object is."""

    event: str
    situation: Situation


def asked_of(drill: Drill, events: Sequence[Event], member: str) -> tuple[Asked, ...]:
    """The situations of the events: outside all zones, and inside one of the member's."""
    zone = next((one.id for one in drill.zone if one.owner == member), "")
    places: tuple[tuple[str, ...], ...] = ((), (zone,)) if zone else ((),)
    return tuple(
        Asked(event.id, msgspec.structs.replace(situation, track_class=track_class, zones=zones))
        for event in events
        for situation in _stages(drill, event)
        for track_class in dict.fromkeys((TrackClass.UNIDENTIFIED, event.track_class))
        for zones in places
    )


def _stages(drill: Drill, event: Event) -> Iterator[Situation]:
    yield Situation(at=drill.start)
    yield situation_of(drill, event, attributed=False)
    if event.attributed_after_s is not None:
        yield situation_of(drill, event, attributed=True)


def ways_of(pact: Pact, asked: Sequence[Asked], member: str) -> Ways:
    """Everything that the text certainly lets happen that bears on warning the member."""
    evaluator = Evaluator(pact)
    found: dict[Way, tuple[float, ...]] = {}
    for number, one in enumerate(asked):
        for duty in evaluator.duties(one.situation):
            ordinary = one.situation.event == "none"
            owed = duty.truth == Truth.YES and (member in duty.creditors or (ordinary and not duty.creditors))
            if duty.kind == "warn" and owed and duty.debtor != member:
                found[Way("warn", duty.debtor, member, number)] = (1.0,)
        for flow in flows(evaluator, one.situation):
            if flow.form > Form.NONE:
                delay_s = 0.0 if flow.delay_s is None else flow.delay_s
                found[Way("data", flow.giver, flow.taker, number)] = (float(flow.form), -delay_s)
    return found


def opened(before: Ways, after: Ways) -> tuple[Way, ...]:
    """What is new or better."""
    return tuple(way for way, good in after.items() if good > before.get(way, ()))


def closed(before: Ways, after: Ways) -> bool:
    """Whether anything is gone or worse: then the change may disclose less."""
    return any(good > after.get(way, ()) for way, good in before.items())


def knowers(runs: Sequence[Run], events: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Who knew of each event in some run, from whatever source, and so has something to tell."""
    found: dict[str, dict[str, bool]] = {event: {} for event in events}
    for run in runs:
        event_of = {one.id: one.event for one in run.truth.targets}
        for known in run.known:
            event = event_of[known.target]
            if event in found:
                found[event][known.member] = True
    return {event: tuple(names) for event, names in found.items()}


def promising(
    new: Sequence[Way], asked: Sequence[Asked], after: Ways, who: Mapping[str, Sequence[str]], member: str
) -> bool:
    """Whether something opened starts at a party that knows, and ends at the member or at its debtor."""
    for way in new:
        knows = who[asked[way.situation].event]
        if way.giver not in knows:
            continue
        debtor = Way("warn", way.taker, member, way.situation)
        if way.kind == "warn" or way.taker == member or debtor in after:
            return True
    return any(way.kind == "warn" and _supplied(way, asked, after, who) for way in new)


def _supplied(way: Way, asked: Sequence[Asked], after: Ways, who: Mapping[str, Sequence[str]]) -> bool:
    """Whether a debtor that does not know itself is given data by one that does."""
    return any(
        Way("data", giver, way.giver, way.situation) in after for giver in who[asked[way.situation].event]
    )
