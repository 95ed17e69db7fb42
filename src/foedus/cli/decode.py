"""`foedus decode`: what is in a recorded file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from foedus.cli.recorded import read_sensors, start_ns
from foedus.errors import InputError
from foedus.feeds.recording import FORMATS, Recording, load_recording
from foedus.model import SECOND_NS


@click.command()
@click.argument("file", type=click.Path())
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", help="By content if auto.")
@click.option("--sensors", type=click.Path(), help="TOML file with [[sensor]] tables.")
@click.option("--start", callback=start_ns, default="", help="UTC day or instant of the first record.")
@click.option("--items", default=0, type=click.IntRange(0, 100_000), help="Show the first N records.")
@click.option("-o", "--output", type=click.Path(), help="Write the plots to a .parquet or .csv file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.pass_context
def decode(
    context: click.Context,
    file: str,
    format_: str,
    sensors: str | None,
    start: int,
    items: int,
    output: str | None,
    as_json: bool,
) -> None:
    """Say how many records of each kind FILE holds, and which were refused and why.

    Reads ASTERIX (raw blocks, IOSS final, pcap), Beast, AVR, blocks of plots, CSV and Parquet. Exit code 0:
    read, even if some records were refused; 1: nothing could be read.

    Example: foedus decode recording.ast --sensors sensors.toml -o plots.parquet
    """
    if output and not output.endswith((".csv", ".parquet")):
        raise click.UsageError(f"--output {output}: the name must end in .parquet or .csv")
    known = read_sensors(sensors) if sensors else ()
    recording = load_recording(file, format=format_, sensors=known, day_ns=start)
    if output:
        from foedus.feeds.tabular import encode_table

        ending = output.rpartition(".")[2]
        Path(output).write_bytes(encode_table(recording.plots, recording.sensors, ending))
    if items:
        _show_items(file, recording, items)
    elif as_json:
        click.echo(json.dumps(_summary(file, recording)))
    else:
        _show(file, recording)
    if not recording.accepted:
        context.exit(1)


def _instant(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / SECOND_NS, UTC).isoformat(timespec="milliseconds")


def _summary(file: str, recording: Recording) -> dict[str, object]:
    times = recording.plots.time_ns
    return {
        "file": file,
        "format": recording.format,
        "framing": recording.framing.value,
        "accepted": dict(recording.accepted),
        "refused": dict(recording.refused),
        "plots": len(times),
        "first_ns": int(times.min()) if len(times) else None,
        "last_ns": int(times.max()) if len(times) else None,
        "sensors": [sensor.id for sensor in recording.sensors],
        "sensors_made_up": recording.provisional,
    }


def _show(file: str, recording: Recording) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    times = recording.plots.time_ns
    console.print(f"{file}: {recording.format}, {recording.framing.value}", highlight=False, soft_wrap=True)
    table = Table()
    table.add_column("records")
    table.add_column("count", justify="right")
    for name, count in recording.accepted:
        table.add_row(name, f"{count:,}")
    for name, count in recording.refused:
        table.add_row(f"refused: {name}", f"{count:,}", style="red")
    console.print(table)
    if len(times):
        span = f"{_instant(int(times.min()))} to {_instant(int(times.max()))}"
        console.print(f"{len(times):,} plots, {span}", highlight=False)
    else:
        console.print("no plots")
    if recording.provisional:
        names = ", ".join(sensor.id for sensor in recording.sensors)
        note = f"No --sensors given: {names} made up at 0 N 0 E, so polar plots have no place yet."
        console.print(note, highlight=False)


def _show_items(file: str, recording: Recording, count: int) -> None:
    """One JSON line per record."""
    if recording.format != "asterix":
        raise InputError(where=file, found=f"format {recording.format}", expected="ASTERIX for --items")
    from foedus.feeds.asterix import record_spans
    from foedus.feeds.asterix_items import as_json, describe
    from foedus.feeds.framing import unframe

    data = b"".join(unframe(Path(file).read_bytes(), recording.framing).payloads)
    for category, items in record_spans(data, count):
        click.echo(json.dumps(as_json(category, describe(data, category, items))))
