"""A network file: members, their sensors and feeds, the recording that plays, the pact in force."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated

import msgspec

from foedus.errors import InputError
from foedus.model import Sensor

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


class MemberEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One party and its node."""

    id: Name
    name: str


class FeedEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stream of bytes into one member's node, with the sensors that speak in it."""

    id: Name
    member: Name
    format: FeedFormat
    sensor: tuple[Sensor, ...]


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


def utc_ns(text: str, *, where: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 time with its offset; InputError if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError(where=where, found=repr(text), expected="a time such as 2018-08-01T11:30:00Z")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000
