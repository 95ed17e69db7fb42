"""What a pact says of one situation, as an opinion: who owes what, who gets what, why, and why not.

Every clause is either among the duties and flows, or among the silent with its grounds, or in doubt with the
unknown terms that it depends on. Nothing is left out, and an unknown never reads as a no.
"""

from collections.abc import Iterator, Sequence

import msgspec

from foedus.model import Form
from foedus.pact.asking.sentences import plain, sentence
from foedus.pact.clauses import Casus, Cooperate, Pact, Remedy, Share
from foedus.pact.force import (
    CLEAR,
    Fact,
    Ground,
    Judgement,
    adversaries,
    missing_steps,
    on_roster,
    spoken_date,
    time_ns_of,
)
from foedus.pact.meaning.evaluate import Duty, DutyClause, Evaluator, depends_on
from foedus.pact.meaning.flows import Flow, flows
from foedus.pact.meaning.obligation import Stage, state_of
from foedus.pact.meaning.situation import Situation, describe
from foedus.pact.words import Truth


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """One duty as it stands."""

    clause: str
    kind: str
    debtor: str
    creditors: tuple[str, ...]
    truth: str  # yes, undetermined or no
    stage: str  # of the obligation's life
    stage_says: str
    says: str  # standard, level, form or content
    discretion: str
    within: str  # the deadline in the text's own words
    within_s: float | None
    clock: str
    binding: str
    because: str
    grounds: tuple[str, ...]
    depends_on: tuple[str, ...]
    follows: tuple[str, ...]
    """What its violation opens, `M1: Where W1 is violated, ...`; empty while it is not violated."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What one party gets of another's data."""

    giver: str
    taker: str
    data: str
    truth: str
    form: str
    form_max: str  # if all that is in doubt turns out so
    clause: str
    via: str
    delay_s: float | None
    source: str
    grounds: tuple[str, ...]
    depends_on: tuple[str, ...]


