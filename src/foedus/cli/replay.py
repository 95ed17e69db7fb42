"""`foedus replay`: run a journal again and compare every step with what was recorded."""

import sys
from pathlib import Path

import click
import msgspec

from foedus.cli.journals import journals_of
from foedus.errors import JournalError
from foedus.journal import Store


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one journal."""

    journal: str
    member: str
    entries: int
    digest: str
    same: bool
    fault: str = ""


@click.command()
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per journal and line.")
def replay(journals: tuple[Path, ...], as_json: bool) -> None:
    """Run journals again, from nothing but themselves; the digest at the end must be the recorded one.

    A folder means all journals in it. Exit code 1 if any step differs.

    Example: foedus replay run/alpine-20261122T120000Z
    """
    same = True
    for path in journals_of(journals):
        result = _replay(path)
        same = same and result.same
        if as_json:
            click.echo(msgspec.json.encode(result).decode())
        elif result.same:
            click.echo(f"{result.journal}: {result.entries:,} entries, same effects, digest {result.digest}")
        else:
            click.echo(f"{result.fault}", err=True)
    sys.exit(0 if same else 1)


def _replay(path: Path) -> Replayed:
    from foedus.station import replay as run_again
    from foedus.station import station_of

    store = Store.open(path)
    try:
        header = store.header
        station = station_of(header, where=str(path))
        entries, digest = run_again(station, store.entries(), where=str(path))
        return Replayed(
            journal=str(path), member=header.member, entries=entries, digest=digest.hex(), same=True
        )
    except JournalError as error:
        return Replayed(
            journal=str(path), member=store.header.member, entries=0, digest="", same=False, fault=str(error)
        )
    finally:
        store.close()
