"""Situations as people type them, and the names in them."""

import pytest
from pact_parts import NOW, attack, casus, day, milestone, pact, zone

from foedus.errors import DocumentError
from foedus.model import TrackClass
from foedus.pact.asking.claim_cells import cells_of
from foedus.pact.asking.claims import parse_claim
from foedus.pact.force import Fact
from foedus.pact.meaning.situation import Deed, Situation
from foedus.pact.meaning.situation_words import check_situation, situation_of_words, words_of
from foedus.pact.meaning.states import STATES, near_state
from foedus.pact.words import DataKind

TEXT = pact(casus(), zone=(zone("Z1", "AA"),), milestone=(milestone(),))


def read(words: str) -> Situation:
    return situation_of_words(words, file="--situation")


def test_every_key_is_read() -> None:
    words = (
        "attacker=IL victim=QA object=infra_onshore event=attack class=ballistic at=2025-09-09T12:46:00Z "
        "host=nobody region=gulf provoked=unknown lawful=no zones=Z1,Z2 data=intelligence elapsed_s=60 "
        "fact=exit:tests:AA@2025-09-01 fact=casus:C1:HH:yes@2025-09-09 deed=W1:HH@30"
    )
    assert read(words) == Situation(
        at=day("2025-09-09T12:46:00+00:00"),
        event="attack",
        attacker="IL",
        victim="QA",
        object="infra_onshore",
        host="",
        region="gulf",
        track_class=TrackClass.BALLISTIC,
        provoked="unknown",
        lawful="no",
        zones=("Z1", "Z2"),
        data=DataKind.INTELLIGENCE,
        facts=(
            Fact(what="exit", of="tests", by="AA", at=day("2025-09-01")),
            Fact(what="casus", of="C1", by="HH", says="yes", at=NOW),
        ),
        deeds=(Deed(clause="W1", by="HH", after_s=30.0),),
        elapsed_s=60.0,
    )


def test_without_a_time_the_one_given_is_meant() -> None:
    assert situation_of_words("event=none", file="x", at=NOW).at == NOW
    with pytest.raises(DocumentError, match="no key 'at'"):
        read("event=none")


@pytest.mark.parametrize(
    ("words", "path", "found", "expected"),
    [
        ("atacker=IL at=2025-09-09", "atacker", "unknown key 'atacker'", "did you mean attacker?"),
        ("attack at=2025-09-09", "attack", "'attack'", "key=value"),
        ("event= at=2025-09-09", "event=", "'event='", "key=value"),
        ("event=attak at=2025-09-09", "event", "'attak'", "did you mean attack?"),
        ("class=balistic at=2025-09-09", "class", "'balistic'", "did you mean ballistic?"),
        ("at=soon", "at", "'soon'", "2025-09-09T12:46:00Z"),
        ("at=2025-09-09 at=2025-09-10", "at", "at twice", "each key once"),
        ("at=2025-09-09 elapsed_s=long", "elapsed_s", "'long'", "a number of seconds"),
        ("at=2025-09-09 fact=exit@2025-09-09", "fact", "'exit@2025-09-09'", "WHAT:OF"),
        ("at=2025-09-09 fact=exit:x:US", "fact", "'exit:x:US'", "@TIME"),
        ("at=2025-09-09 fact=exxit:x:US@2025-09-09", "facts[1].what", "'exxit'", "did you mean exit?"),
        ("at=2025-09-09 deed=W1@30", "deed", "'W1@30'", "CLAUSE:PARTY@SECONDS"),
        ("at=2025-09-09 deed=W1:US@soon", "deed", "'soon'", "a number of seconds"),
    ],
)
def test_a_mistake_is_told_with_what_was_found_and_expected(
    words: str, path: str, found: str, expected: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        read(words)
    assert (caught.value.file, caught.value.path, caught.value.line) == ("--situation", path, 0)
    assert found in caught.value.found
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    ("situation", "path", "found", "expected"),
    [
        (attack("ZZ"), "attacker", "'ZZ', which no text names", "one of AA, BB, CC, HH, XX"),
        (attack("XX", "Quatar"), "victim", "'Quatar'", "did you mean QA (Qatar)?"),
        (attack("Xanadu"), "attacker", "'Xanadu'", "its id, XX"),
        (attack("XX", ""), "victim", "nobody", "one of AA"),
        (attack(host="AAX"), "host", "'AAX'", "did you mean AA?"),
        (attack(region="golf"), "region", "'golf'", "did you mean gulf?"),
        (attack(zones=("Z9",)), "zones", "'Z9'", "did you mean Z1?"),
        (
            attack(facts=(Fact(what="met", of="M2", at=NOW),)),
            "facts[1].of",
            "'M2'",
            "did you mean M1?",
        ),
        (
            attack(deeds=(Deed(clause="C9", by="AA", after_s=0),)),
            "deeds[1].clause",
            "'C9'",
            "did you mean C1?",
        ),
        (attack(deeds=(Deed(clause="C1", by="AQ", after_s=0),)), "deeds[1].by", "'AQ'", "did you mean AA?"),
    ],
)
def test_a_name_that_nobody_knows_is_told(situation: Situation, path: str, found: str, expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        check_situation(situation, [TEXT], file="--situation")
    assert caught.value.path == path
    assert found in caught.value.found
    assert expected in caught.value.expected


@pytest.mark.parametrize("attacker", ["XX", "BB", "unattributed", "BR"])
def test_parties_states_of_the_text_and_states_of_the_world_are_known(attacker: str) -> None:
    check_situation(attack(attacker), [TEXT], file="--situation")


def test_the_words_of_a_situation_are_read_back() -> None:
    claim = parse_claim("AA is assisted", [TEXT])
    cells = cells_of(claim, TEXT, at=NOW)
    assert len(cells) > 10
    for cell in cells:
        back = read(words_of(cell.situation))
        # the host is left out where it is the victim, which is then meant
        assert (back.host or back.victim) == (cell.situation.host or cell.situation.victim) or back.host == ""
        assert words_of(back) == words_of(cell.situation)


def test_states_have_two_capitals_and_a_name_of_their_own() -> None:
    assert all(len(code) == 2 and code.isalpha() and code.isupper() for code in STATES)
    assert len(set(STATES.values())) == len(STATES) >= 193
    assert (STATES["QA"], STATES["NO"], STATES["GB"]) == ("Qatar", "Norway", "United Kingdom")


@pytest.mark.parametrize(
    ("word", "near"),
    [("Quatar", "QA (Qatar)"), ("iran", "IR (Iran)"), ("Saudi-Arabia", "SA (Saudi Arabia)"), ("Xyzzy", "")],
)
def test_the_nearest_state_is_offered(word: str, near: str) -> None:
    assert near_state(word) == near
