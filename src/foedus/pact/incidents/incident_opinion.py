"""What a pact says of an incident: under each attribution whether a casus is met, what is owed, and on each
account when that was due and whether it was breached.

Attributions and accounts are laid side by side and never averaged. Where the incident itself is uncertain
(the hour, the class, as whom an attacker counts) every reading is judged; readings that differ make the
result undetermined, and the result says by which of them.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Final

import msgspec

from foedus.pact.asking.opinion import spell, told
from foedus.pact.clauses import Casus, Clause, Notify, Pact, Warn
from foedus.pact.force import Ground, Judgement, spoken_date
from foedus.pact.incidents.incident import (
    Incident,
    IncidentFile,
    attackers_of,
    readings_of,
    said_of,
    stance,
)
from foedus.pact.incidents.timeline import Reckoning, reckon
from foedus.pact.meaning.evaluate import Duty, Evaluator, depends_on
from foedus.pact.meaning.situation import Situation, place_of
from foedus.pact.words import EVENTS, OBJECTS, Truth

KINDS = ("regard", "consult", "notify", "assist", "warn")
"""The kinds of duty to which an incident gives rise."""


class CasusFound(msgspec.Struct, frozen=True, kw_only=True):
    """One casus under one attribution: met, not met or undetermined, and by which words of the text."""

    casus: str
    truth: str
    words: tuple[str, ...]
    depends_on: tuple[str, ...]


class DutyFound(msgspec.Struct, frozen=True, kw_only=True):
    """One duty under one attribution, with its reckoning on each account. An assist duty is a record that is
    addressed to governments, and orders nothing."""

    clause: str
    kind: str
    debtor: str
    creditors: tuple[str, ...]
    truth: str
    says: str
    discretion: str
    within: str
    within_s: float | None
    clock: str
    binding: str
    addressed_to: str
    words: tuple[str, ...]
    depends_on: tuple[str, ...]
    reckonings: tuple[tuple[str, tuple[Reckoning, ...]], ...]  # (creditor, one for each account)


class Attributed(msgspec.Struct, frozen=True, kw_only=True):
    """All that one pact says under one attribution."""

    attacker: str
    said: tuple[str, ...]
    stances: tuple[tuple[str, str], ...]  # (account, what it says of this attribution)
    casus: tuple[CasusFound, ...]
    duties: tuple[DutyFound, ...]
    warning: str  # whether a warning was owed: yes, undetermined or no
    warning_words: tuple[str, ...]  # and why, or why not


class IncidentOpinion(msgspec.Struct, frozen=True, kw_only=True):
    """All that one pact says of one incident. as_if: the day on which it is judged, if not its own."""

    incident: str
    pact: str
    version: str
    title: str
    binding: str
    zero: str
    at: tuple[str, str]
    as_if: str | None
    in_force: str
    in_force_words: tuple[str, ...]
    attributions: tuple[Attributed, ...]


def judge(file: IncidentFile, pact: Pact, *, as_if: date | None = None) -> IncidentOpinion:
    """The opinion of one pact on an incident. as_if: as though the zero had been on that day."""
    incident = moved(file.incident, as_if)
    file = file._replace(incident=incident)
    evaluator = Evaluator(pact)
    force = _agreed([evaluator.in_force(one) for one in _situations(incident, attackers_of(incident)[0])])
    return IncidentOpinion(
        incident=incident.incident,
        pact=pact.pact,
        version=pact.version,
        title=pact.title,
        binding=pact.basis.binding,
        zero=incident.zero.name,
        at=(incident.zero.at[0].isoformat(), incident.zero.at[1].isoformat()),
        as_if=None if as_if is None else as_if.isoformat(),
        in_force=spell(force.truth),
        in_force_words=told(force.grounds),
        attributions=tuple(_attributed(file, evaluator, one) for one in attackers_of(incident)),
    )


def moved(incident: Incident, as_if: date | None) -> Incident:
    """The incident with its zero, and all instants in it, moved by whole days to that day."""
    if as_if is None:
        return incident
    first = incident.zero.at[0]
    by = datetime.combine(as_if, time(), first.tzinfo) - first.replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    zero = msgspec.structs.replace(incident.zero, at=(first + by, incident.zero.at[1] + by))
    facts = tuple(
        one
        if one.when is None
        else msgspec.structs.replace(one, when=(_moved(one.when[0], by), _moved(one.when[1], by)))
        for one in incident.fact
    )
    return msgspec.structs.replace(incident, zero=zero, fact=facts)


def _moved(bound: float | datetime, by: timedelta) -> float | datetime:
    return bound + by if isinstance(bound, datetime) else bound


# ---------------------------------------------------------------- one attribution


def _attributed(file: IncidentFile, evaluator: Evaluator, attacker: str) -> Attributed:
    incident = file.incident
    situations = _situations(incident, attacker)
    duties = tuple(
        (duty, _words(evaluator, duty, situations[0])) for duty in duties_of(evaluator, situations)
    )
    warning, words = _warning(evaluator, duties)
    return Attributed(
        attacker=attacker,
        said=said_of(incident, attacker),
        stances=tuple(
            (one.according_to, stance(incident, one.according_to, attacker)) for one in incident.account
        ),
        casus=tuple(
            _casus(evaluator, clause, situations)
            for clause in evaluator.pact.clause
            if isinstance(clause, Casus)
        ),
        duties=tuple(_duty(file, evaluator, duty, words) for duty, words in duties),
        warning=spell(warning),
        warning_words=words,
    )


def _situations(incident: Incident, attacker: str) -> tuple[Situation, ...]:
    """Every reading of the incident under one attribution."""
    return tuple(
        Situation(
            at=at,
            event=incident.event,
            attacker=name,
            victim=incident.victim,
            object=incident.object,
            host=incident.host,
            region=incident.region,
            track_class=track_class,
            provoked=incident.provoked,
            lawful=incident.lawful,
            facts=incident.recorded,
        )
        for name, track_class, at in product(
            readings_of(incident, attacker), incident.track_class, dict.fromkeys(incident.zero.at)
        )
    )


def _agreed(judgements: Sequence[Judgement], readings: Sequence[Situation] = ()) -> Judgement:
    """The judgement of all readings; where they differ it is undetermined, and says which ones differ."""
    first = judgements[0]
    if all(one.truth == first.truth for one in judgements):
        return first
    grounds = [ground for one in judgements for ground in one.grounds]
    undetermined = [ground._replace(truth=Truth.UNDETERMINED) for ground in dict.fromkeys(grounds)]
    return Judgement(Truth.UNDETERMINED, (*undetermined, *_differing(judgements, readings)))


def _differing(judgements: Sequence[Judgement], readings: Sequence[Situation]) -> tuple[Ground, ...]:
    """What decides between readings: one uncertain thing where it does so alone, else all together."""
    for spelling in (*_SPELLINGS, _spelt):
        by_word: dict[str, set[Truth]] = {}
        for one, reading in zip(judgements, readings, strict=False):
            by_word.setdefault(spelling(reading), set()).add(one.truth)
        if all(len(truths) == 1 for truths in by_word.values()):
            found = [f"{spell(max(truths))} {word}" for word, truths in by_word.items()]
            return tuple(Ground(Truth.UNDETERMINED, "incident", one) for one in found)
    return ()


_SPELLINGS: Final[tuple[Callable[[Situation], str], ...]] = (
    lambda one: f"if the attacker counts as {one.attacker}",
    lambda one: f"for class {one.track_class.name.lower()}",
    lambda one: f"at {spoken_date(one.at)}",
)
"""The things of an incident that may be uncertain, in words."""


def _spelt(situation: Situation) -> str:
    return ", ".join(spelling(situation) for spelling in _SPELLINGS)


def _casus(evaluator: Evaluator, clause: Casus, situations: Sequence[Situation]) -> CasusFound:
    judgement = _agreed([evaluator.casus(clause.id, one) for one in situations], situations)
    met = judgement.truth == Truth.YES
    return CasusFound(
        casus=clause.id,
        truth=spell(judgement.truth),
        words=met_words(evaluator.pact, clause, situations[0]) if met else told(judgement.grounds),
        depends_on=depends_on(judgement.grounds),
    )


def met_words(pact: Pact, clause: Casus, situation: Situation) -> tuple[str, ...]:
    """The words of a casus by which it is met."""
    event = next((one for one in clause.event if situation.event in EVENTS.get(one, ())), None)
    thing = next((one for one in clause.object if situation.object in OBJECTS.get(one, ())), None)
    host, region = place_of(situation, pact)
    place = next((one for one in clause.loci if one in ("anywhere", host, region)), None)
    of = clause.of if isinstance(clause.of, str) else ", ".join(clause.of)
    return tuple(
        words
        for words, holds in (
            (f"{clause.id}.event: {event} covers {situation.event}", event),
            (f"{clause.id}.of: {situation.victim} is among {of}", situation.victim),
            (f"{clause.id}.object: {thing} covers {situation.object}", thing),
            (f"{clause.id}.loci: {place}", place),
            (f"{clause.id}.by: {', '.join(clause.by)} covers {situation.attacker}", clause.by),
        )
        if holds
    )


def duties_of(evaluator: Evaluator, situations: Sequence[Situation]) -> tuple[Duty, ...]:
    """The duties of one pact under every reading, each with what the readings agree on."""
    heard: dict[tuple[str, str, tuple[str, ...]], dict[int, Duty]] = {}
    for index, situation in enumerate(situations):
        for duty in evaluator.duties(situation):
            if duty.kind in KINDS:
                heard.setdefault((duty.clause, duty.debtor, duty.creditors), {})[index] = duty
    agreed = []
    for each in heard.values():
        missing = Judgement(Truth.NO, (Ground(Truth.NO, "readings", "not named under every reading"),))
        judged = [
            Judgement(each[index].truth, tuple(Ground(*one) for one in each[index].grounds))
            if index in each
            else missing
            for index in range(len(situations))
        ]
        one = _agreed(judged, situations)
        agreed.append(next(iter(each.values()))._replace(truth=one.truth, grounds=one.grounds))
    return tuple(agreed)


def _words(evaluator: Evaluator, duty: Duty, situation: Situation) -> tuple[str, ...]:
    """The words by which a duty is owed, or is not."""
    if duty.truth != Truth.YES:
        return told(duty.grounds)
    clause = _clause(evaluator, duty)
    casus = getattr(clause, "casus", None)
    met = (f"{casus} is met",) if casus is not None else ()
    return (*met, f"{clause.id}: {clause.text}")


def _warning(
    evaluator: Evaluator, duties: Sequence[tuple[Duty, tuple[str, ...]]]
) -> tuple[Truth, tuple[str, ...]]:
    """Whether anybody owed the victim a warning, and the words on which that rests."""
    warns = [one for one in duties if one[0].kind == "warn"]
    if not any(isinstance(clause, Warn) for clause in evaluator.pact.clause):
        return Truth.NO, (f"no clause of {evaluator.pact.pact} obliges anybody to warn",)
    if not warns:
        return Truth.NO, (f"no clause of {evaluator.pact.pact} obliges anybody to warn this victim",)
    best = Truth(max(duty.truth for duty, _ in warns))
    words = [
        word if word.startswith(f"{duty.clause}: ") else f"{duty.clause}: {word}"
        for duty, said in warns
        if duty.truth == best
        for word in said
    ]
    return best, tuple(dict.fromkeys(words))


# ---------------------------------------------------------------- one duty


def _duty(file: IncidentFile, evaluator: Evaluator, duty: Duty, words: tuple[str, ...]) -> DutyFound:
    owed = duty.truth != Truth.NO
    return DutyFound(
        clause=duty.clause,
        kind=duty.kind,
        debtor=duty.debtor,
        creditors=duty.creditors,
        truth=spell(duty.truth),
        says=duty.says,
        discretion=duty.discretion,
        within=duty.within,
        within_s=duty.within_s,
        clock=duty.clock,
        binding=duty.binding,
        addressed_to="governments" if duty.kind == "assist" else duty.debtor,
        words=words,
        depends_on=depends_on(duty.grounds),
        reckonings=reckonings(file, evaluator, duty) if owed else (),
    )


def reckonings(
    file: IncidentFile, evaluator: Evaluator, duty: Duty
) -> tuple[tuple[str, tuple[Reckoning, ...]], ...]:
    """The reckoning of a duty toward each creditor, on each account that speaks of it."""
    clause = _clause(evaluator, duty)
    if isinstance(clause, Notify) and clause.within_s is None and duty.within_s is not None:
        duty = duty._replace(within_s=-duty.within_s)  # due so long before the event
    horizon_s = clause.horizon_s if isinstance(clause, Warn) else None
    rows = [
        (
            creditor,
            reckon(
                file,
                duty,
                creditor,
                needs_attacker=_needs_attacker(evaluator, clause),
                horizon_s=horizon_s,
            ),
        )
        for creditor in duty.creditors
    ]
    return tuple((creditor, found) for creditor, found in rows if found)


def _needs_attacker(evaluator: Evaluator, clause: Clause) -> bool:
    """Whether the debtor has to know who attacks in order to know that it owes."""
    casus = getattr(clause, "casus", None)
    named = [one.by for one in evaluator.pact.clause if isinstance(one, Casus) and one.id == casus]
    named += [clause.against] if isinstance(clause, Warn) else []
    return any("any" not in by for by in named)


def _clause(evaluator: Evaluator, duty: Duty) -> Clause:
    return next(one for one in evaluator.pact.clause if one.id == duty.clause)
