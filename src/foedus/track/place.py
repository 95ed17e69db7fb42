"""Where plots lie, for those who must know before any tracker does: the pact decides by place."""

import math

import numpy as np

from foedus.geo import ecef_to_geodetic
from foedus.jit import kernel
from foedus.model import F64, Plots, Sensor
from foedus.track.measure import load_plot, measure
from foedus.track.table import PLOT, Rows, make_sites


@kernel
def _fill_places(raw: Plots, sites: Rows, plots: Rows, out: F64) -> None:
    """Latitude, longitude, height of each row of raw; NaN where it has none. `plots` is room for one row."""
    plot = plots[0]
    for p in range(raw.time_ns.shape[0]):
        sensor = raw.sensor[p]
        for c in range(3):
            out[p, c] = math.nan
        if not 0 <= sensor < sites.shape[0]:
            continue
        load_plot(raw, p, plot)
        if measure(plot, sites[sensor]) != 0:
            continue
        lat, lon, height_m = ecef_to_geodetic(plot.centre_m[0], plot.centre_m[1], plot.centre_m[2])
        out[p, 0] = lat
        out[p, 1] = lon
        if plot.measured == 3:
            out[p, 2] = height_m


class Placer:
    """Places plots of one list of sensors."""

    def __init__(self, sensors: tuple[Sensor, ...]) -> None:
        self._sites = make_sites(sensors)
        self._room = np.zeros(1, PLOT).view(np.recarray)

    def place(self, plots: Plots) -> tuple[F64, F64, F64]:
        """(latitude, longitude, height) of each plot, radians and metres.

        Height is NaN where the plot gives none; everything is NaN for a plot that no tracker would take.
        """
        out = np.empty((len(plots.time_ns), 3))
        _fill_places(plots, self._sites, self._room, out)
        return out[:, 0].copy(), out[:, 1].copy(), out[:, 2].copy()
