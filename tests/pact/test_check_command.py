"""The command `foedus pact check`: several files, a world, output for people and machines, exit codes."""

import json
from pathlib import Path

import pytest
from checking import HEAD, RSC, TERM, WORLDS, party, share
from click.testing import CliRunner, Result

from foedus.cli.main import cli

CONSTRUCT = str(WORLDS / "rsc.toml")


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["pact", "check", *arguments, "--at", "2024-06-01"])


def told(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.output.splitlines()]


@pytest.fixture
def bilateral(tmp_path: Path) -> list[str]:
    """Two bilateral pacts that meet in one hub."""
    hub = party("H", "hub")
    texts = {
        "first": party("A") + hub + share("S1", '"A"', '"H"'),
        "second": party("D") + hub + share("S2", '"H"', '"D"', data="picture", form="coarse"),
    }
    files = []
    for name, body in texts.items():
        path = tmp_path / f"{name}.toml"
        path.write_text(HEAD.format(pact=name) + body + TERM, "utf-8")
        files.append(str(path))
    return files


def test_each_finding_has_number_severity_clauses_witness_and_change() -> None:
    result = check(CONSTRUCT, "--json")
    assert result.exit_code == 1
    (file,) = told(result)
    findings = {one["number"]: one for one in file["findings"]}
    assert findings["K4"] == {
        "number": "K4",
        "severity": "error",
        "clauses": ["W1", "O2"],
        "witness": findings["K4"]["witness"],
        "change": "let O2 pass on an alert: "
        'onward = { to = "member", max_form = "alert", strip_source = true }',
    }


def test_people_read_the_change_below_the_finding() -> None:
    output = check(CONSTRUCT).output
    assert "K4 error W1 O2: At IR's attack" in output
    assert "change: let O2 pass on an alert: onward" in output


def test_several_files_are_checked_alone_and_together(bilateral: list[str]) -> None:
    result = check(*bilateral, "--json")
    assert result.exit_code == 1
    files = told(result)
    assert [one["file"] for one in files][2:] == ["first + second"]
    (leak,) = [one for one in files[2]["findings"] if one["severity"] == "error"]
    assert leak["clauses"] == ["first:S1", "second:S2"]
    assert all(one["number"] != "K5" for file in files[:2] for one in file["findings"])


def test_a_world_says_who_can_hold_what(tmp_path: Path) -> None:
    without = RSC.split('\n[[clause]]\nid = "O2"')
    mended = tmp_path / "mended.toml"
    mended.write_text(without[0] + "\n[[clause]]" + without[1].split("[[clause]]", 1)[1], "utf-8")
    assert check(str(mended)).exit_code == 0
    result = check(CONSTRUCT, "--world", str(WORLDS / "sa-alone.toml"), "--json")
    assert [one["clauses"] for one in told(result)[0]["findings"] if one["number"] == "K4"] == [["W1", "O2"]]


def test_a_world_may_name_pacts_that_are_in_force_too(tmp_path: Path, bilateral: list[str]) -> None:
    world = tmp_path / "world.toml"
    world.write_text('foedus = 1\nworld = "w"\npacts = ["second.toml"]\n', "utf-8")
    files = told(check(bilateral[0], "--world", str(world), "--json"))
    assert [one["pact"] for one in files] == ["first", "second", ""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('foedus = 1\nworld = "w"\nwrong = 1\n', "world.toml:3: wrong: found unknown key 'wrong'"),
        ('foedus = 1\nworld = "w"\n[[holder]]\nparty = "XX"\n', "holder[1].party: found 'XX'"),
    ],
)
def test_a_broken_world_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    world = tmp_path / "world.toml"
    world.write_text(text, "utf-8")
    result = check(CONSTRUCT, "--world", str(world), "--json")
    assert result.exit_code == 1
    assert any(words in one["witness"] for file in told(result) for one in file["findings"])
