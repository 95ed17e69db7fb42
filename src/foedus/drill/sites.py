"""The invented sensors of a drill at work: truth in, the bytes of their feeds out, with errors and faults.

Radars turn: a target is seen when the beam passes it, in range, above the radio horizon of a 4/3 earth and
between the limits of elevation, with the sensor's probability; range and azimuth have errors. Bytes are
ASTERIX 048 with 034 north marks. Receivers hear what answers, each aircraft once a period at its own moment,
and send plots. What an inject changes counts from the next turn.
"""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
import numpy as np

from foedus.drill.chance import Chance
from foedus.drill.radar import CLUTTER_RANGE_M_MIN, TURN, north_ns, scan_at
from foedus.drill.sensors import site_ecef_m
from foedus.drill.source import RADAR_DELAY_NS, SECTORS
from foedus.drill.text import Site
from foedus.drill.truth import World
from foedus.feeds.asterix_encode import encode_034_north, encode_048
from foedus.feeds.plots_block import encode_plots
from foedus.geo import EFFECTIVE_RADIUS_M, geodetic_from_ecef
from foedus.model import F64, I64, SECOND_NS, Bool, PlotKind, Plots, Sensor, SensorKind, concatenate, take
from foedus.wire import FeedChunk

REACH_M: Final = 40_000.0
"""What a fast object may come nearer in one turn: nobody beyond range and this is looked at."""


class Fault(NamedTuple):
    """What is wrong with a sensor now; injects set it."""

    silent: bool = False
    range_m: float = 0.0
    azimuth_rad: float = 0.0
    clutter: float = -1.0  # mean false plots in a turn; below 0: as the sensor has it
    detection: float = -1.0  # probability; below 0: as the sensor has it


