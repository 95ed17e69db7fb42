"""Scenes for the scorer, as tables in the schemas of docs/scoring.md."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj

SECOND_NS = 1_000_000_000
VELOCITY = ("velocity_east_m_s", "velocity_north_m_s", "velocity_up_m_s")

Row = Mapping[str, Any]


def enu_to_geodetic(east, north, up, *, lat_deg: float, lon_deg: float):
    """(lat_deg, lon_deg, height_m) of points of the local frame, by PROJ."""
    pipeline = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=topocentric +ellps=WGS84 "
        f"+lon_0={lon_deg} +lat_0={lat_deg} +h_0=0 +step +inv +proj=cart +ellps=WGS84"
    )
    lon, lat, height = pipeline.transform(east, north, up)
    return lat, (np.asarray(lon) + 180.0) % 360.0 - 180.0, height


def row(time_s: float, lat_deg: float, lon_deg: float, **more: Any) -> dict[str, Any]:
    """One row at rest at 9,000 m, but for what is said."""
    return {
        "time_ns": round(time_s * SECOND_NS),
        "lat_deg": lat_deg,
        "lon_deg": lon_deg,
        "height_m": 9_000.0,
        **dict.fromkeys(VELOCITY, 0.0),
        **more,
    }


def truth_row(time_s: float, target: str, lat_deg: float, lon_deg: float, **more: Any) -> dict[str, Any]:
    return {**row(time_s, lat_deg, lon_deg), "target": target, **more}


def track_row(time_s: float, number: int, lat_deg: float, lon_deg: float, **more: Any) -> dict[str, Any]:
    return {**row(time_s, lat_deg, lon_deg), "number": number, "status": "CONFIRMED", **more}


def table(rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist([dict(one) for one in rows])


def random_scene(seed: int, *, lat_deg: float = 46.0, lon_deg: float = 8.0) -> tuple[list[Any], list[Any]]:
    """Truth and track rows: a crowd in 8 by 8 km with gaps, doubles, false tracks and numbers that change.

    Truth has its rows at multiples of 5 s, tracks at any time.
    """
    random = np.random.default_rng(seed)
    truth: list[Any] = []
    tracks: list[Any] = []
    number = 0
    for i in range(int(random.integers(3, 8))):
        start, velocity = random.uniform(-4_000.0, 4_000.0, 2), random.uniform(-120.0, 120.0, 2)
        first, last = sorted(random.choice(np.arange(16), 2, replace=False))
        gap = random.integers(0, 16)
        for k in range(first, last + 1):
            if not gap <= k < gap + 3:
                truth.append(_row_at(truth_row, 5.0 * k, f"T{i}", start + velocity * 5.0 * k, velocity))
        for _ in range(int(random.integers(0, 4))):
            number += 1
            shown = int(random.integers(0, number + 1)) or number  # now and then a number of another track
            times = np.sort(random.uniform(-5.0, 80.0, int(random.integers(1, 20))))
            off = random.normal(0.0, 500.0, 2)
            for time_s in times:
                at = start + velocity * time_s + off + random.normal(0.0, 100.0, 2)
                tracks.append(_row_at(track_row, float(time_s), shown, at, velocity))
    place = [(one["east"], one["north"]) for one in truth + tracks]
    east, north = np.array(place).T
    lat, lon, _ = enu_to_geodetic(east, north, np.zeros(len(east)), lat_deg=lat_deg, lon_deg=lon_deg)
    for one, a, b in zip(truth + tracks, lat.tolist(), lon.tolist(), strict=True):
        one["lat_deg"], one["lon_deg"] = a, b
        del one["east"], one["north"]
    return truth, tracks


def _row_at(make: Any, time_s: float, key: Any, at: Any, velocity: Any) -> dict[str, Any]:
    up = {"height_m": 8_000.0 + 3.0 * time_s} if make is track_row else {}
    return {
        **make(time_s, key, 0.0, 0.0, **up),
        "east": float(at[0]),
        "north": float(at[1]),
        "velocity_east_m_s": float(velocity[0]),
        "velocity_north_m_s": float(velocity[1]),
    }
