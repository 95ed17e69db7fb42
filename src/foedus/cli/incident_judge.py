"""`foedus incident judge`: what pacts oblige in an incident, on each account."""

from datetime import date
from pathlib import Path

import click
import msgspec

from foedus.cli.incident_lines import (
    print_head,
    print_heard,
    print_incident_opinion,
    read_incident,
    rows_of,
)
from foedus.document import read_text
from foedus.pact.clauses import Pact
from foedus.pact.incidents.added import with_clauses
from foedus.pact.incidents.incident_opinion import judge
from foedus.pact.incidents.timeline import knowledge_clocks, minutes_of_warning
from foedus.pact.reading.text import read_pact


@click.command("judge")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--pact",
    "files",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="A pact to judge it by; may stand several times.",
)
@click.option(
    "--add-clause",
    "added",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file of clauses that are read as if they stood in the first pact.",
)
@click.option("--as-if", "day", metavar="DATE", help="Judge it as if zero had been on that day.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each account's row and each pact.")
def judge_incident(
    file: Path, files: tuple[Path, ...], added: tuple[Path, ...], day: str | None, as_json: bool
) -> None:
    """Say for each pact, attribution and account: is the casus met, what is owed, was it breached and when.

    Nothing is averaged: accounts that contradict each other give results that stand side by side. A star
    marks what rests on a bound that nobody has stated.

    Example: foedus incident judge incidents/doha-2025.toml --pact pacts/library/rsc.toml
    """
    as_if = _day(day)
    incident = read_incident(file)
    opinions = [judge(incident, pact, as_if=as_if) for pact in read_pacts(files, added)]
    if as_json:
        for row in (*rows_of(incident), *opinions):
            click.echo(msgspec.json.encode(row))
        return
    print_head(incident.incident)
    print_heard(minutes_of_warning(incident), knowledge_clocks(incident))
    for one in opinions:
        print_incident_opinion(one)


def read_pacts(files: tuple[Path, ...], added: tuple[Path, ...]) -> tuple[Pact, ...]:
    """The pacts in the files, the first with all added clauses."""
    pacts = [read_pact(path) for path in files]
    for path in added:
        pacts[0] = with_clauses(pacts[0], read_text(path), file=str(path))
    return tuple(pacts)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date such as 2024-09-14", param_hint="--as-if") from None
