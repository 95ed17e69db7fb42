"""How one pact stands to another instrument: stronger, weaker, equal, incomparable, or not to be told.

The answer is over situations: a pact is at least as strong as another if in every situation each party has at
least as strong duties, and gets at least as much. Two pacts between different parties are read as between a
guarantor and an ally (align.py): whoever the ally is, places stay where they are on the map. Time limits are
an aspect of their own and do not count in the answer, since hardly any defence text names one.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from foedus.pact.clauses import Approval, Pact, Term
from foedus.pact.comparing.align import aligned_pair
from foedus.pact.comparing.demands import RESPONSE, Demands
from foedus.pact.comparing.diff_notes import exit_words, is_mutual, owed_between
from foedus.pact.comparing.differences import Field, Key, by_key, outside, same_clauses
from foedus.pact.comparing.strength import (
    APART,
    BINDING_ORDER,
    UNTIMED,
    Demand,
    Order,
    Same,
    demands_at_least,
    order_of,
    part_at_least,
    word_order,
)
from foedus.pact.meaning.evaluate import DutyClause
from foedus.pact.meaning.situation import Situation, describe
from foedus.pact.words import Truth

DECIDING: Final = ("regard", "assist", "consult", "notify", "warn", "share", "data")
"""The kinds that count in the answer. What parties do together or refrain from are aspects beside it."""


class Aspect(msgspec.Struct, frozen=True, kw_only=True):
    """One respect in which two pacts are placed, with what each says."""

    name: str
    order: Order
    here: str
    there: str


class ClausePlace(msgspec.Struct, frozen=True, kw_only=True):
    """One clause beside what the other pact has of its kind.

    missing: the clause is the other pact's, and this one has nothing of the kind.
    """

    clause: str
    kind: str
    order: Order
    missing: bool
    witness: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How one pact stands to another. roles: who is read as whom."""

    here: str
    there: str
    at: datetime
    roles: tuple[str, ...]
    order: Order
    witness: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    clauses: tuple[ClausePlace, ...]


def compare(one: Pact, other: Pact, *, at: datetime, names: dict[str, str] | None = None) -> Comparison:
    """How the first pact stands to the second. names: parties of the second -> as whom in the first."""
    aligned = aligned_pair(one, other, at=at, names=names)
    sides = sides_of(*aligned.pacts, at=at)
    order, witness = whole_order(sides)
    return Comparison(
        here=f"{one.pact} {one.version}",
        there=f"{other.pact} {other.version}",
        at=at,
        roles=tuple(f"{role} = {' or '.join(dict.fromkeys(ids))}" for role, ids in aligned.roles),
        order=order,
        witness=witness,
        aspects=tuple(_aspects(one, other, sides)),
        clauses=tuple(_places(sides)),
    )


class Meeting(NamedTuple):
    """What both demand in one situation; it stands for all in which they demand the same."""

    situation: Situation
    here: tuple[Demand, ...]
    there: tuple[Demand, ...]


class Sides(NamedTuple):
    """Two aligned pacts over the same situations."""

    here: Demands
    there: Demands
    field: Field
    same: Same
    met: tuple[Meeting, ...]


def sides_of(here: Pact, there: Pact, *, at: datetime) -> Sides:
    """Both sides of a comparison of two aligned pacts."""
    field = Field((here, there), at=at)
    one, other = (Demands(pact, field.asked) for pact in (here, there))
    met: dict[tuple[int, int], Situation] = {}
    for cell in sorted(field.cells, key=lambda cell: not outside(cell.situation, here)):
        met.setdefault((one.number(cell.situation), other.number(cell.situation)), cell.situation)
    same = same_clauses(here, there) if here.pact == there.pact else APART
    return Sides(
        one, other, field, same, tuple(Meeting(found, one(found), other(found)) for found in met.values())
    )


def turned(sides: Sides) -> Sides:
    """The same, seen from the other side."""
    met = tuple(Meeting(one.situation, one.there, one.here) for one in sides.met)
    return Sides(sides.there, sides.here, sides.field, sides.same, met)


# ---------------------------------------------------------------- the answer


