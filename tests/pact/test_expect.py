"""Whether a text promises what is believed of it (F30), and what would make it say so."""

from pathlib import Path

import pytest
from pact_parts import (
    COMMON,
    NOW,
    assist,
    attack,
    casus,
    day,
    fact,
    milestone,
    pact,
    share,
    suspend,
    warn,
    zone,
)

from foedus.document import parse_document
from foedus.model import Form, TrackClass
from foedus.pact.asking.amend import _Clauses
from foedus.pact.asking.claim_truth import Hearing
from foedus.pact.asking.claims import parse_claim
from foedus.pact.asking.expect import Expectation, expect
from foedus.pact.clauses import Caveat, Notify, Onward, Pact, Record, Route, Term, Warn, Withhold
from foedus.pact.reading.text import parse_pact, read_pact
from foedus.pact.words import DataKind

LIBRARY = Path(__file__).parents[2] / "pacts" / "library"
RSC = read_pact(LIBRARY / "rsc.toml")
BELIEF = "Qatar is warned of any attack on its territory"


def ask(text: Pact, sentence: str) -> Expectation:
    return expect(text, sentence, at=NOW)


def with_clause(text: Pact, toml: str) -> Pact:
    clauses = parse_document(toml, _Clauses, file="proposal").clause
    return Pact(
        **{field: getattr(text, field) for field in text.__struct_fields__}
        | {"clause": (*text.clause, *clauses)}
    )


def test_f30_and_acceptance_5_what_allies_believed_is_not_in_the_text_and_the_missing_words_are_named() -> (
    None
):
    found = ask(RSC, BELIEF)
    assert found.verdict == "silent"
    gap = found.gaps[0]
    assert gap.grounds == ("C1.by: the attacker is not among IR, IR-ALIGNED",)
    assert {"IL", "US", "SA", "OUTSIDER"} <= set(gap.attackers)
    assert "IR" not in gap.attackers
    assert found.doubts[0].attackers == ("unattributed",)
    assert found.changes == (('C1.by = ["any"]',),)


def test_f30_and_acceptance_6_with_the_proposed_clause_the_same_question_is_entailed() -> None:
    clause = ask(RSC, BELIEF).clause
    assert 'kind = "warn"' in clause
    assert 'against = ["any"]' in clause
    assert ask(with_clause(RSC, clause), BELIEF).verdict == "entailed"
    path = LIBRARY / "rsc.toml"
    whole = parse_pact(f"{path.read_text('utf-8')}\n{clause}", file=str(path))  # it stands in the document
    added = whole.clause[-1]
    assert isinstance(added, Warn)
    assert added.id not in [one.id for one in RSC.clause]


def test_what_the_text_names_is_entailed_and_names_the_clauses() -> None:
    found = ask(RSC, "the United States warns Qatar of any attack on its territory by Iran")
    assert (found.verdict, found.clauses) == ("entailed", ("W1", "C1"))
    assert (found.gaps, found.clause, found.changes) == ((), "", ())


def test_an_unknown_attacker_or_term_is_undetermined() -> None:
    assert ask(RSC, f"{BELIEF} by nobody known").verdict == "undetermined"
    unknown = ask(pact(casus(by=("unknown",)), assist(by="BB")), "BB assists AA of any attack on its land")
    assert (unknown.verdict, unknown.depends_on) == ("undetermined", ("C1.by",))


def test_silence_is_no_contradiction_and_a_bar_is_one() -> None:
    said = "HH warns AA"
    up = share()
    sealed = Caveat(id="O1", on=("S1",), orcon=True, rel_to="hub", **COMMON)
    opened = Caveat(
        id="O1", on=("S1",), orcon=True, rel_to="hub", **COMMON,
        onward=Onward(to="member", max_form=Form.REGION, strip_source=True),
    )  # fmt: skip
    back = Withhold(id="H1", giver="HH", taker="AA", data=DataKind.TRACKS, **COMMON)
    assert ask(pact(up), said).verdict == "silent"
    assert ask(pact(up, opened), said).verdict == "silent"
    barred = ask(pact(up, sealed), said)
    assert (barred.verdict, barred.clause, barred.changes) == ("contradicted", "", ())
    assert ask(pact(up, back), said).verdict == "contradicted"
    assert ask(pact(up, back), "AA is warned").verdict == "silent"  # anybody else is free to


