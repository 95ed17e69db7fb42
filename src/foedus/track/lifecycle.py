"""Start, confirm, coast, merge and drop: by the log odds that a track exists.

A plot adds what odds_gained says; a look that a sensor should have had and had not takes log(1 - P_D) away.
Looks are counted in time: a sensor that turns in T and has been silent on a track for longer than that has
missed dt / T looks in dt, if it is in coverage and the sensor speaks at all. Blackman, Popoli, Design and
Analysis of Modern Tracking Systems (1999), 6.2: log-likelihood ratio, Wald's test.
"""

import math
from typing import Final

from foedus.geo import EFFECTIVE_RADIUS_M
from foedus.jit import part
from foedus.limits import TENTATIVE_PER_SENSOR_MAX
from foedus.model import F64, I64, SECOND_NS, PlotKind, TrackStatus
from foedus.track.table import (
    CLOCK,
    COUNT_CONFIRMED,
    COUNT_DROPPED,
    COUNT_STARTED,
    FREE,
    FREE_ROWS,
    GRID_BUILT,
    HIGH,
    LOGGED,
    LOST,
    LOST_MAX,
    MODELS,
    NAMES_MAX,
    NEVER,
    STAMP,
    Bank,
    Desk,
    Plot,
    Rows,
    Site,
    Track,
)
from foedus.track.update import seat_track

TENTATIVE: Final = int(TrackStatus.TENTATIVE)
CONFIRMED: Final = int(TrackStatus.CONFIRMED)
DROPPED: Final = int(TrackStatus.DROPPED)
GEODETIC: Final = int(PlotKind.GEODETIC)

KEEP_NS: Final = 2 * SECOND_NS
"""Tracks are kept (judged, dropped, merged) at multiples of this, whatever the steps are."""
LOOKS_TO_CONFIRM: Final = 3
LOOKS_TO_CONFIRM_ADDRESS: Final = 2
"""Looks without which nothing is confirmed; a position report with an address is no clutter, two of them
show a course."""
SCORE_CONFIRM: Final = math.log(1e4)
SCORE_DROP: Final = math.log(1e-2)
SCORE_FORGET: Final = math.log(0.08)
SCORE_BEGIN: Final = 0.0
SCORE_MAX: Final = 14.0
"""Log odds to be confirmed (one false track in ten thousand), to be dropped, to be forgotten while tentative
(one look missed, and nobody else has seen it), of a first plot (as likely something as nothing), and the
highest, so that what has been seen for an hour ends as soon as the rest: eight looks missed at 0.9."""
TENTATIVE_PERIODS: Final = 6.0
"""A track not confirmed after so many periods of its sensors is dropped."""
SILENT_PERIODS: Final = 2.5
"""After so many periods without a plot a tentative track is dropped and a confirmed one coasts: two looks
missed at detection probability 0.9 happen once in a hundred, and half a period allows for jitter."""
DROP_MIN_NS: Final = 15 * SECOND_NS
DROP_MAX_NS: Final = 60 * SECOND_NS
DROP_PERIODS: Final = 6.0
"""A confirmed track is kept for DROP_MIN_NS of silence, whatever its odds; dropped after DROP_PERIODS of
its slowest sensor where one that has seen it should see it, even if that sensor is silent altogether; after
DROP_MAX_NS elsewhere: in a cone of silence, behind a hill, out of reach."""
HEARD_PERIODS: Final = 2.5
"""A sensor counts as a source of a track for so many of its periods after the plot that counted as its look:
two periods, and half a one for plots that came with that look."""
LATE_PERIODS: Final = 1.2
"""A sensor is late on a track after so many periods."""
MUTE_PERIODS: Final = 1.5
"""A sensor that has given no plot at all for so long is taken to be off: its silence says nothing."""
COVER_KEEPS: Final = 4
"""A track's coverage is looked at once in so many turns of keeping: at 250 m/s every 2 km."""
UNTRIED_LOG: Final = math.log(1.0 - 0.3)
"""Log odds of a missed look at the detection probability (0.3) that is believed of a radar which has never
seen the track: hills may stand between."""
LOST_NS: Final = 600 * SECOND_NS
"""How long an address gets its number back after its track has ended."""


