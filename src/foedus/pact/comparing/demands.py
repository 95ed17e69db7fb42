"""All that a pact demands in a situation, in the common shape of strength.Demand, for many situations.

Situations that differ only in what the text cannot tell apart give the same demands, so each kind is judged
once. Duties come from evaluate.py and data from flows.py; this file only reads them.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from foedus.model import Form, TrackClass
from foedus.pact.clauses import (
    Casus,
    Clause,
    Cooperate,
    Forbear,
    Notify,
    Pact,
    Reservation,
    Share,
    Warn,
    Where,
    Withhold,
)
from foedus.pact.comparing.strength import Deadline, Demand
from foedus.pact.force import Ground, Judgement
from foedus.pact.meaning.evaluate import Duty, DutyClause, Evaluator, depends_on
from foedus.pact.meaning.flows import Flow, flows
from foedus.pact.meaning.situation import UNATTRIBUTED, Situation
from foedus.pact.words import OBJECT_ATOMS, OBJECTS, UNKNOWN, DataKind, Truth

RESPONSE: Final = ("regard", "assist")
"""The kinds of duty that answer an attack."""


class Subjects(NamedTuple):
    """Which data are asked about: kinds, classes of track, and places (zones that hold the track)."""

    data: tuple[DataKind, ...]
    classes: tuple[TrackClass, ...]
    places: tuple[tuple[str, ...], ...]


def subjects(pacts: Sequence[Pact]) -> Subjects:
    """All data that the texts tell apart: what they name, and one class and place that they do not."""
    shares = [clause for pact in pacts for clause in pact.clause if isinstance(clause, Share | Withhold)]
    named = sorted({one for clause in shares for one in clause.classes})
    others = [one for one in (TrackClass.AIRCRAFT, TrackClass.UNIDENTIFIED) if one not in named]
    own_area = any(isinstance(clause, Share) and clause.need_to_know for clause in shares)
    in_words = [zone for clause in shares for zone in clause.zones]
    zones = dict.fromkeys(
        zone.id for pact in pacts for zone in pact.zone if zone.id in in_words or (own_area and zone.owner)
    )
    return Subjects(
        data=tuple(sorted({clause.data for clause in shares})),
        classes=(*named, *others[:1]),
        places=((), *((zone,) for zone in zones)),
    )


class _Remembering(Evaluator):
    """An evaluator that judges each casus once for a situation, however many clauses name it, and works out
    who owes whom under a clause once for each victim and each reason for which the clause may speak."""

    def __init__(self, pact: Pact) -> None:
        super().__init__(pact)
        self._situation: Situation | None = None
        self._met: dict[str, Judgement] = {}
        self._owed: dict[tuple[object, ...], tuple[Duty, ...]] = {}
        self._touched = frozenset(
            name for clause in pact.clause if isinstance(clause, Reservation) for name in clause.on
        )

    def casus(self, casus: str, situation: Situation) -> Judgement:
        """Whether a casus is met."""
        if situation is not self._situation:
            self._situation, self._met = situation, {}
        if casus not in self._met:
            self._met[casus] = super().casus(casus, situation)
        return self._met[casus]

    def _duties_by(self, clause: DutyClause, situation: Situation) -> Iterator[Duty]:
        holds = self.clause_holds(clause, situation)
        if holds.truth == Truth.NO:
            return
        if clause.id in self._touched:
            yield from super()._duties_by(clause, situation)
            return
        ordinary = situation.event == "none"
        key = (clause.id, holds, situation.victim, ordinary, situation.at, situation.facts)
        if key not in self._owed:
            self._owed[key] = tuple(super()._duties_by(clause, situation))
        yield from self._owed[key]


class Demands:
    """One pact, ready to say what it demands in many situations."""

    def __init__(self, pact: Pact, asked: Subjects) -> None:
        self.pact = pact
        self.evaluator = _Remembering(pact)
        self._asked = asked
        self._clauses = {clause.id: clause for clause in pact.clause}
        self._kinds = _Kinds(self.evaluator)
        self._known: dict[tuple[object, ...], int] = {}
        self._numbers: dict[tuple[Demand, ...], int] = {}
        self._all: list[tuple[Demand, ...]] = []
        self._flows: dict[tuple[object, ...], tuple[Demand, ...]] = {}
        self._casus = tuple(
            dict.fromkeys(
                clause.casus
                for clause in pact.clause
                if isinstance(clause, Share | Withhold) and clause.casus
            )
        )
        self._by_class = any(
            isinstance(clause, Casus) and clause.id in self._casus and clause.classes
            for clause in pact.clause
        )

    def __call__(self, situation: Situation) -> tuple[Demand, ...]:
        """Every demand that is or may be made in the situation, in the order of the text, data last."""
        return self._all[self.number(situation)]

    def number(self, situation: Situation) -> int:
        """The same number for all situations in which the same is demanded."""
        key = self._kinds.of(situation)
        if key not in self._known:
            demands = (*self._duties(situation), *self._data(situation))
            if demands not in self._numbers:
                self._numbers[demands] = len(self._all)
                self._all.append(demands)
            self._known[key] = self._numbers[demands]
        return self._known[key]

    def _duties(self, situation: Situation) -> Iterator[Demand]:
        for duty in self.evaluator.duties(situation):
            least, most, unknown = _bounds(duty.truth, duty.grounds)
            if most == Truth.NO:
                continue
            clause = self._clauses[duty.clause]
            for matter in _matters(clause):
                yield Demand(
                    kind=duty.kind,
                    matter=matter,
                    debtor=duty.debtor,
                    creditors=duty.creditors,
                    says=duty.says.rpartition(" as ")[2] if isinstance(clause, Share) else duty.says,
                    discretion=duty.discretion,
                    deadline=_deadline(clause, duty),
                    clock=duty.clock,
                    source="",
                    binding=duty.binding,
                    measures=(clause.horizon_s, -clause.probability, -clause.renew_s)
                    if isinstance(clause, Warn)
                    else (),
                    modified=duty.modified,
                    least=least,
                    most=most,
                    clause=duty.clause,
                    unknown=unknown,
                )

    # ------------------------------------------------------------ data

    def _data(self, situation: Situation) -> Iterator[Demand]:
        met = () if self._by_class else self._met(situation)
        for track_class in self._asked.classes if self._asked.data else ():
            if self._by_class:
                met = self._met(msgspec.structs.replace(situation, track_class=track_class))
            for data in self._asked.data:
                for zones in self._asked.places:
                    yield from self._given(situation, met, track_class, data, zones)

    def _met(self, situation: Situation) -> tuple[tuple[Truth, tuple[str, ...]], ...]:
        """Casus by casus, whether it is met and on which unknown terms that rests."""
        judged = [self.evaluator.casus(casus, situation) for casus in self._casus]
        return tuple((one.truth, depends_on(one.grounds)) for one in judged)

    def _given(
        self,
        situation: Situation,
        met: tuple[object, ...],
        track_class: TrackClass,
        data: DataKind,
        zones: tuple[str, ...],
    ) -> tuple[Demand, ...]:
        key = (data, track_class, zones, met)
        if key not in self._flows:
            one = msgspec.structs.replace(situation, data=data, track_class=track_class, zones=zones)
            self._flows[key] = tuple(
                demand for flow in flows(self.evaluator, one) for demand in self._of(flow, one)
            )
        return self._flows[key]

    def _of(self, flow: Flow, situation: Situation) -> Iterator[Demand]:
        least, most, unknown = _bounds(Truth.UNDETERMINED, flow.grounds)
        if flow.form > Form.NONE:
            yield self._flow(flow, situation, flow.form.name.lower(), (Truth.YES, Truth.YES), ())
        if flow.form_max > flow.form:
            yield self._flow(flow, situation, flow.form_max.name.lower(), (least, most), unknown)
        if flow.form_unknown:
            term = (f"{flow.form_unknown}.form",)
            yield self._flow(flow, situation, UNKNOWN, (Truth.NO, Truth.YES), term)

    def _flow(
        self,
        flow: Flow,
        situation: Situation,
        form: str,
        truth: tuple[Truth, Truth],
        unknown: tuple[str, ...],
    ) -> Demand:
        place = f" inside {situation.zones[0]}" if situation.zones else ""
        clause = self._clauses.get(flow.form_unknown if form == UNKNOWN else flow.clause)
        return Demand(
            kind="data",
            matter=f"{flow.data} of class {situation.track_class.name.lower()}{place}",
            debtor=flow.giver,
            creditors=(flow.taker,),
            says=form,
            discretion="",
            deadline=Deadline("s", flow.delay_s) if flow.delay_s is not None else Deadline(UNKNOWN),
            clock="",
            source=flow.source,
            binding=(clause.binding if clause else None) or self.pact.basis.binding,
            measures=(),
            modified=(),
            least=truth[0],
            most=truth[1],
            clause=clause.id if clause else "",
            unknown=unknown,
        )


def _bounds(
    truth: Truth, grounds: Sequence[Ground | tuple[Truth, str, str]]
) -> tuple[Truth, Truth, tuple[str, ...]]:
    """(least, most, terms): between what the truth lies, and the unknown terms that keep them apart."""
    unknown = depends_on(grounds)
    if truth != Truth.UNDETERMINED or not unknown:
        return truth, truth, ()
    others = [ground[0] for ground in grounds if ground[2] != UNKNOWN]
    return Truth.NO, min([Truth.YES, *others]), unknown


def _matters(clause: Clause) -> tuple[str, ...]:
    """What tells demands of one kind apart: they are of different things and do not compare."""
    match clause:
        case Forbear():
            return tuple(f"{act} toward {' '.join(clause.toward)}" for act in clause.acts)
        case Cooperate():
            return (clause.type,)
        case Share():
            return (clause.data.name.lower(),)
    return ("",)


def _deadline(clause: Clause, duty: Duty) -> Deadline:
    ahead = isinstance(clause, Notify) and clause.within_s is None
    return Deadline(duty.within, duty.within_s, ahead)


# ---------------------------------------------------------------- what a text can tell apart


class _Kinds:
    """Sorts situations by what one text can tell apart."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        clauses = evaluator.pact.clause
        casus: list[Casus] = [clause for clause in clauses if isinstance(clause, Casus)]
        where: list[Where] = [clause.where for clause in clauses if isinstance(clause, Reservation)]
        kinds: list[Casus | Where] = [*casus, *where]
        words = tuple(dict.fromkeys(word for one in kinds for word in one.object))
        self._things = {atom: tuple(atom in OBJECTS.get(word, ()) for word in words) for atom in OBJECT_ATOMS}
        self._loci = frozenset(word for one in kinds for word in one.loci)
        self._by = tuple(
            dict.fromkeys(
                [one.by for one in casus]
                + [one.attacker for one in where if one.attacker]
                + [clause.against for clause in clauses if isinstance(clause, Warn)]
            )
        )
        self._classes = any(getattr(clause, "classes", ()) for clause in clauses)
        self._provoked = any("self_provoked" in one.exclude for one in casus) or any(
            one.provoked is not None for one in where
        )
        self._attackers: dict[tuple[object, ...], tuple[object, ...]] = {}

    def of(self, situation: Situation) -> tuple[Any, ...]:
        """Equal for two situations in which the text must demand the same."""
        host = situation.host or ""
        region = situation.region or ""
        return (
            situation.at,
            situation.event,
            situation.victim,
            self._attacker(situation),
            self._things[situation.object],
            host if host in self._loci else "",
            region if region in self._loci else bool(region or host),
            situation.track_class if self._classes else None,
            situation.provoked if self._provoked else None,
            situation.lawful,
        )

    def _attacker(self, situation: Situation) -> tuple[object, ...]:
        key = (situation.at, situation.attacker, situation.victim)
        if key not in self._attackers:
            met = [self._evaluator.attacker("by", by, situation) for by in self._by]
            self._attackers[key] = (
                tuple((one.truth, depends_on(one.grounds)) for one in met),
                situation.attacker == situation.victim,
                situation.attacker == UNATTRIBUTED,
            )
        return self._attackers[key]
