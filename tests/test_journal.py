"""Claims about a member's store: whole steps or nothing, never overwritten, tampering found."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from foedus.errors import JournalError
from foedus.journal import Header, Outgoing, Record, Store

HEADER = Header(
    member="AA", network_file="n.toml", network_text="", pact_file="p.toml", pact_text="", version="0"
)


def record(number: int, outgoing: tuple[Outgoing, ...] = ()) -> Record:
    link = bytes([number]) * 32
    return Record(b"batch %d" % number, link, ((number, b"leaf", link),), link, outgoing)


@pytest.fixture
def opened() -> Iterator[Callable[..., Store]]:
    """Store.open, with everything closed in the end."""
    stores: list[Store] = []

    def open_store(path: Path, *, writable: bool = False) -> Store:
        stores.append(Store.open(path, writable=writable))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = Store.create(tmp_path / "AA.journal", HEADER)
    for number in (1, 2, 3):
        store.append(record(number, (Outgoing("BB", number, b"body %d" % number),)), [])
    store.close()
    return tmp_path / "AA.journal"


def test_entries_come_back_in_order_with_their_header(path: Path, opened: Callable[..., Store]) -> None:
    store = opened(path)
    assert store.header == HEADER
    assert [entry.batch for entry in store.entries()] == [b"batch 1", b"batch 2", b"batch 3"]


def test_a_journal_is_never_overwritten(path: Path) -> None:
    with pytest.raises(JournalError, match="found a file; expected a new name"):
        Store.create(path, HEADER)


def test_appending_goes_on_where_the_chain_ended(path: Path, opened: Callable[..., Store]) -> None:
    store = opened(path, writable=True)
    store.append(record(4), [])
    assert [entry.number for entry in opened(path).entries()] == [1, 2, 3, 4]


def test_messages_wait_until_they_are_delivered(path: Path, opened: Callable[..., Store]) -> None:
    store = opened(path, writable=True)
    assert [message.sequence for message in store.waiting()] == [1, 2, 3]
    store.append(record(4), [("BB", 1), ("BB", 3)])
    assert [message.sequence for message in opened(path).waiting()] == [2]


def test_a_step_is_written_whole_or_not_at_all(path: Path, opened: Callable[..., Store]) -> None:
    store = opened(path, writable=True)
    twice = (Outgoing("BB", 9, b""), Outgoing("BB", 9, b""))
    with pytest.raises(sqlite3.IntegrityError):
        store.append(record(4, twice), [])
    store.close()
    again = opened(path)
    assert again.entries_count == 3
    assert len(list(again.leaves())) == 3
    assert [message.sequence for message in again.waiting()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE journal SET batch = x'00' WHERE number = 2", "entry 2 was altered"),
        ("UPDATE journal SET effects = release_link || x'' WHERE number = 9", None),
        ("UPDATE journal SET effects = zeroblob(32) WHERE number = 2", "entry 2 was altered"),
        ("UPDATE journal SET effects = x'00' WHERE number = 2", "not 32 bytes long"),
        ("UPDATE journal SET release_link = zeroblob(32) WHERE number = 3", "entry 3 was altered"),
        ("DELETE FROM journal WHERE number = 2", "entry 2: found entry 3 in its place"),
        ("UPDATE journal SET number = 9 WHERE number = 3", "entry 3: found entry 9 in its place"),
    ],
)
def test_any_change_to_the_journal_is_found_where_it_is(
    path: Path, opened: Callable[..., Store], damage: str, fault: str | None
) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    if fault is None:
        assert len(list(opened(path).entries())) == 3
        return
    with pytest.raises(JournalError, match=fault):
        list(opened(path).entries())


def test_a_journal_of_the_format_before_is_read_but_nothing_goes_on_with_it(
    path: Path, opened: Callable[..., Store]
) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE header SET format = 1")
        connection.execute("ALTER TABLE outbox DROP COLUMN seal")
    assert len(list(opened(path).entries())) == 3
    with pytest.raises(JournalError, match="found journal format 1; expected 2"):
        Store.open(path, writable=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE header SET format = 3")
    with pytest.raises(JournalError, match="found journal format 3; expected 2"):
        Store.open(path)


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\x00" + bytes(84)])
def test_a_file_that_is_no_journal_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.journal"
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"x\.journal"):
        Store.open(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"found no file"):
        Store.open(tmp_path / "none.journal")


def test_a_full_disk_is_one_sentence_and_leaves_the_journal_whole(
    path: Path, opened: Callable[..., Store]
) -> None:
    store = opened(path, writable=True)
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count={pages}")  # SQLite's own way of running out of room
    big = Record(bytes(1 << 20), bytes(32), (), bytes(32), ())
    with pytest.raises(JournalError, match=r"step 4 cannot be written \(database or disk is full\)"):
        store.append(big, [])
    assert [entry.number for entry in opened(path).entries()] == [1, 2, 3]
