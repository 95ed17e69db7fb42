"""What of a pact speaks at one time: entry into force, approvals, exits, roster, suspension, recorded facts.

Whether a text is in force depends on the acts that its kind of instrument asks of each party. The few that
foedus knows stand in REQUIRED_STEPS with their sources; they gate, and are no legal advice. Answers are
three-valued, and every answer that is not a plain yes carries its grounds.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import msgspec

from foedus.model import DAY_NS, SECOND_NS
from foedus.pact.clauses import (
    ATTACKED,
    ROLE_WORDS,
    Approval,
    Attackers,
    Casus,
    Clause,
    Milestone,
    Pact,
    Selector,
    Share,
    Suspend,
    Term,
    Warn,
    Withhold,
)
from foedus.pact.words import UNKNOWN, Truth

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

REQUIRED_STEPS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("treaty", "US"): ("senate_advice_and_consent", "US Constitution, Art. II s. 2 cl. 2"),
    ("treaty", "JP"): ("legislature_approval", "Constitution of Japan, Art. 61 and 73(3)"),
    ("treaty", "PH"): ("senate_advice_and_consent", "Constitution of the Philippines, Art. VII s. 21"),
    ("treaty", "KR"): ("legislature_approval", "Constitution of the Republic of Korea, Art. 60(1)"),
    ("executive_order", "US"): ("presidential_signature", "US Constitution, Art. II s. 1"),
    ("designation", "US"): ("legislature_notice", "22 U.S.C. 2321k(a)(1): 30 days before designation"),
}
"""(kind of instrument, party) -> the step without which it never enters into force, and its source."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happened after the text was written, as it is recorded.

    what, of: a milestone was `met`; a step was `approved` (by that party); a party gave notice of `exit` (of
    is the pact); a clause was `suspended` or `resumed` (as_to: between these two only); a `casus` was
    declared (says yes, no or unknown, by whom; as_to: victim and attacker, where they are named: the casus is
    met only while the text means them); a party `joined` or `left`. at: when.
    """

    what: Literal["met", "approved", "exit", "suspended", "resumed", "casus", "joined", "left"]
    of: str
    at: datetime
    by: str = ""
    says: str = ""
    as_to: tuple[str, ...] = ()


class Ground(NamedTuple):
    """One thing that a truth rests on: a term such as `C1.by`, and what was found there, in words."""

    truth: Truth
    term: str
    found: str


class Judgement(NamedTuple):
    """A truth, and the grounds that keep it from being a plain yes; none where it is one."""

    truth: Truth
    grounds: tuple[Ground, ...]


CLEAR: Final = Judgement(Truth.YES, ())


def both(*parts: Judgement) -> Judgement:
    """The conjunction: the lowest truth, with all grounds."""
    return Judgement(
        Truth(min(part.truth for part in parts)), tuple(ground for part in parts for ground in part.grounds)
    )


def grounded(truth: Truth, term: str, found: str) -> Judgement:
    """A judgement with that ground, or CLEAR."""
    return CLEAR if truth == Truth.YES else Judgement(truth, (Ground(truth, term, found),))


def time_ns_of(instant: datetime) -> int:
    """Nanoseconds since 1970 of an instant with an offset."""
    since = instant - _EPOCH
    return since.days * DAY_NS + since.seconds * SECOND_NS + since.microseconds * 1_000


def spoken_date(instant: datetime) -> str:
    """The day, and the time of day where there is one."""
    return instant.strftime("%Y-%m-%d" if instant == _midnight(instant) else "%Y-%m-%dT%H:%M:%SZ")


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _within(time_ns: int, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or time_ns_of(since) <= time_ns) and (until is None or time_ns < time_ns_of(until))


def _happened(facts: Sequence[Fact], what: str, of: str, time_ns: int, *, by: str = "") -> datetime | None:
    """When a fact was first recorded, at or before that time."""
    for fact in sorted(facts, key=lambda one: one.at):
        if fact.what == what and fact.of == of and by in ("", fact.by) and time_ns_of(fact.at) <= time_ns:
            return fact.at
    return None


# ---------------------------------------------------------------- the pact as a whole


def in_force(pact: Pact, *, time_ns: int, facts: Sequence[Fact] = ()) -> Judgement:
    """Whether the pact is in force at that time, and what is missing where it is not."""
    term = pact.term
    if term.until is not None and time_ns >= time_ns_of(term.until):
        return grounded(Truth.NO, f"{term.id}.until", f"ended {spoken_date(term.until)}")
    if term.in_force is not None and time_ns < time_ns_of(term.in_force):
        return grounded(Truth.NO, f"{term.id}.in_force", f"begins {spoken_date(term.in_force)}")
    approvals = [clause for clause in pact.clause if isinstance(clause, Approval)]
    if term.in_force is None and not approvals:
        return grounded(Truth.NO, f"{term.id}.in_force", "a draft, without a date of entry into force")
    approved = [_approved(pact, clause, time_ns, facts) for clause in approvals]
    return both(CLEAR, *_required(pact, approvals), *approved, _not_ended(pact, time_ns, facts))


def _required(pact: Pact, approvals: Sequence[Approval]) -> Iterable[Judgement]:
    """A NO for each act that the kind of instrument asks of a party and that no approval clause has."""
    for party in pact.party:
        needed = REQUIRED_STEPS.get((pact.basis.form, party.id))
        if needed is None:
            continue
        route = [step for clause in approvals if clause.by == party.id for step in clause.steps]
        if needed[0] not in route:
            yield grounded(
                Truth.UNDETERMINED if UNKNOWN in route else Truth.NO,
                f"{party.id}.{needed[0]}",
                f"no approval clause has it; this kind of instrument needs it ({needed[1]})",
            )


def _approved(pact: Pact, clause: Approval, time_ns: int, facts: Sequence[Fact]) -> Judgement:
    """Whether every step of one party's route is done, and its waiting time over."""
    taken: list[datetime] = []
    for step in clause.steps:
        if step == UNKNOWN:
            return grounded(Truth.UNDETERMINED, f"{clause.id}.steps", "unknown")
        done = next((one for one in clause.done if one.step == step), None)
        recorded = _happened(facts, "approved", step, time_ns, by=clause.by)
        if done is not None and done.on is None:
            if pact.term.in_force is None and recorded is None:
                return grounded(Truth.UNDETERMINED, f"{clause.id}.{step}", "done on a day that is unknown")
            continue
        when = done.on if done is not None and done.on is not None else recorded
        if when is None or time_ns_of(when) > time_ns:
            return grounded(Truth.NO, f"{clause.id}.{step}", f"{clause.by} has not taken this step")
        taken.append(when)
    if taken and clause.wait_d and time_ns < time_ns_of(max(taken)) + round(clause.wait_d * DAY_NS):
        return grounded(
            Truth.NO, f"{clause.id}.wait_d", f"{clause.wait_d:g} days after {spoken_date(max(taken))}"
        )
    return CLEAR


