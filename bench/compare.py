"""The tracker against Stone Soup on the same plots, scored by the same scorer: `make bench-track`.

By default S and M; `--sizes L XL --no-peer` for foedus alone; `--options` for what biased sensors and late
plots cost. Seconds are given as processor seconds of the one thread, and as wall clock, which suffers when
the machine is shared. foedus: median of five passes. Stone Soup: one pass per setting, with a limit of wall
time; where it does not reach the end, it is scored on the part that it reached, and beside it stands what
foedus has on the same part.
"""

import argparse
import math
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench import peer_stonesoup
from bench.drive import AFTERWARDS, LIVE, Run, drive, judge_truth, plan_steps, score_rows
from bench.latency import measure_latency
from bench.peer_stonesoup import PeerRun, run_peer
from bench.report import machine
from bench.scenario import SIZES, Scenario, make_scenario
from foedus.errors import FeedError
from foedus.model import SensorKind
from foedus.score.score import Score, Settings

ROUNDS = 5
WITH_PEER = ("S", "M")
PEER = Settings(every_s=LIVE.every_s, keep_s=30.0)
"""Stone Soup keeps a track for 30 s after its last plot (stonesoup_worker.CONFIRMED_S): so does the score."""
DENSITIES = (60.0, 600.0)
SETTLED_S = 120.0
"""Registration has that long before the biased picture is judged."""
HEAD = (
    "| tool | setting | reached | plots/s, wall | plots/s, CPU | GOSPA m | of foedus there | localisation m "
    "| missed | false "
    "| id switches per truth-hour | completeness | spuriousness | ambiguity | median error m |"
)


class Row(NamedTuple):
    """One line of the comparison."""

    tool: str
    setting: str
    reached: str
    plots_wall: float  # a second
    plots_cpu: float
    score: Score
    foedus_m: float | None = None  # GOSPA of foedus on the same part


def _line(row: Row) -> str:
    score, siap = row.score, row.score.siap
    median = score.accuracy.position_m.median
    return (
        f"| {row.tool} | {row.setting} | {row.reached} | {row.plots_wall:,.4g} | {row.plots_cpu:,.4g} "
        f"| {score.gospa.mean_m:,.0f} | {'' if row.foedus_m is None else f'{row.foedus_m:,.0f}'} "
        f"| {score.gospa.localisation_m:,.0f} | {score.gospa.missed:.1f} "
        f"| {score.gospa.false:.1f} | {score.switches_per_truth_hour:.2f} ({score.switches}) "
        f"| {100 * siap.completeness:.2f} % | {100 * siap.spuriousness:.2f} % | {siap.ambiguity:.4f} "
        f"| {math.nan if median is None else median:.0f} |"
    )


def _say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)


def _say_table(rows: Sequence[Row]) -> None:
    _say(HEAD, "|" + "---|" * (HEAD.count("|") - 1), *[_line(row) for row in rows])


# ---------------------------------------------------------------- foedus


def _rates(runs: Sequence[Run], until_s: float) -> tuple[float, float]:
    """Plots a second (wall, CPU) up to a time of the scenario, median of the runs."""
    part = runs[0].ends_s <= until_s
    plots = int(runs[0].plots[part].sum())
    wall = statistics.median(float(run.wall_s[part].sum()) for run in runs)
    return plots / wall, plots / statistics.median(float(run.cpu_s[part].sum()) for run in runs)


def _foedus_row(scenario: Scenario, runs: Sequence[Run], until_s: float) -> Row:
    truth = judge_truth(scenario, until_s=until_s)
    score = score_rows(truth, runs[0].shown, LIVE)
    reached = f"{until_s:g} of {scenario.duration_s:g} s"
    return Row("foedus", f"median of {len(runs)}", reached, *_rates(runs, until_s), score)


def _drive_often(scenario: Scenario, rounds: int) -> list[Run]:
    """The passes, after a short one that compiles."""
    truth = judge_truth(scenario)
    small = make_scenario("S")
    drive(small, judge_truth(small))
    return [drive(scenario, truth) for _ in range(rounds)]


