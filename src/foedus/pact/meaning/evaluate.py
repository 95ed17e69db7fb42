"""What a pact says in a situation: which casus is met, who owes what to whom, and why or why not.

Three-valued throughout (words.Truth): a term that is unknown, or an attacker whom nobody has named, makes
what rests on it undetermined, never a no. docs/pact.md says in words what this file says in Python.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from foedus.model import DAY_NS, SECOND_NS
from foedus.pact.clauses import (
    ATTACKED,
    Assist,
    Attackers,
    Casus,
    Clause,
    Consult,
    Cooperate,
    Forbear,
    Notify,
    Pact,
    Regard,
    Reservation,
    Selector,
    Share,
    Span,
    Warn,
    Where,
)
from foedus.pact.force import (
    CLEAR,
    Fact,
    Judgement,
    adversaries,
    both,
    casus_declared,
    dated,
    grounded,
    in_force,
    not_suspended,
    on_roster,
    selected,
    time_ns_of,
)
from foedus.pact.meaning.situation import UNATTRIBUTED, Situation, place_of
from foedus.pact.words import BODIES, EVENTS, OBJECTS, UNKNOWN, Truth

DutyClause = Regard | Consult | Notify | Assist | Warn | Share | Cooperate | Forbear
"""The kinds of clause that give rise to duties; a share does where it says `shall`."""


class Duty(NamedTuple):
    """One duty of one debtor under one clause: whether it is owed in the situation, and on what grounds."""

    clause: str
    kind: str
    debtor: str
    creditors: tuple[str, ...]
    truth: Truth
    grounds: tuple[tuple[Truth, str, str], ...]  # Ground; empty where it is plainly owed
    says: str  # the standard, level, form or content
    discretion: str
    within_s: float | None  # None: no deadline, or unknown
    within: str  # as the text has it
    clock: str
    binding: str
    modified: tuple[str, ...] = ()  # reservations of the debtor under which it owes something else


class _Terms(NamedTuple):
    """What one kind of clause says of its duty, in common shape."""

    by: Selector
    to: Selector
    says: str
    discretion: str = ""
    within: Span | None = None
    clock: str = "event"


def terms_of(clause: DutyClause) -> _Terms:  # noqa: PLR0911 - one for each kind of clause
    """The debtor, the creditor and the content of a duty, whatever its kind."""
    match clause:
        case Regard():
            return _Terms(clause.by, ATTACKED, clause.regarded_as)
        case Consult():
            return _Terms(clause.by, clause.to, clause.level, within=clause.within_s)
        case Notify():
            within = clause.lead_s if clause.within_s is None else clause.within_s
            return _Terms(clause.by, clause.to, clause.content, within=within)
        case Assist():
            return _Terms(clause.by, clause.to, clause.standard, clause.discretion, clause.within_s)
        case Warn():
            return _Terms(clause.by, clause.to, clause.content, within=clause.within_s, clock=clause.clock)
        case Share():
            form = clause.form if isinstance(clause.form, str) else clause.form.name.lower()
            data = clause.data.name.lower()
            return _Terms(clause.giver, clause.taker, f"{data} as {form}", within=clause.delay_s)
        case Cooperate():
            return _Terms(clause.who, clause.who, clause.type, within=clause.every_d)
        case Forbear():
            return _Terms(clause.by, "any", " ".join(clause.acts))


KINDS: Final[dict[type, str]] = {
    Regard: "regard",
    Consult: "consult",
    Notify: "notify",
    Assist: "assist",
    Warn: "warn",
    Share: "share",
    Cooperate: "cooperate",
    Forbear: "forbear",
}


class Evaluator:
    """One pact, ready to be asked about many situations; what depends on time and facts is kept."""

    def __init__(self, pact: Pact) -> None:
        self.pact = pact
        self._ids = tuple(party.id for party in pact.party)
        self._casus = {clause.id: clause for clause in pact.clause if isinstance(clause, Casus)}
        self._duties = tuple(
            clause
            for clause in pact.clause
            if isinstance(clause, DutyClause) and not (isinstance(clause, Share) and clause.duty == "may")
        )
        self._reservations = tuple(clause for clause in pact.clause if isinstance(clause, Reservation))
        self._force: dict[tuple[int, tuple[Fact, ...]], Judgement] = {}
        self._members: dict[tuple[int, tuple[Fact, ...], str], Judgement] = {}
        self._selected: dict[Selector, tuple[str, ...]] = {}
        self.kept: dict[tuple[Truth, ...], object] = {}
        """What flows.py has worked out for clauses that speak, clause by clause."""

    # ------------------------------------------------------------ the pact and its parties

    def in_force(self, situation: Situation) -> Judgement:
        """Whether the pact is in force."""
        key = (time_ns_of(situation.at), situation.facts)
        if key not in self._force:
            self._force[key] = in_force(self.pact, time_ns=key[0], facts=key[1])
        return self._force[key]

    def is_party(self, party: str, situation: Situation) -> Judgement:
        """Whether somebody is on the roster."""
        key = (time_ns_of(situation.at), situation.facts, party)
        if key not in self._members:
            self._members[key] = (
                on_roster(self.pact, party, time_ns=key[0], facts=key[1])
                if party in self._ids
                else grounded(Truth.NO, party, "is no party")
            )
        return self._members[key]

    def selected(self, selector: Selector) -> tuple[str, ...]:
        """The parties that a selector means, in the order of the text."""
        if selector not in self._selected:
            self._selected[selector] = selected(self.pact, selector)
        return self._selected[selector]

    # ------------------------------------------------------------ casus

    def casus(self, casus: str, situation: Situation) -> Judgement:
        """Whether a casus is met: by declaration of whoever determines it, else by the words of the text."""
        clause = self._casus[casus]
        time_ns = time_ns_of(situation.at)
        declared = casus_declared(self.pact, casus, time_ns=time_ns, facts=situation.facts)
        if declared is not None:
            return grounded(declared, f"{casus}.determined_by", f"declared {declared.name.lower()}")
        return both(
            dated(clause, time_ns=time_ns),
            _event(clause.id, clause.event, situation),
            self._victim(clause, situation),
            _object(clause.id, clause.object, situation),
            self._place(f"{casus}.loci", clause.loci, situation),
            self.attacker(f"{casus}.by", clause.by, situation),
            _class(clause, situation),
            *(_exclusion(casus, word, situation) for word in clause.exclude),
        )

    def _victim(self, clause: Casus, situation: Situation) -> Judgement:
        if situation.victim not in self.selected(clause.of):
            said = situation.victim or "nobody"
            return grounded(Truth.NO, f"{clause.id}.of", f"{said} is not among {_spell(clause.of)}")
        return self.is_party(situation.victim, situation)

    def _place(self, term: str, loci: Sequence[str], situation: Situation) -> Judgement:
        if "anywhere" in loci:
            return CLEAR
        host, region = place_of(situation, self.pact)
        if (host and host in loci) or region in loci:
            return CLEAR
        if UNKNOWN in loci:
            return grounded(Truth.UNDETERMINED, term, UNKNOWN)
        if not region and not host:
            return grounded(Truth.UNDETERMINED, term, "where it happens is not known")
        place = " in ".join(one for one in (host, region) if one)
        return grounded(Truth.NO, term, f"{place} is not among {_spell(loci)}")

    def attacker(self, term: str, by: Attackers, situation: Situation) -> Judgement:
        """Whether the attacker is among those whom a term means; not known is never a no."""
        attacker = situation.attacker
        if "any" in by or attacker in by:
            return CLEAR
        if attacker == UNATTRIBUTED:
            return grounded(Truth.UNDETERMINED, term, "nobody has said who the attacker is")
        is_party = attacker in self._ids and self.is_party(attacker, situation).truth == Truth.YES
        hostile = adversaries(self.pact, situation.victim, time_ns=time_ns_of(situation.at))
        if (
            ("external" in by and not is_party)
            or ("parties" in by and is_party)
            or ("adversaries" in by and attacker in hostile)
            or attacker in self.selected(by)
        ):
            return CLEAR
        if UNKNOWN in by:
            return grounded(Truth.UNDETERMINED, term, UNKNOWN)
        return grounded(Truth.NO, term, f"{attacker} is not among {_spell(by)}")

    # ------------------------------------------------------------ duties

    def duties(self, situation: Situation) -> tuple[Duty, ...]:
        """Every duty that a clause names, owed or not, in the order of the text."""
        return tuple(duty for clause in self._duties for duty in self._duties_by(clause, situation))

    def _duties_by(self, clause: DutyClause, situation: Situation) -> Iterator[Duty]:
        terms = terms_of(clause)
        common = self.clause_holds(clause, situation)
        within_s = span_s(self.pact, terms.within)
        if isinstance(clause, Cooperate) and within_s is not None:
            within_s *= DAY_NS / SECOND_NS
        for debtor in self.selected(terms.by):
            judgement = both(
                common, self.is_party(debtor, situation), self._unreserved(clause, debtor, situation)
            )
            modified = tuple(one.id for one, _ in self._reserved(clause, debtor, "modify", situation))
            for creditors, free in self._creditors(clause, terms.to, debtor, situation):
                owed = both(judgement, free)
                yield Duty(
                    clause=clause.id,
                    kind=KINDS[type(clause)],
                    debtor=debtor,
                    creditors=creditors,
                    truth=owed.truth,
                    grounds=owed.grounds,
                    says=terms.says,
                    discretion=terms.discretion,
                    within_s=within_s,
                    within="" if terms.within is None else _spell_span(terms.within),
                    clock=terms.clock,
                    binding=clause.binding or self.pact.basis.binding,
                    modified=modified,
                )

    def clause_holds(self, clause: Clause, situation: Situation) -> Judgement:
        """Whether a clause speaks in the situation, apart from who owes and to whom."""
        parts = [self.in_force(situation), dated(clause, time_ns=time_ns_of(situation.at))]
        casus = getattr(clause, "casus", None)
        if casus is not None:
            met = self.casus(casus, situation)
            if isinstance(clause, Consult) and clause.also:
                also = _event(clause.id, clause.also, situation)
                met = max(met, also, key=lambda one: one.truth)
            parts.append(met)
        elif isinstance(clause, Consult) and clause.also:
            parts.append(_event(clause.id, clause.also, situation))
        if isinstance(clause, Warn):
            parts.append(self.attacker(f"{clause.id}.against", clause.against, situation))
            parts.append(_attack_ahead(clause, situation))
        if isinstance(clause, Warn | Share):
            parts.append(_class(clause, situation))
        return both(*parts)

    def _creditors(
        self, clause: Clause, to: Selector, debtor: str, situation: Situation
    ) -> Iterator[tuple[tuple[str, ...], Judgement]]:
        """The creditors of one debtor, those with equal standing together; nobody owes itself."""
        words = (to,) if isinstance(to, str) else to
        named = self.selected(to)
        if isinstance(clause, Warn) and situation.event != "none":
            named = tuple(one for one in named if one == situation.victim)
        if ATTACKED in words and situation.victim:
            named = (situation.victim,)
        groups: dict[Judgement, list[str]] = {}
        for creditor in named:
            if creditor != debtor:
                free = both(
                    self.is_party(creditor, situation),
                    not_suspended(
                        self.pact,
                        clause,
                        between=(debtor, creditor),
                        time_ns=time_ns_of(situation.at),
                        facts=situation.facts,
                    ),
                )
                groups.setdefault(free, []).append(creditor)
        bodies = [word for word in words if word in BODIES]
        if bodies:
            free = not_suspended(
                self.pact,
                clause,
                between=(debtor, ""),
                time_ns=time_ns_of(situation.at),
                facts=situation.facts,
            )
            groups.setdefault(free, []).extend(bodies)
        for free, creditors in groups.items():
            yield tuple(creditors), free

    def _unreserved(self, clause: Clause, debtor: str, situation: Situation) -> Judgement:
        """Whether no reservation of the debtor takes the situation out of the clause."""
        return both(
            CLEAR,
            *(
                grounded(~excluded, reservation.id, f"{reservation.form} of {debtor}: {reservation.text}")
                for reservation, excluded in self._reserved(clause, debtor, "exclude", situation)
            ),
        )

    def _reserved(
        self, clause: Clause, debtor: str, effect: str, situation: Situation
    ) -> Iterator[tuple[Reservation, Truth]]:
        """The reservations of a debtor to a clause with that effect, where they may hold in the situation."""
        for reservation in self._reservations:
            if reservation.by == debtor and clause.id in reservation.on and reservation.effect == effect:
                holds = self.where(reservation.where, reservation.id, situation).truth
                if holds != Truth.NO:
                    yield reservation, holds

    def where(self, where: Where, term: str, situation: Situation) -> Judgement:
        """Whether the situation is of that kind."""
        parts = [CLEAR]
        if where.event:
            parts.append(_event(term, where.event, situation))
        if where.object:
            parts.append(_object(term, where.object, situation))
        if where.attacker:
            parts.append(self.attacker(f"{term}.attacker", where.attacker, situation))
        if where.loci:
            parts.append(self._place(f"{term}.loci", where.loci, situation))
        if where.victim is not None and situation.victim not in self.selected(where.victim):
            parts.append(grounded(Truth.NO, f"{term}.victim", situation.victim))
        if where.provoked is not None:
            same = (
                Truth.UNDETERMINED
                if UNKNOWN in (where.provoked, situation.provoked)
                else Truth.YES
                if where.provoked == situation.provoked
                else Truth.NO
            )
            parts.append(grounded(same, f"{term}.provoked", situation.provoked))
        return both(*parts)


# ---------------------------------------------------------------- single terms


def span_s(pact: Pact, span: Span | None) -> float | None:
    """The number that a duration means, in its own unit; None where there is none or it is unknown."""
    if span is None or span == UNKNOWN:
        return None
    return pact.words[span] if isinstance(span, str) else span


def _spell_span(span: Span) -> str:
    return span if isinstance(span, str) else f"{span:g}"


def _spell(words: str | Sequence[str]) -> str:
    return words if isinstance(words, str) else ", ".join(words)


def _event(term: str, words: Sequence[str], situation: Situation) -> Judgement:
    if any(situation.event in EVENTS.get(word, ()) for word in words):
        return CLEAR
    if UNKNOWN in words and situation.event != "none":
        return grounded(Truth.UNDETERMINED, f"{term}.event", UNKNOWN)
    return grounded(Truth.NO, f"{term}.event", f"{situation.event} is not among {_spell(words)}")


def _object(term: str, words: Sequence[str], situation: Situation) -> Judgement:
    if any(situation.object in OBJECTS.get(word, ()) for word in words):
        return CLEAR
    if UNKNOWN in words:
        return grounded(Truth.UNDETERMINED, f"{term}.object", UNKNOWN)
    return grounded(Truth.NO, f"{term}.object", f"{situation.object} is not among {_spell(words)}")


def _class(clause: Casus | Warn | Share, situation: Situation) -> Judgement:
    if not clause.classes or situation.track_class in clause.classes:
        return CLEAR
    names = [one.name.lower() for one in clause.classes]
    found = f"{situation.track_class.name.lower()} is not among {_spell(names)}"
    return grounded(Truth.NO, f"{clause.id}.classes", found)


def _attack_ahead(clause: Warn, situation: Situation) -> Judgement:
    """A warning is about something that comes; on an ordinary day nobody is warned."""
    if situation.event in ("imminent", "attack", "threat"):
        return CLEAR
    return grounded(Truth.NO, f"{clause.id}.event", f"{situation.event}: nothing to warn of")


def _exclusion(casus: str, word: str, situation: Situation) -> Judgement:
    term = f"{casus}.exclude"
    if word == "self_provoked" and situation.provoked != "no":
        truth = Truth.NO if situation.provoked == "yes" else Truth.UNDETERMINED
        return grounded(truth, term, "it answers an operation of the victim's own")
    if word == "internal" and situation.attacker == situation.victim:
        return grounded(Truth.NO, term, "it comes from within")
    if word == "unlawful_territory" and situation.lawful != "yes":
        truth = Truth.NO if situation.lawful == "no" else Truth.UNDETERMINED
        return grounded(truth, term, "the place is not lawfully held")
    return CLEAR


def depends_on(grounds: Sequence[tuple[Truth, str, str]]) -> tuple[str, ...]:
    """The terms whose value is unknown and on which a result rests, in order."""
    return tuple(dict.fromkeys(term for _, term, found in grounds if found == UNKNOWN))
