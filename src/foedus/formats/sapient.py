"""A member's tracks and warnings as SAPIENT messages for a fusion node.

BSI Flex 335 v2.0 with the message definitions of Dstl as the package `sapient-msg` ships them (extra
`foedus[sapient]`). Positions are latitude and longitude in degrees on the WGS-84 ellipsoid, velocities metres
per second. The standard has no field for mode or label: they stand in `object_info` of a detection and in the
text of an alert, and `additional_information` of every message begins with the mode.
"""

import hashlib
import math
from collections.abc import Iterator
from typing import Any, Final

from sapient_msg.bsi_flex_335_v2_0 import (
    alert_pb2,
    location_pb2,
    registration_pb2,
    sapient_message_pb2,
    status_report_pb2,
    velocity_pb2,
)

from foedus.formats.areas import CELLS_PER_DEGREE, cell
from foedus.formats.times import instant
from foedus.model import SECOND_NS, Identity, TrackClass, TrackStatus, unpack_callsign
from foedus.view import Marking, Outgoing, WarningView

ICD_VERSION: Final = "BSI Flex 335 v2.0"
STATUS_S: Final = 5.0
"""How often a status report is promised in the registration."""
SPOKEN: Final = {"LIVE": "LIVE", "EXERCISE": "EXERCISE EXERCISE EXERCISE", "RECORDING": "TEST TEST TEST"}
METRES_PER_DEGREE: Final = 111_195.0  # of a great circle on the mean sphere
CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_DEGREES = location_pb2.LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M
_ELLIPSOID = location_pb2.LOCATION_DATUM_WGS84_E
Message = sapient_message_pb2.SapientMessage


def node_id(outgoing: Outgoing) -> str:
    """The UUID of a member's node in one mode, always the same, from its name (RFC 9562, 5.8)."""
    octets = bytearray(hashlib.sha256(f"foedus/{outgoing.mode}/{outgoing.member}".encode()).digest()[:16])
    octets[6] = octets[6] & 0x0F | 0x80  # version 8: by a rule of one's own
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def ulid(*about: str, time_ns: int = 0) -> str:
    """A ULID of this time whose random part is a digest of what it is about; the same for the same."""
    digest = hashlib.sha256("\x00".join(about).encode()).digest()[:10]
    number = time_ns // 1_000_000 << 80 | int.from_bytes(digest, "big")
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -5, -5))


def object_id(outgoing: Outgoing, number: int) -> str:
    """The ULID of a track, the same in all its reports; its time part is 0, as it must not change."""
    return ulid(outgoing.mode, outgoing.member, "track", str(number))


def frame(message: Any) -> bytes:
    """The message as it travels over TCP: its length in four octets, the lowest first, then itself."""
    data: bytes = message.SerializeToString(deterministic=True)
    return len(data).to_bytes(4, "little") + data


def registration(outgoing: Outgoing) -> Any:
    """What a node says first: a fusion node that reports tracks in one mode and takes no tasks."""
    node = registration_pb2.Registration
    message = _message(outgoing)
    said = message.registration
    said.node_definition.add(node_type=node.NODE_TYPE_FUSION_NODE)
    said.icd_version = ICD_VERSION
    said.name = f"foedus {outgoing.member} {outgoing.mode}"
    said.short_name = outgoing.member
    said.capabilities.add(category="Tracks", type="Surveillance picture")
    said.status_definition.status_interval.units = node.TIME_UNITS_SECONDS
    said.status_definition.status_interval.value = STATUS_S
    mode = said.mode_definition.add(
        mode_name=outgoing.mode,
        mode_type=node.MODE_TYPE_PERMANENT,
        tracking_type=node.TRACKING_TYPE_TRACK,
    )
    mode.settle_time.units = node.TIME_UNITS_SECONDS
    mode.settle_time.value = 0.0
    detection = mode.detection_definition.add()
    detection.location_type.location_units = _DEGREES
    detection.location_type.location_datum = _ELLIPSOID
    detection.velocity_type.enu_velocity_units.east_north_rate_units = velocity_pb2.SPEED_UNITS_MS
    detection.velocity_type.enu_velocity_units.up_rate_units = velocity_pb2.SPEED_UNITS_MS
    detection.velocity_type.location_datum = _ELLIPSOID
    mode.task.concurrent_tasks = 0
    region = mode.task.region_definition  # mandatory, though no task is taken
    region.region_type.append(node.REGION_TYPE_AREA_OF_INTEREST)
    area = region.region_area.add()
    area.location_units = _DEGREES
    area.location_datum = _ELLIPSOID
    said.config_data.add(manufacturer="foedus", model="node")
    return message


def status_report(outgoing: Outgoing) -> Any:
    """A sign of life."""
    message = _message(outgoing)
    said = message.status_report
    said.report_id = ulid(outgoing.mode, outgoing.member, "status", time_ns=outgoing.time_ns)
    said.system = status_report_pb2.StatusReport.SYSTEM_OK
    said.info = status_report_pb2.StatusReport.INFO_NEW
    said.mode = outgoing.mode
    return message


