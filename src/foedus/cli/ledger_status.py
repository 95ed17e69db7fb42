"""`foedus ledger status`: where every obligation of a ledger stands."""

from pathlib import Path

import click
import msgspec

from foedus.cli.ledger_file import grow_ledger, now_or, read_ledger
from foedus.cli.ledger_lines import print_held
from foedus.cli.terminal import line
from foedus.pact.incidents.ledger import Clock, Entry, standings


@click.command()
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help="At this time (RFC 3339); now if not given.")
@click.option(
    "--record", is_flag=True, help="Record that the clock was read: what is breached stays breached."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each obligation.")
def status(ledger: Path, at: str | None, record: bool, as_json: bool) -> None:
    """Show where every obligation of LEDGER stands at a time, with the lines that this rests on.

    Of what was recorded after that time nothing counts.

    Example: foedus ledger status ledger.jsonl --at 2025-09-10
    """
    instant = now_or(at)
    entries: tuple[Entry, ...] = read_ledger(ledger)
    if record:
        entries, _ = grow_ledger(ledger, lambda _: [Clock(at=instant)])
    held = standings([entry for entry in entries if entry.at <= instant], now=instant)
    for one in held:
        if as_json:
            click.echo(msgspec.json.encode(one))
        else:
            print_held(one)
    if not held and not as_json:
        line("no obligation was opened")