def _tell_size(scenario: Scenario) -> None:
    false = int((scenario.target < 0).sum())
    size, count = scenario.size, len(scenario.target)
    _say(
        f"\n## {size.name}: {size.targets:,} targets, {size.radars} radars, {size.duration_s:.0f} s; "
        f"{count - false:,} plots of targets and {false:,} others\n"
    )


def _tell_latency(scenario: Scenario) -> None:
    found = measure_latency(plan_steps(scenario), scenario.sensors)
    _say(
        f"\nSteps of 0.5 s, wall: median {found.median_ms:.2f} ms, 99 % {found.p99_ms:.2f} ms, worst "
        f"{found.worst_ms:.2f} ms; resident at most {found.peak_mb:.0f} MB, of which {found.idle_mb:.0f} MB "
        "before the first plot."
    )


# ---------------------------------------------------------------- Stone Soup


class Setting(NamedTuple):
    """How Stone Soup is run."""

    variant: str
    q: float
    sector_s: float

    def __str__(self) -> str:
        return f"{self.variant}, q {self.q:g}, sectors of {self.sector_s:g} s"


def _peer_row(scenario: Scenario, setting: Setting, run: PeerRun, shown: Any) -> Row:
    """Scored on the part that it reached, as is what foedus has shown."""
    reached = f"{run.reached_s:g} of {scenario.duration_s:g} s"
    try:
        truth = judge_truth(scenario, until_s=run.reached_s)
    except FeedError:
        truth = None
    if truth is None or not truth.counts.any():
        raise RuntimeError(
            f"Stone Soup reached {reached}: nothing counts yet; --limit must be longer"
        ) from None
    score = score_rows(truth, run.tracks, PEER)
    ours = score_rows(truth, shown, LIVE).gospa.mean_m
    rates = run.plots / run.wall_s, run.plots / run.cpu_s
    return Row("Stone Soup", str(setting), reached, *rates, score, ours)


def _settings(best_q: float | None) -> list[Setting]:
    """Both variants in sectors of a second, with each density or the best; then the tree in finer ones."""
    densities = DENSITIES if best_q is None else (best_q,)
    coarse = [Setting(variant, q, 1.0) for variant in peer_stonesoup.VARIANTS for q in densities]
    return [*coarse, *[Setting("kdtree", q, 0.25) for q in densities]]


def _compare(
    scenario: Scenario, runs: Sequence[Run], settings: list[Setting], limit_s: float, python: Path
) -> float:
    """Print the table and the ratios; gives the density with the best GOSPA."""
    rows = []
    for setting in settings:
        run = run_peer(
            scenario,
            variant=setting.variant,
            q=setting.q,
            sector_s=setting.sector_s,
            limit_s=limit_s,
            python=python,
        )
        rows.append(_peer_row(scenario, setting, run, runs[0].shown))
    whole = _foedus_row(scenario, runs, scenario.duration_s)
    _say_table([*rows, whole])
    wall, cpu = max(row.plots_wall for row in rows), max(row.plots_cpu for row in rows)
    shares = [(row.foedus_m or 0.0) / row.score.gospa.mean_m for row in rows]
    best = int(np.argmax(shares))  # parts differ in length, so only the ratio can be compared
    _say(
        f"\nfoedus over Stone Soup at its quickest: {whole.plots_wall / wall:,.0f} x plots/s by wall, "
        f"{whole.plots_cpu / cpu:,.0f} x by CPU. GOSPA of foedus over Stone Soup's where that does best "
        f"({settings[best]}), on the same part: {shares[best]:.3f}."
    )
    return settings[best].q


# ---------------------------------------------------------------- options


def _tell_bias(scenario: Scenario, run: Run) -> None:
    """What registration left over, per radar, if the tracker says."""
    health = getattr(run.tracker, "sensor_health", None)
    if health is None:
        _say("\nThis tracker does not report its registration.")
        return
    _say(
        "\n| radar | range bias m | left m | azimuth bias deg | left deg | time bias s | left s |",
        "|" + "---|" * 7,
    )
    worst = np.zeros(3)
    for i, (sensor, found) in enumerate(zip(scenario.sensors, health(), strict=True)):
        if sensor.kind is not SensorKind.RADAR:
            continue
        true = scenario.bias.range_m[i], math.degrees(scenario.bias.azimuth_rad[i]), scenario.bias.time_s[i]
        said = found.range_bias_m, math.degrees(found.azimuth_bias_rad), found.time_bias_s
        left = np.subtract(said, true)
        worst = np.maximum(worst, np.abs(left))
        _say(
            f"| {sensor.id} | {true[0]:.1f} | {left[0]:.1f} | {true[1]:.4f} | {left[1]:.4f} "
            f"| {true[2]:.3f} | {left[2]:.3f} |"
        )
    _say(f"\nWorst left: {worst[0]:.1f} m (goal 20), {worst[1]:.4f} deg (0.02), {worst[2]:.3f} s (0.05).")


