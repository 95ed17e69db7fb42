"""`foedus pact diff`: what a new text changes in substance."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from foedus.cli.times import parse_instant
from foedus.pact.comparing.diff import Diff, Standing, diff
from foedus.pact.reading.text import read_pact
from foedus.pact.variants import expand

if TYPE_CHECKING:
    from rich.console import Console

    from foedus.pact.comparing.differences import Change

STYLES = {
    "only before": "red",
    "only after": "green",
    "stronger": "green",
    "weaker": "red",
    "incomparable": "yellow",
    "cannot be told": "magenta",
}

BOXES_SHOWN = 3
"""Kinds of situation of one change that are printed without --all."""


@click.command("diff")
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help="Compare as of this time (RFC 3339 or a date); now if not given.")
@click.option("--as-is", is_flag=True, help="Compare what holds on that day, not the texts once in force.")
@click.option(
    "--all", "whole", is_flag=True, help="All kinds of situation of each change, not the first few."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per standing, change and note.")
def diff_command(old: Path, new: Path, at: str | None, as_is: bool, whole: bool, as_json: bool) -> None:
    """Say what a new text changes: who would owe what, and when, in which situations.

    Both texts are read as if in force, unless --as-is is given; what is in force is said apart from it. A
    draft with brackets is compared variant by variant.

    Example: foedus pact diff pacts/library/us-sa-2023.toml pacts/library/us-sa-2025.toml
    """
    instant = datetime.now(UTC) if at is None else parse_instant(at, option="--at")
    before, after = expand(read_pact(old)), expand(read_pact(new))
    for one in before:
        for other in after:
            found = diff(one, other, at=instant, as_is=as_is)
            if as_json:
                _print_lines(found)
            else:
                _print_diff(found, whole=whole)


def _print_lines(found: Diff) -> None:
    head = {"row": "diff", "old": found.old, "new": found.new, "at": found.at, "supposed": found.supposed}
    click.echo(msgspec.json.encode(head))
    for name, rows in (("standing", found.standing), ("change", found.changes), ("note", found.notes)):
        for row in rows:
            click.echo(msgspec.json.encode({"row": name} | msgspec.structs.asdict(row)))


def _print_diff(found: Diff, *, whole: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(f"{found.old} -> {found.new}, compared {found.supposed}", style="bold"))
    for standing in found.standing:
        _print_standing(console, standing, found)
    for note in found.notes:
        console.print(Text.assemble((note.about, "bold"), f": {note.says}"))
    for change in found.changes:
        _print_change(console, change, whole=whole)
    if not found.changes and all(note.about in ("text", "unknown") for note in found.notes):
        console.print(Text("nothing changes in substance", style="green"))


def _print_standing(console: "Console", standing: Standing, found: Diff) -> None:
    line = f"{standing.version} in force on {found.at:%Y-%m-%d}: {standing.in_force}"
    missing = f"; missing: {', '.join(standing.missing)}" if standing.missing else ""
    why = f" ({'; '.join(standing.why)})" if standing.why and not standing.missing else ""
    console.print(f"{line}{missing}{why}", markup=False)


def _print_change(console: "Console", change: "Change", *, whole: bool) -> None:
    from rich.text import Text

    matters = f" {', '.join(change.matters)}" if change.matters else ""
    head = f" {change.kind}{matters}, {', '.join(change.pairs)}"
    count = f" in {change.situations} of {change.of} situations"
    console.print(Text.assemble((change.how, STYLES[change.how]), (head, "bold"), count))
    if change.before:
        console.print(f"  before  {'; '.join(change.before)}", markup=False)
    if change.after:
        console.print(f"  after   {'; '.join(change.after)}", markup=False)
    shown = change.boxes if whole else change.boxes[:BOXES_SHOWN]
    for box in shown:
        console.print(f"  where   {box}", markup=False)
    more = len(change.boxes) - len(shown) + change.more_boxes
    if more:
        console.print(f"  where   and {more} more{'' if whole else ' (--all)'}", markup=False)
    console.print(f"  such as {change.witness}", markup=False)
    if change.unknown:
        console.print(f"  depends on unknown {', '.join(change.unknown)}", markup=False)
