"""Release decisions a second, what a small tick costs, and rows a second through the guard.

Seeded; medians of five, in CPU time of one thread, since the machine may be busy otherwise. The bulk figures
are decisions on one row for one party, with and without finding the zones of the row first; each names its
clause. Zone tables are made once for a pact, so they are timed apart from compiling: for the Alpine pact and
for as many zones and vertices as a pact may have.
Run: python -m bench.release
"""

import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from msgspec import structs

from bench.report import Row
from foedus.guard import Guard, Passed
from foedus.limits import ZONE_VERTICES_MAX, ZONES_MAX
from foedus.model import SECOND_NS, Tracks
from foedus.pact.clauses import Pact, Zone
from foedus.pact.reading.text import parse_pact
from foedus.pact.tables.compile import PactTables, compile_pact
from foedus.pact.tables.release import decide, degrade, onward, zones_of
from foedus.pact.tables.zone_table import zone_table
from foedus.wire import Evidence, Picture, Send, pack_columns

PACT = Path(__file__).parent.parent / "pacts" / "alpine.toml"
NOW_NS = 1_533_110_400 * SECOND_NS
RUNS = 5
ROWS = 200_000
TICK_ROWS = 30
TICK_CALLS = 2_000
GUARD_ROWS = 200
GUARD_CALLS = 20


def median_s(work: Callable[[], object]) -> float:
    """CPU seconds of the median of RUNS runs, after one that compiles."""
    work()
    times = []
    for _ in range(RUNS):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return statistics.median(times)


def tracks(rng: np.random.Generator, n: int) -> Tracks:
    """Tracks all over the recorded area."""
    return Tracks.empty(n)._replace(
        number=np.arange(1, n + 1, dtype=np.int32),
        time_ns=np.full(n, NOW_NS),
        lat_rad=np.radians(rng.uniform(45.8, 47.8, n)),
        lon_rad=np.radians(rng.uniform(5.9, 10.5, n)),
        height_m=rng.uniform(500, 12_000, n),
        position_sigma_m=np.full(n, 80.0),
        track_class=rng.integers(0, 2, n).astype(np.int8),
    )


def picture(tables: PactTables, rows: Tracks, to: str) -> Send:
    """What FR sends to a partner."""
    zones = zones_of(tables, rows.lat_rad, rows.lon_rad, rows.height_m)
    decisions = decide(tables, rows.track_class, zones)
    column = tables.parties.index(to)
    form, clause = decisions.form[:, column], decisions.clause[:, column]
    numbers = np.arange(1, len(zones) + 1, dtype=np.int32)
    forms = None
    if to == "HUB":
        forms = onward(tables, rows.track_class, zones)
        forms[decisions.form >= forms] = 0  # as releases.py does
    reports = degrade(rows, form, clause, tables, numbers=numbers, onward=forms)
    evidence = Evidence(pack_columns(Tracks._make(column[form > 0] for column in rows)))
    return Send(to, Picture(NOW_NS, tables.digest, tables.clauses, pack_columns(reports)), evidence, ())


def many_zones(rng: np.random.Generator, reach_deg: tuple[float, float]) -> list[Zone]:
    """As many zones as a pact may have, all vertices so far from one point."""
    zones = []
    for number in range(ZONES_MAX):
        angle = np.sort(rng.uniform(0, 2 * np.pi, ZONE_VERTICES_MAX))
        reach = rng.uniform(*reach_deg, ZONE_VERTICES_MAX)
        corners = np.stack([46 + reach * np.sin(angle), 8 + reach * np.cos(angle)], axis=1)
        polygon = tuple((float(lat), float(lon)) for lat, lon in corners)
        zones.append(Zone(id=f"Z{number}", polygon=polygon, source="invented"))
    return zones


def zone_table_s(pact: Pact, zones: Sequence[Zone]) -> float:
    """Seconds to make the zone table of such zones; of a new source each time, so that none is kept."""
    calls = itertools.count()

    def fresh() -> Pact:
        call = next(calls)
        renamed = tuple(structs.replace(zone, source=f"time {call}") for zone in zones)
        return structs.replace(pact, zone=renamed)

    made = iter([fresh() for _ in range(RUNS + 1)])
    return median_s(lambda: zone_table(next(made)))


def run() -> list[Row]:
    """The rows of this benchmark."""
    text = PACT.read_text()
    pact = parse_pact(text, file="alpine.toml")
    tables = compile_pact(pact, member="FR", time_ns=NOW_NS)
    rng = np.random.default_rng(4)
    many, few = tracks(rng, ROWS), tracks(rng, TICK_ROWS)
    zones = zones_of(tables, many.lat_rad, many.lon_rad, many.height_m)
    decisions = ROWS * len(tables.parties)
    pure_s = median_s(lambda: decide(tables, many.track_class, zones))
    whole_s = median_s(
        lambda: decide(tables, many.track_class, zones_of(tables, many.lat_rad, many.lon_rad, many.height_m))
    )

    def ticks() -> None:
        for _ in range(TICK_CALLS):
            held = zones_of(tables, few.lat_rad, few.lon_rad, few.height_m)
            decide(tables, few.track_class, held)

    guard = Guard(pact, "FR")
    sends = [picture(tables, tracks(rng, GUARD_ROWS), to) for to in ("CH", "IT", "HUB")]
    rows = sum(send.message.reports.rows for send in sends if isinstance(send.message, Picture))

    def judge() -> None:
        for call in range(GUARD_CALLS):  # a time of its own for each: the guard reads the text anew
            for send in sends:
                assert isinstance(guard.check(send, time_ns=NOW_NS + call), Passed)

    ticks_s = median_s(ticks)
    guard_s = median_s(judge)
    parse_s = median_s(lambda: parse_pact(text, file="alpine.toml"))
    compile_s = median_s(lambda: compile_pact(pact, member="FR", time_ns=NOW_NS))
    round_, jagged = many_zones(rng, (9.0, 10.0)), many_zones(rng, (1.0, 20.0))
    most = f"{ZONES_MAX} zones of {ZONE_VERTICES_MAX} vertices"
    where = f"Alpine pact, {len(tables.parties)} parties, {len(tables.zones)} zones"
    return [
        Row("release decisions", decisions / pure_s, "row x party/s", 1e7, None, where),
        Row("release decisions with zones", decisions / whole_s, "row x party/s", 1e7, None, where),
        Row("zones and decisions of a tick", ticks_s / TICK_CALLS * 1e6, "us", 60, None, f"{TICK_ROWS} rows"),
        Row(
            "guard",
            rows * GUARD_CALLS / guard_s,
            "rows/s",
            1e6 / 15,
            None,
            "plain Python, full and onward rows",
        ),
        Row("pact parsed and validated", parse_s * 1e3, "ms", None, None, where),
        Row(
            "pact compiled for one member",
            compile_s * 1e3,
            "ms",
            None,
            None,
            "its zone table was made before",
        ),
        Row("zone table", zone_table_s(pact, pact.zone) * 1e3, "ms", 5, None, where),
        Row("zone table, round zones", zone_table_s(pact, round_) * 1e3, "ms", 100, None, most),
        Row("zone table, jagged zones", zone_table_s(pact, jagged) * 1e3, "ms", 100, None, most),
    ]


if __name__ == "__main__":
    for row in run():
        goal = "" if row.goal is None else f" (goal {row.goal:,.0f})"
        print(f"{row.name}: {row.value:,.1f} {row.unit}{goal}; {row.note}")
