"""A network file: members, their sensors and feeds, the recording that plays, the pact in force."""

import re
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Final, Literal

import msgspec

from foedus.document import Place, error_at, parse_document, suggest
from foedus.errors import InputError
from foedus.limits import (
    FACTS_MAX,
    OUTPUTS_MAX,
    ROUTE_POINTS_MAX,
    ROUTES_MAX,
    SENSORS_MAX,
    ZONE_VERTICES_MAX,
    ZONES_MAX,
)
from foedus.model import Sensor, SensorKind, TrackClass

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,23}$")]


class Mode(Enum):
    """What the data are; a node refuses messages of another mode."""

    LIVE = "LIVE"
    EXERCISE = "EXERCISE"
    RECORDING = "RECORDING"


class FeedFormat(Enum):
    """How the bytes of a feed are to be read."""

    ASTERIX = "asterix"
    BEAST = "beast"
    AVR = "avr"
    PLOTS = "plots"


Language = Literal["ar", "de", "en", "fr", "he", "it"]
"""Languages in which warnings can be told (files of foedus.formats.texts)."""


class MemberEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One member and its node, and how it tells its own people of warnings."""

    id: Name
    name: str
    outside: bool = False
    """It runs, alone, also where the pact does not name it: sensors, a picture, warnings to itself."""
    languages: Annotated[tuple[Language, ...], msgspec.Meta(min_length=1, max_length=6)] = ("en",)
    cap_sender: Annotated[str, msgspec.Meta(pattern=r"^[^\s,<&]*$", max_length=128)] = ""
    """Sender of its CAP messages, unique in the world; empty: made of member and network, under .invalid."""
    cap_public: bool = False
    """Whether warnings to this member go on to the public; otherwise their scope is Restricted."""


class FeedEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stream of bytes into one member's node, with the sensors that speak in it."""

    id: Name
    member: Name
    format: FeedFormat
    sensor: tuple[Sensor, ...]


class ZoneEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A zone that a member watches for itself; fields as a zone of a pact, where it does not stand."""

    id: Name
    owner: Name
    polygon: Annotated[
        tuple[tuple[Latitude, Longitude], ...], msgspec.Meta(min_length=3, max_length=ZONE_VERTICES_MAX)
    ]
    source: str = "invented"
    floor_m: float | None = None
    ceiling_m: float | None = None


class OwnWarning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By what measure each member warns itself of what is about to enter its own zones."""

    horizon_s: Annotated[float, msgspec.Meta(gt=0, le=7_200)] = 600.0
    """Ten minutes, as the stylised clauses of the library: time to reach people. Farther ahead a straight
    line foretells little, since what flies turns."""
    probability: Annotated[float, msgspec.Meta(ge=0.01, le=1)] = 0.5
    """More likely than not."""
    renew_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 30.0
    """Three revolutions of a slow radar: what is said on the screen is never older."""
    expires_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 120.0
    """Four renewals: a track behind a mountain for a minute does not end the warning, a vanished one does."""
    ack_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 60.0
    """A person at the console has that long to say that it was read."""
    classes: Annotated[tuple[TrackClass, ...], msgspec.Meta(min_length=1)] = tuple(
        one for one in TrackClass if one is not TrackClass.COOPERATIVE
    )
    """All but what answers interrogation: that is known to air traffic control, and there is much of it."""


class Waypoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point on a simulated path, reached `after_s` seconds after its start."""

    after_s: Annotated[float, msgspec.Meta(ge=0)]
    lat_deg: Latitude
    lon_deg: Longitude
    height_m: float


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A simulated aircraft, seen by the simulated radars only; it answers no interrogation."""

    id: Name
    start: str  # RFC 3339, UTC
    waypoint: tuple[Waypoint, ...]


URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:(?P<port>\d{1,5}))?(?P<target>[/?][!-~]*)?"
)
"""An address of a webhook: no user name, no blanks, ASCII (RFC 3986, the part of it that is wanted here)."""


class OutputKind(Enum):
    """Where a member's own view goes besides its console."""

    TAK = "tak"  # Cursor-on-Target events over TCP
    ASTERIX_UDP = "asterix-udp"  # category 062 and 065 datagrams
    WEBHOOK = "webhook"  # signed changes of warnings over HTTP


class OutputEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A system of one member to which its node sends that member's view, and nobody else's."""

    id: Name
    member: Name
    kind: OutputKind
    address: str  # host:port, of a webhook a URL
    releasable_to: tuple[Name, ...] = ()
    """Who reads there besides the member: only what the pact lets all of them have is sent."""
    sac: Annotated[int, msgspec.Meta(ge=-1, le=255)] = -1  # of asterix-udp
    sic: Annotated[int, msgspec.Meta(ge=-1, le=255)] = -1
    secret_file: str = ""
    """Of webhook: a file with the secret, beside this one. The secret itself stands in no network file, as
    that goes into every journal."""


class FactEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happens while the network plays; fields as force.Fact, in the words of a situation.

    A playback tells it to every member's node at that time.
    """

    what: Literal["met", "approved", "exit", "suspended", "resumed", "casus", "joined", "left"]
    of: str
    at: datetime
    by: str = ""
    says: str = ""
    as_to: tuple[str, ...] = ()


class RouteEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A corridor in which a member expects those who answer: a centre line and what lies beside it."""

    id: Name
    member: Name
    half_width_m: Annotated[float, msgspec.Meta(gt=0, le=500_000)]
    waypoint: Annotated[
        tuple[tuple[Latitude, Longitude], ...], msgspec.Meta(min_length=2, max_length=ROUTE_POINTS_MAX)
    ]


class Recording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The recording that feeds the receivers, and the window that the demo plays."""

    source: str  # "switzerland", the day that ships in the package `traffic`
    window_start: str  # RFC 3339, UTC
    window_end: str
    speed: Annotated[float, msgspec.Meta(gt=0)]
    seed: int  # of the simulated radars' errors


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole network file."""

    network: Name
    title: str
    mode: Mode
    pact: str  # path of the pact file, relative to this file
    tick_s: Annotated[float, msgspec.Meta(gt=0, le=60)]
    member: tuple[MemberEntry, ...]
    feed: tuple[FeedEntry, ...]
    recording: Recording | None = None
    target: tuple[Target, ...] = ()
    route: tuple[RouteEntry, ...] = ()
    fact: Annotated[tuple[FactEntry, ...], msgspec.Meta(max_length=FACTS_MAX)] = ()
    output: Annotated[tuple[OutputEntry, ...], msgspec.Meta(max_length=OUTPUTS_MAX)] = ()
    no_node: tuple[Name, ...] = ()
    """Parties of the pact that have no node here: they give and get nothing, and nobody waits for them."""
    zone: Annotated[tuple[ZoneEntry, ...], msgspec.Meta(max_length=ZONES_MAX)] = ()
    own_warning: OwnWarning | None = None
    """None: as the pact's first clause on warnings asks; without one as OwnWarning has it."""


NOT_LIVE: Final = {
    "recording": "none: what is recorded is played under mode RECORDING or EXERCISE",
    "target": "none: what is simulated flies under mode RECORDING or EXERCISE",
    "fact": "none: what a script tells belongs to an exercise; live, people record facts at their consoles",
}
"""What a LIVE network file may not hold, and where it belongs."""


