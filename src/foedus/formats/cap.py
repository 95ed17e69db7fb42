"""An alert as a CAP 1.2 message (OASIS Standard, 1 July 2010), valid against the schema of OASIS.

The mode stands where nothing can lose it: in the status, the identifier (and so in file name and references),
the note, at the beginning of every event, headline, description and instruction in that language, and in a
parameter. cap_read.py refuses a message in which these disagree.

The area is the zone: those who should act are in it. The cell where the object was seen is told in text and
as a parameter and is no area of the alert, because it may lie where nobody is threatened.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from foedus.errors import InputError
from foedus.formats import texts
from foedus.formats.alert import Alert, utc
from foedus.formats.cap_words import (
    CATEGORIES_USED,
    NAMESPACE,
    STATUS_OF,
    certainty,
    expires_ns,
    message_type,
    response,
    severity,
    urgency,
)
from foedus.formats.markup import branch, document, leaf

DECIMALS: Final = 6
"""Of a degree: a tenth of a metre; Google's profile takes no more."""

Ring = Sequence[tuple[float, float]]


def write_cap(alert: Alert) -> bytes:
    """The message as canonical UTF-8 XML; InputError without an area, or when it holds no longer than now."""
    issuer = alert.issuer
    status = STATUS_OF[issuer.mode]
    assert (status == "Actual") == (issuer.mode == "LIVE")
    if expires_ns(alert) <= alert.sent_ns:
        raise InputError(where=alert.identifier, found="an end before its time", expected="a later end")
    english = texts.load_texts("en")
    lines = [
        leaf("identifier", alert.identifier),
        leaf("sender", issuer.sender),
        leaf("sent", cap_time(alert.sent_ns)),
        leaf("status", status),
        leaf("msgType", message_type(alert)),
    ]
    if alert.public:
        lines.append(leaf("scope", "Public"))
    else:
        lines.append(leaf("scope", "Restricted"))
        lines.append(leaf("restriction", "Releasable to " + ", ".join(alert.releasable_to)))
    if issuer.mode != "LIVE":
        lines.append(leaf("note", texts.marked(texts.note(alert, english), issuer.mode, english)))
    if alert.earlier:
        lines.append(leaf("references", references(alert)))
    area = _area(alert)
    lines += [_info(alert, texts.load_texts(language), area) for language in issuer.languages]
    return document("alert", NAMESPACE, "".join(lines))


def references(alert: Alert) -> str:
    """Every earlier message as `sender,identifier,sent`, oldest first (CAP 1.2, 3.2.1)."""
    sender = alert.issuer.sender
    return " ".join(f"{sender},{one.identifier},{cap_time(one.sent_ns)}" for one in alert.earlier)


def cap_time(time_ns: int, *, up: bool = False) -> str:
    """The second that holds the instant, or with `up` the next full one.

    CAP 1.2, 3.3.2: no fraction, and never Z: the schema wants -00:00 for UTC.
    """
    moment = utc(time_ns)
    if up and moment.microsecond:
        moment += timedelta(seconds=1)
    return f"{moment:%Y-%m-%dT%H:%M:%S}-00:00"


def _info(alert: Alert, words: texts.Texts, area: str) -> str:
    """What is told in one language."""
    warning = alert.warning
    now = urgency(alert) == "Immediate"
    lines = [
        leaf("language", words.tag, depth=2),
        *[leaf("category", category, depth=2) for category in CATEGORIES_USED],
        leaf("event", texts.event(alert, words), depth=2),
        leaf("responseType", response(alert), depth=2),
        leaf("urgency", urgency(alert), depth=2),
        leaf("severity", severity(alert), depth=2),
        leaf("certainty", certainty(alert), depth=2),
        _pair("eventCode", "foedus:class", warning.track_class),
    ]
    if warning.entry_ns > alert.sent_ns:
        lines.append(leaf("onset", cap_time(warning.entry_ns), depth=2))
    lines += [
        leaf("expires", cap_time(expires_ns(alert), up=True), depth=2),
        leaf("senderName", alert.issuer.name, depth=2),
        leaf("headline", texts.headline(alert, words), depth=2),
        leaf("description", texts.full(alert, words), depth=2),
        leaf("instruction", texts.instruction(alert, words, shelter_now=now), depth=2),
        *[_pair("parameter", f"foedus:{name}", value) for name, value in _parameters(alert)],
        area,
    ]
    return branch("info", "".join(lines))


