"""The judge finds planted bugs, and nothing in what the correct program does; bench.judge tries all."""

import msgspec
import pytest
from tests.judge.planted import (
    FACTS,
    NODES,
    PACT,
    PLANTS,
    TAPE,
    TEXT,
    correct,
    is_caught,
    with_clause,
)  # fmt: skip

import foedus.judge.judge as judge_module
from foedus.errors import InputError
from foedus.judge.finding import accusations
from foedus.judge.judge import judge

RUN_HERE = (
    "forgets a withhold",
    "ignores ORCON at the hub",
    "does not warn",
    "forwards after a party has left",
    "the hub drops a cancel",
)
"""One of each way to err, each with a run of its own; the others run in bench.judge."""


@pytest.mark.parametrize("seed", [1, 2])
def test_the_correct_program_is_accused_of_nothing(seed):
    assert accusations(judge(PACT, correct(seed))) == ()


def test_what_the_truth_does_not_settle_is_undetermined_with_the_reason():
    found = judge(PACT, correct(1))
    assert {one.kind for one in found} <= {"undetermined"}
    assert all(one.says for one in found)


def test_at_least_twenty_bugs_are_planted_each_under_a_name_of_its_own():
    assert len({plant.name for plant in PLANTS}) == len(PLANTS) >= 50


@pytest.mark.parametrize("plant", TAPE, ids=lambda plant: plant.name)
def test_a_tampered_record_is_found(plant):
    assert is_caught(plant, 1)


@pytest.mark.parametrize(
    "plant", [one for one in TEXT + FACTS + NODES if one.name in RUN_HERE], ids=lambda plant: plant.name
)
def test_a_faulty_program_is_found(plant):
    assert is_caught(plant, 1)


def test_a_finding_names_message_parties_clause_and_evidence():
    plant = next(one for one in TAPE if one.name == "one row inside a withheld zone")
    (found,) = [one for one in judge(PACT, plant.run(1)) if one.rule == "withhold"]
    assert (found.kind, found.who, found.to, found.rows >= 1) == ("forbidden", "NOR", "EST", True)
    assert found.sequence >= 1
    assert len(found.evidence) == 64


def test_another_text_than_the_one_that_was_played_is_refused():
    with pytest.raises(InputError, match="as it was played"):
        judge(with_clause("S6", delay_s=1.0), correct(1))


def test_a_run_without_bodies_is_refused():
    run = correct(1)
    bare = msgspec.structs.replace(
        run, sent=tuple(msgspec.structs.replace(one, body=b"") for one in run.sent)
    )
    with pytest.raises(InputError, match="without bodies"):
        judge(PACT, bare)


def test_more_findings_than_the_limit_are_counted(monkeypatch):
    monkeypatch.setattr(judge_module, "JUDGE_FINDINGS_MAX", 3)
    plant = next(one for one in TAPE if one.name == "acknowledged by another than the recipient")
    found = judge(PACT, plant.run(1))
    assert len(found) == 3
    assert (found[-1].kind, found[-1].rule) == ("undetermined", "limit")
    assert "not listed" in found[-1].says
