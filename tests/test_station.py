"""Claims about a station: nothing leaves that the guard refuses; whatever leaves is logged before."""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

import alpine
from foedus import releases
from foedus.audit import Leaf, decode_leaf
from foedus.cli.main import cli
from foedus.journal import Header, Record, Store
from foedus.model import Form, Tracks
from foedus.node import Node
from foedus.pact.tables.release import Decisions
from foedus.station import Station
from foedus.watch.tearline import ended
from foedus.wire import Batch, Evidence, Send, Tick, Verdicts, Warn, pack_columns

SECONDS = 60


def leaves(run: alpine.Run, member: str) -> list[Leaf]:
    return [decode_leaf(data, where=member) for record in run.records[member] for _, data, _ in record.leaves]


@pytest.fixture(scope="module")
def sound() -> alpine.Run:
    return alpine.run(alpine.chunks(SECONDS), SECONDS)


@pytest.fixture
def leaky(monkeypatch: pytest.MonkeyPatch) -> alpine.Run:
    """A run whose release kernels forget every withhold: the planted bug."""
    decide = releases.decide

    def forgetful(tables, track_class, zones):  # type: ignore[no-untyped-def]
        decisions = decide(tables, track_class, zones)
        if tables.me != tables.parties.index("FR"):
            return decisions
        share = np.int16(tables.clauses.index("S1"))
        return Decisions(
            np.where(decisions.form == Form.NONE, np.int8(Form.TRACK), decisions.form),
            np.where(decisions.form == Form.NONE, share, decisions.clause),
        )

    monkeypatch.setattr(releases, "decide", forgetful)
    monkeypatch.setattr(
        releases,
        "plot_mask",
        lambda tables, group, track_class, zones: np.ones(len(zones), bool),
    )
    return alpine.run(alpine.chunks(SECONDS), SECONDS)


def test_everything_sent_is_a_leaf_of_that_very_step_and_content(sound: alpine.Run) -> None:
    for member, records in sound.records.items():
        for record in records:
            logged = {
                (leaf.recipient, leaf.sequence): leaf.message
                for leaf in (decode_leaf(data, where=member) for _, data, _ in record.leaves)
            }
            for message in record.outgoing:
                key = (message.recipient, message.sequence)
                assert logged[key] == hashlib.sha256(message.body).digest()


def test_sequences_count_up_from_one_without_gap(sound: alpine.Run) -> None:
    for recipient in sound.stations:
        for sender in sound.stations:
            sequences = [sent.sequence for sent in sound.stream(recipient) if sent.sender == sender]
            assert sequences == list(range(1, len(sequences) + 1))


def test_a_leaf_counts_what_was_withheld_and_by_which_clause(sound: alpine.Run) -> None:
    to_italy = [leaf for leaf in leaves(sound, "FR") if leaf.recipient == "IT"]
    clauses = {verdict.clause for leaf in to_italy for verdict in leaf.verdicts if verdict.form == 0}
    assert clauses == {"H1"}
    assert all(leaf.refused == "" for leaf in to_italy)


def test_the_guard_holds_back_what_faulty_kernels_would_release(sound: alpine.Run, leaky: alpine.Run) -> None:
    refused = [leaf for leaf in leaves(leaky, "FR") if leaf.refused]
    assert refused
    assert {leaf.recipient for leaf in refused} == {"IT"}
    assert all(leaf.sequence == 0 for leaf in refused)
    assert all(verdict.form == 0 for leaf in refused for verdict in leaf.verdicts)
    sent = [message for message in leaky.stream("IT") if message.sender == "FR"]
    assert len(sent) + len(refused) == len([m for m in sound.stream("IT") if m.sender == "FR"])
    assert [message.sequence for message in sent] == list(range(1, len(sent) + 1))


def test_rows_that_were_held_back_do_not_count_as_released(leaky: alpine.Run) -> None:
    link = next(link for link in leaky.stations["FR"].node.view().links if link.party == "IT")
    theirs = next(link for link in leaky.stations["IT"].node.view().links if link.party == "FR")
    assert link.released_rows == theirs.received_rows
    assert any(leaf.refused for leaf in leaves(leaky, "FR"))