def utc_ns(text: str, *, where: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 time with its offset; InputError if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError(where=where, found=repr(text), expected="a time such as 2018-08-01T11:30:00Z")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000


def parse_network(text: str, *, file: str) -> Network:
    """The network in a TOML text, checked in itself; DocumentError for the first mistake."""
    network = parse_document(text, Network, file=file)
    checker = _Checker(text, file)
    checker.unique("member", [entry.id for entry in network.member])
    checker.unique("feed", [entry.id for entry in network.feed])
    for index, entry in enumerate(network.member):
        checker.languages(index, entry.languages)
    members = [entry.id for entry in network.member]
    sensors: dict[str, list[str]] = {member: [] for member in members}
    for index, feed in enumerate(network.feed):
        checker.known(("feed", index, "member"), feed.member, members)
        checker.sensors(index, feed, sensors[feed.member])
    checker.unique("zone", [entry.id for entry in network.zone])
    for index, zone in enumerate(network.zone):
        checker.known(("zone", index, "owner"), zone.owner, members)
        checker.band(index, zone)
    for index, party in enumerate(network.no_node):
        if party in members:
            expected = "parties without a [[member]]"
            checker.fail(("no_node", index), found=f"{party!r}, which has one", expected=expected)
    if network.recording is not None:
        for key in ("window_start", "window_end"):
            checker.instant(("recording", key), getattr(network.recording, key))
    checker.routes(network.route, members)
    checker.mode(network)
    for index, target in enumerate(network.target):
        checker.instant(("target", index, "start"), target.start)
        checker.path(index, target)
    checker.unique("output", [entry.id for entry in network.output])
    for index, output in enumerate(network.output):
        checker.known(("output", index, "member"), output.member, members)
        for place, party in enumerate(output.releasable_to):
            checker.known(("output", index, "releasable_to", place), party, members)
        fault = output_fault(output)
        if fault is not None:
            checker.fail(("output", index, fault[0]), found=fault[1], expected=fault[2])
    return network


def host_and_port(address: str) -> tuple[str, int] | None:
    """Host and port of an address such as 192.0.2.7:8087 or [2001:db8::1]:8087; None if it is none."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65_535:
        return None
    bare = host.removeprefix("[").removesuffix("]")
    if not bare or any(character in bare for character in "/@ []") or (":" in bare) != (host != bare):
        return None
    return bare, int(port)


def output_fault(output: OutputEntry) -> tuple[str, str, str] | None:
    """(key, found, expected) of what a schema cannot say about one output, None where all is well."""
    kind = output.kind
    if kind is OutputKind.WEBHOOK:
        url = URL.fullmatch(output.address)
        if url is None or not 1 <= int(url["port"] or 443) <= 65_535:
            return "address", repr(output.address), "a URL such as https://desk.example/warnings"
    elif host_and_port(output.address) is None:
        return "address", repr(output.address), "a host and a port, such as 192.0.2.7:8087"
    if (kind is OutputKind.WEBHOOK) != bool(output.secret_file):
        expected = "the name of a file" if kind is OutputKind.WEBHOOK else "none, as only a webhook has one"
        return "secret_file", repr(output.secret_file), expected
    for key, value in (("sac", output.sac), ("sic", output.sic)):
        if (kind is OutputKind.ASTERIX_UDP) != (value >= 0):
            expected = "0 to 255" if kind is OutputKind.ASTERIX_UDP else "none, as only asterix-udp has one"
            return key, str(value) if value >= 0 else "none", expected
    return None


def sensor_fault(sensor: Sensor) -> tuple[str, str, str] | None:
    """(key, found, expected) of what a schema cannot say about one sensor, None where all is well."""
    if sensor.range_min_m >= sensor.range_max_m:
        expected = f"less than range_max_m, which is {sensor.range_max_m:g}"
        return "range_min_m", f"{sensor.range_min_m:g}", expected
    if sensor.elevation_min_deg >= sensor.elevation_max_deg:
        expected = f"less than elevation_max_deg, which is {sensor.elevation_max_deg:g}"
        return "elevation_min_deg", f"{sensor.elevation_min_deg:g}", expected
    return None


def check_parties(network: Network, parties: tuple[str, ...], hub: str, *, text: str, file: str) -> None:
    """DocumentError unless the members are the parties of the pact, each with a node, the hub without feeds.

    A member that is marked `outside` may be none, and a party of `no_node` may be missing. hub: id of the
    party with that role, empty for none.
    """
    checker = _Checker(text, file)
    for index, feed in enumerate(network.feed):
        if feed.member == hub:
            checker.fail(
                ("feed", index, "member"), found=f"{hub!r}, the hub", expected="a member with sensors"
            )
    for index, entry in enumerate(network.member):
        if entry.id not in parties and not entry.outside:
            known = suggest(entry.id, parties)
            expected = f"a party of the pact: {known}; or outside = true for a member that it does not name"
            checker.fail(("member", index, "id"), found=repr(entry.id), expected=expected)
    members = [entry.id for entry in network.member]
    for party in parties:
        if party not in (*members, *network.no_node):
            expected = f"also {party}, a party of the pact; or no_node = [{party!r}] if it has none here"
            checker.fail(("member",), found=", ".join(members), expected=expected)


class _Checker:
    """What a schema cannot say about a network file."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file

    def fail(self, place: Place, *, found: str, expected: str) -> None:
        raise error_at(self._text, place, file=self._file, found=found, expected=expected)

    def unique(self, table: str, ids: list[str]) -> None:
        for index, name in enumerate(ids):
            if name in ids[:index]:
                self.fail((table, index, "id"), found=f"{name!r} a second time", expected="an id of its own")

    def known(self, place: Place, name: str, names: list[str]) -> None:
        if name not in names:
            self.fail(place, found=repr(name), expected=suggest(name, names))

    def languages(self, index: int, languages: tuple[str, ...]) -> None:
        for row, language in enumerate(languages):
            if language in languages[:row]:
                place: Place = ("member", index, "languages", row)
                self.fail(place, found=f"{language!r} a second time", expected="each language once")

    def mode(self, network: Network) -> None:
        """Nothing recorded, simulated or scripted stands in a LIVE network; a RECORDING is of something."""
        if network.mode is Mode.LIVE:
            scripted = {"recording": network.recording, "target": network.target, "fact": network.fact}
            for table, content in scripted.items():
                if content:
                    place: Place = (table,) if table == "recording" else (table, 0)
                    self.fail(place, found=f"{table} in a LIVE network", expected=NOT_LIVE[table])
        elif network.mode is Mode.RECORDING and network.recording is None:
            expected = "a [recording] to play; nothing that comes live goes into a node of this mode"
            self.fail(("mode",), found="RECORDING without a [recording]", expected=expected)

    def instant(self, place: Place, text: str) -> None:
        try:
            utc_ns(text, where="")
        except InputError as error:
            self.fail(place, found=error.found, expected=error.expected)

    def band(self, index: int, zone: ZoneEntry) -> None:
        if zone.floor_m is not None and zone.ceiling_m is not None and zone.floor_m >= zone.ceiling_m:
            found = f"floor {zone.floor_m:g} m, ceiling {zone.ceiling_m:g} m"
            self.fail(("zone", index, "floor_m"), found=found, expected="a floor below the ceiling")

    def sensors(self, index: int, feed: FeedEntry, known: list[str]) -> None:
        """The sensors of one feed; `known` are the sensors of its member so far, and grows by these."""
        if not feed.sensor:
            self.fail(("feed", index), found="no [[feed.sensor]]", expected="at least one")
        for row, sensor in enumerate(feed.sensor):
            place: Place = ("feed", index, "sensor", row)
            if sensor.id in known:
                self.fail((*place, "id"), found=f"{sensor.id!r} a second time", expected="an id of its own")
            known.append(sensor.id)
            fault = sensor_fault(sensor)
            if fault is not None:
                self.fail((*place, fault[0]), found=fault[1], expected=fault[2])
            if len(known) > SENSORS_MAX:
                self.fail(
                    place, found=f"sensor {len(known)}", expected=f"at most {SENSORS_MAX} at one member"
                )
            if feed.format is FeedFormat.ASTERIX and (sensor.sac < 0 or sensor.sic < 0):
                self.fail(place, found="no sac and sic", expected="both, since the feed speaks ASTERIX")
            if feed.format is FeedFormat.PLOTS and sensor.kind is not SensorKind.RECEIVER:
                self.fail(
                    (*place, "kind"), found=repr(sensor.kind.value), expected="'receiver' in a feed of plots"
                )

    def routes(self, entries: tuple[RouteEntry, ...], members: list[str]) -> None:
        self.unique("route", [entry.id for entry in entries])
        counts = dict.fromkeys(members, 0)
        for index, entry in enumerate(entries):
            self.known(("route", index, "member"), entry.member, members)
            counts[entry.member] += 1
            if counts[entry.member] > ROUTES_MAX:
                found = f"route {counts[entry.member]} of {entry.member}"
                self.fail(("route", index), found=found, expected=f"at most {ROUTES_MAX} of one member")

    def path(self, index: int, target: Target) -> None:
        times = [point.after_s for point in target.waypoint]
        if len(times) < 2:
            self.fail(("target", index), found=f"{len(times)} waypoints", expected="two or more")
        for row in range(1, len(times)):
            if times[row] <= times[row - 1]:
                place: Place = ("target", index, "waypoint", row, "after_s")
                self.fail(
                    place, found=f"{times[row]:g}", expected=f"more than {times[row - 1]:g}, the one before"
                )
