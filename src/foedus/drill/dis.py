"""DIS 7 entity states as bytes: how other simulators tell a drill of their objects, and are told of ours.

Layout: IEEE 1278.1-2012, entity state PDU (7.2.2) behind the PDU header (6.2.66), big-endian, 144 octets and
16 more for each variable parameter, which are skipped. Codes are those of SISO-REF-010. A drill reads and
writes positions and motion and nothing else of what DIS can say.

The exercise number and the live-virtual-constructive indicator are read and written, and trusted for nothing:
what keeps a drill out of a live node is that its messages bear the seals of another trust root.
"""

import math
import struct
from collections.abc import Iterator
from typing import Annotated, Final, NamedTuple

import msgspec
import numpy as np

from foedus.errors import WireError
from foedus.geo import ecef_from_geodetic, ecef_to_enu_vector, enu_to_ecef_vector, geodetic_from_ecef
from foedus.limits import DIS_ENTITIES_MAX
from foedus.model import SECOND_NS, TrackClass

VERSION: Final = 7
VERSIONS_READ: Final = (6, 7)
"""Version 6 (IEEE 1278.1a-1998) lays out an entity state alike; two octets after the length are padding."""

ENTITY_STATE: Final = 1
ENTITY_INFORMATION: Final = 1
"""Protocol family of the entity state, SISO-REF-010 UID 5."""

OCTETS: Final = 144
PARAMETER_OCTETS: Final = 16
MARKING_CHARACTERS: Final = 11
ASCII: Final = 1

HOUR_NS: Final = 3_600 * SECOND_NS
UNITS_PER_HOUR: Final = 1 << 31
"""Units of the timestamp, 6.2.88: the past hour in 2^31 parts; bit 0 of the field says absolute time."""

LIVE, VIRTUAL, CONSTRUCTIVE = 1, 2, 3
"""Live-virtual-constructive indicator in bits 1 and 2 of the PDU status, 6.2.67; 0 no statement."""

OTHER: Final = 0
"""Force identifier: a drill does not tell other simulators who is whose."""

PLATFORM, AIR, UNCREWED = 1, 2, 50
"""Entity kind, domain, and the category of uncrewed aircraft, SISO-REF-010."""

STATIC, FIXED_VELOCITY, FIXED_ACCELERATION = 1, 2, 4
"""Dead reckoning models in world coordinates: none, constant velocity, constant acceleration (Annex E)."""

EARTH_RADII_M: Final = (6.0e6, 1.0e8)
"""A place nearer to the centre of the earth, or farther out than objects of a drill go, is a mistake."""
SPEED_M_S_MAX: Final = 2.0e4

_PDU: Final = struct.Struct(">BBBBIHBB HHH BB BBHBBBB BBHBBBB 3f 3d 3f I B15s3f3f B11s I")
assert _PDU.size == OCTETS
_HEADER: Final = struct.Struct(">BBBBIHBB")

Vector = tuple[float, float, float]


class EntityType(NamedTuple):
    """What an object is, by the codes of SISO-REF-010."""

    kind: int
    domain: int
    country: int
    category: int
    subcategory: int
    specific: int
    extra: int


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """One object at one time; earth-centred (ECEF) metres, radians as DIS has them."""

    site: Annotated[int, msgspec.Meta(ge=0, le=65_535)]
    application: Annotated[int, msgspec.Meta(ge=0, le=65_535)]
    number: Annotated[int, msgspec.Meta(ge=0, le=65_535)]
    exercise: Annotated[int, msgspec.Meta(ge=0, le=255)]
    type: EntityType
    position_m: Vector
    velocity_m_s: Vector
    acceleration_m_s2: Vector = (0.0, 0.0, 0.0)
    orientation_rad: Vector = (0.0, 0.0, 0.0)  # psi, theta, phi about the earth-centred axes
    marking: str = ""
    units: int = 0  # of the past hour at which this holds
    absolute: bool = True  # the sender's clock is UTC; else its hour began anywhere
    origin: int = CONSTRUCTIVE
    force: int = OTHER
    model: int = FIXED_VELOCITY

    @property
    def key(self) -> tuple[int, int, int]:
        """Unique in an exercise: site, application, entity."""
        return self.site, self.application, self.number


def entity_type(track_class: TrackClass) -> EntityType:
    """The type under which an object of a drill is told: an air platform, uncrewed or not, no country."""
    category = UNCREWED if track_class is TrackClass.UAS else 0
    return EntityType(PLATFORM, AIR, 0, category, 0, 0, 0)