@part
def covers(site: Site, x: F64, late_s: float) -> bool:
    """Whether a state will be in a sensor's coverage: range, sector, elevation over the 4/3 earth."""
    away = (
        x[0] + late_s * x[3] - site.position_m[0],
        x[1] + late_s * x[4] - site.position_m[1],
        x[2] + late_s * x[5] - site.position_m[2],
    )
    square = away[0] * away[0] + away[1] * away[1] + away[2] * away[2]
    if square > site.range_max_m * site.range_max_m or square < site.range_min_m * site.range_min_m:
        return False
    east = north = up = 0.0
    for a in range(3):
        east += away[a] * site.axes[0, a]
        north += away[a] * site.axes[1, a]
        up += away[a] * site.axes[2, a]
    # Refraction lifts a ray by r / 2 (1/R - 1/R_eff) = r / (6 R_eff) over the straight line.
    distance_m = math.sqrt(square)
    sin_elevation = up / distance_m + distance_m / (6.0 * EFFECTIVE_RADIUS_M)
    if not site.sin_elevation_min <= sin_elevation <= site.sin_elevation_max:
        return False
    if site.azimuth_width_rad >= 2.0 * math.pi:
        return True
    turn = math.atan2(east, north) - site.azimuth_from_rad
    return bool(turn % (2.0 * math.pi) <= site.azimuth_width_rad)


@part
def _look_around(sites: Rows, looked_ns: I64, track: Track, time_ns: int) -> None:
    """Set which sensors have the track in their coverage, and when none that has seen it before had."""
    track.covered = 0
    seen_before = False
    late_s = (time_ns - track.time_ns) * 1e-9
    for s in range(sites.shape[0]):
        if covers(sites[s], track.state, late_s):
            track.covered |= 1 << s
            seen_before = seen_before or looked_ns[s] != NEVER
    if not seen_before:
        track.hidden_ns = time_ns


@part
def _judge_silence(sites: Rows, looked_ns: I64, track: Track, time_ns: int) -> None:
    """Take from a track's score what its silent sensors say, for the KEEP_NS before time_ns; set its pace.

    looked_ns: (sensors,) newest look of each sensor at the track.
    """
    pace_ns = 0
    for s in range(sites.shape[0]):
        site = sites[s]
        period_ns = site.period_ns
        never = looked_ns[s] == NEVER
        if not never and track.time_ns - looked_ns[s] <= SILENT_PERIODS * period_ns:
            pace_ns = max(pace_ns, period_ns)
        late_ns = time_ns - max(looked_ns[s], track.born_ns) - LATE_PERIODS * period_ns
        if late_ns <= 0 or track.covered >> s & 1 == 0 or (never and site.radar == 0):
            continue
        if time_ns - site.newest_ns > MUTE_PERIODS * period_ns:
            continue
        looks = min(late_ns, KEEP_NS) / period_ns
        if never:
            track.score += looks * UNTRIED_LOG
            track.unseen += looks
        else:
            track.score += looks * site.miss_log
            if track.status == CONFIRMED:
                site.due += looks
    if pace_ns > 0:
        track.pace_ns = pace_ns


@part
def is_over(track: Track, time_ns: int) -> bool:
    """Whether a track is to be dropped at time_ns."""
    silence_ns = time_ns - track.time_ns
    if track.status == TENTATIVE:
        old = time_ns - track.born_ns > TENTATIVE_PERIODS * track.pace_ns
        return bool(old or silence_ns > SILENT_PERIODS * track.pace_ns or track.score < SCORE_FORGET)
    if silence_ns <= DROP_MIN_NS:
        return False
    in_view_ns = time_ns - max(track.time_ns, track.hidden_ns)
    late = in_view_ns > max(DROP_MIN_NS, DROP_PERIODS * track.pace_ns)
    return bool(late or silence_ns > DROP_MAX_NS or track.score < SCORE_DROP)


@part
def log_track(
    head: I64, log: Rows, track: Track, bank: Bank, sensors: int, time_ns: int, status: int
) -> None:
    """Append a track as it is to the log where there is one with room."""
    if head[LOGGED] >= log.shape[0]:
        return
    row = log[head[LOGGED]]
    head[LOGGED] += 1
    row.time_ns = time_ns
    row.status = status
    row.number = track.number
    for a in range(6):
        row.state[a] = track.state[a]
        for b in range(6):
            row.covariance[a, b] = track.covariance[a, b]
    for j in range(MODELS):
        row.probability[j] = bank.probability[j]
    row.score = track.score
    row.sensors = sensors
    row.icao24 = track.icao24
    row.mode_a = track.mode_a
    row.callsign = track.callsign
    row.doubts = track.doubts
    row.height_known = track.height_known


