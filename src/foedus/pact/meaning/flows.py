"""Who gives whom what in a situation: every flow of data with its form, delay, clause and path.

A clause that is undetermined may or may not speak. Three readings are judged: the strict one, in which every
withhold in doubt holds and every share in doubt closes what it selects, as a node has it; the one in which
shares in doubt speak; and the one in which nothing in doubt is there. Where they differ, so does the answer.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from foedus.model import Form
from foedus.pact.clauses import Clause, Pact, Share, Withhold
from foedus.pact.force import Ground, Judgement, both, not_suspended, time_ns_of
from foedus.pact.meaning.evaluate import Evaluator, span_s
from foedus.pact.meaning.situation import Situation
from foedus.pact.tables.compile import route_between
from foedus.pact.tables.paths import Paths
from foedus.pact.tables.rules import DENY, judge, rules_of, speaking
from foedus.pact.words import UNKNOWN, Truth


class Flow(NamedTuple):
    """What one party gets of another's data in the situation, and by which clause."""

    giver: str
    taker: str
    data: str
    form: Form  # what it certainly gets
    form_max: Form  # what it gets if all that is undetermined turns out so
    form_unknown: str  # clause that gives something in a form that is unknown; empty: none
    clause: str  # that decides; empty: no clause speaks
    via: str  # the hub, where it does not come directly
    delay_s: float | None  # None: unknown
    source: str  # named or anonymised
    grounds: tuple[Ground, ...]  # why it is nothing, or undetermined

    @property
    def truth(self) -> Truth:
        """Whether anything flows."""
        if self.form > Form.NONE:
            return Truth.YES
        return Truth.UNDETERMINED if self.form_max > Form.NONE or self.form_unknown else Truth.NO


class _Reading(NamedTuple):
    """A text that holds only the clauses that speak, and the paths of data through its hub."""

    pact: Pact
    paths: Paths


def flows(evaluator: Evaluator, situation: Situation) -> tuple[Flow, ...]:
    """Every flow that a share names, or two by way of the hub, in the order of the parties; also empty ones.

    situation.zones, .track_class and .data say which data are meant.
    """
    return tuple(_flows(evaluator, situation))


def flow(evaluator: Evaluator, situation: Situation, giver: str, taker: str) -> Flow:
    """What one party gets of another's data in the situation."""
    holds = _holding(evaluator, situation)
    return _flow(evaluator, situation, holds, _readings(evaluator, holds), giver, taker)


def _flows(evaluator: Evaluator, situation: Situation) -> Iterator[Flow]:
    pact = evaluator.pact
    holds = _holding(evaluator, situation)
    readings = _readings(evaluator, holds)
    named = {
        (giver, taker)
        for clause in pact.clause
        if isinstance(clause, Share) and clause.data == situation.data
        for giver in evaluator.selected(clause.giver)
        for taker in evaluator.selected(clause.taker)
        if giver != taker
    }
    hub = next((party.id for party in pact.party if party.role == "hub"), "")
    up = [giver for giver, taker in sorted(named) if taker == hub]
    down = [taker for giver, taker in sorted(named) if giver == hub]
    named |= {(giver, taker) for giver in up for taker in down if giver != taker}
    ids = [party.id for party in pact.party]
    for giver in ids:
        for taker in ids:
            if (giver, taker) in named:
                yield _flow(evaluator, situation, holds, readings, giver, taker)


def _holding(evaluator: Evaluator, situation: Situation) -> tuple[Judgement, ...]:
    """Clause by clause, whether it speaks; the class is left to the rules, which know which is narrower."""
    return tuple(
        evaluator.clause_holds(_without_class(clause), situation) for clause in evaluator.pact.clause
    )


def _without_class(clause: Clause) -> Clause:
    if isinstance(clause, Share | Withhold) and clause.classes:
        return msgspec.structs.replace(clause, classes=())
    return clause


_Readings = tuple[_Reading, _Reading, _Reading]


def _readings(evaluator: Evaluator, holds: Sequence[Judgement]) -> _Readings:
    """Strict, with what is in doubt, without it; kept, for they depend on nothing but which clauses speak."""
    truths = tuple(judgement.truth for judgement in holds)
    kept = evaluator.kept.get(truths)
    if kept is None:
        kept = evaluator.kept[truths] = _read(evaluator.pact, holds)
    assert isinstance(kept, tuple)
    return kept


def _read(pact: Pact, holds: Sequence[Judgement]) -> _Readings:
    strict: list[Clause] = []
    speaking: list[Clause] = []
    silent: list[Clause] = []
    for clause, judgement in zip(pact.clause, holds, strict=True):
        certain = clause is pact.term or judgement.truth == Truth.YES
        if not certain and judgement.truth == Truth.NO:
            continue
        if isinstance(clause, Share) and not (certain and clause.form != UNKNOWN):
            strict.append(msgspec.structs.replace(clause, form=UNKNOWN))
        elif certain or isinstance(clause, Withhold):
            strict.append(clause)
        if isinstance(clause, Share) and clause.form == UNKNOWN:
            continue
        if certain or not isinstance(clause, Withhold):
            speaking.append(clause)
        if certain:
            silent.append(clause)
    one, two, three = (
        msgspec.structs.replace(pact, clause=tuple(clauses)) for clauses in (strict, speaking, silent)
    )
    return _Reading(one, Paths(one)), _Reading(two, Paths(two)), _Reading(three, Paths(three))


