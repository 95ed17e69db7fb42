"""`foedus pact what-decides`: what the fate of a draft hangs on."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.cli.times import parse_instant
from foedus.pact.negotiating.decides import Decision, what_decides
from foedus.pact.reading.text import read_pact


@click.command(name="what-decides")
@click.argument("file", metavar="DRAFT", type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help="As of this time (RFC 3339 or a date); now if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line: the whole, then its parts.")
def what_decides_command(file: Path, at: str | None, as_json: bool) -> None:
    """Rank the brackets, approvals and milestones of a draft by how much they change.

    Example: foedus pact what-decides pacts/negotiations/us-sa-draft.toml --at 2023-10-01
    """
    instant = datetime.now(UTC) if at is None else parse_instant(at, option="--at")
    decision = what_decides(read_pact(file), at=instant)
    if as_json:
        _print_json(decision)
    else:
        _print(decision)


def _print_json(decision: Decision) -> None:
    parts = ("factors", "next_dates")
    whole = {key: value for key, value in msgspec.structs.asdict(decision).items() if key not in parts}
    click.echo(msgspec.json.encode({"line": "decision", **whole}))
    for factor in decision.factors:
        click.echo(msgspec.json.encode({"line": "factor", **msgspec.structs.asdict(factor)}))
    for due in decision.next_dates:
        click.echo(msgspec.json.encode({"line": "date", **msgspec.structs.asdict(due)}))


def _print(decision: Decision) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.print(Text(f"{decision.pact} {decision.version}, as of {decision.at.date()}", style="bold"))
    console.print(Text(decision.sentence))
    for step in decision.missing:
        console.print(Text(f"{step}: this kind of instrument needs it, and no clause provides for it."))
    for party in decision.unknown:
        console.print(
            Text(f"Which approvals {party} needs is unknown; so all that rests on them stays open.")
        )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("what is open", no_wrap=True)
    table.add_column("kind")
    table.add_column("situations", justify="right")
    table.add_column("share", justify="right")
    table.add_column("which is")
    for factor in decision.factors:
        count = f"{factor.situations:,}/{decision.situations:,}"
        table.add_row(factor.what, factor.kind, count, f"{100 * factor.share:.1f} %", factor.says)
    console.print(table)
    console.print(
        Text(
            "situations: kinds of event, and an ordinary day, in which it changes who owes or gives what. "
            f"share: the same over all {decision.readings} readings of the rest."
        )
    )
    for due in decision.next_dates:
        console.print(Text(f"Next: {due.milestone}, {due.target.date()}, in {due.days} days: {due.says}."))
