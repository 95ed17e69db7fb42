"""The rows in which a tracker keeps its sensors, its tracks and the plots in hand.

One record per track, plot and sensor (numpy structured arrays): what an update needs of a track then lies in
a few consecutive cache lines, and a kernel takes one pointer instead of thirty arrays, which made it compile
ten times quicker (docs/decisions/0005-tracker-state.md). A track keeps its row for life; rows that are given
up are used again.
"""

import math
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from foedus.geo import geodetic_to_ecef
from foedus.limits import PAIR_LOOKS_MAX, PLOTS_PER_SCAN_MAX, TRACK_CANDIDATES_MAX, TRACKS_MAX
from foedus.model import F64, I64, SECOND_NS, Sensor, SensorKind
from foedus.track.matching import Matching, make_matching

Rows: TypeAlias = Any
"""Record array of one of the types below; numba checks the field names when it compiles."""
Track: TypeAlias = Any
"""One row of TRACK; assigning to its fields changes the table."""
Bank: TypeAlias = Any
"""One row of BANK."""
Work: TypeAlias = Any
"""The row of WORK."""
Plot: TypeAlias = Any
"""One row of PLOT."""
Site: TypeAlias = Any
"""One row of SITE."""

SITE = np.dtype(
    [
        # as described
        ("position_m", "f8", (3,)),  # ECEF
        ("axes", "f8", (3, 3)),  # east, north, up as ECEF unit vectors
        ("height_m", "f8"),
        ("radar", "i8"),  # 1: sees what answers and what does not; 0: hears only what speaks
        ("period_ns", "i8"),
        ("range_min_m", "f8"),
        ("range_max_m", "f8"),
        ("sin_elevation_min", "f8"),
        ("sin_elevation_max", "f8"),
        ("azimuth_from_rad", "f8"),
        ("azimuth_width_rad", "f8"),
        ("range_sigma_m", "f8"),
        ("azimuth_sigma_rad", "f8"),
        ("elevation_sigma_rad", "f8"),
        ("range_rate_sigma_m_s", "f8"),
        ("position_sigma_m", "f8"),
        ("height_sigma_m", "f8"),
        ("speed_sigma_m_s", "f8"),  # of a track that begins here
        ("detection", "f8"),  # probability
        ("miss_log", "f8"),  # log of its complement
        ("clutter_per_scan", "f8"),
        # as heard
        ("first_ns", "i8"),  # first plot; NEVER before
        ("newest_ns", "i8"),
        ("plots", "i8"),
        ("tentative", "i8"),  # tracks that began with it and are not confirmed
        ("taken", "i8"),  # plots that continued a confirmed track
        ("told", "f8"),  # plots of tracks with an address that carried it
        ("untold", "f8"),  # and that did not
        ("misfit", "f8"),  # mean squared statistical distance per dimension of those, recent ones most
        ("due", "f8"),  # looks that confirmed tracks in coverage should have had, recent ones most
        ("had", "f8"),  # of those, looks in which they were seen
        # as registered: measured minus true, taken off every plot
        ("bias", "f8", (3,)),  # range m, azimuth rad, time s
        ("bias_sigma", "f8", (3,)),
        ("bias_before", "f8", (3,)),  # DRIFT_NS ago
        ("drifting", "i8"),
    ]
)

MODELS: Final = 4
CV_LOW: Final = 0
CV_HIGH: Final = 1
TURN: Final = 2
BALLISTIC: Final = 3
"""Models of motion: nearly constant velocity with low and with high noise, coordinated turn, ballistic."""
STATES: Final = 7
"""Position, velocity, and what only one model has: the rate of a turn (rad/s) or the drag area per mass
(m^2/kg) of a ballistic object."""

BANK = np.dtype(
    [
        ("state", "f8", (MODELS, STATES)),  # ECEF
        ("covariance", "f8", (MODELS, STATES, STATES)),
        ("probability", "f8", (MODELS,)),  # 0: the model does not run
    ]
)