@part
def free_track(desk: Desk, k: int, lost: bool) -> None:
    """Give up row k; the address of a lost track keeps its number for LOST_NS."""
    track = desk.tracks[k]
    if track.status == CONFIRMED:
        log_track(desk.head, desk.log, track, desk.banks[k], 0, desk.head[CLOCK], DROPPED)
    if lost and track.status == CONFIRMED and track.icao24 >= 0:
        at = desk.head[LOST] % LOST_MAX
        desk.lost[at, 0] = track.icao24
        desk.lost[at, 1] = track.number
        desk.lost[at, 2] = track.time_ns
        desk.head[LOST] += 1
    if track.status == TENTATIVE:
        desk.sites[track.born_by].tentative -= 1
    track.status = FREE
    track.number = 0
    desk.free[desk.head[FREE_ROWS]] = k
    desk.head[FREE_ROWS] += 1
    desk.head[GRID_BUILT] = 0


@part
def judge_tracks(desk: Desk, time_ns: int) -> bool:
    """Age all tracks by the KEEP_NS before time_ns and drop those that are over; whether any was."""
    changed = False
    for k in range(desk.head[HIGH]):
        track = desk.tracks[k]
        if track.status == FREE:
            continue
        silent = time_ns - track.time_ns > track.pace_ns
        if silent or (time_ns // KEEP_NS + k) % COVER_KEEPS == 0:
            _look_around(desk.sites, desk.looked_ns[k], track, time_ns)
        _judge_silence(desk.sites, desk.looked_ns[k], track, time_ns)
        if is_over(track, time_ns):
            if track.status == CONFIRMED:
                desk.counts[COUNT_DROPPED] += 1
            free_track(desk, k, True)
            changed = True
    return changed


@part
def _key_of(plot: Plot) -> int:
    """A number that tells a plot from others: microseconds modulo 12 days, sensor and place; below 2^60."""
    place = int(plot.centre_m[0] * 3.0) ^ int(plot.centre_m[1] * 5.0) ^ int(plot.centre_m[2] * 7.0)
    return int(((plot.time_ns // 1_000) & 0xFF_FFFF_FFFF) << 20 | ((place ^ plot.sensor << 14) & 0xF_FFFF))


@part
def _name_slot(key: int) -> int:
    return ((key ^ key >> 29) & 0x7FFF_FFFF) * 2_654_435_761 >> 12 & (NAMES_MAX - 1)


@part
def _known_name(desk: Desk, key: int) -> int:
    """Number of the track that was confirmed with this plot before and is not there now; 0 if none."""
    slot = _name_slot(key)
    number = desk.names[slot, 1]
    if desk.names[slot, 0] != key or number == 0:
        return 0
    for k in range(desk.head[HIGH]):
        if desk.tracks[k].number == number and desk.tracks[k].status == CONFIRMED:
            return 0  # a late plot has made two tracks of one: the other was first
    return int(number)


@part
def _lost_number(desk: Desk, track: Track) -> int:
    """Number that the track's address had not long ago, 0 if none."""
    if track.icao24 < 0:
        return 0
    for back in range(min(desk.head[LOST], LOST_MAX)):
        at = (desk.head[LOST] - 1 - back) % LOST_MAX
        if track.time_ns - desk.lost[at, 2] > LOST_NS:
            return 0
        if desk.lost[at, 0] == track.icao24:
            desk.lost[at, 0] = -1
            return int(desk.lost[at, 1])
    return 0


@part
def _name_track(desk: Desk, track: Track) -> None:
    """Give a track that is confirmed its number.

    Late plots set the desk back and the same track is then confirmed once more, so numbers are remembered by
    the plots that a track began with. The memory may forget (a slot holds one): the number then is new.
    """
    track.number = 0
    lost = _lost_number(desk, track)
    for i in range(4):
        if track.number == 0 and track.keys[i] != 0:
            track.number = _known_name(desk, track.keys[i])
    if track.number == 0:
        track.number = lost
    if track.number == 0:
        track.number = desk.number[0]
        desk.number[0] += 1
    for i in range(4):
        if track.keys[i] != 0:
            slot = _name_slot(track.keys[i])
            desk.names[slot, 0] = track.keys[i]
            desk.names[slot, 1] = track.number


@part
def note_plot(track: Track, looked_ns: I64, site: Site, plot: Plot, gained: float, stamp: int) -> bool:
    """Book a plot for a track: look, score, identity; whether the track is to be confirmed.

    looked_ns: (sensors,) newest look of each sensor at the track.
    """
    s = plot.sensor
    track.taken = stamp
    if plot.time_ns - looked_ns[s] >= site.period_ns // 2:
        if track.looks < 4:
            track.keys[track.looks] = _key_of(plot)
        track.looks += 1
        looked_ns[s] = plot.time_ns
        track.score = min(SCORE_MAX, track.score + gained)
        if track.status == CONFIRMED:
            site.due += 1.0
            site.had += 1.0
    if plot.measured == 3:
        track.height_known = 1
    if plot.mode_a >= 0:
        track.mode_a = plot.mode_a
    if plot.callsign != 0:
        track.callsign = plot.callsign
    if track.status == CONFIRMED:
        site.taken += 1
        return False
    told = plot.kind == GEODETIC and plot.icao24 >= 0
    looks = LOOKS_TO_CONFIRM_ADDRESS if told else LOOKS_TO_CONFIRM
    return bool(track.score >= SCORE_CONFIRM and track.looks >= looks)


@part
def book_plot(desk: Desk, k: int, plot: Plot, gained: float) -> None:
    """Book a plot for track k, and confirm the track if that is due."""
    track = desk.tracks[k]
    stamp = desk.head[STAMP]
    if note_plot(track, desk.looked_ns[k], desk.sites[plot.sensor], plot, gained, stamp):
        _name_track(desk, track)
        track.status = CONFIRMED
        desk.sites[track.born_by].tentative -= 1
        desk.counts[COUNT_CONFIRMED] += 1


@part
def sources_of(sites: Rows, looked_ns: I64, time_ns: int) -> int:
    """Bit set of the sensors whose newest looks, looked_ns (sensors,), are HEARD_PERIODS old or less."""
    sources = 0
    for s in range(sites.shape[0]):
        if time_ns - looked_ns[s] <= HEARD_PERIODS * sites[s].period_ns:
            sources |= 1 << s
    return sources


@part
def begin_track(desk: Desk, k: int, plot: Plot) -> None:
    """Row k as a tentative track that begins at the plot; its identity stays."""
    track, site = desk.tracks[k], desk.sites[plot.sensor]
    seat_track(track, desk.banks[k], site, plot, desk.work[0])
    track.status = TENTATIVE
    track.born_ns = plot.time_ns
    track.pace_ns = site.period_ns
    track.looks = 0
    track.height_known = 0
    track.falls = 0
    track.unseen = 0.0
    track.hidden_ns = NEVER
    track.fix_sensor = -1
    for i in range(4):
        track.keys[i] = 0
    for s in range(desk.looked_ns.shape[1]):
        desk.looked_ns[k, s] = NEVER
    track.score = SCORE_BEGIN
    book_plot(desk, k, plot, 0.0)


@part
def start_track(desk: Desk, plot: Plot) -> int:
    """The row of a new tentative track at the plot; -1 if the table, or the sensor's share of it, is full."""
    head, site = desk.head, desk.sites[plot.sensor]
    if site.tentative == TENTATIVE_PER_SENSOR_MAX:
        return -1
    if head[FREE_ROWS] > 0:
        head[FREE_ROWS] -= 1
        k = desk.free[head[FREE_ROWS]]
    elif head[HIGH] < desk.tracks.shape[0]:
        k = head[HIGH]
        head[HIGH] = k + 1
    else:
        return -1
    desk.counts[COUNT_STARTED] += 1
    site.tentative += 1
    track = desk.tracks[k]
    track.born_by = plot.sensor
    track.apart_from = 0
    track.icao24 = plot.icao24
    track.mode_a = -1
    track.callsign = 0
    track.number = 0
    track.doubts = 0
    track.first_same = 0
    track.next_same = -1
    track.covered = 0
    begin_track(desk, k, plot)
    return int(k)
