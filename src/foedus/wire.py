"""What crosses a boundary as bytes: the inputs of a node, its effects, and the messages between nodes.

MessagePack by msgspec; columns travel as their little-endian bytes. Encoding is canonical: equal values give
equal bytes, because structs are encoded as arrays in field order and no mapping is used. Decoding checks
types, lengths and limits and raises WireError.
"""

from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from foedus.errors import WireError
from foedus.limits import MESSAGE_BYTES_MAX, PLOTS_PER_BATCH_MAX, TRACKS_MAX
from foedus.model import Plots, Reports, Tracks

WIRE_VERSION: Final = 1


class Columns(msgspec.Struct, frozen=True, array_like=True):
    """A set of columns: number of rows, then the bytes of each column in the order of its NamedTuple."""

    rows: int
    data: tuple[bytes, ...]


# ---------------------------------------------------------------- inputs of a node: what its journal holds


class Feed(msgspec.Struct, frozen=True, array_like=True, tag="feed"):
    """Bytes from one sensor feed, as they came; they may be cut anywhere."""

    feed: str
    data: bytes


class FeedChunk(NamedTuple):
    """Bytes that a feed gives at a time, on their way to a node; no plot in them is younger than that."""

    time_ns: int
    member: str
    feed: str
    data: bytes


class Received(msgspec.Struct, frozen=True, array_like=True, tag="received"):
    """One message from another node. `sequence` counts 1, 2, 3 ... per (sender, recipient)."""

    sender: str
    sequence: int
    body: bytes
    seal: bytes = b""  # the sender's signature over mode, network, sender, recipient, sequence and body


class Act(msgspec.Struct, frozen=True, array_like=True, tag="act"):
    """Something that a person did at this member's console."""

    verb: str  # shown, acknowledge, cancel: of a warning; second, withdraw: of a call
    subject: str  # id of the warning (of a received one: `sender:id`) or of the call
    person: str  # name of the role or person, as signed in


class Happened(msgspec.Struct, frozen=True, array_like=True, tag="happened"):
    """Something that happened after the pact was written, as it is recorded; fields as force.Fact.

    It counts from the next tick on, and not before `at_ns`. person: who recorded it at this member's console,
    as signed in; empty: the network file says it.
    """

    what: str  # met, approved, exit, suspended, resumed, casus, joined, left
    of: str  # the milestone, step, pact, clause, casus or party
    at_ns: int
    by: str = ""
    says: str = ""
    as_to: tuple[str, ...] = ()
    person: str = ""


class Declared(msgspec.Struct, frozen=True, array_like=True, tag="declared"):
    """What an authority of this member declares one of its tracks to be; the record of who did."""

    track: int  # number in this member's picture
    identity: int  # Identity; -1: nothing said about it
    track_class: int  # TrackClass; -1: nothing said about it
    person: str  # as signed in
    says: str = ""  # on what grounds


class Called(msgspec.Struct, frozen=True, array_like=True, tag="called"):
    """A warning that a person asks for; it is sent once another person has seconded it (Act "second")."""

    call: str  # id, unique at this member
    zone: str
    track_class: int
    lat_cell_deg: float
    lon_cell_deg: float
    entry_ns: int
    person: str
    says: str = ""


class Tick(msgspec.Struct, frozen=True, array_like=True, tag="tick"):
    """The node's tick: track, watch, release. Releases happen on ticks only, so their times tell nothing."""


class Beat(msgspec.Struct, frozen=True, array_like=True, tag="beat"):
    """Between ticks: repeat what nobody has stored, take another way, escalate. Nothing is released."""


Input = Feed | Received | Act | Happened | Declared | Called | Tick | Beat


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """What a node takes in one step. `time_ns` never runs back within one journal."""

    time_ns: int
    inputs: tuple[Input, ...]


# ---------------------------------------------------------------- messages between nodes


class Picture(msgspec.Struct, frozen=True, array_like=True, tag="picture"):
    """The rows that the pact lets the recipient have at this tick; sent at every tick, also when empty."""

    time_ns: int
    pact: str  # digest of the pact in force
    clauses: tuple[str, ...]  # ids; Reports.clause points here
    reports: Columns


class Detail(msgspec.Struct, frozen=True, array_like=True):
    """What follows a first short message, as far as the tearline lets it."""

    earliest_ns: int  # entry no sooner than this with nine chances in ten, to ten seconds
    latest_ns: int  # and no later than this with nine chances in ten
    reasons: tuple[str, ...]  # words of foedus.watch.reasons, a closed list


class Warn(msgspec.Struct, frozen=True, array_like=True, tag="warn"):
    """A tearline: area, time and class of what will enter a zone, and nothing else.

    same: only in a copy that goes through the hub to a member that the originator also tells directly: the
    originator's own id, by which the recipient knows both as one.
    """

    warning: str  # id, unique per sender and recipient; tells nothing about tracks
    revision: int  # 1 raised, then +1 for each further message that says something else
    state: str  # WarningState by name
    mode: str  # EXERCISE, RECORDING or LIVE; a node refuses a mode that is not its own
    clause: str
    to: str  # the member to be warned; the recipient of the message may be the hub that relays it
    zone: str
    track_class: int
    lat_cell_deg: float  # south-west corner of the 0.1 degree cell
    lon_cell_deg: float
    raised_ns: int
    entry_ns: int  # most likely time of entry
    probability_percent: int  # of entering the zone within the horizon, in steps of 10
    expires_ns: int
    basis: str = "unconfirmed"  # confirmed: by two unlike sensors; unconfirmed; person: two persons called it
    detail: Detail | None = None  # None in a first message
    same: str = ""