TRACK = np.dtype(
    [
        ("state", "f8", (6,)),  # of all models together: ECEF position and velocity
        ("covariance", "f8", (6, 6)),
        ("time_ns", "i8"),  # of the state: that of the newest plot
        ("born_ns", "i8"),
        ("pace_ns", "i8"),  # period of the slowest sensor that sees it
        ("score", "f8"),  # log odds that it exists
        ("taken", "i8"),  # stamp of the scan that updated it last
        ("callsign", "i8"),
        ("icao24", "i8"),
        ("mode_a", "i8"),
        ("number", "i8"),  # 0 while tentative
        ("looks", "i8"),  # looks of sensors in which it was seen
        ("status", "i8"),  # FREE, TENTATIVE or CONFIRMED; whether it coasts depends on when one asks
        ("height_known", "i8"),  # 1: a plot with height or elevation was among its plots
        ("falls", "i8"),  # 1: it moves as only what falls freely does, see motion.watch_for_fall
        ("doubts", "i8"),  # bit set of DOUBTS
        ("apart_from", "i8"),  # number of a track that one sensor has seen beside it in one look, 0 none
        ("born_by", "i8"),  # sensor of its first plot
        ("covered", "i8"),  # bit set of the sensors in whose coverage it was when that was last looked at
        ("hidden_ns", "i8"),  # when no sensor that has seen it had it in coverage; NEVER
        ("unseen", "f8"),  # looks of radars in whose coverage it is and that have never seen it
        ("first_same", "i8"),  # 1: the first track of its address
        ("next_same", "i8"),  # row of the next track of the same address, -1 none
        ("keys", "i8", (4,)),  # of its first plots, see lifecycle.name_track
        # the newest plot with a place, for registration
        ("fix_ns", "i8"),
        ("fix_sensor", "i8"),  # -1: none
        ("fix_m", "f8", (3,)),  # ECEF
        ("fix_along", "f8", (3,)),  # unit vector along the beam
        ("fix_across", "f8", (3,)),
        ("fix_variance_m2", "f8", (2,)),
        ("fix_range_m", "f8"),
        # the grid, as of the second in hand
        ("flat_m", "f8", (3,)),  # position on a sphere, so that height plays no part
        ("radius_m", "f8"),  # gate around the track, horizontally
        ("cell", "i8"),  # key of its cell
        ("next", "i8"),  # row of the next newcomer in the same bucket, -1 none
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
        # as in Plots
        ("range_m", "f8"),
        ("azimuth_rad", "f8"),
        ("elevation_rad", "f8"),
        ("range_rate_m_s", "f8"),
        ("lat_rad", "f8"),
        ("lon_rad", "f8"),
        ("height_m", "f8"),
        ("baro_m", "f8"),
        # what measure.py makes of it
        ("centre_m", "f8", (3,)),  # ECEF
        ("axes", "f8", (3, 3)),  # unit vectors along which something was measured
        ("variance_m2", "f8", (3,)),  # one per direction
        ("measured", "i8"),  # 3, or 2 where height is unknown and the third direction holds only the prior
        ("ranged", "i8"),  # 1: the first direction is a slant range without height
        ("slant_m", "f8"),  # the range without its bias; 0 for a position
        ("flat_m", "f8", (3,)),  # position on the sphere
        ("reach_m", "f8"),  # gate around the plot, horizontally
        ("clutter_cell", "i8"),
        ("surprise", "f8"),  # log density of plots of nothing known, per unit of the measured space
        # against the track in hand
        ("gap_m", "f8", (3,)),  # innovations along the directions
        ("spread_m2", "f8", (3, 3)),  # position covariance of the track at the plot's time
        ("factor", "f8", (3, 3)),  # Cholesky factor of the innovations' covariance
        # the tracks it may belong to
        ("candidates", "i8"),
        ("track", "i8", (TRACK_CANDIDATES_MAX,)),
        ("square", "f8", (TRACK_CANDIDATES_MAX,)),  # squared statistical distance
        ("gain_log", "f8", (TRACK_CANDIDATES_MAX,)),  # log of the odds that taking it adds to the track
    ]
)

