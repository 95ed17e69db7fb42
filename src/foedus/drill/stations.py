"""The stations of a drill: the same that run live, each under the pact played, or alone outside it."""

from pathlib import Path
from typing import Any, Final

import msgspec

from foedus import __version__
from foedus.drill.script import quoted
from foedus.drill.sites import coded
from foedus.drill.text import Drill
from foedus.journal import Header, Store
from foedus.model import SensorKind
from foedus.network import FeedEntry, FeedFormat, Mode, Network, OwnWarning, ZoneEntry
from foedus.node import Node
from foedus.pact.clauses import Pact, Zone
from foedus.pact.force import once_in_force
from foedus.pact.reading.write import to_toml
from foedus.station import Station

FORMATS: Final = {SensorKind.RADAR: FeedFormat.ASTERIX, SensorKind.RECEIVER: FeedFormat.PLOTS}


def sensing(drill: Drill, pact: Pact) -> tuple[int, ...]:
    """Which sites work under a text, as rows of the file: all but those of a hub, which relays."""
    hubs = [party.id for party in pact.party if party.role == "hub"]
    return tuple(row for row, site in enumerate(drill.site) if site.member not in hubs)


def network_of(drill: Drill, pact: Pact) -> Network:
    """The network that the nodes of a drill run under a text: always in mode EXERCISE.

    Members that the text does not name are outside it; parties without a member have no node. Every member
    watches its own zones by the measure of the drill, whatever the text says.
    """
    parties = [party.id for party in pact.party]
    members = [entry.id for entry in drill.member]
    feeds = tuple(
        FeedEntry(
            id=site.sensor.id,
            member=site.member,
            format=FORMATS[site.sensor.kind],
            sensor=(coded(site.sensor, number),),
        )
        for number in sensing(drill, pact)
        for site in [drill.site[number]]
    )
    return Network(
        network=drill.drill,
        title=drill.title,
        mode=Mode.EXERCISE,
        pact="as played",
        tick_s=drill.tick_s,
        member=tuple(
            msgspec.structs.replace(entry, outside=entry.id not in parties) for entry in drill.member
        ),
        feed=feeds,
        no_node=tuple(party for party in parties if party not in members),
        zone=tuple(_zone(zone) for zone in drill.zone),
        own_warning=OwnWarning(horizon_s=drill.measure.horizon_s, probability=drill.measure.probability),
    )


def _zone(zone: Zone) -> ZoneEntry:
    assert zone.owner is not None
    return ZoneEntry(
        id=zone.id,
        owner=zone.owner,
        polygon=zone.polygon,
        source=zone.source,
        floor_m=zone.floor_m,
        ceiling_m=zone.ceiling_m,
    )


def text_played(drill: Drill, pact: Pact) -> Pact:
    """The text that the nodes run: as it is, or as it speaks once in force where the drill assumes that."""
    if drill.assume_in_force:
        pact = once_in_force(pact)
    return msgspec.structs.replace(pact, based_on=None)


def make_stations(drill: Drill, pact: Pact) -> dict[str, Station]:
    """A station for each member, in the order of the drill. pact: the text played."""
    network = network_of(drill, pact)
    return {entry.id: Station(Node(network, pact, entry.id), pact) for entry in drill.member}


# ---------------------------------------------------------------- journals


def open_stores(folder: Path, drill: Drill, pact: Pact) -> dict[str, Store]:
    """A new store for each member, as `foedus run` writes them; JournalError where one exists already."""
    network = network_text(network_of(drill, pact))
    stores = {}
    for entry in drill.member:
        header = Header(
            member=entry.id,
            network_file=f"{drill.drill}.toml",
            network_text=network,
            pact_file=f"{pact.pact}.toml",
            pact_text=to_toml(pact),
            version=__version__,
            mode=Mode.EXERCISE.value,
        )
        stores[entry.id] = Store.create(folder / f"{entry.id}.journal", header)
    return stores


def network_text(network: Network) -> str:
    """The network as a TOML text that parses to it again; tables of tables in the order of its fields."""
    plain = {key: value for key, value in msgspec.to_builtins(network).items() if value not in (None, (), [])}
    if network.own_warning is not None:
        names = [one.name.lower() for one in network.own_warning.classes]
        plain["own_warning"] = {**plain["own_warning"], "classes": names}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items() if not _is_table(value)]
    for key, value in plain.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *_lines(value)]
        elif _is_table(value):
            for row in value:
                lines += ["", f"[[{key}]]", *_lines(row)]
    return "\n".join(lines) + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list | tuple) and isinstance(value[0], dict))


def _lines(row: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in row.items() if value is not None]


def _value(value: Any) -> str:
    """A value in TOML, on one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return quoted(value)
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{ {', '.join(_lines(value))} }}"
        case _:
            return repr(value)
