"""Claims about CSV and Parquet with the documented schema."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from feed_streams import geodetic_plots, polar_plots, sensor

from foedus.errors import FeedError
from foedus.feeds.tabular import COLUMNS, encode_table, read_plots, table_from_plots
from foedus.model import Plots, concatenate, pack_callsign, unpack_callsign

SENSORS = (sensor("ZRH"), sensor("GVA"))
HEADER = "time_ns,sensor,kind,lat_rad,lon_rad,icao24,mode_a,callsign"


def both_kinds() -> Plots:
    plots = concatenate([polar_plots(20), geodetic_plots(20)])
    return plots._replace(
        sensor=np.arange(40, dtype=np.int32) % 2, callsign=np.array([pack_callsign("SWR1"), 0] * 20)
    )


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_plots_survive_the_round_trip(format_: str) -> None:
    sent = both_kinds()
    back = read_plots(encode_table(sent, SENSORS, format_), format_, SENSORS)
    assert back.refused == ()
    assert back.accepted == (("plot", 40),)
    for name, one, other in zip(Plots._fields, sent, back.plots, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)
        assert one.dtype == other.dtype


def test_sensors_are_made_up_from_the_ids_when_none_are_given() -> None:
    back = read_plots(
        b"time_ns,sensor,kind,lat_rad,lon_rad\n1,B,GEODETIC,0.8,0.1\n2,A,GEODETIC,0.8,0.1\n", "csv"
    )
    assert [one.id for one in back.sensors] == ["A", "B"]
    assert back.plots.sensor.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,ZRH,GEODETIC,0.8,0.1,,,", "time_ns that is no whole number"),
        (",ZRH,GEODETIC,0.8,0.1,,,", "time_ns that is no whole number"),
        ("1.5,ZRH,GEODETIC,0.8,0.1,,,", "time_ns that is no whole number"),
        ("-1,ZRH,GEODETIC,0.8,0.1,,,", "time before 1970 or after 2070"),
        ("1,BRN,GEODETIC,0.8,0.1,,,", "sensor that nobody described"),
        ("1,,GEODETIC,0.8,0.1,,,", "sensor that nobody described"),
        ("1,ZRH,geodetic,0.8,0.1,,,", "kind that is neither POLAR nor GEODETIC"),
        ("1,ZRH,GEODETIC,north,0.1,,,", "lat_rad that is no number"),
        ("1,ZRH,GEODETIC,0.8,,,,", "geodetic plot without latitude or longitude"),
        ("1,ZRH,GEODETIC,0.8,nan,,,", "geodetic plot without latitude or longitude"),
        ("1,ZRH,GEODETIC,inf,0.1,,,", "infinite value"),
        ("1,ZRH,GEODETIC,46.5,0.1,,,", "latitude out of range"),
        ("1,ZRH,POLAR,0.8,0.1,,,", "polar plot without range or azimuth"),
        ("1,ZRH,GEODETIC,0.8,0.1,4b17,,", "icao24 that is not six hexadecimal digits"),
        ("1,ZRH,GEODETIC,0.8,0.1,-4b17f,,", "icao24 that is not six hexadecimal digits"),
        ("1,ZRH,GEODETIC,0.8,0.1,,7800,", "mode_a that is not four octal digits"),
        ("1,ZRH,GEODETIC,0.8,0.1,,,SWR-1", "callsign that is not one to eight letters and digits"),
    ],
)
def test_a_bad_row_is_refused_alone_and_named_by_its_number(row: str, reason: str) -> None:
    good = "7,GVA,GEODETIC,0.8,0.1,4b17ff,7000,SWR1"
    back = read_plots(f"{HEADER}\n{good}\n{row}\n{good}\n{row}\n".encode(), "csv", SENSORS)
    assert back.refused == ((f"{reason} (first in row 2)", 2),)
    assert back.plots.icao24.tolist() == [0x4B17FF] * 2
    assert back.plots.mode_a.tolist() == [0o7000] * 2
    assert [unpack_callsign(one) for one in back.plots.callsign.tolist()] == ["SWR1"] * 2


def test_a_ragged_row_is_refused_alone_and_the_others_keep_their_numbers() -> None:
    good, bad = "7,GVA,GEODETIC,0.8,0.1,4b17ff,7000,SWR1", "7,BRN,GEODETIC,0.8,0.1,4b17ff,7000,SWR1"
    back = read_plots(f"{HEADER}\n{good}\n1,2\n{good},5\n{bad}\n".encode(), "csv", SENSORS)
    assert back.accepted == (("plot", 1),)
    assert back.refused == (
        ("row with the wrong number of values (first in row 2)", 2),
        ("sensor that nobody described (first in row 4)", 1),
    )


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("time_ns,sensor", "columns time_ns, sensor"),
        ("time_ns,sensor,kind,speed", "columns time_ns, sensor, kind, speed"),
        ("time_ns,sensor,kind,kind", "columns time_ns, sensor, kind, kind"),
    ],
)
def test_wrong_columns_are_an_error_that_says_what_was_found_and_expected(header: str, found: str) -> None:
    with pytest.raises(FeedError) as caught:
        read_plots(f"{header}\n1,ZRH\n".encode(), "csv", SENSORS)
    assert caught.value.found == found
    assert all(name in caught.value.expected for name in COLUMNS)


@pytest.mark.parametrize("format_", ["csv", "parquet"])
@pytest.mark.parametrize("data", [b"", b"PAR1", b"\xff\xfe\x00", b"PAR1" + bytes(50) + b"PAR1"])
def test_bytes_that_are_no_table_are_an_error(data: bytes, format_: str) -> None:
    with pytest.raises(FeedError):
        read_plots(data, format_, SENSORS)


def test_parquet_of_other_number_types_is_read() -> None:
    table = table_from_plots(geodetic_plots(3), SENSORS)
    index = table.column_names.index("lat_rad")
    table = table.set_column(index, "lat_rad", table["lat_rad"].cast(pa.float32()))
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink)
    back = read_plots(sink.getvalue(), "parquet", SENSORS)
    np.testing.assert_allclose(back.plots.lat_rad, geodetic_plots(3).lat_rad, rtol=1e-6)


def test_every_truncation_of_a_parquet_file_is_an_error() -> None:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table_from_plots(geodetic_plots(3), SENSORS), sink)
    whole = sink.getvalue()
    for length in range(0, len(whole), 97):
        with pytest.raises(FeedError):
            read_plots(whole[:length], "parquet", SENSORS)
