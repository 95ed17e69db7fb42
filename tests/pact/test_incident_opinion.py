"""What pacts say of incidents: casus under each attribution; duties, clocks and breaches on each account."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from incident_parts import attribution, duty_of, fact, gulf, incident, reckoned, under, warning
from pact_parts import COMMON, NOW, assist, casus

from foedus.errors import DocumentError
from foedus.pact.clauses import Notify, Pact
from foedus.pact.incidents.added import with_clauses
from foedus.pact.incidents.incident import IncidentFile, parse_incident
from foedus.pact.incidents.incident_opinion import IncidentOpinion, judge
from foedus.pact.incidents.interval import Interval, after, before_zero, earliest, latest, moment, shifted
from foedus.pact.incidents.opening import from_situation
from foedus.pact.incidents.timeline import knowledge_clocks, minutes_of_warning
from foedus.pact.meaning.situation import Situation
from foedus.pact.reading.text import read_pact
from foedus.pact.words import Truth

ROOT = Path(__file__).parents[2]
CLAUSE = ROOT / "incidents" / "clauses" / "warn-against-any.toml"
KNOWERS = ("white_house", "us_officials_press", "us_air_commander")


def library(name: str) -> Pact:
    return read_pact(ROOT / "pacts" / "library" / f"{name}.toml")


def reported(name: str) -> IncidentFile:
    return parse_incident((ROOT / "incidents" / f"{name}.toml").read_text("utf-8"), file=f"{name}.toml")


def rsc_and_one_clause() -> Pact:
    return with_clauses(library("rsc"), CLAUSE.read_text("utf-8"), file=CLAUSE.name)


def verdicts(found: IncidentOpinion) -> dict[str, str]:
    return {one.attacker: one.warning for one in found.attributions}


# ---------------------------------------------------------------- the two incidents


def test_f19_doha_as_reported_creates_no_duty_to_warn_and_names_c1_by() -> None:
    (found,) = judge(reported("doha-2025"), library("rsc")).attributions
    assert found.attacker == "IL"
    assert found.warning == "no"
    assert found.warning_words == ("W1: C1.by: IL is not among IR, IR-ALIGNED",)
    assert [one.truth for one in found.casus] == ["no"]


def test_with_one_clause_added_doha_was_owed_minutes_on_each_account() -> None:
    file, text = reported("doha-2025"), rsc_and_one_clause()
    assert text.version == "2024.1 with W2"
    found = {name: reckoned(file, text, name, clause="W2").minutes_known for name in KNOWERS}
    assert {name: (one.lo_s, one.hi_s) for name, one in found.items() if one is not None} == {
        "white_house": (60.0, 7200.0),
        "us_officials_press": (60.0, 600.0),
        "us_air_commander": (0.0, 600.0),
    }


def test_acceptance_10_three_accounts_give_three_breach_seconds_never_averaged() -> None:
    file, text = reported("doha-2025"), rsc_and_one_clause()
    found = [reckoned(file, text, name, "qatar_pm", clause="W2") for name in KNOWERS]
    assert [one.breached for one in found] == ["yes"] * 3
    seconds = [(one.breach.lo_s, one.breach.hi_s) for one in found if one.breach is not None]
    assert seconds == [(-7080.0, 60.0), (-480.0, 60.0), (-480.0, 120.0)]
    assert len(dict.fromkeys(seconds)) == 3


def test_whose_word_on_the_warning_is_taken_decides_whether_it_was_breached() -> None:
    file, text = reported("doha-2025"), rsc_and_one_clause()
    assert reckoned(file, text, "white_house", clause="W2").breached == "undetermined"
    assert reckoned(file, text, "white_house", "qatar_mfa", clause="W2").breached == "undetermined"
    assert reckoned(file, text, "white_house", "qatar_pm", clause="W2").breached == "yes"


def test_every_result_that_rests_on_a_placeholder_names_it() -> None:
    found = reckoned(reported("doha-2025"), rsc_and_one_clause(), "white_house", "qatar_pm", clause="W2")
    assert found.placeholders == ("white_house hub_knows.lo", "white_house hub_knows.hi")
    assert found.breach is not None
    assert found.breach.lo_placeholders == ("white_house hub_knows.lo",)


def test_f31_minutes_of_warning_stand_side_by_side_for_each_account() -> None:
    found = {one.account: (one.when.lo_s, one.when.hi_s) for one in minutes_of_warning(reported("doha-2025"))}
    assert found == {"white_house": (0.0, 600.0), "qatar_mfa": (-60.0, 0.0), "qatar_pm": (-600.0, -600.0)}


def test_f07_abqaiq_is_judged_under_each_attribution_and_the_unknown_one_is_never_a_no() -> None:
    found = judge(reported("abqaiq-2019"), library("rsc"), as_if=date(2024, 9, 14))
    assert verdicts(found) == {"HOUTHI": "undetermined", "IR": "yes", "unattributed": "undetermined"}
    unknown = found.attributions[-1]
    assert unknown.warning_words == ("W1: C1.by: nobody has said who the attacker is",)
    assert unknown.casus[0].truth == "undetermined"


def test_f07_accounts_that_claim_deny_and_attribute_are_all_kept() -> None:
    found = judge(reported("abqaiq-2019"), library("rsc"), as_if=date(2024, 9, 14))
    iran = next(one for one in found.attributions if one.attacker == "IR")
    assert iran.said == ("denied according to iran", "attributed according to press_2023")
    assert dict(iran.stances)["iran"] == "denies"
    assert dict(iran.stances)["press_2023"] == "asserts"


def test_on_its_own_day_abqaiq_met_no_construct_yet_and_the_text_says_so() -> None:
    found = judge(reported("abqaiq-2019"), library("rsc"))
    assert found.in_force == "no"
    assert found.in_force_words == ("T1.in_force: begins 2022-06-01",)


def test_whether_a_group_counts_as_an_aligned_one_is_what_decides_and_is_said() -> None:
    found = judge(reported("abqaiq-2019"), library("rsc"), as_if=date(2024, 9, 14)).attributions[0]
    assert "incident: no if the attacker counts as HOUTHI" in found.casus[0].words
    assert "incident: yes if the attacker counts as IR-ALIGNED" in found.casus[0].words


def test_f20_regarding_an_attack_is_a_record_of_its_own_and_orders_nothing() -> None:
    (found,) = judge(reported("doha-2025"), library("eo-14353"), as_if=date(2025, 10, 9)).attributions
    regard, assists = found.duties
    assert (regard.kind, regard.truth, regard.says) == ("regard", "yes", "threat_to_own_peace")
    assert regard.reckonings == ()
    assert (assists.kind, assists.addressed_to, assists.discretion) == ("assist", "governments", "executive")


def test_notices_to_the_security_council_and_to_the_legislature_are_among_the_duties() -> None:
    text = gulf(
        casus(by=("any",)),
        Notify(
            id="N1", by="US", to=("unsc", "legislature"), content="it", casus="C1", within_s=60.0, **COMMON
        ),
    )
    file = incident(
        fact("notified", "US", "a", [0.5, 0.5], to="unsc"), fact("notified", "US", "a", to="legislature")
    )
    found = duty_of(file, text, "N1")
    assert found.creditors == ("unsc", "legislature")
    assert {to: rows[0].breached for to, rows in found.reckonings} == {"unsc": "no", "legislature": "yes"}


def test_a_notice_that_is_due_before_the_event_is_breached_before_it() -> None:
    text = gulf(
        casus(by=("any",)),
        Notify(id="N1", by="US", to="QA", content="it", casus="C1", lead_s=600.0, **COMMON),
    )
    file = incident(fact("notified", "US", "a", [-5, -5], to="QA"))
    found = reckoned(file, text, "a", clause="N1")
    assert (found.due, found.breached) == (moment(-600.0), "yes")
    (one,) = from_situation(text, Situation(at=NOW, event="attack", attacker="IL", victim="QA"))
    assert one.due == (NOW - timedelta(seconds=600),) * 2


# ---------------------------------------------------------------- the clocks


def test_f29_who_knew_and_was_silent_beyond_the_deadline_breached_it_at_that_second() -> None:
    file = incident(fact("knows", "US", "a", [-10, -10]), fact("warn_sent", "US", "a"))
    found = reckoned(file, gulf(warning()), "a")
    assert found.breached == "yes"
    assert found.breach == moment(-480.0)
    assert found.facts == (0, 1)


@pytest.mark.parametrize(
    ("received", "breached"),
    [
        ([-8, -8], "no"),  # at the deadline is in time
        ([-7.99, -7.99], "yes"),
        ([-9, -7], "undetermined"),
        ([-7, 0], "yes"),
        ([-10, -8], "no"),
    ],
)
def test_a_breach_is_certain_perhaps_or_not(received: list[float], breached: str) -> None:
    file = incident(fact("knows", "US", "a", [-10, -10]), fact("warn_received", "QA", "a", received))
    assert reckoned(file, gulf(warning()), "a").breached == breached


def test_what_an_account_does_not_state_is_not_taken_as_not_done() -> None:
    file = incident(fact("knows", "US", "a", [-10, -10]))
    found = reckoned(file, gulf(warning()), "a")
    assert (found.breached, found.done_says) == ("undetermined", "not_stated")
    assert "a does not say whether it was done" in found.says


def test_who_never_knew_breached_nothing() -> None:
    file = incident(fact("knows", "US", "a"), fact("warn_received", "QA", "a"))
    found = reckoned(file, gulf(warning()), "a")
    assert (found.breached, found.due) == ("no", None)
    assert "the clock of the duty never started" in found.says


def test_what_is_known_must_be_enough_for_the_duty() -> None:
    nobody = incident(fact("knows", "US", "a", [-10, -10], lacks=["victim"]), fact("warn_sent", "US", "a"))
    assert reckoned(nobody, gulf(warning()), "a").breached == "no"
    rumour = incident(fact("knows", "US", "a", [-10, -10], holds="none"), fact("warn_sent", "US", "a"))
    assert reckoned(rumour, gulf(warning()), "a").breached == "no"
    unnamed = incident(fact("knows", "US", "a", [-10, -10], lacks=["attacker"]), fact("warn_sent", "US", "a"))
    assert reckoned(unnamed, gulf(warning()), "a").breached == "yes"  # against anybody
    assert reckoned(unnamed, gulf(warning(against=("IL",))), "a").breached == "no"


def test_who_warned_knew_by_then() -> None:
    file = incident(fact("warn_received", "QA", "a", [-3, -2], by="US"))
    ((who, account, when),) = [(one.who, one.account, one.when) for one in minutes_of_warning(file)]
    assert (who, account, when.lo_s, when.hi_s) == ("QA", "a", 120.0, 180.0)
    found = reckoned(file, gulf(warning()), "a")
    assert (found.started.lo_s, found.started.hi_s) == (-7200.0, -120.0)
    assert found.breached == "undetermined"


def test_an_inferred_knowledge_is_not_held_against_another_account() -> None:
    file = incident(
        fact("warn_received", "QA", "a", [-3, -2], by="US"), fact("warn_received", "QA", "b", [5, 5])
    )
    ((_, rows),) = duty_of(file, gulf(warning())).reckonings
    assert [(one.account, one.evidence) for one in rows] == [("a", "a"), ("b", "b")]


def test_a_warning_of_somebody_else_performs_no_duty() -> None:
    file = incident(fact("knows", "US", "a", [-10, -10]), fact("warn_received", "QA", "a", [-9, -9], by="SA"))
    assert reckoned(file, gulf(warning()), "a").done_says == "not_stated"


def test_a_duty_to_warn_begins_no_earlier_than_its_horizon() -> None:
    file = incident(fact("knows", "US", "a", [-480, -480]), fact("warn_received", "QA", "a", [-9, -9]))
    found = reckoned(file, gulf(warning(horizon_s=600.0)), "a")
    assert found.started == moment(-600.0)
    assert found.breached == "no"
    assert "by W1.horizon_s not before -10 min" in found.says


def test_without_a_deadline_no_clock_makes_it_violated() -> None:
    text = gulf(casus(by=("any",)), assist(by="US", within_s="unknown"))
    done = incident(fact("assisted", "US", "a", [5000, 5000]))
    assert reckoned(done, text, "a", clause="A1").breached == "no"
    never = incident(fact("assisted", "US", "a"))
    found = reckoned(never, text, "a", clause="A1")
    assert found.breached == "undetermined"
    assert "no deadline is known" in found.says


def test_a_duty_in_doubt_is_breached_at_most_perhaps() -> None:
    text = gulf(casus(by=("IL",)), warning(casus="C1"))
    file = incident(
        attribution("a", "unknown"), fact("knows", "US", "a", [-10, -10]), fact("warn_received", "QA", "a")
    )
    found = duty_of(file, text, attacker="unattributed")
    assert found.truth == "undetermined"
    assert found.reckonings[0][1][0].breached == "undetermined"


def test_a_class_or_an_hour_that_decides_makes_it_undetermined_and_says_so() -> None:
    head = incident().incident  # a plain one to compare with
    assert head.track_class[0].name == "UNIDENTIFIED"
    from incident_parts import HEAD

    mixed = HEAD.replace('victim = "QA"', 'victim = "QA"\nclass = ["uas", "cruise"]')
    from foedus.model import TrackClass

    text = gulf(warning(classes=(TrackClass.UAS,)))
    found = under(incident(head=mixed), text)
    assert found.warning == "undetermined"
    assert "W1: incident: yes for class uas" in found.warning_words
    assert "W1: incident: no for class cruise" in found.warning_words


def test_the_knowledge_clock_is_told_for_each_party_and_account() -> None:
    found = [(one.who, one.account, one.when.hi_s) for one in knowledge_clocks(reported("doha-2025"))]
    assert found[:3] == [
        ("US", "white_house", -60.0),
        ("US", "us_officials_press", -60.0),
        ("US", "us_air_commander", 0.0),
    ]


# ---------------------------------------------------------------- clauses added, intervals


def test_a_clause_that_does_not_fit_the_pact_is_told_with_its_place() -> None:
    wrong = CLAUSE.read_text("utf-8").replace('by = "hub"', 'by = "XX"')
    with pytest.raises(DocumentError) as caught:
        with_clauses(library("rsc"), wrong, file="clause.toml")
    assert (caught.value.path, caught.value.file) == ("clause[1].by", "clause.toml")
    assert caught.value.line > 0


def test_an_id_that_the_pact_has_already_is_told() -> None:
    again = CLAUSE.read_text("utf-8").replace('id = "W2"', 'id = "W1"')
    with pytest.raises(DocumentError, match="W1"):
        with_clauses(library("rsc"), again, file="clause.toml")


def test_intervals_shift_turn_and_compare() -> None:
    one = Interval(lo_s=-60.0, hi_s=30.0, lo_placeholders=("x.lo",))
    assert shifted(one, 10.0) == Interval(lo_s=-50.0, hi_s=40.0, lo_placeholders=("x.lo",))
    assert before_zero(one) == Interval(lo_s=-30.0, hi_s=60.0, hi_placeholders=("x.lo",))
    assert before_zero(before_zero(one)) == one
    open_ = Interval(lo_s=None, hi_s=None)
    assert latest(open_, moment(5.0)) == Interval(lo_s=5.0, hi_s=None)
    assert earliest(open_, moment(5.0)) == Interval(lo_s=None, hi_s=5.0)
    assert after(moment(5.0), moment(5.0)) == Truth.NO
    assert after(open_, moment(5.0)) == Truth.UNDETERMINED