def units_of(time_ns: int) -> int:
    """The time within its hour in units of a timestamp."""
    return time_ns % HOUR_NS * UNITS_PER_HOUR // HOUR_NS


def time_of(units: int, near_ns: int) -> int:
    """The time with these units of an hour that lies nearest to `near_ns`: a timestamp says no hour."""
    offset_ns = -(-units * HOUR_NS // UNITS_PER_HOUR)
    first_ns = near_ns - near_ns % HOUR_NS + offset_ns - HOUR_NS
    return min((first_ns + k * HOUR_NS for k in range(3)), key=lambda time_ns: abs(time_ns - near_ns))


def encode_entity(entity: Entity) -> bytes:
    """The entity state PDU of version 7, 144 octets."""
    marking = entity.marking.encode("ascii", "replace")[:MARKING_CHARACTERS]
    return _PDU.pack(
        VERSION, entity.exercise, ENTITY_STATE, ENTITY_INFORMATION,
        entity.units << 1 | entity.absolute, OCTETS, entity.origin << 1, 0,
        *entity.key,
        entity.force, 0,
        *entity.type,
        *entity.type,
        *entity.velocity_m_s,
        *entity.position_m,
        *entity.orientation_rad,
        0,
        entity.model, bytes(15), *entity.acceleration_m_s2, 0.0, 0.0, 0.0,
        ASCII, marking,
        0,
    )  # fmt: skip


def decode_entity(data: bytes, *, where: str = "DIS") -> Entity:
    """The entity state in one whole PDU; WireError that says what is wrong with it."""
    if len(data) < OCTETS:
        raise _wrong(where, f"{len(data)} octets", f"{OCTETS} of an entity state")
    (
        version, exercise, kind, family, timestamp, length, status, _,
        site, application, number, force, parameters,
        *rest,
    ) = _PDU.unpack_from(data)  # fmt: skip
    if version not in VERSIONS_READ:
        raise _wrong(where, f"protocol version {version}", "version 6 or 7")
    if (kind, family) != (ENTITY_STATE, ENTITY_INFORMATION):
        raise _wrong(where, f"PDU type {kind} of family {family}", "type 1 of family 1, an entity state")
    whole = OCTETS + PARAMETER_OCTETS * parameters
    if length != whole or len(data) != whole:
        found = f"length {length} in {len(data)} octets"
        raise _wrong(where, found, f"{whole} with {parameters} variable parameters")
    numbers = rest[14:23]
    acceleration = rest[26:29]
    if not all(math.isfinite(value) for value in (*numbers, *acceleration)):
        raise _wrong(where, "a value that is no number", "finite numbers")
    velocity, position, orientation = numbers[0:3], numbers[3:6], numbers[6:9]
    if not EARTH_RADII_M[0] <= math.hypot(*position) <= EARTH_RADII_M[1]:
        raise _wrong(
            where, f"a place {math.hypot(*position):.0f} m from the centre of the earth", "one above it"
        )
    if math.hypot(*velocity) > SPEED_M_S_MAX:
        raise _wrong(where, f"{math.hypot(*velocity):.0f} m/s", f"at most {SPEED_M_S_MAX:.0f} m/s")
    return Entity(
        site=site,
        application=application,
        number=number,
        exercise=exercise,
        type=EntityType(*rest[0:7]),
        position_m=tuple(position),
        velocity_m_s=tuple(velocity),
        acceleration_m_s2=tuple(acceleration),
        orientation_rad=tuple(orientation),
        marking=_text(rest[33]),
        units=timestamp >> 1,
        absolute=bool(timestamp & 1),
        origin=status >> 1 & 3 if version == VERSION else 0,
        force=force,
        model=rest[24],
    )


def split(data: bytes, *, where: str = "DIS") -> Iterator[bytes]:
    """The PDUs one after the other in a datagram or file, each whole; WireError where none begins."""
    at = 0
    while at < len(data):
        if len(data) - at < _HEADER.size:
            raise _wrong(f"{where}: octet {at}", f"{len(data) - at} octets", "a PDU header of 12")
        length = _HEADER.unpack_from(data, at)[5]
        if not _HEADER.size <= length <= len(data) - at:
            raise _wrong(
                f"{where}: octet {at}", f"length {length}", f"12 to the {len(data) - at} that are left"
            )
        yield data[at : at + length]
        at += length


def is_entity_state(pdu: bytes) -> bool:
    """Whether a PDU is of the one kind that a drill reads."""
    return pdu[2:4] == bytes((ENTITY_STATE, ENTITY_INFORMATION))


def advance(entity: Entity, seconds: float) -> Vector:
    """Where the object is after some seconds by its own dead reckoning model; the position in ECEF metres.

    Models other than these three (body axes, rotation) count as constant velocity.
    """
    if entity.model == STATIC:
        return entity.position_m
    half = 0.5 * seconds * seconds if entity.model == FIXED_ACCELERATION else 0.0
    motion = zip(entity.position_m, entity.velocity_m_s, entity.acceleration_m_s2, strict=True)
    x_m, y_m, z_m = (place + speed * seconds + change * half for place, speed, change in motion)
    return x_m, y_m, z_m


class Place(NamedTuple):
    """Where an object is and how it moves, in the local frame."""

    lat_rad: float
    lon_rad: float
    height_m: float
    east_m_s: float
    north_m_s: float
    up_m_s: float


def place_of(position_m: Vector, velocity_m_s: Vector) -> Place:
    """Geodetic position, and velocity as east, north and up, of an earth-centred pair."""
    lat_rad, lon_rad, height_m = geodetic_from_ecef(np.array([position_m]))[0].tolist()
    return Place(lat_rad, lon_rad, height_m, *ecef_to_enu_vector(*velocity_m_s, lat_rad, lon_rad))


def vectors_of(place: Place) -> tuple[Vector, Vector]:
    """(position, velocity) in ECEF metres and metres per second."""
    columns = (np.array([value]) for value in place[:3])
    x_m, y_m, z_m = ecef_from_geodetic(*columns)[0].tolist()
    return (x_m, y_m, z_m), enu_to_ecef_vector(*place[3:], place.lat_rad, place.lon_rad)


class Heard(NamedTuple):
    """The newest state of one object of another simulator, and the time at which it holds."""

    entity: Entity
    time_ns: int


class Listener:
    """What other simulators of one exercise told: the newest state of each object, until it falls silent."""

    HEARTBEAT_NS: Final = 5 * SECOND_NS
    """Every object is told again within this (HBT_ESPDU_MOVING, IEEE 1278.1-2012 Annex C)."""
    SILENT_NS: Final = 12 * SECOND_NS
    """2.4 heartbeats without a word and an object is gone (HBT_TIMEOUT_MPLIER, Annex C)."""

    def __init__(self, exercise: int) -> None:
        self.exercise = exercise
        self._heard: dict[tuple[int, int, int], Heard] = {}
        self._counts: dict[str, int] = {}

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for every PDU that was not taken."""
        return tuple(sorted(self._counts.items()))

    def hear(self, datagram: bytes, now_ns: int) -> None:
        """Take what one datagram says; what cannot be taken is counted by reason."""
        try:
            for pdu in split(datagram):
                if is_entity_state(pdu):
                    self._take(decode_entity(pdu), now_ns)
                else:
                    self._count("PDU of another kind")
        except WireError as error:
            self._count(f"{error.expected} expected")

    def _take(self, entity: Entity, now_ns: int) -> None:
        time_ns = time_of(entity.units, now_ns) if entity.absolute else now_ns
        known = self._heard.get(entity.key)
        if entity.exercise != self.exercise:
            self._count("another exercise")
        elif known is not None and time_ns < known.time_ns:
            self._count("older than what is known")
        elif known is None and len(self._heard) >= DIS_ENTITIES_MAX:
            self._count("more objects than DIS_ENTITIES_MAX")
        else:
            self._heard[entity.key] = Heard(entity, min(time_ns, now_ns))

    def places(self, now_ns: int) -> dict[tuple[int, int, int], Place]:
        """Where each object is now by its dead reckoning, in order of its key; silent ones are forgotten."""
        for key in [key for key, one in self._heard.items() if now_ns - one.time_ns > self.SILENT_NS]:
            del self._heard[key]
        return {
            key: place_of(advance(one.entity, (now_ns - one.time_ns) / SECOND_NS), one.entity.velocity_m_s)
            for key, one in sorted(self._heard.items())
        }

    def _count(self, reason: str) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1


def _text(marking: bytes) -> str:
    return "".join(chr(c) for c in marking if 32 <= c < 127).strip()


def _wrong(where: str, found: str, expected: str) -> WireError:
    return WireError(where=where, found=found, expected=expected)
