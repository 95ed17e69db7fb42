"""A member's picture as Cursor-on-Target events (version 2.0), for TAK servers and clients.

Sources: MITRE, Cursor on Target, Event schema 2.0 (attributes and point), and the public tree of CoT types.
The label stands in a child of `<detail>`, since servers rewrite events and drop event attributes that they
do not know, `opex` among them; a server enforces nothing, so filter before sending
(`view.Outgoing.releasable_to`). An exercise and a recording show in the uid, so that they can never update an
object of live traffic, in the callsign, in the remarks, in the label and in `opex`.
"""

import math
from typing import Final

from foedus.formats.areas import cell
from foedus.formats.markup import attribute_of, text_of
from foedus.formats.times import instant
from foedus.model import SECOND_NS, Identity, TrackClass, TrackStatus, unpack_callsign
from foedus.view import Marking, Outgoing, WarningView

UNKNOWN: Final = 9_999_999.0
"""Height or accuracy that is not known, as the Event schema spells it."""

STALE_NS: Final = 60 * SECOND_NS
"""An event holds for as long as a picture keeps a track that nobody renews (partners.ROW_AGE_MAX_NS)."""

AFFILIATION: Final = dict(zip(Identity, "puafnsh", strict=True))
"""Second part of the type. It is what an authority of the member declared, and nothing else."""

AIR: Final = "A"
DIMENSION: Final = {TrackClass.UAS: "A-M-F-Q"}
"""What follows the affiliation. A class says whether a track answers and what it is, not whether it is civil
or military nor what kind of wing it has, so all are air tracks; the tree has one place for uncrewed aircraft,
below military fixed wing, and displays draw it as such."""

OPEX: Final = {"LIVE": "o", "EXERCISE": "e", "RECORDING": "s"}
SPOKEN: Final = {"LIVE": "", "EXERCISE": "EXERCISE", "RECORDING": "TEST"}
"""The word that stands before every callsign and remark."""

ENDED: Final = ("cancelled", "expired")
DELETE: Final = "t-x-d-d"
POLYGON: Final = "u-d-f"


def track_uid(outgoing: Outgoing, number: int) -> str:
    """The uid of a track: of one object in one mode at one member, for the life of the track."""
    return f"foedus-{outgoing.mode}-{outgoing.member}-{number}"


def warning_uid(outgoing: Outgoing, warning: WarningView) -> str:
    """The uid of a warning."""
    return f"foedus-{outgoing.mode}-{outgoing.member}-W-{warning.direction}-{warning.id}"


def track_event(outgoing: Outgoing, row: int, marking: Marking) -> bytes:
    """One track as an event of type a-AFFILIATION-A, time that of its estimate, how m-f (machine, fused).

    hae is metres above the ellipsoid; ce and le are one sigma. Course and speed where the velocity is known.
    """
    tracks = outgoing.tracks
    number, time_ns = int(tracks.number[row]), int(tracks.time_ns[row])
    track_class = TrackClass(int(tracks.track_class[row]))
    identity = Identity(int(outgoing.identity[row]))
    callsign = unpack_callsign(int(tracks.callsign[row])) or f"{outgoing.member} {number}"
    label = {
        "identity": identity.name.lower(),
        "class": track_class.name.lower(),
        "status": TrackStatus(int(tracks.status[row])).name.lower(),
        "relto": " ".join(marking.parties),
        "clause": " ".join(marking.clauses),
    }
    remarks = f"{label['class']}, {label['identity']}. REL TO {', '.join(marking.parties)}"
    return _event(
        outgoing,
        uid=track_uid(outgoing, number),
        kind=f"a-{AFFILIATION[identity]}-{DIMENSION.get(track_class, AIR)}",
        how="m-f",
        times_ns=(time_ns, time_ns, time_ns + STALE_NS),
        point=_track_point(outgoing, row),
        callsign=callsign,
        remarks=remarks,
        label=label,
        more=_velocity(outgoing, row),
    )


def warning_event(outgoing: Outgoing, warning: WarningView) -> bytes:
    """A warning as a polygon round its cell, until it expires; its end as a deletion of that polygon."""
    if warning.state in ENDED:
        return delete_event(outgoing, warning_uid(outgoing, warning))
    corners = cell(warning.lat_cell_deg, warning.lon_cell_deg)
    links = "".join(f'<link point="{lat:.6f},{lon:.6f}"/>' for lon, lat in [*corners, corners[0]])
    middle_deg = [sum(values) / len(corners) for values in zip(*corners, strict=True)]
    label = {
        "warning": warning.id,
        "state": warning.state,
        "revision": str(warning.revision),
        "direction": warning.direction,
        "class": warning.track_class,
        "zone": warning.zone,
        "entry": instant(warning.entry_ns),
        "probability": str(warning.probability_percent),
        "basis": warning.basis,
        "relto": " ".join(dict.fromkeys((outgoing.member, warning.party))),
        "clause": warning.clause,
    }
    remarks = (
        f"{warning.track_class} heading for {warning.zone}, {instant(warning.entry_ns)},"
        f" {warning.probability_percent} per cent, {warning.basis}, {warning.state}"
    )
    return _event(
        outgoing,
        uid=warning_uid(outgoing, warning),
        kind=POLYGON,
        how="m-g",
        times_ns=(outgoing.time_ns, warning.raised_ns, warning.expires_ns),
        point=_point(middle_deg[1], middle_deg[0], UNKNOWN, UNKNOWN, UNKNOWN),
        callsign=f"Warning {warning.zone}",
        remarks=remarks,
        label=label,
        more=links,
    )


