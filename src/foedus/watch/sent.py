"""One warning as its sender knows it, and how a tick changes what it would say.

Thresholds with hysteresis: what a duty raises at 50 % is downgraded below 35 %, comes back at 50 %, and is
cancelled below 20 %; each way down takes several ticks in a row, so that one bad update changes nothing.
"""

import math
from typing import Final, NamedTuple

import msgspec

from foedus.model import SECOND_NS, Tracks
from foedus.watch.states import OPEN, WarningEvent, WarningState
from foedus.watch.tearline import cell_deg, detail_of, entry_step_ns, percent_step
from foedus.wire import Detail, Warn

CANCEL_SHARE: Final = 0.4
"""A warning raised at 50 % falls at 20 %: far enough apart for the few per cent that quadrature jumps."""

CANCEL_TICKS: Final = 3
"""Ticks in a row below the share; one bad update of a turning track does not cancel."""

DOWNGRADE_SHARE: Final = 0.7
"""Half way between the thresholds of raising and of cancelling: 35 % for a warning raised at 50 %."""

DOWNGRADE_TICKS: Final = 3
"""As for a cancel, and for the same reason."""

ALONE_TICKS: Final = 6
"""Ticks in a row without a second kind of sensor or rule before it counts as lost: 30 s at ticks of 5 s,
three updates of a receiver that hears every 10 s."""

ENTRY_GAIN: Final = 0.3
"""Share of a new entry time that a tick takes over: a noisy velocity moves it by a minute between plots."""

ENTRY_MOVED_NS: Final = 30 * SECOND_NS
ENTRY_MOVED_SHARE: Final = 0.2
"""An entry time is told again when it moved by 30 s and by a fifth of what is left until then."""

RENEW_NS_MIN: Final = 10 * SECOND_NS
"""Whatever changed, a message comes no sooner than this after the last, but for the detail and the end."""

CALLED_PERCENT: Final = 100
"""What a called warning says as its probability: two persons say that it will come."""


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One duty to warn, as the node makes it from the pact."""

    zone: int  # index in Zones
    zone_id: str
    to: str  # the member to be warned
    via: str = ""  # the hub that relays; empty where direct
    clause: str
    classes: tuple[int, ...]  # TrackClass
    horizon_s: float
    probability: float  # raise at or above
    within_s: float  # from knowledge to warning
    renew_s: float
    expires_s: float
    ack_s: float  # from raising to the acknowledgement by a person
    retry: int = 0  # repeats, ack_s apart, before `then`
    then: str = ""  # what follows in words of the pact; empty: the clause says nothing of it
    source: str = ""  # which tracks it is judged by, where a node has several sets of them


class Grounds(NamedTuple):
    """What else is known of one (track, zone); one for each row of Threats."""

    earliest_s: float  # from now to an entry that comes no sooner, nine chances in ten
    latest_s: float
    reasons: tuple[str, ...]  # words of tearline.REASONS
    corroborated: bool  # by two unlike kinds of sensor, or two independent rules


class Level(NamedTuple):
    """What is known at a tick about one (track, zone)."""

    row: int
    probability: float
    entry_s: float
    inside: bool
    grounds: Grounds | None = None

    @property
    def corroborated(self) -> bool:
        """Whether two unlike kinds of sensor, or two rules, say it."""
        return self.grounds is not None and self.grounds.corroborated


class SentWarning(msgspec.Struct, frozen=True, kw_only=True):
    """One warning as its sender knows it; times are 0 where the thing has not happened."""

    id: str
    duty: Duty
    state: WarningState = WarningState.NEW
    revision: int = 0
    track: int  # number in the sender's picture; negative: people called it
    track_class: int
    known_ns: int  # first tick at which knowledge sufficed
    raised_ns: int
    sent_ns: int = 0  # newest message that says something new
    entry_ns: int = 0  # as told
    estimate_ns: int = 0  # as smoothed
    entered_ns: int = 0
    expires_ns: int = 0
    probability_percent: int = 0
    lat_cell_deg: float = 0.0
    lon_cell_deg: float = 0.0
    basis: str = "unconfirmed"
    detail: Detail | None = None
    seen_ns: int  # last tick at which the track was there
    lat_rad: float = 0.0
    lon_rad: float = 0.0
    east_m_s: float = 0.0
    north_m_s: float = 0.0
    low_ticks: int = 0  # in a row below the share of a cancel
    faint_ticks: int = 0  # in a row below the share of a downgrade
    alone_ticks: int = 0  # in a row without what once corroborated it
    corroborated: bool = False  # at any time
    said: Warn | None = None  # newest message; None before the first
    cancel: Warn | None = None  # ready to leave, from the first message on
    ways: tuple[str, ...] = ()  # to whom its messages go: the recipient, and the second way once taken
    unstored_ns: int = 0  # since when a message waits for "stored"
    repeats: int = 0  # of the newest message
    repeat_ns: int = 0  # when it is sent again; 0 never
    asked: int = 0  # repeats because no person acknowledged
    escalated_ns: int = 0
    stored_revision: int = 0
    stored_ns: int = 0
    shown_ns: int = 0
    acknowledged_ns: int = 0
    person: str = ""
    cancelled_by: str = ""  # the person who did; empty: the program saw the threat fall

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self.state in OPEN

    @property
    def called(self) -> bool:
        """Whether people called it, so that no track stands behind it."""
        return self.track < 0

    @property
    def recipient(self) -> str:
        """To whom its messages go first."""
        return self.duty.via or self.duty.to

    @property
    def late(self) -> bool:
        """Whether it was raised later than the duty allows, counted from knowledge."""
        return self.raised_ns - self.known_ns > self.duty.within_s * SECOND_NS


def seen(record: SentWarning, tracks: Tracks, row: int, now_ns: int) -> SentWarning:
    """The record with the track's present position; an unknown velocity counts as none."""
    east_m_s, north_m_s = float(tracks.velocity_east_m_s[row]), float(tracks.velocity_north_m_s[row])
    return msgspec.structs.replace(
        record,
        seen_ns=now_ns,
        lat_rad=float(tracks.lat_rad[row]),
        lon_rad=float(tracks.lon_rad[row]),
        east_m_s=0.0 if math.isnan(east_m_s) else east_m_s,
        north_m_s=0.0 if math.isnan(north_m_s) else north_m_s,
    )


