"""Differences between two texts that are not of single situations.

How many attacks are answered by a duty, mutual become one-way, level of trigger, exit, conditions, parties,
duties that another clause makes idle, and clauses that changed although nothing follows from it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from foedus.model import Form
from foedus.pact.clauses import (
    Approval,
    Casus,
    Caveat,
    Clause,
    Pact,
    Precedence,
    Reservation,
    Route,
    Share,
    Suspend,
    Term,
    Warn,
    Withhold,
)
from foedus.pact.comparing.demands import RESPONSE, Demands, Subjects
from foedus.pact.comparing.differences import Field, bare, compared
from foedus.pact.comparing.strength import Same
from foedus.pact.meaning.evaluate import DutyClause
from foedus.pact.words import EVENT_ATOMS, Truth


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A difference that is not one of situations. about: attacks, direction, trigger, exit, form, condition,
    milestone, party, idle, text or unknown."""

    about: str
    clauses: tuple[str, ...]
    says: str


def diff_notes(
    old: Pact, new: Pact, before: Demands, after: Demands, field: Field, same: Same
) -> Iterator[Note]:
    """Every such difference, in the order of this file. before, after: the texts as they are compared."""
    yield from _attacks(before, after, field)
    yield from _directions(before, after, field)
    yield from _triggers(before, after, field)
    yield from _exit(old, new)
    yield from _conditions(old, new)
    yield from _parties(old, new)
    yield from _idle(before, after, field)
    yield from _silent(before.pact, after, field, same)


# ---------------------------------------------------------------- attacks


def attacks_answered(demands: Demands, field: Field) -> dict[tuple[str, str, str], int]:
    """(attacker, victim, object) of each attack that some party must or may have to regard or assist against,
    with how many such triples it stands for."""
    found: dict[tuple[str, str, str], int] = {}
    answered: dict[int, bool] = {}
    for cell in field.cells:
        one = cell.situation
        number = demands.number(one)
        if number not in answered:
            answered[number] = any(demand.kind in RESPONSE for demand in demands(one))
        if one.event == "attack" and answered[number]:
            found[one.attacker, one.victim, one.object] = cell.weight
    return found


def _attacks(before: Demands, after: Demands, field: Field) -> Iterator[Note]:
    olds, news = attacks_answered(before, field), attacks_answered(after, field)
    gone = {triple: weight for triple, weight in olds.items() if triple not in news}
    come = {triple: weight for triple, weight in news.items() if triple not in olds}
    if not gone and not come:
        return
    both = sum(weight for triple, weight in olds.items() if triple in news)
    was, now = sum(gone.values()), sum(come.values())
    says = (
        "(attacker, victim, object) answered by a duty to regard or assist: "
        f"{was} only before{_thing_words(gone)}; {now} only after{_thing_words(come)}; {both} in both"
    )
    yield Note(about="attacks", clauses=(), says=says)


def _thing_words(triples: dict[tuple[str, str, str], int]) -> str:
    """Whose what, and by whom where few attack it."""
    by: dict[tuple[str, str], list[str]] = {}
    for attacker, victim, thing in triples:
        by.setdefault((victim, thing), []).append(attacker)
    words = []
    for (victim, thing), attackers in by.items():
        who = ", ".join(attackers) if len(attackers) < 3 else f"{len(attackers)} attackers"
        words.append(f"{victim}'s {thing} by {who}")
    return f" ({'; '.join(words)})" if words else ""


# ---------------------------------------------------------------- direction and trigger


def owed_between(demands: Demands, field: Field) -> dict[str, dict[tuple[str, str], None]]:
    """Kind of demand -> (debtor, creditor) pairs of parties between whom it is or may be owed somewhere."""
    pairs: dict[str, dict[tuple[str, str], None]] = {}
    ids = [party.id for party in demands.pact.party]
    for situation in field.kinds_for(demands):
        for one in demands(situation):
            for creditor in one.creditors:
                if creditor in ids:
                    pairs.setdefault(one.kind, {})[one.debtor, creditor] = None
    return pairs