class Unspoken(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that does not speak, or is in doubt, and each ground for it."""

    clause: str
    kind: str
    truth: str
    grounds: tuple[str, ...]
    depends_on: tuple[str, ...]


class PartyOn(msgspec.Struct, frozen=True, kw_only=True):
    """One party on one day."""

    id: str
    name: str
    role: str
    on_roster: str  # yes, undetermined or no
    why: str
    adversaries: tuple[str, ...]


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """All that one pact says of one situation."""

    pact: str
    version: str
    title: str
    binding: str
    at: str
    situation: str
    in_force: str
    in_force_grounds: tuple[str, ...]
    missing: tuple[tuple[str, str, str], ...]  # (party, step, approval clause or empty)
    roster: tuple[PartyOn, ...]
    owed: tuple[Owed, ...]
    given: tuple[Given, ...]
    unspoken: tuple[Unspoken, ...]


def opinion(pact: Pact, situation: Situation) -> Opinion:
    """The opinion on the situation: owed and undetermined duties, flows, and every clause that is silent."""
    evaluator = Evaluator(pact)
    force = evaluator.in_force(situation)
    duties = evaluator.duties(situation)
    return Opinion(
        pact=pact.pact,
        version=pact.version,
        title=pact.title,
        binding=pact.basis.binding,
        at=spoken_date(situation.at),
        situation=describe(situation),
        in_force=spell(force.truth),
        in_force_grounds=told(force.grounds),
        missing=missing_steps(pact, time_ns=time_ns_of(situation.at), facts=situation.facts),
        roster=roster_on(pact, time_ns=time_ns_of(situation.at), facts=situation.facts),
        owed=tuple(_owed(evaluator, duty, situation) for duty in duties if duty.truth != Truth.NO),
        given=tuple(
            _given(one) for one in flows(evaluator, situation) if one.truth != Truth.NO or _shared(one)
        ),
        unspoken=tuple(_unspoken(evaluator, situation, duties, force)),
    )


def roster_on(pact: Pact, *, time_ns: int, facts: Sequence[Fact] = ()) -> tuple[PartyOn, ...]:
    """Every party of the text, whether it is one on that day, and its list of adversaries then."""
    entries = []
    for party in pact.party:
        standing = on_roster(pact, party.id, time_ns=time_ns, facts=facts)
        entries.append(
            PartyOn(
                id=party.id,
                name=party.name,
                role=party.role,
                on_roster=spell(standing.truth),
                why="; ".join(ground.found for ground in standing.grounds),
                adversaries=adversaries(pact, party.id, time_ns=time_ns),
            )
        )
    return tuple(entries)


def told(grounds: Sequence[tuple[Truth, str, str]]) -> tuple[str, ...]:
    """Each ground once, as `C1.by: IL is not among IR`, in order."""
    return tuple(dict.fromkeys(f"{term}: {found}" for _, term, found in grounds))


def spell(truth: Truth) -> str:
    """The truth in one word."""
    return truth.name.lower()


def together(
    opinions: Sequence[Opinion],
) -> tuple[tuple[tuple[Owed, str], ...], tuple[tuple[Given, str], ...]]:
    """What several pacts oblige together: every owed duty with its pact, and of each pair its best flow."""
    owed = [(one, each.pact) for each in opinions for one in each.owed]
    best: dict[tuple[str, str, str], tuple[Given, str]] = {}
    for each in opinions:
        for one in each.given:
            pair = (one.giver, one.taker, one.data)
            if pair not in best or _rank(one) > _rank(best[pair][0]):
                best[pair] = (one, each.pact)
    return tuple(sorted(owed, key=lambda pair: pair[0].debtor)), tuple(best[key] for key in sorted(best))


def _rank(one: Given) -> tuple[int, int]:
    return Form[one.form.upper()], Form[one.form_max.upper()]


def _owed(evaluator: Evaluator, duty: Duty, situation: Situation) -> Owed:
    standing = state_of(evaluator, duty, situation)
    clause = next(one for one in evaluator.pact.clause if one.id == duty.clause)
    casus = getattr(clause, "casus", None)
    met = casus is not None and evaluator.casus(casus, situation).truth == Truth.YES
    because = [f"{casus} is met"] if met else []
    return Owed(
        clause=duty.clause,
        kind=duty.kind,
        debtor=duty.debtor,
        creditors=duty.creditors,
        truth=spell(duty.truth),
        stage=standing.stage.value,
        stage_says=standing.says,
        says=duty.says,
        discretion=duty.discretion,
        within=f"{duty.within} days" if isinstance(clause, Cooperate) and duty.within else duty.within,
        within_s=duty.within_s,
        clock=duty.clock,
        binding=duty.binding,
        because="; ".join([*because, f"{clause.text} ({clause.cite})"]),
        grounds=told(duty.grounds),
        depends_on=depends_on(duty.grounds),
        follows=_follows(evaluator, duty, situation) if standing.stage == Stage.VIOLATED else (),
    )


def _follows(evaluator: Evaluator, duty: Duty, situation: Situation) -> tuple[str, ...]:
    """The remedies for a violation of the duty, where they speak."""
    return tuple(
        f"{clause.id}: {sentence(clause, evaluator.pact.words)}"
        for clause in evaluator.pact.clause
        if isinstance(clause, Remedy)
        and duty.clause in clause.on
        and evaluator.clause_holds(clause, situation).truth == Truth.YES
    )


def _shared(one: Flow) -> bool:
    """Whether the answer is nothing because a clause says so, and not because none speaks."""
    return bool(one.clause) or bool(one.grounds)


def _given(one: Flow) -> Given:
    unknown = (f"{one.form_unknown}.form",) if one.form_unknown else ()
    return Given(
        giver=one.giver,
        taker=one.taker,
        data=one.data,
        truth=spell(one.truth),
        form=one.form.name.lower(),
        form_max=one.form_max.name.lower(),
        clause=one.clause or one.form_unknown,
        via=one.via,
        delay_s=one.delay_s,
        source=one.source,
        grounds=told(one.grounds),
        depends_on=(*depends_on(one.grounds), *unknown),
    )


def _unspoken(
    evaluator: Evaluator, situation: Situation, duties: Sequence[Duty], force: Judgement
) -> Iterator[Unspoken]:
    """Every clause that is not plainly heard; the grounds of the whole pact are told once, not with each."""
    for clause in evaluator.pact.clause:
        if isinstance(clause, Casus):
            judgement = evaluator.casus(clause.id, situation)
        elif isinstance(clause, DutyClause) and not (isinstance(clause, Share) and clause.duty == "may"):
            judgement = _of_duties([duty for duty in duties if duty.clause == clause.id])
        else:
            judgement = evaluator.clause_holds(clause, situation)
        own = [ground for ground in judgement.grounds if ground not in force.grounds]
        if judgement.truth == Truth.YES or not own:
            continue
        yield Unspoken(
            clause=clause.id,
            kind=plain(type(clause).__name__.lower()),
            truth=spell(Truth(min(ground.truth for ground in own))),
            grounds=told(own),
            depends_on=depends_on(own),
        )


def _of_duties(duties: Sequence[Duty]) -> Judgement:
    """The best of the duties by one clause, with the grounds of all; one that binds anybody speaks."""
    best = max((duty.truth for duty in duties), default=Truth.NO)
    if best == Truth.YES:
        return CLEAR
    if not duties:
        return Judgement(
            Truth.NO, (Ground(Truth.NO, "parties", "nobody whom the clause names owes it here"),)
        )
    return Judgement(best, tuple(Ground(*ground) for duty in duties for ground in duty.grounds))
