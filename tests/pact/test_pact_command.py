"""The commands `foedus pact check` and `foedus pact explain`: output, exit codes, nothing heavy loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foedus.cli.main import cli
from foedus.model import TrackClass

HERE = Path(__file__).parent.parent
ALPINE = str(HERE.parent / "pacts" / "alpine.toml")
STRAITS = str(HERE / "good_pact.toml")
BROKEN = str(HERE / "bad" / "pact" / "unknown_party.toml")
CONTRADICTORY = str(HERE / "bad" / "pact" / "contradiction.toml")


def foedus(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["pact", *arguments])


def test_a_sound_pact_exits_with_0() -> None:
    result = foedus("check", ALPINE, "--at", "2018-08-01")
    assert result.exit_code == 0, result.output
    assert " error " not in result.output


@pytest.mark.parametrize(
    ("file", "number", "words"),
    [
        (BROKEN, "K1", "105: clause[5].to: found 'SUNT'"),
        (CONTRADICTORY, "K3", "OTHER (region) against LOWSHARE (track)"),
        ("no-such-file.toml", "K1", "no such file"),
    ],
)
def test_a_broken_pact_exits_with_1_and_says_where(file: str, number: str, words: str) -> None:
    for options in ((), ("--json",)):
        result = foedus("check", file, *options)
        assert result.exit_code == 1
        assert words in result.output
    finding = json.loads(result.output)["findings"][0]
    assert (finding["number"], finding["severity"]) == (number, "error")


def test_one_error_among_many_files_is_enough() -> None:
    result = foedus("check", ALPINE, BROKEN, "--json", "--at", "2018-08-01T00:00:00Z")
    assert result.exit_code == 1
    lines = [json.loads(line) for line in result.output.splitlines()]
    errors = [[one for one in line["findings"] if one["severity"] == "error"] for line in lines]
    assert [len(one) for one in errors] == [0, 1]
    assert lines[0]["pact"] == "alpine"


def test_a_pact_checked_outside_its_term_is_an_error() -> None:
    assert foedus("check", STRAITS, "--at", "2021-01-01").exit_code == 0
    result = foedus("check", STRAITS, "--at", "2023-01-01")
    assert result.exit_code == 1
    assert "K2 error IN" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", ALPINE, "--at", "soon"),
        ("explain",),
        ("explain", ALPINE, "--from", "FR"),
        ("explain", ALPINE, "--from", "FR", "--to", "XX"),
        ("explain", ALPINE, "--from", "FR", "--to", "FR"),
        ("explain", ALPINE, "--from", "FR", "--to", "IT", "--zone", "NOWHERE"),
        ("explain", ALPINE, "--from", "FR", "--to", "IT", "--class", "strange"),
        ("frobnicate",),
    ],
    ids=" ".join,
)
def test_a_wrong_call_exits_with_2(arguments: tuple[str, ...]) -> None:
    assert foedus(*arguments).exit_code == 2


def test_the_whole_pact_is_told_clause_by_clause() -> None:
    told = [json.loads(line) for line in foedus("explain", ALPINE, "--json").output.splitlines()]
    assert [line["clause"] for line in told] == [
        "T1",
        "S1",
        "S2",
        "S3",
        "S4",
        "S5",
        "H1",
        "R1",
        "O1",
        "O2",
        "W1",
        "W2",
    ]
    for_people = foedus("explain", ALPINE).output
    assert all(line["clause"] in for_people for line in told)
    assert "in force nowhere" in " ".join(for_people.split())


def test_a_pair_is_answered_for_every_class_and_place() -> None:
    result = foedus("explain", ALPINE, "--from", "FR", "--to", "IT", "--json")
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert [(one["track_class"], one["zones"], one["form"], one["clause"]) for one in answers] == [
        (one.name.lower(), zones, form, clause)
        for one in TrackClass
        for zones, form, clause in (
            ([], "track", "S1"),
            (["FR-RESERVED"], "none", "H1"),
            (["ALPS"], "track", "S1"),
        )
    ]


def test_an_answer_for_people_names_verdict_clause_and_hub() -> None:
    output = foedus(
        "explain", ALPINE, "--from", "FR", "--to", "IT", "--class", "cooperative", "--zone", "FR-RESERVED"
    ).output
    assert "FR to IT, cooperative, inside FR-RESERVED: none by H1" in " ".join(output.split())
    assert "is beaten by H1" in output
    assert "through the hub: none" in output


def test_pact_commands_load_no_compiler() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from foedus.cli.main import cli; "
        f"r = CliRunner().invoke(cli, ['pact', 'check', {ALPINE!r}, '--at', '2018-08-01']); "
        f"e = CliRunner().invoke(cli, ['pact', 'explain', {ALPINE!r}, '--from', 'DE', '--to', 'IT']); "
        "assert (r.exit_code, e.exit_code) == (0, 0); assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("command", [(), ("check",), ("explain",)])
def test_every_command_has_an_example_in_its_help(command: tuple[str, ...]) -> None:
    assert "Example: foedus pact" in foedus(*command, "--help").output
