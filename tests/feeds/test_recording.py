"""Claims about whole recorded files."""

from pathlib import Path

import numpy as np
import pytest
from feed_streams import NOW_NS, PAIR, geodetic_plots, polar_plots, sensor, stream
from test_framing import capture, final, udp

from foedus.errors import FeedError
from foedus.feeds.asterix_encode import encode_048
from foedus.feeds.framing import Framing
from foedus.feeds.recording import detect_format, load_recording, read_recording, sort_by_time
from foedus.feeds.tabular import encode_table
from foedus.model import DAY_NS, SECOND_NS, Plots
from foedus.network import FeedFormat

DAY = 17_744 * DAY_NS


@pytest.mark.parametrize("format_", list(FeedFormat))
def test_the_format_is_found_by_content(format_: FeedFormat) -> None:
    recording = read_recording(stream(format_))
    assert recording.format == format_.value
    assert len(recording.plots.time_ns) > 0
    assert recording.provisional
    assert recording.refused == ()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_are_found_by_content(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(encode_table(geodetic_plots(3), (sensor(),), ending))
    recording = load_recording(path)
    assert recording.format == ending
    assert [one.id for one in recording.sensors] == ["R"]


def test_containers_change_nothing_but_their_name() -> None:
    data = encode_048(polar_plots(50), 20, 129)
    raw = read_recording(data)
    assert (raw.format, raw.framing) == ("asterix", Framing.RAW)
    framed = read_recording(final(data))
    assert framed.framing is Framing.FINAL
    for one, other in zip(raw.plots, framed.plots, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_capture_gives_the_date_itself() -> None:
    recording = read_recording(capture(udp(encode_048(polar_plots(3), 20, 129))))
    assert recording.framing is Framing.PCAP
    assert recording.plots.time_ns[0] == NOW_NS % DAY_NS  # captured in the first hour of 1970


def test_made_up_sensors_are_one_for_each_source() -> None:
    data = encode_048(polar_plots(2), 20, 129) + encode_048(polar_plots(3), 1, 2)
    recording = read_recording(data)
    assert [(one.id, one.sac, one.sic) for one in recording.sensors] == [
        ("SAC1-SIC2", 1, 2),
        ("SAC20-SIC129", 20, 129),
    ]
    assert recording.plots.sensor.tolist() == [1, 1, 0, 0, 0]
    known = read_recording(data, sensors=(sensor(),))
    assert not known.provisional
    assert known.refused == (("no sensor for SAC/SIC 1/2 in the configuration", 3),)


def test_a_recording_over_midnight_and_of_more_than_a_day_keeps_its_order() -> None:
    hours = np.arange(30) * 3_600 * SECOND_NS
    plots = polar_plots(30)._replace(time_ns=DAY + hours)
    sparse = b"".join(
        encode_048(Plots._make(column[i : i + 1] for column in plots), 20, 129)
        + b"\x3f\xff\xff"
        + bytes(65_532)
        for i in range(30)
    )  # a long block of another category between any two, so that the date can follow
    recording = read_recording(sparse, day_ns=DAY)
    np.testing.assert_array_equal(recording.plots.time_ns, plots.time_ns)


def test_the_start_anchors_the_clock_of_a_receiver() -> None:
    data = b"".join(b"\x1a3" + bytes(5) + bytes([i]) + b"\x40" + frame for i, frame in enumerate(PAIR))
    assert read_recording(data, day_ns=DAY).plots.time_ns.tolist() == [DAY + 83]


@pytest.mark.parametrize(
    ("data", "found"),
    [(b"", "an empty file"), (b"root:x:0:0:root\n", "bytes that begin with 72 6f 6f 74 3a 78 3a 30")],
)
def test_a_file_of_no_known_format_is_an_error(data: bytes, found: str) -> None:
    with pytest.raises(FeedError) as caught:
        detect_format(data)
    assert caught.value.found == found


def test_an_unreadable_file_is_an_error_with_its_name(tmp_path: object) -> None:
    with pytest.raises(
        FeedError, match=r"missing\.ast: found No such file or directory; expected a readable file"
    ):
        load_recording(f"{tmp_path}/missing.ast")


def test_a_file_without_any_record_is_an_error() -> None:
    with pytest.raises(FeedError, match="found no record"):
        read_recording(b"", format="asterix")


def test_plots_sort_by_time_and_keep_the_order_of_arrival_for_ties() -> None:
    plots = geodetic_plots(3)._replace(time_ns=np.array([2, 1, 2]), icao24=np.array([5, 6, 7], np.int32))
    assert sort_by_time(plots).icao24.tolist() == [6, 5, 7]
