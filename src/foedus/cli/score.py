"""`foedus score`: tracks against the truth."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from foedus.model import SECOND_NS

if TYPE_CHECKING:
    from foedus.score.accuracy import Errors
    from foedus.score.commonality import Commonality
    from foedus.score.consistency import Consistency
    from foedus.score.score import Score, Scored

SHOWN = 3
"""Targets and tracks of each kind that the table names; --json has more."""


@click.command()
@click.argument("truth", type=click.Path())
@click.argument("tracks", type=click.Path(), nargs=-1, required=True)
@click.option(
    "--every", "every_s", default=5.0, show_default=True, type=click.FloatRange(0.1, 3_600.0),
    help="Seconds between evaluation times.",
)  # fmt: skip
@click.option(
    "--cutoff", "cutoff_m", default=1_000.0, show_default=True, type=click.FloatRange(10.0, 100_000.0),
    help="Metres within which a track may belong to a truth; c of GOSPA.",
)  # fmt: skip
@click.option(
    "--from", "from_s", default=0.0, show_default=True, type=click.FloatRange(0.0, 1e7),
    help="Seconds from the first truth that are left out.",
)  # fmt: skip
@click.option(
    "--keep", "keep_s", default=30.0, show_default=True, type=click.FloatRange(0.1, 3_600.0),
    help="Seconds for which a track counts after its newest row.",
)  # fmt: skip
@click.option("--with-height", is_flag=True, help="Distances in three dimensions instead of horizontally.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option(
    "-o", "--output", type=click.Path(), help="Write one row per evaluation time to a .parquet file."
)
def score(
    truth: str,
    tracks: tuple[str, ...],
    every_s: float,
    cutoff_m: float,
    from_s: float,
    keep_s: float,
    with_height: bool,
    as_json: bool,
    output: str | None,
) -> None:
    """Score TRACKS, as `foedus track -o` writes them, against the TRUTH: GOSPA, SIAP, accuracy, consistency.

    With more than one TRACKS file, each a member's picture, also what the members have in common. What each
    number means, and the columns of the files: docs/scoring.md. Exit code 0: scored; 1: a file is unusable.

    Example: foedus score truth.parquet tracks.parquet --from 60 -o per_time.parquet
    """
    from foedus.score.commonality import commonality
    from foedus.score.score import Settings, score_picture
    from foedus.score.tables import load_table, truth_from_table, updates_from_table

    if output and not output.endswith(".parquet"):
        raise click.UsageError(f"--output {output}: the name must end in .parquet")
    settings = Settings(
        every_s=every_s, from_s=from_s, keep_s=keep_s, cutoff_m=cutoff_m, with_height=with_height
    )
    known = truth_from_table(load_table(truth), truth)
    scored = []
    for path in tracks:
        scored.append(score_picture(known, updates_from_table(load_table(path), path), settings))
    common = commonality(tracks, tuple(scored)) if len(tracks) > 1 else None
    if output:
        _write(output, tracks, scored)
    if as_json:
        click.echo(json.dumps(_as_json(truth, tracks, scored, common)))
    else:
        _show(truth, tracks, scored, common)


def _as_json(
    truth: str, files: tuple[str, ...], scored: "list[Scored]", common: "Commonality | None"
) -> dict[str, Any]:
    import msgspec

    pictures = [
        {"file": file, **msgspec.to_builtins(one.score)} for file, one in zip(files, scored, strict=True)
    ]
    return {"truth": truth, "pictures": pictures, "commonality": msgspec.to_builtins(common)}


def _write(output: str, files: tuple[str, ...], scored: "list[Scored]") -> None:
    """One row per picture and evaluation time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from foedus.errors import SetupError

    parts = []
    for file, one in zip(files, scored, strict=True):
        columns: dict[str, Any] = {"file": pa.array([file] * len(one.per_time.time_ns), pa.string())}
        for name, values in one.per_time._asdict().items():
            columns[name] = pa.array(values, from_pandas=True)
        parts.append(pa.table(columns))
    try:
        pq.write_table(pa.concat_tables(parts), output)
    except OSError as error:
        raise SetupError(f"{output} cannot be written: {error.strerror or error}") from error


def _instant(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / SECOND_NS, UTC).isoformat(timespec="seconds")


def _number(value: float | None, digits: int = 1, unit: str = "") -> str:
    return "-" if value is None else f"{value:,.{digits}f}{unit}"


def _share(value: float) -> str:
    return f"{100.0 * value:.2f} %"


def _spread(errors: "Errors", unit: str) -> str:
    if errors.values == 0:
        return "-"
    return " / ".join(_number(value) for value in (errors.median, errors.p95, errors.rms)) + f" {unit}"


