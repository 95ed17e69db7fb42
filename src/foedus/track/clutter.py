"""How many plots of nothing known a sensor gives, and where: the map that each new plot is judged against.

Every sensor has rings and sectors around it. A cell counts the plots that continued no confirmed track, in a
memory of MEMORY_PERIODS periods; its density begins at what the sensor file says. So where many plots
come from nothing known, be it weather, a motorway or a sky that is not tracked yet, it takes more of them
to make a track. Blackman, Popoli, Design and Analysis of Modern Tracking Systems (1999), 6.2 and 14.2.
"""

import math
from typing import Final

from foedus.jit import part
from foedus.model import F64, I64
from foedus.track.table import CLUTTER_RINGS, CLUTTER_SECTORS, NEVER, Plot, Site

MEMORY_PERIODS: Final = 5.0
PRIOR_PERIODS: Final = 3.0
"""The file's word counts like so many periods of looking."""
CLUTTER_MIN: Final = 0.5
"""Plots of nothing known per scan that the most trusted sensor is believed to give."""
HEIGHTS_M: Final = 15_000.0
"""Span over which heights of such plots are spread."""
SPEECH_DENSITY: Final = 1e-3
"""Share of such plots that carry an address: reports have checksums."""


@part
def _polar(site: Site, plot: Plot) -> tuple[float, float]:
    """(ground range, azimuth) of a plot from its sensor."""
    east = north = 0.0
    for a in range(3):
        away = plot.centre_m[a] - site.position_m[a]
        east += away * site.axes[0, a]
        north += away * site.axes[1, a]
    return math.sqrt(east * east + north * north), math.atan2(east, north)


@part
def _cell_area_m2(site: Site, ring: int) -> float:
    width_m = site.range_max_m / CLUTTER_RINGS
    return math.pi * width_m * width_m * (2.0 * ring + 1.0) / CLUTTER_SECTORS


@part
def _recent(clutter: F64, clutter_ns: I64, site: Site, plot: Plot) -> float:
    """Plots of nothing known in the plot's cell, the older the less."""
    s, cell = plot.sensor, plot.clutter_cell
    age = (plot.time_ns - clutter_ns[s, cell]) / (MEMORY_PERIODS * site.period_ns)
    return float(clutter[s, cell] * math.exp(-max(0.0, age)))


@part
def judge_surprise(clutter: F64, clutter_ns: I64, site: Site, plot: Plot) -> None:
    """Set the plot's cell and the log density of plots of nothing known there, per look and m^2 (or m^3)."""
    range_m, azimuth = _polar(site, plot)
    ring = min(CLUTTER_RINGS - 1, int(range_m / site.range_max_m * CLUTTER_RINGS))
    sector = int((azimuth / (2.0 * math.pi) + 0.5) * CLUTTER_SECTORS) % CLUTTER_SECTORS
    plot.clutter_cell = ring * CLUTTER_SECTORS + sector
    area_m2 = _cell_area_m2(site, ring)
    whole_m2 = math.pi * site.range_max_m * site.range_max_m
    prior = max(CLUTTER_MIN, site.clutter_per_scan) * area_m2 / whole_m2
    heard = 0.0
    if site.first_ns != NEVER:
        heard = (plot.time_ns - site.first_ns) / site.period_ns
        heard = MEMORY_PERIODS * (1.0 - math.exp(-max(0.0, heard) / MEMORY_PERIODS))
    unknown = prior * PRIOR_PERIODS + _recent(clutter, clutter_ns, site, plot)
    density = unknown / (area_m2 * (PRIOR_PERIODS + heard))
    if plot.icao24 >= 0:
        density *= SPEECH_DENSITY
    if plot.measured == 3:
        density /= HEIGHTS_M
    plot.surprise = math.log(density)


@part
def note_unknown(clutter: F64, clutter_ns: I64, site: Site, plot: Plot) -> None:
    """Count the plot as one of nothing known."""
    s, cell = plot.sensor, plot.clutter_cell
    clutter[s, cell] = _recent(clutter, clutter_ns, site, plot) + 1.0
    clutter_ns[s, cell] = max(plot.time_ns, clutter_ns[s, cell])