class _Verdict(NamedTuple):
    form: Form
    clause: Clause | None
    via: str


def _verdict(reading: _Reading, situation: Situation, giver: str, taker: str) -> _Verdict:
    """What one reading gives, directly or through the hub, whichever is more."""
    pact = reading.pact
    ids = [party.id for party in pact.party]
    zones = sum(1 << i for i, zone in enumerate(pact.zone) if zone.id in situation.zones)
    route = route_between(pact, giver, taker)
    spoken = [
        rule
        for rule in speaking(
            rules_of(pact), ids.index(giver), ids.index(taker), situation.track_class, situation.data
        )
        if not _barred(pact, pact.clause[rule.clause], situation, giver, taker)
    ]
    direct = judge(spoken, zones)
    clause = None if direct.clause == DENY else pact.clause[direct.clause]
    best = _Verdict(Form.NONE, pact.clause[route], "") if route != DENY else _Verdict(direct.form, clause, "")
    hub = next((party.id for party in pact.party if party.role == "hub"), "")
    if not hub or hub in (giver, taker) or best.form > Form.NONE:
        return best
    passed = reading.paths.via_hub(giver, taker, situation.track_class, zones)
    down = reading.paths.direct(hub, taker, situation.track_class, zones)
    if passed.form == Form.NONE or down.clause == DENY:
        return best
    if _barred(pact, pact.clause[down.clause], situation, hub, taker):
        return best
    return _Verdict(passed.form, pact.clause[down.clause], hub)


def _barred(pact: Pact, clause: Clause, situation: Situation, giver: str, taker: str) -> bool:
    free = not_suspended(
        pact, clause, between=(giver, taker), time_ns=time_ns_of(situation.at), facts=situation.facts
    )
    return isinstance(clause, Share) and free.truth != Truth.YES


def _flow(
    evaluator: Evaluator,
    situation: Situation,
    holds: Sequence[Judgement],
    readings: _Readings,
    giver: str,
    taker: str,
) -> Flow:
    parties = both(evaluator.is_party(giver, situation), evaluator.is_party(taker, situation))
    strict, *others = (_verdict(reading, situation, giver, taker) for reading in readings)
    generous = max(others, key=lambda verdict: verdict.form)
    if parties.truth != Truth.YES:
        strict = _Verdict(Form.NONE, None, "")
        generous = generous if parties.truth == Truth.UNDETERMINED else strict
    deciding = strict if strict.form > Form.NONE else generous
    share = deciding.clause if isinstance(deciding.clause, Share) else None
    unknown = _unknown_form(evaluator, situation, holds, giver, taker)
    return Flow(
        giver=giver,
        taker=taker,
        data=situation.data.name.lower(),
        form=strict.form,
        form_max=max(strict.form, generous.form),
        form_unknown="" if parties.truth == Truth.NO else unknown,
        clause=deciding.clause.id if deciding.clause is not None else "",
        via=deciding.via,
        delay_s=span_s(evaluator.pact, share.delay_s) if share else 0.0,
        source="anonymised" if deciding.via else share.source if share else "",
        grounds=()
        if strict.form > Form.NONE
        else tuple(dict.fromkeys((*parties.grounds, *_why_not(evaluator, situation, holds, giver, taker)))),
    )


def _between(evaluator: Evaluator, clause: Clause, situation: Situation, giver: str, taker: str) -> bool:
    """Whether the clause is a share of such data from one to the other."""
    return (
        isinstance(clause, Share)
        and clause.data == situation.data
        and giver in evaluator.selected(clause.giver)
        and taker in evaluator.selected(clause.taker)
    )


def _unknown_form(
    evaluator: Evaluator, situation: Situation, holds: Sequence[Judgement], giver: str, taker: str
) -> str:
    for clause, judgement in zip(evaluator.pact.clause, holds, strict=True):
        if (
            isinstance(clause, Share)
            and clause.form == UNKNOWN
            and judgement.truth != Truth.NO
            and _between(evaluator, clause, situation, giver, taker)
        ):
            return clause.id
    return ""


def _why_not(
    evaluator: Evaluator, situation: Situation, holds: Sequence[Judgement], giver: str, taker: str
) -> Iterator[Ground]:
    """The grounds on which shares between the two do not speak, or the clause that closes the way."""
    for start, end in _legs(evaluator, situation, giver, taker):
        for clause, judgement in zip(evaluator.pact.clause, holds, strict=True):
            if not _between(evaluator, clause, situation, start, end):
                continue
            yield from judgement.grounds
            yield from not_suspended(
                evaluator.pact,
                clause,
                between=(start, end),
                time_ns=time_ns_of(situation.at),
                facts=situation.facts,
            ).grounds


def _legs(evaluator: Evaluator, situation: Situation, giver: str, taker: str) -> tuple[tuple[str, str], ...]:
    """The pairs whose shares matter: the two themselves, or the way by the hub where none is between them."""
    if any(_between(evaluator, one, situation, giver, taker) for one in evaluator.pact.clause):
        return ((giver, taker),)
    hub = next((party.id for party in evaluator.pact.party if party.role == "hub"), "")
    return () if hub in ("", giver, taker) else ((giver, hub), (hub, taker))