def test_a_withhold_for_one_class_bars_only_that() -> None:
    back = Withhold(
        id="H1", giver="HH", taker="AA", data=DataKind.TRACKS, classes=(TrackClass.UAS,), **COMMON
    )
    assert ask(pact(share(), back), "HH warns AA of any ballistic attack").verdict == "silent"
    assert ask(pact(share(), back), "HH warns AA of any uas attack").verdict == "contradicted"


def test_a_withheld_or_closed_way_contradicts_a_gift() -> None:
    back = Withhold(id="H1", giver="AA", taker="BB", data=DataKind.TRACKS, **COMMON)
    closed = Route(id="R1", pairs=(("AA", "BB"),), via="HH", direct="forbidden", **COMMON)
    for clause in (back, closed):
        found = ask(pact(share(taker="any"), clause), "AA gives BB tracks")
        assert found.verdict == "contradicted"
        assert any(clause.id in ground for gap in found.opposition for ground in gap.grounds)
    assert ask(pact(share()), "AA gives BB tracks").verdict == "silent"


def test_more_than_at_most_is_a_contradiction_and_less_is_silence() -> None:
    text = pact(share(form=Form.COARSE))
    assert ask(text, "AA gives HH tracks as at most region").verdict == "contradicted"
    less = ask(text, "AA gives HH tracks as track")
    assert (less.verdict, less.changes) == ("silent", (('S1.form = "track"',),))
    assert ask(text, "AA gives HH nothing").verdict == "contradicted"


def test_secrecy_of_the_pact_itself_contradicts_a_public_notice() -> None:
    secret = Record(id="L1", secrecy=("existence",), **COMMON)
    assert ask(pact(secret), "AA notifies the Security Council").verdict == "contradicted"
    assert ask(pact(), "AA notifies the Security Council").verdict == "silent"


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [("BB does not assist AA", "contradicted"), ("CC does not assist AA", "entailed")],
)
def test_a_claim_with_not_says_that_nothing_is_owed(sentence: str, verdict: str) -> None:
    assert ask(pact(casus(), assist(by="BB")), sentence).verdict == verdict


def test_a_claim_of_doubt_is_entailed_by_doubt_alone() -> None:
    text = pact(casus(by=("unknown",)), assist(by="BB"))
    assert (
        ask(text, "it is undetermined whether BB assists AA of any attack on its territory").verdict
        == "entailed"
    )
    plain = pact(casus(), assist(by="BB"))
    assert ask(plain, "it is undetermined whether BB assists AA").verdict == "contradicted"


def test_a_draft_is_silent_and_says_what_it_would_say_in_force() -> None:
    draft = pact(casus(object=("any",)), assist(by="BB"), Term(id="T1", **COMMON))
    found = ask(draft, "BB assists AA")
    assert (found.verdict, found.once_in_force, found.in_force) == ("silent", "entailed", "no")
    assert found.in_force_grounds == ("T1.in_force: a draft, without a date of entry into force",)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("BB assists AA", 'kind = "assist"'),
        ("BB regards it as attack on all after any attack on AA", 'as = "attack_on_all"'),
        ("BB consults AA", 'kind = "consult"'),
        ("BB notifies the Security Council after any attack on its land", 'to = ["unsc"]'),
        ("AA gives BB tracks as coarse", 'form = "coarse"'),
        ("BB warns AA of any ballistic attack by XX or a party", 'classes = ["ballistic"]'),
        ("AA is warned of any threat", 'by = ["HH"]'),
    ],
)
def test_every_kind_of_claim_gets_a_clause_that_makes_it_so(sentence: str, words: str) -> None:
    text = pact(zone=(zone("AA", "AA"),))
    found = ask(text, sentence)
    assert found.verdict == "silent"
    assert words in found.clause
    assert ask(with_clause(text, found.clause), sentence).verdict == "entailed"