def _parameters(alert: Alert) -> list[tuple[str, str]]:
    """What a machine may want to know, (name, value); the public gets neither clause nor id between nodes."""
    warning = alert.warning
    south, west = round(warning.lat_cell_deg, 1), round(warning.lon_cell_deg, 1)
    rows = [
        ("mode", alert.issuer.mode),
        ("network", alert.issuer.network),
        ("revision", str(warning.revision)),
        ("state", warning.state),
        ("basis", warning.basis),
        ("probability", str(warning.probability_percent)),
        ("cell", f"{number(south)},{number(west)} {number(south + 0.1)},{number(west + 0.1)}"),
    ]
    if not alert.public:
        rows += [("clause", warning.clause), ("warning", warning.id)]
    if warning.detail is not None:
        rows.append(("earliest", cap_time(warning.detail.earliest_ns)))
        rows.append(("latest", cap_time(warning.detail.latest_ns)))
        rows += [("reason", word) for word in warning.detail.reasons]
    if alert.earlier_left_out:
        rows.append(("references_left_out", str(alert.earlier_left_out)))
    return rows


def _pair(name: str, key: str, value: str, *, depth: int = 2) -> str:
    return branch(
        name, leaf("valueName", key, depth=depth + 1) + leaf("value", value, depth=depth + 1), depth=depth
    )


# ---------------------------------------------------------------- the area


def _area(alert: Alert) -> str:
    """The zone; InputError for none, since a message without an area would be for everyone."""
    rings = rings_of(alert.area.polygon)
    if not rings:
        raise InputError(
            where=alert.identifier,
            found=f"no area for zone {alert.area.zone!r}",
            expected="a polygon of three or more points with an area between them",
        )
    lines = [leaf("areaDesc", alert.area.name, depth=3)]
    lines += [leaf("polygon", _points(ring), depth=3) for ring in rings]
    lines.append(_pair("geocode", "foedus:zone", alert.area.zone, depth=3))
    return branch("area", "".join(lines), depth=2)


def _points(ring: Ring) -> str:
    return " ".join(f"{number(lat)},{number(lon)}" for lat, lon in ring)


def number(value: float) -> str:
    """The number with DECIMALS at most, without an exponent, trailing zeros or a negative zero."""
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rings_of(polygon: Ring) -> list[Ring]:
    """The polygon as closed rings within -180 and 180 degrees of longitude; none if it has no area.

    Sides go the short way round. A polygon across the antimeridian gives a ring on each side of it
    (Sutherland and Hodgman, 1974); one round a pole is not known in a pact.
    """
    if len(polygon) < 3 or not all(math.isfinite(value) for point in polygon for value in point):
        return []
    unrolled = [(polygon[0][0], math.remainder(polygon[0][1], 360.0))]
    for lat, lon in polygon[1:]:
        before = unrolled[-1][1]
        unrolled.append((lat, before + math.remainder(lon - before, 360.0)))
    west, east = min(lon for _, lon in unrolled), max(lon for _, lon in unrolled)
    rings: list[Ring] = []
    for turn in (-360.0, 0.0, 360.0):
        if west + turn < 180.0 and east + turn > -180.0:
            moved = [(lat, lon + turn) for lat, lon in unrolled]
            ring = [
                (round(lat, DECIMALS), round(lon, DECIMALS))
                for lat, lon in _cut(_cut(moved, 180.0, -1), -180.0, 1)
            ]
            ring = [point for index, point in enumerate(ring) if point != ring[index - 1]]
            if _area_deg2(ring) > 0.0:
                rings.append([*ring, ring[0]])
    return rings


def _cut(ring: Ring, lon_deg: float, side: int) -> list[tuple[float, float]]:
    """The part of the ring with side * (longitude - lon_deg) >= 0."""
    kept: list[tuple[float, float]] = []
    for index, (lat, lon) in enumerate(ring):
        lat_before, lon_before = ring[index - 1]
        inside, inside_before = side * (lon - lon_deg) >= 0, side * (lon_before - lon_deg) >= 0
        if inside != inside_before:
            part = (lon_deg - lon_before) / (lon - lon_before)
            kept.append((lat_before + part * (lat - lat_before), lon_deg))
        if inside:
            kept.append((lat, lon))
    return kept


def _area_deg2(ring: Ring) -> float:
    """Area in square degrees, without its sign (shoelace formula)."""
    total = 0.0
    for index, (lat, lon) in enumerate(ring):
        lat_before, lon_before = ring[index - 1]
        total += (lon_before - lon) * (lat_before + lat)
    return abs(total) / 2.0
