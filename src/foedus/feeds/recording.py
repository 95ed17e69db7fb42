"""A whole recorded file at once: its plots, and what was read and refused.

`read_recording` is pure; `load_recording` also reads the file, for commands and tests.
"""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from foedus.errors import FeedError
from foedus.feeds.decoder import Counts, add_counts, open_decoder, sorted_counts
from foedus.feeds.framing import Framing, detect_framing, unframe
from foedus.limits import SENSORS_MAX
from foedus.model import DAY_NS, Plots, Sensor, SensorKind, concatenate
from foedus.network import FeedFormat

FORMATS: Final = ("auto", "asterix", "beast", "avr", "plots", "csv", "parquet")

PIECE_BYTES: Final = 1 << 16
"""Bytes given to a decoder at a time, so that the date of its clock can follow the recording."""

PROVISIONAL_RANGE_M: Final = 500_000.0


class Recording(NamedTuple):
    """What a recorded file holds."""

    plots: Plots
    sensors: tuple[Sensor, ...]  # Plots.sensor points here
    provisional: bool  # the sensors were made up from the file: their sites are at 0, 0
    format: str  # as in FORMATS, never auto
    framing: Framing
    accepted: Counts
    refused: Counts


def detect_format(data: bytes) -> str:  # noqa: PLR0911 - one return per format
    """The format of a file's content; FeedError when none of FORMATS fits."""
    if data[:4] == b"PAR1":
        return "parquet"
    if detect_framing(data) is not Framing.RAW:
        return "asterix"
    head = data[:64].lstrip()
    if head.startswith((b"time_ns,", b'"time_ns"')):
        return "csv"
    if data[:1] == b"\x1a" and data[1:2] in (b"1", b"2", b"3", b"4"):
        return "beast"
    if head[:1] in (b"*", b"@") and head[1:2].isalnum():
        return "avr"
    length = int.from_bytes(data[:4], "little")
    if data[4:5] == b"\x92" and length <= len(data) - 4:
        return "plots"
    length = int.from_bytes(data[1:3], "big")
    if length >= 4 and (length <= len(data) or data[0] in (10, 34, 48, 62, 65)):
        return "asterix"
    raise FeedError(
        where="recording",
        found="an empty file" if not data else f"bytes that begin with {data[:8].hex(' ')}",
        expected="ASTERIX blocks, Beast, AVR, plots, CSV or Parquet",
    )


def provisional_sensor(*, name: str, kind: SensorKind, sac: int = -1, sic: int = -1) -> Sensor:
    """A sensor at 0, 0 for a file that came without a description of its sensors."""
    return Sensor(
        id=name,
        kind=kind,
        lat_deg=0.0,
        lon_deg=0.0,
        height_m=0.0,
        period_s=5.0,
        range_max_m=PROVISIONAL_RANGE_M,
        sac=sac,
        sic=sic,
    )


def _make_up_sensors(data: bytes, format: str) -> tuple[Sensor, ...]:  # noqa: A002
    if format != "asterix":
        return (provisional_sensor(name="receiver", kind=SensorKind.RECEIVER),)
    from foedus.feeds.asterix import sources_of  # noqa: PLC0415

    sources = sources_of(data)[:SENSORS_MAX]
    if not sources:  # only blocks without a table or broken ones: they are still counted
        return (provisional_sensor(name="unknown", kind=SensorKind.RADAR),)
    return tuple(
        provisional_sensor(name=f"SAC{sac}-SIC{sic}", kind=SensorKind.RADAR, sac=sac, sic=sic)
        for sac, sic in sources
    )