def missing_steps(
    pact: Pact, *, time_ns: int, facts: Sequence[Fact] = ()
) -> tuple[tuple[str, str, str], ...]:
    """(party, step, approval clause or '') for each act that still keeps it from entering into force."""
    approvals = [clause for clause in pact.clause if isinstance(clause, Approval)]
    missing: list[tuple[str, str, str]] = []
    for clause in approvals:
        for step in clause.steps:
            done = any(
                one.step == step and (one.on is None or time_ns_of(one.on) <= time_ns) for one in clause.done
            )
            if not done and _happened(facts, "approved", step, time_ns, by=clause.by) is None:
                missing.append((clause.by, step, clause.id))
    for judgement in _required(pact, approvals):
        name, needed = judgement.grounds[0].term.split(".")
        missing.append((name, needed, ""))
    return tuple(missing)


def _not_ended(pact: Pact, time_ns: int, facts: Sequence[Fact]) -> Judgement:
    """NO once those who have left leave fewer than two parties behind."""
    standing = [on_roster(pact, party.id, time_ns=time_ns, facts=facts) for party in pact.party]
    certain = sum(one.truth == Truth.YES for one in standing)
    possible = sum(one.truth != Truth.NO for one in standing)
    if certain >= 2:
        return CLEAR
    grounds = tuple(ground for one in standing for ground in one.grounds)
    return Judgement(Truth.NO if possible < 2 else Truth.UNDETERMINED, grounds)


ALWAYS: Final = datetime(1, 1, 2, tzinfo=UTC)


def once_in_force(pact: Pact) -> Pact:
    """The text as it will speak once nothing keeps it from being in force, on any day.

    Without approvals, without the dates of its term, and of no kind of instrument that asks for steps.
    """
    clauses = tuple(
        msgspec.structs.replace(clause, in_force=ALWAYS, until=None) if isinstance(clause, Term) else clause
        for clause in pact.clause
        if not isinstance(clause, Approval)
    )
    basis = msgspec.structs.replace(pact.basis, form="unknown")
    return msgspec.structs.replace(pact, clause=clauses, basis=basis)


