"""What a new text changes in substance (check K7): not which words differ, but who would owe what, and when.

The two texts are compared over the product of situations (universe.py), once in force (align.py) unless the
situation of the day is asked for. Every difference has the situations in which it holds, counted and as
maximal boxes, and one of them as witness. What rests on a term that is `unknown` in either text is a category
of its own; only where the whole clause stands unchanged in both is the unknown the same unknown.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from foedus.pact.align import once_in_force
from foedus.pact.boxes import Point, Space, box_sentence, boxes, point_of, space_of
from foedus.pact.clauses import Approval, Casus, Clause, Pact, Suspend, Term
from foedus.pact.demands import Demands, Subjects, subjects
from foedus.pact.evaluate import DutyClause
from foedus.pact.force import Fact, in_force, missing_steps, time_ns_of
from foedus.pact.situation import Situation, describe
from foedus.pact.strength import Demand, Order, demands_order
from foedus.pact.universe import Cell, universe
from foedus.pact.words import EVENT_ATOMS, Truth

BOXES_MAX: Final = 12
"""Boxes that are said of one difference; the rest is counted."""

How = Literal["only before", "only after", "stronger", "weaker", "incomparable", "cannot be told"]
HOWS: Final[tuple[How, ...]] = (
    "only before",
    "only after",
    "stronger",
    "weaker",
    "incomparable",
    "cannot be told",
)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: a kind of duty of these debtors, or data they give, in these situations."""

    how: How
    kind: str
    matters: tuple[str, ...]
    debtors: tuple[str, ...]
    before: tuple[str, ...]  # what is demanded, in words, in the witness situation
    after: tuple[str, ...]
    clauses: tuple[str, ...]
    situations: int
    of: int
    boxes: tuple[str, ...]
    more_boxes: int
    witness: str
    unknown: tuple[str, ...] = ()


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A difference that is not one of situations. about: direction, trigger, exit, condition, force, text..."""

    about: str
    clauses: tuple[str, ...]
    says: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What of one text is in force on the day, and which step of which party is missing."""

    version: str
    in_force: str
    why: tuple[str, ...]
    missing: tuple[str, ...]


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """All that changes between two texts."""

    old: str
    new: str
    at: datetime
    supposed: Literal["once in force", "as is"]
    standing: tuple[Standing, Standing]
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]


# ---------------------------------------------------------------- the whole


def diff(old: Pact, new: Pact, *, at: datetime, facts: tuple[Fact, ...] = (), as_is: bool = False) -> Diff:
    """What changes from one text to another."""
    compared = (old, new) if as_is else (once_in_force(old), once_in_force(new))
    field = Field(compared, at=at, facts=facts if as_is else ())
    same = _same_clauses(*compared)
    before, after = (Demands(pact, field.asked) for pact in compared)
    found = differences(before, after, field, same=same)
    changes = tuple(_changes(found, field))
    notes = (
        *_directions(before, after, field),
        *_triggers(before, after, field),
        *_exit(old, new),
        *_conditions(old, new),
        *_parties(old, new),
        *_silent(compared, field, found, same),
    )
    return Diff(
        old=f"{old.pact} {old.version}",
        new=f"{new.pact} {new.version}",
        at=at,
        supposed="as is" if as_is else "once in force",
        standing=(standing(old, at=at, facts=facts), standing(new, at=at, facts=facts)),
        changes=changes,
        notes=notes,
    )


class Field:
    """The situations over which texts are compared: all that any of them tells apart, and an ordinary day."""

    def __init__(self, pacts: Sequence[Pact], *, at: datetime, facts: tuple[Fact, ...] = ()) -> None:
        ordinary = Cell(Situation(at=at, facts=facts), 1)
        self.cells = (ordinary, *universe(pacts, at=at, facts=facts))
        self.points = tuple(point_of(cell.situation) for cell in self.cells)
        self.weight = sum(cell.weight for cell in self.cells)
        self.asked: Subjects = subjects(pacts)
        self._space: list[Space] = []

    @property
    def space(self) -> Space:
        """The space of their points, made when first asked for."""
        if not self._space:
            self._space.append(space_of(cell.situation for cell in self.cells))
        return self._space[0]


def _same_clauses(old: Pact, new: Pact) -> frozenset[str]:
    """Clauses that say the same in both, with their casus: what is unknown of them is unknown alike."""
    theirs = {clause.id: clause for clause in new.clause}
    same = [clause.id for clause in old.clause if _bare(theirs.get(clause.id)) == _bare(clause)]
    return frozenset(
        clause.id
        for clause in old.clause
        if clause.id in same and getattr(clause, "casus", None) in (None, *same)
    )


def _bare(clause: Clause | None) -> Clause | None:
    """The clause without what is said about it."""
    if clause is None:
        return None
    return msgspec.structs.replace(clause, text="-", cite="-", basis="text")