class Looker:
    """One sensor of one run."""

    def __init__(self, site: Site, number: int, world: World, chance: Chance) -> None:
        self.site = site
        self.fault = Fault()
        self._world = world
        self._chance = chance
        sensor = site.sensor
        self.sensor = coded(sensor, number)
        self._site_m = site_ecef_m(sensor)
        self._turned = _east_north_up(math.radians(sensor.lat_deg), math.radians(sensor.lon_deg))
        self._next = scan_at(sensor, world.start_ns)
        self._wanted = self._visible_kinds()
        self._phase = chance.generator("phase", sensor.id).random(world.count)

    @property
    def next_ns(self) -> int:
        """When the next turn begins."""
        return north_ns(self.sensor, self._next)

    def _visible_kinds(self) -> Bool:
        """Which objects this sensor could ever see: of its classes, its own ghosts, and what answers it."""
        world, site = self._world, self.site
        wanted = np.ones(world.count, np.bool_)
        if site.sees:
            wanted = np.isin(world.track_class, [int(one) for one in site.sees])
        if site.sensor.kind is SensorKind.RECEIVER:
            wanted &= world.icao24 >= 0
        for row, target in enumerate(world.targets):
            if target.only:
                wanted[row] = site.sensor.id in target.only
        return wanted

    def turn(self) -> Iterator[FeedChunk]:
        """The chunks of the next turn, in order of time."""
        begin_ns, scan = self.next_ns, self._next
        self._next += 1
        if self.fault.silent:
            return
        generator = self._chance.generator("turn", self.sensor.id, scan)
        plots = self._plots(begin_ns, generator)
        radar = self.sensor.kind is SensorKind.RADAR
        if radar:
            north = encode_034_north(begin_ns, self.sensor.sac, self.sensor.sic)
            yield FeedChunk(begin_ns + RADAR_DELAY_NS, self.site.member, self.sensor.id, north)
        sector_ns = round(self.sensor.period_s * SECOND_NS / SECTORS)
        sectors = np.minimum((plots.time_ns - begin_ns) // sector_ns, SECTORS - 1)
        for sector in range(SECTORS):
            rows = np.flatnonzero(sectors == sector)
            if len(rows):
                end_ns = begin_ns + (sector + 1) * sector_ns + RADAR_DELAY_NS
                part = take(plots, rows)
                data = encode_048(part, self.sensor.sac, self.sensor.sic) if radar else encode_plots(part)
                yield FeedChunk(end_ns, self.site.member, self.sensor.id, data)

    def _plots(self, begin_ns: int, generator: np.random.Generator) -> Plots:
        n = self._world.count
        chances, range_error, azimuth_error, climb_error = (
            generator.random(n), *generator.standard_normal((3, n))
        )  # fmt: skip
        seen, time_ns, place_m = self._look(begin_ns, chances)
        if self.sensor.kind is SensorKind.RECEIVER:
            errors_m = np.stack([range_error, azimuth_error, climb_error], axis=1)[seen]
            return self._heard(seen, time_ns, place_m, errors_m)
        plots = self._echoes(seen, time_ns, place_m, range_error[seen], azimuth_error[seen])
        clutter = self._clutter(begin_ns, generator)
        both = concatenate([plots, clutter]) if len(clutter.time_ns) else plots
        return take(both, np.argsort(both.time_ns, kind="stable"))

    # ------------------------------------------------------------ who is seen, and when

    def _look(self, begin_ns: int, chances: F64) -> tuple[I64, I64, F64]:
        """(objects seen, when (k,), where they then are in east, north, up (k, 3))."""
        first = begin_ns // SECOND_NS
        last = first + math.ceil(self.sensor.period_s) + 1
        begin = self._world.at_second(first)
        near = np.linalg.norm(begin.ecef_m - self._site_m, axis=1) < self.sensor.range_max_m + REACH_M
        late = self._world.at_second(last)
        appears = np.isnan(begin.height_m) & ~np.isnan(late.height_m)
        rows = np.flatnonzero((near | appears) & self._wanted)
        grid = np.stack([self._world.at_second(second).ecef_m[rows] for second in range(first, last + 1)])
        offset_s = (begin_ns - first * SECOND_NS) / SECOND_NS
        if self.sensor.kind is SensorKind.RECEIVER:
            after_s = self._phase[rows] * self.sensor.period_s
        else:
            after_s = self._swept(grid, offset_s)
        enu_m = self._between(grid, offset_s + after_s)
        seen = self._detects(rows, enu_m, chances)
        time_ns = begin_ns + np.round(after_s[seen] * SECOND_NS).astype(np.int64)
        return rows[seen], time_ns, enu_m[seen]

    def _swept(self, grid: F64, offset_s: float) -> F64:
        """Seconds from the beginning of the turn until the beam passes each object."""
        after_s = np.zeros(grid.shape[1])
        for _ in range(2):  # the beam is 1e5 times faster than a bearing moves
            enu_m = self._between(grid, offset_s + after_s)
            bearing = np.arctan2(enu_m[:, 0], enu_m[:, 1]) % TURN
            after_s = np.where(np.isnan(bearing), 0.0, bearing / TURN * self.sensor.period_s)
        return after_s

    def _between(self, grid: F64, seconds: F64) -> F64:
        """East, north, up of each object at its own time, counted from the first second of the grid."""
        index = np.minimum(seconds.astype(np.int64), len(grid) - 2)
        share = (seconds - index)[:, None]
        column = np.arange(grid.shape[1])
        one, two = grid[index, column], grid[index + 1, column]
        east_north_up: F64 = (one + share * (two - one) - self._site_m) @ self._turned.T
        return east_north_up

    def _detects(self, rows: I64, enu_m: F64, chances: F64) -> Bool:
        sensor = self.sensor
        range_m = np.linalg.norm(enu_m, axis=1)
        probability = sensor.detection_probability if self.fault.detection < 0.0 else self.fault.detection
        height_m = self._heights(enu_m, range_m)
        with np.errstate(invalid="ignore"):
            elevation = np.degrees(np.arcsin(np.clip(enu_m[:, 2] / range_m, -1.0, 1.0)))
            elevation += np.degrees(range_m / EARTH_M) / 8.0  # of a 4/3 earth: rays bend down by a quarter
            horizon_m = math.sqrt(2.0 * EFFECTIVE_RADIUS_M * max(0.0, sensor.height_m)) + np.sqrt(
                2.0 * EFFECTIVE_RADIUS_M * np.maximum(0.0, height_m)
            )
            bearing = np.degrees(np.arctan2(enu_m[:, 0], enu_m[:, 1])) % 360.0
            good: Bool = (range_m >= sensor.range_min_m) & (range_m <= sensor.range_max_m)
            good &= (range_m <= horizon_m) & (chances[rows] < probability)
            good &= elevation <= sensor.elevation_max_deg
            if sensor.elevation_min_deg > 0.0:
                good &= elevation >= sensor.elevation_min_deg
            width = (sensor.azimuth_to_deg - sensor.azimuth_from_deg) % 360.0
            if width > 0.0:
                good &= (bearing - sensor.azimuth_from_deg) % 360.0 <= width
        return good

    def _heights(self, enu_m: F64, range_m: F64) -> F64:
        """Heights above the ellipsoid, from the sphere that fits the earth here (law of cosines)."""
        from_centre_m = EARTH_M + self.sensor.height_m
        height_m: F64 = np.sqrt(from_centre_m**2 + range_m**2 + 2.0 * from_centre_m * enu_m[:, 2]) - EARTH_M
        return height_m

    # ------------------------------------------------------------ what it says of them

    def _echoes(self, seen: I64, time_ns: I64, enu_m: F64, range_error: F64, azimuth_error: F64) -> Plots:
        world, sensor = self._world, self.sensor
        true_m = np.linalg.norm(enu_m, axis=1)
        range_m = true_m + range_error * sensor.range_sigma_m + self.fault.range_m
        bearing = np.arctan2(enu_m[:, 0], enu_m[:, 1])
        bearing += azimuth_error * math.radians(sensor.azimuth_sigma_deg) + self.fault.azimuth_rad
        answers = world.icao24[seen] >= 0
        return Plots.empty(len(seen))._replace(
            time_ns=time_ns,
            kind=np.full(len(seen), PlotKind.POLAR, np.int8),
            range_m=np.clip(range_m, 0.0, RANGE_M_MAX),
            azimuth_rad=bearing % TURN,
            baro_m=np.where(answers, self._heights(enu_m, true_m), np.nan),
            icao24=world.icao24[seen],
            callsign=world.callsign[seen],
        )

    def _heard(self, seen: I64, time_ns: I64, enu_m: F64, errors: F64) -> Plots:
        world = self._world
        placed_m = enu_m + errors * np.array([1.0, 1.0, 0.0]) * self.sensor.position_sigma_m
        lat_rad, lon_rad, height_m = geodetic_from_ecef(placed_m @ self._turned + self._site_m).T
        plots = Plots.empty(len(seen))._replace(
            time_ns=time_ns,
            kind=np.full(len(seen), PlotKind.GEODETIC, np.int8),
            lat_rad=lat_rad,
            lon_rad=lon_rad,
            baro_m=height_m,
            icao24=world.icao24[seen],
            callsign=world.callsign[seen],
        )
        return take(plots, np.argsort(plots.time_ns, kind="stable"))

    def _clutter(self, begin_ns: int, generator: np.random.Generator) -> Plots:
        """False plots, evenly spread in range and azimuth."""
        sensor = self.sensor
        mean = sensor.clutter_per_scan if self.fault.clutter < 0.0 else self.fault.clutter
        n = int(generator.poisson(mean))
        share = generator.random(n)
        return Plots.empty(n)._replace(
            time_ns=begin_ns + np.round(share * sensor.period_s * SECOND_NS).astype(np.int64),
            kind=np.full(n, PlotKind.POLAR, np.int8),
            range_m=generator.uniform(min(CLUTTER_RANGE_M_MIN, sensor.range_max_m), sensor.range_max_m, n),
            azimuth_rad=share * TURN,
        )


EARTH_M: Final = 6_371_008.8
RANGE_M_MAX: Final = 472_200.0
"""Item 048/040 holds up to 255 NM."""


def coded(sensor: Sensor, number: int) -> Sensor:
    """The sensor with system codes of its own where the file gives none: area code 0, then by number."""
    if sensor.kind is not SensorKind.RADAR or sensor.sac >= 0:
        return sensor
    return msgspec.structs.replace(sensor, sac=number // 256, sic=number % 256)


def _east_north_up(lat_rad: float, lon_rad: float) -> F64:
    """The matrix that turns earth-centred vectors into east, north, up."""
    sin_lat, cos_lat = math.sin(lat_rad), math.cos(lat_rad)
    sin_lon, cos_lon = math.sin(lon_rad), math.cos(lon_rad)
    return np.array(
        [
            [-sin_lon, cos_lon, 0.0],
            [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
            [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat],
        ]
    )
