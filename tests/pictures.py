"""Pictures to send: tracks with every edge in them, and what surrounds them."""

import numpy as np

from foedus.model import DAY_NS, Form, Identity, TrackClass, Tracks, TrackStatus, pack_callsign
from foedus.view import Labels, Outgoing, WarningView

PARTIES = ("CH", "FR", "IT")
CLAUSES = ("T", "S1", "H1")
NOON_NS = 20_000 * DAY_NS + DAY_NS // 2


def tracks_of(n: int, seed: int = 5) -> Tracks:
    """N tracks all over the world; every third knows no height, every fourth no velocity, and so on."""
    rng = np.random.default_rng(seed)
    rows = np.arange(n)
    unknown_height, unknown_velocity = rows % 3 == 1, rows % 4 == 2
    velocity = np.where(unknown_velocity, np.nan, rng.uniform(-300, 300, (3, n)))
    return Tracks.empty(n)._replace(
        number=(rows + 1).astype(np.int32),
        time_ns=NOON_NS + rng.integers(-5_000, 0, n) * 1_000_000,
        status=np.where(rows % 5 == 4, TrackStatus.COASTING, TrackStatus.CONFIRMED).astype(np.int8),
        lat_rad=rng.uniform(-1.5, 1.5, n),
        lon_rad=rng.uniform(-3.14, 3.14, n),
        height_m=np.where(unknown_height, np.nan, rng.uniform(-400, 20_000, n)),
        velocity_east_m_s=velocity[0],
        velocity_north_m_s=velocity[1],
        velocity_up_m_s=velocity[2] / 10,
        position_sigma_m=rng.uniform(5, 500, n),
        height_sigma_m=np.where(unknown_height, np.nan, rng.uniform(5, 100, n)),
        velocity_sigma_m_s=np.where(unknown_velocity, np.nan, rng.uniform(1, 20, n)),
        track_class=(rows % len(TrackClass)).astype(np.int8),
        icao24=np.where(rows % 2, rng.integers(0, 1 << 24, n), -1).astype(np.int32),
        mode_a=np.where(rows % 7 < 4, rng.integers(0, 4096, n), -1).astype(np.int16),
        callsign=np.where(rows % 6 == 0, pack_callsign("SWR12A"), 0),
        sources=np.ones(n, np.int64),
    )


def warning(**changes: object) -> WarningView:
    fields: dict[str, object] = {
        "id": "CH-1", "direction": "sent", "party": "IT", "zone": "Z-IT", "clause": "W", "state": "raised",
        "revision": 1, "track_class": "unidentified", "lat_cell_deg": 45.8, "lon_cell_deg": 8.7,
        "raised_ns": NOON_NS - 10**9, "entry_ns": NOON_NS + 240 * 10**9, "probability_percent": 70,
        "expires_ns": NOON_NS + 120 * 10**9, "track": 3,
    }  # fmt: skip
    return WarningView(**{**fields, **changes})  # type: ignore[arg-type]


def outgoing_of(tracks: Tracks, mode: str = "LIVE", *warnings: WarningView, **changes: object) -> Outgoing:
    """What CH may send: of every second track FR may know, of every third IT."""
    n = len(tracks.number)
    form = np.zeros((n, 3), np.int8)
    form[:, 0] = Form.SOURCE
    form[::2, 1] = form[::3, 2] = Form.TRACK
    clause = np.where(form == Form.TRACK, np.int16(1), np.int16(-1))
    outgoing = Outgoing(
        member="CH",
        mode=mode,
        pact="trio 1",
        parties=PARTIES,
        clauses=CLAUSES,
        time_ns=NOON_NS,
        tracks=tracks,
        identity=np.full(n, Identity.PENDING, np.int8),
        one_sensor=np.arange(n) % 2 == 0,
        labels=Labels(form, clause),
        warnings=tuple(warnings),
    )
    return outgoing._replace(**changes)
