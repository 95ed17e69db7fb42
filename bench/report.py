"""What a benchmark reports, and how it is printed."""

import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One figure. goal: what is asked for; peer: the same of a named other, where there is one."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    peer: float | None = None
    note: str = ""


def median_seconds(action: Callable[[], object], *, times: int = 5) -> float:
    """Median wall time of an action, after one run that is not counted."""
    action()
    return statistics.median(_seconds(action) for _ in range(times))


def _seconds(action: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    action()
    return time.perf_counter() - began_s


def machine() -> str:
    """Processor, cores and Python of this machine."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return f"{model}, Python {platform.python_version()}, {platform.system()}"


def lines(rows: list[Row]) -> list[str]:
    """The rows as a Markdown table."""
    found = ["| what | figure | goal | peer | ratio | note |", "|---|---|---|---|---|---|"]
    for row in rows:
        goal = "" if row.goal is None else _figure(row.goal)
        peer = "" if row.peer is None else _figure(row.peer)
        ratio = "" if not row.peer else _figure(row.value / row.peer)
        found.append(
            f"| {row.name} | {_figure(row.value)} {row.unit} | {goal} | {peer} | {ratio} | {row.note} |"
        )
    return found


def _figure(value: float) -> str:
    """Whole numbers from a hundred on, never rounded up; four digits below."""
    return f"{int(value):,}" if abs(value) >= 100 else f"{value:.4g}"
