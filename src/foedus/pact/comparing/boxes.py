"""Sets of situations said shortly: as maximal boxes, `any attack by IR or QA on SA's land`.

A box is maximal when no value can be added to it in any dimension without covering a situation outside the
set. Combinations that cannot occur belong to every box.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final, NamedTuple

from foedus.pact.meaning.situation import Situation

Point = tuple[str, ...]
Box = tuple[tuple[str, ...], ...]

DIMENSIONS: Final = ("event", "attacker", "victim", "object", "place", "class", "provoked")


class Space(NamedTuple):
    """All situations of a comparison: their points, and the values of each dimension in order."""

    points: frozenset[Point]
    values: Box


def point_of(situation: Situation) -> Point:
    """The coordinates of a situation, in the order of DIMENSIONS."""
    if situation.event == "none":
        return ("none", *([""] * (len(DIMENSIONS) - 1)))
    if situation.host == situation.victim:
        place = f"at home in {situation.region}"
    else:
        place = f"on {situation.host}'s territory" if situation.host else f"in {situation.region}"
    return (
        situation.event,
        situation.attacker,
        situation.victim,
        situation.object,
        place,
        situation.track_class.name.lower(),
        situation.provoked,
    )


def space_of(situations: Iterable[Situation]) -> Space:
    """The space of these situations."""
    points = [point_of(one) for one in situations]
    values = tuple(tuple(dict.fromkeys(point[i] for point in points)) for i in range(len(DIMENSIONS)))
    return Space(frozenset(points), values)


def boxes(points: Sequence[Point], space: Space) -> tuple[Box, ...]:
    """Maximal boxes that together cover the points and nothing else of the space; the first points first."""
    inside = frozenset(points)
    left = dict.fromkeys(points)
    found: list[Box] = []
    while left:
        box = _grown(next(iter(left)), inside, space)
        found.append(box)
        for point in product(*box):
            left.pop(point, None)
    return tuple(found)


def _grown(point: Point, inside: frozenset[Point], space: Space) -> Box:
    """The point, with every value added that brings in nothing from outside; an ordinary day stays alone."""
    box: list[tuple[str, ...]] = [(value,) for value in point]
    if point[0] == "none":
        return tuple(box)
    for i in reversed(range(len(box))):
        for value in space.values[i]:
            if value in box[i] or value in ("", "none"):
                continue
            wider = [*box[:i], (value,), *box[i + 1 :]]
            new = [one for one in product(*wider) if one in space.points]
            if new and all(one in inside for one in new):
                box[i] = (*box[i], value)
    return tuple(box)


def box_sentence(box: Box, space: Space) -> str:
    """The box in one plain phrase; what is left out is any."""
    if box[0] == ("none",):
        return "an ordinary day"
    said = [_said(values, every) for values, every in zip(box, space.values, strict=True)]
    _, attacker, victim, thing, place, track_class, provoked = said
    words = [" or ".join(box[0])]
    words += [f"by {attacker}"] if attacker else ["by anybody"]
    words += [f"on {victim}'s {thing or 'anything'}" if victim else f"on anybody's {thing or 'anything'}"]
    words += [place] if place else ["anywhere"]
    words += [f"({track_class})"] if track_class else []
    words += [{"yes": "that it provoked", "no": "that it did not provoke"}[provoked]] if provoked else []
    return " ".join(words).replace("_", " ")


def _said(values: Sequence[str], every: Sequence[str]) -> str:
    """The values, or nothing where they are all that there are."""
    possible = [one for one in every if one not in ("", "none")]
    if len(possible) == len(values):
        return ""
    missing = [one for one in possible if one not in values]
    if 2 * len(missing) < len(values):
        return f"all but {_listed(missing)}"
    return _listed(values)


def _listed(values: Sequence[str]) -> str:
    """The values joined by `or`, with a beginning that all have said once."""
    for beginning in ("at home in ", "in "):
        if len(values) > 1 and all(value.startswith(beginning) for value in values):
            return beginning + " or ".join(value.removeprefix(beginning) for value in values)
    return " or ".join(values)