def test_a_casus_that_is_there_is_used_before_one_is_invented() -> None:
    found = ask(pact(casus(object=("any",))), "BB assists AA")
    assert 'casus = "C1"' in found.clause
    assert found.clause.count("[[clause]]") == 1


def test_two_changes_are_told_together_where_one_is_not_enough() -> None:
    text = pact(casus(by=("XX",), object=("land",)), assist(by="BB"))
    found = ask(text, "BB assists AA of any attack on its territory")
    assert found.changes == (('C1.object = ["land", "territory"]', 'C1.by = ["any"]'),)


def test_a_party_that_the_clause_leaves_out_is_added() -> None:
    text = pact(casus(), assist(by="CC"))
    found = ask(text, "BB assists AA of any attack on its territory")
    assert ('A1.by = ["CC", "BB"]',) in found.changes


def test_what_waits_for_a_milestone_is_silent_until_it_is_met() -> None:
    text = pact(casus(), assist(by="BB"), suspend(precedent="M1"), milestone=(milestone(),))
    said = "BB assists AA of any attack on its territory"
    waiting = ask(text, said)
    assert waiting.verdict == "silent"
    assert waiting.gaps[0].grounds == ("Q1: waits for M1: Something happens.",)
    met = expect(text, said, at=NOW, facts=(fact("met", "M1", "2025-01-01"),))
    assert met.verdict == "entailed"
    assert (
        expect(text, said, at=day("2024-01-01"), facts=(fact("met", "M1", "2025-01-01"),)).verdict == "silent"
    )


def test_the_order_for_qatar_promises_help_and_no_warning() -> None:
    order = read_pact(LIBRARY / "eo-14353.toml")
    asked = {
        said: expect(order, said, at=day("2025-11-01")).verdict
        for said in (
            "Qatar is assisted after any attack on its critical infrastructure",
            "the United States regards it as threat to own peace after any attack on Qatar's territory",
            BELIEF,
            "Qatar assists the United States",
        )
    }
    assert list(asked.values()) == ["entailed", "entailed", "silent", "silent"]


def test_counts_add_up() -> None:
    found = ask(RSC, BELIEF)
    silent = sum(gap.situations for gap in found.gaps)
    assert found.held + silent + found.undetermined + found.opposed == found.situations
    notify = Notify(id="N1", by="AA", to="unsc", content="it", casus="C1", within_s=None, **COMMON)
    partly = ask(pact(casus(by=("XX",)), notify), "AA notifies the Security Council of any attack on it")
    assert 0 < partly.held < partly.situations


def test_a_warning_about_the_class_that_the_clause_leaves_out_is_a_gap() -> None:
    text = pact(warn(classes=(TrackClass.BALLISTIC,)), zone=(zone("AA", "AA"),))
    assert ask(text, "AA is warned of any ballistic attack").verdict == "entailed"
    found = ask(text, "AA is warned of any attack")
    assert (found.verdict, found.changes) == ("silent", (("W1.classes = []",),))


def test_a_route_bars_nothing_where_only_the_hub_would_pass_it_on() -> None:
    found = ask(RSC, "Bahrain gives Qatar tracks on an ordinary day")
    assert found.verdict == "silent"
    grounds = [ground for gap in found.gaps for ground in gap.grounds]
    assert any(ground.startswith("C1.event") for ground in grounds)
    assert not any(ground.startswith("W1") for ground in grounds)


def test_grounds_are_those_of_the_situation_also_where_a_flow_repeats() -> None:
    text = pact(casus(by=("BB",)), share(casus="C1"))
    hearing = Hearing([text])
    claim = parse_claim("AA gives HH tracks", [text])
    for attacker in ("XX", "CC", "HH"):
        heard = hearing.core(claim, attack(attacker))
        assert [ground.found for ground in heard.grounds] == [f"{attacker} is not among BB"]
