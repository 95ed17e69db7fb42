"""The release log: one leaf for everything that left a member's node or was refused, chained by hash.

A leaf is written before its message is sent. Leaves are chained: link n = SHA-256(link n-1, leaf n), where
the link before the first is 32 zero bytes; the length of what is hashed is fixed or prefixed, so that no two
logs share a link. Altering, removing or moving a leaf breaks every link after it. Cutting leaves off the end
is found by the journal, each entry of which keeps the link that was newest after it (journal.py).
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from foedus.errors import JournalError
from foedus.wire import Verdicts

FIRST_LINK: Final = bytes(32)


class Leaf(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of one release or refusal; it can be shown to an auditor without showing the content."""

    number: int  # 1, 2, 3 ... within this log
    time_ns: int
    recipient: str
    sequence: int  # of the message toward this recipient; 0 for a refusal
    kind: str  # picture, warn, ack
    subject: str  # warning id and state, empty for a picture
    message: bytes  # SHA-256 of the bytes as sent (or as they would have been sent)
    pact: str  # digest of the pact in force
    refused: str  # why the guard let it not pass; empty when sent
    verdicts: tuple[Verdicts, ...]  # rows released and withheld, by clause
    asked: str = ""  # clause under which a warning was to be sent; empty for other kinds
    against: str = ""  # clause by which the guard refused; empty when sent, or where none speaks


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Leaf)


def next_link(link: bytes, data: bytes) -> bytes:
    """The link that follows `link` (32 bytes) when `data` is appended."""
    assert len(link) == 32
    return hashlib.sha256(link + data).digest()


def encode_leaf(leaf: Leaf) -> bytes:
    """Canonical bytes of a leaf."""
    return _encoder.encode(leaf)


def decode_leaf(data: bytes, *, where: str) -> Leaf:
    """The leaf behind the bytes; JournalError when they are none."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalError(f"{where}: found bytes that are no leaf ({error})") from error


def verify_chain(rows: Iterable[tuple[int, bytes, bytes]], *, where: str) -> tuple[int, bytes]:
    """(number of leaves, newest link) of a log of (number, leaf, link); JournalError at the first fault."""
    link = FIRST_LINK
    count = 0
    for number, data, stored in rows:
        count += 1
        if number != count:
            raise JournalError(
                f"{where}: found leaf {number}; expected leaf {count}: one is missing or moved"
            )
        leaf = decode_leaf(data, where=f"{where}: leaf {number}")
        if leaf.number != number:
            raise JournalError(f"{where}: leaf {number} says that it is leaf {leaf.number}")
        link = next_link(link, data)
        if link != stored:
            raise JournalError(f"{where}: leaf {number} was altered: its link does not follow from it")
    return count, link
