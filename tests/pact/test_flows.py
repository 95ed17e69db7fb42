"""Who gives whom what in a situation, and the product of situations that texts tell apart."""

from datetime import date
from pathlib import Path

import msgspec
from pact_parts import (
    COMMON,
    NOW,
    adversary,
    assist,
    attack,
    casus,
    day,
    fact,
    pact,
    party,
    share,
    suspend,
    zone,
)

from foedus.model import Form, TrackClass
from foedus.pact.clauses import Casus, Caveat, Onward, Pact, Route, Withhold
from foedus.pact.force import Fact
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.flows import Flow, flow, flows
from foedus.pact.meaning.situation import Situation
from foedus.pact.meaning.universe import OUTSIDER, kinds_of, universe
from foedus.pact.reading.text import read_pact
from foedus.pact.words import DataKind, Truth

QUIET = Situation(at=NOW)


def given(text: object, giver: str, taker: str, situation: Situation = QUIET) -> Flow:
    return flow(Evaluator(text), situation, giver, taker)  # type: ignore[arg-type]


def test_what_no_clause_shares_is_not_given() -> None:
    found = given(pact(share()), "AA", "BB")
    assert (found.form, found.truth, found.clause, found.grounds) == (Form.NONE, Truth.NO, "", ())
    assert given(pact(share()), "AA", "HH").form == Form.TRACK


def test_a_share_scoped_by_a_casus_follows_it_in_all_three_values() -> None:
    text = pact(casus(by=("XX",)), share(casus="C1"))
    truths = [given(text, "BB", "HH", attack(who)).truth for who in ("XX", "CC", "unattributed")]
    assert truths == [Truth.YES, Truth.NO, Truth.UNDETERMINED]
    doubtful = given(text, "BB", "HH", attack("unattributed"))
    assert (doubtful.form, doubtful.form_max, doubtful.grounds[0].term) == (Form.NONE, Form.TRACK, "C1.by")


def test_a_withhold_in_doubt_holds_and_its_absence_is_shown() -> None:
    keep = Withhold(id="H1", giver="member", taker="hub", data=DataKind.TRACKS, casus="C1", **COMMON)
    text = pact(casus(by=("XX",)), share(), keep)
    doubtful = given(text, "BB", "HH", attack("unattributed"))
    assert (doubtful.form, doubtful.form_max) == (Form.NONE, Form.TRACK)
    assert given(text, "BB", "HH", attack("XX")).form == Form.NONE
    assert given(text, "BB", "HH", attack("CC")).form == Form.TRACK


def test_a_form_that_is_unknown_is_neither_something_nor_nothing() -> None:
    found = given(pact(share(form="unknown")), "AA", "HH")
    assert (found.form, found.form_unknown, found.truth) == (Form.NONE, "S1", Truth.UNDETERMINED)


def test_a_narrower_share_of_unknown_form_leaves_the_wider_one_in_doubt() -> None:
    text = pact(share(), share("S2", giver="AA", form="unknown"))
    found = given(text, "AA", "HH")
    assert (found.form, found.form_max, found.form_unknown) == (Form.NONE, Form.TRACK, "S2")
    assert given(text, "BB", "HH").form == Form.TRACK


def test_a_narrower_share_in_doubt_may_give_less_than_the_wider_one() -> None:
    text = pact(casus(by=("XX",)), share(), share("S2", casus="C1", form=int(Form.REGION)))
    forms = [given(text, "BB", "HH", attack(who))[3:5] for who in ("XX", "CC", "unattributed")]
    assert forms == [
        (Form.REGION, Form.REGION),
        (Form.TRACK, Form.TRACK),
        (Form.NONE, Form.TRACK),
    ]


def test_kinds_of_data_do_not_mix() -> None:
    text = pact(share(data=DataKind.INTELLIGENCE, form=int(Form.REGION)))
    assert given(text, "AA", "HH").form == Form.NONE
    asked = Situation(at=NOW, data=DataKind.INTELLIGENCE)
    assert given(text, "AA", "HH", asked).form == Form.REGION


def test_through_the_hub_comes_the_lowest_form_along_the_path() -> None:
    onward = Onward(to="member", max_form=Form.COARSE, strip_source=True)
    text = pact(
        share("UP"),
        share("DOWN", giver="hub", taker="member"),
        Caveat(id="O1", on=("UP",), orcon=True, rel_to="hub", onward=onward, **COMMON),
        Route(id="R1", pairs=(("AA", "BB"),), via="HH", direct="forbidden", **COMMON),
    )
    found = given(text, "AA", "BB")
    assert (found.form, found.via, found.clause, found.source) == (Form.COARSE, "HH", "DOWN", "anonymised")


def test_a_share_suspended_between_two_goes_on_between_others() -> None:
    text = pact(share(), suspend(on=("S1",), as_to=(("AA", "HH"),)))
    assert given(text, "AA", "HH").form == Form.NONE
    assert given(text, "AA", "HH").grounds[0].term == "Q1"
    assert given(text, "BB", "HH").form == Form.TRACK


def test_f14_one_state_off_one_list_changes_only_the_flows_scoped_to_it() -> None:
    def listing(until: str | None) -> list[Flow]:
        entry = adversary("AA", "XX", until=day(until) if until else None)
        text = pact(
            casus(of="AA", by=("adversaries",)),
            casus("C2", of="BB", by=("adversaries",)),
            share(giver="BB", taker="AA", casus="C1"),
            share("S2", giver="AA", taker="BB", casus="C2"),
            share("S3"),
            adversary=(entry, adversary("BB", "XX")),
        )
        evaluator = Evaluator(text)
        return [*flows(evaluator, attack("XX", "AA")), *flows(evaluator, attack("XX", "BB"))]

    before, after = listing(None), listing("2023-03-10")
    # The first ten fields are what is given; the last one, why not, may say more.
    changed = [(b.giver, b.taker, b.clause) for b, a in zip(before, after, strict=True) if b[:10] != a[:10]]
    assert changed == [("BB", "AA", "S1")]


