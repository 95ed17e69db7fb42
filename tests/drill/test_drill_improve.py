"""The search finds by itself the clause that changes the outcome, and says what it costs."""

import functools

import msgspec
import pytest
from tests.drill.tiny_drill import PARTNER, ROOT, TURNED, player, tiny

from foedus.drill.changes import apply, changes
from foedus.drill.improve import Point, improve, most_endangered, pareto
from foedus.drill.promise import asked_of, knowers, opened, promising, ways_of
from foedus.drill.reading import read_drill
from foedus.drill.stations import text_played
from foedus.pact.reading.text import read_pact


@functools.cache
def found():
    """The tiny drill in which a partner attacks, under a text whose casus names no partner."""
    played = []

    def noted(drill, pact, seed, acts=()):
        played.append((pact.digest, seed))
        return player(drill, pact, seed)

    return improve(TURNED, PARTNER, seeds=(1,), play=noted, tries=3), tuple(played)


def test_f16_f25_a_partner_attacks_and_the_search_finds_the_one_clause_that_changes_it():
    answer, _ = found()
    assert (answer.member, answer.events) == ("SUD", ("E1",))
    assert answer.base.minutes < 0.5  # its own sensors' warning alone
    assert answer.front[0] == answer.base
    best = answer.front[-1]
    assert len(best.terms) == 1
    assert best.minutes > answer.base.minutes + 1.5
    assert best.disclosed > answer.base.disclosed
    every = {term for one in (*answer.front, *answer.rest) for term in one.terms}
    assert "W-NEW" in every
    assert {"C1.by", "W1.casus"} & every


def test_every_point_is_a_sentence_with_the_clause_and_the_price():
    answer, _ = found()
    best = answer.front[-1]
    assert best.terms[0] in best.sentence
    assert "its price: NOR gives" in best.sentence
    assert "as the text stands" in answer.base.sentence.lower()


def test_every_text_is_played_on_the_same_seeds_and_no_more_than_the_tries():
    answer, played = found()
    assert len(played) == 1 + 3
    assert {seed for _, seed in played} == {1}
    assert len({digest for digest, _ in played}) == 4
    assert answer.unplayed == answer.open_singles + answer.open_pairs - 3


def point(minutes, disclosed, *terms):
    return Point(
        terms=terms, changes=(), events=(), minutes=minutes, disclosed=disclosed, given=(), forms=(),
        pact_digest="", sentence="",
    )  # fmt: skip


def test_the_front_holds_what_no_other_point_beats():
    base, cheap, dear = point(1.0, 0.0), point(2.0, 5.0, "A"), point(3.0, 9.0, "B")
    beaten, worse = point(2.0, 6.0, "C"), point(0.5, 7.0, "D")
    assert pareto((worse, beaten, dear, cheap, base)) == (base, cheap, dear)


def test_what_discloses_less_for_the_same_minutes_takes_the_place_of_the_text_as_it_stands():
    base, thrifty = point(1.0, 10.0), point(1.0, 4.0, "S1.form")
    assert pareto((base, thrifty)) == (thrifty,)
    pair, single = point(2.0, 5.0, "A", "B"), point(2.0, 5.0, "A")
    assert pareto((pair, single)) == (single,)


def test_the_most_endangered_capital_has_the_fewest_minutes_in_its_worst_seed():
    run = tiny("open")
    (outcome,) = run.outcomes
    other = msgspec.structs.replace(outcome, member="NOR", shown_ns=0)
    assert most_endangered([run]) == "SUD"
    assert most_endangered([run, msgspec.structs.replace(run, outcomes=(outcome, other))]) == "NOR"


# ---------------------------------------------------------------- what is worth playing, by the text


def test_only_who_knows_has_anything_to_warn_of():
    who = knowers([tiny("open")], ("E1",))
    assert "NOR" in who["E1"]
    assert "EST" not in who["E1"]
    terms = promising_terms(TURNED, PARTNER, "SUD", {"E1": ("NOR", "SUD")})
    assert "new: NOR warns SUD of whoever comes" in terms
    assert "new: EST warns SUD of whoever comes" not in terms
    assert "S1 only in the form coarse" not in terms


def promising_terms(drill, pact, member, who, of=("",)):
    """What the promising changes say, of those that begin so."""
    text = text_played(drill, pact)
    asked = asked_of(drill, [one for one in drill.event if one.id in who], member)
    before = ways_of(text, asked, member)
    answer = []
    for change in changes(drill, text, member):
        if not change.says.startswith(of):
            continue
        after = ways_of(apply(text, (change,)), asked, member)
        if promising(opened(before, after), asked, after, who, member):
            answer.append(change.says)
    return answer


def test_f32_under_the_construct_of_the_gulf_the_text_alone_leaves_the_clauses_that_name_the_attacker():
    gulf = read_drill(ROOT / "drills" / "gulf.toml")
    doha = msgspec.structs.replace(gulf, event=tuple(one for one in gulf.event if one.id == "DOH"))
    rsc = read_pact(ROOT / "pacts" / "library" / "rsc.toml")
    terms = promising_terms(doha, rsc, "QA", {"DOH": ("QA", "SA")}, of=OF)
    assert "C1 is met also when a party attacks" in terms
    assert "new: SA warns QA of whoever comes" in terms
    assert "new: BH warns QA of whoever comes" not in terms  # its sensors did not see it
    assert not [
        one for one in terms if one.startswith(("S2", "without"))
    ]  # nothing flows that these keep back


OF = ("C1 is met also when", "new: SA", "new: BH", "S2 at once", "without O2")


def test_an_event_that_concerns_nobody_is_refused():
    with pytest.raises(AssertionError, match="nothing of these events"):
        improve(TURNED, PARTNER, seeds=(1,), play=lambda *_: tiny("open"), member="NOR", tries=1)