def weighed(record: SentWarning, level: Level) -> SentWarning:
    """The record with this tick counted: for how many in a row it has been low, faint or alone."""
    threshold = record.duty.probability
    corroborated = record.corroborated or level.corroborated
    alone = corroborated and not level.corroborated
    return msgspec.structs.replace(
        record,
        low_ticks=record.low_ticks + 1 if level.probability < CANCEL_SHARE * threshold else 0,
        faint_ticks=record.faint_ticks + 1 if level.probability < DOWNGRADE_SHARE * threshold else 0,
        alone_ticks=record.alone_ticks + 1 if alone else 0,
        corroborated=corroborated,
    )


def updated(record: SentWarning, level: Level, now_ns: int) -> SentWarning:
    """The record with what it would say now."""
    entered_ns = record.entered_ns or (now_ns if level.inside else 0)
    latest_ns = entered_ns or now_ns + round(level.entry_s * SECOND_NS)
    estimate_ns = latest_ns
    if record.estimate_ns and not entered_ns:
        estimate_ns = record.estimate_ns + round(ENTRY_GAIN * (latest_ns - record.estimate_ns))
    entry_ns = entry_step_ns(estimate_ns)
    detail = None
    if level.grounds is not None and record.revision > 0:  # the first message is short
        first_s, last_s = level.grounds.earliest_s, level.grounds.latest_s
        span_ns = (entry_ns, entry_ns)
        if not entered_ns:
            span_ns = (now_ns + round(first_s * SECOND_NS), now_ns + round(last_s * SECOND_NS))
        detail = detail_of(entry_ns, *span_ns, level.grounds.reasons)
    sure = record.corroborated and record.alone_ticks < ALONE_TICKS
    return msgspec.structs.replace(
        record,
        entered_ns=entered_ns,
        estimate_ns=estimate_ns,
        entry_ns=entry_ns,
        probability_percent=percent_step(level.probability),
        lat_cell_deg=cell_deg(record.lat_rad),
        lon_cell_deg=cell_deg(record.lon_rad),
        basis="confirmed" if sure else "unconfirmed",
        detail=detail,
    )


def due_event(record: SentWarning, fresh: SentWarning, level: Level, now_ns: int) -> WarningEvent | None:
    """What the recipient should hear now of a warning that stands; None where nothing is due."""
    since_ns = now_ns - record.sent_ns
    if record.revision == 1 and fresh.detail is not None:
        return WarningEvent.RENEW  # the detail does not wait for anything
    weak = fresh.faint_ticks >= DOWNGRADE_TICKS or fresh.alone_ticks >= ALONE_TICKS
    strong = level.probability >= record.duty.probability and fresh.alone_ticks == 0
    is_down = record.state is WarningState.DOWNGRADED
    down = not strong if is_down else weak
    period_s = min(record.duty.renew_s, 0.5 * record.duty.expires_s)
    news = down != is_down or fresh.basis != record.basis or _entry_moved(record, fresh, now_ns)
    if since_ns >= period_s * SECOND_NS or (news and since_ns >= RENEW_NS_MIN):
        return WarningEvent.DOWNGRADE if down else WarningEvent.RENEW
    return None


def _entry_moved(record: SentWarning, fresh: SentWarning, now_ns: int) -> bool:
    threshold_ns = max(ENTRY_MOVED_NS, round(ENTRY_MOVED_SHARE * (fresh.entry_ns - now_ns)))
    return abs(fresh.entry_ns - record.entry_ns) > threshold_ns


def message_of(record: SentWarning, mode: str) -> Warn:
    """What the record says now."""
    return Warn(
        warning=record.id,
        revision=record.revision,
        state=record.state.name,
        mode=mode,
        clause=record.duty.clause,
        to=record.duty.to,
        zone=record.duty.zone_id,
        track_class=record.track_class,
        lat_cell_deg=record.lat_cell_deg,
        lon_cell_deg=record.lon_cell_deg,
        raised_ns=record.raised_ns,
        entry_ns=record.entry_ns,
        probability_percent=record.probability_percent,
        expires_ns=record.expires_ns,
        basis=record.basis,
        detail=record.detail,
    )
