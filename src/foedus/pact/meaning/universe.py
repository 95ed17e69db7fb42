"""The finite product of situations over which pacts are checked and compared.

States that no text tells apart behave alike, so two of each kind stand for all of it (two, because one may
attack the other). Everything the texts do distinguish is there: attackers, victims, objects, places, events,
classes, provocation. Besides the states that a text names there is always one that none names, OUTSIDER, and
an attacker whom nobody has named.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple, get_args

import msgspec

from foedus.errors import LimitError
from foedus.limits import SITUATIONS_MAX
from foedus.model import TrackClass
from foedus.pact.clauses import Casus, Consult, Pact, Reservation
from foedus.pact.force import Fact, on_roster, time_ns_of
from foedus.pact.meaning.situation import UNATTRIBUTED, Situation
from foedus.pact.words import EVENTS, OBJECT_ATOMS, Region

OUTSIDER: Final = "OUTSIDER"
"""A third state that no text names."""


class Cell(NamedTuple):
    """One situation, and how many of its kind it stands for."""

    situation: Situation
    weight: int


def universe(
    pacts: Sequence[Pact], *, at: datetime, facts: tuple[Fact, ...] = (), apart: Sequence[str] = ()
) -> tuple[Cell, ...]:
    """Every kind of event that the texts can tell apart, at one time; in a fixed order.

    apart: ids that a question names, and that therefore stand for themselves alone. LimitError for texts that
    can tell more than SITUATIONS_MAX apart.
    """
    cells = tuple(islice(_cells(pacts, at, facts, apart), SITUATIONS_MAX + 1))
    if len(cells) > SITUATIONS_MAX:
        raise LimitError(name="SITUATIONS_MAX", limit=SITUATIONS_MAX, asked=len(cells))
    return cells


def _cells(
    pacts: Sequence[Pact], at: datetime, facts: tuple[Fact, ...], apart: Sequence[str]
) -> Iterator[Cell]:
    kinds = kinds_of(pacts, at=at, facts=facts, apart=apart)
    parties = {party.id for pact in pacts for party in pact.party}
    stand_for = [one for kind in kinds for one in _standing_for(kind)]
    attackers = [*stand_for, _Stand(OUTSIDER, (), 1), _Stand(UNATTRIBUTED, (), 1)]
    classes = _classes(pacts)
    provocations = _provocations(pacts)
    for event in _events(pacts):
        for victim in stand_for:
            if victim.id not in parties:
                continue
            for attacker in attackers:
                if attacker.id == victim.id:
                    continue
                for thing, host, region in _places(pacts, victim.id, kinds):
                    for track_class in classes:
                        for provoked in provocations:
                            yield Cell(
                                Situation(
                                    at=at,
                                    event=event,  # type: ignore[arg-type]
                                    attacker=attacker.id,
                                    victim=victim.id,
                                    object=thing,  # type: ignore[arg-type]
                                    host=host,
                                    region=region,
                                    track_class=track_class,
                                    provoked=provoked,  # type: ignore[arg-type]
                                    facts=facts,
                                ),
                                _weight(victim, attacker),
                            )


class _Stand(NamedTuple):
    """An id that stands for so many of its kind."""

    id: str
    kind: tuple[str, ...]
    weight: int


def _standing_for(kind: tuple[str, ...]) -> list[_Stand]:
    """The first of a kind for all but one of it, and the second for that one."""
    first = _Stand(kind[0], kind, max(1, len(kind) - 1))
    return [first] if len(kind) == 1 else [first, _Stand(kind[1], kind, 1)]


def _weight(victim: _Stand, attacker: _Stand) -> int:
    """How many pairs two stand for: exact in sum, within one kind and across two."""
    if victim.kind == attacker.kind:
        return len(victim.kind) * (len(victim.kind) - 1) // 2
    return victim.weight * attacker.weight


# ---------------------------------------------------------------- states that no text tells apart


def kinds_of(
    pacts: Sequence[Pact], *, at: datetime, facts: tuple[Fact, ...] = (), apart: Sequence[str] = ()
) -> tuple[tuple[str, ...], ...]:
    """The ids of all parties and states, those together that no text tells apart; in order of the texts."""
    ids = list(
        dict.fromkeys(
            [party.id for pact in pacts for party in pact.party]
            + [state.id for pact in pacts for state in pact.state]
        )
    )
    kinds: dict[tuple[object, ...], list[str]] = {}
    for one in ids:
        signature: tuple[object, ...] = tuple(_signature(pact, one, at, facts) for pact in pacts)
        if one in apart:
            signature = (one, *signature)
        kinds.setdefault(signature, []).append(one)
    return tuple(tuple(kind) for kind in kinds.values())


def _signature(pact: Pact, one: str, at: datetime, facts: tuple[Fact, ...]) -> tuple[object, ...]:
    """All that a text says of one id, with the id itself left out: equal for two that it treats alike."""
    party = next((entry for entry in pact.party if entry.id == one), None)
    state = next((entry for entry in pact.state if entry.id == one), None)
    regions = party.regions if party else state.regions if state else ()
    standing = on_roster(pact, one, time_ns=time_ns_of(at), facts=facts).truth if party is not None else None
    named = tuple(
        index for index, clause in enumerate(pact.clause) if one in _words(msgspec.structs.asdict(clause))
    )
    lists = tuple(one == entry.state for entry in pact.adversary if one in (entry.of, entry.state))
    pairs = tuple(index for index, pair in enumerate(pact.no_ties) if one in pair)
    owns = tuple(index for index, zone in enumerate(pact.zone) if zone.owner == one)
    happened = any(one in (fact.by, fact.of, *fact.as_to) for fact in facts)
    role = party.role if party else None
    apart = one if named or lists or pairs or owns or happened else ""
    return (role, regions, standing, named, apart)


def _words(value: object) -> Iterator[str]:
    """Every text inside a value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        yield from _words(msgspec.structs.asdict(value))
    elif isinstance(value, dict):
        for part in value.values():
            yield from _words(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _words(part)


# ---------------------------------------------------------------- what the texts distinguish


def _events(pacts: Sequence[Pact]) -> list[str]:
    named = {
        atom
        for pact in pacts
        for clause in pact.clause
        for word in (
            clause.event
            if isinstance(clause, Casus)
            else clause.also
            if isinstance(clause, Consult)
            else clause.where.event
            if isinstance(clause, Reservation)
            else ()
        )
        for atom in EVENTS.get(word, ())
    }
    return [atom for atom in ("threat", "imminent", "attack", "launch") if atom in named or atom == "attack"]


def _places(
    pacts: Sequence[Pact], victim: str, kinds: Sequence[Sequence[str]]
) -> Iterator[tuple[str, str, str]]:
    """(object, host, region) for everything of the victim's that can be attacked somewhere."""
    homes = {state.id: state.regions for pact in pacts for state in pact.state if state.regions}
    homes |= {party.id: party.regions for pact in pacts for party in pact.party if party.regions}
    for thing in OBJECT_ATOMS:
        if thing != "forces_abroad":
            for region in homes.get(victim, ("elsewhere",)):
                yield thing, victim, region
    for abroad in _regions(pacts):
        yield "forces_abroad", "", abroad
    for kind in kinds:
        for host in kind[:1]:
            if host != victim and any(host in _loci(pact) for pact in pacts):
                yield "forces_abroad", host, homes.get(host, ("elsewhere",))[0]


def _loci(pact: Pact) -> set[str]:
    return {word for clause in pact.clause if isinstance(clause, Casus) for word in clause.loci}


def _regions(pacts: Sequence[Pact]) -> list[str]:
    """The regions that some casus names, and `elsewhere`."""
    named = {word for pact in pacts for word in _loci(pact)}
    return [region for region in get_args(Region) if region in named or region == "elsewhere"]


def _classes(pacts: Sequence[Pact]) -> list[TrackClass]:
    """One class for each set of classes that no clause of any kind tells apart."""
    return list(dict.fromkeys(stand_ins(pacts).values()))


_IN_ORDER: Final = (
    TrackClass.AIRCRAFT,
    TrackClass.BALLISTIC,
    TrackClass.CRUISE,
    TrackClass.UAS,
    TrackClass.UNIDENTIFIED,
    TrackClass.COOPERATIVE,
)
"""The class of a kind that comes first stands for it: what people ask about most."""


def stand_ins(pacts: Sequence[Pact]) -> dict[TrackClass, TrackClass]:
    """For each class the one that stands for all that no clause tells apart from it."""
    named: list[tuple[TrackClass, ...]] = [
        getattr(clause, "classes", ()) for pact in pacts for clause in pact.clause
    ]
    kinds: dict[tuple[bool, ...], TrackClass] = {}
    return {one: kinds.setdefault(tuple(one in classes for classes in named), one) for one in _IN_ORDER}


def _provocations(pacts: Sequence[Pact]) -> list[str]:
    """`no`, and `yes` where some text makes a difference by it."""
    matters = any(
        (isinstance(clause, Casus) and "self_provoked" in clause.exclude)
        or (isinstance(clause, Reservation) and clause.where.provoked is not None)
        for pact in pacts
        for clause in pact.clause
    )
    return ["no", "yes"] if matters else ["no"]
