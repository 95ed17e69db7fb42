"""A network file's facts on the whole path: told, journaled, guarded, logged, replayed; and slips in them."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import alpine
from foedus.audit import decode_leaf
from foedus.cli.main import cli
from foedus.cli.run import load
from foedus.facts import told_by
from foedus.journal import Store
from foedus.model import SECOND_NS
from foedus.network import FactEntry, utc_ns
from foedus.node import Node
from foedus.pact.force import Fact
from foedus.station import Station
from foedus.wire import Batch, Happened, decode_batch

REVOKED = alpine.ROOT / "networks" / "alpine-revoked.toml"
MEMBERS = ("CH", "IT")
DECLARED_NS = utc_ns("2018-08-01T11:33:00Z", where="test")
REVOKED_NS = utc_ns("2018-08-01T11:39:17Z", where="test")
FAST = ["--speed", "max", "--exit", "--no-console", "--json"]
WINDOW = ["--from", "2018-08-01T11:30:00Z", "--to", "2018-08-01T11:42:00Z"]

TWICE = """[[fact]]
what = "casus"
of = "C1"
at = 2018-08-01T11:33:00Z
by = "CH"
says = "yes"

[[fact]]
what = "exit\""""

Played = tuple[list[dict], Path]  # type: ignore[type-arg]


def foedus(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("revoked") / "run"
    result = foedus("run", str(REVOKED), *FAST, *WINDOW, "--folder", str(folder))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), folder


def leaves(folder: Path, member: str) -> list[tuple[int, str, str]]:
    """(time, kind, why it was refused) of everything in one member's release log."""
    store = Store.open(folder / f"{member}.journal")
    found = [decode_leaf(data, where=member) for _, data, _ in store.leaves()]
    store.close()
    return [(leaf.time_ns, leaf.kind, leaf.refused) for leaf in found]


def batches(folder: Path, member: str) -> list:  # type: ignore[type-arg]
    store = Store.open(folder / f"{member}.journal")
    found = [decode_batch(entry.batch, where=member) for entry in store.entries()]
    store.close()
    return found


@pytest.mark.parametrize("member", MEMBERS)
def test_flows_begin_with_the_declared_casus_and_stop_at_the_second_of_the_exit(
    played: Played, member: str
) -> None:
    pictures = [time_ns for time_ns, kind, _ in leaves(played[1], member) if kind == "picture"]
    first_tick, last_tick = DECLARED_NS, REVOKED_NS - 2 * SECOND_NS
    assert pictures == list(range(first_tick, last_tick + 1, 5 * SECOND_NS))


def test_the_warning_came_before_the_exit_and_nothing_but_its_end_after(played: Played) -> None:
    store = Store.open(played[1] / "IT.journal")
    told = [decode_leaf(data, where="IT") for _, data, _ in store.leaves()]
    store.close()
    warnings = [leaf for leaf in told if leaf.kind == "warn" and not leaf.refused]
    before = {leaf.subject.partition("/")[0] for leaf in warnings if leaf.time_ns < REVOKED_NS}
    after = [leaf.subject for leaf in warnings if leaf.time_ns >= REVOKED_NS]
    assert before
    assert len(after) <= len(before)
    for subject in after:
        assert subject.partition("/")[0] in before
        assert subject.endswith((" CANCELLED", " EXPIRED"))


def test_what_is_withheld_names_what_kept_it_back_before_and_after(played: Played) -> None:
    for member in played[0]:
        (link,) = member["links"]
        assert sorted(link["withheld"]) == ["T1", "default deny"]
        assert min(link["withheld"].values()) > 50
        assert link["released_rows"] > 300
        assert member["guard_refusals"] == {}
        assert not [reason for reason in member["dropped"] if "fact" in reason]


def test_every_node_learns_every_fact_between_the_ticks_that_hold_its_time(played: Played) -> None:
    for member in MEMBERS:
        told = [
            (batch.time_ns, item)
            for batch in batches(played[1], member)
            for item in batch.inputs
            if isinstance(item, Happened)
        ]
        assert [item for _, item in told] == [
            Happened("casus", "C1", DECLARED_NS, "CH", "yes"),
            Happened("exit", "alpine-order", REVOKED_NS, "IT"),
        ]
        assert all(0 <= item.at_ns - time_ns <= 5 * SECOND_NS for time_ns, item in told)


def test_a_run_with_facts_replays_to_the_same_digests_and_verifies(played: Played) -> None:
    replayed = foedus("replay", str(played[1]))
    assert replayed.exit_code == 0, replayed.output
    assert foedus("audit", "verify", str(played[1])).exit_code == 0


