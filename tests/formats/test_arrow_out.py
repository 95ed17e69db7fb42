"""Tracks as Arrow and Parquet, read back by pyarrow."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foedus.formats.arrow import FIELDS, batch_of, encode_arrow, encode_parquet
from foedus.model import Tracks
from pictures import NOON_NS, outgoing_of, tracks_of


def read_stream(data):
    return pa.ipc.open_stream(data).read_all()


def read_parquet(data):
    return pq.read_table(io.BytesIO(data))


@pytest.mark.parametrize(("encode", "read"), [(encode_arrow, read_stream), (encode_parquet, read_parquet)])
def test_values_units_mode_and_label_come_back(encode, read):
    tracks = tracks_of(30)
    outgoing = outgoing_of(tracks, "EXERCISE")
    table = read(encode([batch_of(outgoing), batch_of(outgoing._replace(time_ns=NOON_NS + 5 * 10**9))]))
    assert table.num_rows == 60
    assert table.schema.metadata[b"mode"] == b"EXERCISE"
    assert table.schema.metadata[b"member"] == b"CH"
    assert table.schema.field("lat").metadata[b"unit"] == b"rad"
    assert table.schema.field("velocity_up").metadata[b"unit"] == b"m/s"
    assert [field.name for field in table.schema] == [name for name, *_ in FIELDS]
    rows = table.slice(0, 30).to_pydict()
    assert rows["lat"] == tracks.lat_rad.tolist()
    heights = [None if np.isnan(value) else value for value in tracks.height_m.tolist()]
    assert rows["height"] == heights
    assert rows["icao24"] == [None if value < 0 else value for value in tracks.icao24.tolist()]
    assert rows["callsign"] == ["SWR12A" if row % 6 == 0 else None for row in range(30)]
    assert rows["releasable_to"][:2] == [["CH", "FR", "IT"], ["CH"]]
    assert rows["clauses"][:2] == [["S1"], []]
    assert rows["status"][4] == "coasting"
    assert rows["track_class"][:2] == ["unidentified", "cooperative"]
    assert set(rows["identity"]) == {"pending"}
    times = table.column("time").slice(0, 30).cast(pa.int64()).to_pylist()
    assert times == tracks.time_ns.tolist()


def test_a_picture_without_tracks_is_a_table_without_rows():
    assert read_stream(encode_arrow([batch_of(outgoing_of(Tracks.empty()))])).num_rows == 0