def unconditional(pact: Pact) -> Pact:
    """The text without the suspensions that wait for a milestone or begin with one; dated ones stand."""
    clauses = tuple(
        clause
        for clause in pact.clause
        if not (isinstance(clause, Suspend) and (clause.precedent or clause.subsequent))
    )
    return msgspec.structs.replace(pact, clause=clauses)


# ---------------------------------------------------------------- parties


def on_roster(pact: Pact, party: str, *, time_ns: int, facts: Sequence[Fact] = ()) -> Judgement:
    """Whether that party is a party at that time: its dates, accession, leaving, and notice of exit."""
    entry = next(one for one in pact.party if one.id == party)
    moved = max(
        (
            fact
            for fact in facts
            if fact.what in ("joined", "left") and fact.of == party and time_ns_of(fact.at) <= time_ns
        ),
        key=lambda fact: (fact.at, fact.what),  # who joins and leaves at one instant has left
        default=None,
    )
    if moved is None and entry.since is not None and time_ns < time_ns_of(entry.since):
        return grounded(Truth.NO, f"{party}.since", f"a party from {spoken_date(entry.since)}")
    if entry.until is not None and time_ns >= time_ns_of(entry.until):
        return grounded(Truth.NO, f"{party}.until", f"a party until {spoken_date(entry.until)}")
    if moved is not None and moved.what == "left":
        return grounded(Truth.NO, f"{party}.left", f"left {spoken_date(moved.at)}")
    return _exit(pact, party, time_ns, facts)


def _exit(pact: Pact, party: str, time_ns: int, facts: Sequence[Fact]) -> Judgement:
    given = _happened(facts, "exit", pact.pact, time_ns, by=party)
    if given is None:
        return CLEAR
    term = pact.term
    said = f"{party} gave notice {spoken_date(given)}"
    if term.exit is None or isinstance(term.exit.notice_d, str):
        return grounded(Truth.UNDETERMINED, f"{term.id}.exit", f"{said}; how it may leave is unknown")
    if party not in selected(pact, term.exit.by):
        return CLEAR  # a notice that the text gives it no right to
    if time_ns < time_ns_of(given) + round(term.exit.notice_d * DAY_NS):
        return CLEAR
    for step in term.exit.needs:
        if _happened(facts, "approved", step, time_ns, by=party) is None:
            return grounded(Truth.UNDETERMINED, f"{term.id}.exit.needs", f"{said} without {step}")
    return grounded(Truth.NO, f"{term.id}.exit", said)


def roster(pact: Pact, *, time_ns: int, facts: Sequence[Fact] = ()) -> tuple[str, ...]:
    """Who is certainly a party on that day, in the order of the text."""
    return tuple(
        party.id
        for party in pact.party
        if on_roster(pact, party.id, time_ns=time_ns, facts=facts).truth == Truth.YES
    )


def adversaries(pact: Pact, party: str, *, time_ns: int) -> tuple[str, ...]:
    """One party's list of adversaries on that day, in the order of the text."""
    return tuple(
        one.state for one in pact.adversary if one.of == party and _within(time_ns, one.since, one.until)
    )


def selected(pact: Pact, selector: Selector) -> tuple[str, ...]:
    """The ids that a selector means, in the order of the text; words that name no party mean nobody."""
    words = (selector,) if isinstance(selector, str) else selector
    return tuple(
        party.id for party in pact.party if party.id in words or party.role in words or "any" in words
    )


# ---------------------------------------------------------------- one clause


def dated(clause: Clause, *, time_ns: int) -> Judgement:
    """Whether the clause's own dates hold that time. A term's dates are those of the pact."""
    if isinstance(clause, Term | Suspend) or _within(time_ns, clause.since, clause.until):
        return CLEAR
    if clause.since is not None and time_ns < time_ns_of(clause.since):
        return grounded(Truth.NO, f"{clause.id}.since", f"speaks from {spoken_date(clause.since)}")
    assert clause.until is not None
    return grounded(Truth.NO, f"{clause.id}.until", f"speaks until {spoken_date(clause.until)}")


def milestone_met(pact: Pact, milestone: str, *, time_ns: int, facts: Sequence[Fact] = ()) -> bool:
    """Whether the text or a recorded fact says that the milestone is met by then."""
    entry = next(one for one in pact.milestone if one.id == milestone)
    if entry.met is not None and time_ns_of(entry.met) <= time_ns:
        return True
    return _happened(facts, "met", milestone, time_ns) is not None