WORK = np.dtype(
    [
        ("factor", "f8", (6, 6)),
        ("whitened", "f8", (6,)),
        ("probability", "f8", (MODELS,)),  # after mixing
        ("weights", "f8", (MODELS,)),
        ("gaps", "f8", (MODELS, 6)),  # of the models from the track
        ("second", "f8", (MODELS, 6, 6)),  # their second moments about the track
        ("ahead", "f8", (3, 3)),  # blocks of a transition: position from velocity, velocity from velocity
        ("swing", "f8", (3, 3)),
        ("pull", "f8", (6,)),  # both from the seventh state
        ("rows", "f8", (6, STATES)),
        ("shift", "f8", (6,)),
        ("slope", "f8", (3,)),
        ("middle", "f8", (3,)),
        ("speed", "f8", (3,)),
        ("gain", "f8", (STATES,)),
        ("slant", "f8", (3,)),  # unit vector from a sensor to the track
        ("slopes", "f8", (2, 6)),  # of a pair of plots by the biases of their sensors
        ("gap", "f8", (2,)),
        ("at", "i8", (6,)),
        ("log", "f8", (MODELS,)),  # log likelihoods of the plot in hand
    ]
)
"""Room for one update: kernels that allocate would spend a third of their time on it."""

ITEM = np.dtype(
    [
        ("cell", "i8"),  # key of the cell
        ("row", "i8"),  # of the track
        ("radius_m", "f8"),
        ("flat_m", "f8", (3,)),
    ]
)

UPDATE = np.dtype(
    [
        ("time_ns", "i8"),
        ("number", "i8"),
        ("status", "i8"),  # CONFIRMED, or DROPPED where the track ends
        ("state", "f8", (6,)),
        ("covariance", "f8", (6, 6)),
        ("probability", "f8", (MODELS,)),
        ("score", "f8"),
        ("sensors", "i8"),
        ("icao24", "i8"),
        ("mode_a", "i8"),
        ("callsign", "i8"),
        ("doubts", "i8"),
        ("height_known", "i8"),
    ]
)

HIGH: Final = 0
FREE_ROWS: Final = 1
CLOCK: Final = 2
STAMP: Final = 3
GRID_BUILT: Final = 4
SLOT_MASK: Final = 5
SLOTS_USED: Final = 6
LOST: Final = 7
LOGGED: Final = 8
LISTED: Final = 9
HEAD: Final = 10
"""Indices in Desk.head: rows ever used; how many of them are free; up to when tracks were kept (a multiple of
lifecycle.KEEP_NS); count of scans; 1 while the grid is good; slots for addresses less one; how many of them
are taken; lost addresses so far; rows in the log; plots in the assignment in hand."""

COUNT_PLOTS: Final = 0
COUNT_ASSOCIATED: Final = 1
COUNT_STARTED: Final = 2
COUNT_CONFIRMED: Final = 3
COUNT_DROPPED: Final = 4
COUNT_MERGED: Final = 5
COUNT_CANDIDATES_CUT: Final = 6
COUNT_CLUSTERS_CUT: Final = 7
COUNT_PAIRS: Final = 8
COUNTS: Final = 9
"""Indices in Desk.counts."""

BEYOND_NOW: Final = 1
TOO_OLD: Final = 2
NO_SENSOR: Final = 3
NO_POSITION: Final = 4
IMPOSSIBLE: Final = 5
TABLE_FULL: Final = 6
REPEATED: Final = 7
CROWDED: Final = 8
REASONS: Final = (
    "",
    "time lies beyond now",
    "too old",
    "no such sensor",
    "no position",
    "impossible value",
    "track table full",
    "repeated",
    "more than PLOTS_PER_SCAN_MAX in one scan",
)
"""Why a plot was refused, by code; code 0 is a plot that was taken."""

