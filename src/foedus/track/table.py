"""The rows in which a tracker keeps its sensors, its tracks and the plots in hand.

One record per track, plot and sensor (numpy structured arrays): what an update needs of a track then lies in
a few consecutive cache lines, and a kernel takes one pointer instead of thirty arrays, which made it compile
ten times quicker (docs/decisions/0005-tracker-state.md). Rows 0 to rows - 1 of the tracks are alive, in
order of their birth; dropping closes the gaps.
"""

import math
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from foedus.geo import geodetic_to_ecef
from foedus.limits import PLOTS_PER_BATCH_MAX, TRACK_CANDIDATES_MAX, TRACKS_MAX
from foedus.model import F64, I64, SECOND_NS, Sensor

Rows: TypeAlias = Any
"""Record array of one of the three types below; numba checks the field names when it compiles."""
Track: TypeAlias = Any
"""One row of TRACK; assigning to its fields changes the table."""
Plot: TypeAlias = Any
"""One row of PLOT."""
Site: TypeAlias = Any
"""One row of SITE."""

SITE = np.dtype(
    [
        ("position_m", "f8", (3,)),  # ECEF
        ("axes", "f8", (3, 3)),  # east, north, up as ECEF unit vectors
        ("height_m", "f8"),
        ("period_ns", "i8"),
        ("range_max_m", "f8"),
        ("range_sigma_m", "f8"),
        ("azimuth_sigma_rad", "f8"),
        ("elevation_sigma_rad", "f8"),
        ("position_sigma_m", "f8"),
        ("height_sigma_m", "f8"),
        ("speed_sigma_m_s", "f8"),  # of a track that begins here
    ]
)

TRACK = np.dtype(
    [
        ("state", "f8", (6,)),  # ECEF position and velocity
        ("covariance", "f8", (6, 6)),
        ("time_ns", "i8"),  # of the state: that of the newest plot
        ("born_ns", "i8"),
        ("pace_ns", "i8"),  # period of the slowest sensor that sees it
        ("taken", "i8"),  # stamp of the scan that updated it last
        ("callsign", "i8"),
        ("icao24", "i8"),
        ("mode_a", "i8"),
        ("number", "i8"),  # 0 while tentative
        ("looks", "i8"),  # looks of sensors in which it was seen
        ("status", "i8"),  # TENTATIVE or CONFIRMED; whether it coasts depends on when one asks
        ("height_known", "i8"),  # 1: a plot with height or elevation was among its plots
        ("gain", "f8", (6,)),  # of the update in hand
        # the grid, as of the slice in hand
        ("flat_m", "f8", (3,)),  # position on a sphere, so that height plays no part
        ("radius_m", "f8"),  # gate around the track, horizontally
        ("cell", "i8"),  # key of its cell
        # the assignment in hand
        ("price", "f8"),
        ("distance", "f8"),  # -1: not reached
        ("came_from", "i8"),
        ("owner", "i8"),
        ("settled", "i8"),
    ]
)

PLOT = np.dtype(
    [
        ("time_ns", "i8"),
        ("sensor", "i8"),
        ("kind", "i8"),
        ("icao24", "i8"),
        ("mode_a", "i8"),
        ("callsign", "i8"),
        ("code", "i8"),  # 0 to be done, a refusal of REASONS, or DONE
        # what measure.py makes of it
        ("centre_m", "f8", (3,)),  # ECEF
        ("axes", "f8", (3, 3)),  # unit vectors along which something was measured
        ("variance_m2", "f8", (3,)),  # one per direction
        ("measured", "i8"),  # 3, or 2 where height is unknown and the third direction holds only the prior
        ("ranged", "i8"),  # 1: the first direction is a slant range without height
        ("range_m", "f8"),
        ("flat_m", "f8", (3,)),  # position on the sphere
        ("reach_m", "f8"),  # gate around the plot, horizontally
        # against the track in hand
        ("gap_m", "f8", (3,)),  # innovations along the directions
        ("spread_m2", "f8", (3, 3)),  # position covariance of the track at the plot's time
        ("factor", "f8", (3, 3)),  # Cholesky factor of the innovations' covariance
        # the tracks it may belong to
        ("tier", "i8"),
        ("looks_left", "i8"),  # of the search in hand
        ("candidates", "i8"),
        ("track", "i8", (TRACK_CANDIDATES_MAX,)),
        ("cost", "f8", (TRACK_CANDIDATES_MAX,)),
        ("log", "f8", (TRACK_CANDIDATES_MAX,)),
        ("chosen", "i8"),  # row of the track, -1 none
        ("toll", "f8"),
    ]
)

ITEM = np.dtype(
    [
        ("cell", "i8"),  # key of the cell
        ("row", "i8"),  # of the track
        ("radius_m", "f8"),
        ("flat_m", "f8", (3,)),
    ]
)

ROWS: Final = 0
NUMBER: Final = 1
CLOCK: Final = 2
STAMP: Final = 3
GRID_MASK: Final = 4
GRID_ROWS: Final = 5
LEVELS: Final = 6
SLOT_MASK: Final = 7
LISTED: Final = 8
SCAN_ROWS: Final = 9
"""Indices in Desk.head: live rows; number of the next confirmed track; up to when tracks were aged; count of
scans; buckets of the grid less one; tracks in the grid; its levels in use, a bit set; slots for addresses
less one; plots in the assignment in hand; live rows when the scan in hand began."""

COUNT_PLOTS: Final = 0
COUNT_ASSOCIATED: Final = 1
COUNT_STARTED: Final = 2
COUNT_CONFIRMED: Final = 3
COUNT_DROPPED: Final = 4
COUNT_CANDIDATES_CUT: Final = 5
COUNT_CLUSTERS_CUT: Final = 6
COUNT_REFUSED: Final = 7
"""Indices in Desk.counts; the refusals of REASONS follow from COUNT_REFUSED on."""

