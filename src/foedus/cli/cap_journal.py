"""The alerts that a journal gives rise to."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from foedus.cli.steps import steps
from foedus.formats.alert import Alert, AlertBook, Area, Issuer
from foedus.journal import Store
from foedus.network import Network, parse_network
from foedus.pact.clauses import Pact


class Alerts(NamedTuple):
    """All alerts of one journal, oldest first, and the time of its last entry."""

    issuer: Issuer
    alerts: tuple[Alert, ...]
    end_ns: int


def alerts_of(path: Path, *, languages: Sequence[str] = ()) -> Alerts:
    """The alerts of one journal, by running its node again; JournalError if that gives other effects.

    languages: instead of those that the network file gives the member.
    """
    from foedus.station import station_of

    store = Store.open(path)
    try:
        header = store.header
        network = parse_network(header.network_text, file=header.network_file)
        station = station_of(header, where=str(path))
        pact = station.node.pact
        issuer = issuer_of(network, header.member)
        if languages:
            issuer = msgspec.structs.replace(issuer, languages=tuple(languages))
        names = [(party.id, party.name) for party in pact.party]
        book = AlertBook(issuer, areas_of(pact), party_names=names)
        alerts: list[Alert] = []
        for _ in steps(station, store):
            if station.node.view_changed:
                alerts += book.take(station.node.view().warnings, now_ns=station.node.time_ns)
        return Alerts(issuer, tuple(alerts), station.node.time_ns)
    finally:
        store.close()


def issuer_of(network: Network, member: str) -> Issuer:
    """The member as the network file lets it speak to its people."""
    entry = next(entry for entry in network.member if entry.id == member)
    return Issuer(
        network=network.network,
        mode=network.mode.value,
        member=member,
        name=entry.name,
        sender=entry.cap_sender or f"{member}@{network.network}.invalid".lower(),
        languages=entry.languages,
        public=entry.cap_public,
    )


def areas_of(pact: Pact) -> list[Area]:
    """The zones of the pact, under the names of their owners where they have one."""
    names = {party.id: party.name for party in pact.party}
    return [
        Area(
            zone=zone.id,
            name=f"{names[zone.owner]} ({zone.id})" if zone.owner in names else zone.id,
            polygon=zone.polygon,
        )
        for zone in pact.zone
    ]
