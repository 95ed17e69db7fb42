"""A drill file: the network, the truth, links and people of an exercise, in TOML under a closed schema.

Always an exercise: there is no key for a mode. Seconds count from `start`, which is an invented instant.
`parse_drill` is pure; a script in a file of its own is read by its caller and handed in.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from foedus.limits import DRILL_FLIGHTS_MAX, DRILL_INJECTS_MAX, DRILL_TARGETS_MAX, MEMBERS_MAX, ZONES_MAX
from foedus.model import Sensor, TrackClass
from foedus.network import FactEntry, Latitude, Longitude, MemberEntry, Name, Waypoint
from foedus.pact.clauses import Zone
from foedus.pact.meaning.situation import UNATTRIBUTED, EventAtom, ObjectAtom

AtS = Annotated[float, msgspec.Meta(ge=0, le=604_800)]
"""Seconds from the start of the drill; a week at most."""

Delay = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One invented sensor and whose it is; its feed carries its id.

    sees: classes that it detects at all, for drone detection; none: every class.
    """

    member: Name
    sensor: Sensor
    sees: tuple[TrackClass, ...] = ()


class Arc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plain parabola from one point on the ground to another; a stylised curve of no real thing."""

    from_lat_deg: Latitude
    from_lon_deg: Longitude
    to_lat_deg: Latitude
    to_lon_deg: Longitude
    lasts_s: Annotated[float, msgspec.Meta(gt=0, le=7_200)]
    top_m: Annotated[float, msgspec.Meta(gt=0, le=500_000)]


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scripted object: a path through waypoints, or an arc. Class and owner are known to truth alone.

    at_s: when it appears; left out: when an inject says so. address: the 24-bit address of one that answers
    interrogations. only: a ghost, false echoes of these sensors and nothing that flies.
    """

    id: Name
    track_class: TrackClass = msgspec.field(name="class")
    by: str = UNATTRIBUTED
    event: str = ""
    at_s: float | None = None
    waypoint: tuple[Waypoint, ...] = ()
    arc: Arc | None = None
    address: str = ""
    only: tuple[str, ...] = ()


class Cue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who learns of an event by means outside the network, and how long after it."""

    party: Name
    after_s: Delay


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event in the words of a situation; people apply the pact to it.

    attributed_after_s: when people can name the attacker; left out: never in this drill. over_after_s: when
    whoever declared a casus for it declares that it is over; left out: not in this drill.
    """

    id: Name
    at_s: AtS
    attacker: str
    victim: str
    event: EventAtom = "attack"
    object: ObjectAtom = "land"
    region: str | None = None
    host: str | None = None
    track_class: TrackClass = msgspec.field(name="class", default=TrackClass.UNIDENTIFIED)
    attributed_after_s: float | None = None
    over_after_s: float | None = None
    cue: tuple[Cue, ...] = ()
    says: str = ""


class Traffic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Background: aircraft that answer, generated inside a box."""

    flights: Annotated[int, msgspec.Meta(ge=0, le=DRILL_FLIGHTS_MAX)] = 0
    south_deg: Latitude = 0.0
    north_deg: Latitude = 0.0
    west_deg: Longitude = 0.0
    east_deg: Longitude = 0.0
    height_m_min: Annotated[float, msgspec.Meta(ge=0, le=20_000)] = 8_000.0
    height_m_max: Annotated[float, msgspec.Meta(ge=0, le=20_000)] = 12_000.0
    speed_m_s: Annotated[float, msgspec.Meta(gt=0, le=400)] = 230.0


class Quality(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a link carries messages. Delay: least_s and an exponential tail with that mean on top of it."""

    least_s: Delay = 0.05
    tail_s: Delay = 0.05
    loss: Annotated[float, msgspec.Meta(ge=0, le=0.99)] = 0.0
    duplicate: Share = 0.0


class Between(Quality, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The quality of one link, both ways."""

    a: Name
    b: Name


class LinkTable(Quality, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The quality of all links, of some in particular, and how long a sender waits before it sends again."""

    retry_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 1.0
    between: tuple[Between, ...] = ()


class Delays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long people take, in the middle; drawn times spread round these by a factor.

    spread: standard deviation of the logarithm. All stylised: no source gives such numbers for a pact.
    """

    show_s: Delay = 1.0
    acknowledge_s: Delay = 30.0
    classify_s: Delay = 40.0
    declare_s: Delay = 60.0
    spread: Annotated[float, msgspec.Meta(ge=0, le=3)] = 0.3


class Cell(Delays, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The people of one member."""

    member: Name


class People(Delays, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The people of all members, and of some in particular."""

    at: tuple[Cell, ...] = ()


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a picture suffices to know of a threat to a zone; the measure of a clause that warns."""

    horizon_s: Annotated[float, msgspec.Meta(gt=0, le=7_200)] = 600.0
    probability: Annotated[float, msgspec.Meta(ge=0.01, le=1)] = 0.5


class Objective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One objective and the measure that rates it, in the letters of HSEEP (2020), exercise evaluation guide.

    P performed without challenges, S with some, M with major ones, U unable to be performed. Each number is
    the worst value that still earns the letter; what is worse than M is U.
    """

    id: Name
    says: str
    measure: str
    p: float
    s: float
    m: float


class Inject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the script, a Master Scenario Events List (HSEEP 2020): who gives whom what, and when.

    time_s: earliest time; left out: only as the contingency of another. event: synopsis. inject: what the
    simulator does, in the words of docs/drill.md, empty for what people only read. condition: holds before it
    is played. contingency: number of the inject that is played in its place once the condition cannot come
    true any more.
    """

    number: str
    time_s: float | None = None
    event: str = ""
    inject: str = ""
    method: str = ""
    sender: str = msgspec.field(name="from", default="white cell")
    to: str = "all"
    expected: str = ""
    objective: str = ""
    notes: str = ""
    condition: str = ""
    contingency: str = ""


class Drill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole drill file."""

    foedus: Literal[1]
    drill: Name
    title: str
    start: datetime
    lasts_s: Annotated[float, msgspec.Meta(gt=0, le=604_800)]
    tick_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 5.0
    note: str = ""
    assume_in_force: bool = False
    """Play each pact as if every approval were given and its dates held; the question is then its terms."""
    member: Annotated[tuple[MemberEntry, ...], msgspec.Meta(min_length=1, max_length=MEMBERS_MAX)]
    site: tuple[Site, ...]
    zone: Annotated[tuple[Zone, ...], msgspec.Meta(max_length=ZONES_MAX)]
    target: Annotated[tuple[Target, ...], msgspec.Meta(max_length=DRILL_TARGETS_MAX)] = ()
    event: tuple[Event, ...] = ()
    traffic: Traffic = Traffic()
    links: LinkTable = LinkTable()
    people: People = People()
    measure: Measure = Measure()
    fact: tuple[FactEntry, ...] = ()
    objective: tuple[Objective, ...] = ()
    msel: str = ""
    """The script in a CSV file beside this one; else it stands in [[inject]] tables."""
    inject: Annotated[tuple[Inject, ...], msgspec.Meta(max_length=DRILL_INJECTS_MAX)] = ()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what file and script say, not of how they are laid out."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()