LEAPT: Final = 0
SHARED_ADDRESS: Final = 1
UNCONFIRMED: Final = 2
TOO_QUICK: Final = 3
SENSOR_IN_DOUBT: Final = 4
DOUBTS: Final = (
    "leapt",
    "address in two places",
    "no other sensor sees it",
    "quicker than anything that flies so",
    "its only sensor is in doubt",
)
"""Why a track deserves less trust, by bit of its doubts (docs/tracking.md). A doubt never removes a track."""

SPEED_SIGMA_MIN_M_S: Final = 30.0
SPEED_SIGMA_MAX_M_S: Final = 300.0
CROSSING_S: Final = 200.0
"""A new track's velocity is 0 +- sigma. 300 m/s puts the fastest aircraft (900 m/s) at three sigma. A sensor
of short reach watches slower things (ground traffic, drones): what would cross its reach within CROSSING_S
at one sigma stays in view for too few looks to be tracked, so its sigma is reach / CROSSING_S."""

BUCKETS_MAX: Final = 2 * TRACKS_MAX
SLOTS_MIN: Final = 64
SLOTS_MAX: Final = 4 * TRACKS_MAX
NEVER: Final = -(1 << 61)
DONE: Final = -1
FREE: Final = -1
"""Status of a row that no track has."""

CLUTTER_RINGS: Final = 16
CLUTTER_SECTORS: Final = 32
CLUTTER_CELLS: Final = CLUTTER_RINGS * CLUTTER_SECTORS
NAMES_MAX: Final = 1 << 17
LOST_MAX: Final = 1 << 12
"""Addresses of ended tracks whose numbers are remembered."""

assert BUCKETS_MAX & (BUCKETS_MAX - 1) == 0
assert SLOTS_MAX & (SLOTS_MAX - 1) == 0
assert NAMES_MAX & (NAMES_MAX - 1) == 0


class Grid(NamedTuple):
    """Where tracks are, by cell."""

    mask: I64  # (2,) buckets less one; newcomers
    levels: I64  # (3,) tracks in each of the grids
    starts: I64  # first place of each bucket in items
    items: Rows  # ITEM, bucket by bucket
    newcomers: I64  # first newcomer of each bucket since the grid was built, -1 none
    plane: F64  # (2, 3) unit vectors of the grid's plane, which touches the earth amid the sensors
    near: I64  # (PAIR_LOOKS_MAX,) rows that the search in hand has found


class Desk(NamedTuple):
    """Everything that one tracker works on.

    The first block is what the past has left: a copy of it (rewind.py) and the plots since make the present.
    The names are never set back, or a number could go to two aircraft. The rest means nothing between steps.
    """

    head: I64  # (HEAD,)
    counts: I64  # (COUNTS,)
    refused: I64  # (sensors, reasons)
    sites: Rows  # SITE
    tracks: Rows  # TRACK
    banks: Rows  # BANK, row by row with the tracks
    looked_ns: I64  # (tracks, sensors) plot that counted as the newest look of each sensor; NEVER
    free: I64  # rows given up, the first FREE_ROWS of them
    clutter: F64  # (sensors, CLUTTER_CELLS) recent plots of nothing known
    clutter_ns: I64  # (sensors, CLUTTER_CELLS) when that was so
    normal: F64  # (3 sensors, 3 sensors + 1) normal equations of the biases, right-hand side last
    lost: I64  # (LOST_MAX, 3) address, number, time of ended tracks, round and round

    names: I64  # (NAMES_MAX, 2) key of a plot, number of the track that was confirmed with it
    number: I64  # (1,) next number

    log: Rows  # UPDATE, one per plot that a confirmed track has taken; no rows where none are wanted
    plots: Rows  # PLOT, those of the scan in hand
    grid: Grid
    slots: I64  # address -> row of its first track, -1 empty
    listed: I64  # rows of the plots that take part in the assignment in hand
    work: Rows  # WORK, one row
    solved: F64  # as normal: room to solve it


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
        site.radar = int(sensor.kind is SensorKind.RADAR)
        site.period_ns = max(1, round(sensor.period_s * SECOND_NS))
        site.range_min_m = sensor.range_min_m
        site.range_max_m = sensor.range_max_m
        site.sin_elevation_min = math.sin(math.radians(sensor.elevation_min_deg))
        site.sin_elevation_max = math.sin(math.radians(sensor.elevation_max_deg))
        site.azimuth_from_rad = math.radians(sensor.azimuth_from_deg)
        width_deg = (sensor.azimuth_to_deg - sensor.azimuth_from_deg) % 360.0
        site.azimuth_width_rad = math.radians(width_deg or 360.0)
        site.range_sigma_m = max(1.0, sensor.range_sigma_m)
        site.azimuth_sigma_rad = max(1e-5, math.radians(sensor.azimuth_sigma_deg))
        site.elevation_sigma_rad = max(1e-5, math.radians(sensor.elevation_sigma_deg))
        site.range_rate_sigma_m_s = max(0.1, sensor.range_rate_sigma_m_s)
        site.position_sigma_m = max(1.0, sensor.position_sigma_m)
        site.height_sigma_m = max(1.0, sensor.height_sigma_m)
        speed_m_s = sensor.range_max_m / CROSSING_S
        site.speed_sigma_m_s = min(SPEED_SIGMA_MAX_M_S, max(SPEED_SIGMA_MIN_M_S, speed_m_s))
        site.detection = min(0.98, max(0.3, sensor.detection_probability))
        site.miss_log = math.log(1.0 - site.detection)
        site.clutter_per_scan = sensor.clutter_per_scan
        site.first_ns = NEVER
        site.newest_ns = NEVER
        site.misfit = 1.0
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


