"""Which message about a warning is due, and what it is about, in the words of no format yet.

A member's own warnings, those it sent and those it received become alerts to its people and systems: one
when a warning first stands, one for each change after that. Each alert names all messages about the same
warning before it. What was over before it was told (a cancel that overtook its warning) is not told at all.

Two kinds of reader, two kinds of name. What a member tells its own people counts that member's warnings and
says nothing of who warned it. What it sends to another member counts per pair, as the warning does, so that
it tells nothing about a third.
"""

import string
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from foedus.limits import ALERT_REFERENCES_MAX
from foedus.view import WarningView

OPEN: Final = ("raised", "renewed", "downgraded")
"""States of a warning that stands, as WarningView.state spells them."""

PLAIN: Final = string.ascii_letters + string.digits + "_-"
"""Characters that an identifier keeps: they are safe in a CAP identifier, in a file name and in a link."""


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """The member in whose name alerts are given."""

    network: str
    mode: str  # LIVE, EXERCISE or RECORDING
    member: str
    name: str
    sender: str  # of its CAP messages
    languages: tuple[str, ...]
    public: bool = False


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A zone of the pact, as people know it."""

    zone: str
    name: str
    polygon: tuple[tuple[float, float], ...]  # latitude, longitude in degrees; the last joins the first


class Earlier(NamedTuple):
    """An alert that was given before, about the same warning."""

    identifier: str
    sent_ns: int


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message about one warning."""

    issuer: Issuer
    warning: WarningView
    party: str  # name of the member that warned; of the hub, where that hides who did
    area: Area
    serial: int  # 1, 2, 3 ... among the warnings that this member told its own people; 0: sent to another
    number: int  # 1, 2, 3 ... among the messages about this warning
    sent_ns: int
    earlier: tuple[Earlier, ...] = ()  # oldest first
    earlier_left_out: int = 0  # beyond ALERT_REFERENCES_MAX

    @property
    def identifier(self) -> str:
        """Unique for its sender; begins with the mode, so that no list, log or file name can hide it."""
        issuer, raised = self.issuer, utc(self.warning.raised_ns)
        name = f"{self.serial:04d}" if self.serial else plain(self.warning.id)
        parts = (
            issuer.mode,
            issuer.network,
            issuer.member,
            name,
            f"{raised:%Y%m%dT%H%M%SZ}",
            str(self.number),
        )
        return ".".join(parts)

    @property
    def file_name(self) -> str:
        """Name of a file that holds it."""
        return f"{self.identifier}.cap.xml"

    @property
    def releasable_to(self) -> tuple[str, ...]:
        """Members whose systems may have it, the one that gives it first."""
        return (self.issuer.member,) if self.serial else (self.issuer.member, self.warning.party)

    @property
    def public(self) -> bool:
        """Whether everybody may have it: never what was meant for another member."""
        return self.issuer.public and self.serial > 0


class _Told(NamedTuple):
    """What was told of a warning so far."""

    stand: tuple[str, int]
    serial: int
    number: int
    earlier: tuple[Earlier, ...]
    left_out: int


class AlertBook:
    """What one member has told of each warning that it remembers."""

    def __init__(
        self, issuer: Issuer, areas: Sequence[Area], *, party_names: Sequence[tuple[str, str]]
    ) -> None:
        self.issuer = issuer
        self._areas = {area.zone: area for area in areas}
        self._names = dict(party_names)
        self._told: dict[str, _Told] = {}
        self._serial = 0

    def take(self, warnings: Sequence[WarningView], *, now_ns: int) -> list[Alert]:
        """The alerts that are due, in the order of the warnings; to be called whenever these changed.

        An alert for a zone that is none of the areas has an area without a polygon, which no format takes.
        """
        told: dict[str, _Told] = {}
        due: list[Alert] = []
        for warning in warnings:
            before = self._told.get(warning.id)
            if before is None and warning.state not in OPEN:
                continue
            if before is None or before.stand != (warning.state, warning.revision):
                alert = self._alert(warning, before, now_ns)
                due.append(alert)
                before = _after(alert)
            told[warning.id] = before
        self._told = told
        return due

    def _alert(self, warning: WarningView, before: _Told | None, now_ns: int) -> Alert:
        if before is None and warning.direction != "sent":
            self._serial += 1
        serial = 0 if warning.direction == "sent" else self._serial
        by = warning.party if warning.direction == "received" else self.issuer.member
        return Alert(
            issuer=self.issuer,
            warning=warning,
            party=self._names.get(by, by),
            area=self._areas.get(warning.zone, Area(zone=warning.zone, name=warning.zone, polygon=())),
            serial=serial if before is None else before.serial,
            number=1 if before is None else before.number + 1,
            sent_ns=now_ns,
            earlier=() if before is None else before.earlier,
            earlier_left_out=0 if before is None else before.left_out,
        )


def _after(alert: Alert) -> _Told:
    """What was told once this alert is given; of a very long chain the first and the newest stay."""
    earlier = (*alert.earlier, Earlier(alert.identifier, alert.sent_ns))
    left_out = alert.earlier_left_out
    if len(earlier) > ALERT_REFERENCES_MAX:
        earlier = (earlier[0], *earlier[2:])
        left_out += 1
    stand = (alert.warning.state, alert.warning.revision)
    return _Told(stand, alert.serial, alert.number, earlier, left_out)


def plain(text: str) -> str:
    """The text with every other character than those of PLAIN as ~ and two hexadecimal digits per byte."""
    return "".join(
        character if character in PLAIN else "".join(f"~{byte:02X}" for byte in character.encode())
        for character in text
    )


def utc(time_ns: int) -> datetime:
    """The instant, to microseconds."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1_000)
