"""`foedus ledger meet`, `contest` and `turn`: what becomes of one obligation."""

import hashlib
from pathlib import Path
from typing import Literal, get_args

import click
import msgspec

from foedus.cli.ledger_file import grow_ledger, now_or
from foedus.cli.ledger_lines import print_held
from foedus.cli.times import parse_instant
from foedus.errors import SetupError
from foedus.pact.incidents.ledger import Contested, Entry, Evidence, EvidenceWord, Turned, standings

LEDGER = click.argument("ledger", type=click.Path(path_type=Path))
OBLIGATION = click.argument("obligation")
BY = click.option("--by", required=True, help="Who says so.")
SAYS = click.option("--says", default="none", help="In words.")
JSON = click.option("--json", "as_json", is_flag=True, help="How it stands now, as one JSON object.")
AT = click.option("--at", metavar="TIME", help="Recorded at this time (RFC 3339); now if not given.")


@click.command()
@LEDGER
@OBLIGATION
@BY
@click.option("--form", type=click.Choice(get_args(EvidenceWord)), required=True, help="What it is.")
@click.option(
    "--file", type=click.Path(path_type=Path), help="The message or statement; only its hash stays."
)
@click.option("--sha256", help="Its SHA-256 in hexadecimal, instead of --file.")
@click.option("--done", metavar="TIME", help="It shows that it was done at this time.")
@click.option("--done-by", metavar="TIME", help="With --done: or as late as this.")
@click.option("--not-done", is_flag=True, help="It shows that it was not done.")
@SAYS
@AT
@JSON
def meet(
    ledger: Path,
    obligation: str,
    by: str,
    form: EvidenceWord,
    file: Path | None,
    sha256: str | None,
    done: str | None,
    done_by: str | None,
    not_done: bool,
    says: str,
    at: str | None,
    as_json: bool,
) -> None:
    """Record evidence on OBLIGATION in LEDGER: it was done, in time or late, or it was not.

    Evidence of a deed after the deadline does not undo the breach. Evidence against a breach that is
    recorded makes it contested; both stand.

    Example: foedus ledger meet ledger.jsonl rsc.W1.US.1 --by QA --form acknowledgement --file ack.json
    --done 2025-09-09T12:50:00Z
    """
    if (file is None) == (sha256 is None):
        raise click.UsageError("either --file or --sha256")
    if (done is None) != not_done:
        raise click.UsageError("either --done or --not-done")
    if sha256 is not None and (len(sha256) != 64 or sha256.strip("0123456789abcdef")):
        raise click.BadParameter("64 digits 0-9 and a-f are a SHA-256", param_hint="--sha256")
    first = None if done is None else parse_instant(done, option="--done")
    last = first if done_by is None else parse_instant(done_by, option="--done-by")
    if first is not None and last is not None and last < first:
        raise click.BadParameter("it lies before --done", param_hint="--done-by")
    evidence = Evidence(
        at=now_or(at),
        id=obligation,
        form=form,
        by=by,
        sha256=sha256 or _digest(file),
        done=None if first is None or last is None else (first, last),
        says=says,
    )
    _record(ledger, obligation, evidence, as_json=as_json)


@click.command()
@LEDGER
@OBLIGATION
@BY
@click.option("--says", required=True, help="In words.")
@AT
@JSON
def contest(ledger: Path, obligation: str, by: str, says: str, at: str | None, as_json: bool) -> None:
    """Record that somebody disputes where OBLIGATION in LEDGER stands. The stage and the dispute both stand.

    Example: foedus ledger contest ledger.jsonl rsc.W1.US.1 --by US --says "nothing was known"
    """
    _record(ledger, obligation, Contested(at=now_or(at), id=obligation, by=by, says=says), as_json=as_json)


@click.command()
@LEDGER
@OBLIGATION
@click.argument("to", type=click.Choice(["owed", "not_owed", "suspended", "resumed", "ended"]))
@BY
@SAYS
@AT
@JSON
def turn(
    ledger: Path,
    obligation: str,
    to: Literal["owed", "not_owed", "suspended", "resumed", "ended"],
    by: str,
    says: str,
    at: str | None,
    as_json: bool,
) -> None:
    """Record that OBLIGATION in LEDGER was found to be owed or not_owed, or was suspended, resumed or ended.

    While it is suspended its clock stands still.

    Example: foedus ledger turn ledger.jsonl rsc.W1.US.1 not_owed --by council
    """
    turned = Turned(at=now_or(at), id=obligation, to=to, by=by, says=says)
    _record(ledger, obligation, turned, as_json=as_json)


def _record(ledger: Path, obligation: str, entry: Entry, *, as_json: bool) -> None:
    entries, _ = grow_ledger(ledger, lambda _: [entry])
    for one in standings(entries):
        if one.obligation.id == obligation and as_json:
            click.echo(msgspec.json.encode(one))
        elif one.obligation.id == obligation:
            print_held(one)


def _digest(file: Path | None) -> str:
    assert file is not None
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise SetupError(f"{file}: cannot be read: {error.strerror}") from None
