"""What a pact does in sentences, and why a verdict is what it is."""

from pathlib import Path
from random import Random

import pytest

from foedus.model import Form, TrackClass
from foedus.pact.asking.explain import Answer, answer, places, sentence
from foedus.pact.reading.text import read_pact
from random_pacts import hub_pact, random_pact, route, verdict

HERE = Path(__file__).parent.parent
ALPINE = read_pact(HERE.parent / "pacts" / "alpine.toml")
STRAITS = read_pact(HERE / "good_pact.toml")


def ask(giver: str, taker: str, *zones: str, track_class: TrackClass = TrackClass.UNIDENTIFIED) -> Answer:
    return answer(ALPINE, giver=giver, taker=taker, track_class=track_class, zones=zones)


def why(given: Answer, clause: str) -> str:
    return next(reason.why for reason in given.reasons if reason.clause == clause)


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("S1", "Every member gives every member, of all tracks anywhere, the track with its accuracy"),
        ("S5", "The hub gives every member, of unidentified tracks inside ALPS, the track"),
        ("H1", "FR gives IT nothing of all tracks inside FR-RESERVED."),
        ("R1", "These exchange nothing directly, only through HUB: DE with IT."),
        ("O1", "it may go on to every member as at most the 0.1 degree cell"),
        ("W1", "Every member must warn every member within 15 s when unidentified tracks will enter zone CH"),
        ("T1", "In force from 2018-01-01, without end."),
    ],
)
def test_a_clause_is_told_in_a_plain_sentence(clause: str, words: str) -> None:
    said = sentence(next(one for one in ALPINE.clause if one.id == clause))
    assert words in said
    assert said.endswith(".")


def test_lists_of_parties_and_zones_read_as_sentences() -> None:
    said = {clause.id: sentence(clause) for clause in STRAITS.clause}
    assert said["DOWN"].startswith(
        "KNOT gives every member and GAST, of all tracks anywhere, the 1 degree cell"
    )
    assert said["LOWSHARE"].startswith("NORD gives SUND, of unidentified tracks inside LOW, the track")
    assert said["CALL"].startswith(
        "Every member must warn SUND within 20 s when all tracks will enter a zone"
    )


def test_a_withheld_zone_names_its_clause_and_says_why_the_share_does_not_decide() -> None:
    given = ask("FR", "IT", "FR", "FR-RESERVED")
    assert (given.form, given.clause, given.hub_form) == ("none", "H1", "none")
    assert [reason.clause for reason in given.reasons if reason.decides] == ["H1"]
    assert why(given, "S1") == "is beaten by H1, than which it is not narrower"
    assert given.hub_why == "H1 withholds it on every path"
    outside = ask("FR", "IT", "FR")
    assert (outside.form, outside.clause) == ("track", "S1")
    assert why(outside, "H1") == "is about FR-RESERVED only"
    assert outside.hub_form == "none"
    assert "may be plots that are withheld from IT" in outside.hub_why


def test_a_routed_pair_is_told_what_comes_through_the_hub() -> None:
    given = ask("DE", "IT")
    assert (given.form, given.clause, given.hub_form) == ("none", "R1", "coarse")
    assert given.hub_why == "by S2 and S3, as far as the caveats allow"
    assert why(given, "S1") == "applies, but R1 closes the direct way"
    assert ask("DE", "IT", "ALPS").hub_form == "track"
    assert ask("DE", "IT", "ALPS", track_class=TrackClass.COOPERATIVE).hub_form == "coarse"


def test_a_wider_share_yields_to_the_narrower_one() -> None:
    given = ask("IT", "HUB", "ALPS")
    assert (given.form, given.clause) == ("track", "S4")
    assert why(given, "S2") == "yields to S4, which is narrower"
    assert why(given, "S3") == "is about other parties or another class"
    assert given.hub_why == "the hub is no third party here"


def test_every_place_that_a_clause_names_is_asked_about() -> None:
    assert places(ALPINE, giver="FR", taker="IT") == ((), ("FR-RESERVED",), ("ALPS",))
    assert places(ALPINE, giver="HUB", taker="IT") == ((), ("ALPS",))
    assert places(STRAITS, giver="NORD", taker="SUND") == ((), ("LOW",))


@pytest.mark.parametrize("seed", range(20))
def test_explanations_agree_with_the_naive_reading_and_name_one_clause_at_most(seed: int) -> None:
    random = Random(80_000 + seed)
    pact = hub_pact(random) if seed % 2 else random_pact(random)
    ids = [party.id for party in pact.party]
    for giver in ids:
        for taker in ids:
            if giver == taker:
                continue
            for place in places(pact, giver=giver, taker=taker):
                for track_class in TrackClass:
                    given = answer(pact, giver=giver, taker=taker, track_class=track_class, zones=place)
                    form, clause, _ = verdict(pact, giver, taker, track_class, set(place))
                    closed = route(pact, giver, taker)
                    wanted = ("none", closed) if closed else (Form(form).name.lower(), clause)
                    assert (given.form, given.clause) == wanted
                    deciding = [reason.clause for reason in given.reasons if reason.decides]
                    assert deciding == ([given.clause] if given.clause else [])
                    assert all(reason.why for reason in given.reasons)
