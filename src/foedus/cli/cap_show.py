"""`foedus cap show`: the CAP messages of the warnings in journals."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from foedus.cli.cap_files import signer_in
from foedus.cli.journals import journals_of
from foedus.cli.terminal import line
from foedus.errors import InputError

if TYPE_CHECKING:
    from foedus.cli.cap_journal import Alerts
    from foedus.formats.alert import Alert
    from foedus.formats.signature import Signer

FEED_NAME = "feed.atom"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One message."""

    member: str
    direction: str
    identifier: str
    status: str
    message_type: str
    sent_ns: int
    headline: str
    file: str  # where it was written, empty if it was not
    fault: str = ""  # why there is no message


@click.command()
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(["ar", "de", "en", "fr", "he", "it"]),
    help="Language of the messages, may be given again; default: those of the member in the network file.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write a file per message and an Atom feed, in MEMBER and MEMBER/to-PARTY there.",
)
@click.option("--sign", "key_file", type=click.Path(path_type=Path), help="Sign with this private key (PEM).")
@click.option(
    "--certificate", "certificate_file", type=click.Path(path_type=Path), help="Certificate of that key."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per message and line.")
def show(
    journals: tuple[Path, ...],
    languages: tuple[str, ...],
    out: Path | None,
    key_file: Path | None,
    certificate_file: Path | None,
    as_json: bool,
) -> None:
    """Show the CAP messages of the warnings in journals, with --out as files with an Atom feed beside them.

    A member tells its own people of its own warnings and of those it received, and each other member of those
    it sent to that member. A folder means all
    journals in it. Exit code 1 if a warning cannot be told, for want of an area.

    Example: foedus cap show run/alpine-20261122T120000Z --language en --language it --out alerts
    """
    from foedus.cli.cap_journal import alerts_of

    if (key_file is None) != (certificate_file is None):
        raise click.UsageError("--sign and --certificate go together")
    if key_file is not None and out is None:
        raise click.UsageError("--sign needs --out")
    signer = None
    if key_file is not None and certificate_file is not None:
        signer = signer_in(key_file, certificate_file)
    whole = True
    for path in journals_of(journals):
        made = alerts_of(path, languages=tuple(dict.fromkeys(languages)))
        for shown in _written(made, out, signer):
            whole = whole and not shown.fault
            _tell(shown, as_json)
    sys.exit(0 if whole else 1)


def _written(made: "Alerts", out: Path | None, signer: "Signer | None") -> list[Shown]:
    """Every message of one journal; with `out` also as files, in one folder for each circle of readers."""
    from foedus.formats.atom import write_feed

    rows = []
    told: dict[Path, list[Alert]] = {} if out is None else {out / made.issuer.member: []}
    for alert in made.alerts:
        folder = None if out is None else _folder(out, alert)
        row = _one(alert, folder, signer)
        rows.append(row)
        if folder is not None and not row.fault:
            told.setdefault(folder, []).append(alert)
    for folder, alerts in told.items():
        folder.mkdir(parents=True, exist_ok=True)
        feed = write_feed(made.issuer, alerts, now_ns=made.end_ns, name=FEED_NAME)
        (folder / FEED_NAME).write_bytes(feed)
    return rows


def _folder(out: Path, alert: "Alert") -> Path:
    """MEMBER for its own people, MEMBER/to-PARTY for another member: neither sees what the other gets."""
    folder = out / alert.issuer.member
    return folder if alert.serial else folder / f"to-{alert.warning.party}"


def _one(alert: "Alert", folder: Path | None, signer: "Signer | None") -> Shown:
    from foedus.formats.cap import write_cap
    from foedus.formats.cap_words import STATUS_OF, message_type
    from foedus.formats.signature import sign
    from foedus.formats.texts import headline, load_texts

    fault, file = "", ""
    try:
        message = write_cap(alert)
        if signer is not None:
            message = sign(message, signer)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            file = str(folder / alert.file_name)
            Path(file).write_bytes(message)
    except InputError as error:
        fault = str(error)
    return Shown(
        member=alert.issuer.member,
        direction=alert.warning.direction,
        identifier=alert.identifier,
        status=STATUS_OF[alert.issuer.mode],
        message_type=message_type(alert),
        sent_ns=alert.sent_ns,
        headline=headline(alert, load_texts(alert.issuer.languages[0])),
        file=file,
        fault=fault,
    )


def _tell(shown: Shown, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(shown).decode())
    elif shown.fault:
        click.echo(shown.fault, err=True)
    else:
        line(f"{shown.identifier}  {shown.status} {shown.message_type}  {shown.headline}")