def test_without_its_facts_the_same_journal_gives_no_picture_at_all(played: Played) -> None:
    network, pact, _ = load(REVOKED)
    kinds: dict[bool, list[str]] = {}
    for with_facts in (True, False):
        station = Station(Node(network, pact, "CH"), pact)
        kinds[with_facts] = []
        for batch in batches(played[1], "CH"):
            kept = tuple(item for item in batch.inputs if with_facts or not isinstance(item, Happened))
            for _, data, _ in station.advance(Batch(batch.time_ns, kept)).leaves:
                kinds[with_facts].append(decode_leaf(data, where="CH").kind)
    assert kinds[True].count("picture") > 70
    assert kinds[False].count("picture") == 0


def test_a_fact_before_the_window_is_told_at_its_beginning(tmp_path: Path) -> None:
    window = ["--from", "2018-08-01T11:34:00Z", "--to", "2018-08-01T11:34:20Z"]
    folder = tmp_path / "run"
    assert foedus("run", str(REVOKED), *FAST, *window, "--folder", str(folder)).exit_code == 0
    assert len(leaves(folder, "CH")) == 4
    facts = [item for batch in batches(folder, "CH") for item in batch.inputs if isinstance(item, Happened)]
    assert [fact.at_ns for fact in facts] == [DECLARED_NS]


# ---------------------------------------------------------------- the network file


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A copy of the network and its pacts that a test may break."""
    for folder in ("networks", "pacts"):
        shutil.copytree(alpine.ROOT / folder, tmp_path / folder)
    return tmp_path / "networks" / "alpine-revoked.toml"


def test_a_fact_of_a_network_file_has_the_words_of_a_fact_in_a_situation() -> None:
    assert FactEntry.__struct_fields__ == Fact.__struct_fields__
    assert FactEntry.__annotations__ == Fact.__annotations__


def test_facts_are_told_oldest_first_whatever_their_order_in_the_file(network: Path) -> None:
    text = network.read_text(encoding="utf-8")
    first, second = "2018-08-01T11:33:00Z", "2018-08-01T11:39:17Z"
    swapped = text.replace(first, "@").replace(second, first).replace("@", second)
    network.write_text(swapped, encoding="utf-8")
    told = told_by(load(network)[0])
    assert [(one.what, one.at_ns) for one in told] == [("exit", DECLARED_NS), ("casus", REVOKED_NS)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('of = "C1"', 'of = "C7"', ("toml:30: fact[1].of", "'C7': no such casus", "one of C1")),
        ('of = "C1"', 'of = "S1"', ("fact[1].of", "'S1': no such casus")),
        ('of = "alpine-order"', 'of = "alpine"', ("fact[2].of", "no such pact", "mean alpine-order?")),
        ('by = "IT"', 'by = "FR"', ("fact[2].by", "'FR': no such pact or party", "CH, IT")),
        (
            'by = "CH"',
            'by = "HUB"',
            ("fact[1].by", "'HUB': a casus declared by somebody who may not", "CH, IT"),
        ),
        ('says = "yes"', 'says = "maybe"', ("fact[1].says", "'maybe'", "one of yes, no, unknown")),
        ('says = "yes"', 'as_to = ["CH"]\nsays = "yes"', ("fact[1].as_to", "two ids, or none")),
        ('says = "yes"', 'say = "yes"', ("fact[1].say", "says")),
        ('what = "exit"', 'what = "leave"', ("fact[2].what", "'leave'", "left")),
        ('what = "exit"', 'what = "met"', ("fact[2].of", "no such milestone", "nothing here")),
        ('what = "exit"', 'what = "approved"', ("fact[2].of", "no such step of that party")),
        ('what = "exit"', 'what = "left"', ("fact[2].of", "no such party")),
        ('what = "exit"', 'what = "suspended"', ("fact[2].of", "no such clause to suspend")),
        ("at = 2018-08-01T11:39:17Z", 'at = "noon"', ("fact[2].at", "'noon'", "a date")),
        ("at = 2018-08-01T11:39:17Z", "", ("fact[2]", "at")),
        ('[[fact]]\nwhat = "exit"', TWICE, ("fact[2]", "the same fact again")),
    ],
)
def test_a_fact_that_names_nothing_in_the_pact_is_an_error_before_anything_runs(
    network: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    text = network.read_text(encoding="utf-8")
    facts = text.index("[[fact]]")
    assert old in text[facts:]
    network.write_text(text[:facts] + text[facts:].replace(old, new, 1), encoding="utf-8")
    result = foedus("run", str(network), *FAST)
    assert result.exit_code == 1
    assert result.stdout == ""
    for word in words:
        assert word in str(result.exception), str(result.exception)
