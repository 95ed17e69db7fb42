"""Pacts made comparable: as if in force, under common names, and reduced to the same parties.

A comparison of texts supposes that all approvals are complete and all conditions met; what is in force on a
day is a question of its own (force.py). A place stays where it is on the map whoever the ally is; a text that
names the ally's own territory covers it in every region in which either text has the ally at home.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from foedus.pact.clauses import Pact, Party
from foedus.pact.force import once_in_force, roster, time_ns_of, unconditional

GUARANTOR: Final = "GUARANTOR"
ALLY: Final = "ALLY"
"""Names for the two sides of pacts between different parties."""

Value = TypeVar("Value")


class Aligned(NamedTuple):
    """Pacts over the same party ids, once in force. roles: (id here, id in each text) where they differ."""

    pacts: tuple[Pact, ...]
    roles: tuple[tuple[str, tuple[str, ...]], ...]


def as_promised(pact: Pact) -> Pact:
    """The pact as it speaks once it is in force and its conditions are met, on any day.

    Dated suspensions, such as that of ANZUS, and the dates of single clauses and parties stand.
    """
    return unconditional(once_in_force(pact))


def renamed(value: Value, names: dict[str, str]) -> Value:
    """The value with those ids called otherwise, wherever in it they stand as whole words."""
    return _renamed(value, names)  # type: ignore[no-any-return]


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, tuple):
        return tuple(_renamed(one, names) for one in value)
    if isinstance(value, msgspec.Struct):
        changed = {name: _renamed(getattr(value, name), names) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **changed)
    return value


def reduced(pact: Pact, parties: Sequence[str]) -> Pact:
    """The pact among these parties alone: the others neither owe nor are owed, and do not act."""
    return msgspec.structs.replace(
        pact,
        party=tuple(party for party in pact.party if party.id in parties),
        adversary=tuple(one for one in pact.adversary if one.of in parties),
    )


def sides(pact: Pact, *, at: datetime) -> tuple[str, str]:
    """(guarantor, ally): who stands for each side of the pact in a comparison with one between others.

    The guarantor is the party of that role, else the United States, else the hub, else the first party. The
    ally is the first of that role, else the first other party with sensors, else the first other.
    """
    standing = roster(pact, time_ns=time_ns_of(at))
    parties = [party for party in pact.party if party.id in standing] or list(pact.party)
    guarantor = (
        _first(parties, "guarantor")
        or next((party.id for party in parties if party.id == "US"), "")
        or _first(parties, "hub")
        or parties[0].id
    )
    others = [party for party in parties if party.id != guarantor]
    ally = _first(others, "ally") or _first(others, "member") or next((one.id for one in others), "")
    return guarantor, ally


def _first(parties: Sequence[Party], role: str) -> str:
    return next((party.id for party in parties if party.role == role), "")


def aligned_pair(one: Pact, other: Pact, *, at: datetime, names: dict[str, str] | None = None) -> Aligned:
    """Two pacts over the same parties: those that both have, or, where that is fewer than two, their sides.

    names: parties of the second -> as whom they count in the first.
    """
    other = renamed(other, names or {})
    here = [party.id for party in one.party]
    there = [party.id for party in other.party]
    shared = [party for party in here if party in there]
    given = tuple((new, (new, old)) for old, new in (names or {}).items())
    if len(shared) >= 2:
        both = tuple(reduced(as_promised(pact), shared) for pact in (one, other))
        return Aligned(_at_home(both), given)
    return aligned_sides((one, other), at=at)


def aligned_sides(pacts: Sequence[Pact], *, at: datetime) -> Aligned:
    """Pacts reduced to their two sides, GUARANTOR and ALLY; a guarantor that all have keeps its id."""
    chosen = [sides(pact, at=at) for pact in pacts]
    guarantors = tuple(dict.fromkeys(guarantor for guarantor, _ in chosen))
    common = guarantors[0] if len(guarantors) == 1 else GUARANTOR
    ally = ALLY if len({one for _, one in chosen}) > 1 else chosen[0][1]
    changed = tuple(
        reduced(renamed(as_promised(pact), {guarantor: common, one: ally}), (common, ally))
        for pact, (guarantor, one) in zip(pacts, chosen, strict=True)
    )
    roles = (
        (common, tuple(guarantor for guarantor, _ in chosen)),
        (ally, tuple(one for _, one in chosen)),
    )
    return Aligned(_at_home(changed), tuple(role for role in roles if any(one != role[0] for one in role[1])))


def _at_home(pacts: Sequence[Pact]) -> tuple[Pact, ...]:
    """The pacts with each party at home in all regions that any of them gives it: places stay as they are."""
    homes: dict[str, dict[str, None]] = {}
    for pact in pacts:
        for party in pact.party:
            homes.setdefault(party.id, {}).update(dict.fromkeys(party.regions))
    return tuple(
        msgspec.structs.replace(
            pact,
            party=tuple(
                msgspec.structs.replace(party, regions=tuple(homes[party.id])) for party in pact.party
            ),
        )
        for pact in pacts
    )
