"""`foedus claim`: what is found on a claim."""

from pathlib import Path

import click
import msgspec

from foedus.cli.incident_judge import read_pacts
from foedus.cli.incident_lines import read_incident
from foedus.cli.ledger_file import read_ledger
from foedus.cli.terminal import line, title
from foedus.pact.incidents.finding import Claim, Finding, find, find_in_ledger


@click.command()
@click.argument("evidence", type=click.Path(path_type=Path))
@click.option("--claimant", required=True, help="Who claims.")
@click.option("--against", help="Who is said to have owed it.")
@click.option("--clause", help="Under which clause.")
@click.option("--pact", "file", type=click.Path(path_type=Path), help="The pact of the clause.")
@click.option(
    "--add-clause",
    "added",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file of clauses that are read as if they stood in the pact.",
)
@click.option("--known", multiple=True, help="Take the word of this account on what was known; else of all.")
@click.option("--done", multiple=True, help="Take the word of this account on what was done; else of all.")
@click.option("--attacker", "attackers", multiple=True, help="Under this attribution; else under all.")
@click.option("--obligation", help="EVIDENCE is a ledger, and the claim is about this obligation in it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def claim(
    evidence: Path,
    claimant: str,
    against: str | None,
    clause: str | None,
    file: Path | None,
    added: tuple[Path, ...],
    known: tuple[str, ...],
    done: tuple[str, ...],
    attackers: tuple[str, ...],
    obligation: str | None,
    as_json: bool,
) -> None:
    """Find on a claim: fulfilled, violated, not owed or undetermined, with the lines that this rests on.

    EVIDENCE is an incident file, with --against, --clause and --pact, or a ledger, with --obligation. No
    account is weighed against another: where those that are taken differ, it is undetermined.

    Example: foedus claim incidents/doha-2025.toml --claimant QA --against US --clause W1 --pact
    pacts/library/rsc.toml
    """
    if obligation is not None:
        found = find_in_ledger(read_ledger(evidence), obligation, claimant=claimant, file=str(evidence))
    elif against is None or clause is None or file is None:
        raise click.UsageError("either --obligation, or --against, --clause and --pact")
    else:
        (pact,) = read_pacts((file,), added)
        asked = Claim(
            claimant=claimant, against=against, clause=clause, known=known, done=done, attackers=attackers
        )
        found = find(asked, read_incident(evidence), pact)
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        _print(found)


def _print(found: Finding) -> None:
    said = found.finding.replace("_", " ")
    title(f"{found.claimant} against {found.against} under {found.clause} of {found.pact}: {said}")
    line(found.because)
    for reading in found.readings:
        whose = [f"the attacker is {reading.attacker}"]
        whose += [f"known according to {reading.known_according_to}"] if reading.known_according_to else []
        whose += [f"done according to {reading.done_according_to}"] if reading.done_according_to else []
        line(f"  {reading.finding.replace('_', ' ')} if {', '.join(whose)}: {reading.because}")
    if found.placeholders:
        line(f"It rests on bounds that nobody has stated: {', '.join(found.placeholders)}.")
    line("It rests on:")
    for row in found.lines:
        line(f"  {row}", "dim")
