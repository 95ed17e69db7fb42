"""A member's store: the journal of all that its node took in, its release log and its outbox, in one file.

One transaction per batch writes the entry, the leaves of the release log and the messages to send, so that
a crash leaves all of them or none (WAL, synchronous=FULL). Entries are chained like leaves (audit.py).
The header holds the texts of network, pact and trust root, so that a journal replays from itself alone. What
waits in the outbox is sealed: a restart sends the same bytes again.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from foedus.errors import JournalError
from foedus.network import Mode
from foedus.trust import TrustRoot, parse_root

FORMAT: Final = 2
FIRST_LINK: Final = bytes(32)

_SCHEMA = """
CREATE TABLE header (format INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE journal (
  number INTEGER PRIMARY KEY, batch BLOB NOT NULL, link BLOB NOT NULL,
  effects BLOB NOT NULL, release_link BLOB NOT NULL) STRICT;
CREATE TABLE release_log (number INTEGER PRIMARY KEY, leaf BLOB NOT NULL, link BLOB NOT NULL) STRICT;
CREATE TABLE outbox (
  recipient TEXT NOT NULL, sequence INTEGER NOT NULL, body BLOB NOT NULL, seal BLOB NOT NULL,
  PRIMARY KEY (recipient, sequence)) STRICT, WITHOUT ROWID;
"""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a journal must hold to be replayed by itself."""

    member: str
    network_file: str  # names as given, for messages only
    network_text: str
    pact_file: str
    pact_text: str
    version: str  # of foedus
    mode: str = ""  # LIVE, EXERCISE or RECORDING; empty: nobody goes on with this journal
    trust_file: str = ""
    trust_text: str = ""  # public keys only; empty: messages are not sealed


class Entry(NamedTuple):
    """One step: what went in, and digests of what came out."""

    number: int
    batch: bytes
    link: bytes
    effects: bytes  # running digest over every effect so far
    release_link: bytes  # newest link of the release log after this step


class Outgoing(NamedTuple):
    """One message that waits in the outbox."""

    recipient: str
    sequence: int
    body: bytes
    seal: bytes = b""


class Record(NamedTuple):
    """Everything that one step writes."""

    batch: bytes
    effects: bytes
    leaves: tuple[tuple[int, bytes, bytes], ...]  # (number, leaf, link)
    release_link: bytes
    outgoing: tuple[Outgoing, ...]


def check_same(header: Header, *, mode: Mode, root: TrustRoot | None, where: str) -> None:
    """JournalError unless a node of this mode and trust root may go on with the journal of that header."""
    if header.mode != mode.value:
        raise JournalError(
            f"{where}: found a journal of mode {header.mode or '(none)'}; this node runs {mode.value}, and "
            "nothing of one mode goes on in another: begin in a folder of its own"
        )
    begun = parse_root(header.trust_text, file=header.trust_file) if header.trust_text else None
    if begun != root:
        raise JournalError(
            f"{where}: found a journal begun under another trust root; expected the one of this node"
        )


def _link(previous: bytes, entry: bytes, effects: bytes, release_link: bytes) -> bytes:
    assert len(previous) == 32
    assert len(effects) == 32
    assert len(release_link) == 32
    return hashlib.sha256(previous + effects + release_link + entry).digest()


class Store:
    """The SQLite file of one member. One writer; readers may look on while it is written."""

    def __init__(self, connection: sqlite3.Connection, header: Header, *, where: str) -> None:
        self._connection = connection
        self.header = header
        self.where = where
        row = connection.execute("SELECT number, link FROM journal ORDER BY number DESC LIMIT 1").fetchone()
        self.entries_count: int = row[0] if row else 0
        self._newest_link: bytes = row[1] if row else FIRST_LINK

    @classmethod
    def create(cls, path: Path, header: Header) -> "Store":
        """A new store; JournalError if the file exists, for a journal is never overwritten."""
        if path.exists():
            raise JournalError(
                f"{path}: found a file; expected a new name, because a journal is never overwritten"
            )
        connection = _connect(path)
        with connection:
            connection.executescript(_SCHEMA)
            connection.execute("INSERT INTO header VALUES (?, ?)", (FORMAT, msgspec.json.encode(header)))
        return cls(connection, header, where=str(path))

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> "Store":
        """An existing store, read-only unless asked; JournalError when it is none."""
        if not path.is_file():
            raise JournalError(f"{path}: found no file; expected a journal that `foedus run` wrote")
        with contextlib.ExitStack() as stack:
            try:
                connection = _connect(path) if writable else _look(path)
                stack.callback(connection.close)
                rows = connection.execute("SELECT format, body FROM header").fetchall()
                if len(rows) != 1 or rows[0][0] != FORMAT:
                    raise JournalError(f"{path}: found journal format {rows[:1]}; expected format {FORMAT}")
                header = msgspec.json.decode(rows[0][1], type=Header)
                store = cls(connection, header, where=str(path))
            except (sqlite3.Error, msgspec.DecodeError) as error:
                expected = "expected one of `foedus run`"
                raise JournalError(f"{path}: found no readable journal ({error}); {expected}") from error
            stack.pop_all()
        return store

    def append(self, record: Record, delivered: list[tuple[str, int]]) -> None:
        """Write one step, all of it or nothing; it is on the disk when this returns, else JournalError.

        delivered: (recipient, sequence) of messages that meanwhile are on their recipient's own disk; they
        leave the outbox in the same transaction. Losing this with a crash means sending them once more.
        """
        number = self.entries_count + 1
        link = _link(self._newest_link, record.batch, record.effects, record.release_link)
        try:
            self._write(record, delivered, number, link)
        except sqlite3.OperationalError as error:
            sentence = f"{self.where}: step {number} cannot be written ({error}); nothing of it is sent"
            raise JournalError(sentence) from error
        self.entries_count, self._newest_link = number, link

    def _write(self, record: Record, delivered: list[tuple[str, int]], number: int, link: bytes) -> None:
        with self._connection as connection:
            connection.execute(
                "INSERT INTO journal VALUES (?, ?, ?, ?, ?)",
                (number, record.batch, link, record.effects, record.release_link),
            )
            connection.executemany("INSERT INTO release_log VALUES (?, ?, ?)", record.leaves)
            connection.executemany("INSERT INTO outbox VALUES (?, ?, ?, ?)", record.outgoing)
            connection.executemany("DELETE FROM outbox WHERE recipient = ? AND sequence = ?", delivered)

    def waiting(self) -> list[Outgoing]:
        """What no recipient has confirmed yet, in the order of sending per recipient."""
        rows = self._connection.execute(
            "SELECT recipient, sequence, body, seal FROM outbox ORDER BY recipient, sequence"
        )
        return [Outgoing(*row) for row in rows]

    def entries(self) -> Iterator[Entry]:
        """The journal from its first entry, checked against its chain; JournalError at the first fault."""
        link = FIRST_LINK
        query = "SELECT number, batch, link, effects, release_link FROM journal ORDER BY number"
        for count, row in enumerate(self._rows(query), start=1):
            entry = Entry._make(row)
            where = f"{self.where}: entry {count}"
            if entry.number != count:
                raise JournalError(
                    f"{where}: found entry {entry.number} in its place; one is missing or moved"
                )
            if len(entry.effects) != 32 or len(entry.release_link) != 32:
                raise JournalError(f"{where}: found a digest that is not 32 bytes long")
            link = _link(link, entry.batch, entry.effects, entry.release_link)
            if link != entry.link:
                raise JournalError(f"{where} was altered: its link does not follow from it")
            yield entry

    def leaves(self) -> Iterator[tuple[int, bytes, bytes]]:
        """The release log as (number, leaf, link), unchecked: audit.verify_chain checks it."""
        return self._rows("SELECT number, leaf, link FROM release_log ORDER BY number")

    def _rows(self, query: str) -> Iterator[Any]:
        try:
            yield from self._connection.execute(query)
        except sqlite3.Error as error:
            raise JournalError(
                f"{self.where}: found damaged pages ({error}); expected a whole SQLite file"
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _look(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection
