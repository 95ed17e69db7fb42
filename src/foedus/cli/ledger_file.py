"""Ledgers on disk: read whole, grown at the end, never rewritten."""

import fcntl
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from foedus.cli.times import parse_instant
from foedus.errors import LimitError, SetupError
from foedus.limits import LEDGER_BYTES_MAX
from foedus.pact.incidents.ledger import Entry, standings
from foedus.pact.incidents.ledger_lines import decode_entries, encode_entries


def read_ledger(file: Path) -> tuple[Entry, ...]:
    """The entries of the ledger in a file, checked line by line."""
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= LEDGER_BYTES_MAX else b""
    except OSError as error:
        raise SetupError(f"{file}: cannot be read: {error.strerror}") from None
    if size > LEDGER_BYTES_MAX:
        raise LimitError(name="LEDGER_BYTES_MAX", limit=LEDGER_BYTES_MAX, asked=size)
    return decode_entries(data, file=str(file))[0]


def grow_ledger(
    file: Path, make: Callable[[tuple[Entry, ...]], Sequence[Entry]]
) -> tuple[tuple[Entry, ...], Sequence[Entry]]:
    """(all entries, the new ones) after what `make` gives for the old ones was added, on disk.

    A file that is not there begins empty. Nothing is written if the ledger would not hold with it.
    """
    try:
        stream = file.open("a+b")
    except OSError as error:
        raise SetupError(f"{file}: cannot be written: {error.strerror}") from None
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        entries, before = decode_entries(stream.read(), file=str(file))
        new = make(entries)
        standings((*entries, *new))
        stream.write(encode_entries(new, number=len(entries), before=before))
        stream.flush()
        os.fsync(stream.fileno())
    return (*entries, *new), new


def now_or(at: str | None) -> datetime:
    """The instant that was asked for, else now."""
    return datetime.now(UTC) if at is None else parse_instant(at, option="--at")
