"""The stations of a drill: the same that run live, each under the pact played, or alone outside it."""

from pathlib import Path
from typing import Final

import msgspec

from foedus import __version__
from foedus.drill.script import quoted
from foedus.drill.sites import coded
from foedus.drill.text import Drill
from foedus.journal import Header, Store
from foedus.model import Sensor, SensorKind
from foedus.network import FeedEntry, FeedFormat, Mode, Network
from foedus.node import Node
from foedus.pact.clauses import Basis, Pact, Party, Source, Term, Warn
from foedus.pact.force import once_in_force
from foedus.pact.reading.write import to_toml
from foedus.station import Station

FORMATS: Final = {SensorKind.RADAR: FeedFormat.ASTERIX, SensorKind.RECEIVER: FeedFormat.PLOTS}

NOBODY: Final = "NOBODY"
"""The second party of a text for one member alone, since a text has two; it has no node."""


def sensing(drill: Drill, pact: Pact) -> tuple[int, ...]:
    """Which sites work under a text, as rows of the file: all but those of a hub, which relays."""
    hubs = [party.id for party in pact.party if party.role == "hub"]
    return tuple(row for row, site in enumerate(drill.site) if site.member not in hubs)


def network_of(drill: Drill, pact: Pact) -> Network:
    """The network that the nodes of a drill run under a text: always in mode EXERCISE."""
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
        member=drill.member,
        feed=feeds,
    )


def text_played(drill: Drill, pact: Pact) -> Pact:
    """The text that the nodes run: in force if the drill assumes so, and with a zone for each of its members.

    A zone of the drill is added only for a party of which the text has none: it gives no right and no duty
    that the text does not give, only a place for what the text says of zones.
    """
    if drill.assume_in_force:
        pact = once_in_force(pact)
    parties = [party.id for party in pact.party]
    having = [zone.owner for zone in pact.zone] + [""]
    taken = [zone.id for zone in pact.zone] + [one.id for one in pact.clause] + [s.id for s in pact.state]
    added = tuple(
        zone
        for zone in drill.zone
        if zone.owner in parties and zone.owner not in having and zone.id not in taken
    )
    return msgspec.structs.replace(pact, zone=pact.zone + added, based_on=None)


def alone(drill: Drill, member: str) -> Pact:
    """The text of a member outside the pact that is played: it gives nothing, gets nothing, warns itself."""
    name = next(one.name for one in drill.member if one.id == member)
    zones = tuple(zone for zone in drill.zone if zone.owner == member)
    common = {"text": "Of this drill.", "cite": "[DRILL]", "basis": "stylised"}
    term = {"id": "T", "kind": "term", "in_force": "2000-01-01T00:00:00Z", **common}
    watch = {
        "id": "OWN", "kind": "warn", "by": NOBODY, "to": member, "content": "alert",
        "horizon_s": drill.measure.horizon_s, "probability": drill.measure.probability,
        "within_s": 60.0, "renew_s": 30.0, "expires_s": 120.0, "ack_s": 60.0, **common,
    }  # fmt: skip
    return Pact(
        foedus=1,
        pact="alone",
        version="1",
        title=f"{name} outside the pact that is played",
        date=drill.start.date(),
        basis=Basis(instrument="none", binding="none", evidence="stylised"),
        party=(Party(id=member, name=name, role="member"), Party(id=NOBODY, name="nobody", role="member")),
        source=(Source(key="DRILL", says="the drill file"),),
        zone=zones,
        clause=(msgspec.convert(term, type=Term), *([msgspec.convert(watch, type=Warn)] if zones else [])),
    )


def make_stations(drill: Drill, pact: Pact) -> dict[str, Station]:
    """A station for each member, in the order of the drill. pact: the text played."""
    network = network_of(drill, pact)
    parties = [party.id for party in pact.party]
    texts = {one.id: pact if one.id in parties else alone(drill, one.id) for one in drill.member}
    return {member: Station(Node(network, text, member), text) for member, text in texts.items()}


# ---------------------------------------------------------------- journals


def open_stores(folder: Path, drill: Drill, pact: Pact) -> dict[str, Store]:
    """A new store for each member, as `foedus run` writes them; JournalError where one exists already."""
    network = network_text(network_of(drill, pact))
    parties = [party.id for party in pact.party]
    stores = {}
    for entry in drill.member:
        text = pact if entry.id in parties else alone(drill, entry.id)
        header = Header(
            member=entry.id,
            network_file=f"{drill.drill}.toml",
            network_text=network,
            pact_file=f"{text.pact}.toml",
            pact_text=to_toml(text),
            version=__version__,
            mode=Mode.EXERCISE.value,
        )
        stores[entry.id] = Store.create(folder / f"{entry.id}.journal", header)
    return stores


def network_text(network: Network) -> str:
    """The network as a TOML text that parses to it again."""
    lines = [
        f"network = {quoted(network.network)}",
        f"title = {quoted(network.title)}",
        f"mode = {quoted(network.mode.value)}",
        f"pact = {quoted(network.pact)}",
        f"tick_s = {network.tick_s!r}",
    ]
    for member in network.member:
        lines += ["", "[[member]]", f"id = {quoted(member.id)}", f"name = {quoted(member.name)}"]
    for feed in network.feed:
        lines += ["", "[[feed]]", f"id = {quoted(feed.id)}", f"member = {quoted(feed.member)}"]
        lines.append(f"format = {quoted(feed.format.value)}")
        for sensor in feed.sensor:
            lines += ["", "[[feed.sensor]]", *_sensor_lines(sensor)]
    return "\n".join(lines) + "\n"


def _sensor_lines(sensor: Sensor) -> list[str]:
    values = msgspec.to_builtins(sensor)
    return [
        f"{key} = {quoted(value) if isinstance(value, str) else repr(value)}" for key, value in values.items()
    ]
