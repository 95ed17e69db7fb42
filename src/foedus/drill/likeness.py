"""How good each member's picture is, and how much the members see alike: SIAP attributes and commonality.

The pictures are looked at from outside while a drill is played, at even times, with everything that really
flies at those times. Attributes: Single Integrated Air Picture metrics as foedus.score.siap has them.
Commonality: truths tracked in both pictures / truths tracked in either (foedus.score.commonality); numbers
are not compared, since every recipient has its own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from foedus.drill.outcome import UmpireAct
from foedus.drill.simulation import Simulation
from foedus.drill.text import Drill
from foedus.geo import MEAN_RADIUS_M
from foedus.model import F64, I64, SECOND_NS, Tracks
from foedus.pact.clauses import Pact
from foedus.score.commonality import Commonality, commonality
from foedus.score.score import Settings, Siap, score_picture
from foedus.score.tables import Truth, Updates

CUTOFF_M = 10_000.0
"""A track belongs to a truth within this: a coarse row is rounded to 0.1 degree, up to 8 km away."""


class Look(NamedTuple):
    """All pictures at one time, and where everything was."""

    time_ns: int
    lat_rad: F64  # (objects,) NaN where it is not in the air
    lon_rad: F64
    height_m: F64
    pictures: tuple[Tracks, ...]  # by member


class MemberPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One member's picture against the truth; None where nothing flew, or it never had a track."""

    member: str
    siap: Siap | None


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """All members' pictures in one run."""

    pact: str
    seed: int
    every_s: float
    members: tuple[MemberPicture, ...]
    commonality: Commonality | None  # of those that had a track; None of fewer than two


def looks(
    drill: Drill,
    pact: Pact,
    *,
    seed: int,
    every_s: float,
    acts: Sequence[UmpireAct] = (),
) -> tuple[Look, ...]:
    """The pictures of one run every so many whole ticks of the drill."""
    assert every_s >= drill.tick_s
    simulation = Simulation(drill, pact, name=pact.pact, seed=seed, acts=acts, keep_bodies=False)
    found = []
    for count in range(1, int(drill.lasts_s // every_s) + 1):
        time_ns = simulation.world.start_ns + round(count * every_s) * SECOND_NS
        simulation.run_to(time_ns)
        fix = simulation.world.at_second(time_ns // SECOND_NS)
        pictures = tuple(simulation.stations[one].node.view().picture for one in simulation.members)
        real = [row for row, target in enumerate(drill.target) if not target.only]
        rows = np.array([*real, *range(len(drill.target), simulation.world.count)], np.int64)
        found.append(Look(time_ns, fix.lat_rad[rows], fix.lon_rad[rows], fix.height_m[rows], pictures))
    return tuple(found)


def likeness(
    members: Sequence[str], seen: Sequence[Look], *, pact: str, seed: int, every_s: float
) -> Likeness:
    """SIAP attributes of every picture and commonality between them."""
    truth = truth_of(seen)
    if truth is None:
        nobody = tuple(MemberPicture(member=one, siap=None) for one in members)
        return Likeness(pact=pact, seed=seed, every_s=every_s, members=nobody, commonality=None)
    settings = Settings(every_s=every_s, keep_s=1.5 * every_s, cutoff_m=CUTOFF_M)
    scored = {}
    for row, member in enumerate(members):
        updates = updates_of([(one.time_ns, one.pictures[row]) for one in seen])
        if len(updates.numbers):
            scored[member] = score_picture(truth, updates, settings)
    pictures = tuple(
        MemberPicture(member=one, siap=scored[one].score.siap if one in scored else None) for one in members
    )
    common = commonality(tuple(scored), tuple(scored.values())) if len(scored) > 1 else None
    return Likeness(pact=pact, seed=seed, every_s=every_s, members=pictures, commonality=common)


def truth_of(seen: Sequence[Look]) -> Truth | None:
    """Everything that really flew, as the score reads it; None where nothing did."""
    lat_rad, lon_rad, height_m = (
        np.array([getattr(one, name) for one in seen]).T for name in ("lat_rad", "lon_rad", "height_m")
    )
    times_ns = np.array([one.time_ns for one in seen], np.int64)
    item, step = np.nonzero(~np.isnan(lat_rad))
    if not len(item):
        return None
    names, item = np.unique(item, return_inverse=True)
    place = np.stack([column[names[item], step] for column in (lat_rad, lon_rad, height_m)], axis=1)
    time_ns = times_ns[step]
    every_ns = int(times_ns[1] - times_ns[0]) if len(times_ns) > 1 else SECOND_NS
    count = len(names)
    return Truth(
        names=tuple(f"object {number}" for number in names.tolist()),
        starts=np.searchsorted(item, np.arange(count + 1)).astype(np.int64),
        gap_ns=np.full(count, 2 * every_ns, np.int64),
        time_ns=time_ns,
        place=place,
        velocity_m_s=_velocities(item, time_ns, place),
        straight=np.zeros(len(item), np.bool_),
        straight_known=False,
        counts=np.ones(len(item), np.bool_),
        refused=(),
    )


def _velocities(item: I64, time_ns: I64, place: F64) -> F64:
    """East, north and up from one row to the next of the same object; the last row as the one before."""
    here = np.arange(len(item))
    goes_on = np.append(item[1:] == item[:-1], False)
    before = np.where(goes_on, here, np.maximum(here - 1, 0))
    after = np.where(goes_on, here + 1, here)
    alone = (item[before] != item[after]) | (time_ns[after] == time_ns[before])
    dt_s = np.where(alone, np.nan, (time_ns[after] - time_ns[before]) / SECOND_NS)
    change = place[after] - place[before]
    east = MEAN_RADIUS_M * change[:, 1] * np.cos(place[before, 0]) / dt_s
    return np.stack([east, MEAN_RADIUS_M * change[:, 0] / dt_s, change[:, 2] / dt_s], axis=1)


def updates_of(pictures: Sequence[tuple[int, Tracks]]) -> Updates:
    """One member's picture as updates: at every look each track is where the member believed it to be then.

    A row of a partner may be older than the look: it is taken on from its own time by its velocity, as the
    member's console does.
    """
    number = np.concatenate([picture.number for _, picture in pictures]).astype(np.int64)
    look_ns = np.concatenate([np.full(len(one.number), time_ns, np.int64) for time_ns, one in pictures])
    order = np.lexsort((look_ns, number))
    numbers, first = np.unique(number[order], return_index=True)

    def column(name: str) -> F64:
        values = [getattr(picture, name) for _, picture in pictures]
        return np.asarray(np.concatenate(values)[order], np.float64)

    age_s = (look_ns[order] - np.concatenate([one.time_ns for _, one in pictures])[order]) / SECOND_NS
    east, north = column("velocity_east_m_s"), column("velocity_north_m_s")
    lat_rad = column("lat_rad")
    on_s = np.where(np.isnan(east + north), 0.0, age_s)
    lat_rad = lat_rad + np.nan_to_num(north) * on_s / MEAN_RADIUS_M
    lon_rad = column("lon_rad") + np.nan_to_num(east) * on_s / (MEAN_RADIUS_M * np.cos(lat_rad))
    return Updates(
        numbers=numbers,
        starts=np.append(first, len(order)).astype(np.int64),
        time_ns=look_ns[order],
        place=np.stack([lat_rad, lon_rad, column("height_m")], axis=1),
        velocity_m_s=np.stack([east, north, column("velocity_up_m_s")], axis=1),
        ended=np.zeros(len(order), np.bool_),
        covariance=np.zeros((0, 21)),
        refused=(),
    )