def test_other_recipients_do_not_notice_a_refusal(sound: alpine.Run, leaky: alpine.Run) -> None:
    for recipient in ("CH", "DE"):
        streams = [[sent for sent in run.stream(recipient) if sent.sender == "FR"] for run in (sound, leaky)]
        assert streams[0] == streams[1]


WARN = Warn(
    warning="DE-IT-0001", revision=1, state="RAISED", mode="RECORDING", clause="W1", to="IT", zone="IT",
    track_class=0, lat_cell_deg=45.6, lon_cell_deg=8.7, raised_ns=alpine.START_NS, entry_ns=alpine.START_NS,
    probability_percent=80, expires_ns=alpine.START_NS,
)  # fmt: skip


class _Warner(Node):
    """A node that wants to send one warning at every step."""

    def __init__(self, recipient: str, warn: Warn) -> None:
        network, pact, _ = alpine.documents()
        super().__init__(network, pact, "DE")
        evidence = Evidence(pack_columns(Tracks.empty()), cancel=ended(warn, "CANCELLED"))
        self.wanted = Send(recipient, warn, evidence, (Verdicts(warn.clause, Form.ALERT, 1),))

    def step(self, batch: Batch) -> list[Send]:
        return [self.wanted]


def refused_warning(recipient: str, warn: Warn) -> tuple[Leaf, Record]:
    _, pact, _ = alpine.documents()
    record = Station(_Warner(recipient, warn), pact).advance(Batch(alpine.START_NS, (Tick(),)))
    ((_, data, _),) = record.leaves
    return decode_leaf(data, where="tests"), record


@pytest.mark.parametrize(
    ("recipient", "changed", "against"),
    [
        ("IT", {}, "R1"),  # DE reaches IT through the hub only
        ("HUB", {"lat_cell_deg": 45.61}, "W1"),
        ("HUB", {"clause": "W9"}, ""),  # no clause of the pact: none speaks against it by name
    ],
)
def test_the_leaf_of_a_refused_warning_names_the_clause_it_was_asked_under_and_the_one_against(
    recipient: str, changed: dict[str, object], against: str
) -> None:
    warn = msgspec.structs.replace(WARN, **changed)
    leaf, record = refused_warning(recipient, warn)
    assert (leaf.kind, leaf.asked, leaf.against, leaf.verdicts) == ("warn", warn.clause, against, ())
    assert leaf.refused
    assert record.outgoing == ()


def test_a_warning_that_leaves_names_its_clause_and_none_against() -> None:
    leaf, record = refused_warning("HUB", WARN)
    assert (leaf.refused, leaf.asked, leaf.against) == ("", "W1", "")
    assert len(record.outgoing) == 1


def test_audit_lists_what_was_refused_with_both_clauses(tmp_path: Path) -> None:
    _, _, texts = alpine.documents()
    store = Store.create(tmp_path / "DE.journal", Header(member="DE", version="tests", **texts._asdict()))
    store.append(refused_warning("IT", WARN)[1], [])
    store.close()
    result = CliRunner().invoke(cli, ["audit", "verify", str(tmp_path)])
    assert "1 warn to IT under W1 refused by R1: IT may be reached through HUB only" in result.output
    as_json = CliRunner().invoke(cli, ["audit", "verify", str(tmp_path), "--json"])
    assert '"asked":"W1","against":"R1"' in as_json.output


def test_a_station_is_a_function_of_its_batches() -> None:
    """The same batches, once more, give the same bytes: effects, leaves and messages."""

    def digests(records: list[Record]) -> list[tuple[bytes, bytes, int]]:
        return [(record.effects, record.release_link, len(record.outgoing)) for record in records]

    first, second = (alpine.run(alpine.chunks(SECONDS), SECONDS) for _ in range(2))
    for member in first.stations:
        assert digests(first.records[member]) == digests(second.records[member])
