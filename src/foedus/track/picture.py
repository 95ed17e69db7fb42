"""A tracker's confirmed tracks as geodetic rows with isotropic accuracies."""

import math
from typing import Final

from foedus.geo import ecef_to_enu_vector, ecef_to_geodetic
from foedus.jit import kernel, part
from foedus.model import I64, TrackClass, Tracks, TrackStatus
from foedus.track.lifecycle import SILENT_PERIODS, TENTATIVE
from foedus.track.motion import height_variance, up_vector
from foedus.track.table import ROWS, Rows, Track

CONFIRMED: Final = int(TrackStatus.CONFIRMED)
COASTING: Final = int(TrackStatus.COASTING)
COOPERATIVE: Final = int(TrackClass.COOPERATIVE)
UNIDENTIFIED: Final = int(TrackClass.UNIDENTIFIED)

HEARD_PERIODS: Final = 2.0
"""A sensor counts as a source of a track for so many of its periods after its last plot."""
HEIGHT_SIGMA_MAX_M: Final = 2_000.0
"""A height known worse than this is given as unknown: it could be any level of flight."""


@kernel
def list_confirmed(head: I64, tracks: Rows, rows: I64) -> int:
    """How many tracks are confirmed; their rows, by number, in the first places of `rows`."""
    count = 0
    for k in range(head[ROWS]):
        if tracks[k].status == TENTATIVE:
            continue
        at = count  # numbers are given nearly in the order of birth: few steps
        while at > 0 and tracks[rows[at - 1]].number > tracks[k].number:
            rows[at] = rows[at - 1]
            at -= 1
        rows[at] = k
        count += 1
    return count


@part
def _fill_velocity(track: Track, lat: float, lon: float, out: Tracks, i: int) -> None:
    x, c = track.state, track.covariance
    east, north, up = ecef_to_enu_vector(x[3], x[4], x[5], lat, lon)
    out.velocity_east_m_s[i] = east
    out.velocity_north_m_s[i] = north
    out.velocity_up_m_s[i] = 0.0 if math.isnan(out.height_m[i]) else up
    u = up_vector(track)
    total = c[3, 3] + c[4, 4] + c[5, 5]
    for a in range(3):
        for b in range(3):
            total -= u[a] * u[b] * c[a + 3, b + 3]
    out.velocity_sigma_m_s[i] = math.sqrt(max(0.0, 0.5 * total))


@kernel
def fill_tracks(tracks: Rows, rows: I64, sites: Rows, heard_ns: I64, now_ns: int, out: Tracks) -> None:
    """Write the given rows of tracks into `out`, one after the other."""
    for i in range(out.number.shape[0]):
        track = tracks[rows[i]]
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
        out.track_class[i] = COOPERATIVE if answers else UNIDENTIFIED
        out.icao24[i] = track.icao24
        out.mode_a[i] = track.mode_a
        out.callsign[i] = track.callsign
        sources = 0
        for s in range(sites.shape[0]):
            if now_ns - heard_ns[rows[i], s] <= HEARD_PERIODS * sites[s].period_ns:
                sources |= 1 << s
        out.sources[i] = sources