def is_mutual(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether some pair of parties owes it both ways."""
    return any((creditor, debtor) in pairs for debtor, creditor in pairs)


def _directions(before: Demands, after: Demands, field: Field) -> Iterator[Note]:
    olds, news = owed_between(before, field), owed_between(after, field)
    for kind in dict.fromkeys((*olds, *news)):
        old, new = tuple(olds.get(kind, ())), tuple(news.get(kind, ()))
        if not old or not new or is_mutual(old) == is_mutual(new):
            continue
        clauses = _clauses_of(before.pact, kind) + _clauses_of(after.pact, kind)
        was, now = ("mutual", "one-way") if is_mutual(old) else ("one-way", "mutual")
        who = ", ".join(dict.fromkeys(f"{debtor} to {creditor}" for debtor, creditor in new))
        yield Note(
            about="direction",
            clauses=tuple(dict.fromkeys(clauses)),
            says=f"{kind}: {was} became {now}; now owed by {who}",
        )


def _clauses_of(pact: Pact, kind: str) -> tuple[str, ...]:
    return tuple(clause.id for clause in pact.clause if type(clause).__name__.lower() == kind)


def _triggers(before: Demands, after: Demands, field: Field) -> Iterator[Note]:
    olds, news = _events(before, field), _events(after, field)
    for kind, old in olds.items():
        new = news.get(kind)
        if new is not None and new != old:
            yield Note(
                about="trigger",
                clauses=tuple(dict.fromkeys(_clauses_of(before.pact, kind) + _clauses_of(after.pact, kind))),
                says=f"{kind}: owed at {' or '.join(old)} before, at {' or '.join(new)} now",
            )


def _events(demands: Demands, field: Field) -> dict[str, tuple[str, ...]]:
    """Kind of duty -> the events at which it is or may be owed, in order."""
    found: dict[str, dict[str, None]] = {}
    seen: dict[tuple[int, str], None] = {}
    for cell in field.cells:
        key = (demands.number(cell.situation), cell.situation.event)
        if key not in seen:
            seen[key] = None
            for one in demands(cell.situation):
                found.setdefault(one.kind, {})[cell.situation.event] = None
    order = ("none", *EVENT_ATOMS)
    return {
        kind: tuple(sorted(events, key=order.index)) for kind, events in found.items() if "none" not in events
    }


# ---------------------------------------------------------------- term, conditions, parties


def _exit(old: Pact, new: Pact) -> Iterator[Note]:
    was, now = (exit_words(pact.term) for pact in (old, new))
    if was != now:
        clauses = tuple(dict.fromkeys((old.term.id, new.term.id)))
        yield Note(about="exit", clauses=clauses, says=f"{was} before, {now} now")
    if old.basis.binding != new.basis.binding or old.basis.form != new.basis.form:
        was, now = (f"{pact.basis.form}, binding {pact.basis.binding}" for pact in (old, new))
        says = f"{was} before; {now} now"
        yield Note(about="form", clauses=(), says=says)


def exit_words(term: Term) -> str:
    """How a party leaves, in a few words."""
    if term.exit is None:
        return "the text has no terms"
    notice = term.exit.notice_d
    days = notice if isinstance(notice, str) else f"{notice:g} d"
    needs = f" and {', '.join(term.exit.needs)}" if term.exit.needs else ""
    by = term.exit.by if isinstance(term.exit.by, str) else " ".join(term.exit.by)
    return f"{days} notice{needs} by {by}"


def _conditions(old: Pact, new: Pact) -> Iterator[Note]:
    olds, news = _condition_words(old), _condition_words(new)
    for words, clause in olds.items():
        if words not in news:
            yield Note(about="condition", clauses=(clause,), says=f"gone: {words}")
    for words, clause in news.items():
        if words not in olds:
            yield Note(about="condition", clauses=(clause,), says=f"new: {words}")
    entries = {one.id: one for one in (*old.milestone, *new.milestone)}
    before = [one.id for one in old.milestone]
    after = [one.id for one in new.milestone]
    for name, one in entries.items():
        if (name in before) != (name in after):
            yield Note(
                about="milestone",
                clauses=(),
                says=f"{'gone' if name in before else 'new'}: {name}: {one.says}",
            )


def _condition_words(pact: Pact) -> dict[str, str]:
    said = {}
    for clause in pact.clause:
        if isinstance(clause, Suspend):
            wait = (
                f"wait for {clause.precedent}"
                if clause.precedent
                else f"end with {clause.subsequent}"
                if clause.subsequent
                else "are suspended"
            )
            pairs = "".join(f" between {a} and {b}" for a, b in clause.as_to)
            said[f"{', '.join(clause.on)} {wait}{pairs}"] = clause.id
    return said


def _parties(old: Pact, new: Pact) -> Iterator[Note]:
    before = {party.id: party for party in old.party}
    after = {party.id: party for party in new.party}
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            says = f"{name} is {'no longer' if now is None else 'now'} a party"
        elif was.role != now.role:
            says = f"{name}: {was.role} before, {now.role} now"
        else:
            continue
        yield Note(about="party", clauses=(), says=says)


# ---------------------------------------------------------------- duties that another clause makes idle


def _idle(before: Demands, after: Demands, field: Field) -> Iterator[Note]:
    """Duties to warn that are new, and where data come to the same party no later (check K11)."""
    old = [clause.id for clause in before.pact.clause]
    for clause in after.pact.clause:
        if not isinstance(clause, Warn) or clause.id in old:
            continue
        sooner = _sooner(clause.id, after, field)
        if sooner:
            says = (
                f"{clause.id} is new, but brings nothing sooner than {', '.join(sooner)} where both hold; an "
            )
            says += "acknowledged warning still counts apart from data that nobody may read"
            yield Note(about="idle", clauses=(clause.id, *sooner), says=says)


def _sooner(warn: str, after: Demands, field: Field) -> tuple[str, ...]:
    """The shares by which data come no later than the warning, in every situation in which both hold; that of
    the slowest class counts. Empty where there is none, or where one situation has the warning first."""
    found: dict[str, None] = {}
    for situation in field.kinds_for(after):
        demands = after(situation)
        for one in demands:
            if one.clause != warn or one.kind != "warn" or one.deadline.value is None:
                continue
            given = [
                other
                for other in demands
                if other.kind == "data"
                and (other.debtor, other.creditors) == (one.debtor, one.creditors)
                and other.least == Truth.YES
                and other.says != Form.NONE.name.lower()
            ]
            limit = one.deadline.value
            if any(other.deadline.value is None or other.deadline.value > limit for other in given):
                return ()
            found.update(dict.fromkeys(other.clause for other in given))
    return tuple(found)


# ---------------------------------------------------------------- clauses that change nothing


_OTHER_WAYS: Final = (Approval, Term, Suspend)
"""Kinds whose changes are said under force, exit and conditions."""


def _silent(old: Pact, after: Demands, field: Field, same: Same) -> Iterator[Note]:
    """Clauses that changed although nothing follows: put back as they were, the new text does the same."""
    olds = {clause.id: clause for clause in old.clause}
    news = {clause.id: clause for clause in after.pact.clause}
    for name in dict.fromkeys((*olds, *news)):
        was, now = olds.get(name), news.get(name)
        if was == now or isinstance(now or was, _OTHER_WAYS):
            continue
        if was is not None and now is not None and bare(was) == bare(now):
            yield Note(about="text", clauses=(name,), says=f"{name}: only the words about it changed")
        elif not _matters(after, was, now, field):
            yield Note(about="text", clauses=(name,), says=_nothing_follows(name, was, now))
    for name, clause in olds.items():
        fields = _unknown_fields(clause)
        both = [one for one in fields if name in same.named and one in _unknown_fields(news[name])]
        if both:
            says = f"{name}: unknown in both texts, and taken for the same: {', '.join(both)}"
            yield Note(about="unknown", clauses=(name,), says=says)


def _matters(after: Demands, was: Clause | None, now: Clause | None, field: Field) -> bool:
    """Whether the new text demands anything else with the clause put back as it was."""
    clause = now or was
    assert clause is not None
    back = [one for one in after.pact.clause if one is not now] + ([was] if was is not None else [])
    if _hangs(back):
        return True  # others name it: without it the text says nothing
    asked = field.asked if isinstance(clause, Casus | Reservation | _DATA) else Subjects((), (), ())
    other = Demands(msgspec.structs.replace(after.pact, clause=tuple(_beside(clause, back))), asked)
    others = frozenset(one.id for one in after.pact.clause if one is not now)
    apart = (one.id for one in after.pact.clause if getattr(one, "casus", None) != clause.id)
    same = Same(others, others.intersection(apart))
    kinds = _kinds_beside(clause)
    seen: dict[tuple[int, int], None] = {}
    for cell in field.cells:
        key = (other.number(cell.situation), after.number(cell.situation))
        if key not in seen:
            seen[key] = None
            whole = after(cell.situation)
            now_so = tuple(one for one in whole if one.kind in kinds) if kinds else whole
            if any(compared(other(cell.situation), now_so, same)):
                return True
    return False


_DATA: Final = Share | Withhold | Route | Caveat | Precedence
"""Kinds that decide over flows of data."""


def _kinds_beside(clause: Clause) -> tuple[str, ...]:
    """The kinds of demand that it can change; none named: any."""
    if isinstance(clause, Casus | Reservation):
        return ()
    return ("data", "share", "warn") if isinstance(clause, _DATA) else (type(clause).__name__.lower(),)


def _beside(clause: Clause, clauses: Sequence[Clause]) -> Iterator[Clause]:
    """The clauses on which it depends whether that one matters: for a casus all, else those of its like."""
    for one in clauses:
        if (
            isinstance(clause, Casus | Reservation)
            or isinstance(one, Casus | Reservation | Suspend | Term)
            or type(one) is type(clause)
            or (isinstance(clause, _DATA) and isinstance(one, _DATA | Warn))
        ):
            yield one


def _hangs(clauses: Sequence[Clause]) -> bool:
    """Whether some clause names a casus that is not there."""
    casus = [clause.id for clause in clauses if isinstance(clause, Casus)]
    return any(getattr(clause, "casus", None) not in (None, *casus) for clause in clauses)


def _nothing_follows(name: str, was: Clause | None, now: Clause | None) -> str:
    verb = "is new" if was is None else "is gone" if now is None else "changed"
    fields = ""
    if was is not None and now is not None and type(was) is type(now):
        changed = [one for one in was.__struct_fields__ if getattr(was, one) != getattr(now, one)]
        fields = f" ({', '.join(changed)})"
    elsewhere = isinstance(was or now, DutyClause | Casus)
    tail = "nothing follows from it" if elsewhere else "no duty and no flow of data follows from it"
    return f"{name} {verb}{fields}, and {tail}"


def _unknown_fields(clause: Clause) -> list[str]:
    return [name for name in clause.__struct_fields__ if "unknown" in _spelled(getattr(clause, name))]


def _spelled(value: object) -> tuple[str, ...]:
    """The words of a value, one level down."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple):
        return tuple(one for one in value if isinstance(one, str))
    if isinstance(value, msgspec.Struct):
        return tuple(word for name in value.__struct_fields__ for word in _spelled(getattr(value, name)))
    return ()
