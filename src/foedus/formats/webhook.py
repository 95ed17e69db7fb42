"""Changes of warnings as signed webhooks, and the check that a receiver makes of one.

Source: Standard Webhooks specification 1.0. Headers webhook-id, webhook-timestamp and webhook-signature; the
symmetric signature v1 is HMAC-SHA256 over "id.timestamp.body" in base64; a secret is whsec_ and base64.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from foedus.errors import InputError
from foedus.formats.times import instant
from foedus.view import Outgoing, WarningView

KEY_PREFIX: Final = "whsec_"
SECRET_BYTES_MIN: Final = 24
SECRET_BYTES_MAX: Final = 64
"""Both from the specification, section on signature schemes."""

TOLERANCE_S: Final = 300
"""How far the time of a message may lie from the receiver's clock: the usual five minutes."""

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
FAMILY: Final = {"LIVE": "warning", "EXERCISE": "exercise.warning", "RECORDING": "test.warning"}
"""First part of the event type, so that a receiver that asks for live warnings never gets a drill."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What the body of a webhook says of a warning; times RFC 3339, the cell by its south-west corner."""

    mode: str
    member: str
    pact: str
    warning: str
    direction: str  # received, sent, own
    party: str
    releasable_to: tuple[str, ...]  # the member, then the party that knows of it
    zone: str
    clause: str
    state: str
    revision: int
    track_class: str
    lat_cell_deg: float
    lon_cell_deg: float
    raised: str
    entry: str
    expires: str
    probability_percent: int
    basis: str  # confirmed, unconfirmed, person


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a webhook: type, time and data, as the specification asks for."""

    type: str
    timestamp: str
    data: Subject


class WebhookMessage(NamedTuple):
    """One message; `id` is the same at every try, so that a receiver can tell a repetition."""

    id: str
    body: bytes


def message_of(outgoing: Outgoing, warning: WarningView) -> WebhookMessage:
    """The message for one revision of a warning."""
    subject = Subject(
        mode=outgoing.mode,
        member=outgoing.member,
        pact=outgoing.pact,
        warning=warning.id,
        direction=warning.direction,
        party=warning.party,
        releasable_to=tuple(dict.fromkeys((outgoing.member, warning.party))),
        zone=warning.zone,
        clause=warning.clause,
        state=warning.state,
        revision=warning.revision,
        track_class=warning.track_class,
        lat_cell_deg=warning.lat_cell_deg,
        lon_cell_deg=warning.lon_cell_deg,
        raised=instant(warning.raised_ns),
        entry=instant(warning.entry_ns),
        expires=instant(warning.expires_ns),
        probability_percent=warning.probability_percent,
        basis=warning.basis,
    )
    kind = f"{FAMILY[outgoing.mode]}.{warning.state}"
    body = msgspec.json.encode(Body(type=kind, timestamp=instant(outgoing.time_ns), data=subject))
    about = (outgoing.mode, outgoing.member, warning.direction, warning.id, str(warning.raised_ns))
    named = "\x00".join((*about, str(warning.revision), warning.state))
    return WebhookMessage("msg_" + hashlib.sha256(named.encode()).hexdigest()[:32], body)


class WarningChanges:
    """Which warnings of a member changed since the last time that one endpoint was told."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, str]] = {}

    def update(self, outgoing: Outgoing) -> list[WebhookMessage]:
        """One message for each warning that is new, or has another revision or state."""
        now = {f"{one.direction}/{one.id}": (one.revision, one.state) for one in outgoing.warnings}
        changed = [
            warning
            for key, warning in zip(now, outgoing.warnings, strict=True)
            if self._told.get(key) != now[key]
        ]
        self._told = now
        return [message_of(outgoing, warning) for warning in changed]


# ---------------------------------------------------------------- signatures


def read_secret(text: str, *, where: str) -> bytes:
    """The key in a secret such as whsec_ and base64 of 24 to 64 octets; InputError if it is none.

    The text itself is in no error.
    """
    text = text.strip()
    try:
        key = base64.b64decode(text.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(KEY_PREFIX) or not SECRET_BYTES_MIN <= len(key) <= SECRET_BYTES_MAX:
        raise InputError(
            where=where,
            found=f"{len(text)} characters that are no such secret",
            expected=f"{KEY_PREFIX} and base64 of {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} octets",
        )
    return key


def sign(key: bytes, message: WebhookMessage, *, timestamp_s: int) -> dict[str, str]:
    """The three headers of a message sent at that time, whole seconds since 1970."""
    return {
        ID: message.id,
        TIMESTAMP: str(timestamp_s),
        SIGNATURE: "v1," + _signature(key, message.id, str(timestamp_s), message.body),
    }


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


class Receiver:
    """The check at the other end: who signed it, when, and whether it was here before.

    keys: the present key, and while keys change the one before it.
    """

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._keys = keys
        self._seen: dict[str, int] = {}  # id -> time until which a repetition could be believed

    def refusal(self, headers: Mapping[str, str], body: bytes, *, now_s: int) -> str:
        """Why a message is not to be acted upon; empty where it is. Header names in lower case.

        A message whose id was here before is refused as repeated: answer it with success and do nothing.
        """
        found = {name: headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE)}
        for name, value in found.items():
            if not value:
                return f"no {name}"
        if not found[TIMESTAMP].isascii() or not found[TIMESTAMP].isdigit() or len(found[TIMESTAMP]) > 12:
            return "webhook-timestamp is no number of seconds"
        sent_s = int(found[TIMESTAMP])
        if abs(now_s - sent_s) > TOLERANCE_S:
            return f"sent more than {TOLERANCE_S} s from now"
        if not self._signed(found[ID], found[TIMESTAMP], found[SIGNATURE], body):
            return "no signature of a known key fits"
        self._seen = {one: until for one, until in self._seen.items() if until >= now_s}
        if found[ID] in self._seen:
            return "repeated"
        self._seen[found[ID]] = now_s + 2 * TOLERANCE_S
        return ""

    def _signed(self, message_id: str, timestamp: str, signatures: str, body: bytes) -> bool:
        fits = False
        for signature in signatures.split(" "):
            version, _, value = signature.partition(",")
            for key in self._keys:
                expected = _signature(key, message_id, timestamp, body)
                fits |= version == "v1" and hmac.compare_digest(expected.encode(), value.encode())
        return fits
