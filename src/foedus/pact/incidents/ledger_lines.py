"""A ledger as lines of JSON, each bound to the one before by its SHA-256: what is changed or lost shows.

That the last lines were cut off does not show in the chain; whoever keeps the last digest sees that too.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from foedus.errors import JournalError
from foedus.pact.incidents.ledger import Digest, Entry

FIRST: Final = "0" * 64
"""What stands for the digest of the line before the first."""


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: int
    before: Digest
    entry: Entry
    digest: Digest


def digest_of(entry: Entry, *, number: int, before: str) -> str:
    """SHA-256 (hex) over the number, the digest of the line before, and the entry in canonical form."""
    return hashlib.sha256(msgspec.json.encode((number, before, entry), order="deterministic")).hexdigest()


def digests_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The digests of the lines of a ledger with these entries; each commits to all lines before it."""
    digests = [FIRST]
    for number, entry in enumerate(entries, start=1):
        digests.append(digest_of(entry, number=number, before=digests[-1]))
    return tuple(digests[1:])


def encode_entries(entries: Sequence[Entry], *, number: int, before: str) -> bytes:
    """The entries as lines that follow a ledger of `number` lines whose last digest is `before`."""
    rows = []
    for entry in entries:
        number += 1
        digest = digest_of(entry, number=number, before=before)
        rows.append(msgspec.json.encode(_Line(number=number, before=before, entry=entry, digest=digest)))
        before = digest
    return b"".join(row + b"\n" for row in rows)


def decode_entries(data: bytes, *, file: str) -> tuple[tuple[Entry, ...], str]:
    """(the entries, the last digest) of a ledger; JournalError for the first line that does not hold."""
    if data and not data.endswith(b"\n"):
        raise JournalError(f"{file}: the last line is cut off; a line of a ledger ends with a line end")
    entries: list[Entry] = []
    before = FIRST
    for number, row in enumerate(data.splitlines(), start=1):
        try:
            line = msgspec.json.decode(row, type=_Line)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise JournalError(f"{file}:{number}: no line of a ledger: {error}") from None
        if line.number != number or line.before != before:
            raise JournalError(
                f"{file}:{number}: it does not follow the line before; lines were lost or moved"
            )
        if line.digest != digest_of(line.entry, number=number, before=before):
            raise JournalError(f"{file}:{number}: its digest does not fit what it says; it was changed")
        entries.append(line.entry)
        before = line.digest
    return tuple(entries), before
