"""`foedus cap read`: check CAP messages as a receiving system would."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec

from foedus.cli.cap_files import bytes_of, certificate_in
from foedus.cli.terminal import line
from foedus.cli.times import parse_time
from foedus.errors import InputError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from foedus.formats.cap_read import CapMessage


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one file."""

    file: str
    identifier: str
    status: str
    message_type: str
    headline: str
    signature: str  # none, not checked, holds, does not hold
    faults: tuple[str, ...]


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--mode",
    type=click.Choice(["LIVE", "EXERCISE", "RECORDING"]),
    default="LIVE",
    show_default=True,
    help="Mode of the system that would take it.",
)
@click.option("--at", metavar="TIME", help="When it would (RFC 3339); now if not given.")
@click.option(
    "--certificate",
    "certificate_file",
    type=click.Path(path_type=Path),
    help="Certificate (PEM) trusted for the sender; without a signature by it a message is refused.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file and line.")
def read(
    files: tuple[Path, ...], mode: str, at: str | None, certificate_file: Path | None, as_json: bool
) -> None:
    """Read CAP messages and say what is wrong with each: mode, area, end, chain, signature.

    Given several, each is also held against the others: an update must name every message before it. Exit
    code 1 if any may not be taken.

    Example: foedus cap read alerts/CH/*.xml --mode RECORDING --at 2018-08-01T11:45:00Z
    """
    now_ns = time.time_ns() if at is None else parse_time(at, option="--at")
    certificate = None if certificate_file is None else certificate_in(certificate_file)
    taken = [_parsed(path) for path in files]
    known = [one.message for one in taken if one.message is not None]
    whole = True
    for one in taken:
        checked = _checked(one, certificate, mode=mode, now_ns=now_ns, known=known)
        whole = whole and not checked.faults
        _tell(checked, as_json)
    sys.exit(0 if whole else 1)


class _Taken(NamedTuple):
    """One file, before it is judged."""

    file: str
    data: bytes
    message: "CapMessage | None"
    fault: str  # why there is no message


def _parsed(path: Path) -> _Taken:
    from foedus.formats.cap_read import parse_cap

    data = bytes_of(path)
    try:
        return _Taken(str(path), data, parse_cap(data, where=str(path)), "")
    except InputError as error:
        return _Taken(str(path), data, None, str(error))


def _checked(
    one: _Taken,
    certificate: "Certificate | None",
    *,
    mode: str,
    now_ns: int,
    known: "Sequence[CapMessage]",
) -> Checked:
    from foedus.formats.cap_read import faults

    message = one.message
    if message is None:
        return Checked(
            file=one.file, identifier="", status="", message_type="", headline="", signature="not checked",
            faults=(one.fault,),
        )  # fmt: skip
    found = list(faults(message, mode=mode, now_ns=now_ns, known=known))
    signature = "not checked" if message.signed else "none"
    if certificate is not None:
        signature, why = _signature(one, certificate, now_ns)
        found += why
    return Checked(
        file=one.file,
        identifier=message.identifier,
        status=message.status,
        message_type=message.message_type,
        headline=message.infos[0].headline if message.infos else "",
        signature=signature,
        faults=tuple(found),
    )


def _signature(one: _Taken, certificate: "Certificate", now_ns: int) -> tuple[str, list[str]]:
    """(whether it holds, why not)."""
    from foedus.formats.signature import check_signature

    try:
        check_signature(one.data, certificate, now_ns=now_ns, where=one.file)
    except InputError as error:
        return "does not hold", [f"signature: found {error.found}; expected {error.expected}"]
    return "holds", []


def _tell(checked: Checked, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(checked).decode())
        return
    verdict = "may not be taken" if checked.faults else "may be taken"
    line(f"{checked.file}: {verdict}; signature: {checked.signature}")
    if checked.identifier:
        line(f"  {checked.status} {checked.message_type} {checked.identifier}")
        line(f"  {checked.headline}")
    for fault in checked.faults:
        click.echo(f"  {fault}", err=True)
