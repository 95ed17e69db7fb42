"""Which message about a warning is due, and what it is about, in the words of no format yet.

A member's own warnings, those it sent and those it received become alerts to its people and systems: one
when a warning first stands, one for each change after that. Each alert names all messages about the same
warning before it. What was over before it was told (a cancel that overtook its warning) is not told at all.
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
    number: int  # 1, 2, 3 ... among the messages about this warning
    sent_ns: int
    earlier: tuple[Earlier, ...] = ()  # oldest first
    earlier_left_out: int = 0  # beyond ALERT_REFERENCES_MAX

    @property
    def identifier(self) -> str:
        """Unique for its sender; begins with the mode, so that no list, log or file name can hide it."""
        raised = utc(self.warning.raised_ns)
        parts = (
            self.issuer.mode,
            self.issuer.network,
            self.issuer.member,
            *[plain(part) for part in self.warning.id.rpartition(":") if part not in ("", ":")],
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
        if self.warning.direction == "sent":
            return (self.issuer.member, self.warning.party)
        return (self.issuer.member,)

    @property
    def public(self) -> bool:
        """Whether everybody may have it: never what was meant for another member."""
        return self.issuer.public and self.warning.direction != "sent"


class _Told(NamedTuple):
    """What was told of a warning so far."""

    stand: tuple[str, int]
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
        by = warning.party if warning.direction == "received" else self.issuer.member
        return Alert(
            issuer=self.issuer,
            warning=warning,
            party=self._names.get(by, by),
            area=self._areas.get(warning.zone, Area(zone=warning.zone, name=warning.zone, polygon=())),
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
    return _Told((alert.warning.state, alert.warning.revision), alert.number, earlier, left_out)


def plain(text: str) -> str:
    """The text with every other character than those of PLAIN as ~ and two hexadecimal digits per byte."""
    return "".join(
        character if character in PLAIN else "".join(f"~{byte:02X}" for byte in character.encode())
        for character in text
    )


def utc(time_ns: int) -> datetime:
    """The instant, to microseconds."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1_000)
