"""Claims about replay: a journal alone gives the same effects, in another process, whatever the hash seed."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import alpine
from foedus.journal import Header, Record, Store

SECONDS = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Journals of a short run of the whole network."""
    folder = tmp_path_factory.mktemp("journals")
    network, _, texts = alpine.documents()
    stores = {
        entry.id: Store.create(
            folder / f"{entry.id}.journal", Header(member=entry.id, version="test", **texts._asdict())
        )
        for entry in network.member
    }

    def write(member: str, record: Record) -> None:
        stores[member].append(record, [])

    alpine.run(alpine.chunks(SECONDS), SECONDS, written=write)
    for store in stores.values():
        store.close()
    return folder


def foedus(*arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PYTHONHASHSEED=hash_seed)
    return subprocess.run(
        [sys.executable, "-m", "foedus", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_replay_gives_the_same_digests_under_two_hash_seeds(folder: Path) -> None:
    first, second = (foedus("replay", "--json", str(folder), hash_seed=seed) for seed in ("1", "4294967295"))
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stdout == second.stdout
    assert first.stdout.count('"same":true') == 5


def test_replay_names_the_entry_whose_input_was_altered(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "CH.journal"
    copy.write_bytes((folder / "CH.journal").read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE journal SET batch = zeroblob(9) WHERE number = 4")
    result = foedus("replay", str(copy))
    assert result.returncode == 1
    assert "entry 4 was altered" in result.stderr


def test_audit_verifies_an_untouched_run_and_every_message_against_its_sender(folder: Path) -> None:
    result = foedus("audit", "verify", str(folder))
    assert result.returncode == 0, result.stderr
    assert "received messages all stand in their senders' logs" in result.stdout


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("DELETE FROM release_log WHERE number > 5", "leaves were cut off"),
        ("DELETE FROM release_log WHERE number = 5", "found leaf 6; expected leaf 5"),
        (
            "UPDATE release_log SET leaf = zeroblob(9) WHERE number = 5",
            "leaf 5: found bytes that are no leaf",
        ),
    ],
)
def test_audit_finds_a_release_log_that_was_changed(
    folder: Path, tmp_path: Path, damage: str, fault: str
) -> None:
    copy = tmp_path / "FR.journal"
    copy.write_bytes((folder / "FR.journal").read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute(damage)
    result = foedus("audit", "verify", str(copy))
    assert result.returncode == 1
    assert fault in result.stderr
