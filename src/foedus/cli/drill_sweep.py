"""`foedus drill sweep`: thousands of runs, on all cores or many machines, resumed where they stopped."""

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click
import msgspec

from foedus import __version__
from foedus.cli.drill_files import pact_named

if TYPE_CHECKING:
    from foedus.drill.sweep import Pool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One event and capital under one pact, over all seeds."""

    pact: str
    event: str
    member: str
    runs: int
    warned: int  # runs in which a warning was on a screen before arrival
    shown_min_p10: float | None
    shown_min_median: float | None
    shown_min_p90: float | None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows are, and what they come to."""

    file: str
    runs: int
    lines: tuple[Line, ...]


@click.command("sweep")
@click.argument("drill_file", metavar="DRILL", type=click.Path(path_type=Path))
@click.option(
    "--pact", "pacts", metavar="PACT", multiple=True, required=True,
    help="A pact file, or its name in the library; may be given several times.",
)  # fmt: skip
@click.option("--runs", type=click.IntRange(1), default=100, show_default=True, help="Seeds per pact.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The first seed.")
@click.option(
    "--out", "-o", "folder", type=click.Path(path_type=Path), required=True,
    help="Folder of the sweep; a sweep that was stopped goes on in it.",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes; one per core unless given.")
@click.option(
    "--ray", metavar="ADDRESS", help="Play on a Ray cluster instead (foedus[scale]); `local` starts one here."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def sweep_command(
    drill_file: Path,
    pacts: tuple[str, ...],
    runs: int,
    seed: int,
    folder: Path,
    workers: int | None,
    ray: str | None,
    as_json: bool,
) -> None:
    """Play DRILL under each pact with many seeds, and write one row per run, event and capital as Parquet.

    The result is the same to the byte on any number of workers, and after any number of stops.

    Example: foedus drill sweep drills/gulf.toml --pact rsc --pact us-sa-2025+warn --runs 200 -o sweep/gulf
    """
    from foedus.drill.reading import read_drill
    from foedus.drill.sweep import Header, Sweep
    from foedus.drill.sweep_rows import DrillWork

    drill = read_drill(drill_file)
    texts = {name: pact_named(name, drill_file) for name in pacts}
    header = Header(
        drill=drill.drill,
        drill_digest=drill.digest,
        pacts=tuple((name, text.digest) for name, text in texts.items()),
        first_seed=seed,
        runs=runs,
        version=__version__,
    )
    sweep = Sweep(header, folder)
    with _Bar(f"{drill.drill}, {len(texts)} pacts") as bar:
        file = sweep.run(DrillWork(drill, texts), _pool(ray, workers), progress=bar.show)
    answer = Answer(file=str(file), runs=runs * len(texts), lines=_lines(file))
    if as_json:
        click.echo(msgspec.json.encode(answer).decode())
    else:
        _print(answer)


def _pool(ray: str | None, workers: int | None) -> "Pool":
    from foedus.drill.sweep import Processes, Ray

    count = workers or os.cpu_count() or 1
    return Processes(count) if ray is None else Ray("" if ray == "local" else ray, count)


class _Bar:
    """A bar on standard error with runs and the time left; silent where that is no terminal."""

    def __init__(self, what: str) -> None:
        import sys

        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("runs,"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=Console(file=sys.stderr),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task(what, total=None)

    @property
    def show(self) -> Callable[[int, int], None]:
        """What a sweep tells of its progress."""
        return lambda done, total: self._bar.update(self._task, completed=done, total=total)

    def __enter__(self) -> Self:
        """Start the bar."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.stop()


def _lines(file: Path) -> tuple[Line, ...]:
    """The rows of a sweep by pact, event and member, in the order of the file."""
    import pyarrow.parquet as pq

    table = pq.read_table(file, columns=["pact", "event", "member", "shown_min"]).to_pylist()
    groups: dict[tuple[str, str, str], list[float | None]] = {}
    for row in table:
        groups.setdefault((row["pact"], row["event"], row["member"]), []).append(row["shown_min"])
    return tuple(_line(*key, values) for key, values in groups.items())


def _line(pact: str, event: str, member: str, values: list[float | None]) -> Line:
    """One summary; a run without a warning counts as less than any minute."""
    order = sorted(-float("inf") if value is None else value for value in values)

    def quantile(part: float) -> float | None:
        value = order[min(len(order) - 1, int(part * len(order)))]
        return None if value == -float("inf") else round(value, 3)

    return Line(
        pact=pact,
        event=event,
        member=member,
        runs=len(values),
        warned=sum(value is not None and value >= 0.0 for value in values),
        shown_min_p10=quantile(0.1),
        shown_min_median=quantile(0.5),
        shown_min_p90=quantile(0.9),
    )


def _print(answer: Answer) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("event", "capital", "pact", "warned", "10 %", "median", "90 %"):
        table.add_column(name, justify="left" if name in ("event", "capital", "pact") else "right")
    for one in sorted(answer.lines, key=lambda line: (line.event, line.member)):
        minutes = (one.shown_min_p10, one.shown_min_median, one.shown_min_p90)
        table.add_row(
            one.event, one.member, one.pact, f"{one.warned} of {one.runs}",
            *("-" if value is None else f"{value:.1f}" for value in minutes),
        )  # fmt: skip
    console = Console()
    console.print("EXERCISE: minutes between the first warning on a screen and arrival", highlight=False)
    console.print(table)
    console.print(f"{answer.runs} runs in {answer.file}", highlight=False, soft_wrap=True)
