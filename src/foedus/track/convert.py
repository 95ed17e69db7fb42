"""What a partner reported, as tracks that can be fused."""

import math
from typing import Final

import numpy as np

from foedus.model import F64, Form, Reports, Tracks, TrackStatus

METRE_PER_DEGREE: Final = 111_320.0
COARSE_SIGMA_M: Final = 0.1 * METRE_PER_DEGREE / math.sqrt(12.0)
REGION_SIGMA_M: Final = METRE_PER_DEGREE / math.sqrt(12.0)
"""One sigma of a position that lies anywhere in a cell of 0.1 or 1 degree (uniform, width / sqrt 12)."""


def reports_to_tracks(reports: Reports) -> Tracks:
    """The rows that carry a position (REGION, COARSE, TRACK) as confirmed tracks, numbers as reported.

    Positions of a grid form are the middle of their cell; a row's sigma is at least that of its cell,
    whatever it says. Unknown velocities stay NaN. Mode A codes do not travel.
    """
    rows = np.flatnonzero((reports.form >= Form.REGION) & (reports.form <= Form.TRACK))
    form = reports.form[rows]
    least_m = np.select([form == Form.COARSE, form == Form.REGION], [COARSE_SIGMA_M, REGION_SIGMA_M], 0.0)
    tracks = Tracks.empty(len(rows))
    return tracks._replace(
        number=reports.number[rows],
        time_ns=reports.time_ns[rows],
        status=np.full(len(rows), TrackStatus.CONFIRMED, np.int8),
        lat_rad=reports.lat_rad[rows],
        lon_rad=reports.lon_rad[rows],
        height_m=reports.height_m[rows],
        velocity_east_m_s=reports.velocity_east_m_s[rows],
        velocity_north_m_s=reports.velocity_north_m_s[rows],
        velocity_up_m_s=reports.velocity_up_m_s[rows],
        position_sigma_m=_at_least(reports.position_sigma_m[rows], least_m),
        height_sigma_m=reports.height_sigma_m[rows],
        velocity_sigma_m_s=reports.velocity_sigma_m_s[rows],
        track_class=reports.track_class[rows],
        icao24=reports.icao24[rows],
        callsign=reports.callsign[rows],
    )


def _at_least(sigma_m: F64, least_m: F64) -> F64:
    """The sigmas, not below what their form allows; an unknown one is that of its form."""
    return np.fmax(sigma_m, least_m)
