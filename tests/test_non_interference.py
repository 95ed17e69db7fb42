"""The twin-run test: what FR withholds from IT, however it changes, changes no byte of what IT receives."""

import struct
from collections.abc import Callable

import numpy as np
import pytest

import alpine
from foedus.feeds.plots_block import encode_plots
from foedus.model import I64, Plots, concatenate, take
from foedus.pact.tables import compile as compile_module
from foedus.pact.tables.compile import compile_pact
from foedus.pact.tables.release import zones_of
from foedus.wire import FeedChunk, decode_columns, unpack_columns

SECONDS = 600
ZONE = "FR-RESERVED"


def reserved_rows(plots: Plots) -> I64:
    """Rows inside the zone whose tracks FR withholds from IT."""
    _, pact, _ = alpine.documents()
    tables = compile_pact(pact, member="FR", time_ns=alpine.START_NS)
    bit = [zone.id for zone in pact.zone].index(ZONE)
    zones = zones_of(tables, plots.lat_rad, plots.lon_rad, plots.baro_m)
    return np.flatnonzero(zones >> bit & 1)


def remove(plots: Plots, rows: I64) -> Plots:
    return take(plots, np.setdiff1d(np.arange(len(plots.time_ns)), rows))


def move(plots: Plots, rows: I64) -> Plots:
    """Somewhere else in the zone, at another height."""
    lat_rad, baro_m = plots.lat_rad.copy(), plots.baro_m.copy()
    lat_rad[rows] = np.radians(47.1 + 0.7 * ((np.degrees(lat_rad[rows]) * 7.3) % 1.0))
    baro_m[rows] -= 2_000.0
    return plots._replace(lat_rad=lat_rad, baro_m=baro_m)


def rename(plots: Plots, rows: I64) -> Plots:
    icao24, callsign = plots.icao24.copy(), plots.callsign.copy()
    icao24[rows] ^= 0x5A5A
    callsign[rows] = 0
    return plots._replace(icao24=icao24, callsign=callsign)


def multiply(plots: Plots, rows: I64) -> Plots:
    """Twenty invented aircraft beside each withheld one."""
    parts = [plots]
    for ghost in range(1, 21):
        part = take(plots, rows)
        parts.append(part._replace(icao24=part.icao24 ^ np.int32(ghost), lon_rad=part.lon_rad - 1e-5 * ghost))
    return concatenate(parts)


def twin(chunk: FeedChunk, change: Callable[[Plots, I64], Plots]) -> FeedChunk:
    """The chunk with the withheld plots of FR changed."""
    if chunk.feed != "FR-RX":
        return chunk
    (length,) = struct.unpack_from("<I", chunk.data)
    assert len(chunk.data) == 4 + length
    plots = unpack_columns(decode_columns(chunk.data[4:]), Plots)
    changed = change(plots, reserved_rows(plots))
    return chunk._replace(data=encode_plots(changed) if len(changed.time_ns) else b"")


@pytest.fixture(scope="module")
def original() -> alpine.Run:
    return alpine.run(alpine.chunks(SECONDS), SECONDS)


@pytest.mark.parametrize("change", [remove, move, rename, multiply])
def test_altering_what_fr_withholds_changes_no_byte_and_no_send_time_of_what_it_receives(
    original: alpine.Run, change: Callable[[Plots, I64], Plots]
) -> None:
    altered = alpine.run([twin(chunk, change) for chunk in alpine.chunks(SECONDS)], SECONDS)
    assert altered.stream("CH") != original.stream("CH"), (
        "the change reached nobody: the test would prove nothing"
    )
    assert altered.stream("IT") == original.stream("IT")
    assert len(original.stream("IT")) > SECONDS // 5


def test_serving_it_from_the_full_tracker_would_be_noticed(
    original: alpine.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same comparison with a planted bug: release after fusion."""
    groups = compile_module.ReleaseGroup
    monkeypatch.setattr(
        compile_module, "ReleaseGroup", lambda partners, every_plot: groups(partners, every_plot=True)
    )
    planted = alpine.run(alpine.chunks(SECONDS), SECONDS)
    altered = alpine.run([twin(chunk, remove) for chunk in alpine.chunks(SECONDS)], SECONDS)
    assert altered.stream("IT") != planted.stream("IT")
