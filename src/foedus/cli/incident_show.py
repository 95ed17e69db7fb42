"""`foedus incident show`: an incident as each account has it."""

from pathlib import Path

import click
import msgspec

from foedus.cli.incident_lines import print_head, print_heard, read_incident, rows_of
from foedus.cli.terminal import line, title
from foedus.pact.incidents.incident import IncidentFile, attackers_of, said_of
from foedus.pact.incidents.timeline import knowledge_clocks, minutes_of_warning


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each row of the table.")
def show(file: Path, as_json: bool) -> None:
    """Show who says what of an incident: attributions, when each party knew, minutes of warning.

    A star marks a bound that nobody has stated and that the file fills in.

    Example: foedus incident show incidents/doha-2025.toml
    """
    incident = read_incident(file)
    if as_json:
        for row in rows_of(incident):
            click.echo(msgspec.json.encode(row))
        return
    _print(incident)


def _print(file: IncidentFile) -> None:
    incident = file.incident
    print_head(incident)
    title("Accounts")
    for account in incident.account:
        line(f"  {account.according_to}: {account.says} {account.source}")
    title("Who attacked")
    for attacker in attackers_of(incident):
        line(f"  {attacker}: {', '.join(said_of(incident, attacker)) or 'no account says who'}")
    print_heard(minutes_of_warning(file), knowledge_clocks(file))
    title("Facts")
    for index in range(len(incident.fact)):
        line(f"  {file.line_of_fact(index)}")
    if not incident.fact:
        line("  no account says when anybody knew or warned")