def _make_grid(sensors: tuple[Sensor, ...]) -> Grid:
    return Grid(
        mask=np.zeros(2, np.int64),
        levels=np.zeros(3, np.int64),
        starts=np.zeros(BUCKETS_MAX + 1, np.int64),
        items=np.zeros(TRACKS_MAX, ITEM).view(np.recarray),
        newcomers=np.zeros(BUCKETS_MAX, np.int64),
        plane=_make_plane(sensors),
        near=np.zeros(PAIR_LOOKS_MAX, np.int64),
    )


def make_desk(sensors: tuple[Sensor, ...], *, number_first: int) -> Desk:
    """An empty desk for the fullest table; the system hands out memory only as rows are used."""
    head = np.zeros(HEAD, np.int64)
    head[CLOCK] = NEVER
    count = max(1, len(sensors))
    return Desk(
        head=head,
        counts=np.zeros(COUNTS, np.int64),
        refused=np.zeros((count, len(REASONS)), np.int64),
        sites=make_sites(sensors),
        tracks=np.zeros(TRACKS_MAX, TRACK).view(np.recarray),
        banks=np.zeros(TRACKS_MAX, BANK).view(np.recarray),
        looked_ns=np.zeros((TRACKS_MAX, count), np.int64),
        free=np.zeros(TRACKS_MAX, np.int64),
        clutter=np.zeros((count, CLUTTER_CELLS)),
        clutter_ns=np.zeros((count, CLUTTER_CELLS), np.int64),
        normal=np.zeros((3 * count, 3 * count + 1)),
        lost=np.zeros((LOST_MAX, 3), np.int64),
        names=np.zeros((NAMES_MAX, 2), np.int64),
        number=np.array([number_first], np.int64),
        log=np.zeros(0, UPDATE).view(np.recarray),
        plots=np.zeros(PLOTS_PER_SCAN_MAX, PLOT).view(np.recarray),
        grid=_make_grid(sensors),
        slots=np.zeros(SLOTS_MAX, np.int64),
        listed=np.zeros(PLOTS_PER_SCAN_MAX, np.int64),
        work=np.zeros(1, WORK).view(np.recarray),
        solved=np.zeros((3 * count, 3 * count + 1)),
    )


def make_pairs() -> Matching:
    """Room for the assignment of the fullest scan."""
    return make_matching(PLOTS_PER_SCAN_MAX, TRACKS_MAX, PLOTS_PER_SCAN_MAX * TRACK_CANDIDATES_MAX)