def _consistency(one: "Consistency") -> str:
    if one.mean is None:
        return "-"
    bounds = f"{_number(one.mean, 2)} ({_number(one.low, 2)} to {_number(one.high, 2)})"
    return f"{bounds}; {100 * (one.inside or 0.0):.1f} % inside"


def _rows(one: "Score") -> list[tuple[str, str]]:
    """What the table says of one picture."""
    siap, accuracy, covariances = one.siap, one.accuracy, one.covariances
    flight = "straight flight" if covariances.straight_only else "straight or not"
    return [
        ("GOSPA, mean", _number(one.gospa.mean_m, 0, " m")),
        ("  of which localisation", _number(one.gospa.localisation_m, 0, " m")),
        ("  missed; false", f"{_number(one.gospa.missed)}; {_number(one.gospa.false)}"),
        ("completeness", _share(siap.completeness)),
        ("ambiguity", _number(siap.ambiguity, 4)),
        ("spuriousness", _share(siap.spuriousness)),
        ("position accuracy", _number(siap.position_accuracy_m, 1, " m")),
        ("velocity accuracy", _number(siap.velocity_accuracy_m_s, 1, " m/s")),
        ("height accuracy", _number(siap.height_accuracy_m, 1, " m")),
        ("number changes an hour tracked", _number(siap.number_changes_per_hour, 2)),
        ("longest segment", _share(siap.longest_segment)),
        ("number switches per truth-hour", f"{_number(one.switches_per_truth_hour, 2)} ({one.switches:,})"),
        ("position error", _spread(accuracy.position_m, "m")),
        ("  along", _spread(accuracy.along_m, "m")),
        ("  across", _spread(accuracy.across_m, "m")),
        ("height error", _spread(accuracy.height_m, "m")),
        ("velocity error", _spread(accuracy.velocity_m_s, "m/s")),
        ("NEES (bounds), 6 degrees", _consistency(covariances.full)),
        ("NEES (bounds), 4 horizontal", _consistency(covariances.horizontal)),
        ("  judged", f"{covariances.horizontal.values:,} estimates, {flight}"),
        ("covariances not positive definite", _covariances(one)),
    ]


def _covariances(one: "Score") -> str:
    known = one.covariances.rows - one.covariances.unknown
    return f"{one.covariances.not_positive:,} of {known:,}" if known else "none given"


def _worst(one: "Score") -> list[str]:
    """Where an engineer should look first."""
    lines = []
    for target in one.worst_missed[:SHOWN]:
        when = f" from {_instant(target.missed_from_ns)}" if target.missed_from_ns is not None else ""
        missed = f"missed for {target.longest_missed_s:,.0f} s in a row{when}"
        lines.append(f"target {target.target}: {missed}, {target.missed_s:,.0f} of {target.counted_s:,.0f} s")
    for target in one.worst_switched[:SHOWN]:
        lines.append(f"target {target.target}: {target.switches} number switches")
    for track in one.worst_spurious[:SHOWN]:
        place = f"first at {track.lat_deg:.4f} {track.lon_deg:.4f}, {_instant(track.from_ns)}"
        lines.append(f"track {track.number}: no truth for {track.spurious_s:,.0f} s, {place}")
    return lines


def _show(truth: str, files: tuple[str, ...], scored: "list[Scored]", common: "Commonality | None") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    first = scored[0].score
    span = f"{_instant(first.first_ns)} to {_instant(first.last_ns)}"
    console.print(
        f"{truth}: {first.targets:,} targets, {first.truth_hours:,.1f} truth-hours, "
        f"{first.times:,} evaluation times, {span}",
        highlight=False,
        soft_wrap=True,
    )
    _show_refused(console, truth, first.refused_truth)
    for file, one in zip(files, scored, strict=True):
        table = Table(title=file, title_justify="left")
        table.add_column("measure")
        table.add_column("value", justify="right")
        for row in _rows(one.score):
            table.add_row(*row)
        console.print(table)
        _show_refused(console, file, one.score.refused_tracks)
        for line in _worst(one.score):
            console.print(f"look at {line}", highlight=False, soft_wrap=True)
    if common is not None:
        table = Table(title="in common", title_justify="left")
        for name in ("pictures", "of what either tracks", "apart, median"):
            table.add_column(name)
        for pair in common.pairs:
            apart = _number(pair.apart_median_m, 0, " m")
            table.add_row(f"{pair.first}, {pair.second}", _share(pair.common), apart)
        table.add_row("all", _share(common.common), "")
        console.print(table)
    console.print("Errors are median / 95 % / RMS. What each number means: docs/scoring.md", highlight=False)


def _show_refused(console: Any, file: str, refused: dict[str, int]) -> None:
    for reason, count in refused.items():
        console.print(f"{file}: {count:,} rows left out: {reason}", highlight=False, soft_wrap=True)