def test_flows_end_for_who_has_left() -> None:
    text = pact(share())
    left = Situation(at=NOW, facts=(fact("left", "AA", "2025-01-01"),))
    assert given(text, "AA", "HH", left).truth == Truth.NO
    assert given(text, "BB", "HH", left).truth == Truth.YES


# ---------------------------------------------------------------- the product of situations


def test_states_that_no_text_tells_apart_stand_together() -> None:
    text = pact(casus(), assist(by="HH"), share(giver="CC"))
    assert kinds_of([text], at=NOW) == (("AA", "BB"), ("CC",), ("HH",), ("XX",))
    zoned = pact(casus(), zone=(zone("Z", "AA"),))
    assert kinds_of([zoned], at=NOW) == (("AA",), ("BB",), ("CC",), ("HH",), ("XX",))


def test_the_weights_of_the_product_count_every_pair_once() -> None:
    names = [f"P{i}" for i in range(7)]
    text = pact(casus(object=("land",), of="any"), party=tuple(party(name) for name in names), state=())
    cells = [cell for cell in universe([text], at=NOW) if cell.situation.object == "land"]
    from_parties = sum(cell.weight for cell in cells if cell.situation.attacker in names)
    from_outside = sum(cell.weight for cell in cells if cell.situation.attacker == OUTSIDER)
    assert (from_parties, from_outside) == (7 * 6, 7)
    assert len(cells) == 2 * 3  # two victims; the other one, an outsider, nobody known


def test_representatives_answer_for_all_of_their_kind() -> None:
    """The weighted count over representatives is the plain count over everybody."""
    text = pact(casus(by=("external", "BB"), of="member"), assist(by="HH"))
    evaluator = Evaluator(text)
    weighted = sum(
        cell.weight
        for cell in universe([text], at=NOW)
        if cell.situation.object == "land" and evaluator.casus("C1", cell.situation).truth == Truth.YES
    )
    everybody = [
        (attacker, victim)
        for attacker in ("AA", "BB", "CC", "HH", "XX", OUTSIDER, "unattributed")
        for victim in ("AA", "BB", "CC", "HH")
        if attacker != victim
    ]
    plain = sum(evaluator.casus("C1", attack(a, v)).truth == Truth.YES for a, v in everybody)
    assert weighted == plain > 0


def test_the_product_has_what_the_texts_speak_of() -> None:
    text = pact(
        casus(event=("threat", "attack"), classes=(TrackClass.BALLISTIC,), exclude=("self_provoked",)),
        date=date(2020, 1, 1),
    )
    cells = universe([text], at=NOW)
    assert {cell.situation.event for cell in cells} == {"threat", "attack"}
    assert {cell.situation.track_class for cell in cells} == {TrackClass.BALLISTIC, TrackClass.AIRCRAFT}
    assert {cell.situation.provoked for cell in cells} == {"no", "yes"}


# ---------------------------------------------------------------- ratione personae

RSC = Path(__file__).parents[2] / "pacts" / "library" / "rsc.toml"


def receivers(text: Pact, attacker: str, *facts: Fact) -> list[tuple[str, Truth, Form, tuple[str, ...]]]:
    """Who gets tracks of the attack on Qatar from the hub: whether, at most as what, and why not."""
    situation = attack(
        attacker, "QA", at=day("2025-09-09"), track_class=TrackClass.BALLISTIC, zones=("Z-QA",), facts=facts
    )
    return [
        (one.taker, one.truth, one.form_max, tuple(dict.fromkeys(ground.term for ground in one.grounds)))
        for one in flows(Evaluator(text), situation)
        if one.giver == "US" and one.form_max > Form.NONE
    ]


def test_f25_a_track_reclassified_from_iranian_to_unknown_drops_its_recipients_and_says_why() -> None:
    text = read_pact(RSC)
    assert receivers(text, "IR") == [("QA", Truth.YES, Form.COARSE, ())]
    assert receivers(text, "unattributed") == [("QA", Truth.UNDETERMINED, Form.COARSE, ("C1.by",))]
    assert receivers(text, "IL") == []


def test_f25_a_text_that_names_no_attacker_keeps_the_recipients_of_a_track_reclassified() -> None:
    text = read_pact(RSC)
    wide = [
        msgspec.structs.replace(one, by=("any",)) if isinstance(one, Casus) else one for one in text.clause
    ]
    text = msgspec.structs.replace(text, clause=tuple(wide))
    kept = [("QA", Truth.YES, Form.COARSE, ())]
    assert [receivers(text, attacker) for attacker in ("IR", "unattributed", "IL")] == [kept] * 3


def test_f25_what_the_hub_declares_decides_over_the_attribution_until_it_is_withdrawn() -> None:
    text = read_pact(RSC)
    declared = fact("casus", "C1", "2025-09-08", by="US", says="yes")
    over = fact("casus", "C1", "2025-09-08T12:00:00Z", by="US", says="no")
    assert receivers(text, "unattributed", declared) == [("QA", Truth.YES, Form.COARSE, ())]
    assert receivers(text, "unattributed", declared, over) == []
