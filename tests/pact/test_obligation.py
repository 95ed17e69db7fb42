"""The life of an obligation: every turn of the table and no other; where a duty stands by deeds and clock."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pact_parts import COMMON, NOW, assist, attack, casus, day, fact, pact, suspend, warn, zone

from foedus.pact.clauses import Cooperate, Exit, Forbear, Notify, Pact, Term
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.obligation import LIFE, Stage, Standing, Turn, after, state_of
from foedus.pact.meaning.situation import Deed, Situation
from foedus.pact.words import Truth

TURNS = {
    (Stage.CREATED, Turn.TRIGGERED): Stage.IN_EFFECT,
    (Stage.CREATED, Turn.DENIED): Stage.NOT_OWED,
    (Stage.IN_EFFECT, Turn.SUSPENDED): Stage.SUSPENDED,
    (Stage.IN_EFFECT, Turn.PERFORMED): Stage.FULFILLED,
    (Stage.IN_EFFECT, Turn.OVERDUE): Stage.VIOLATED,
    (Stage.IN_EFFECT, Turn.ENDED): Stage.EXPIRED,
    (Stage.SUSPENDED, Turn.RESUMED): Stage.IN_EFFECT,
    (Stage.SUSPENDED, Turn.ENDED): Stage.EXPIRED,
}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("turn", Turn)
def test_a_turn_leads_where_the_table_says_and_nothing_else_turns(stage: Stage, turn: Turn) -> None:
    if (stage, turn) in TURNS:
        assert after([turn], stage) == TURNS[stage, turn]
    else:
        with pytest.raises(AssertionError, match="knows no"):
            after([turn], stage)


@given(st.lists(st.sampled_from(list(Turn)), max_size=12))
def test_a_history_is_accepted_exactly_as_far_as_the_table_goes(turns: list[Turn]) -> None:
    stage: Stage | None = Stage.CREATED
    for turn in turns:
        stage = None if stage is None else TURNS.get((stage, turn))
    if stage is None:
        with pytest.raises(AssertionError):
            after(turns)
    else:
        assert after(turns) == stage


def test_what_is_over_turns_no_more() -> None:
    over = [stage for stage in Stage if not LIFE[stage]]
    assert over == [Stage.FULFILLED, Stage.VIOLATED, Stage.EXPIRED, Stage.NOT_OWED]


# ---------------------------------------------------------------- one duty in a situation

WARNED = pact(warn(within_s=60.0), zone=(zone("AA", "AA"),))


def stands(text: Pact, situation: Situation, clause: str = "W1", debtor: str = "HH") -> Standing:
    evaluator = Evaluator(text)
    duty = next(one for one in evaluator.duties(situation) if (one.clause, one.debtor) == (clause, debtor))
    return state_of(evaluator, duty, situation)


def deed(after_s: float, by: str = "HH", clause: str = "W1") -> Deed:
    return Deed(clause=clause, by=by, after_s=after_s)


@pytest.mark.parametrize(
    ("deeds", "elapsed_s", "stage"),
    [
        ((), None, Stage.IN_EFFECT),
        ((), 60.0, Stage.IN_EFFECT),
        ((), 60.001, Stage.VIOLATED),
        ((deed(60.0),), 100.0, Stage.FULFILLED),
        ((deed(60.001),), 100.0, Stage.VIOLATED),
        ((deed(30.0),), 20.0, Stage.IN_EFFECT),
        ((deed(30.0, by="BB"),), 100.0, Stage.VIOLATED),
        ((deed(30.0, clause="W2"),), 100.0, Stage.VIOLATED),
        ((deed(90.0), deed(10.0)), 100.0, Stage.FULFILLED),
        ((deed(30.0),), None, Stage.FULFILLED),
    ],
)
def test_a_deed_of_the_debtor_in_time_fulfils_and_the_clock_alone_violates(
    deeds: tuple[Deed, ...], elapsed_s: float | None, stage: Stage
) -> None:
    found = stands(WARNED, attack(deeds=deeds, elapsed_s=elapsed_s))
    assert found.stage == stage
    assert after(found.turns) == stage


def test_an_undetermined_duty_stays_created_whatever_the_clock_says() -> None:
    text = pact(casus(by=("XX",)), warn(casus="C1", within_s=60.0))
    found = stands(text, attack("unattributed", elapsed_s=1e6, deeds=(deed(30.0),)))
    assert (found.stage, found.turns) == (Stage.CREATED, ())
    assert "nobody has said who the attacker is" in found.says


def test_a_deadline_that_is_unknown_is_passed_by_no_clock_and_says_so() -> None:
    text = pact(casus(), assist(within_s="unknown"))
    found = stands(text, attack(elapsed_s=1e8), "A1", "BB")
    assert found.stage == Stage.IN_EFFECT
    assert found.says == "no deadline is known, so no clock can make it violated"
    assert stands(text, attack(deeds=(deed(1e6, "BB", "A1"),)), "A1", "BB").stage == Stage.FULFILLED


def test_what_was_never_owed_is_not_owed() -> None:
    text = pact(casus(by=("XX",)), warn(casus="C1"))
    assert stands(text, attack("BB", elapsed_s=1e6)).turns == (Turn.DENIED,)


def test_a_suspended_duty_is_suspended_and_resumes() -> None:
    text = pact(casus(), assist(), suspend(until=day("2025-09-10")))
    assert stands(text, attack(), "A1", "BB").stage == Stage.SUSPENDED
    later = attack(at=day("2025-09-11"), elapsed_s=2 * 86_400.0)
    found = stands(text, later, "A1", "BB")
    assert found.turns == (Turn.TRIGGERED, Turn.SUSPENDED, Turn.RESUMED)


def test_f18_an_exit_ends_a_duty_at_that_second() -> None:
    term = Term(id="T1", in_force=day("2020-01-01"), exit=Exit(notice_d=0.0, by="BB"), **COMMON)
    parties = WARNED.party[:2]
    text = pact(warn(by="BB", to="attacked", within_s=600.0), term, party=parties)
    exit_at = "2025-09-09T12:00:00+00:00"
    facts = (fact("exit", "tests", exit_at, by="BB"),)

    def at(time: str, elapsed_s: float, *deeds: Deed) -> Stage:
        situation = attack("XX", "AA", at=day(time), facts=facts, elapsed_s=elapsed_s, deeds=deeds)
        return stands(text, situation, "W1", "BB").stage

    assert at("2025-09-09T11:59:59+00:00", 30.0) == Stage.IN_EFFECT
    assert at("2025-09-09T12:00:00+00:00", 31.0) == Stage.EXPIRED
    assert at("2025-09-09T12:00:00+00:00", 31.0, deed(10.0, "BB")) == Stage.FULFILLED
    assert at("2025-09-09T12:10:00+00:00", 1_000.0, deed(500.0, "BB")) == Stage.EXPIRED  # after the end
    assert at("2025-09-09T12:10:00+00:00", 1_300.0) == Stage.VIOLATED  # overdue before the end
    assert at("2025-09-09T12:10:00+00:00", 60.0) == Stage.NOT_OWED  # arose after the end


def test_what_lasts_is_not_done_by_a_moment() -> None:
    text = pact(Forbear(id="B1", by="AA", acts=("publication",), **COMMON))
    assert stands(text, attack(elapsed_s=1e8), "B1", "AA").stage == Stage.IN_EFFECT


def test_a_cadence_in_days_is_overdue_in_days() -> None:
    text = pact(Cooperate(id="X1", who="member", type="exercise", every_d=180.0, **COMMON))
    assert stands(text, attack(elapsed_s=179 * 86_400.0), "X1", "AA").stage == Stage.IN_EFFECT
    assert stands(text, attack(elapsed_s=181 * 86_400.0), "X1", "AA").stage == Stage.VIOLATED


def test_a_notice_due_before_the_event_is_not_counted_from_it() -> None:
    text = pact(Notify(id="N1", by="AA", to="BB", content="a launch", lead_s=60.0, **COMMON))
    assert stands(text, attack(elapsed_s=1e6), "N1", "AA").stage == Stage.IN_EFFECT


times = st.floats(0, 1_000, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(
    deeds=st.lists(st.builds(deed, times, st.sampled_from(["HH", "BB"])), max_size=3),
    elapsed_s=st.none() | times,
    within_s=st.sampled_from([1.0, 60.0, 500.0, "unknown"]),
    attacker=st.sampled_from(["XX", "BB", "unattributed"]),
    exit_s=st.none() | st.floats(0, 900),
)
def test_whatever_happens_the_stage_is_where_the_turns_lead(
    deeds: list[Deed], elapsed_s: float | None, within_s: float | str, attacker: str, exit_s: float | None
) -> None:
    text = pact(
        casus(by=("XX",)),
        warn(casus="C1", within_s=within_s),
        suspend(on=("W1",), subsequent=None, until=day("2025-09-08")),
    )
    facts = () if exit_s is None else (fact("suspended", "W1", "2025-09-08T23:50:00+00:00", by="HH"),)
    situation = attack(attacker, deeds=tuple(deeds), elapsed_s=elapsed_s, facts=facts, at=NOW)
    evaluator = Evaluator(text)
    for duty in evaluator.duties(situation):
        found = state_of(evaluator, duty, situation)
        assert found.stage == after(found.turns)
        if within_s == "unknown":
            assert found.stage != Stage.VIOLATED
        if found.stage == Stage.VIOLATED:
            assert elapsed_s is not None
            assert elapsed_s > float(within_s)
        if duty.truth == Truth.UNDETERMINED:
            assert found.stage in (Stage.CREATED, Stage.SUSPENDED, Stage.IN_EFFECT)


def test_the_manual_has_every_turn_and_no_other() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "pact.md").read_text("utf-8")
    table = manual[manual.index("| Stage | Turn | When | Becomes |") :].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    told = {(stage, turn): becomes for stage, turn, _, becomes in rows}
    assert told == {(stage, turn): LIFE[stage][turn] for stage in LIFE for turn in LIFE[stage]}
