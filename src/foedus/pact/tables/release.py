"""What a node's rows become on their way out: zones, verdicts, onward forms, and the rows cut to their form.

Every function takes the tables of compile.py and columns, and returns new columns.
"""

from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from foedus.errors import LimitError
from foedus.limits import TRACKS_MAX
from foedus.model import F64, I8, I16, I32, I64, Bool, Form, Reports, Tracks
from foedus.pact.tables import kernels
from foedus.pact.tables.compile import OPEN, PactTables
from foedus.pact.tables.rules import DENY
from foedus.pact.words import DataKind


class Decisions(NamedTuple):
    """Who gets what of each row, shape (n, parties)."""

    form: I8  # Form
    clause: I16  # index into the clauses of the tables; -1 default deny


Column = TypeVar("Column", bound=npt.NDArray[np.generic])


def _plain(column: Column, kind: type[np.generic]) -> Column:
    """The column in the one memory layout for which the kernels are compiled; a copy only where it is not."""
    if column.flags.carray and column.dtype == kind:
        return column
    return cast(Column, np.array(column, kind))


def zones_of(tables: PactTables, lat_rad: F64, lon_rad: F64, height_m: F64) -> I64:
    """The zones that hold each point, as bits in the order of the pact; columns of shape (n,)."""
    zones = np.empty(len(lat_rad), np.int64)
    lat_rad, lon_rad = _plain(lat_rad, np.float64), _plain(lon_rad, np.float64)
    kernels.fill_zones(tables.zone_table, lat_rad, lon_rad, _plain(height_m, np.float64), zones)
    return zones


def decide(tables: PactTables, track_class: I8, zones: I64, data: DataKind = DataKind.TRACKS) -> Decisions:
    """What each party gets of this member's own data of that kind when given directly, and by which clause.

    A party that may be reached through the hub only gets nothing here, by the clause of the route. How long
    it has to wait is another question: see `delays`.
    """
    shape = (len(zones), len(tables.parties))
    decisions = Decisions(np.empty(shape, np.int8), np.empty(shape, np.int16))
    kernels.fill_decisions(
        tables.rules,
        int(data),
        _plain(track_class, np.int8),
        _plain(zones, np.int64),
        *decisions,
        np.empty(kernels.SLOTS, np.int32),
    )
    return decisions


def delays(tables: PactTables, clause: I16) -> I64:
    """How old an estimate has to be before it leaves by each of these clauses, ns; 0 for default deny."""
    return np.where(clause == DENY, np.int64(0), tables.delay_ns[clause])


def onward(tables: PactTables, track_class: I8, zones: I64) -> I8:
    """The highest form in which the hub may pass each of this member's rows to each party, (n, parties).

    It goes into what is sent to the hub and nowhere else. Nothing goes on to a party that may not have every
    plot behind the hub's rows: such a row would tell of plots that are withheld.
    """
    forms = np.zeros((len(zones), len(tables.parties)), np.int8)
    if tables.hub_index < 0 or tables.hub or tables.rules.closed[tables.hub_index] != OPEN:
        return forms
    kernels.fill_onward(
        tables.rules,
        tables.me,
        tables.hub_index,
        _plain(track_class, np.int8),
        _plain(zones, np.int64),
        forms,
    )
    return forms


def decide_onward(tables: PactTables, forms_in: I8, track_class: I8, zones: I64) -> Decisions:
    """What each party gets of the hub's rows: the lower of its entitlement and of what the hub gives it.

    forms_in: (n, parties), the lowest onward form among the reports behind each row; nothing for the party
    that reported it. Where the entitlement is what withholds a row, the first caveat of the pact is named.
    """
    assert tables.hub
    given = decide(tables, track_class, zones)
    form = np.minimum(given.form, forms_in)
    clause = np.where((form == Form.NONE) & (given.form > Form.NONE), np.int16(tables.caveat), given.clause)
    return Decisions(form, clause)


def plot_mask(tables: PactTables, group: tuple[str, ...], track_class: I8, zones: I64) -> Bool:
    """Whether each plot may enter the tracker of a release group, shape (n,)."""
    columns = [tables.parties.index(partner) for partner in group]
    released = decide(tables, track_class, zones).form[:, columns] > Form.NONE
    return np.asarray(released.any(axis=1))


# ---------------------------------------------------------------- forms

COARSE_CELLS_PER_DEGREE = 10
REGION_CELLS_PER_DEGREE = 1
COARSE_HEIGHT_M = 500.0
COARSE_VELOCITY_M_S = 25.0
METRES_PER_DEGREE = 111_195.0  # of a great circle on the mean sphere
COARSE_SIGMA_STEP_M = 500.0
REGION_SIGMA_STEP_M = 5_000.0
COARSE_HEIGHT_SIGMA_STEP_M = 100.0
_UNIFORM = 12.0**-0.5  # standard deviation of what is uniform over a unit


