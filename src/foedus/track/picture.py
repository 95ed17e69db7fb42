"""A tracker's confirmed tracks, and the log of their updates, as geodetic columns."""

import math
from typing import Final

from foedus.geo import ecef_to_enu_vector, ecef_to_geodetic
from foedus.jit import kernel, part
from foedus.model import F64, I64, TrackClass, Tracks, TrackStatus
from foedus.track.lifecycle import CONFIRMED, SILENT_PERIODS, sources_of
from foedus.track.motion import height_variance, up_vector, variance_along
from foedus.track.table import HIGH, Desk, Rows, Track

COASTING: Final = int(TrackStatus.COASTING)
COOPERATIVE: Final = int(TrackClass.COOPERATIVE)
BALLISTIC: Final = int(TrackClass.BALLISTIC)
UNIDENTIFIED: Final = int(TrackClass.UNIDENTIFIED)

HEIGHT_SIGMA_MAX_M: Final = 2_000.0
"""A height known worse than this is given as unknown: it could be any level of flight."""


@kernel
def list_confirmed(head: I64, tracks: Rows, rows: I64) -> int:
    """How many tracks are confirmed; their rows in the first places of `rows`."""
    count = 0
    for k in range(head[HIGH]):
        if tracks[k].status == CONFIRMED:
            rows[count] = k
            count += 1
    return count


@part
def _fill_velocity(track: Track, lat: float, lon: float, out: Tracks, i: int) -> None:
    x, c = track.state, track.covariance
    east, north, up = ecef_to_enu_vector(x[3], x[4], x[5], lat, lon)
    out.velocity_east_m_s[i] = east
    out.velocity_north_m_s[i] = north
    out.velocity_up_m_s[i] = math.nan if math.isnan(out.height_m[i]) else up
    total = c[3, 3] + c[4, 4] + c[5, 5] - variance_along(c, up_vector(track.state), 3)
    out.velocity_sigma_m_s[i] = math.sqrt(max(0.0, 0.5 * total))


@kernel
def fill_tracks(desk: Desk, rows: I64, now_ns: int, out: Tracks) -> None:
    """Write the given rows of tracks into `out`, one after the other."""
    for i in range(out.number.shape[0]):
        track = desk.tracks[rows[i]]
        x, c = track.state, track.covariance
        lat, lon, height_m = ecef_to_geodetic(x[0], x[1], x[2])
        vertical = max(0.0, height_variance(track))
        out.number[i] = track.number
        out.time_ns[i] = track.time_ns
        silent = now_ns - track.time_ns > SILENT_PERIODS * track.pace_ns
        out.status[i] = COASTING if silent else CONFIRMED
        out.lat_rad[i] = lat
        out.lon_rad[i] = lon
        out.height_sigma_m[i] = math.sqrt(vertical)
        known = track.height_known == 1 and vertical <= HEIGHT_SIGMA_MAX_M * HEIGHT_SIGMA_MAX_M
        out.height_m[i] = height_m if known else math.nan
        horizontal = 0.5 * (c[0, 0] + c[1, 1] + c[2, 2] - vertical)
        out.position_sigma_m[i] = math.sqrt(max(0.0, horizontal))
        _fill_velocity(track, lat, lon, out, i)
        answers = track.icao24 >= 0 or track.mode_a >= 0
        unanswered = BALLISTIC if track.falls == 1 else UNIDENTIFIED
        out.track_class[i] = COOPERATIVE if answers else unanswered
        out.icao24[i] = track.icao24
        out.mode_a[i] = track.mode_a
        out.callsign[i] = track.callsign
        out.sources[i] = sources_of(desk.sites, desk.looked_ns[rows[i]], now_ns)


@kernel
def fill_updates(log: Rows, position: F64, velocity: F64, covariance: F64) -> None:
    """Fill (n, 3) latitude, longitude, height; (n, 3) velocity and (n, 21) covariance in east, north, up."""
    for i in range(log.shape[0]):
        x, c = log[i].state, log[i].covariance
        lat, lon, height_m = ecef_to_geodetic(x[0], x[1], x[2])
        position[i, 0] = lat
        position[i, 1] = lon
        position[i, 2] = height_m
        east, north, up = ecef_to_enu_vector(x[3], x[4], x[5], lat, lon)
        velocity[i, 0] = east
        velocity[i, 1] = north
        velocity[i, 2] = up
        sin_lat, cos_lat, sin_lon, cos_lon = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
        axes = (
            (-sin_lon, cos_lon, 0.0),
            (-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat),
            (cos_lat * cos_lon, cos_lat * sin_lon, sin_lat),
        )
        at = 0
        for row in range(6):
            for column in range(row, 6):
                total = 0.0
                for a in range(3):
                    for b in range(3):
                        turned = axes[row % 3][a] * axes[column % 3][b]
                        total += turned * c[row // 3 * 3 + a, column // 3 * 3 + b]
                covariance[i, at] = total
                at += 1