class _Witnesses:
    """The first situations in which one side has more.

    In reach, where the other has nothing; in strength, where it has plainly less; or in some respect.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._found: dict[str, str] = {}

    def add(self, situation: Situation, more: Sequence[Demand], less: Sequence[Demand], order: Order) -> None:
        """Take note of one situation."""
        how = "in reach" if not less else "in strength" if order == Order.STRONGER else "in some respect"
        if how not in self._found:
            self._found[how] = _advantage(situation, more, less)

    def said(self) -> tuple[str, ...]:
        """One sentence for each way; what holds only in some respect, only if there is nothing plainer."""
        plain = [how for how in ("in reach", "in strength") if how in self._found]
        return tuple(f"more {self._where} {how}: {self._found[how]}" for how in plain or self._found)


def whole_order(sides: Sides, *, kinds: Sequence[str] = DECIDING) -> tuple[Order, tuple[str, ...]]:
    """The order of the whole, with situations in which the first is stronger, and in which the second is."""
    at_least = at_most = Truth.YES
    here, there = _Witnesses("here"), _Witnesses("there")
    for meeting in sides.met:
        both = (by_key(meeting.here), by_key(meeting.there))
        for key in dict.fromkeys((*both[0], *both[1])):
            if key.kind not in kinds:
                continue
            ours, theirs = (side.get(key, ()) for side in both)
            more = demands_at_least(ours, theirs, parts=UNTIMED, same=sides.same)
            less = demands_at_least(theirs, ours, parts=UNTIMED, same=sides.same)
            if less == Truth.NO:
                here.add(meeting.situation, ours, theirs, order_of(at_least=more, at_most=less))
            if more == Truth.NO:
                there.add(meeting.situation, theirs, ours, order_of(at_least=less, at_most=more))
            at_least, at_most = min(at_least, more), min(at_most, less)
    return order_of(at_least=at_least, at_most=at_most), (*here.said(), *there.said())


def _advantage(situation: Situation, more: Sequence[Demand], less: Sequence[Demand]) -> str:
    """The situation, and what one side has there that the other lacks."""
    first = next(one for one in more if demands_at_least(less, [one], parts=UNTIMED) == Truth.NO)
    against = ", ".join(dict.fromkeys(_content(one) for one in less)) or "nothing"
    who = f"{first.debtor} to {' '.join(first.creditors)}"
    return f"{describe(situation)}: {first.kind} by {who}, {_content(first)}, against {against}"


def _content(demand: Demand) -> str:
    words = [demand.clause, demand.says.replace("_", " ")]
    if demand.discretion:
        words.append(f"({demand.discretion.replace('_', ' ')})")
    if demand.most == Truth.UNDETERMINED:
        words.append("(undetermined)")
    return " ".join(word for word in words if word)


# ---------------------------------------------------------------- aspects


def _aspects(one: Pact, other: Pact, sides: Sides) -> Iterator[Aspect]:
    for name in ("event", "victim", "object", "place", "attacker"):
        yield _coverage(name, sides)
    yield _words("regard", ("regard",), "says", sides)
    yield _words("assist", ("assist",), "says", sides)
    yield _words("discretion", ("assist",), "discretion", sides)
    yield _words("consult", ("consult",), "says", sides)
    for kind in ("notify", "warn"):
        yield _words(kind, (kind,), "creditors", sides)
    yield _words("data", ("data", "share"), "says", sides)
    yield _words("timing", ("assist", "consult", "notify", "warn"), "deadline", sides)
    yield _direction(sides)
    here, there = one.basis.binding, other.basis.binding
    yield Aspect(name="binding", order=word_order(BINDING_ORDER, here, there), here=here, there=there)
    yield Aspect(
        name="exit",
        order=_exit_order(one.term, other.term),
        here=exit_words(one.term),
        there=exit_words(other.term),
    )
    yield _approvals(one, other)


def _value(name: str, situation: Situation) -> str:
    """One coordinate of a situation, in words that hold for any victim."""
    if name != "place":
        return str(getattr(situation, name))
    if situation.host:
        return f"{situation.host}'s territory in {situation.region}"
    return f"abroad in {situation.region}"


def covered(demands: Demands, field: Field, name: str) -> tuple[dict[str, None], dict[str, None]]:
    """(certain, possible): the values of one coordinate at which there is a duty to regard or assist."""
    certain: dict[str, None] = {}
    possible: dict[str, None] = {}
    known: dict[int, list[Demand]] = {}
    for cell in field.cells:
        number = demands.number(cell.situation)
        if number not in known:
            known[number] = [one for one in demands(cell.situation) if one.kind in RESPONSE]
        answers = known[number]
        value = _value(name, cell.situation)
        if any(one.least > Truth.NO for one in answers):
            certain[value] = None
        if answers:
            possible[value] = None
    return certain, possible


def _coverage(name: str, sides: Sides) -> Aspect:
    here, there = (covered(side, sides.field, name) for side in (sides.here, sides.there))
    order = order_of(at_least=_holds(here, there), at_most=_holds(there, here))
    return Aspect(name=f"casus: {name}", order=order, here=_set_words(here), there=_set_words(there))


def _holds(
    wide: tuple[dict[str, None], dict[str, None]], narrow: tuple[dict[str, None], dict[str, None]]
) -> Truth:
    """Whether one covers all that the other does."""
    if all(value in wide[0] for value in narrow[1]):
        return Truth.YES
    return Truth.UNDETERMINED if all(value in wide[1] for value in narrow[0]) else Truth.NO


def _set_words(values: tuple[dict[str, None], dict[str, None]]) -> str:
    said = [value if value in values[0] else f"{value} (cannot be told)" for value in values[1]]
    return ", ".join(said) or "none"


def _words(name: str, kinds: tuple[str, ...], part: str, sides: Sides) -> Aspect:
    """One part of all demands of some kinds, wherever they are made: the strongest words count."""
    here = _of_kinds(kinds, [meeting.here for meeting in sides.met])
    there = _of_kinds(kinds, [meeting.there for meeting in sides.met])
    order = order_of(at_least=_part_holds(part, here, there), at_most=_part_holds(part, there, here))
    return Aspect(name=name, order=order, here=_part_words(part, here), there=_part_words(part, there))


def _of_kinds(kinds: tuple[str, ...], demands: Sequence[Sequence[Demand]]) -> list[Demand]:
    """All demands of these kinds, each once, in order."""
    return [one for one in dict.fromkeys(one for side in demands for one in side) if one.kind in kinds]


def _part_holds(part: str, strong: Sequence[Demand], weak: Sequence[Demand]) -> Truth:
    answer = Truth.YES
    for demand in weak:
        best = Truth.NO
        for other in strong:
            if (other.kind, other.matter) == (demand.kind, demand.matter):
                best = max(best, _one_part(part, other, demand))
        answer = min(answer, best)
    return answer


def _one_part(part: str, strong: Demand, weak: Demand) -> Truth:
    if part == "creditors":
        return Truth.YES if all(one in strong.creditors for one in weak.creditors) else Truth.NO
    if strong.kind == "data" and (strong.debtor, strong.creditors) != (weak.debtor, weak.creditors):
        return Truth.NO
    return part_at_least(part, strong, weak)


def _part_words(part: str, demands: Sequence[Demand]) -> str:
    said = []
    for one in demands:
        if part == "deadline":
            value = "" if one.deadline.value is None else f" = {one.deadline.value:g} s"
            said.append(
                f"{one.kind} {one.deadline.words}{value}" if one.deadline.words else f"{one.kind} none"
            )
        elif part == "creditors":
            said.append(f"{one.debtor} to {' '.join(one.creditors)}")
        elif one.kind in ("data", "share"):
            said.append(f"{one.debtor} to {' '.join(one.creditors)} {one.matter} as {one.says}")
        else:
            said.append(str(getattr(one, part)).replace("_", " "))
    return ", ".join(dict.fromkeys(said)) or "none"


def _direction(sides: Sides) -> Aspect:
    """Whether the answer to an attack is owed both ways."""
    said = []
    for side in (sides.here, sides.there):
        owed = owed_between(side, sides.field)
        said.append(dict.fromkeys(pair for kind in RESPONSE for pair in owed.get(kind, ())))
    here, there = said
    order = order_of(
        at_least=Truth.YES if all(pair in here for pair in there) else Truth.NO,
        at_most=Truth.YES if all(pair in there for pair in here) else Truth.NO,
    )
    words = ["none" if not one else "mutual" if is_mutual(tuple(one)) else "one-way" for one in said]
    return Aspect(name="direction", order=order, here=words[0], there=words[1])


def _exit_order(here: Term, there: Term) -> Order:
    """The longer the notice, the stronger. A text without terms of exit cannot be placed."""
    if here.exit is None or there.exit is None:
        return Order.UNKNOWN
    one, other = here.exit.notice_d, there.exit.notice_d
    if isinstance(one, str) or isinstance(other, str):
        return Order.UNKNOWN
    needs = all(step in here.exit.needs for step in there.exit.needs)
    needed = all(step in there.exit.needs for step in here.exit.needs)
    return order_of(
        at_least=Truth.YES if one >= other and needs else Truth.NO,
        at_most=Truth.YES if other >= one and needed else Truth.NO,
    )


def _approvals(one: Pact, other: Pact) -> Aspect:
    """The acts that it takes to enter into force; a text that asks for more of them is the stronger one."""
    here, there = (
        dict.fromkeys(step for clause in pact.clause if isinstance(clause, Approval) for step in clause.steps)
        for pact in (one, other)
    )
    unknown = "unknown" in here or "unknown" in there
    order = order_of(
        at_least=Truth.YES if all(step in here for step in there) else Truth.NO,
        at_most=Truth.YES if all(step in there for step in here) else Truth.NO,
    )
    return Aspect(
        name="approvals",
        order=Order.UNKNOWN if unknown else order,
        here=", ".join(here) or "none",
        there=", ".join(there) or "none",
    )


# ---------------------------------------------------------------- clause by clause


def _places(sides: Sides) -> Iterator[ClausePlace]:
    """Each duty clause of the first pact beside what the second has; then what the first has nothing of."""
    for place in _placed_all(sides, "here", "there"):
        yield msgspec.structs.replace(place, missing=False)
    for place in _placed_all(turned(sides), "there", "here"):
        if place.missing:
            yield msgspec.structs.replace(place, order=Order.WEAKER)


def _placed_all(sides: Sides, one: str, other: str) -> Iterator[ClausePlace]:
    by_keys = [by_key(meeting.there) for meeting in sides.met]
    for clause in sides.here.pact.clause:
        place = _placed(clause.id, sides, by_keys, one, other) if isinstance(clause, DutyClause) else None
        if place is not None:
            yield place


def _placed(
    clause: str, sides: Sides, by_keys: Sequence[dict[Key, tuple[Demand, ...]]], one: str, other: str
) -> ClausePlace | None:
    """Where one clause stands; None where it demands nothing in any situation."""
    at_least = at_most = Truth.YES
    more, less = _Witnesses(one), _Witnesses(other)
    kind, alone = "", True
    for meeting, there in zip(sides.met, by_keys, strict=True):
        for demand in meeting.here:
            if demand.clause != clause:
                continue
            kind = demand.kind
            theirs = there.get(Key(*demand[:3]), ())
            alone = alone and not theirs
            stronger = demands_at_least([demand], theirs, parts=UNTIMED, same=sides.same)
            weaker = demands_at_least(theirs, [demand], parts=UNTIMED, same=sides.same)
            if weaker == Truth.NO:
                more.add(meeting.situation, [demand], theirs, order_of(at_least=stronger, at_most=weaker))
            if stronger == Truth.NO:
                less.add(meeting.situation, theirs, [demand], order_of(at_least=weaker, at_most=stronger))
            at_least, at_most = min(at_least, stronger), min(at_most, weaker)
    if not kind:
        return None
    return ClausePlace(
        clause=clause,
        kind=kind,
        order=order_of(at_least=at_least, at_most=at_most),
        missing=alone,
        witness=(*more.said(), *less.said()),
    )
