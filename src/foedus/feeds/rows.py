"""The two arrays that kernels fill, one row of them per column of Plots, and how they become Plots.

Kernels get two arrays instead of fourteen because every array that is passed from kernel to kernel costs
compile time, which a newcomer waits for (measured: half of it).
"""

from typing import Final

import numpy as np

from foedus.model import F64, I64, Plots

# Rows of the whole numbers.
TIME_NS: Final = 0
SENSOR: Final = 1
KIND: Final = 2
ICAO24: Final = 3
MODE_A: Final = 4
CALLSIGN: Final = 5
WHOLE: Final = 6

# Rows of the real numbers.
RANGE_M: Final = 0
AZIMUTH_RAD: Final = 1
ELEVATION_RAD: Final = 2
RANGE_RATE_M_S: Final = 3
LAT_RAD: Final = 4
LON_RAD: Final = 5
HEIGHT_M: Final = 6
BARO_M: Final = 7
REAL: Final = 8

HEIGHT_M_MIN: Final = -1_000.0
HEIGHT_M_MAX: Final = 1_000_000.0
"""Below the Dead Sea by far, and above everything that a radar of aircraft plots."""


def new_rows(plots: int) -> tuple[I64, F64]:
    """(whole, real) for so many plots, shapes (WHOLE, plots) and (REAL, plots); content undefined."""
    return np.empty((WHOLE, plots), np.int64), np.empty((REAL, plots))


def to_plots(whole: I64, real: F64, count: int) -> Plots:
    """The first `count` plots, copied."""
    return Plots(
        time_ns=whole[TIME_NS, :count].copy(),
        sensor=whole[SENSOR, :count].astype(np.int32),
        kind=whole[KIND, :count].astype(np.int8),
        range_m=real[RANGE_M, :count].copy(),
        azimuth_rad=real[AZIMUTH_RAD, :count].copy(),
        elevation_rad=real[ELEVATION_RAD, :count].copy(),
        range_rate_m_s=real[RANGE_RATE_M_S, :count].copy(),
        lat_rad=real[LAT_RAD, :count].copy(),
        lon_rad=real[LON_RAD, :count].copy(),
        height_m=real[HEIGHT_M, :count].copy(),
        baro_m=real[BARO_M, :count].copy(),
        icao24=whole[ICAO24, :count].astype(np.int32),
        mode_a=whole[MODE_A, :count].astype(np.int16),
        callsign=whole[CALLSIGN, :count].copy(),
    )
