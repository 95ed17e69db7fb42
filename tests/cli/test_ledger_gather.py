"""A node's own journal opens the obligations of its warnings; acknowledgements of partners meet them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

import alpine
from foedus.audit import decode_leaf
from foedus.cli.ledger_entries import Kept, entries_of
from foedus.cli.ledger_gather import accepted
from foedus.cli.main import cli
from foedus.drill.source import feed_chunks
from foedus.journal import Header, Store
from foedus.model import SECOND_NS
from foedus.node import Node
from foedus.pact.incidents.ledger import Evidence, Held, Opened, standings
from foedus.pact.meaning.obligation import Stage
from foedus.pact.reading.text import parse_pact
from foedus.station import Station
from foedus.wire import Ack, Received, decode_message
from keys import trust_of
from test_node import southward

LATER = datetime(2026, 1, 1, tzinfo=UTC)


def pact_text() -> str:
    """The alpine pact, whose W1 says what follows when no person acknowledges."""
    _, _, texts = alpine.documents()
    begin = texts.pact_text.index('id = "W1"')
    end = texts.pact_text.index("ack_s", begin)
    return (
        texts.pact_text[:end] + 'on_no_ack = { retry = 1, then = "notify_council" }\n' + texts.pact_text[end:]
    )


PACT = parse_pact(pact_text(), file="alpine.toml")


@pytest.fixture(scope="module")
def played() -> alpine.Run:
    network = southward()
    end_ns = alpine.START_NS + 900 * SECOND_NS
    chunks = feed_chunks(network, alpine.START_NS, end_ns, vectors=alpine.vectors())
    return alpine.run(chunks, 900, stations=alpine.make_stations(PACT, network))


def kept(run: alpine.Run, member: str) -> Kept:
    leaves = [
        decode_leaf(data, where=member) for record in run.records[member] for _, data, _ in record.leaves
    ]
    received = [Received(one.sender, one.sequence, one.body) for one in run.stream(member)]
    escalations = run.stations[member].node.escalations
    return Kept(member, PACT, tuple(leaves), tuple(received), escalations)


def test_a_warning_that_arrived_is_an_obligation_met_in_time(played: alpine.Run) -> None:
    entries = entries_of(kept(played, "DE"), (), at=LATER)
    found = {one.obligation.creditors: one for one in standings(entries, now=LATER)}
    to_italy = found[("IT",)]
    assert to_italy.obligation.id.startswith("alpine.W1.DE-IT-0001.")
    assert to_italy.stage == Stage.FULFILLED
    assert to_italy.due == (to_italy.obligation.arose + timedelta(seconds=15),) * 2
    assert ("CH",) in found


def test_without_the_acknowledgement_the_clock_breaches_it(played: alpine.Run) -> None:
    silent = kept(played, "DE")._replace(received=(), escalations=())
    assert {one.stage for one in standings(entries_of(silent, (), at=LATER), now=LATER)} == {Stage.VIOLATED}


def test_what_is_in_the_ledger_is_not_gathered_again(played: alpine.Run) -> None:
    entries = entries_of(kept(played, "DE"), (), at=LATER)
    assert any(isinstance(one, Evidence) for one in entries)
    assert entries_of(kept(played, "DE"), entries, at=LATER) == []
    opened = [one for one in entries if isinstance(one, Opened)]
    again = entries_of(kept(played, "DE"), opened, at=LATER)
    assert again == [one for one in entries if not isinstance(one, Opened)]


def by_kind(run: alpine.Run, kind: str, **changed: Any) -> dict[tuple[str, ...], Held]:
    """What was gathered of one kind, by creditor."""
    found = standings(entries_of(kept(run, "DE")._replace(**changed), (), at=LATER), now=LATER)
    return {one.obligation.creditors: one for one in found if one.obligation.kind == kind}


def test_f31_repeats_are_noted_by_each_way_and_change_no_stage(played: alpine.Run) -> None:
    """No person answers in this run, so each warning is repeated once, as its clause says."""
    found = by_kind(played, "warn")
    (note, _) = found[("IT",)].notes
    assert note.says.startswith("DE: sent again once to HUB, last 2018-08-01T11:31:")
    (leaf, *_) = [one for one in kept(played, "DE").leaves if one.subject == "DE-IT-0001/1 RAISED"]
    other = msgspec.structs.replace(leaf, recipient="FR", time_ns=leaf.time_ns + 2 * SECOND_NS)
    found = by_kind(played, "warn", leaves=(*kept(played, "DE").leaves, other, other))
    assert [one.says for one in found[("IT",)].notes][1:3] == [
        f"DE: sent to FR as well from {clock_text(other.time_ns)}",
        f"DE: sent again once to FR, last {clock_text(other.time_ns)}",
    ]
    assert found[("IT",)].stage == Stage.FULFILLED


def clock_text(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / SECOND_NS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_f31_what_no_person_acknowledged_is_noted_and_opens_the_duty_that_the_clause_names(
    played: alpine.Run,
) -> None:
    (warned,) = [one for one in kept(played, "DE").escalations if one.warning == "DE-IT-0001"]
    assert warned.then == "notify_council"
    held = by_kind(played, "warn")[("IT",)]
    when = clock_text(warned.time_ns)
    assert held.notes[-1].says == f"DE: no person acknowledged it: notify council, {when}"
    entries = entries_of(kept(played, "DE"), (), at=LATER)
    name = f"{held.obligation.id}.council.notify_council"
    (notice,) = [one for one in standings(entries, now=LATER) if one.obligation.id == name]
    assert (notice.stage, notice.due) == (Stage.IN_EFFECT, None)
    assert notice.obligation.binding == "none"


@pytest.mark.parametrize(
    ("then", "kind", "creditors"),
    [
        ("notify_parties", "notify", {("CH",), ("FR",), ("IT",), ("HUB",)}),
        ("head_of_state_line", "consult", {("IT",), ("CH",)}),
        ("second_route", "notify", set()),
        ("second_route", "consult", set()),
    ],
)
def test_each_word_for_an_escalation_opens_its_duty_or_none(
    played: alpine.Run, then: str, kind: str, creditors: set[tuple[str, ...]]
) -> None:
    events = tuple(msgspec.structs.replace(one, then=then) for one in kept(played, "DE").escalations)
    assert set(by_kind(played, kind, escalations=events)) == creditors
    notes = by_kind(played, "warn", escalations=events)[("IT",)].notes
    assert then.replace("_", " ") in notes[-1].says


def test_only_whom_a_warning_was_sent_to_shows_that_it_arrived(played: alpine.Run) -> None:
    one = kept(played, "DE")
    assert {item.sender for item in one.received if isinstance(decode_message(item.body), Ack)} == {
        "CH",
        "HUB",
    }
    forged = tuple(Received("FR", 1, item.body) for item in one.received)
    entries = entries_of(one._replace(received=forged), (), at=LATER)
    assert not [entry for entry in entries if isinstance(entry, Evidence)]
    broken = (Received("CH", 1, b"no message"), *one.received)
    whole = entries_of(one, (), at=LATER)
    assert entries_of(one._replace(received=broken), (), at=LATER) == whole
    twice = entries_of(one._replace(received=one.received * 2), (), at=LATER)
    assert twice == whole


def test_a_warning_that_the_guard_held_back_is_owed_all_the_same(played: alpine.Run) -> None:
    one = kept(played, "DE")
    refused = tuple(
        msgspec.structs.replace(leaf, refused="not allowed", against="R1", sequence=0, verdicts=())
        for leaf in one.leaves
    )
    silent = one._replace(leaves=refused, received=(), escalations=())
    found = standings(entries_of(silent, (), at=LATER), now=LATER)
    assert found
    assert all(held.stage == Stage.VIOLATED for held in found)
    assert all("held back by the guard by R1: not allowed" in held.obligation.because for held in found)


def test_the_command_reads_journals_and_says_what_it_opened(
    played: alpine.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def station(header: Header, *, where: str) -> Station:  # of a network of which there is no text
        return Station(Node(southward(), PACT, header.member), PACT)

    monkeypatch.setattr("foedus.station.station_of", station)
    _, _, texts = alpine.documents()
    header = Header(member="DE", version="tests", **texts._replace(pact_text=pact_text())._asdict())
    store = Store.create(tmp_path / "DE.journal", header)
    for record in played.records["DE"]:
        store.append(record, [])
    store.close()
    ledger = str(tmp_path / "l.jsonl")
    result = CliRunner().invoke(cli, ["ledger", "gather", ledger, str(tmp_path), "--at", "2026-01-01"])
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    assert "alpine.W1.DE-IT-0001." in result.output
    assert ".council.notify_council: in effect" in result.output  # from the journal alone, played again
    assert re.search(r"\d opened, \d+ pieces of evidence, \d notes$", result.output.strip())


def test_what_comes_without_the_seal_of_its_sender_is_not_gathered(
    played: alpine.Run, tmp_path: Path
) -> None:
    """The messages of this run have no seals: under a trust root none of them is a recipient's word."""
    network, _, texts = alpine.documents()
    trust = trust_of(network)
    (record, *_) = [one for one in played.records["DE"] if b"received" in one.batch]
    for text, taken in ((trust.text, False), ("", True)):
        header = Header(member="DE", version="tests", **texts._replace(trust_text=text)._asdict())
        store = Store.create(tmp_path / f"{taken}.journal", header)
        store.append(record, [])
        assert bool(list(accepted(store, tmp_path))) is taken
        store.close()
