"""Tracks a second into each format of other systems, ASTERIX beside libasterix. Run: python -m bench formats

Synthetic pictures (seeded) of 10,000 tracks, of which each knows all its values; processor time.
"""

import numpy as np

from bench.decode import seconds
from bench.report import Row
from foedus.formats.arrow import batch_of, encode_parquet
from foedus.formats.asterix import Station, encode_062
from foedus.formats.cot import CotStream
from foedus.formats.geojson import encode_geojson
from foedus.formats.sapient import frame, messages
from foedus.formats.system_tracks import SystemTrackBook
from foedus.model import DAY_NS, Form, Identity, Tracks, pack_callsign
from foedus.view import Labels, Outgoing

TRACKS = 10_000
PEER_TRACKS = 500
NOW_NS = 18_000 * DAY_NS + DAY_NS // 2
STATION = Station(sac=20, sic=129)


def picture(rng: np.random.Generator, n: int) -> Tracks:
    return Tracks.empty(n)._replace(
        number=np.arange(1, n + 1, dtype=np.int32),
        time_ns=NOW_NS - rng.integers(0, 5 * 10**9, n),
        status=np.ones(n, np.int8),
        lat_rad=rng.uniform(0.7, 0.9, n),
        lon_rad=rng.uniform(0.0, 0.2, n),
        height_m=rng.uniform(0, 12_000, n),
        velocity_east_m_s=rng.uniform(-250, 250, n),
        velocity_north_m_s=rng.uniform(-250, 250, n),
        velocity_up_m_s=rng.uniform(-10, 10, n),
        position_sigma_m=np.full(n, 40.0),
        height_sigma_m=np.full(n, 20.0),
        velocity_sigma_m_s=np.full(n, 3.0),
        icao24=rng.integers(0, 1 << 24, n).astype(np.int32),
        mode_a=rng.integers(0, 4096, n).astype(np.int16),
        callsign=np.full(n, pack_callsign("SWR123")),
    )


def outgoing(tracks: Tracks, parties: int = 5) -> Outgoing:
    n = len(tracks.number)
    form = np.full((n, parties), Form.TRACK, np.int8)
    return Outgoing(
        member="P0",
        mode="EXERCISE",
        pact="bench 1",
        parties=tuple(f"P{i}" for i in range(parties)),
        clauses=("S1",),
        time_ns=NOW_NS,
        tracks=tracks,
        identity=np.full(n, Identity.PENDING, np.int8),
        one_sensor=np.zeros(n, bool),
        labels=Labels(form, np.zeros((n, parties), np.int16)),
        warnings=(),
    )


def peer_encode(tracks: Tracks) -> None:
    """The same records by libasterix, one after the other, but for I062/080 290 500."""
    from asterix import generated

    record = generated.Cat_062_1_20.cv_record
    degree = 180 / (1 << 25)
    columns = zip(
        np.rint(np.degrees(tracks.lat_rad) / degree).astype(int).tolist(),
        np.rint(np.degrees(tracks.lon_rad) / degree).astype(int).tolist(),
        np.rint(tracks.velocity_east_m_s * 4).astype(int).tolist(),
        np.rint(tracks.velocity_north_m_s * 4).astype(int).tolist(),
        tracks.mode_a.tolist(), tracks.icao24.tolist(), tracks.callsign.tolist(), tracks.number.tolist(),
        np.rint(tracks.height_m / 1.905).astype(int).tolist(),
        strict=True,
    )  # fmt: skip
    for lat, lon, vx, vy, mode_a, icao24, callsign, number, height in columns:
        record.create(
            {
                "010": (("SAC", 20), ("SIC", 129)),
                "015": 1,
                "070": 5_529_600,
                "105": (("LAT", lat), ("LON", lon)),
                "185": (("VX", vx), ("VY", vy)),
                "060": (("V", 0), ("G", 0), ("CH", 0), 0, ("MODE3A", mode_a)),
                "380": {"ADR": icao24, "ID": callsign},
                "040": number,
                "130": height,
            }
        ).unparse().to_bytes()


def run() -> list[Row]:
    tracks = picture(np.random.default_rng(1), TRACKS)
    view = outgoing(tracks)
    system = SystemTrackBook().update(tracks, now_ns=NOW_NS)
    few = Tracks._make(column[:PEER_TRACKS] for column in tracks)
    peer = PEER_TRACKS / seconds(lambda: peer_encode(few))
    book = SystemTrackBook()

    def rate(work: object) -> float:
        return TRACKS / seconds(work)  # type: ignore[arg-type]

    unit = "tracks/s"
    return [
        Row(
            "encode ASTERIX 062", rate(lambda: encode_062(system, view, STATION)), unit, None, peer,
            "13 items; libasterix 9",
        ),
        Row("numbers of 16 bits", rate(lambda: book.update(tracks, now_ns=NOW_NS)), unit),
        Row("Cursor-on-Target events", rate(lambda: CotStream().update(view)), unit),
        Row("GeoJSON", rate(lambda: encode_geojson(view)), unit),
        Row("Parquet", rate(lambda: encode_parquet([batch_of(view)])), unit),
        Row("SAPIENT messages", rate(lambda: [frame(one) for one in messages(view)]), unit),
    ]  # fmt: skip
