"""A node's own journal opens the obligations of its warnings; acknowledgements of partners meet them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import alpine
from foedus.audit import decode_leaf
from foedus.cli.ledger_gather import Kept, entries_of
from foedus.cli.main import cli
from foedus.drill.source import feed_chunks
from foedus.journal import Header, Store
from foedus.model import SECOND_NS
from foedus.pact.incidents.ledger import Evidence, Opened, standings
from foedus.pact.meaning.obligation import Stage
from foedus.wire import Received
from test_node import southward

LATER = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def played() -> alpine.Run:
    network = southward()
    end_ns = alpine.START_NS + 900 * SECOND_NS
    chunks = feed_chunks(network, alpine.START_NS, end_ns, vectors=alpine.vectors())
    return alpine.run(chunks, 900, stations=alpine.make_stations(network=network))


def kept(run: alpine.Run, member: str) -> Kept:
    _, pact, _ = alpine.documents()
    leaves = [
        decode_leaf(data, where=member) for record in run.records[member] for _, data, _ in record.leaves
    ]
    received = [Received(one.sender, one.sequence, one.body) for one in run.stream(member)]
    return Kept(member, pact, tuple(leaves), tuple(received))


def test_a_warning_that_arrived_is_an_obligation_met_in_time(played: alpine.Run) -> None:
    entries = entries_of(kept(played, "DE"), (), at=LATER)
    found = {one.obligation.creditors: one for one in standings(entries, now=LATER)}
    to_italy = found[("IT",)]
    assert to_italy.obligation.id.startswith("alpine.W1.DE-IT-0001.")
    assert to_italy.stage == Stage.FULFILLED
    assert to_italy.due == (to_italy.obligation.arose + timedelta(seconds=15),) * 2
    assert ("CH",) in found


def test_without_the_acknowledgement_the_clock_breaches_it(played: alpine.Run) -> None:
    silent = kept(played, "DE")._replace(received=())
    assert {one.stage for one in standings(entries_of(silent, (), at=LATER), now=LATER)} == {Stage.VIOLATED}


def test_what_is_in_the_ledger_is_not_gathered_again(played: alpine.Run) -> None:
    entries = entries_of(kept(played, "DE"), (), at=LATER)
    assert any(isinstance(one, Evidence) for one in entries)
    assert entries_of(kept(played, "DE"), entries, at=LATER) == []
    opened = [one for one in entries if isinstance(one, Opened)]
    again = entries_of(kept(played, "DE"), opened, at=LATER)
    assert again == [one for one in entries if isinstance(one, Evidence)]


def test_a_warning_that_the_guard_held_back_is_owed_all_the_same(played: alpine.Run) -> None:
    one = kept(played, "DE")
    refused = tuple(
        msgspec.structs.replace(leaf, refused="not allowed", against="R1", sequence=0, verdicts=())
        for leaf in one.leaves
    )
    found = standings(entries_of(one._replace(leaves=refused, received=()), (), at=LATER), now=LATER)
    assert found
    assert all(held.stage == Stage.VIOLATED for held in found)
    assert all("held back by the guard by R1: not allowed" in held.obligation.because for held in found)


def test_the_command_reads_journals_and_says_what_it_opened(played: alpine.Run, tmp_path: Path) -> None:
    _, _, texts = alpine.documents()
    header = Header(member="DE", version="tests", **texts._asdict())
    store = Store.create(tmp_path / "DE.journal", header)
    for record in played.records["DE"]:
        store.append(record, [])
    store.close()
    ledger = str(tmp_path / "l.jsonl")
    result = CliRunner().invoke(cli, ["ledger", "gather", ledger, str(tmp_path), "--at", "2026-01-01"])
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    assert "alpine.W1.DE-IT-0001." in result.output
    assert "opened, " in result.output
    again = CliRunner().invoke(cli, ["ledger", "gather", ledger, str(tmp_path), "--at", "2026-01-02"])
    assert again.output.strip() == "0 opened, 0 pieces of evidence"
