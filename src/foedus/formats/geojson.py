"""A member's picture as GeoJSON: tracks as points, warnings as polygons.

RFC 7946: longitude before latitude on WGS-84 (section 4), height as third value (3.1.1), outer rings
counter-clockwise (3.1.6), areas across the antimeridian cut in two (3.1.9). Foreign members (6.1) carry mode,
member, pact and time. Properties name their unit; a value that is unknown is null.
"""

import math
from typing import Any

import msgspec

from foedus.formats.areas import cell, rings
from foedus.formats.times import instant
from foedus.model import Identity, TrackClass, TrackStatus, unpack_callsign
from foedus.view import Marking, Outgoing, WarningView


class Geometry(msgspec.Struct, frozen=True):
    """Point, Polygon or MultiPolygon with its coordinates."""

    type: str
    coordinates: Any


class TrackProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the position of a track."""

    kind: str = "track"
    mode: str
    member: str
    number: int
    time: str
    status: str
    track_class: str
    identity: str
    callsign: str | None
    icao24: str | None  # six hexadecimal digits
    mode_a: str | None  # four octal digits
    height_m: float | None  # above the WGS-84 ellipsoid
    speed_m_s: float | None
    course_deg: float | None  # clockwise from true north
    climb_m_s: float | None
    position_sigma_m: float | None
    height_sigma_m: float | None
    velocity_sigma_m_s: float | None
    releasable_to: tuple[str, ...]
    clauses: tuple[str, ...]


class WarningProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the area of a warning."""

    kind: str = "warning"
    mode: str
    member: str
    warning: str
    direction: str
    party: str
    zone: str
    clause: str
    state: str
    revision: int
    track_class: str
    raised: str
    entry: str
    expires: str
    probability_percent: int
    basis: str  # confirmed, unconfirmed, person
    releasable_to: tuple[str, ...]


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One object."""

    type: str = "Feature"
    id: str
    geometry: Geometry
    properties: TrackProperties | WarningProperties


class FeatureCollection(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a member may hand on at one time."""

    type: str = "FeatureCollection"
    mode: str
    member: str
    pact: str
    time: str
    features: tuple[Feature, ...]


def encode_geojson(outgoing: Outgoing) -> bytes:
    """The picture as one FeatureCollection, tracks by number, then warnings; equal views give equal bytes."""
    tracks = [_track(outgoing, row, marking) for row, marking in enumerate(outgoing.markings())]
    warnings = [_warning(outgoing, warning) for warning in outgoing.warnings]
    return msgspec.json.encode(
        FeatureCollection(
            mode=outgoing.mode,
            member=outgoing.member,
            pact=outgoing.pact,
            time=instant(outgoing.time_ns),
            features=(*tracks, *warnings),
        )
    )


def _track(outgoing: Outgoing, row: int, marking: Marking) -> Feature:
    tracks = outgoing.tracks
    number, icao24, mode_a = int(tracks.number[row]), int(tracks.icao24[row]), int(tracks.mode_a[row])
    lat_deg = round(math.degrees(tracks.lat_rad[row]), 7)
    lon_deg = round((math.degrees(tracks.lon_rad[row]) + 180.0) % 360.0 - 180.0, 7)
    height_m = _known(tracks.height_m[row])
    east, north = float(tracks.velocity_east_m_s[row]), float(tracks.velocity_north_m_s[row])
    position = (lon_deg, lat_deg) if height_m is None else (lon_deg, lat_deg, height_m)
    return Feature(
        id=f"{outgoing.mode}-{outgoing.member}-{number}",
        geometry=Geometry("Point", position),
        properties=TrackProperties(
            mode=outgoing.mode,
            member=outgoing.member,
            number=number,
            time=instant(int(tracks.time_ns[row])),
            status=TrackStatus(int(tracks.status[row])).name.lower(),
            track_class=TrackClass(int(tracks.track_class[row])).name.lower(),
            identity=Identity(int(outgoing.identity[row])).name.lower(),
            callsign=unpack_callsign(int(tracks.callsign[row])) or None,
            icao24=f"{icao24:06x}" if icao24 >= 0 else None,
            mode_a=f"{mode_a:04o}" if mode_a >= 0 else None,
            height_m=height_m,
            speed_m_s=_known(math.hypot(east, north)),
            course_deg=_known(math.degrees(math.atan2(east, north)) % 360.0),
            climb_m_s=_known(tracks.velocity_up_m_s[row]),
            position_sigma_m=_known(tracks.position_sigma_m[row]),
            height_sigma_m=_known(tracks.height_sigma_m[row]),
            velocity_sigma_m_s=_known(tracks.velocity_sigma_m_s[row]),
            releasable_to=marking.parties,
            clauses=marking.clauses,
        ),
    )


def _known(value: float) -> float | None:
    return round(float(value), 2) if math.isfinite(value) else None


def _warning(outgoing: Outgoing, warning: WarningView) -> Feature:
    area = rings(cell(warning.lat_cell_deg, warning.lon_cell_deg))
    geometry = (
        Geometry("Polygon", area) if len(area) == 1 else Geometry("MultiPolygon", [[ring] for ring in area])
    )
    return Feature(
        id=f"{outgoing.mode}-{outgoing.member}-W-{warning.direction}-{warning.id}",
        geometry=geometry,
        properties=WarningProperties(
            mode=outgoing.mode,
            member=outgoing.member,
            warning=warning.id,
            direction=warning.direction,
            party=warning.party,
            zone=warning.zone,
            clause=warning.clause,
            state=warning.state,
            revision=warning.revision,
            track_class=warning.track_class,
            raised=instant(warning.raised_ns),
            entry=instant(warning.entry_ns),
            expires=instant(warning.expires_ns),
            probability_percent=warning.probability_percent,
            basis=warning.basis,
            releasable_to=tuple(dict.fromkeys((outgoing.member, warning.party))),
        ),
    )
