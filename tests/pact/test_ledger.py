"""The obligation ledger: stages, evidence, breach, disputes, periods, remedies; and its chain of lines."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from incident_parts import fact, gulf, incident, warning
from pact_parts import COMMON, NOW, attack, casus, pact, warn, zone

from foedus.errors import InputError, JournalError, LimitError
from foedus.pact.clauses import Cooperate, Notify, Remedy
from foedus.pact.incidents import ledger as ledger_module
from foedus.pact.incidents.incident_opinion import judge
from foedus.pact.incidents.ledger import (
    DISPUTES,
    REACTIONS,
    Clock,
    Contested,
    Entry,
    Event,
    Evidence,
    Held,
    Obligation,
    Opened,
    RemedyTerms,
    Turned,
    standings,
)
from foedus.pact.incidents.ledger_lines import FIRST, decode_entries, encode_entries
from foedus.pact.incidents.opening import from_incident, from_situation
from foedus.pact.meaning.obligation import LIFE, Stage, Turn
from foedus.pact.meaning.situation import Situation
from foedus.pact.words import Truth

HASH = "0" * 63 + "1"


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def obligation(name: str = "one", **more: Any) -> Obligation:
    fields: dict[str, Any] = {
        "id": name,
        "pact": "tests",
        "version": "1",
        "clause": "W1",
        "kind": "warn",
        "debtor": "HH",
        "creditors": ("AA",),
        "says": "alert",
        "binding": "law",
        "owed": "yes",
        "arose": at(0),
        "because": "tests",
        "due": (at(100), at(100)),
    }
    return Obligation(**(fields | more))


def opened(name: str = "one", **more: Any) -> Opened:
    return Opened(at=at(0), obligation=obligation(name, **more))


def evidence(recorded: float, done: float | tuple[float, float] | None, name: str = "one") -> Evidence:
    bounds = (done, done) if isinstance(done, int | float) else done
    return Evidence(
        at=at(recorded),
        id=name,
        form="statement",
        by="AA",
        sha256=HASH,
        done=None if bounds is None else (at(bounds[0]), at(bounds[1])),
    )


def clock(seconds: float) -> Clock:
    return Clock(at=at(seconds))


def turned(seconds: float, to: Any, name: str = "one") -> Turned:
    return Turned(at=at(seconds), id=name, to=to, by="council")


def only(*entries: Entry, now: float | None = None) -> Held:
    (found,) = standings(entries, now=None if now is None else at(now))
    return found


# ---------------------------------------------------------------- one obligation


def test_every_reaction_is_a_turn_of_the_life_cycle() -> None:
    for stage, reactions in REACTIONS.items():
        assert all(turn in LIFE[stage] for turn in reactions.values())
    assert list(REACTIONS) == list(Stage)


@pytest.mark.parametrize(
    ("done", "stage"),
    [(50, Stage.FULFILLED), (100, Stage.FULFILLED), (100.001, Stage.VIOLATED), ((90, 110), Stage.IN_EFFECT)],
)
def test_evidence_meets_it_in_time_breaches_it_late_and_leaves_it_open_perhaps(
    done: Any, stage: Stage
) -> None:
    assert only(opened(), evidence(200, done)).stage == stage


def test_the_clock_breaches_what_has_no_evidence_and_only_after_the_deadline() -> None:
    assert only(opened(), clock(100)).stage == Stage.IN_EFFECT
    found = only(opened(), clock(100.001))
    assert (found.stage, found.ended, found.overdue) == (Stage.VIOLATED, at(100), Truth.YES)


def test_looking_at_it_later_breaches_it_without_recording_that() -> None:
    assert only(opened(), now=101).stage == Stage.VIOLATED
    assert only(opened()).stage == Stage.IN_EFFECT
    assert only(opened(), evidence(300, 50), now=400).stage == Stage.FULFILLED


def test_between_the_bounds_of_its_deadline_it_is_perhaps_overdue() -> None:
    uncertain = opened(due=(at(100), at(200)))
    assert [only(uncertain, now=when).overdue for when in (100, 150, 200)] == [
        Truth.NO,
        Truth.UNDETERMINED,
        Truth.UNDETERMINED,
    ]
    assert only(uncertain, now=201).stage == Stage.VIOLATED


def test_a_deed_after_the_deadline_does_not_undo_the_breach() -> None:
    found = only(opened(), clock(101), evidence(150, 150))
    assert (found.stage, found.contested) == (Stage.VIOLATED, ())
    assert found.lines == (1, 2, 3)


def test_evidence_of_a_timely_deed_against_a_recorded_breach_makes_it_contested_and_both_stand() -> None:
    found = only(opened(), clock(101), evidence(150, 50))
    assert found.stage == Stage.VIOLATED
    assert [one.says for one in found.contested] == ["AA: it was done in time"]


def test_evidence_against_a_fulfilment_makes_it_contested_and_both_stand() -> None:
    found = only(opened(), evidence(50, 50), evidence(60, None))
    assert found.stage == Stage.FULFILLED
    assert [one.says for one in found.contested] == ["AA: it was not done"]


def test_a_dispute_changes_no_stage() -> None:
    entry = Contested(at=at(10), id="one", by="HH", says="nothing was owed")
    found = only(opened(), entry)
    assert found.stage == Stage.IN_EFFECT
    assert [one.line for one in found.contested] == [2]


def test_what_perhaps_met_it_keeps_the_clock_from_breaching_it() -> None:
    found = only(opened(), evidence(150, (90, 110)), clock(1000), now=2000)
    assert (found.stage, found.overdue) == (Stage.IN_EFFECT, Truth.UNDETERMINED)


def test_an_undetermined_duty_is_breached_by_no_clock_until_it_is_settled() -> None:
    doubtful = opened(owed="undetermined")
    assert only(doubtful, clock(1000)).stage == Stage.CREATED
    assert only(doubtful, turned(10, "owed"), clock(101)).stage == Stage.VIOLATED
    assert only(doubtful, evidence(5, 5), turned(10, "owed")).stage == Stage.FULFILLED
    found = only(doubtful, turned(10, "not_owed"), clock(1000))
    assert (found.stage, found.turns) == (Stage.NOT_OWED, (Turn.DENIED,))


def test_while_it_is_suspended_its_clock_stands_still() -> None:
    held = [opened(), turned(50, "suspended"), clock(500), turned(550, "resumed")]
    found = only(*held)
    assert (found.stage, found.due) == (Stage.IN_EFFECT, (at(600), at(600)))
    assert only(*held, clock(600)).stage == Stage.IN_EFFECT
    assert only(*held, clock(601)).stage == Stage.VIOLATED


def test_without_a_deadline_only_evidence_ends_it() -> None:
    assert only(opened(due=None), clock(1e9)).stage == Stage.IN_EFFECT
    assert only(opened(due=None), evidence(1e6, 1e6)).stage == Stage.FULFILLED


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ((evidence(1, 1),), "'one'"),
        ((opened(), opened()), "one again"),
        ((Clock(at=at(5)), opened()), at(0).isoformat()),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_with_its_line(entries: tuple[Entry, ...], found: str) -> None:
    with pytest.raises(InputError) as caught:
        standings(entries)
    assert caught.value.found == found
    assert caught.value.where == f"line {len(entries)} of the ledger"


# ---------------------------------------------------------------- what comes next


def test_f27_a_joint_exercise_comes_due_again_and_overdue() -> None:
    exercise = Cooperate(id="X1", who="any", type="exercise", every_d=180.0, **COMMON)
    text = pact(exercise)
    found = from_situation(text, Situation(at=NOW))
    assert [one.debtor for one in found] == ["AA", "BB", "CC", "HH"]
    first = found[0]
    assert first.due == (NOW + timedelta(days=180),) * 2
    entries = [Opened(at=NOW, obligation=first), evidence(86_400.0 * 100, 86_400.0 * 90, first.id)]
    met, second = standings(entries)
    assert (met.stage, second.stage) == (Stage.FULFILLED, Stage.IN_EFFECT)
    assert second.obligation.id == f"{first.id}.p2"
    assert second.due == (NOW + timedelta(days=270),) * 2
    _, late, third = standings(entries, now=NOW + timedelta(days=300))
    assert (late.stage, late.opened_by) == (Stage.VIOLATED, first.id)
    assert third.due == (NOW + timedelta(days=450),) * 2


def remedy(name: str, on: str, within_s: float | None = 50.0) -> RemedyTerms:
    return RemedyTerms(
        clause=name, on=(on,), then="account", by=("HH",), to=("AA",), binding="law", within_s=within_s
    )


def test_a_breach_opens_what_its_remedy_says_and_that_is_breached_in_turn() -> None:
    entry = opened(remedies=(remedy("M1", "W1"), remedy("M2", "M1")))
    breached, account = standings([entry, clock(120)])
    assert breached.stage == Stage.VIOLATED
    assert (account.obligation.id, account.obligation.kind) == ("one+M1.HH", "account")
    assert (account.obligation.arose, account.due) == (at(100), (at(150), at(150)))
    assert account.opened_by == "one"
    stages = [(one.obligation.clause, one.stage) for one in standings([entry, clock(1000)])]
    assert stages == [("W1", Stage.VIOLATED), ("M1", Stage.VIOLATED), ("M2", Stage.VIOLATED)]


def test_a_fulfilled_obligation_opens_no_remedy() -> None:
    assert len(standings([opened(remedies=(remedy("M1", "W1"),)), evidence(50, 50)])) == 1


def test_remedies_that_name_each_other_end() -> None:
    entry = opened(remedies=(remedy("M1", "W1"), remedy("M2", "M1"), remedy("M1b", "M2"), remedy("M1", "M2")))
    found = standings([entry, clock(1e6)])
    assert len(found) == 4


def test_a_ledger_beyond_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "LEDGER_OBLIGATIONS_MAX", 3)
    with pytest.raises(LimitError):
        standings([opened(every_s=1.0), clock(1000)])


# ---------------------------------------------------------------- opened from a situation, from an incident


def test_a_remedy_of_the_pact_goes_along_with_the_obligation() -> None:
    text = pact(
        Cooperate(id="X1", who=("AA", "HH"), type="exercise", every_d=180.0, **COMMON),
        Remedy(id="M1", on=("X1",), then="account", by="HH", to="any", within_s=60.0, **COMMON),
    )
    one = from_situation(text, Situation(at=NOW))[0]
    assert [(terms.clause, terms.by, terms.within_s) for terms in one.remedies] == [("M1", ("HH",), 60.0)]


def test_a_remedy_is_owed_to_whoever_was_attacked_and_to_nobody_on_an_ordinary_day() -> None:
    amends = Remedy(id="M1", on=("W1",), then="account", by="HH", to="attacked", within_s=60.0, **COMMON)
    text = pact(casus(by=("XX",)), warn(casus="C1"), amends, zone=(zone("AA", "AA"), zone("BB", "BB")))
    for victim in ("AA", "BB"):
        (one,) = [each for each in from_situation(text, attack("XX", victim)) if each.debtor == "HH"]
        assert [terms.to for terms in one.remedies] == [(victim,)]
        _, account = standings([Opened(at=NOW, obligation=one), Clock(at=at(1000))])
        assert account.obligation.creditors == (victim,)
    exercise = Cooperate(id="X1", who=("AA", "HH"), type="exercise", every_d=180.0, **COMMON)
    quiet = pact(exercise, msgspec.structs.replace(amends, on=("X1",)))
    first = from_situation(quiet, Situation(at=NOW))[0]
    found = standings([Opened(at=NOW, obligation=first), clock(181 * 86_400.0)])
    assert [held.obligation.clause for held in found] == ["X1", "X1"]  # the next period, and no remedy


def test_a_remedy_toward_oneself_alone_is_no_obligation() -> None:
    toward = msgspec.structs.replace(remedy("M1", "W1"), to=("HH",))
    assert len(standings([opened(remedies=(toward,)), clock(200)])) == 1


def test_an_incident_opens_obligations_on_the_clock_of_one_account() -> None:
    file = incident(fact("knows", "US", "a", [-10, -9]), fact("knows", "US", "b", [-2, -2]))
    text = gulf(warning())
    opinion = judge(file, text)
    zero = file.incident.zero.at[0]
    (one,) = from_incident(file, text, opinion, account="a")
    assert one.due == (zero - timedelta(seconds=480), zero - timedelta(seconds=420))
    (other,) = from_incident(file, text, opinion, account="b", taken=[one.id])
    assert other.due == (zero, zero)
    assert (one.id, other.id) == ("tests.W1.US.1", "tests.W1.US.2")
    assert from_incident(file, text, opinion, account="c") == ()


def test_a_duty_that_runs_from_the_event_is_opened_on_every_account() -> None:
    text = gulf(
        casus(by=("any",)),
        Notify(
            id="N1", by="US", to=("unsc", "legislature"), content="it", casus="C1", within_s=60.0, **COMMON
        ),
    )
    file = incident()
    zero = file.incident.zero.at[0]
    found = from_incident(file, text, judge(file, text), account="b")
    assert [(one.creditors, one.due) for one in found] == [
        (("unsc",), (zero + timedelta(seconds=60),) * 2),
        (("legislature",), (zero + timedelta(seconds=60),) * 2),
    ]


# ---------------------------------------------------------------- the chain

LINES = encode_entries([opened(), evidence(50, 50), clock(200)], number=0, before=FIRST)


def rows() -> list[bytes]:
    return LINES.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (LINES.replace(b'"by":"AA"', b'"by":"BB"'), "ledger:2: its digest does not fit what it says"),
        (b"".join([rows()[0], rows()[2]]), "ledger:2: it does not follow the line before"),
        (b"".join([rows()[1], rows()[0], rows()[2]]), "ledger:1: it does not follow"),
        (LINES[:-20], "ledger: the last line is cut off"),
        (LINES.replace(b'"form":"statement"', b'"form":"rumour"'), "ledger:2: no line of a ledger"),
        (b"{}\n", "ledger:1: no line of a ledger"),
    ],
)
def test_a_line_that_was_changed_lost_or_moved_is_found(data: bytes, says: str) -> None:
    with pytest.raises(JournalError, match=says):
        decode_entries(data, file="ledger")


def test_every_single_byte_that_changes_is_found() -> None:
    for index in range(0, len(LINES), 7):
        changed = bytearray(LINES)
        changed[index] ^= 1
        try:
            entries, _ = decode_entries(bytes(changed), file="ledger")
        except JournalError:
            continue
        assert entries == decode_entries(LINES, file="ledger")[0], index


def test_the_events_that_nothing_reacts_to_are_few_and_known() -> None:
    used = {event for row in REACTIONS.values() for event in row} | {
        e for row in DISPUTES.values() for e in row
    }
    assert sorted(event for event in Event if event not in used) == [Event.CONTESTED]
    assert msgspec.json.encode(clock(1)).startswith(b'{"entry":"clock"')