def delete_event(outgoing: Outgoing, uid: str) -> bytes:
    """An event that takes an object off the displays."""
    time_ns = outgoing.time_ns
    return _event(
        outgoing,
        uid=f"{uid}-end",
        kind=DELETE,
        how="m-g",
        times_ns=(time_ns, time_ns, time_ns + STALE_NS),
        point=_point(0.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN),
        callsign=uid,
        remarks="ended",
        label={},
        more=f'<link uid={_quoted(uid)} relation="none" type="none"/><__forcedelete/>',
    )


class CotStream:
    """What one TAK connection has been told, so that only news goes out; a new connection needs a new one."""

    def __init__(self) -> None:
        self._tracks: dict[int, int] = {}  # number -> time of the estimate
        self._warnings: dict[str, tuple[int, str]] = {}  # id -> (revision, state)

    def update(self, outgoing: Outgoing) -> list[bytes]:
        """Events for what is newer than what was told; what is gone from the picture is deleted."""
        events = []
        markings = outgoing.markings()
        present = dict(zip(outgoing.tracks.number.tolist(), outgoing.tracks.time_ns.tolist(), strict=True))
        for row, (number, time_ns) in enumerate(present.items()):
            if self._tracks.get(number, -1) < time_ns:
                events.append(track_event(outgoing, row, markings[row]))
        events += [
            delete_event(outgoing, track_uid(outgoing, number))
            for number in self._tracks
            if number not in present
        ]
        self._tracks = present
        told = {f"{one.direction}/{one.id}": (one.revision, one.state) for one in outgoing.warnings}
        for key, warning in zip(told, outgoing.warnings, strict=True):
            if self._warnings.get(key) != told[key] and (key in self._warnings or warning.state not in ENDED):
                events.append(warning_event(outgoing, warning))
        self._warnings = told
        return events


# ---------------------------------------------------------------- parts of an event


def _event(
    outgoing: Outgoing,
    *,
    uid: str,
    kind: str,
    how: str,
    times_ns: tuple[int, int, int],
    point: str,
    callsign: str,
    remarks: str,
    label: dict[str, str],
    more: str,
) -> bytes:
    spoken = SPOKEN[outgoing.mode]
    time, start, stale = (instant(one) for one in times_ns)
    head = {"mode": outgoing.mode, "member": outgoing.member, "pact": outgoing.pact, **label}
    attributes = " ".join(f"{name}={_quoted(value)}" for name, value in head.items())
    said = f"{spoken} {spoken} {spoken} - {remarks}" if spoken else remarks
    return (
        f'<event version="2.0" uid={_quoted(uid)} type="{kind}" how="{how}" time="{time}" start="{start}"'
        f' stale="{stale}" opex="{OPEX[outgoing.mode]}">{point}<detail>'
        f"<contact callsign={_quoted(f'{spoken} {callsign}'.strip())}/>{more}"
        f"<_foedus_ {attributes}/><remarks>{text_of(said)}</remarks></detail></event>"
    ).encode()


def _track_point(outgoing: Outgoing, row: int) -> str:
    tracks = outgoing.tracks
    return _point(
        float(tracks.lat_rad[row]) * (180.0 / math.pi),
        (float(tracks.lon_rad[row]) * (180.0 / math.pi) + 180.0) % 360.0 - 180.0,
        _known(float(tracks.height_m[row])),
        _known(float(tracks.position_sigma_m[row])),
        _known(float(tracks.height_sigma_m[row])),
    )


def _known(value: float) -> float:
    return value if abs(value) < UNKNOWN else UNKNOWN  # NaN is not


def _point(lat_deg: float, lon_deg: float, hae_m: float, ce_m: float, le_m: float) -> str:
    return (
        f'<point lat="{lat_deg:.7f}" lon="{lon_deg:.7f}" hae="{hae_m:.1f}" ce="{ce_m:.1f}" le="{le_m:.1f}"/>'
    )


def _velocity(outgoing: Outgoing, row: int) -> str:
    east = float(outgoing.tracks.velocity_east_m_s[row])
    north = float(outgoing.tracks.velocity_north_m_s[row])
    speed_m_s = math.hypot(east, north)
    if not math.isfinite(speed_m_s):
        return ""
    course_deg = round(math.degrees(math.atan2(east, north)) % 360.0, 2) % 360.0
    return f'<track course="{course_deg:.2f}" speed="{speed_m_s:.2f}"/>'


def _quoted(text: str) -> str:
    return f'"{attribute_of(text)}"'
