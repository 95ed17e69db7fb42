"""Claims about `foedus run`: a clear sentence for each thing that can be wrong, a table that adds up."""

import json
import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import alpine
from foedus.cli.main import cli

WINDOW = ["--from", "2018-08-01T11:30:00Z", "--to", "2018-08-01T11:32:00Z"]
FAST = ["--speed", "max", "--exit", "--no-console", "--json"]


def foedus(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A copy of the alpine network and its pact that a test may break."""
    for folder in ("networks", "pacts"):
        shutil.copytree(alpine.ROOT / folder, tmp_path / folder)
    return tmp_path / "networks" / "alpine.toml"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict], Path]:  # type: ignore[type-arg]
    folder = tmp_path_factory.mktemp("played") / "run"
    result = foedus("run", str(alpine.NETWORK_FILE), *FAST, *WINDOW, "--folder", str(folder))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), folder


def test_what_one_member_released_is_what_the_other_received(played) -> None:  # type: ignore[no-untyped-def]
    table, _ = played
    released = {(m["member"], link["party"]): link["released_rows"] for m in table for link in m["links"]}
    received = {(link["party"], m["member"]): link["received_rows"] for m in table for link in m["links"]}
    assert released == received
    assert sum(released.values()) > 1_000
    assert released["DE", "IT"] == 0
    assert released["HUB", "IT"] > 0


def test_what_is_withheld_names_its_clause(played) -> None:  # type: ignore[no-untyped-def]
    table, _ = played
    withheld = {(m["member"], link["party"]): link["withheld"] for m in table for link in m["links"]}
    assert list(withheld["FR", "IT"]) == ["H1"]
    assert list(withheld["DE", "IT"]) == ["R1"]
    assert withheld["CH", "IT"] == {}


def test_every_plot_is_either_tracked_or_refused_by_reason(played) -> None:  # type: ignore[no-untyped-def]
    table, _ = played
    for member in table:
        assert member["plots_refused"] == {}
        assert member["tracks_held"] <= member["tracks_confirmed"]
    assert [member["plots"] > 0 for member in table] == [True, True, True, True, False]


def test_a_run_replays_and_verifies(played) -> None:  # type: ignore[no-untyped-def]
    _, folder = played
    assert foedus("replay", str(folder)).exit_code == 0
    verified = foedus("audit", "verify", str(folder))
    assert verified.exit_code == 0, verified.output


def test_a_journal_is_not_overwritten(played) -> None:  # type: ignore[no-untyped-def]
    _, folder = played
    result = foedus("run", str(alpine.NETWORK_FILE), *FAST, *WINDOW, "--folder", str(folder))
    assert "a journal is never overwritten" in str(result.exception)


def test_a_taken_port_is_said_before_anything_else_happens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = foedus("run", str(alpine.NETWORK_FILE), "--port", str(port), "--exit")
    assert f"127.0.0.1 port {port}" in str(result.exception)
    assert "--port" in str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('mode = "RECORDING"', 'mode = "REAL"', ("alpine.toml:8: mode", "REAL", "LIVE, EXERCISE")),
        ("tick_s = 5.0", "tick_s = 0", ("alpine.toml:10: tick_s", "0")),
        ("tick_s = 5.0", "tick_s = 5.0\ntock_s = 5.0", ("tock_s", "tick_s")),
        ('format = "plots"', 'format = "plot"', ("feed[1].format", "plot")),
        ('member = "FR"', 'member = "PL"', ("feed[2].member", "'PL'", "CH, FR, DE, IT, HUB")),
        ('member = "DE"', 'member = "HUB"', ("feed[3].member", "the hub", "a member with sensors")),
        ('id = "HUB"', 'id = "HAB"', ("member[5].id", "'HAB'", "did you mean HUB?")),
        ('pact = "../pacts/alpine.toml"', 'pact = "none.toml"', ("none.toml", "no such file")),
        ('source = "switzerland"', 'source = "atlantis"', ("atlantis",)),
        (
            'window_start = "2018-08-01T11:30:00Z"',
            'window_start = "noon"',
            ("recording.window_start", "noon", "2018-08-01T11:30:00Z"),
        ),
        ("[recording]", "[[recording]]", ("recording",)),
        ('network = "alpine"', "", ("network",)),
        ('network = "alpine"', 'network = "alpine', ("alpine.toml:6",)),
    ],
)
def test_a_broken_network_file_is_named_with_its_place(
    network: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    text = network.read_text(encoding="utf-8")
    assert old in text
    network.write_text(text.replace(old, new, 1), encoding="utf-8")
    result = foedus("run", str(network), *FAST, "--speed", "10")
    assert result.exit_code == 1
    for word in words:
        assert word in str(result.exception), str(result.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "x.toml", "--speed"],
        ["run", str(alpine.NETWORK_FILE), "--speed", "fast"],
        ["run", str(alpine.NETWORK_FILE), "--speed", "-1"],
        ["run", str(alpine.NETWORK_FILE), "--speed", "nan"],
        ["run", str(alpine.NETWORK_FILE), "--port", "door"],
        ["run", str(alpine.NETWORK_FILE), "--port", "99999"],
        ["nonsense"],
        ["replay"],
    ],
)
def test_a_wrong_call_exits_with_two(arguments: list[str]) -> None:
    assert foedus(*arguments).exit_code == 2


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    result = foedus("run", str(alpine.NETWORK_FILE), *FAST, "--to", "2018-08-01T11:00:00Z")
    assert "an end that is not after its start" in str(result.exception)
