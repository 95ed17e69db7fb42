"""How a member watches its own zones: which, by what measure, and as whom where the pact does not name it.

A member needs no pact to warn itself. What it may take from the pact is a measure and the zones that it owns
there; the network file adds what is missing. None of this is in the pact, whose text and digest stay.
"""

import math
from typing import Final

import msgspec

from foedus.document import error_at
from foedus.limits import ZONES_MAX
from foedus.network import Network, OwnWarning, ZoneEntry
from foedus.pact.clauses import Pact, Party, Warn, Zone
from foedus.pact.polygon import shape_fault, vertices
from foedus.pact.tables.rules import seconds_of
from foedus.watch.sent import Duty

OWN_CLAUSE: Final = "own"
"""Stands where a clause would for a member's warning to itself, which needs no pact."""

PICTURE: Final = "picture"
"""The source of own warnings: the whole picture. Its track numbers are those that the console shows."""


def watched_zones(network: Network, pact: Pact, member: str) -> tuple[Zone, ...]:
    """The zones on which a node keeps an eye: those of the pact, then its own ones of the network file.

    A zone of the network file whose id the pact has too is not used: the pact says where that one lies.
    """
    written = [zone.id for zone in pact.zone]
    added = tuple(_zone(entry) for entry in network.zone if entry.owner == member and entry.id not in written)
    return pact.zone + added


def _zone(entry: ZoneEntry) -> Zone:
    return Zone(
        id=entry.id,
        owner=entry.owner,
        source=entry.source,
        polygon=entry.polygon,
        floor_m=entry.floor_m,
        ceiling_m=entry.ceiling_m,
    )


def check_zones(network: Network, pact: Pact, *, text: str, file: str) -> None:
    """Nothing; DocumentError for the first zone of a network file that no node could watch.

    text, file: of the network file.
    """
    for index, entry in enumerate(network.zone):
        fault = shape_fault(vertices(entry.polygon))
        if fault is not None:
            found, expected = fault
            raise error_at(text, ("zone", index, "polygon"), file=file, found=found, expected=expected)
    if len(network.zone) + len(pact.zone) > ZONES_MAX:
        found = f"{len(network.zone)} zones beside {len(pact.zone)} of the pact"
        raise error_at(text, ("zone",), file=file, found=found, expected=f"at most {ZONES_MAX} together")


def own_duties(network: Network, pact: Pact, member: str) -> tuple[Duty, ...]:
    """What a member owes itself: a duty for each of the `watched_zones` that it owns; zones by their places.

    The measure is that of the network file; without one that of the pact's first clause on warnings, whether
    it speaks or not; without one the default. Classes that a clause leaves open are those of the default.
    """
    clause = next((one for one in pact.clause if isinstance(one, Warn)), None)
    measure, within_s = network.own_warning or OwnWarning(), math.inf
    if network.own_warning is None and clause is not None:
        known_s = seconds_of(pact, clause.within_s)
        within_s = math.inf if known_s is None else known_s
        measure = _measure(clause)
    return tuple(
        Duty(
            zone=index,
            zone_id=zone.id,
            to=member,
            clause=OWN_CLAUSE,
            classes=tuple(int(one) for one in measure.classes),
            horizon_s=measure.horizon_s,
            probability=measure.probability,
            within_s=within_s,
            renew_s=measure.renew_s,
            expires_s=measure.expires_s,
            ack_s=measure.ack_s,
            source=PICTURE,
        )
        for index, zone in enumerate(watched_zones(network, pact, member))
        if zone.owner == member
    )


def _measure(clause: Warn) -> OwnWarning:
    """What a clause asks for others, as a member takes it for itself."""
    return OwnWarning(
        horizon_s=clause.horizon_s,
        probability=clause.probability,
        renew_s=clause.renew_s,
        expires_s=clause.expires_s,
        ack_s=clause.ack_s,
        classes=clause.classes or OwnWarning().classes,
    )


def text_outside(pact: Pact, member: str) -> Pact:
    """The pact as it is for somebody who is no party of it: nobody in it but that member, and no clause but
    the term. By it nothing is given, nothing owed, and it is never in force."""
    return msgspec.structs.replace(
        pact,
        party=(Party(id=member, name=member, role="member"),),
        clause=(pact.term,),
        zone=(),
        state=(),
        adversary=(),
        milestone=(),
        bracket=(),
        no_ties=(),
        based_on=None,
    )
