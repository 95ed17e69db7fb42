"""`foedus claim`: what is found on the claims of a document."""

import os
from pathlib import Path

import click
import msgspec

from foedus.cli.incident_judge import read_pacts
from foedus.cli.incident_lines import read_incident
from foedus.cli.ledger_file import read_ledger
from foedus.cli.terminal import line, title
from foedus.document import read_text
from foedus.pact.clauses import Pact
from foedus.pact.incidents.claim_document import Claim, ClaimFile, parse_claims
from foedus.pact.incidents.finding import Finding, fault_in, find
from foedus.pact.incidents.finding_in_ledger import fault_in_ledger, find_in_ledger


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per claim.")
def claim(file: Path, as_json: bool) -> None:
    """Find on the claims in FILE: fulfilled, violated, not owed or undetermined, with the lines they rest on.

    No account is weighed against another: where those that a claim takes differ, it is undetermined. Exit
    code 0: all claims were judged, whatever was found.

    Example: foedus claim incidents/claims/doha-rsc.toml
    """
    claims = parse_claims(read_text(file), file=str(file))
    found = [_find(claims, index, folder=file.parent) for index in range(len(claims.claims))]
    if as_json:
        for one in found:
            click.echo(msgspec.json.encode(one))
        return
    title(claims.title)
    for one in found:
        _print(one)


def _find(claims: ClaimFile, index: int, *, folder: Path) -> Finding:
    """The finding on one of the claims, whose files stand where it says."""
    one = claims.claims[index]
    pact = _pact(one, folder)
    if one.ledger is not None:
        ledger = _beside(folder, one.ledger)
        entries = read_ledger(ledger)
        fault = fault_in_ledger(one, entries, pact)
        if fault is not None:
            raise claims.error(index, fault)
        return find_in_ledger(one, entries, file=str(ledger))
    assert one.incident is not None
    assert pact is not None
    incident = read_incident(_beside(folder, one.incident))
    fault = fault_in(one, incident, pact)
    if fault is not None:
        raise claims.error(index, fault)
    return find(one, incident, pact)


def _pact(one: Claim, folder: Path) -> Pact | None:
    if one.pact is None:
        return None
    added = tuple(_beside(folder, name) for name in one.add_clause)
    return read_pacts((_beside(folder, one.pact),), added)[0]


def _beside(folder: Path, name: str) -> Path:
    """A file as the document names it, as short as it can be told."""
    return Path(os.path.normpath(folder / name))


def _print(found: Finding) -> None:
    said = found.finding.replace("_", " ")
    asked = found.asked.replace("_", " ")
    head = f"{found.claim}: {found.claimant} against {found.against} under {found.clause} of {found.pact}"
    title(f"{head}: {said}" + ("" if asked == said else f" (asked: {asked})"))
    line(f"  {found.because}")
    for reading in found.readings:
        whose = [f"the attacker is {reading.attacker}"]
        whose += [f"known according to {reading.known_according_to}"] if reading.known_according_to else []
        whose += [f"done according to {reading.done_according_to}"] if reading.done_according_to else []
        line(f"  {reading.finding.replace('_', ' ')} if {', '.join(whose)}: {reading.because}")
    if found.placeholders:
        line(f"  It rests on bounds that nobody has stated: {', '.join(found.placeholders)}.")
    line("  It rests on:")
    for row in found.lines:
        line(f"    {row}", "dim")
    if found.left_out:
        line("  The claim leaves out:")
    for row in found.left_out:
        line(f"    {row}", "dim")