def _option_row(name: str, scenario: Scenario, from_s: float, *, log: bool = False) -> tuple[Row, Run]:
    truth = judge_truth(scenario)
    run = drive(scenario, truth, log=log)
    table, settings = (run.logged, AFTERWARDS) if log else (run.shown, LIVE)
    score = score_rows(truth, table, settings, from_s=from_s)
    reached = f"from {from_s:g} s"
    return Row("foedus", name, reached, *_rates([run], scenario.duration_s), score), run


def _ratio(one: Row, other: Row) -> float:
    return one.score.gospa.mean_m / other.score.gospa.mean_m


def compare_options(seed: int) -> None:
    """What bias and late arrival cost at M."""
    _say(f"\n## Options, M, GOSPA after {SETTLED_S:g} s\n")
    clean, _ = _option_row("unbiased", make_scenario("M", seed=seed), SETTLED_S)
    wrong = make_scenario("M", seed=seed, bias=True)
    biased, run = _option_row("bias", wrong, SETTLED_S)
    with_adsb, _ = _option_row("60 % ADS-B", make_scenario("M", seed=seed, adsb=0.6), SETTLED_S)
    wrong_adsb = make_scenario("M", seed=seed, bias=True, adsb=0.6)
    biased_adsb, run_adsb = _option_row("60 % ADS-B, bias", wrong_adsb, SETTLED_S)
    _say_table([clean, biased, with_adsb, biased_adsb])
    _say(
        f"\nBiased over unbiased: {_ratio(biased, clean):.4f} (goal 1.03); with ADS-B "
        f"{_ratio(biased_adsb, with_adsb):.4f}."
    )
    _tell_bias(wrong, run)
    _say("\nWith ADS-B:")
    _tell_bias(wrong_adsb, run_adsb)
    _say("\n## Options, M, late arrival\n")
    rows = []
    for log in (False, True):
        how = "afterwards" if log else "as shown then"
        for name, late_s in (("in order", 0.0), ("late by exp(2 s)", 2.0)):
            scenario = make_scenario("M", seed=seed, late_s=late_s)
            rows.append(_option_row(f"{name}, {how}", scenario, 0.0, log=log)[0])
    _say_table(rows)
    _say(
        f"\nLate over in order: {_ratio(rows[1], rows[0]):.4f} as shown at the time, when the newest plots "
        f"have not come yet; {_ratio(rows[3], rows[2]):.4f} by the times of the estimates (goal 1.01)."
    )


def main() -> None:
    """Print the comparison as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__)
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=list(WITH_PEER))
    parser.add_argument("--limit", type=float, default=300.0, help="seconds of wall per run of Stone Soup")
    parser.add_argument("--no-peer", action="store_true", help="foedus alone")
    parser.add_argument("--peer-python", type=Path, default=peer_stonesoup.PYTHON)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--options", action="store_true", help="what bias and late arrival cost, too")
    asked = parser.parse_args()
    _say(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, seed {asked.seed}")
    best_q: float | None = None
    for name in asked.sizes:
        scenario = make_scenario(name, seed=asked.seed)
        _tell_size(scenario)
        runs = _drive_often(scenario, asked.rounds)
        if name in WITH_PEER and not asked.no_peer:
            best_q = _compare(scenario, runs, _settings(best_q), asked.limit, asked.peer_python)
        else:
            _say_table([_foedus_row(scenario, runs, scenario.duration_s)])
        _tell_latency(scenario)
    if asked.options:
        compare_options(asked.seed)


if __name__ == "__main__":
    main()
