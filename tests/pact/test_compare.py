"""Two instruments beside each other: the four answers, witnesses, aspects, clauses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from drafts import AT, CLAUSES_2023, clause, draft_2023, draft_2025
from foedus.cli.main import cli
from foedus.pact.comparing.align import aligned_pair, as_promised, sides
from foedus.pact.comparing.compare import compare
from foedus.pact.comparing.strength import Order
from foedus.pact.reading.text import read_pact

LIBRARY = Path(__file__).parents[2] / "pacts" / "library"


@pytest.fixture(scope="module")
def nato():
    return read_pact(LIBRARY / "north-atlantic-treaty.toml")


@pytest.fixture(scope="module")
def japan():
    return read_pact(LIBRARY / "us-japan.toml")


def aspects(found):
    return {one.name: one.order for one in found.aspects}


def test_a_pact_is_equal_to_itself():
    assert compare(draft_2023(), draft_2023(), at=AT).order == Order.EQUAL


def test_without_a_clause_it_is_weaker_and_says_where():
    found = compare(draft_2023(A1=None, Q1=None), draft_2023(Q1=None), at=AT)
    assert found.order == Order.WEAKER
    assert found.witness[0].startswith("more there in reach: IR's attack on")
    assert "against nothing" in found.witness[0]


def test_nato_and_us_japan_are_incomparable_by_place_and_by_strength_with_two_witnesses(nato, japan):
    found = compare(nato, japan, at=AT)
    assert found.order == Order.INCOMPARABLE
    assert found.roles == ("ALLY = BE or JP",)
    strength = next(words for words in found.witness if words.startswith("more here in strength"))
    assert "attack on all, against G1 dangerous to own peace" in strength
    place = next(words for words in found.witness if words.startswith("more there in reach"))
    assert "on ALLY's land in east asia" in place
    assert "against nothing" in place
    named = aspects(found)
    assert named["casus: place"] == Order.INCOMPARABLE
    assert (named["regard"], named["assist"]) == (Order.STRONGER, Order.STRONGER)
    assert named["discretion"] == Order.INCOMPARABLE


def test_seen_from_the_other_side_every_answer_is_turned(nato, japan):
    turn = {Order.STRONGER: Order.WEAKER, Order.WEAKER: Order.STRONGER}
    here, there = compare(nato, japan, at=AT), compare(japan, nato, at=AT)
    assert {name: turn.get(order, order) for name, order in aspects(here).items()} == aspects(there)
    assert there.order == Order.INCOMPARABLE


def test_F03_beside_nato_every_clause_is_weaker_stronger_or_incomparable_with_a_witness(nato):
    found = compare(draft_2025(), nato, at=AT)
    assert found.order == Order.INCOMPARABLE  # the Gulf is outside Article 6
    clauses = {(one.clause, one.missing): one for one in found.clauses}
    assert clauses["G1", False].order == Order.INCOMPARABLE
    assert clauses["W1", False].order == Order.STRONGER
    assert clauses["N1", True].order == Order.WEAKER  # report to the Security Council: nothing of the kind
    assert all(one.witness for one in found.clauses if one.order != Order.UNKNOWN)
    named = aspects(found)
    assert (named["regard"], named["binding"], named["exit"]) == (Order.WEAKER,) * 3
    assert (named["direction"], named["consult"]) == (Order.WEAKER,) * 2
    assert (named["warn"], named["data"]) == (Order.STRONGER,) * 2


def test_F03_a_pact_that_falls_short_of_nato_in_each_respect_is_weaker(nato):
    # the words of NATO's Article 5 for less of its area and with less regard
    casus = clause(
        "C1", "casus", event=["armed_attack"], object=["land"], of="any", loci=["europe"], by=["any"],
    )  # fmt: skip
    regard = clause("G1", "regard", casus="C1", by="any", as_="grave_concern")
    none = dict.fromkeys(CLAUSES_2023, None)
    short = draft_2023(**(none | {"C1": casus, "G1": regard, "T1": CLAUSES_2023["T1"]}))
    found = compare(short, nato, at=AT)
    assert found.order == Order.WEAKER
    assert {one.order for one in found.clauses if not one.missing} == {Order.WEAKER}


def test_a_party_may_be_read_as_another(nato, japan):
    found = compare(nato, japan, at=AT, names={"JP": "GB"})
    assert found.order == Order.INCOMPARABLE
    assert found.roles == ("GB = GB or JP",)
    (place,) = [one for one in found.aspects if one.name == "casus: place"]
    assert "GB's territory in east_asia" in place.there
    assert "GB's territory in east_asia" not in place.here


def test_an_unknown_place_makes_the_aspect_undetermined_not_equal():
    hidden = CLAUSES_2023["C1"].replace('["gulf", "north_america"]', '["gulf", "unknown"]')
    found = compare(draft_2023(C1=hidden), draft_2023(), at=AT)
    assert aspects(found)["casus: place"] == Order.UNKNOWN


def test_a_way_out_that_is_unknown_cannot_be_placed():
    hidden = CLAUSES_2023["T1"].replace("notice_d = 365", 'notice_d = "unknown"')
    none = clause("T1", "term")
    for other in (hidden, none):
        assert aspects(compare(draft_2023(T1=other), draft_2023(), at=AT))["exit"] == Order.UNKNOWN


def test_two_unknown_levels_of_consultation_are_never_equal(nato, japan):
    assert aspects(compare(nato, japan, at=AT))["consult"] == Order.UNKNOWN


# ---------------------------------------------------------------- alignment


def test_once_in_force_neither_approvals_nor_conditions_stand():
    pact = as_promised(draft_2023())
    assert [clause.id for clause in pact.clause] == ["C1", "C2", "G1", "A1", "N1", "S1", "B1", "T1"]


def test_a_dated_suspension_between_two_parties_stands_once_in_force():
    dated = clause("Q2", "suspend", on=["A1"], since="2025-01-01")
    ids = [one.id for one in as_promised(draft_2023(Q2=dated)).clause]
    assert "Q2" in ids


def test_the_sides_are_the_guarantor_and_the_ally(nato):
    assert sides(draft_2023(), at=AT) == ("US", "SA")
    assert sides(nato, at=AT) == ("US", "BE")


def test_pacts_with_two_common_parties_are_compared_between_these(nato):
    one, other = aligned_pair(draft_2023(), draft_2025(), at=AT).pacts
    assert [party.id for party in one.party] == [party.id for party in other.party] == ["US", "SA"]


def test_places_stay_where_they_are_whoever_the_ally_is(nato, japan):
    one, other = aligned_pair(nato, japan, at=AT).pacts
    homes = [next(party.regions for party in pact.party if party.id == "ALLY") for pact in (one, other)]
    assert homes == [("europe", "east_asia")] * 2


# ---------------------------------------------------------------- the command


FILES = [str(LIBRARY / name) for name in ("north-atlantic-treaty.toml", "us-japan.toml")]


def test_the_command_answers_first():
    result = CliRunner().invoke(cli, ["pact", "compare", *FILES, "--at", "2026-11-30"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("nato 1949 beside us-japan 1960: incomparable\n")


def test_the_command_prints_one_json_object_per_line():
    result = CliRunner().invoke(cli, ["pact", "compare", *FILES, "--at", "2026-11-30", "--json"])
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert rows[0]["order"] == "incomparable"
    assert {row["row"] for row in rows} == {"comparison", "aspect", "clause"}


def test_a_party_that_neither_has_is_named():
    result = CliRunner().invoke(cli, ["pact", "compare", *FILES, "--as", "XX=GB"])
    assert result.exit_code == 2
    assert "'XX' is no party of us-japan" in result.output
