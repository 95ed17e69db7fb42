"""The script as it is played: conditions, contingencies, and what the umpire does to it."""

import pytest

from foedus.drill.outcome import UmpireAct
from foedus.drill.scripted import Script
from foedus.drill.text import Inject
from foedus.drill.umpire import check_acts, effective, parse_acts, write_acts
from foedus.errors import InputError


def row(number, time_s=None, **more):
    return Inject(number=number, time_s=time_s, **more)


def act(at_s, what, **more):
    return UmpireAct(at_s=at_s, act=what, **more)


def played(injects, acts=(), happened=(), until_s=200.0, step_s=1.0):
    """(number, second) of each inject played, on a clock of whole seconds; happened: (second, what, who)."""
    script = Script(injects, effective(acts))
    found, state = [], {}
    now_s = 0.0
    while now_s <= until_s:
        for second, what, who in happened:
            if second <= now_s:
                state.setdefault((what, who), float(second))
        for inject, _, why in script.due(now_s, state):
            script.note(inject, int(now_s * 1e9) + 1, why)
            found.append((inject.number, now_s, why))
        now_s += step_s
    return found, script.played()


def test_injects_come_at_their_times_once():
    found, _ = played([row("1", 5.0), row("2", 5.0), row("3", 9.0)])
    assert [(number, second) for number, second, _ in found] == [("1", 5.0), ("2", 5.0), ("3", 9.0)]


def test_a_conditional_inject_waits_for_its_condition():
    found, _ = played([row("1", 5.0, condition="shown BB")], happened=[(42, "shown", "BB")])
    assert found == [("1", 42.0, "played")]


def test_a_contingency_takes_the_place_of_what_cannot_come_any_more():
    rows = [row("1", 5.0, condition="shown BB by 30", contingency="2"), row("2", 1.0)]
    found, ended = played(rows)
    assert found == [("2", 30.0, "contingency of 1")]
    assert [(one.number, one.why) for one in ended] == [("1", "condition not met"), ("2", "contingency of 1")]


def test_a_contingency_that_nobody_needs_is_never_played():
    rows = [row("1", 5.0, condition="not shown BB by 30", contingency="2"), row("2", 1.0)]
    found, ended = played(rows)
    assert [number for number, _, _ in found] == ["1"]
    assert [one.why for one in ended] == ["played", "not called for"]


def test_the_umpire_shifts_skips_and_plays():
    rows = [row("1", 10.0), row("2", 20.0), row("3", 30.0), row("4", 40.0, condition="shown BB")]
    acts = [
        act(5, "shift", inject="1", by_s=15), act(5, "skip", inject="2"), act(7, "play", inject="4"),
        act(8, "shift", inject="3", by_s=-100),
    ]  # fmt: skip
    found, ended = played(rows, acts)
    assert [(number, second) for number, second, _ in found] == [("4", 7.0), ("3", 8.0), ("1", 25.0)]
    assert [one.why for one in ended if one.number == "2"] == ["skipped by the umpire"]


def test_a_pause_moves_what_is_still_to_come():
    found, _ = played([row("1", 10.0), row("2", 20.0)], [act(5, "pause"), act(25, "resume")])
    assert [(number, second) for number, second, _ in found] == [("1", 30.0), ("2", 40.0)]


def test_freeze_and_jump_change_nothing_for_the_nodes():
    rows = [row("1", 10.0)]
    assert played(rows, [act(3, "freeze"), act(4, "jump", to_s=90)]) == played(rows)


def test_a_rewind_undoes_what_was_done_after_it():
    acts = [act(5, "skip", inject="1"), act(50, "skip", inject="2"), act(60, "rewind", to_s=20)]
    assert effective(acts) == (acts[0],)
    assert effective([*acts, act(30, "skip", inject="3")]) == (acts[0], act(30, "skip", inject="3"))


def test_the_umpires_journal_reads_in_again():
    acts = (act(5.0, "shift", inject="1", by_s=15.0, person="umpire"), act(9.0, "rewind", to_s=2.0))
    assert parse_acts(write_acts(acts), file="acts.jsonl") == acts


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (act(1, "stop"), "found 'stop'; expected one of shift"),
        (act(1, "skip", inject="9"), "found inject '9'"),
        (act(-1, "freeze"), "a time before the start"),
        (act(5, "rewind", to_s=9), "found a rewind to 9 s"),
    ],
)
def test_an_act_that_nobody_can_do_is_refused(one, words):
    with pytest.raises(InputError) as caught:
        check_acts([one], ["1"], where="acts.jsonl")
    assert words in str(caught.value)


def test_a_journal_that_is_none_is_one_clear_error():
    with pytest.raises(InputError, match=r"acts\.jsonl:2: found"):
        parse_acts('{"at_s": 1, "act": "pause"}\n{]\n', file="acts.jsonl")


def test_the_next_time_is_never_later_than_what_is_due():
    rows = [row("1", 5.0, condition="not shown BB by 30", contingency="2"), row("2"), row("3", 50.0)]
    script = Script(rows, [act(3, "freeze")])
    assert script.next_s({}) == 3.0
    script.due(3.0, {})
    assert script.next_s({}) == 30.0
    script.due(30.0, {})
    assert script.next_s({}) == 50.0