def standing(pact: Pact, *, at: datetime, facts: tuple[Fact, ...] = ()) -> Standing:
    """Whether a text is in force on the day, and what is missing."""
    judged = in_force(pact, time_ns=time_ns_of(at), facts=facts)
    return Standing(
        version=f"{pact.pact} {pact.version}",
        in_force={Truth.YES: "yes", Truth.NO: "no", Truth.UNDETERMINED: "cannot be told"}[judged.truth],
        why=tuple(f"{ground.term}: {ground.found}" for ground in judged.grounds),
        missing=tuple(
            f"{party}: {step}" for party, step, _ in missing_steps(pact, time_ns=time_ns_of(at), facts=facts)
        ),
    )


# ---------------------------------------------------------------- differences by situation


class Key(NamedTuple):
    """Whose demand of what."""

    kind: str
    matter: str
    debtor: str


class Difference(NamedTuple):
    """One kind of difference of one debtor: the cells in which it holds, and both sides in the first."""

    key: Key
    how: How
    cells: tuple[int, ...]
    before: tuple[Demand, ...]
    after: tuple[Demand, ...]


def differences(
    before: Demands, after: Demands, field: Field, *, same: frozenset[str]
) -> tuple[Difference, ...]:
    """Every difference, in the order in which the first situation of each comes."""
    cells: dict[tuple[Key, How], list[int]] = {}
    sides: dict[tuple[Key, How], tuple[tuple[Demand, ...], tuple[Demand, ...]]] = {}
    known: dict[tuple[int, int], tuple[tuple[Key, How], ...]] = {}
    numbers: dict[tuple[Demand, ...], int] = {}
    for index, cell in enumerate(field.cells):
        pair = (before(cell.situation), after(cell.situation))
        number = (numbers.setdefault(pair[0], len(numbers)), numbers.setdefault(pair[1], len(numbers)))
        if number not in known:
            known[number] = tuple(_compared(*pair, same))
        for entry in known[number]:
            cells.setdefault(entry, []).append(index)
            if entry not in sides:
                sides[entry] = (_of_key(pair[0], entry[0]), _of_key(pair[1], entry[0]))
    return tuple(Difference(*entry, tuple(cells[entry]), *sides[entry]) for entry in cells)


def _of_key(demands: Sequence[Demand], key: Key) -> tuple[Demand, ...]:
    return tuple(one for one in demands if one[:3] == key)


def _compared(
    before: Sequence[Demand], after: Sequence[Demand], same: frozenset[str]
) -> Iterator[tuple[Key, How]]:
    for key in dict.fromkeys(Key(*one[:3]) for one in (*before, *after)):
        olds, news = _of_key(before, key), _of_key(after, key)
        order = demands_order(news, olds, same=same)
        if order == Order.EQUAL:
            continue
        how: How = {
            Order.STRONGER: "stronger" if olds else "only after",
            Order.WEAKER: "weaker" if news else "only before",
            Order.INCOMPARABLE: "incomparable",
            Order.UNKNOWN: "cannot be told",
        }[order]  # type: ignore[assignment]
        yield key, how


def _changes(found: Sequence[Difference], field: Field) -> Iterator[Change]:
    """The differences as they are said: those alike in kind, manner and situations in one."""
    groups: dict[tuple[object, ...], list[Difference]] = {}
    for one in found:
        sides = (_spoken(one.before), _spoken(one.after))
        groups.setdefault((one.key.kind, one.how, one.cells, sides), []).append(one)
    ordered = sorted(groups.values(), key=lambda group: HOWS.index(group[0].how))
    for group in ordered:
        first = group[0]
        points: list[Point] = [field.points[index] for index in first.cells]
        everywhere = len(first.cells) == len(field.cells)
        said = () if everywhere else boxes(points, field.space)
        demands = [demand for one in group for demand in (*one.before, *one.after)]
        yield Change(
            how=first.how,
            kind=first.key.kind,
            matters=tuple(dict.fromkeys(one.key.matter for one in group if one.key.matter)),
            debtors=tuple(dict.fromkeys(one.key.debtor for one in group)),
            before=_spoken(first.before),
            after=_spoken(first.after),
            clauses=tuple(dict.fromkeys(demand.clause for demand in demands if demand.clause)),
            situations=sum(field.cells[index].weight for index in first.cells),
            of=field.weight,
            boxes=("in every situation",)
            if everywhere
            else tuple(box_sentence(box, field.space) for box in said[:BOXES_MAX]),
            more_boxes=max(0, len(said) - BOXES_MAX),
            witness=describe(field.cells[first.cells[-1 if everywhere else 0]].situation),
            unknown=tuple(dict.fromkeys(term for demand in demands for term in demand.unknown)),
        )


def _spoken(demands: Sequence[Demand]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(spoken(one) for one in demands))


