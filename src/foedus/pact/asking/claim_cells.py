"""The situations that a claim is about: the cells of the universe that its `of any attack ...` means."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from foedus.model import TrackClass
from foedus.pact.asking.claims import ITS, Claim, When
from foedus.pact.clauses import Pact
from foedus.pact.force import Fact
from foedus.pact.meaning.situation import UNATTRIBUTED, Situation, place_of
from foedus.pact.meaning.universe import OUTSIDER, Cell, stand_ins, universe
from foedus.pact.words import OBJECT_ATOMS


def cells_of(claim: Claim, pact: Pact, *, at: datetime, facts: tuple[Fact, ...] = ()) -> tuple[Cell, ...]:
    """The situations that the claim is about, each with how many of its kind it stands for."""
    when = when_of(claim)
    victims = _victims(claim, when, pact)
    named = [one for one in (*claim.doers, *claim.receivers, *victims, *when.attackers) if one != "any"]
    cells = list(_with_strangers(universe([pact], at=at, facts=facts, apart=named), pact, when))
    if when.event in ("any", "none"):
        days = _ordinary_days(cells, at, facts)
        cells = days if when.event == "none" else [*days, *cells]
    else:
        cells = [cell for cell in _of_event(cells, when) if _is_meant(cell.situation, when, victims, pact)]
    cells = _of_class(cells, when, pact)
    return tuple(_in_zones(cells, pact) if claim.verb == "give" else cells)


def when_of(claim: Claim) -> When:
    """The claim's own `when`, or what a claim without one is about."""
    if claim.when is not None:
        return claim.when
    return When(event="any") if claim.verb == "give" else When()


def _victims(claim: Claim, when: When, pact: Pact) -> tuple[str, ...]:
    """The parties attacked that are meant; empty: any."""
    passive = claim.verb in ("warn", "assist")
    if when.victim == ():
        return claim.receivers if passive else ()
    if when.victim == (ITS,):
        return claim.receivers if passive or claim.verb == "give" else claim.doers
    return when.victim


def _with_strangers(cells: Sequence[Cell], pact: Pact, when: When) -> Iterator[Cell]:
    """The cells, and beside each with the OUTSIDER one for every attacker asked for that no text names."""
    known = [one.id for one in pact.party] + [one.id for one in pact.state]
    words = ("any", "parties", "external", UNATTRIBUTED, OUTSIDER)
    strangers = [one for one in when.attackers if one not in (*known, *words)]
    for cell in cells:
        yield cell
        if cell.situation.attacker == OUTSIDER:
            for one in strangers:
                yield Cell(msgspec.structs.replace(cell.situation, attacker=one), cell.weight)


def _ordinary_days(cells: Sequence[Cell], at: datetime, facts: tuple[Fact, ...]) -> list[Cell]:
    classes = dict.fromkeys(cell.situation.track_class for cell in cells)
    return [Cell(Situation(at=at, track_class=one, facts=facts), 1) for one in classes]


def _of_event(cells: Sequence[Cell], when: When) -> Iterator[Cell]:
    """Cells of that event; where no text names it, the attacks with the event put in their place."""
    events = {cell.situation.event for cell in cells}
    stands_for = when.event if when.event in events else "attack"
    for cell in cells:
        if cell.situation.event == stands_for:
            yield _changed(cell, event=when.event)


def _is_meant(situation: Situation, when: When, victims: Sequence[str], pact: Pact) -> bool:
    if victims and situation.victim not in victims:
        return False
    if when.objects != OBJECT_ATOMS and situation.object not in when.objects:
        return False
    if when.region is not None and place_of(situation, pact)[1] != when.region:
        return False
    return any(_is_attacker(situation.attacker, one, pact) for one in when.attackers)


def _is_attacker(attacker: str, word: str, pact: Pact) -> bool:
    is_party = any(party.id == attacker for party in pact.party)
    if word in ("any", attacker):
        return True
    return (word == "parties" and is_party) or (
        word == "external" and not is_party and attacker != UNATTRIBUTED
    )


def _of_class(cells: Sequence[Cell], when: When, pact: Pact) -> list[Cell]:
    """Cells of the class asked for: those of the class that stands for all that the text treats like it."""
    if when.track_class is None:
        return list(cells)
    stands_for = stand_ins([pact])[when.track_class]
    return [
        _changed(cell, track_class=when.track_class)
        for cell in cells
        if cell.situation.track_class == stands_for
    ]


def _in_zones(cells: Sequence[Cell], pact: Pact) -> Iterator[Cell]:
    """Each cell outside all zones, and inside each zone that is named."""
    for cell in cells:
        yield cell
        for zone in pact.zone:
            yield _changed(cell, zones=(zone.id,))


def _changed(
    cell: Cell,
    *,
    event: str | None = None,
    track_class: TrackClass | None = None,
    zones: tuple[str, ...] = (),
) -> Cell:
    one = cell.situation
    return Cell(
        msgspec.structs.replace(
            one,
            event=event or one.event,
            track_class=one.track_class if track_class is None else track_class,
            zones=zones or one.zones,
        ),
        cell.weight,
    )
