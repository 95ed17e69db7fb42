"""Whether a row carries no more than its form may: docs/pact.md, Forms, field by field."""

from typing import Final

import numpy as np

from foedus.model import F64, Bool, Form, Reports

GRID: Final = 1e-6
"""How far, in steps, a rounded value may lie from its step: radians to degrees and back lose 1e-13."""

STEPS: Final = {
    Form.COARSE: (0.1, 500.0, 25.0, 500.0, 100.0, 25.0),
    Form.REGION: (1.0, 0.0, 0.0, 5_000.0, 0.0, 0.0),
}
"""Cell in degrees; steps of height, velocity, and sigmas of position, height, velocity; 0: not carried."""


def cell_deg(form: int) -> float:
    """Width of the cell that a row of that form tells, 0 for an exact position."""
    return STEPS[Form(form)][0] if form in (Form.COARSE, Form.REGION) else 0.0


def too_fine(rows: Reports, form: Form) -> list[tuple[str, Bool]]:
    """(what is finer than that form carries, which rows) for rows that are all said to be of that form."""
    if form not in STEPS:
        return []
    cell, height_m, speed_m_s, place_sigma_m, height_sigma_m, speed_sigma_m_s = STEPS[form]
    found = [
        ("latitude off the middle of its cell", _off(np.degrees(rows.lat_rad) / cell - 0.5)),
        ("longitude off the middle of its cell", _off(np.degrees(rows.lon_rad) / cell - 0.5)),
        ("height", _finer(rows.height_m, height_m)),
        ("velocity east", _finer(rows.velocity_east_m_s, speed_m_s)),
        ("velocity north", _finer(rows.velocity_north_m_s, speed_m_s)),
        ("velocity up", _finer(rows.velocity_up_m_s, speed_m_s)),
        ("position accuracy", _finer(rows.position_sigma_m, place_sigma_m)),
        ("height accuracy", _finer(rows.height_sigma_m, height_sigma_m)),
        ("velocity accuracy", _finer(rows.velocity_sigma_m_s, speed_sigma_m_s)),
        ("address", rows.icao24 != -1),
        ("callsign", rows.callsign != 0),
    ]
    return [(what, which) for what, which in found if which.any()]


def _finer(values: F64, step: float) -> Bool:
    if step == 0.0:
        return np.asarray(~np.isnan(values))
    return np.asarray(np.isfinite(values) & _off(np.where(np.isfinite(values), values, 0.0) / step))


def _off(steps: F64) -> Bool:
    return np.asarray(np.abs(steps - np.rint(steps)) > GRID)
