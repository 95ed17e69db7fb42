"""K7: what a new text changes in substance."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from drafts import AT, CLAUSES_2023, CLAUSES_2025, clause, draft_2023, draft_2025
from foedus.cli.main import cli
from foedus.pact.comparing.boxes import boxes, point_of, space_of
from foedus.pact.comparing.diff import diff
from foedus.pact.comparing.differences import Field
from foedus.pact.force import Fact


def changes(found, how, kind):
    return [one for one in found.changes if (one.how, one.kind) == (how, kind)]


def notes(found, about):
    return [note.says for note in found.notes if note.about == about]


@pytest.fixture(scope="module")
def drafts():
    return diff(draft_2023(), draft_2025(), at=AT)


def test_a_text_does_not_differ_from_itself():
    found = diff(draft_2023(), draft_2023(), at=AT)
    assert found.changes == ()
    assert [note for note in found.notes if note.about != "unknown"] == []


def test_attacks_that_only_one_draft_answers_are_counted_by_attacker_victim_and_object(drafts):
    # 2023 alone: US at home (land, airspace, infra_onshore, forces_home) and forces abroad of both (2), by
    # each of IR, OUTSIDER and one unattributed: 6 x 3 = 18. 2025 alone: SA's infra_offshore by those three
    # and by US (4), and US on SA's land, airspace, infra_onshore, forces_home (4), for `by: any` includes
    # the guarantor. Both: those four of SA's by the three.
    (says,) = notes(drafts, "attacks")
    assert "18 only before" in says
    assert "8 only after" in says
    assert says.endswith("12 in both")
    assert "SA's infra_offshore by 4 attackers" in says
    assert "SA's land by US" in says


def test_F08_mutual_that_became_one_way_is_flagged(drafts):
    assert notes(drafts, "direction") == [
        "regard: mutual became one-way; now owed by US to SA",
        "assist: mutual became one-way; now owed by US to SA",
    ]


def test_F08_the_level_of_the_trigger_is_flagged():
    no_threat = clause(
        "N1", "consult", casus="C1", by="any", to="any", level="senior", within_s="immediately"
    )
    found = diff(draft_2023(), draft_2023(N1=no_threat), at=AT)
    assert notes(found, "trigger") == ["consult: owed at threat or attack before, at attack now"]


def test_F05_missing_approvals_are_named_per_party_whatever_the_texts_say_once_in_force(drafts):
    old, new = drafts.standing
    assert (old.in_force, new.in_force) == ("no", "no")
    assert old.missing == ("US: signature", "US: legislature_notice", "SA: royal_decree")
    assert new.missing == ("US: presidential_signature",)
    assert drafts.supposed == "once in force"


def test_as_is_two_drafts_that_are_not_in_force_demand_the_same_nothing():
    assert diff(draft_2023(), draft_2025(), at=AT, as_is=True).changes == ()


def test_as_is_a_recorded_signature_brings_the_order_into_force():
    fact = Fact(what="approved", of="presidential_signature", by="US", at=AT)
    found = diff(draft_2023(), draft_2025(), at=AT, as_is=True, facts=(fact,))
    assert {one.how for one in found.changes} == {"only after"}
    assert found.standing[1].in_force == "yes"


def test_duties_gone_and_new_are_named(drafts):
    gone = {one.kind for one in drafts.changes if one.how == "only before"}
    assert {"consult", "forbear", "regard", "assist"} <= gone
    (warn,) = changes(drafts, "only after", "warn")
    assert warn.clauses == ("W1",)
    assert warn.pairs == ("US to SA",)


def test_a_condition_that_is_gone_is_named(drafts):
    assert notes(drafts, "condition") == ["gone: G1, A1 wait for TIES"]
    assert notes(drafts, "milestone") == ["gone: TIES: ties are normalised"]


def test_the_notice_of_exit_is_compared(drafts):
    assert notes(drafts, "exit") == ["365 d notice by any before, 0 d notice by US now"]


def test_what_both_owe_otherwise_is_incomparable(drafts):
    (assist,) = changes(drafts, "incomparable", "assist")
    assert assist.before[0].startswith("A1: act to meet common danger, discretion constitutional processes")
    assert assist.after[0].startswith("A1: all lawful and appropriate, discretion executive")
    assert assist.witness == "IR's attack on SA's land in gulf"


def test_a_new_duty_where_data_come_sooner_is_said_to_bring_nothing_sooner(drafts):
    (says,) = notes(drafts, "idle")
    assert says.startswith("W1 is new, but brings nothing sooner than S1 where both hold")


def test_a_warning_that_comes_before_the_data_is_not_idle():
    slow = CLAUSES_2023["S1"].replace("delay_s = 60", "delay_s = 121")
    assert notes(diff(draft_2023(), draft_2025(S1=slow), at=AT), "idle") == []


def test_a_stronger_standard_is_stronger_and_back_again_weaker():
    more = CLAUSES_2023["A1"].replace("act_to_meet_common_danger", "assist_as_deemed_necessary")
    found = diff(draft_2023(), draft_2023(A1=more), at=AT)
    assert {(one.how, one.kind) for one in found.changes} == {("stronger", "assist")}
    back = diff(draft_2023(A1=more), draft_2023(), at=AT)
    assert {(one.how, one.kind) for one in back.changes} == {("weaker", "assist")}
    assert [one.situations for one in found.changes] == [one.situations for one in back.changes]


def test_a_form_that_grows_while_its_delay_grows_too_is_incomparable():
    other = CLAUSES_2023["S1"].replace('"region"', '"coarse"').replace("delay_s = 60", "delay_s = 90")
    found = diff(draft_2023(), draft_2023(S1=other), at=AT)
    assert {(one.how, one.kind) for one in found.changes} == {("incomparable", "data")}


def test_an_undetermined_duty_that_becomes_owed_is_stronger():
    # by external an unattributed attack is undetermined; by anybody it is answered
    found = diff(draft_2023(), draft_2023(C1=CLAUSES_2023["C1"].replace('["external"]', '["any"]')), at=AT)
    assert all("attack by unattributed" in one.boxes[0] for one in changes(found, "stronger", "regard"))
    assert changes(found, "stronger", "regard")
    assert not changes(found, "cannot be told", "regard")


# ---------------------------------------------------------------- what is unknown


UNKNOWN_BY = CLAUSES_2023["C1"].replace('["external"]', '["unknown"]')


def test_F15_what_rests_on_an_unknown_term_cannot_be_told_and_names_it():
    found = diff(draft_2023(), draft_2023(C1=UNKNOWN_BY), at=AT)
    assert found.changes
    assert {one.how for one in found.changes} == {"cannot be told"}
    assert all(one.unknown == ("C1.by",) for one in found.changes)


def test_F15_an_unknown_term_in_both_texts_is_never_equal_if_anything_else_of_the_clause_changed():
    other = UNKNOWN_BY.replace('object = ["territory", "forces"]', 'object = ["territory"]')
    found = diff(draft_2023(C1=UNKNOWN_BY), draft_2023(C1=other), at=AT)
    assert {one.how for one in found.changes} >= {"cannot be told"}


def test_an_unknown_term_of_an_unchanged_clause_is_the_same_unknown_and_is_said():
    found = diff(draft_2023(C1=UNKNOWN_BY), draft_2023(C1=UNKNOWN_BY, B1=None), at=AT)
    assert {one.kind for one in found.changes} == {"forbear"}
    assert "C1: unknown in both texts, and taken for the same: by" in notes(found, "unknown")


# ---------------------------------------------------------------- changes from which nothing follows


def test_a_changed_clause_from_which_nothing_follows_is_said_to_be_idle():
    # `land` is part of `territory`
    wider = CLAUSES_2023["C1"].replace('"territory", "forces"', '"territory", "land", "forces"')
    found = diff(draft_2023(), draft_2023(C1=wider), at=AT)
    assert found.changes == ()
    assert notes(found, "text") == ["C1 changed (object), and nothing follows from it"]


def test_a_second_clause_that_says_the_same_again_brings_nothing():
    twice = CLAUSES_2023["N1"].replace('id = "N1"', 'id = "N2"')
    found = diff(draft_2023(), draft_2023(N2=twice), at=AT)
    assert found.changes == ()
    assert notes(found, "text") == ["N2 is new, and nothing follows from it"]


def test_a_second_clause_whose_time_limit_is_unknown_cannot_be_told():
    # A2 may have a shorter limit than A1: that of neither is known
    twice = CLAUSES_2023["A1"].replace('id = "A1"', 'id = "A2"')
    found = diff(draft_2023(), draft_2023(A2=twice), at=AT)
    assert {one.how for one in found.changes} == {"cannot be told"}


def test_a_clause_whose_wording_alone_changed_is_said_so():
    found = diff(
        draft_2023(), draft_2023(A1=CLAUSES_2023["A1"].replace('text = "t"', 'text = "other"')), at=AT
    )
    assert found.changes == ()
    assert notes(found, "text") == ["A1: only the words about it changed"]


def test_a_change_that_matters_is_not_called_idle(drafts):
    assert notes(drafts, "text") == [
        "C2 is gone, and nothing follows from it"
    ]  # with N1 gone, nobody names it


# ---------------------------------------------------------------- boxes


def test_boxes_cover_exactly_the_points_and_cannot_grow():
    field = Field((draft_2023(), draft_2025()), at=AT)
    space = space_of(cell.situation for cell in field.cells)
    inside = [
        point_of(cell.situation)
        for cell in field.cells
        if cell.situation.victim == "SA"
        and (cell.situation.object == "land") != (cell.situation.attacker == "IR")
    ]
    found = boxes(inside, space)

    def holds(box, point):
        return all(value in values for value, values in zip(point, box, strict=True))

    covered = {point for point in space.points if any(holds(box, point) for box in found)}
    assert covered == set(inside)
    for box in found:
        for i, values in enumerate(space.values):
            for value in values:
                if value in box[i] or value in ("", "none"):
                    continue
                grown = [*box[:i], (*box[i], value), *box[i + 1 :]]
                new = {point for point in space.points if holds(grown, point)} - {
                    point for point in space.points if holds(box, point)
                }
                assert not new or not new <= set(inside), (box, i, value)


# ---------------------------------------------------------------- the command


@pytest.fixture
def files(tmp_path):
    from drafts import HEAD, MILESTONE, ZONE

    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    head = {"version": "2023", "date": "2023-09-01", "binding": "law", "form": "executive_agreement"}
    old.write_text(HEAD.format(**head, immediately=3600) + MILESTONE + ZONE + "".join(CLAUSES_2023.values()))
    head = {"version": "2025", "date": "2025-11-01", "binding": "unilateral", "form": "executive_order"}
    new.write_text(HEAD.format(**head, immediately=120) + ZONE + "".join(CLAUSES_2025.values()))
    return str(old), str(new)


def test_the_command_prints_standing_changes_and_notes(files):
    result = CliRunner().invoke(cli, ["pact", "diff", *files, "--at", "2026-01-01"])
    assert result.exit_code == 0, result.output
    assert "us-sa 2023 in force on 2026-01-01: no; missing: US: signature" in result.output
    assert "direction: assist: mutual became one-way" in result.output


def test_the_command_prints_one_json_object_per_line(files):
    result = CliRunner().invoke(cli, ["pact", "diff", *files, "--at", "2026-01-01", "--json"])
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert [row["row"] for row in rows[:3]] == ["diff", "standing", "standing"]
    assert {row["row"] for row in rows[3:]} == {"change", "note"}


def test_the_command_says_the_same_in_every_run(files):
    code = "import sys; from foedus.cli.main import cli; cli(sys.argv[1:])"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, "pact", "diff", *files, "--at", "2026-01-01", "--json"],
            capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(outputs) == 1


def test_a_draft_with_brackets_is_compared_variant_by_variant(tmp_path, files):
    new = tmp_path / "open.toml"
    bracket = '[[bracket]]\nid = "REACH"\nsays = "whose attacks are warned of"\nchoices = ["all", "outer"]\n'
    narrow = CLAUSES_2025["W1"].replace('id = "W1"', 'id = "W2"') + 'against = ["external"]\n'
    text = Path(files[1]).read_text("utf-8").replace(CLAUSES_2025["W1"], "")
    new.write_text(
        text
        + bracket
        + CLAUSES_2025["W1"]
        + 'option = ["REACH:all"]\n'
        + narrow
        + 'option = ["REACH:outer"]\n'
    )
    result = CliRunner().invoke(cli, ["pact", "diff", files[1], str(new), "--at", "2026-01-01"])
    assert result.exit_code == 0, result.output
    assert result.output.count("compared once in force") == 2
    first, second = result.output.split("us-sa 2025 -> ")[1:]
    assert "nothing changes in substance" in first
    assert "only before warn" in second
    assert "attack by US on SA's" in second
