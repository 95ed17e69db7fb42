"""A member's tracks over any number of ticks as Arrow IPC stream or Parquet, units in the field metadata.

The schema's metadata say mode, member and pact. `releasable_to` is a column, so that whoever filters the
table filters the label with it. Unknown values are null.
"""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from foedus.model import Identity, TrackClass, TrackStatus, unpack_callsign
from foedus.view import Outgoing

_NS = pa.timestamp("ns", tz="UTC")
_WORDS = pa.dictionary(pa.int8(), pa.string())

FIELDS: Final = (
    ("tick", _NS, "", "time of the picture"),
    ("time", _NS, "", "time of the estimate"),
    ("number", pa.int32(), "", "the member's number of the track"),
    ("status", _WORDS, "", ""),
    ("lat", pa.float64(), "rad", "WGS-84"),
    ("lon", pa.float64(), "rad", "WGS-84"),
    ("height", pa.float64(), "m", "above the WGS-84 ellipsoid"),
    ("velocity_east", pa.float64(), "m/s", ""),
    ("velocity_north", pa.float64(), "m/s", ""),
    ("velocity_up", pa.float64(), "m/s", ""),
    ("position_sigma", pa.float64(), "m", "one sigma per horizontal axis"),
    ("height_sigma", pa.float64(), "m", "one sigma"),
    ("velocity_sigma", pa.float64(), "m/s", "one sigma per horizontal axis"),
    ("track_class", _WORDS, "", ""),
    ("identity", _WORDS, "", "what an authority of the member declared"),
    ("icao24", pa.int32(), "", "24-bit aircraft address"),
    ("mode_a", pa.int16(), "", "12-bit number"),
    ("callsign", pa.string(), "", ""),
    ("releasable_to", pa.list_(pa.string()), "", "the member, then the parties to whom the row may go on"),
    ("clauses", pa.list_(pa.string()), "", "by which it may"),
)
"""Name, type, unit, meaning."""


def schema_of(outgoing: Outgoing) -> pa.Schema:
    """The schema of one member's tracks in one mode."""
    fields = [
        pa.field(name, kind, metadata={"unit": unit, "meaning": meaning})
        for name, kind, unit, meaning in FIELDS
    ]
    head = {"foedus": "tracks", "mode": outgoing.mode, "member": outgoing.member, "pact": outgoing.pact}
    return pa.schema(fields, metadata=head)


def batch_of(outgoing: Outgoing) -> pa.RecordBatch:
    """The tracks of one tick."""
    tracks = outgoing.tracks
    markings = outgoing.markings()
    columns = (
        pa.array(np.full(len(markings), outgoing.time_ns), _NS),
        pa.array(tracks.time_ns, _NS),
        pa.array(tracks.number, pa.int32()),
        _words(tracks.status, TrackStatus),
        *(
            pa.array(values, pa.float64(), mask=~np.isfinite(values))
            for values in (
                tracks.lat_rad, tracks.lon_rad, tracks.height_m,
                tracks.velocity_east_m_s, tracks.velocity_north_m_s, tracks.velocity_up_m_s,
                tracks.position_sigma_m, tracks.height_sigma_m, tracks.velocity_sigma_m_s,
            )
        ),
        _words(tracks.track_class, TrackClass),
        _words(outgoing.identity, Identity),
        pa.array(tracks.icao24, pa.int32(), mask=tracks.icao24 < 0),
        pa.array(tracks.mode_a, pa.int16(), mask=tracks.mode_a < 0),
        pa.array([unpack_callsign(one) or None for one in tracks.callsign.tolist()], pa.string()),
        pa.array([marking.parties for marking in markings], pa.list_(pa.string())),
        pa.array([marking.clauses for marking in markings], pa.list_(pa.string())),
    )  # fmt: skip
    return pa.record_batch(list(columns), schema=schema_of(outgoing))


def _words(
    values: npt.NDArray[np.int8], kind: type[TrackStatus] | type[TrackClass] | type[Identity]
) -> pa.DictionaryArray:
    names = pa.array([one.name.lower() for one in kind])
    return pa.DictionaryArray.from_arrays(pa.array(values, pa.int8()), names)


def encode_arrow(batches: list[pa.RecordBatch]) -> bytes:
    """The ticks as one Arrow IPC stream; at least one."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


def encode_parquet(batches: list[pa.RecordBatch]) -> bytes:
    """The ticks as one Parquet file; at least one."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_batches(batches), sink, compression="zstd")
    return sink.getvalue()
