"""The ATOP-style coding: each rule with its smallest example."""

import csv
import io
from pathlib import Path

from click.testing import CliRunner

from drafts import AT, CLAUSES_2023, clause, draft_2023, draft_2025
from foedus.cli.main import cli
from foedus.pact.comparing.atop import COLUMNS, atop
from foedus.pact.reading.text import read_pact

LIBRARY = Path(__file__).parents[2] / "pacts" / "library"


def rows(pact):
    return {row.value("member"): row for row in atop(pact, at=AT)}


def coded(pact, *names, member=""):
    return tuple(rows(pact)[member].value(name) for name in names)


def test_there_is_a_row_for_the_pact_and_one_for_each_member():
    assert list(rows(draft_2023())) == ["", "US", "SA"]


def test_a_promise_to_assist_is_a_defence_pact_and_nothing_is_ever_offence():
    assert coded(draft_2023(), "defense", "consul", "offense", "neutral") == ("1", "1", "0", "0")


def test_deciding_jointly_is_no_promise_of_support():
    joint = CLAUSES_2023["A1"].replace("act_to_meet_common_danger", "decide_jointly")
    assert coded(draft_2023(A1=joint), "defense") == ("0",)


def test_an_unknown_standard_is_empty_and_named():
    hidden = CLAUSES_2023["A1"].replace("act_to_meet_common_danger", "unknown")
    value, unknown = coded(draft_2023(A1=hidden), "defense", "unknown")
    assert value == ""
    assert "A1.standard" in unknown.split()


def test_one_side_that_owes_makes_it_asymmetric():
    assert coded(draft_2025(), "asymm") == ("1",)
    assert coded(draft_2025(), "defense", member="US") == ("1",)
    assert coded(draft_2025(), "defense", member="SA") == ("0",)
    assert coded(draft_2023(), "asymm") == ("0",)


def test_named_attackers_are_a_condition_and_a_specific_threat():
    assert coded(draft_2023(), "defcoadv", "specthrt") == ("0", "0")
    named = CLAUSES_2023["C1"].replace('["external"]', '["IR"]')
    assert coded(draft_2023(C1=named), "defcoadv", "specthrt", "defcon", "conditio") == ("1", "1", "1", "1")
    hidden = CLAUSES_2023["C1"].replace('["external"]', '["unknown"]')
    assert coded(draft_2023(C1=hidden), "defcoadv") == ("",)


def test_a_member_that_promises_nothing_has_no_conditions():
    named = CLAUSES_2023["C1"].replace('["external"]', '["IR"]')
    assert coded(draft_2025(C1=named), "defcoadv", "defcoloc", "conditio", member="SA") == ("0", "0", "0")


def test_named_places_are_a_condition_and_anywhere_is_none():
    assert coded(draft_2023(), "defcoloc") == ("1",)
    anywhere = CLAUSES_2023["C1"].replace('loci = ["gulf", "north_america"]', 'loci = ["anywhere"]')
    assert coded(draft_2023(C1=anywhere), "defcoloc", "defcon") == ("0", "0")


def test_an_exclusion_of_provoked_attacks_is_a_condition():
    assert coded(draft_2023(), "defconpr") == ("0",)
    text = CLAUSES_2023["C1"] + 'exclude = ["self_provoked"]\n'
    assert coded(draft_2023(C1=text), "defconpr") == ("1",)


def test_non_aggression_is_a_forbearance():
    assert coded(draft_2023(), "nonagg") == ("0",)
    text = clause("B1", "forbear", by="any", acts=["aggression"])
    assert coded(draft_2023(B1=text), "nonagg") == ("1",)
    text = clause("B1", "forbear", by="any", acts=["unknown"])
    assert coded(draft_2023(B1=text), "nonagg", "noothall") == ("", "")


def test_length_and_the_way_out():
    assert coded(draft_2023(), "length", "renounce") == ("10", "3")
    assert coded(draft_2025(), "length", "renounce") == ("", "1")
    none = clause("T1", "term")
    assert coded(draft_2023(T1=none), "renounce") == ("",)


def test_a_draft_is_not_in_effect():
    assert coded(draft_2023(), "ineffect") == ("0",)


def test_a_text_that_is_not_published_has_an_unknown_secrecy_unless_it_says_so():
    assert coded(draft_2023(), "pubsecr") == ("",)
    text = clause("L1", "record", secrecy=["existence"])
    assert coded(draft_2023(L1=text), "pubsecr", "secrart") == ("1", "0")


def test_the_published_alliances_are_what_they_are_known_as():
    nato = read_pact(LIBRARY / "north-atlantic-treaty.toml")
    assert coded(nato, "begyr", "defense", "consul", "defcoloc", "defcoadv") == ("1949", "1", "1", "1", "0")
    mnna = read_pact(LIBRARY / "mnna.toml")
    assert coded(mnna, "defense", "consul", "nonagg") == ("0", "0", "0")


def test_the_command_writes_one_header_and_a_line_for_each_row():
    file = str(LIBRARY / "us-japan.toml")
    result = CliRunner().invoke(cli, ["pact", "atop", file, file, "--csv", "--at", "2026-11-30"])
    assert result.exit_code == 0, result.output
    lines = list(csv.DictReader(io.StringIO(result.output)))
    assert tuple(lines[0]) == COLUMNS
    assert [line["member"] for line in lines] == ["", "JP", "US"] * 2


def test_every_variable_has_its_rule_in_the_manual():
    manual = (LIBRARY.parents[1] / "docs" / "comparing.md").read_text("utf-8")
    rules = {
        word.strip(",") for line in manual.splitlines() if line.startswith("| ") for word in line.split()
    }
    assert [name for name in COLUMNS[3:-1] if name not in rules] == []
