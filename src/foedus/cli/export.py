"""`foedus export`: a member's pictures out of a journal, in the formats of other systems."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec

from foedus.cli.journals import journals_of
from foedus.cli.steps import steps
from foedus.cli.terminal import line
from foedus.cli.times import parse_time
from foedus.errors import InputError, JournalError, SetupError
from foedus.journal import Store
from foedus.wire import Tick

if TYPE_CHECKING:
    from foedus.view import Outgoing

FORMATS = ("asterix", "cot", "geojson", "arrow", "parquet", "sapient")


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    file: str
    format: str
    member: str
    mode: str
    pictures: int
    tracks: int  # rows of all pictures
    warnings: int
    bytes: int


class Choice(NamedTuple):
    """Which pictures of which journal, for whom."""

    journal: Path
    at_ns: int | None  # the newest picture at this time; None: all
    parties: tuple[str, ...]  # who reads; nobody but the member where none are given


@click.command()
@click.argument("source", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--member", required=True, help="Whose view.")
@click.option("--format", "format_", type=click.Choice(FORMATS), required=True, help="What to write.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--at", metavar="TIME", help="Only the picture at this time; default: every tick.")
@click.option(
    "--party",
    "parties",
    multiple=True,
    help="Only what the pact lets this party have, may be given again: what all of them may have.",
)
@click.option("--sac", default=0, type=click.IntRange(0, 255), help="System area code in ASTERIX.")
@click.option("--sic", default=0, type=click.IntRange(0, 255), help="System identification code in ASTERIX.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a sentence.")
def export(
    source: Path,
    member: str,
    format_: str,
    output: Path,
    at: str | None,
    parties: tuple[str, ...],
    sac: int,
    sic: int,
    as_json: bool,
) -> None:
    """Write the pictures of a member in RUN, a folder that `foedus run` wrote or one journal of it.

    The journal is run again; each picture carries its mode and, track by track, to whom the track may go on.
    asterix: category 062 and 065 blocks. cot: one Cursor-on-Target event a line. geojson: one
    FeatureCollection a line. arrow, parquet: one table. sapient: framed messages; needs foedus[sapient].

    Example: foedus export run/alpine-20261122T120000Z --member CH --format geojson -o ch.geojson
    """
    choice = Choice(_journal(source, member), parse_time(at, option="--at") if at else None, parties)
    views = list(_views(choice))
    if not views:
        raise InputError(where=str(choice.journal), found="no picture", expected="one, or a later --at")
    data = _writer(format_, sac, sic)(views)
    try:
        output.write_bytes(data)
    except OSError as error:
        raise SetupError(f"{output} cannot be written ({error.strerror}); name another with -o") from error
    exported = Exported(
        file=str(output),
        format=format_,
        member=member,
        mode=views[0].mode,
        pictures=len(views),
        tracks=sum(len(view.tracks.number) for view in views),
        warnings=len(dict.fromkeys(one.id for view in views for one in view.warnings)),
        bytes=len(data),
    )
    if as_json:
        line(msgspec.json.encode(exported).decode())
    else:
        line(
            f"{output}: {exported.pictures:,} pictures of {member} ({exported.mode}), {exported.tracks:,}"
            f" tracks, {exported.warnings:,} warnings, {exported.bytes:,} bytes"
        )


def _journal(source: Path, member: str) -> Path:
    """The journal of that member; JournalError where there is none."""
    found = []
    for path in journals_of((source,)):
        store = Store.open(path)
        found.append(store.header.member)
        store.close()
        if found[-1] == member:
            return path
    raise JournalError(f"{source}: found journals of {', '.join(found)}; expected one of {member}")


def _views(choice: Choice) -> Iterator["Outgoing"]:
    """What the member might have handed on after each tick."""
    from foedus.station import station_of

    store = Store.open(choice.journal)
    try:
        station = station_of(store.header, where=store.where)
        _check_parties(choice.parties, station.node.parties)
        newest = None
        for batch in steps(station, store):
            if choice.at_ns is not None and batch.time_ns > choice.at_ns:
                break
            if any(isinstance(item, Tick) for item in batch.inputs):
                newest = station.node.outgoing()
                newest = newest.releasable_to(choice.parties) if choice.parties else newest
                if choice.at_ns is None:
                    yield newest
        if choice.at_ns is not None and newest is not None:
            yield newest
    finally:
        store.close()


def _check_parties(parties: tuple[str, ...], known: tuple[str, ...]) -> None:
    for party in parties:
        if party not in known:
            raise InputError(where="--party", found=repr(party), expected="one of " + ", ".join(known))


def _writer(format_: str, sac: int, sic: int) -> Callable[[list["Outgoing"]], bytes]:
    """What turns views into the bytes of a file."""
    if format_ == "asterix":
        return lambda views: _asterix(views, sac, sic)
    if format_ == "sapient":
        return _sapient
    return {"cot": _cot, "geojson": _geojson, "arrow": _arrow, "parquet": _parquet}[format_]


def _asterix(views: list["Outgoing"], sac: int, sic: int) -> bytes:
    from foedus.formats.asterix import END_OF_BATCH, Station, encode_062, encode_065
    from foedus.formats.system_tracks import SystemTrackBook

    book, station, blocks = SystemTrackBook(), Station(sac, sic), []
    for batch, view in enumerate(views, 1):
        blocks += encode_062(book.update(view.tracks, now_ns=view.time_ns), view, station)
        blocks.append(encode_065(station, message=END_OF_BATCH, time_ns=view.time_ns, batch=batch))
    return b"".join(blocks)


def _cot(views: list["Outgoing"]) -> bytes:
    from foedus.formats.cot import CotStream

    stream = CotStream()
    return b"".join(event + b"\n" for view in views for event in stream.update(view))


def _geojson(views: list["Outgoing"]) -> bytes:
    from foedus.formats.geojson import encode_geojson

    return b"".join(encode_geojson(view) + b"\n" for view in views)


def _arrow(views: list["Outgoing"]) -> bytes:
    from foedus.formats.arrow import batch_of, encode_arrow

    return encode_arrow([batch_of(view) for view in views])


def _parquet(views: list["Outgoing"]) -> bytes:
    from foedus.formats.arrow import batch_of, encode_parquet

    return encode_parquet([batch_of(view) for view in views])


def _sapient(views: list["Outgoing"]) -> bytes:
    try:
        from foedus.formats.sapient import frame, messages
    except ModuleNotFoundError as error:
        raise SetupError("the package sapient-msg is not here; `pip install foedus[sapient]`") from error
    return b"".join(frame(message) for view in views for message in messages(view))