def degrade(
    tracks: Tracks,
    form: I8,
    clause: I16,
    tables: PactTables,
    *,
    numbers: I32,
    onward: I8 | None = None,
) -> Reports:
    """The rows that one party gets, each cut to its form; rows of form NONE are left out.

    form, clause, numbers: (n,), the column of that party in the decisions and the recipient's numbers.
    onward: (n, parties), only for the hub. Positions become the middle of their cell, and the sigmas of a row
    say how wide the cell is, in coarse steps, so that the sender's accuracy does not show.
    """
    if len(form) > TRACKS_MAX:
        raise LimitError(name="TRACKS_MAX", limit=TRACKS_MAX, asked=len(form))
    rows = np.flatnonzero(form > Form.NONE)
    kept = form[rows]
    exact = kept >= Form.TRACK
    coarse = kept == Form.COARSE
    lat_rad, lon_rad = tracks.lat_rad[rows], tracks.lon_rad[rows]
    if not exact.all():
        cells = np.where(kept >= Form.COARSE, COARSE_CELLS_PER_DEGREE, REGION_CELLS_PER_DEGREE)
        lat_rad = np.where(exact, lat_rad, _middle(lat_rad, cells, 90))
        lon_rad = np.where(exact, lon_rad, _middle(lon_rad, cells, 180))
    return Reports(
        number=numbers[rows],
        time_ns=tracks.time_ns[rows],
        form=kept,
        clause=clause[rows],
        lat_rad=lat_rad,
        lon_rad=lon_rad,
        height_m=_stepped(tracks.height_m[rows], exact, coarse, COARSE_HEIGHT_M),
        velocity_east_m_s=_stepped(tracks.velocity_east_m_s[rows], exact, coarse, COARSE_VELOCITY_M_S),
        velocity_north_m_s=_stepped(tracks.velocity_north_m_s[rows], exact, coarse, COARSE_VELOCITY_M_S),
        velocity_up_m_s=_stepped(tracks.velocity_up_m_s[rows], exact, coarse, COARSE_VELOCITY_M_S),
        position_sigma_m=_position_sigma(tracks.position_sigma_m[rows], exact, coarse),
        height_sigma_m=_widened(
            tracks.height_sigma_m[rows], exact, coarse, COARSE_HEIGHT_M, COARSE_HEIGHT_SIGMA_STEP_M
        ),
        velocity_sigma_m_s=_widened(
            tracks.velocity_sigma_m_s[rows], exact, coarse, COARSE_VELOCITY_M_S, COARSE_VELOCITY_M_S
        ),
        track_class=tracks.track_class[rows],
        icao24=np.where(exact, tracks.icao24[rows], np.int32(-1)),
        callsign=np.where(exact, tracks.callsign[rows], np.int64(0)),
        onward=np.zeros((len(rows), len(tables.parties)), np.int8) if onward is None else onward[rows],
    )


def _middle(angle_rad: F64, cells: npt.NDArray[np.int64], most_deg: int) -> F64:
    """The middle of the cell that holds each angle; the last cell ends at the pole or the date line."""
    last = most_deg * cells - 1
    index = np.clip(np.floor(np.degrees(angle_rad) * cells), -last - 1, last)
    middle: F64 = np.radians((index + 0.5) / cells)
    return middle


def _stepped(values: F64, exact: Bool, coarse: Bool, step: float) -> F64:
    """The values where the form carries them exactly, in steps where it is coarse, else NaN."""
    if exact.all():
        return values
    return np.where(exact, values, np.where(coarse, np.round(values / step) * step, np.nan))


def _widened(sigma: F64, exact: Bool, coarse: Bool, cell: float, step: float) -> F64:
    """Sigmas with that of the cell added, rounded up to a step; NaN where the form carries no value."""
    if exact.all():
        return sigma
    wide = np.ceil(np.hypot(sigma, cell * _UNIFORM) / step) * step
    return np.where(exact, sigma, np.where(coarse, wide, np.nan))


def _position_sigma(sigma: F64, exact: Bool, coarse: Bool) -> F64:
    if exact.all():
        return sigma
    cell = METRES_PER_DEGREE / np.where(coarse, COARSE_CELLS_PER_DEGREE, REGION_CELLS_PER_DEGREE)
    step = np.where(coarse, COARSE_SIGMA_STEP_M, REGION_SIGMA_STEP_M)
    return np.where(exact, sigma, np.ceil(np.hypot(sigma, cell * _UNIFORM) / step) * step)


def clause_name(tables: PactTables, clause: int) -> str:
    """The id of a clause index in a verdict; empty for default deny."""
    return "" if clause == DENY else tables.clauses[clause]
