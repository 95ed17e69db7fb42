"""The truth as the judge uses it: where an object was, when it entered a zone, whose rows it is in."""

from typing import Final

import numpy as np

from foedus.drill.outcome import Truth
from foedus.judge.cut import cell_deg
from foedus.judge.hub import CELL_M
from foedus.judge.place import EARTH_M, EDGE_DEG, IN, OUT, away_m, in_band, inside
from foedus.judge.tape import Flow
from foedus.model import F64, I64, SECOND_NS, Bool
from foedus.pact.clauses import Zone

OF_M: Final = 8_000.0
"""A row is of an object within this and four sigma of it: two radars' errors at 100 km, with room."""


class Sky:
    """Where every scripted object was, straight between the ticks of the truth."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        rows = truth.rows
        self._rows = [np.flatnonzero(rows.target == index) for index in range(len(truth.targets))]

    def row_of(self, target: str) -> int:
        """Index of a target by its id."""
        return next(row for row, one in enumerate(self.truth.targets) if one.id == target)

    def place(self, target: int, time_ns: I64) -> tuple[F64, F64, F64]:
        """Latitude, longitude (radians) and height at those times; NaN where it was not in the air."""
        at, rows = self._rows[target], self.truth.rows
        if not len(at):
            nothing = np.full(len(time_ns), np.nan)
            return nothing, nothing, nothing
        start_ns = int(rows.time_ns[at[0]])
        known = (rows.time_ns[at] - start_ns) / SECOND_NS
        asked = (time_ns - start_ns) / SECOND_NS
        lat, lon, height = (
            np.interp(asked, known, column[at], left=np.nan, right=np.nan)
            for column in (rows.lat_rad, rows.lon_rad, rows.height_m)
        )
        return lat, lon, height

    def entry_ns(self, target: int, zone: Zone, from_ns: int) -> int:
        """When the object was first inside the zone at or after that time, to the tick; 0: never."""
        at, rows = self._rows[target], self.truth.rows
        at = at[rows.time_ns[at] >= from_ns]
        if not len(at):
            return 0
        lat, lon = np.degrees(rows.lat_rad[at]), np.degrees(rows.lon_rad[at])
        here = inside(zone, lat, lon, np.full(len(at), EDGE_DEG)) == IN
        here &= in_band(zone, rows.height_m[at], np.zeros(len(at)), unknown=OUT) == IN
        return int(rows.time_ns[at[here]][0]) if here.any() else 0

    def about(self, flow: Flow, target: int) -> Bool:
        """Which rows of a flow lie where that object was at their own time; shape (n,)."""
        lat, lon, _ = self.place(target, flow.rows.time_ns)
        half = np.sin((flow.rows.lat_rad - lat) / 2) ** 2
        half = half + np.cos(lat) * np.cos(flow.rows.lat_rad) * np.sin((flow.rows.lon_rad - lon) / 2) ** 2
        away = 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
        cells = np.array([CELL_M * cell_deg(form) for form in range(6)])[np.clip(flow.rows.form, 0, 5)]
        return np.asarray(away <= OF_M + cells + 4.0 * flow.rows.position_sigma_m)

    def near_cell_m(self, target: int, time_ns: int, lat_rad: float, lon_rad: float) -> float:
        """Metres between an object at that time and a point; infinite when it was not in the air."""
        lat, lon, _ = self.place(target, np.array([time_ns], np.int64))
        if np.isnan(lat[0]):
            return float("inf")
        return float(away_m(lat, lon, lat_rad, lon_rad)[0])