class Ack(msgspec.Struct, frozen=True, array_like=True, tag="ack"):
    """`step` is stored (on the recipient's disk), shown (on its screen) or acknowledged (by a person)."""

    warning: str
    revision: int
    step: str
    time_ns: int
    person: str  # empty for `stored` and `shown`


Message = Picture | Warn | Ack


# ---------------------------------------------------------------- effects of a node


class Verdicts(msgspec.Struct, frozen=True, array_like=True):
    """How many rows a clause released to or withheld from a recipient at this tick."""

    clause: str  # empty: no clause speaks, so default deny
    form: int  # Form
    rows: int


class Evidence(msgspec.Struct, frozen=True, array_like=True):
    """What the guard may know of each row that it is asked to pass: exact position and class; never sent.

    onward: at the hub only, one byte per row: the lowest onward form, to this recipient, among the reports
    behind the row. Empty everywhere else and for messages without rows.
    cancel: with a warning that is raised: the message that would call it off, made before it may leave.
    persons: with a warning that people called: who called it and who seconded it.
    passed_on: at the hub, of a warning that a member has addressed to the recipient, that member.
    """

    tracks: Columns
    onward: bytes = b""
    cancel: Warn | None = None
    persons: tuple[str, ...] = ()
    passed_on: str = ""


class Send(msgspec.Struct, frozen=True, array_like=True):
    """A message that the node wants to send; the guard decides whether it leaves."""

    recipient: str
    message: Message
    evidence: Evidence
    verdicts: tuple[Verdicts, ...]  # released and withheld, for the release log


# ---------------------------------------------------------------- encoding

_COLUMN_SETS = (Plots, Tracks, Reports)
ColumnSet = TypeVar("ColumnSet", Plots, Tracks, Reports)
Value = TypeVar("Value")

_ROWS_MAX = {Plots: PLOTS_PER_BATCH_MAX, Tracks: TRACKS_MAX, Reports: TRACKS_MAX}
_TEMPLATES: dict[type, tuple[npt.NDArray[Any], ...]] = {kind: tuple(kind.empty()) for kind in _COLUMN_SETS}

_encoder = msgspec.msgpack.Encoder()
_message_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_batch_decoder = msgspec.msgpack.Decoder(Batch)
_columns_decoder = msgspec.msgpack.Decoder(Columns)


def pack_columns(columns: Plots | Tracks | Reports) -> Columns:
    """The columns as little-endian bytes."""
    return Columns(len(columns[0]), tuple(np.ascontiguousarray(column).tobytes() for column in columns))


def unpack_columns(
    packed: Columns, kind: type[ColumnSet], *, parties: int = 0, where: str = "message"
) -> ColumnSet:
    """The columns behind the bytes, read-only; WireError when a length does not fit.

    parties: width of Reports.onward.
    """
    template = _TEMPLATES[kind]
    if not 0 <= packed.rows <= _ROWS_MAX[kind]:
        raise WireError(where=where, found=f"{packed.rows} rows", expected=f"0 to {_ROWS_MAX[kind]} rows")
    if len(packed.data) != len(template):
        raise WireError(
            where=where,
            found=f"{len(packed.data)} columns",
            expected=f"{len(template)} columns of {kind.__name__}",
        )
    columns = []
    for name, column, data in zip(kind._fields, template, packed.data, strict=True):
        width = parties if column.ndim == 2 else 1
        if len(data) != packed.rows * width * column.itemsize:
            raise WireError(
                where=f"{where}: column {name}",
                found=f"{len(data)} bytes",
                expected=f"{packed.rows * width * column.itemsize} bytes for {packed.rows} rows",
            )
        values = np.frombuffer(data, column.dtype)
        columns.append(values.reshape(packed.rows, width) if column.ndim == 2 else values)
    return kind._make(columns)


def encode(value: Message | Batch | Columns | Send | Input) -> bytes:
    """Canonical bytes of a wire value."""
    return _encoder.encode(value)


def _decode(decoder: msgspec.msgpack.Decoder[Value], data: bytes, where: str) -> Value:
    if len(data) > MESSAGE_BYTES_MAX:
        raise WireError(
            where=where, found=f"{len(data)} bytes", expected=f"at most {MESSAGE_BYTES_MAX} bytes"
        )
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(
            where=where, found=str(error), expected=f"a wire value of version {WIRE_VERSION}"
        ) from error


def decode_message(data: bytes, *, where: str = "message") -> Message:
    """A message from another node."""
    return _decode(_message_decoder, data, where)


def decode_batch(data: bytes, *, where: str = "journal") -> Batch:
    """One entry of a journal."""
    return _decode(_batch_decoder, data, where)


def decode_columns(data: bytes, *, where: str = "feed") -> Columns:
    """A block of columns, as the feed format `plots` carries it."""
    return _decode(_columns_decoder, data, where)