def detection_report(outgoing: Outgoing, row: int, marking: Marking) -> Any:
    """One track; velocity, height and identification where they are known."""
    tracks = outgoing.tracks
    number, time_ns = int(tracks.number[row]), int(tracks.time_ns[row])
    message = _message(outgoing, time_ns)
    said = message.detection_report
    said.report_id = ulid(outgoing.mode, outgoing.member, str(number), time_ns=time_ns)
    said.object_id = object_id(outgoing, number)
    _locate(said.location, outgoing, row)
    _move(said, outgoing, row)
    said.classification.add(type="Air Vehicle")
    callsign = unpack_callsign(int(tracks.callsign[row]))
    if callsign:
        said.id = callsign
    for kind, value in _object_info(outgoing, row, marking):
        said.object_info.add(type=kind, value=value)
    if tracks.status[row] == TrackStatus.COASTING:
        said.state = "coasting"
    return message


def alert(outgoing: Outgoing, warning: WarningView) -> Any:
    """A warning: active until it is cancelled or has expired, at the middle of its cell."""
    message = _message(outgoing)
    said = message.alert
    said.alert_id = ulid(
        outgoing.mode, outgoing.member, warning.direction, warning.id, time_ns=warning.raised_ns
    )
    kinds = alert_pb2.Alert
    said.alert_type = kinds.ALERT_TYPE_WARNING
    over = warning.state in ("cancelled", "expired")
    said.status = kinds.ALERT_STATUS_CLEAR if over else kinds.ALERT_STATUS_ACTIVE
    said.description = (
        f"{SPOKEN[outgoing.mode]} - {warning.track_class} heading for {warning.zone},"
        f" {instant(warning.entry_ns)}, {warning.state}"
    )
    corners = cell(warning.lat_cell_deg, warning.lon_cell_deg)
    said.location.x, said.location.y = (sum(one) / len(corners) for one in zip(*corners, strict=True))
    said.location.x_error = said.location.y_error = 0.5 / CELLS_PER_DEGREE
    said.location.coordinate_system = _DEGREES
    said.location.datum = _ELLIPSOID
    said.priority = kinds.DISCRETE_PRIORITY_HIGH
    said.confidence = warning.probability_percent / 100
    parties = " ".join(dict.fromkeys((outgoing.member, warning.party)))
    said.additional_information = (
        f"mode {outgoing.mode}; REL TO {parties}; clause {warning.clause}; {warning.basis};"
        f" revision {warning.revision}"
    )
    return message


def messages(outgoing: Outgoing) -> Iterator[Any]:
    """A registration, a status, then all tracks and warnings: what a new connection is told."""
    yield registration(outgoing)
    yield status_report(outgoing)
    for row, marking in enumerate(outgoing.markings()):
        yield detection_report(outgoing, row, marking)
    for warning in outgoing.warnings:
        yield alert(outgoing, warning)


# ---------------------------------------------------------------- parts of a message


def _message(outgoing: Outgoing, time_ns: int | None = None) -> Any:
    message = Message(
        node_id=node_id(outgoing),
        additional_information=f"{SPOKEN[outgoing.mode]} - member {outgoing.member}, pact {outgoing.pact}",
    )
    at_ns = outgoing.time_ns if time_ns is None else time_ns
    message.timestamp.seconds, message.timestamp.nanos = divmod(at_ns, SECOND_NS)
    return message


def _locate(location: Any, outgoing: Outgoing, row: int) -> None:
    """Position with one sigma per axis, in degrees and metres."""
    tracks = outgoing.tracks
    lat_rad, height_m = float(tracks.lat_rad[row]), float(tracks.height_m[row])
    sigma_deg = float(tracks.position_sigma_m[row]) / METRES_PER_DEGREE
    location.x = (math.degrees(tracks.lon_rad[row]) + 180.0) % 360.0 - 180.0
    location.y = math.degrees(lat_rad)
    location.x_error = min(sigma_deg / max(math.cos(lat_rad), 1e-6), 180.0)
    location.y_error = sigma_deg
    if math.isfinite(height_m):
        location.z = height_m
        location.z_error = float(tracks.height_sigma_m[row])
    location.coordinate_system = _DEGREES
    location.datum = _ELLIPSOID


def _move(report: Any, outgoing: Outgoing, row: int) -> None:
    """Velocity, where it is known."""
    tracks = outgoing.tracks
    east, north = float(tracks.velocity_east_m_s[row]), float(tracks.velocity_north_m_s[row])
    if not math.isfinite(east + north):
        return
    velocity = report.enu_velocity
    velocity.east_rate, velocity.north_rate = east, north
    velocity.east_rate_error = velocity.north_rate_error = float(tracks.velocity_sigma_m_s[row])
    if math.isfinite(tracks.velocity_up_m_s[row]):
        velocity.up_rate = float(tracks.velocity_up_m_s[row])


def _object_info(outgoing: Outgoing, row: int, marking: Marking) -> list[tuple[str, str]]:
    tracks = outgoing.tracks
    icao24, mode_a = int(tracks.icao24[row]), int(tracks.mode_a[row])
    info = [
        ("mode", outgoing.mode),
        ("releasable_to", " ".join(marking.parties)),
        ("clauses", " ".join(marking.clauses)),
        ("class", TrackClass(int(tracks.track_class[row])).name.lower()),
        ("identity", Identity(int(outgoing.identity[row])).name.lower()),
        ("icao24", f"{icao24:06x}" if icao24 >= 0 else ""),
        ("mode_a", f"{mode_a:04o}" if mode_a >= 0 else ""),
    ]
    return [(kind, value) for kind, value in info if value]