BEYOND_NOW: Final = 1
TOO_OLD: Final = 2
NO_SENSOR: Final = 3
NO_POSITION: Final = 4
IMPOSSIBLE: Final = 5
IMPLAUSIBLE: Final = 6
TABLE_FULL: Final = 7
REASONS: Final = (
    "",
    "time lies beyond now",
    "too old",
    "no such sensor",
    "no position",
    "impossible value",
    "implausible for its address",
    "track table full",
)
"""Why a plot was refused, by code; code 0 is a plot that was taken."""

SPEED_SIGMA_MIN_M_S: Final = 30.0
SPEED_SIGMA_MAX_M_S: Final = 300.0
CROSSING_S: Final = 200.0
"""A new track's velocity is 0 +- sigma. 300 m/s puts the fastest aircraft (900 m/s) at three sigma. A sensor
of short reach watches slower things (ground traffic, drones): what would cross its reach within CROSSING_S
at one sigma stays in view for too few looks to be tracked, so its sigma is reach / CROSSING_S."""

BUCKETS_MAX: Final = 2 * TRACKS_MAX
SLOTS_MAX: Final = 2 * TRACKS_MAX
NEVER: Final = -(1 << 61)
DONE: Final = -1

assert BUCKETS_MAX & (BUCKETS_MAX - 1) == 0
assert SLOTS_MAX & (SLOTS_MAX - 1) == 0


class Desk(NamedTuple):
    """Everything that one tracker works on. Plots, grid and assignment mean nothing between steps."""

    head: I64  # (10,)
    counts: I64
    sites: Rows  # SITE
    tracks: Rows  # TRACK
    heard_ns: I64  # (tracks, sensors) newest plot of each sensor; NEVER before the first
    looked_ns: I64  # (tracks, sensors) plot that counted as the newest look of each sensor
    plots: Rows  # PLOT, in the order of processing
    starts: I64  # first place of each bucket in items
    items: Rows  # ITEM, bucket by bucket
    plane: F64  # (2, 3) unit vectors of the grid's plane, which touches the earth amid the sensors
    slots: I64  # address -> row of its track, -1 empty
    listed: I64  # rows of the plots that take part in one assignment
    touched: I64  # how many tracks one path has reached, then their rows


def make_sites(sensors: tuple[Sensor, ...]) -> Rows:
    """The sensors as rows; sigmas of zero are lifted to what keeps a covariance regular."""
    sites = np.zeros(len(sensors), SITE).view(np.recarray)
    for site, sensor in zip(sites, sensors, strict=True):
        lat, lon = math.radians(sensor.lat_deg), math.radians(sensor.lon_deg)
        site.position_m = geodetic_to_ecef(lat, lon, float(sensor.height_m))
        site.axes[0] = -math.sin(lon), math.cos(lon), 0.0
        site.axes[1] = -math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat)
        site.axes[2] = math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)
        site.height_m = sensor.height_m
        site.period_ns = max(1, round(sensor.period_s * SECOND_NS))
        site.range_max_m = sensor.range_max_m
        site.range_sigma_m = max(1.0, sensor.range_sigma_m)
        site.azimuth_sigma_rad = max(1e-5, math.radians(sensor.azimuth_sigma_deg))
        site.elevation_sigma_rad = max(1e-5, math.radians(sensor.elevation_sigma_deg))
        site.position_sigma_m = max(1.0, sensor.position_sigma_m)
        site.height_sigma_m = max(1.0, sensor.height_sigma_m)
        speed_m_s = sensor.range_max_m / CROSSING_S
        site.speed_sigma_m_s = min(SPEED_SIGMA_MAX_M_S, max(SPEED_SIGMA_MIN_M_S, speed_m_s))
    return sites


def _make_plane(sensors: tuple[Sensor, ...]) -> F64:
    """East and north amid the sensors."""
    middle = np.zeros(3)
    for sensor in sensors:
        lat, lon = math.radians(sensor.lat_deg), math.radians(sensor.lon_deg)
        middle += (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    lat, lon = math.atan2(middle[2], math.hypot(middle[0], middle[1])), math.atan2(middle[1], middle[0])
    east = (-math.sin(lon), math.cos(lon), 0.0)
    north = (-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat))
    return np.array([east, north])


def make_desk(sensors: tuple[Sensor, ...], *, number_first: int) -> Desk:
    """An empty desk for the fullest table; the system hands out memory only as rows are used."""
    head = np.zeros(10, np.int64)
    head[NUMBER] = number_first
    return Desk(
        head=head,
        counts=np.zeros(COUNT_REFUSED + len(REASONS), np.int64),
        sites=make_sites(sensors),
        tracks=np.zeros(TRACKS_MAX, TRACK).view(np.recarray),
        heard_ns=np.zeros((TRACKS_MAX, max(1, len(sensors))), np.int64),
        looked_ns=np.zeros((TRACKS_MAX, max(1, len(sensors))), np.int64),
        plots=np.zeros(PLOTS_PER_BATCH_MAX, PLOT).view(np.recarray),
        starts=np.zeros(BUCKETS_MAX + 1, np.int64),
        items=np.zeros(TRACKS_MAX, ITEM).view(np.recarray),
        plane=_make_plane(sensors),
        slots=np.zeros(SLOTS_MAX, np.int64),
        listed=np.zeros(PLOTS_PER_BATCH_MAX, np.int64),
        touched=np.zeros(TRACKS_MAX + 1, np.int64),
    )
