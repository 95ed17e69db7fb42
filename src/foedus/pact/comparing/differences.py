"""Where two texts demand different things: situation by situation, for each kind of demand and each debtor.

Every difference has the situations in which it holds, counted and as maximal boxes, and one of them as
witness. What rests on a term that is `unknown` in either text is a category of its own; only where the whole
clause stands unchanged in both is the unknown the same unknown.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from foedus.pact.clauses import Clause, Pact
from foedus.pact.comparing.boxes import Point, Space, box_sentence, boxes, point_of, space_of
from foedus.pact.comparing.demands import Demands, Subjects, subjects
from foedus.pact.comparing.strength import Demand, Order, Same, demands_order
from foedus.pact.force import Fact
from foedus.pact.meaning.situation import UNATTRIBUTED, Situation, describe
from foedus.pact.meaning.universe import Cell, universe
from foedus.pact.words import Truth

BOXES_TOLD_MAX: Final = 12
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
    """One difference: a kind of duty, or data given, between these pairs, in these situations."""

    how: How
    kind: str
    matters: tuple[str, ...]
    pairs: tuple[str, ...]  # debtor to creditors
    before: tuple[str, ...]  # what is demanded, in words, in the first of the situations
    after: tuple[str, ...]
    clauses: tuple[str, ...]
    situations: int
    of: int
    boxes: tuple[str, ...]
    more_boxes: int
    witness: str
    unknown: tuple[str, ...] = ()


class Field:
    """The situations over which texts are compared: all that any of them tells apart, and an ordinary day."""

    def __init__(self, pacts: Sequence[Pact], *, at: datetime, facts: tuple[Fact, ...] = ()) -> None:
        self.pacts = tuple(pacts)
        ordinary = Cell(Situation(at=at, facts=facts), 1)
        self.cells = (ordinary, *universe(pacts, at=at, facts=facts))
        self.points = tuple(point_of(cell.situation) for cell in self.cells)
        self.weight = sum(cell.weight for cell in self.cells)
        self.asked: Subjects = subjects(pacts)
        self._space: list[Space] = []

    def kinds_for(self, demands: Demands) -> Iterator[Situation]:
        """The first situation of each kind in which a text demands the same."""
        seen: dict[int, None] = {}
        for cell in self.cells:
            number = demands.number(cell.situation)
            if number not in seen:
                seen[number] = None
                yield cell.situation

    @property
    def space(self) -> Space:
        """The space of their points, made when first asked for."""
        if not self._space:
            self._space.append(space_of(cell.situation for cell in self.cells))
        return self._space[0]


def same_clauses(old: Pact, new: Pact) -> Same:
    """What two versions of a pact share, apart from what is said about each clause."""
    theirs = {clause.id: clause for clause in new.clause}
    named = [clause.id for clause in old.clause if type(theirs.get(clause.id)) is type(clause)]
    alike = [clause.id for clause in old.clause if bare(theirs.get(clause.id)) == bare(clause)]
    whole = [
        one.id for one in old.clause if one.id in alike and getattr(one, "casus", None) in (None, *alike)
    ]
    return Same(frozenset(named), frozenset(whole))


def bare(clause: Clause | None) -> Clause | None:
    """The clause without what is said about it."""
    if clause is None:
        return None
    return msgspec.structs.replace(clause, text="-", cite="-", basis="text")


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


def differences(before: Demands, after: Demands, field: Field, *, same: Same) -> tuple[Difference, ...]:
    """Every difference, in the order in which the first situation of each comes."""
    cells: dict[tuple[Key, How], list[int]] = {}
    sides: dict[tuple[Key, How], tuple[tuple[Demand, ...], tuple[Demand, ...]]] = {}
    known: dict[tuple[int, int], tuple[tuple[Key, How], ...]] = {}
    for index, cell in enumerate(field.cells):
        number = (before.number(cell.situation), after.number(cell.situation))
        if number not in known:
            pair = (before(cell.situation), after(cell.situation))
            known[number] = tuple(compared(*pair, same))
            for entry in known[number]:
                sides.setdefault(entry, (_of_key(pair[0], entry[0]), _of_key(pair[1], entry[0])))
        for entry in known[number]:
            cells.setdefault(entry, []).append(index)
    return tuple(Difference(*entry, tuple(cells[entry]), *sides[entry]) for entry in cells)


def _of_key(demands: Sequence[Demand], key: Key) -> tuple[Demand, ...]:
    return tuple(one for one in demands if one[:3] == key)


def by_key(demands: Sequence[Demand]) -> dict[Key, tuple[Demand, ...]]:
    """The demands of each kind, matter and debtor, in order."""
    found: dict[Key, list[Demand]] = {}
    for one in demands:
        found.setdefault(Key(*one[:3]), []).append(one)
    return {key: tuple(ones) for key, ones in found.items()}


def compared(before: Sequence[Demand], after: Sequence[Demand], same: Same) -> Iterator[tuple[Key, How]]:
    """Where the demands of one situation differ, and how."""
    old, new = by_key(before), by_key(after)
    for key in dict.fromkeys((*old, *new)):
        olds, news = old.get(key, ()), new.get(key, ())
        order = demands_order(news, olds, same=same)
        if order == Order.STRONGER:
            yield key, "stronger" if olds else "only after"
        elif order == Order.WEAKER:
            yield key, "weaker" if news else "only before"
        elif order == Order.INCOMPARABLE:
            yield key, "incomparable"
        elif order == Order.UNKNOWN:
            yield key, "cannot be told"


def changes_of(found: Sequence[Difference], field: Field) -> Iterator[Change]:
    """The differences as they are said: those alike in kind, manner and situations in one."""
    groups: dict[tuple[object, ...], list[Difference]] = {}
    for one in found:
        groups.setdefault((one.key.kind, one.how, one.cells, _content(one)), []).append(one)
    for group in sorted(groups.values(), key=lambda group: HOWS.index(group[0].how)):
        first = group[0]
        before, after = _content(first)
        points: list[Point] = [field.points[index] for index in first.cells]
        everywhere = len(first.cells) == len(field.cells)
        said = () if everywhere else boxes(points, field.space)
        demands = [demand for one in group for demand in (*one.before, *one.after)]
        yield Change(
            how=first.how,
            kind=first.key.kind,
            matters=tuple(dict.fromkeys(one.key.matter for one in group if one.key.matter)),
            pairs=_pairs(demands, [field.cells[index].situation for index in first.cells]),
            before=before,
            after=after,
            clauses=tuple(dict.fromkeys(demand.clause for demand in demands if demand.clause)),
            situations=sum(field.cells[index].weight for index in first.cells),
            of=field.weight,
            boxes=("in every situation",)
            if everywhere
            else tuple(box_sentence(box, field.space) for box in said[:BOXES_TOLD_MAX]),
            more_boxes=max(0, len(said) - BOXES_TOLD_MAX),
            witness=describe(_plainest([field.cells[index].situation for index in first.cells], field)),
            unknown=tuple(dict.fromkeys(term for demand in demands for term in demand.unknown)),
        )


def _pairs(demands: Sequence[Demand], situations: Sequence[Situation]) -> tuple[str, ...]:
    """Debtor to creditors, as in the first situation; owed to each in turn: to whoever is attacked."""
    attacked = situations[0].victim
    turns = any(one.victim != attacked for one in situations)
    said = (
        "whoever is attacked" if turns and one.creditors == (attacked,) else " ".join(one.creditors)
        for one in demands
    )
    return tuple(dict.fromkeys(f"{one.debtor} to {to}" for one, to in zip(demands, said, strict=True)))


def outside(situation: Situation, pact: Pact) -> bool:
    """Whether the attacker is named and no party, so that the situation is a plain one."""
    parties = [party.id for party in pact.party]
    return situation.attacker != UNATTRIBUTED and situation.attacker not in parties


def _plainest(situations: Sequence[Situation], field: Field) -> Situation:
    """The first with an attacker who is no party; else the first."""
    plain = (one for one in situations if outside(one, field.pacts[-1]))
    return next(plain, situations[0])


def _content(one: Difference) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Both sides in words, with creditors where they differ."""
    creditors = [[demand.creditors for demand in side] for side in (one.before, one.after)]
    apart = bool(one.before and one.after) and creditors[0] != creditors[1]
    sides = (tuple(dict.fromkeys(spoken(demand, creditors=apart) for demand in side)) for side in one[3:])
    return (next(sides), next(sides))


def spoken(demand: Demand, *, creditors: bool) -> str:
    """The content of a demand in a few words, without its debtor."""
    words = [demand.says.replace("_", " ")] if demand.says else []
    if demand.discretion:
        words.append(f"discretion {demand.discretion.replace('_', ' ')}")
    if demand.deadline.words and demand.kind not in ("cooperate", "forbear"):
        words.append(_deadline_words(demand))
    if demand.source == "anonymised":
        words.append("source anonymised")
    words.append(f"binding {demand.binding}")
    if demand.modified:
        words.append(f"modified by {', '.join(demand.modified)}")
    if creditors:
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
    if demand.kind in ("data", "share"):
        return f"after {value}"
    named = "" if deadline.words == f"{deadline.value:g}" else f"{deadline.words} = "
    return f"{value} ahead" if deadline.ahead else f"{named}{value}" if named else f"within {value}"
