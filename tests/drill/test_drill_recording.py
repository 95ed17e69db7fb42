"""The recorded day: what it holds, and what is said when it is not there or damaged."""

import gzip
import math

import numpy as np
import pytest

from foedus.drill import recording
from foedus.drill.recording import load_state_vectors, parse_state_vectors
from foedus.errors import FeedError, SetupError
from foedus.model import FOOT_M, KNOT_M_S, unpack_callsign

DAY = load_state_vectors()
ROW = (
    b'{"timestamp":1533101250000,"altitude":34975.0,"callsign":"DLH8JW","groundspeed":443.4869334744,'
    b'"icao24":"3003ae","latitude":45.8189849854,"longitude":9.2295455933,"track":324.2670817753,'
    b'"vertical_rate":960.0}'
)


def test_the_day_has_139098_vectors_of_842_aircraft():
    assert len(DAY.time_ns) == 139_098
    assert len(np.unique(DAY.icao24)) == 842


def test_the_day_spans_0500_to_2159_utc_over_switzerland():
    assert np.datetime64(int(DAY.time_ns[0]), "ns") == np.datetime64("2018-08-01T05:00:00")
    assert np.datetime64(int(DAY.time_ns[-1]), "ns") == np.datetime64("2018-08-01T21:59:50")
    lat, lon = np.degrees(DAY.lat_rad), np.degrees(DAY.lon_rad)
    assert 45.8 <= lat.min() <= lat.max() <= 47.9
    assert 5.9 <= lon.min() <= lon.max() <= 10.5
    assert DAY.baro_m.min() > 30_000 * FOOT_M


def test_rows_are_in_order_of_time_then_address_and_none_is_double():
    keys = DAY.time_ns // 1_000_000_000 * 2**24 + DAY.icao24
    assert (np.diff(keys) > 0).all()


def test_a_row_is_converted_to_si():
    vectors = parse_state_vectors(b"[" + ROW + b"]", where="here")
    assert vectors.time_ns[0] == 1_533_101_250_000_000_000
    assert vectors.icao24[0] == 0x3003AE
    assert unpack_callsign(int(vectors.callsign[0])) == "DLH8JW"
    assert vectors.lat_rad[0] == math.radians(45.8189849854)
    assert vectors.baro_m[0] == pytest.approx(34_975 * FOOT_M)
    assert vectors.speed_m_s[0] == pytest.approx(443.4869334744 * KNOT_M_S)
    assert vectors.climb_m_s[0] == pytest.approx(4.8768)


def test_unknown_speed_stays_unknown():
    row = ROW.replace(b"443.4869334744", b"null")
    assert math.isnan(parse_state_vectors(b"[" + row + b"]", where="here").speed_m_s[0])


@pytest.mark.parametrize(
    "data",
    [b"", b"[", b"{}", b"[{}]", b"[" + ROW.replace(b"3003ae", b"x") + b"]", b"[" + ROW[:-1] + b"]",
     b"[" + ROW.replace(b"45.8189849854", b"null") + b"]"],
)  # fmt: skip
def test_a_damaged_recording_is_one_clear_error(data):
    with pytest.raises(FeedError, match=r"here: found .*; expected a JSON array of state vectors"):
        parse_state_vectors(data, where="here")


def test_a_truncated_file_is_one_clear_error(tmp_path, monkeypatch):
    path = tmp_path / "switzerland.json.gz"
    path.write_bytes(gzip.compress(b"[" + ROW + b"]")[:-12])
    monkeypatch.setattr(recording, "find_recording", lambda source: path)
    with pytest.raises(FeedError, match="expected a gzip file"):
        load_state_vectors()


def test_a_missing_package_is_one_sentence_that_says_what_to_type(monkeypatch):
    monkeypatch.setattr(recording.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r"pip install --no-deps -r requirements/recording\.lock"):
        load_state_vectors()


def test_an_unknown_recording_is_named():
    with pytest.raises(SetupError, match="no recording 'atlantis'"):
        load_state_vectors("atlantis")
