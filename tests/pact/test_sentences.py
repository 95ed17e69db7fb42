"""Every kind of clause is told in one plain sentence, from its fields."""

from pathlib import Path
from typing import get_args

import pytest
from pact_parts import COMMON, approval, assist, casus, day, share, suspend, warn

from foedus.model import Form, TrackClass
from foedus.pact.asking.sentences import listed, sentence, spoken_span
from foedus.pact.clauses import (
    Accession,
    Caveat,
    Clause,
    Consult,
    Cooperate,
    Exit,
    Forbear,
    Notify,
    Onward,
    Precedence,
    Purpose,
    Record,
    Regard,
    Remedy,
    Reservation,
    Route,
    Term,
    Where,
    Withhold,
)
from foedus.pact.reading.text import read_pact
from foedus.pact.words import DataKind

PACTS = sorted(
    path
    for path in (Path(__file__).parents[2] / "pacts").glob("**/*.toml")
    if "\n[[clause]]" in path.read_text("utf-8")
)

TOLD = [
    (
        casus(by=("IR", "external"), exclude=("self_provoked",), loci=("gulf", "red_sea")),
        (
            "C1 is met by attack against territory of every member in gulf or red sea by IR or anybody who "
            "is no party, except when it answers an operation of the attacked party's own."
        ),
    ),
    (
        Regard(id="G", casus="C1", by=("AA", "BB"), regarded_as="attack_on_all", **COMMON),
        "When C1 is met, AA and BB regard it as an attack on all of them.",
    ),
    (
        Consult(id="N", by="member", to="any", casus="C1", also=("threat",), within_s="soon", **COMMON),
        "When C1 is met or on threat, every member consults every party within 'soon' (60 s).",
    ),
    (
        Notify(id="N", by="AA", to="unsc", content="the measures", casus="C1", within_s="unknown", **COMMON),
        "AA notifies the UN Security Council within a time that is not known of: the measures.",
    ),
    (
        Notify(id="N", by="AA", to="BB", content="a launch", lead_s=86_400.0, **COMMON),
        "AA notifies BB at least 86400 s before of: a launch.",
    ),
    (
        assist(by="AA", discretion="constitutional_processes"),
        (
            "AA is to decide with it on a response, for the party attacked, in accordance with its "
            "constitutional processes, within a time that is not known."
        ),
    ),
    (
        warn(casus="C1", against=("IR",)),
        "if they come from IR while C1 is met; the clock starts with knowing",
    ),
    (share(duty="shall", form=Form.REGION, delay_s=60.0), "Every member must give the hub, of all tracks"),
    (share(form="unknown"), "something whose form is not known"),
    (
        Withhold(id="H", giver="AA", taker="BB", data=DataKind.INTELLIGENCE, ground="a source", **COMMON),
        "AA gives BB nothing of all intelligence anywhere, on the ground of a source.",
    ),
    (
        Route(id="R", pairs=(("AA", "BB"),), via="HH", direct="forbidden", **COMMON),
        "These exchange nothing directly, only through HH: AA with BB.",
    ),
    (
        Caveat(
            id="O",
            on=("S1",),
            orcon=True,
            rel_to="hub",
            originator="AA",
            **COMMON,
            onward=Onward(to="any", max_form=Form.NONE, strip_source=True),
        ),
        "What is given by S1 and comes from AA is releasable to the hub; it may not go on to every party",
    ),
    (
        Purpose(id="P", on=("S1", "S2"), allow=("warning", "search_and_rescue"), **COMMON),
        "What is given by S1 and S2 may be used for warning or search and rescue, and for nothing else.",
    ),
    (
        Cooperate(id="X", who=("AA", "BB"), type="exercise", every_d=180.0, observers="observer", **COMMON),
        "AA and BB exercise together every 180 days, with every observer as observers.",
    ),
    (
        Forbear(id="B", by="AA", acts=("third_state_bases",), toward=("CN",), **COMMON),
        "AA refrains from bases of third states toward CN.",
    ),
    (
        Record(id="L", log=("warn",), keep_d=10.0, disclose_to="any", disclose_after_d="unknown", **COMMON),
        "Logged: warn; kept for 10 days; disclosed to every party after a time that is not known.",
    ),
    (
        approval("V", "US", ("signature", "legislature_notice"), ("signature", "2025-01-02"), wait_d=30.0),
        (
            "For entry into force US needs signature and legislature notice, and 30 days have to pass after "
            "the last; done: signature (2025-01-02)."
        ),
    ),
    (
        Term(
            id="T",
            duration_y=10.0,
            exit=Exit(notice_d=365.0, by="AA", needs=("ratification",)),
            **COMMON,
            accession=Accession(open_to="the neighbours", consent="all"),
        ),
        (
            "In force once every approval is complete, without end, at first for 10 years; AA may leave with "
            "365 days' notice, which needs ratification; open to the neighbours (if all agree)."
        ),
    ),
    (suspend(precedent="M1", as_to=(("AA", "BB"),)), "A1 is suspended between AA and BB until M1 is met."),
    (
        Reservation(
            id="U",
            by="AA",
            on=("A1",),
            form="understanding",
            effect="exclude",
            **COMMON,
            where=Where(provoked="yes"),
        ),
        "Understanding of AA: A1 does not bind it when provoked (A clause for tests).",
    ),
    (
        Precedence(id="K", over=("S1",), under=("H1", "other:*"), **COMMON),
        "S1 prevails over H1 and other:*, whichever is narrower.",
    ),
    (
        Remedy(id="Y", on=("W1",), then="account", by="hub", to="attacked", within_s=86_400.0, **COMMON),
        "Where W1 is violated, the hub accounts for it to the party attacked within 86400 s.",
    ),
]


