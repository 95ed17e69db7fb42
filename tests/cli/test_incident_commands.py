"""The commands of incidents, ledgers and claims."""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foedus.cli.main import cli
from foedus.errors import DocumentError

ROOT = Path(__file__).parents[2]
DOHA = "incidents/doha-2025.toml"
ABQAIQ = "incidents/abqaiq-2019.toml"
RSC = "pacts/library/rsc.toml"
CLAUSE = "incidents/clauses/warn-against-any.toml"
OPEN = ("ledger", "open")
SHA = "0" * 63 + "1"


@pytest.fixture(autouse=True)
def _in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def foedus(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def said(*arguments: str) -> str:
    result = foedus(*arguments)
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return " ".join(result.output.split())


def test_f19_judge_says_no_duty_to_warn_and_names_c1_by() -> None:
    assert "no duty to warn: W1: C1.by: IL is not among IR, IR-ALIGNED" in said(
        "incident", "judge", DOHA, "--pact", RSC
    )


def test_f31_judge_with_one_clause_more_gives_minutes_and_seconds_for_each_account() -> None:
    text = said("incident", "judge", DOHA, "--pact", RSC, "--add-clause", CLAUSE)
    assert "a duty to warn: W2" in text
    assert "QA, according to white_house: perhaps breached, in [-7080*, 0*] s" in text
    assert (
        "known according to us_air_commander, done according to qatar_pm: breached, in [-480*, 120] s" in text
    )
    assert "warning before zero: [1*, 10*] min if given at once, [0*, 8*] min if just in time" in text


def test_f07_judge_with_an_unknown_attacker_says_undetermined_and_never_no() -> None:
    text = said("incident", "judge", ABQAIQ, "--pact", RSC, "--as-if", "2024-09-14")
    assert "If the attacker is not named" in text
    assert "undetermined whether to warn: W1: C1.by: nobody has said who the attacker is" in text
    assert "no duty to warn" not in text


def test_judge_gives_one_json_object_for_each_row_and_pact() -> None:
    result = foedus("incident", "judge", DOHA, "--pact", RSC, "--add-clause", CLAUSE, "--json")
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert [list(row) for row in rows[:2]] == [["minutes_of_warning"], ["minutes_of_warning"]]
    assert rows[0]["minutes_of_warning"]["placeholders"] == ["white_house warn_received.lo"]
    assert (rows[-1]["pact"], rows[-1]["version"]) == ("rsc", "2024.1 with W2")


def test_show_stars_what_nobody_has_stated() -> None:
    text = said("incident", "show", DOHA)
    assert "US: [-480*, -1*] min, according to white_house" in text
    assert "QA: [-10, -10] min, after zero, according to qatar_pm" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("incident", "judge", DOHA), "--pact"),
        (("incident", "judge", DOHA, "--pact", RSC, "--as-if", "soon"), "'soon' is no date"),
        ((*OPEN, "l", "--pact", RSC), "either --situation or --incident"),
        ((*OPEN, "l", "--pact", RSC, "--incident", DOHA), "--incident and --account stand together"),
        ((*OPEN, "l", "--pact", RSC, "--incident", DOHA, "--account", "z"), "'z' is none of white_house"),
        (("ledger", "meet", "l", "x", "--by", "QA", "--form", "message"), "either --file or --sha256"),
        (("claim", "incidents/claims/doha-rsc.toml", "--claimant", "QA"), "No such option '--claimant'"),
    ],
)
def test_a_wrong_call_is_told_and_ends_with_2(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    result = foedus(*[str(tmp_path / one) if one == "l" else one for one in arguments])
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize(
    ("word", "name", "count"), [("LEDGER", "doha-2025.jsonl", 6), ("REMEDIED", "us-sa-warn.jsonl", 3)]
)
def test_a_ledger_of_the_manual_is_what_its_commands_make(
    tmp_path: Path, word: str, name: str, count: int
) -> None:
    manual = (ROOT / "docs" / "incident.md").read_text("utf-8")
    made = tmp_path / "made.jsonl"
    commands = re.findall(rf"^foedus (ledger .* {word} .*)$", manual, re.MULTILINE)
    assert len(commands) == count
    for command in commands:
        said(*[str(made) if part == word else part for part in shlex.split(command)])
    assert made.read_bytes() == (ROOT / "incidents" / "ledgers" / name).read_bytes()


def opened(tmp_path: Path) -> str:
    file = str(tmp_path / "l.jsonl")
    said(*OPEN, file, "--pact", RSC, "--situation", "at=2025-01-01", "--debtor", "US", "--at", "2025-01-01")
    return file


def test_evidence_is_kept_by_its_hash_alone(tmp_path: Path) -> None:
    file = opened(tmp_path)
    statement = tmp_path / "statement.txt"
    statement.write_text("a drill of the test", "utf-8")
    text = said(
        "ledger", "meet", file, "rsc.X1.US.1", "--by", "QA", "--form", "statement", "--file", str(statement),
        "--done", "2025-03-01", "--at", "2025-03-02",
    )  # fmt: skip
    assert "rsc.X1.US.1: fulfilled 2025-03-01" in text
    kept = Path(file).read_text("utf-8")
    assert "a drill of the test" not in kept
    assert "sha256" in kept
    rows = said("ledger", "status", file, "--at", "2026-01-01", "--json").split("\n")
    assert '"stage":"violated"' in rows[0]  # the next exercise, which was due half a year later


def test_a_refused_entry_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    file = opened(tmp_path)
    before = Path(file).read_bytes()
    result = foedus(
        "ledger", "contest", file, "rsc.X9.US.1", "--by", "QA", "--says", "x", "--at", "2025-02-01"
    )
    assert "the id of an obligation that was opened" in str(result.exception)
    early = foedus(
        "ledger", "contest", file, "rsc.X1.US.1", "--by", "QA", "--says", "x", "--at", "2024-02-01"
    )
    assert "a time not before" in str(early.exception)
    assert Path(file).read_bytes() == before


def test_a_ledger_that_was_tampered_with_is_neither_read_nor_grown(tmp_path: Path) -> None:
    file = opened(tmp_path)
    Path(file).write_bytes(Path(file).read_bytes().replace(b'"debtor":"US"', b'"debtor":"IL"'))
    for call in (("status", file), ("contest", file, "rsc.X1.US.1", "--by", "QA", "--says", "x")):
        assert "it was changed" in str(foedus("ledger", *call).exception)


def test_turn_settles_and_status_without_record_writes_nothing(tmp_path: Path) -> None:
    file = opened(tmp_path)
    text = said("ledger", "turn", file, "rsc.X1.US.1", "ended", "--by", "council", "--at", "2025-02-01")
    assert "rsc.X1.US.1: expired 2025-02-01" in text
    before = Path(file).read_bytes()
    said("ledger", "status", file, "--at", "2030-01-01")
    assert Path(file).read_bytes() == before
    said("ledger", "status", file, "--at", "2030-01-01", "--record")
    assert Path(file).read_bytes().startswith(before)
    assert len(Path(file).read_bytes()) > len(before)


def test_f27_an_exercise_of_the_construct_is_in_effect_when_due_and_violated_a_second_later(
    tmp_path: Path,
) -> None:
    file = opened(tmp_path)
    status = ("ledger", "status", file, "--at")
    assert said(*status, "2025-06-30").startswith("rsc.X1.US.1: in effect")
    late = said(*status, "2025-06-30T00:00:01Z")
    assert "rsc.X1.US.1: violated 2025-06-30" in late
    assert "rsc.X1.US.1.p2: in effect" in late
    assert "due 2025-12-27 opened by rsc.X1.US.1" in late


def test_status_shows_what_was_recorded_by_that_time_and_nothing_later(tmp_path: Path) -> None:
    file = opened(tmp_path)
    said("ledger", "turn", file, "rsc.X1.US.1", "ended", "--by", "council", "--at", "2025-02-01")
    assert "rsc.X1.US.1: in effect" in said("ledger", "status", file, "--at", "2025-01-31")
    assert "rsc.X1.US.1: expired" in said("ledger", "status", file, "--at", "2025-02-01")
    assert said("ledger", "status", file, "--at", "2024-12-31") == "no obligation was opened"


def test_f28_the_claims_of_a_document_are_each_found_with_their_lines() -> None:
    assert "K1: QA against US under W1 of rsc 2024.1: not owed (asked: violated) C1.by" in said(
        "claim", "incidents/claims/doha-rsc.toml"
    )
    words = said("claim", "incidents/claims/doha-rsc-warn.toml")
    assert "K2: QA against US under W2 of rsc 2024.1 with W2: violated the deadline passed" in words
    assert "It rests on bounds that nobody has stated: us_officials_press hub_knows.lo" in words
    assert "doha-2025.toml:141: according to qatar_pm" in words
    assert "K3: QA against US under W2 of rsc 2024.1 with W2: undetermined (asked: violated)" in words
    assert "K5: QA against US under W2 of rsc 2024.1 with W2: violated the ledger has it as violated" in words
    assert "The claim leaves out: incidents/ledgers/doha-2025.jsonl:5: statement by US" in words


def test_claims_are_json_objects_in_the_order_of_the_document() -> None:
    result = foedus("claim", "incidents/claims/doha-rsc-warn.toml", "--json")
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert [(row["claim"], row["asked"], row["finding"]) for row in rows] == [
        ("K2", "violated", "violated"),
        ("K3", "violated", "undetermined"),
        ("K4", "violated", "undetermined"),
        ("K5", "violated", "violated"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('claimant = "QA"', 'claimant = "XX"', "claim[1].claimant: found 'XX'"),
        (
            'known = ["us_officials_press"]',
            'known = ["z"]',
            "claim[1].known[1]: found 'z'; expected one",
        ),
        ('"rsc.W2.US.1"', '"rsc.W2.US.9"', "claim[3].obligation: found 'rsc.W2.US.9'"),
        ("entries = [3,", "entries = [33,", "claim[4].entries[1]: found 33; expected a line from 1 to 6"),
    ],
)
def test_a_claim_that_names_what_its_evidence_does_not_have_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, where: str
) -> None:
    text = (ROOT / "incidents" / "claims" / "doha-rsc-warn.toml").read_text("utf-8")
    text = text.replace("../../pacts", str(ROOT / "pacts")).replace('"../', f'"{ROOT}/incidents/')
    changed = tmp_path / "claims.toml"
    changed.write_text(text.replace(before, after, 1), "utf-8")
    result = foedus("claim", str(changed))
    assert isinstance(result.exception, DocumentError)
    assert where in str(result.exception)
    assert result.exception.line > 0
