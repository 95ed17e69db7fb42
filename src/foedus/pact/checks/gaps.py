"""K6: what no casus of the pact covers, as maximal boxes of attacker, victim, object, place and event.

A box is a product of sets of values in which every situation is outside (or undetermined); it is maximal in
that no value can be added to any of its sets. Each is named by the term that keeps it outside.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from foedus.limits import BOXES_MAX
from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry
from foedus.pact.clauses import Assist, Casus, Regard, Share, Warn
from foedus.pact.meaning.situation import UNATTRIBUTED, Situation, describe
from foedus.pact.meaning.universe import OUTSIDER
from foedus.pact.words import Truth

Point = tuple[str, ...]
"""attacker, victim, object with its place, event, class, provoked."""

AXES: Final = ("attacker", "victim", "object", "event", "class", "provoked")
_WORDS: Final = {
    OUTSIDER: "a state that the text does not name",
    UNATTRIBUTED: "an attacker whom nobody has named",
}
_THINGS: Final = {
    "land": "land",
    "airspace": "airspace",
    "infra_onshore": "infrastructure on land",
    "infra_offshore": "infrastructure offshore",
    "forces_home": "forces at home",
    "forces_abroad": "forces abroad",
}


_EVENTS: Final = {
    "threat": "threat",
    "imminent": "imminent attack",
    "attack": "attack",
    "launch": "launch",
}
_NAMES: Final = tuple(_THINGS.values())


class Box(NamedTuple):
    """A maximal product of values, the first situation in it, and the terms that keep all of it outside."""

    axes: tuple[tuple[str, ...], ...]
    example: Situation
    terms: tuple[str, ...]
    truth: Truth


def gaps(inquiry: Inquiry) -> Iterator[Finding]:
    """K6: each maximal box that is outside every casus, then each that is undetermined."""
    if not _binding(inquiry):
        return
    whole = _values(inquiry)
    found = boxes(inquiry)
    for box in found[:BOXES_MAX]:
        outside = "is outside every casus" if box.truth == Truth.NO else "is undetermined"
        yield Finding(
            number="K6",
            severity="warning",
            clauses=tuple(dict.fromkeys(term.partition(".")[0] for term in box.terms)),
            witness=f"{_spell(inquiry, box, whole)} {outside} ({', '.join(box.terms)}), such as "
            f"{describe(box.example)}.",
            change=_change(box),
        )
    if len(found) > BOXES_MAX:
        yield Finding(
            number="K6",
            severity="note",
            clauses=(),
            witness=f"{len(found) - BOXES_MAX} smaller gaps more.",
        )


def _binding(inquiry: Inquiry) -> tuple[Casus, ...]:
    """The casus on which a response, a warning or data hang; where none does, all: the rest is only talk."""
    strong = [
        getattr(clause, "casus", None)
        for clause in inquiry.pact.clause
        if isinstance(clause, Assist | Regard | Warn | Share)
    ]
    found = tuple(clause for clause in inquiry.casus if clause.id in strong)
    return found or inquiry.casus


def boxes(inquiry: Inquiry) -> tuple[Box, ...]:
    """Maximal boxes that together hold all that is not covered, the widest first."""
    casus = _binding(inquiry)
    points: dict[Point, Truth] = {}
    cells: dict[Point, Situation] = {}
    for cell in inquiry.cells:
        point = _point(inquiry, cell)
        truth = Truth(max(inquiry.judged(clause, cell).truth for clause in casus))
        points[point] = truth
        cells[point] = cell
    values = tuple(tuple(dict.fromkeys(point[axis] for point in points)) for axis in range(len(AXES)))
    terms: dict[Point, tuple[str, ...]] = {}
    found: list[tuple[int, Box]] = []
    for truth in (Truth.NO, Truth.UNDETERMINED):
        left = {point: True for point, value in points.items() if value == truth}
        for point in [*left]:
            if point not in left:
                continue
            axes = _grow(point, points, values, truth)
            inside = [one for one in product(*axes) if one in points]
            for one in inside:
                left.pop(one, None)
                if one not in terms:
                    terms[one] = _terms(inquiry, cells[one], truth)
            common = tuple(term for term in terms[point] if all(term in terms[one] for one in inside))
            found.append((len(inside), Box(axes, cells[point], common or terms[point], truth)))
    return tuple(box for _, box in sorted(found, key=lambda one: (-one[1].truth == 0, -one[0])))


def _point(inquiry: Inquiry, cell: Situation) -> Point:
    homes = next((party.regions for party in inquiry.pact.party if party.id == cell.victim), ())
    place, region = "", (cell.region or "").replace("_", " ")
    if cell.object == "forces_abroad":
        abroad = "" if cell.region == "elsewhere" else f" in {region}"
        place = abroad if not cell.host else f" on {cell.host}'s territory"
    elif len(homes) > 1:
        place = f" in {region}"
    thing = _THINGS[cell.object] + place
    provoked = "provoked" if cell.provoked == "yes" else ""
    return (cell.attacker, cell.victim, thing, cell.event, cell.track_class.name.lower(), provoked)


def _terms(inquiry: Inquiry, cell: Situation, truth: Truth) -> tuple[str, ...]:
    """The terms that decide against the casus that come nearest: those with the fewest reasons against."""
    judged = [
        [ground.term for ground in judgement.grounds if ground.truth == truth]
        for judgement in (inquiry.judged(clause, cell) for clause in _binding(inquiry))
        if judgement.truth == truth
    ]
    fewest = min(len(one) for one in judged)
    return tuple(dict.fromkeys(term for one in judged if len(one) == fewest for term in one))


def _grow(
    point: Point, points: dict[Point, Truth], values: Sequence[Sequence[str]], truth: Truth
) -> tuple[tuple[str, ...], ...]:
    """The box of one point, with value after value added while all of it stays as it is."""
    axes: list[tuple[str, ...]] = [(value,) for value in point]
    grown = True
    while grown:
        grown = False
        for axis in range(len(AXES)):
            for value in values[axis]:
                if value in axes[axis]:
                    continue
                slab = [*axes[:axis], (value,), *axes[axis + 1 :]]
                inside = [points[one] for one in product(*slab) if one in points]
                if inside and all(one == truth for one in inside):
                    axes[axis] = (*axes[axis], value)
                    grown = True
    return tuple(axes)


def _values(inquiry: Inquiry) -> tuple[tuple[str, ...], ...]:
    """Every value of each axis."""
    points = [_point(inquiry, cell) for cell in inquiry.cells]
    return tuple(tuple(dict.fromkeys(point[axis] for point in points)) for axis in range(len(AXES)))


def _spell(inquiry: Inquiry, box: Box, whole: Sequence[Sequence[str]]) -> str:
    attackers, victims, things, events, classes, provoked = box.axes
    who = (
        "anybody"
        if len(attackers) == len(whole[0])
        else listed([_WORDS.get(one, inquiry.spoken(one)) for one in attackers], "or")
    )
    every = len(events) == len(whole[3]) > 1
    what = "Any event" if every else listed([_EVENTS[one] for one in events], "or").capitalize()
    thing = _things(things, whole[2])
    of = "any party"
    if len(victims) < len(whole[1]):
        of = listed([inquiry.spoken(one) for one in victims], "or")
    by_class = "" if len(classes) == len(whole[4]) else f", class {listed(list(classes), 'or')},"
    answer = " that answers an operation of its own" if provoked == ("provoked",) else ""
    return f"{what} by {who} on {thing} of {of}{by_class}{answer}"


def _things(things: Sequence[str], whole: Sequence[str]) -> str:
    """Objects and their places in few words: places with the same objects together."""
    if len(things) == len(whole):
        return "anything"
    here, all_of = _by_place(things), _by_place(whole)
    alike: dict[str, list[str]] = {}
    for place, objects in here.items():
        every = len(objects) > 1 and len(objects) == len(all_of[place])
        alike.setdefault("anything" if every else listed(objects, "or"), []).append(place)
    said = []
    for named, places in alike.items():
        regions = [place.removeprefix(" in ") for place in places if place.startswith(" in ")]
        others = [place.strip() for place in places if place and not place.startswith(" in ")]
        where = ([f"in {listed(regions, 'or')}"] if regions else []) + others
        said += [named] if "" in places else []
        said += [f"{named} {listed(where, 'or')}"] if where else []
    return ", or on ".join(said)


def _by_place(things: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for thing in things:
        name = next(one for one in _NAMES if thing.startswith(one))
        found.setdefault(thing.removeprefix(name), []).append(name)
    return found


def _change(box: Box) -> str:
    words = {
        "by": 'by = ["any"] in {}',
        "object": 'object = ["any"] in {}',
        "of": 'of = "any" in {}',
        "loci": 'loci = ["anywhere"] in {}',
        "event": "one more word for an event in {}",
        "exclude": "no exclusion in {}",
        "classes": "classes left out in {}",
    }
    said = []
    for term in box.terms:
        clause, _, field = term.partition(".")
        if field in words and box.truth == Truth.NO:
            said.append(words[field].format(clause))
    if box.truth == Truth.UNDETERMINED and any(term.endswith(".by") for term in box.terms):
        clause = box.terms[0].partition(".")[0]
        said.append(f'by = ["any"] in {clause}, or a rule on who says who the attacker is')
    return "; ".join(said)