def read_recording(
    data: bytes,
    *,
    format: str = "auto",  # noqa: A002
    sensors: tuple[Sensor, ...] = (),
    day_ns: int = 0,
) -> Recording:
    """Everything in a recorded file; FeedError when nothing can be read at all.

    day_ns: midnight UTC of the day on which the recording starts, for clocks that give the time of day only.
    A capture that knows its own date overrides it. Without sensors provisional ones are made up.
    """
    chosen = detect_format(data) if format == "auto" else format
    if chosen not in FORMATS:
        raise FeedError(where="recording", found=f"format {format}", expected=" or ".join(FORMATS))
    if chosen in ("csv", "parquet"):
        from foedus.feeds.tabular import read_plots  # noqa: PLC0415

        table = read_plots(data, chosen, sensors)
        return Recording(
            table.plots, table.sensors, not sensors, chosen, Framing.RAW, table.accepted, table.refused
        )
    framing = detect_framing(data) if chosen == "asterix" else Framing.RAW
    packets = unframe(data, framing)
    known = sensors or _make_up_sensors(b"".join(packets.payloads), chosen)
    plots, accepted, refused = _run(FeedFormat(chosen), known, packets.payloads, packets.times_ns, day_ns)
    add_counts(refused, sorted_counts(packets.refused))
    recording = Recording(
        plots, known, not sensors, chosen, framing, sorted_counts(accepted), sorted_counts(refused)
    )
    if not recording.accepted and not recording.refused:
        raise FeedError(where="recording", found="no record", expected=f"records of format {chosen}")
    return recording


def _run(
    format: FeedFormat,  # noqa: A002
    sensors: tuple[Sensor, ...],
    payloads: list[bytes],
    times_ns: list[int],
    day_ns: int,
) -> tuple[Plots, dict[str, int], dict[str, int]]:
    decoder = open_decoder(format, sensors)
    accepted: dict[str, int] = {}
    refused: dict[str, int] = {}
    parts: list[Plots] = []
    # From noon every time of day of the first day is the nearest one; the newest plot takes over from there.
    now_ns = day_ns + (DAY_NS // 2 if format is FeedFormat.ASTERIX else 0)
    for piece, time_ns in _pieces(payloads, times_ns):
        result = decoder.feed(piece, time_ns if time_ns >= 0 else now_ns)
        if len(result.plots.time_ns):
            parts.append(result.plots)
            now_ns = int(result.plots.time_ns[-1])
        add_counts(accepted, result.accepted)
        add_counts(refused, result.refused)
    result = decoder.finish()
    parts.append(result.plots)
    add_counts(accepted, result.accepted)
    add_counts(refused, result.refused)
    return concatenate(parts), accepted, refused


def _pieces(payloads: list[bytes], times_ns: list[int]) -> list[tuple[bytes, int]]:
    """The payloads in pieces of about PIECE_BYTES: small ones joined, long ones cut."""
    pieces: list[tuple[bytes, int]] = []
    waiting: list[bytes] = []
    size = 0
    first_ns = -1
    for payload, time_ns in zip(payloads, times_ns, strict=True):
        if not waiting:
            first_ns = time_ns
        waiting.append(payload)
        size += len(payload)
        if size >= PIECE_BYTES:
            joined = b"".join(waiting)
            pieces.extend((joined[i : i + PIECE_BYTES], first_ns) for i in range(0, size, PIECE_BYTES))
            waiting, size = [], 0
    if waiting:
        pieces.append((b"".join(waiting), first_ns))
    return pieces


def load_recording(
    path: str | Path,
    *,
    format: str = "auto",  # noqa: A002
    sensors: tuple[Sensor, ...] = (),
    day_ns: int = 0,
) -> Recording:
    """The recording in the file at `path`; FeedError names the file when it cannot be read."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise FeedError(where=str(path), found=str(error.strerror), expected="a readable file") from error
    try:
        return read_recording(data, format=format, sensors=sensors, day_ns=day_ns)
    except FeedError as error:
        raise FeedError(where=str(path), found=error.found, expected=error.expected) from error


def sort_by_time(plots: Plots) -> Plots:
    """The plots in order of time, ties in order of arrival."""
    order = np.argsort(plots.time_ns, kind="stable")
    return Plots._make(column[order] for column in plots)
