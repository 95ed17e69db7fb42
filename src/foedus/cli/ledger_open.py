"""`foedus ledger open`: obligations from a situation, or from an incident on one account."""

from datetime import datetime
from pathlib import Path

import click
import msgspec

from foedus.cli.incident_judge import read_pacts
from foedus.cli.incident_lines import read_incident
from foedus.cli.ledger_file import grow_ledger, now_or
from foedus.cli.ledger_lines import print_opened
from foedus.cli.terminal import line
from foedus.cli.times import parse_instant
from foedus.pact.clauses import Pact
from foedus.pact.incidents.incident import IncidentFile
from foedus.pact.incidents.incident_opinion import judge
from foedus.pact.incidents.ledger import Entry, Obligation, Opened, standings
from foedus.pact.incidents.opening import from_incident, from_situation
from foedus.pact.meaning.situation_words import check_situation, situation_of_words


@click.command("open")
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option("--pact", "file", required=True, type=click.Path(path_type=Path), help="The pact.")
@click.option("--situation", "words", help="What has happened, as key=value words (foedus pact explain).")
@click.option("--incident", type=click.Path(path_type=Path), help="An incident file, instead of --situation.")
@click.option("--account", help="The account of the incident that starts the clocks.")
@click.option("--zero", metavar="TIME", help="Take the zero of the incident to be at this time.")
@click.option(
    "--add-clause",
    "added",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file of clauses that are read as if they stood in the pact.",
)
@click.option("--clause", "clauses", multiple=True, help="Only obligations of this clause.")
@click.option("--debtor", "debtors", multiple=True, help="Only obligations of this party.")
@click.option("--at", metavar="TIME", help="Recorded at this time (RFC 3339); now if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each obligation.")
def open_obligations(
    ledger: Path,
    file: Path,
    words: str | None,
    incident: Path | None,
    account: str | None,
    zero: str | None,
    added: tuple[Path, ...],
    clauses: tuple[str, ...],
    debtors: tuple[str, ...],
    at: str | None,
    as_json: bool,
) -> None:
    """Open what a pact obliges in a situation, or in an incident on one account, in the file LEDGER.

    A situation without an event opens what comes again: a joint exercise every so many days. An ordinary
    day is `at=2025-01-01`.

    Example: foedus ledger open ledger.jsonl --pact pacts/library/rsc.toml --situation at=2025-01-01
    """
    if (words is None) == (incident is None):
        raise click.UsageError("either --situation or --incident")
    if (incident is None) != (account is None):
        raise click.UsageError("--incident and --account stand together")
    instant = now_or(at)
    (pact,) = read_pacts((file,), added)
    told = None if incident is None else _fixed(read_incident(incident), zero)

    def opened(entries: tuple[Entry, ...]) -> list[Opened]:
        taken = [one.obligation.id for one in standings(entries)]
        if told is not None and account is not None:
            found = _of_incident(told, pact, account, taken)
        else:
            situation = situation_of_words(words or "", file="--situation", at=instant)
            check_situation(situation, [pact], file="--situation")
            found = from_situation(pact, situation, taken=taken)
        return [
            Opened(at=instant, obligation=one)
            for one in found
            if (not clauses or one.clause in clauses) and (not debtors or one.debtor in debtors)
        ]

    _, new = grow_ledger(ledger, opened)
    for entry in new:
        assert isinstance(entry, Opened)
        if as_json:
            click.echo(msgspec.json.encode(entry.obligation))
        else:
            print_opened(entry.obligation)
    if not new and not as_json:
        line("no obligation arises")


def _fixed(file: IncidentFile, zero: str | None) -> IncidentFile:
    """The incident with its zero at one instant, where that is given."""
    if zero is None:
        return file
    at: datetime = parse_instant(zero, option="--zero")
    fixed = msgspec.structs.replace(file.incident.zero, at=(at, at), placeholder=())
    return file._replace(incident=msgspec.structs.replace(file.incident, zero=fixed))


def _of_incident(file: IncidentFile, pact: Pact, account: str, taken: list[str]) -> tuple[Obligation, ...]:
    names = [one.according_to for one in file.incident.account]
    if account not in names:
        raise click.BadParameter(f"{account!r} is none of {', '.join(names)}", param_hint="--account")
    return from_incident(file, pact, judge(file, pact), account=account, taken=taken)