def not_suspended(
    pact: Pact, clause: Clause, *, between: tuple[str, str], time_ns: int, facts: Sequence[Fact] = ()
) -> Judgement:
    """Whether the clause is free of suspension between two parties at that time."""
    parts = [
        grounded(Truth.NO, suspend.id, _why_suspended(pact, suspend))
        for suspend in pact.clause
        if isinstance(suspend, Suspend)
        and clause.id in suspend.on
        and _concerns(suspend.as_to, between)
        and _suspends(pact, suspend, time_ns, facts)
    ]
    latest = max(
        (
            fact
            for fact in facts
            if fact.what in ("suspended", "resumed")
            and fact.of == clause.id
            and _concerns((fact.as_to,) if fact.as_to else (), between)
            and time_ns_of(fact.at) <= time_ns
        ),
        key=lambda fact: fact.at,
        default=None,
    )
    if latest is not None and latest.what == "suspended":
        parts.append(grounded(Truth.NO, clause.id, f"suspended by {latest.by} {spoken_date(latest.at)}"))
    return both(CLEAR, *parts)


def _concerns(pairs: Sequence[Sequence[str]], between: tuple[str, str]) -> bool:
    return not pairs or any(sorted(pair) == sorted(between) for pair in pairs)


def _suspends(pact: Pact, suspend: Suspend, time_ns: int, facts: Sequence[Fact]) -> bool:
    if not _within(time_ns, suspend.since, suspend.until):
        return False
    if suspend.precedent is not None:
        return not milestone_met(pact, suspend.precedent, time_ns=time_ns, facts=facts)
    if suspend.subsequent is not None:
        return milestone_met(pact, suspend.subsequent, time_ns=time_ns, facts=facts)
    return True


def _why_suspended(pact: Pact, suspend: Suspend) -> str:
    entries: dict[str, Milestone] = {one.id: one for one in pact.milestone}
    if suspend.precedent is not None:
        return f"waits for {suspend.precedent}: {entries[suspend.precedent].says}"
    if suspend.subsequent is not None:
        return f"ended with {suspend.subsequent}: {entries[suspend.subsequent].says}"
    return f"suspended from {spoken_date(suspend.since)}" if suspend.since else "suspended"


# ---------------------------------------------------------------- what a node applies


class Edition(NamedTuple):
    """What of a pact a node may apply at one time; what is undetermined opens nothing and closes what it can.

    speaks: clause by clause. doubtful: shares that may speak, or whose form or delay is unknown; they give
    nothing and close what they select, as a withhold would, since what the text says there is not known.
    barred: for each clause the pairs of parties between whom it is suspended. parties: who is on the roster.
    """

    in_force: bool
    speaks: tuple[bool, ...]
    doubtful: tuple[bool, ...]
    barred: tuple[tuple[tuple[str, str], ...], ...]
    parties: tuple[str, ...]


def casus_declared(pact: Pact, casus: str, *, time_ns: int, facts: Sequence[Fact]) -> Truth | None:
    """The newest declaration on a casus by somebody whom the clause lets determine it; None without one."""
    clause = next(one for one in pact.clause if one.id == casus)
    assert isinstance(clause, Casus)
    newest = _newest_declaration(pact, clause, time_ns, facts)
    if newest is None:
        return None
    if newest.says == "yes" and len(newest.as_to) == 2:
        victim, attacker = newest.as_to
        return _is_meant(pact, clause, victim, attacker, time_ns)
    return {"yes": Truth.YES, "no": Truth.NO}.get(newest.says, Truth.UNDETERMINED)


def _newest_declaration(pact: Pact, casus: Casus, time_ns: int, facts: Sequence[Fact]) -> Fact | None:
    """The newest declaration on the casus that counts; of several at one instant the first recorded."""
    said = [
        fact
        for fact in facts
        if fact.what == "casus"
        and fact.of == casus.id
        and time_ns_of(fact.at) <= time_ns
        and may_determine(pact, casus.determined_by, fact.by)
    ]
    return max(said, key=lambda fact: fact.at, default=None)


def _is_meant(pact: Pact, casus: Casus, victim: str, attacker: str, time_ns: int) -> Truth:
    """Whether the casus means that victim and, on that day, that attacker."""
    if victim not in selected(pact, casus.of):
        return Truth.NO
    return _covers(pact, casus.by, victim, attacker, time_ns)


