"""What `foedus drill measure` prints for people, and its Parquet tables."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from foedus.errors import SetupError

if TYPE_CHECKING:
    from foedus.cli.drill_measure import Measured
    from foedus.drill.failures import FaultCost
    from foedus.drill.measures import DutyRead, Spread

NAMES = (
    "minutes", "alarms", "duties", "exchanges", "balances", "prices", "failures", "orientation", "pictures",
)  # fmt: skip


def write_parquet(measured: "Measured", folder: Path) -> None:
    """One table for each measure that has rows, `minutes.parquet` and so on; SetupError if it cannot be."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            rows = [msgspec.to_builtins(one) for one in getattr(measured, name)]
            if rows:
                pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    except OSError as error:
        raise SetupError(f"no tables in {folder} ({error.strerror})") from error


def print_measured(title: str, measured: "Measured") -> None:
    """Every measure as a table."""
    seeds = f"seed {measured.seeds[0]}" + (f" to {measured.seeds[-1]}" if len(measured.seeds) > 1 else "")
    click.echo(
        f"{title}: {measured.drill} {measured.drill_digest[:12]} under {measured.pact}, {seeds}. EXERCISE."
    )
    for heading, head, rows in _tables(measured):
        if rows:
            _print(heading, head, rows)


_Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def _tables(measured: "Measured") -> Iterator[_Table]:
    yield (
        "minutes before arrival: median (10 % to 90 % of the seeds), share of seeds without",
        ("event", "capital", "known", "warned", "acknowledged"),
        [
            (one.event, one.member, *map(_spread, (one.known, one.shown, one.acknowledged)))
            for one in measured.minutes
        ],
    )
    yield (
        "warnings",
        ("member", "threats", "missed", "warnings", "false", "needless", "false an hour"),
        [
            (
                one.member,
                str(one.threats),
                str(one.missed),
                str(one.raised),
                str(one.false),
                str(one.needless),
                f"{one.false_per_hour:.2f}",
            )
            for one in measured.alarms
        ],
    )
    yield (
        "duties to warn, over the seeds",
        ("event", "clause", "debtor", "creditor", "stands", "because"),
        _duties(measured.duties),
    )
    yield (
        "given and received per seed; rows weighed by form, alert 1 to source 5",
        ("member", "given", "received", "minutes given", "minutes received"),
        [
            (
                one.member,
                f"{one.given:.0f}",
                f"{one.received:.0f}",
                f"{one.minutes_given:.1f}",
                f"{one.minutes_received:.1f}",
            )
            for one in measured.balances
        ],
    )
    yield (
        "price of each term: minutes more without it, median (least to most)",
        ("term", "event", "capital", "minutes", "the text then"),
        [
            (
                one.term,
                one.event,
                one.member,
                f"{one.cost_min:.1f} ({one.least_min:.1f} to {one.most_min:.1f})",
                one.says,
            )
            for one in measured.prices
        ],
    )
    yield (
        "single points of failure",
        ("without", "event", "capital", "lost", "left", "duties unfulfilled", "still told by"),
        _failures(measured.failures),
    )
    yield from _orientation(measured)
    yield from _pictures(measured)


def _spread(one: "Spread") -> str:
    said = f"{_minutes(one.median_min)} ({_minutes(one.tenth_min)} to {_minutes(one.ninetieth_min)})"
    return said if not one.never_share else f"{said}, {100 * one.never_share:.0f} %"


def _minutes(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _duties(duties: "Sequence[DutyRead]") -> list[tuple[str, ...]]:
    """One line per duty, what became of it and in how many seeds."""
    counts: dict[tuple[str, ...], int] = {}
    for one in duties:
        because = "" if one.stand == "late" else one.because
        key = (one.event, one.clause, one.debtor, one.creditor, one.stand, because)
        counts[key] = counts.get(key, 0) + 1
    return [(*key[:4], f"{key[4]} {count}", key[5]) for key, count in counts.items()]


def _failures(costs: "Sequence[FaultCost]") -> list[tuple[str, ...]]:
    from foedus.drill.failures import single_points

    return [
        (
            " - ".join(one.parts),
            one.event,
            one.member,
            f"{one.lost_min:.1f}",
            f"{one.left_min:.1f}",
            ", ".join(one.unfulfilled) or "-",
            ", ".join(one.told_by) or "nobody",
        )
        for one in single_points(costs)
    ]


def _orientation(measured: "Measured") -> Iterator[_Table]:
    rows = measured.orientation
    sectors = list(dict.fromkeys(one.sector for one in rows))
    attackers = list(dict.fromkeys((one.attacker, one.alike) for one in rows))
    at = {(one.attacker, one.sector): one for one in rows}
    capital = rows[0].member if rows else ""
    yield (
        f"{capital} by bearing and attacker: minutes alone / under the text / ideal",
        ("attacker", *sectors),
        [
            (
                ", ".join((who, *alike)),
                *(
                    f"{one.alone_min:.1f} / {one.shown_min:.1f} / {one.ideal_min:.1f}"
                    for one in (at[who, sector] for sector in sectors)
                ),
            )
            for who, alike in attackers
        ],
    )


def _pictures(measured: "Measured") -> Iterator[_Table]:
    yield (
        "pictures against the truth (SIAP)",
        ("seed", "member", "complete", "ambiguous", "spurious", "position m", "longest"),
        [(str(run.seed), one.member, *_siap(one.siap)) for run in measured.pictures for one in run.members],
    )
    yield (
        "commonality: truths tracked in both / in either",
        ("seed", "pair", "common", "apart m"),
        [
            (
                str(run.seed),
                f"{one.first} {one.second}",
                f"{one.common:.2f}",
                "-" if one.apart_median_m is None else f"{one.apart_median_m:.0f}",
            )
            for run in measured.pictures
            if run.commonality is not None
            for one in run.commonality.pairs
        ],
    )


def _siap(siap: Any) -> tuple[str, ...]:
    if siap is None:
        return ("-",) * 5
    accuracy = "-" if siap.position_accuracy_m is None else f"{siap.position_accuracy_m:.0f}"
    shares = (siap.completeness, siap.ambiguity, siap.spuriousness)
    return (*(f"{one:.2f}" for one in shares), accuracy, f"{siap.longest_segment:.2f}")


def _print(heading: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    click.echo(f"\n{heading}")
    Console().print(table, highlight=False)