def spoken(demand: Demand) -> str:
    """The content of a demand in a few words, without its debtor."""
    words = [demand.says.replace("_", " ")] if demand.says else []
    if demand.discretion:
        words.append(f"discretion {demand.discretion.replace('_', ' ')}")
    if demand.deadline.words and demand.kind not in ("cooperate", "forbear"):
        words.append(_deadline_words(demand))
    if demand.source == "anonymised":
        words.append("source anonymised")
    words.append(f"binding {demand.binding}")
    if demand.kind != "data":
        words.append(f"owed to {' '.join(demand.creditors)}")
    else:
        words.append(f"to {' '.join(demand.creditors)}")
    if demand.unknown:
        words.append(f"depends on unknown {', '.join(demand.unknown)}")
    elif demand.most == Truth.UNDETERMINED:
        words.append("undetermined: nobody is named as the attacker")
    return f"{demand.clause}: {', '.join(words)}" if demand.clause else ", ".join(words)


def _deadline_words(demand: Demand) -> str:
    deadline = demand.deadline
    if deadline.value is None:
        return f"within {deadline.words}"
    value = f"{deadline.value:g} s"
    named = "" if deadline.words in ("s", f"{deadline.value:g}") else f"{deadline.words} = "
    if demand.kind in ("data", "share"):
        return f"after {value}"
    return f"{named}{value} {'ahead' if deadline.ahead else ''}".strip() if named else f"within {value}"


# ---------------------------------------------------------------- direction and trigger


def owed_between(demands: Demands, field: Field) -> dict[str, dict[tuple[str, str], None]]:
    """Kind of demand -> (debtor, creditor) pairs of parties between whom it is or may be owed somewhere."""
    pairs: dict[str, dict[tuple[str, str], None]] = {}
    ids = [party.id for party in demands.pact.party]
    for cell in field.cells:
        for one in demands(cell.situation):
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
    for cell in field.cells:
        for one in demands(cell.situation):
            found.setdefault(one.kind, {})[cell.situation.event] = None
    order = ("none", *EVENT_ATOMS)
    return {kind: tuple(sorted(events, key=order.index)) for kind, events in found.items() if "none" not in events}


# ---------------------------------------------------------------- term, conditions, parties


def _exit(old: Pact, new: Pact) -> Iterator[Note]:
    was, now = (exit_words(pact.term) for pact in (old, new))
    if was != now:
        clauses = tuple(dict.fromkeys((old.term.id, new.term.id)))
        yield Note(about="exit", clauses=clauses, says=f"exit: {was} before, {now} now")
    if old.basis.binding != new.basis.binding or old.basis.form != new.basis.form:
        says = f"{old.basis.form}, binding {old.basis.binding} before; {new.basis.form}, binding {new.basis.binding} now"
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
                about="milestone", clauses=(), says=f"{'gone' if name in before else 'new'}: {name}: {one.says}"
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


# ---------------------------------------------------------------- clauses that change nothing


_OTHER_WAYS: Final = (Approval, Term, Suspend)
"""Kinds whose changes are said under force, exit and conditions."""


def _silent(
    compared: tuple[Pact, Pact], field: Field, found: Sequence[Difference], same: frozenset[str]
) -> Iterator[Note]:
    """Clauses that changed although nothing follows: put back as they were, the new text does the same."""
    old, new = compared
    olds = {clause.id: clause for clause in old.clause}
    news = {clause.id: clause for clause in new.clause}
    for name in dict.fromkeys((*olds, *news)):
        was, now = olds.get(name), news.get(name)
        if was == now or isinstance(now or was, _OTHER_WAYS):
            continue
        if was is not None and now is not None and _bare(was) == _bare(now):
            yield Note(about="text", clauses=(name,), says=f"{name}: only the words about it changed")
        elif not _matters(new, was, now, field):
            yield Note(about="text", clauses=(name,), says=_nothing_follows(name, was, now, found))
    unknown = [name for name in same if name in news and "unknown" in _spelled(news[name])]
    for name in sorted(unknown):
        says = f"{name}: unchanged, and unknown in both: {', '.join(_unknown_fields(news[name]))}"
        yield Note(about="unknown", clauses=(name,), says=says)


def _matters(new: Pact, was: Clause | None, now: Clause | None, field: Field) -> bool:
    """Whether the new text demands anything else with the clause put back as it was."""
    if now is None:
        assert was is not None
        clauses = (*new.clause, was)
    else:
        clauses = tuple(
            one for clause in new.clause for one in ([was] if clause is now else [clause]) if one is not None
        )
    if _hangs(clauses):
        return True  # others name it: without it the text says nothing
    other = Demands(msgspec.structs.replace(new, clause=clauses), field.asked)
    whole = Demands(new, field.asked)
    return any(whole(cell.situation) != other(cell.situation) for cell in field.cells)


def _hangs(clauses: Sequence[Clause]) -> bool:
    """Whether some clause names a casus that is not there."""
    casus = [clause.id for clause in clauses if isinstance(clause, Casus)]
    return any(getattr(clause, "casus", None) not in (None, *casus) for clause in clauses)


def _nothing_follows(name: str, was: Clause | None, now: Clause | None, found: Sequence[Difference]) -> str:
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