def _covers(pact: Pact, attackers: Attackers, victim: str, attacker: str, time_ns: int) -> Truth:
    """Whether words on attackers mean that one, of that victim, on that day."""
    parties = [party.id for party in pact.party]
    words = {
        "any": True,
        "parties": attacker in parties,
        "external": attacker not in parties,
        "adversaries": attacker in adversaries(pact, victim, time_ns=time_ns),
        attacker: True,
    }
    if any(words.get(word, False) for word in attackers):
        return Truth.YES
    return Truth.UNDETERMINED if UNKNOWN in attackers else Truth.NO


def attributed(pact: Pact, duty: Warn, *, time_ns: int, facts: Sequence[Fact]) -> Truth:
    """Whether a duty to warn of certain attackers only is about those whose attack has been declared.

    A node does not know whose an aircraft is. While somebody entitled has declared the casus of the duty met
    and named the attacker, what flies at a zone is taken to be that attack. Where no casus is named, or
    nobody has named the attacker, it is undetermined.
    """
    if "any" in duty.against:
        return Truth.YES
    casus = next((one for one in pact.clause if one.id == duty.casus), None)
    newest = _newest_declaration(pact, casus, time_ns, facts) if isinstance(casus, Casus) else None
    if newest is None or newest.says != "yes" or len(newest.as_to) != 2:
        return Truth.UNDETERMINED
    victim, attacker = newest.as_to
    return _covers(pact, duty.against, victim, attacker, time_ns)


def may_determine(pact: Pact, determined_by: Selector, party: str) -> bool:
    """Whether the text lets that party determine a casus; `each` lets every party, `council` the council."""
    words = (determined_by,) if isinstance(determined_by, str) else determined_by
    if "each" in words:
        return any(one.id == party for one in pact.party)
    body = party in words and party not in (*ROLE_WORDS, ATTACKED, UNKNOWN)  # words for nobody in particular
    return body or party in selected(pact, determined_by)


def edition(pact: Pact, *, time_ns: int, facts: Sequence[Fact] = ()) -> Edition:
    """What a node applies at that time. Casus are met only where somebody entitled has declared it."""
    whole = in_force(pact, time_ns=time_ns, facts=facts).truth == Truth.YES
    parties = roster(pact, time_ns=time_ns, facts=facts)
    truths = [_node_truth(pact, clause, time_ns, facts) for clause in pact.clause]
    doubts = [truth == Truth.UNDETERMINED for truth in truths]
    return Edition(
        in_force=whole,
        speaks=tuple(
            truth == Truth.YES or (doubt and isinstance(clause, Withhold))
            for truth, doubt, clause in zip(truths, doubts, pact.clause, strict=True)
        ),
        doubtful=tuple(
            doubt and isinstance(clause, Share) for doubt, clause in zip(doubts, pact.clause, strict=True)
        ),
        barred=tuple(_barred(pact, clause, parties, time_ns, facts) for clause in pact.clause),
        parties=parties,
    )


def _node_truth(pact: Pact, clause: Clause, time_ns: int, facts: Sequence[Fact]) -> Truth:
    truth = dated(clause, time_ns=time_ns).truth
    casus = getattr(clause, "casus", None)
    if casus is not None:
        declared = casus_declared(pact, casus, time_ns=time_ns, facts=facts)
        truth = min(truth, Truth.NO if declared is None else declared)
    if isinstance(clause, Warn):
        truth = min(truth, attributed(pact, clause, time_ns=time_ns, facts=facts))
    if isinstance(clause, Share) and UNKNOWN in (clause.form, clause.delay_s):
        truth = min(truth, Truth.UNDETERMINED)
    return Truth(truth)


def _barred(
    pact: Pact, clause: Clause, parties: Sequence[str], time_ns: int, facts: Sequence[Fact]
) -> tuple[tuple[str, str], ...]:
    """The pairs between whom a share or a duty to warn is suspended, in both orders."""
    if not isinstance(clause, Share | Warn):
        return ()
    suspends = any(isinstance(one, Suspend) and clause.id in one.on for one in pact.clause)
    if not suspends and not any(fact.of == clause.id for fact in facts):
        return ()
    return tuple(
        (a, b)
        for a in parties
        for b in parties
        if a != b
        and not_suspended(pact, clause, between=(a, b), time_ns=time_ns, facts=facts).truth != Truth.YES
    )