@pytest.mark.parametrize(("clause", "words"), TOLD, ids=[words[:40] for _, words in TOLD])
def test_a_clause_says_what_its_fields_say(clause: Clause, words: str) -> None:
    said = sentence(clause, {"soon": 60.0})
    assert words in said
    assert said.endswith(".")
    assert said[0].isupper()


def test_there_is_a_sentence_for_each_of_the_kinds() -> None:
    kinds = {*get_args(Clause)}
    told = {type(clause) for clause, _ in TOLD} | {Term}
    assert kinds == told
    assert len(kinds) == 20


@pytest.mark.parametrize(
    "path", [path for path in PACTS if "cases" not in path.parts], ids=lambda path: path.stem
)
def test_every_clause_of_every_pact_has_a_sentence_without_a_gap(path: Path) -> None:
    text = read_pact(path)
    for clause in text.clause:
        said = sentence(clause, text.words)
        assert said.endswith(".")
        assert "  " not in said
        assert " ," not in said
        assert "None" not in said
        if not isinstance(clause, Term | Notify):  # which quote the text
            assert "unknown" not in said.lower().replace(clause.text.lower(), "")


def test_a_vague_word_is_told_with_its_number_and_an_unknown_one_as_unknown() -> None:
    assert spoken_span("immediately", "s", {"immediately": 120.0}) == "'immediately' (120 s)"
    assert spoken_span("unknown", "s") == "a time that is not known"
    assert spoken_span(15.0, "s") == "15 s"


def test_a_list_reads_as_a_sentence() -> None:
    assert [listed(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert listed(["a", "b"], "or") == "a or b"


def test_a_term_of_one_day_names_its_days() -> None:
    term = Term(id="T", in_force=day("2020-01-01"), until=day("2021-01-01"), **COMMON)
    assert sentence(term) == "In force from 2020-01-01 until 2021-01-01."


def test_classes_are_named() -> None:
    assert "of ballistic or uas tracks" in sentence(share(classes=(TrackClass.BALLISTIC, TrackClass.UAS)))
