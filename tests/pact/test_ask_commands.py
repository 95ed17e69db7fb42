"""The commands that ask: `foedus pact explain --situation`, `expect`, `test` and `matrix`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foedus.cli.main import cli

PACTS = Path(__file__).parents[2] / "pacts"
ALPINE = str(PACTS / "alpine.toml")
RSC = str(PACTS / "library" / "rsc.toml")
ORDER = str(PACTS / "library" / "eo-14353.toml")
DRAFT = str(PACTS / "library" / "us-sa-2023.toml")
DOHA = "attacker=IL victim=QA object=land event=attack class=ballistic at=2025-09-09"


def foedus(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["pact", *arguments])


def flat(result: Result) -> str:
    """All that is said, errors too, which the program prints round the commands."""
    return " ".join(f"{result.output} {result.exception or ''}".split())


def test_explain_says_why_not() -> None:
    result = foedus("explain", RSC, "--situation", DOHA)
    assert result.exit_code == 0, result.output
    said = flat(result)
    assert "IL's attack on QA's land" in said
    assert "In force." in said
    assert "W1 (warn) does not speak C1.by: IL is not among IR, IR-ALIGNED" in said


def test_f25_explain_says_for_each_attribution_who_gets_a_track_and_why_no_longer() -> None:
    def who_gets(attacker: str) -> str:
        words = f"{DOHA.replace('IL', attacker)} zones=Z-QA"
        return flat(foedus("explain", RSC, "--situation", words)).partition("Who gets what")[2]

    assert "US gives QA tracks as coarse, after 15 s, anonymised; S2" in who_gets("IR")
    unknown = who_gets("unattributed")
    assert (
        "undetermined whether US gives QA tracks, at most coarse; S2; C1.by: nobody has said who" in unknown
    )
    assert "S2 (share) in doubt C1.by: nobody has said who the attacker is" in unknown
    assert "US gives QA" not in who_gets("IL")
    assert "S2 (share) does not speak C1.by: IL is not among IR, IR-ALIGNED" in who_gets("IL")


def test_explain_says_who_owes_what_by_when_and_how_far_it_binds() -> None:
    said = flat(foedus("explain", RSC, "--situation", DOHA.replace("IL", "IR")))
    assert (
        "US warns QA: alert, within 'immediately' (120 s) from knowing it; binding: none; W1; in effect"
        in said
    )
    assert "BH gives US tracks as track, after 5 s, named; S1" in said


def test_explain_names_what_is_missing_and_what_it_waits_for() -> None:
    said = flat(foedus("explain", DRAFT, "--situation", "event=attack attacker=IR victim=SA at=2025-09-09"))
    assert "Not in force" in said
    assert "missing: signature of US (V1)" in said
    assert "Q1: waits for NORMALISATION" in said


def test_explain_of_several_pacts_says_what_they_oblige_together() -> None:
    later = DOHA.replace("2025-09-09", "2025-10-09")
    said = flat(foedus("explain", RSC, ORDER, "--situation", later))
    assert "Together (rsc, eo-14353)" in said
    assert "eo-14353: US assists QA" in said
    lines = foedus("explain", RSC, ORDER, "--situation", later, "--json").output.splitlines()
    assert [json.loads(line)["pact"] for line in lines] == ["rsc", "eo-14353"]


def test_explain_reads_a_situation_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "doha.toml"
    path.write_text('at = 2025-09-09\nevent = "attack"\nattacker = "IL"\nvictim = "QA"\n')
    asked = json.loads(foedus("explain", RSC, "--situation", str(path), "--json").output)
    assert asked["situation"] == "IL's attack on QA's land"
    path.write_text('at = 2025-09-09\nevent = "attack"\nattacker = "IL"\nvictim = "QAT"\n')
    result = foedus("explain", RSC, "--situation", str(path))
    assert result.exit_code == 1
    assert f"{path}:4: victim: found 'QAT'" in flat(result)


def test_the_roster_of_a_day_is_a_question() -> None:
    nato = str(PACTS / "library" / "north-atlantic-treaty.toml")
    then = [
        json.loads(line)
        for line in foedus("explain", nato, "--roster", "--at", "1950-01-01", "--json").output.splitlines()
    ]
    now = [
        json.loads(line)
        for line in foedus("explain", nato, "--roster", "--at", "2025-01-01", "--json").output.splitlines()
    ]
    count = [sum(one["on_roster"] == "yes" for one in parties) for parties in (then, now)]
    assert count == [12, 32]
    assert "Parties on that day: " in foedus("explain", nato, "--roster", "--at", "1950-01-01").output


def test_a_duty_with_deeds_and_a_clock_has_a_stage() -> None:
    base = DOHA.replace("IL", "IR")
    stages = {}
    for words in ("elapsed_s=100", "elapsed_s=121", "elapsed_s=121 deed=W1:US@60"):
        asked = json.loads(foedus("explain", RSC, "--situation", f"{base} {words}", "--json").output)
        stages[words] = next(one["stage"] for one in asked["owed"] if one["clause"] == "W1")
    assert list(stages.values()) == ["in_effect", "violated", "fulfilled"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("explain", RSC, "--situation", "atacker=IL at=2025-09-09"), 1, "did you mean attacker?"),
        (("explain", RSC, "--situation", "no-such-file.toml"), 1, "no such file"),
        (("explain", RSC, "--situation", DOHA, "--roster"), 2, "ask one"),
        (("explain", RSC, "--situation", DOHA, "--from", "US"), 2, "ask one"),
        (("expect", RSC), 2, "SENTENCE"),
        (("expect", RSC, "Quatar is warned"), 1, "did you mean Qatar?"),
        (("expect", RSC, "Qatar is warned", "--at", "soon"), 2, "no time"),
        (("test", "no-such-folder/x.toml"), 2, "no cases found"),
        (("matrix",), 2, "FILE"),
        (("matrix", RSC, "--event", "party"), 2, "party"),
        (("matrix", RSC, "--data", "gossip"), 2, "gossip"),
    ],
)
def test_a_wrong_question_is_refused_with_a_reason(arguments: tuple[str, ...], code: int, words: str) -> None:
    result = foedus(*arguments)
    assert result.exit_code == code, result.output
    assert words in flat(result)


def test_expect_answers_and_exits_by_it() -> None:
    silent = foedus("expect", RSC, "Qatar is warned of any attack on its territory", "--at", "2025-09-09")
    assert silent.exit_code == 1
    for words in (
        "silent",
        "C1.by: the attacker is not among IR, IR-ALIGNED",
        'C1.by = ["any"]',
        'against = ["any"]',
    ):
        assert words in silent.output
    entailed = foedus(
        "expect",
        RSC,
        "Qatar is warned of any attack on its territory by Iran",
        "--at",
        "2025-09-09",
        "--json",
    )
    assert entailed.exit_code == 0
    assert json.loads(entailed.output)["verdict"] == "entailed"


def test_expect_of_a_pact_that_may_not_be_in_force_names_the_unknown() -> None:
    smda = str(PACTS / "library" / "smda-2025.toml")
    result = foedus("expect", smda, "PK assists SA after any attack on its territory", "--at", "2025-11-01")
    assert result.exit_code == 1
    assert "undetermined" in result.output
    assert "Depends on unknown V1.steps, V2.steps." in result.output


def test_the_cases_of_a_pact_pass() -> None:
    result = foedus("test", ALPINE)
    assert result.exit_code == 0, result.output
    assert "0 failed" in result.output
    lines = [json.loads(line) for line in foedus("test", ALPINE, "--json").output.splitlines()]
    assert all(line["passed"] for line in lines)


def test_a_case_that_fails_is_shown_with_what_was_found_and_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "alpine.toml").write_text(Path(ALPINE).read_text("utf-8"), "utf-8")
    wrong = '[[case]]\nname = "Wrong"\nsituation = { at = 2018-08-01 }\nexpect = ["FR warns IT"]\n'
    (tmp_path / "cases" / "wrong.toml").write_text(f'pact = "../alpine.toml"\n{wrong}')
    result = foedus("test", str(tmp_path / "alpine.toml"))
    assert result.exit_code == 1
    for words in ("FAIL  FR warns IT", "expected: it is so; found: it is not so", "1 failed"):
        assert words in result.output


def test_a_case_file_whose_pact_is_missing_says_so(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    path = tmp_path / "cases" / "lost.toml"
    path.write_text(
        'pact = "../gone.toml"\n[[case]]\nname = "x"\nsituation = { at = 2018-08-01 }\nexpect = ["x"]\n'
    )
    result = foedus("test", str(path))
    assert result.exit_code == 1
    assert "'../gone.toml', which is no file" in flat(result)


def test_matrix_is_a_table_a_picture_and_lines(tmp_path: Path) -> None:
    picture = tmp_path / "alpine.svg"
    result = foedus("matrix", ALPINE, "--at", "2018-08-01", "--svg", str(picture))
    assert result.exit_code == 0, result.output
    assert "from\\to" in result.output
    assert "S5: inside ALPS, unidentified" in result.output
    assert picture.read_text("utf-8").startswith("<svg ")
    lines = [
        json.loads(line)
        for line in foedus("matrix", ALPINE, "--at", "2018-08-01", "--json").output.splitlines()
    ]
    assert len(lines) == 20
    assert {line["form"] for line in lines} == {"track"}


def test_no_column_of_a_wide_matrix_is_cut_off() -> None:
    result = foedus("matrix", RSC, "--at", "2025-09-09")
    head = next(line for line in result.output.splitlines() if "from\\to" in line)
    assert head.split()[1:] == ["US", "IL", "SA", "QA", "BH", "AE", "EG", "JO", "KW", "OM"]


def test_a_draft_is_asked_in_every_variant(tmp_path: Path) -> None:
    draft = tmp_path / "draft.toml"
    bracket = '[[bracket]]\nid = "B1"\nsays = "Who warns."\nchoices = ["now", "never"]\n\n'
    text = Path(ALPINE).read_text("utf-8")
    for clause in ("W1", "W2"):
        text = text.replace(f'id = "{clause}"\n', f'id = "{clause}"\noption = ["B1:now"]\n')
    draft.write_text(text.replace('[[clause]]\nid = "T1"', f'{bracket}[[clause]]\nid = "T1"'), "utf-8")
    asked = foedus(
        "expect", str(draft), "Italy is warned of any unidentified attack", "--at", "2018-08-01", "--json"
    )
    assert asked.exit_code == 1
    assert [json.loads(line)["verdict"] for line in asked.output.splitlines()] == ["entailed", "silent"]
    words = "event=imminent victim=IT class=unidentified at=2018-08-01"
    told = [
        json.loads(line)
        for line in foedus("explain", str(draft), "--situation", words, "--json").output.splitlines()
    ]
    assert [bool(one["owed"]) for one in told] == [True, False]
    refused = foedus("matrix", str(draft))
    assert refused.exit_code == 1
    assert "open brackets (B1)" in flat(refused)


@pytest.mark.parametrize("command", ["explain", "expect", "test", "matrix"])
def test_every_command_that_asks_has_an_example(command: str) -> None:
    assert f"Example: foedus pact {command}" in flat(foedus(command, "--help"))
