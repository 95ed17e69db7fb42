"""A run on disk: what it leaves behind, with the drill and the text it was played under, in one file.

MessagePack, columns as their little-endian bytes. Whoever judges, measures or reports reads such a file; the
simulator is not needed for it. The file ends in `.run`.
"""

from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from foedus.drill.minutes import Loss
from foedus.drill.outcome import Run, TruthRows
from foedus.drill.text import Drill
from foedus.errors import InputError, LimitError
from foedus.limits import RUN_FILE_BYTES_MAX

FORMAT: Final = 1


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One run, what was played and under which text; always an exercise."""

    format: int
    mode: str  # EXERCISE: a drill has no other
    drill: Drill
    pact: str  # the text as it was read, standing alone, as TOML
    run: Run
    losses: tuple[Loss, ...] = ()  # where they were worked out, for the first seed


def encode_run(kept: Kept) -> bytes:
    """The bytes of a file; equal runs give equal bytes."""
    return msgspec.msgpack.encode(kept, enc_hook=_bytes_of)


def decode_run(data: bytes, *, where: str) -> Kept:
    """The run in the bytes of a file; InputError for bytes that are none, or of another format or mode."""
    expected = f"a run of format {FORMAT}, as `foedus drill run --out` writes it"
    try:
        kept = msgspec.msgpack.decode(data, type=Kept, dec_hook=_column_of)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise InputError(where=where, found=str(error), expected=expected) from None
    if (kept.format, kept.mode) != (FORMAT, "EXERCISE"):
        found = f"format {kept.format} of mode {kept.mode[:40]!r}"
        raise InputError(where=where, found=found, expected=expected)
    _check_rows(kept, where)
    return kept


def _check_rows(kept: Kept, where: str) -> None:
    rows = kept.run.truth.rows
    lengths = [len(column) for column in rows]
    if len(dict.fromkeys(lengths)) != 1:
        found = f"columns of {', '.join(str(one) for one in lengths)} rows"
        raise InputError(where=f"{where}: truth", found=found, expected="columns of one length")
    targets = len(kept.run.truth.targets)
    if len(rows.target) and not 0 <= int(rows.target.min()) <= int(rows.target.max()) < targets:
        found = f"objects {int(rows.target.min())} to {int(rows.target.max())}"
        raise InputError(where=f"{where}: truth", found=found, expected=f"0 to {targets - 1}")


def read_run(path: Path) -> Kept:
    """The run in a file; InputError as decode_run, LimitError for a file that is too large."""
    try:
        size = path.stat().st_size
        if size > RUN_FILE_BYTES_MAX:
            raise LimitError(name="RUN_FILE_BYTES_MAX", limit=RUN_FILE_BYTES_MAX, asked=size)
        data = path.read_bytes()
    except OSError as error:
        found = error.strerror or "an error"
        raise InputError(where=str(path), found=found, expected="a file that can be read") from error
    return decode_run(data, where=str(path))


def _bytes_of(value: Any) -> bytes:
    assert isinstance(value, np.ndarray)
    return np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False).tobytes()


def _column_of(kind: Any, value: Any) -> Any:
    """The column behind the bytes; kind: as TruthRows names it, an array of one numpy type."""
    if not isinstance(value, bytes):
        raise ValueError("no bytes where a column should be")
    return np.frombuffer(value, np.dtype(kind.__args__[1].__args__[0]))


assert len(TruthRows._fields) == 5, "a new column needs a new format number"
