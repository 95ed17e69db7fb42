"""The grammar of claims: what each sentence means, and what is said of one that is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pact_parts import COMMON, NOW, assist, attack, casus, pact, party, share, warn, zone

from foedus.errors import InputError
from foedus.model import Form, TrackClass
from foedus.pact.asking.claim_cells import cells_of
from foedus.pact.asking.claim_truth import Hearing
from foedus.pact.asking.claims import ITS, Claim, When, parse_claim
from foedus.pact.clauses import Notify, Pact, Regard, Withhold
from foedus.pact.meaning.situation import Situation
from foedus.pact.words import OBJECTS, DataKind, Truth

PARTIES = (
    party("US", "hub"),
    party("QA", "member", "gulf"),
    party("SA", "member", "gulf"),
    party("IT", "member", "europe"),
)
TEXT = pact(party=PARTIES)


def read(sentence: str) -> Claim:
    return parse_claim(sentence, [TEXT])


def claim(verb: str, doers: tuple[str, ...], receivers: tuple[str, ...], **more: object) -> Claim:
    fields = {"sentence": "", "wanted": Truth.YES, "when": None} | more
    return Claim(verb=verb, doers=doers, receivers=receivers, **fields)  # type: ignore[arg-type]


SENTENCES = {
    "US warns QA": claim("warn", ("US",), ("QA",)),
    "us warns the qa.": claim("warn", ("US",), ("QA",)),
    "Qatar is warned": claim("warn", (), ("QA",)),
    "the United States assists Qatar": claim("assist", ("US",), ("QA",)),
    "QA does not warn US": claim("warn", ("QA",), ("US",), wanted=Truth.NO),
    "QA is not assisted": claim("assist", (), ("QA",), wanted=Truth.NO),
    "it is undetermined whether US warns QA": claim("warn", ("US",), ("QA",), wanted=Truth.UNDETERMINED),
    "US regards it as attack on all": claim("regard", ("US",), (), regard="attack_on_all"),
    "US regards it as grave_concern": claim("regard", ("US",), (), regard="grave_concern"),
    "US consults SA": claim("consult", ("US",), ("SA",)),
    "US notifies the Security Council": claim("notify", ("US",), (), body="unsc"),
    "US notifies its legislature": claim("notify", ("US",), (), body="legislature"),
    "US notifies QA": claim("notify", ("US",), ("QA",)),
    "every member warns US": claim("warn", ("QA", "SA", "IT"), ("US",)),
    "the hub gives QA nothing": claim("give", ("US",), ("QA",), nothing=True),
    "SA gives QA tracks": claim("give", ("SA",), ("QA",), data=DataKind.TRACKS),
    "SA gives QA warning data as coarse": claim(
        "give", ("SA",), ("QA",), data=DataKind.WARNING_DATA, form=Form.COARSE
    ),
    "SA gives QA tracks as at least region": claim(
        "give", ("SA",), ("QA",), data=DataKind.TRACKS, form=Form.REGION, bound="at least"
    ),
    "SA does not give QA tracks as at most alert": claim(
        "give", ("SA",), ("QA",), data=DataKind.TRACKS, form=Form.ALERT, bound="at most", wanted=Truth.NO
    ),
    "QA is warned of any attack on its territory": claim(
        "warn", (), ("QA",), when=When(victim=(ITS,), objects=OBJECTS["territory"])
    ),
    "QA is warned of any ballistic attack": claim(
        "warn", (), ("QA",), when=When(track_class=TrackClass.BALLISTIC)
    ),
    "QA is warned of an imminent attack on QA in the gulf by US, SA or an outsider": claim(
        "warn", (), ("QA",),
        when=When(event="imminent", victim=("QA",), region="gulf", attackers=("US", "SA", "external")),
    ),
    "US regards it as grave concern after any threat to SA's critical infrastructure by nobody known": claim(
        "regard", ("US",), (), regard="grave_concern",
        when=When(
            event="threat", victim=("SA",), attackers=("unattributed",),
            objects=("infra_onshore", "infra_offshore"),
        ),
    ),
    "US assists IT after any attack on IT": claim("assist", ("US",), ("IT",), when=When(victim=("IT",))),
    "US assists IT after any attack on it": claim("assist", ("US",), ("IT",), when=When(victim=(ITS,))),
    "SA gives QA tracks at any time": claim(
        "give", ("SA",), ("QA",), data=DataKind.TRACKS, when=When(event="any")
    ),
    "SA gives QA tracks on an ordinary day": claim(
        "give", ("SA",), ("QA",), data=DataKind.TRACKS, when=When(event="none")
    ),
}  # fmt: skip


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_means(sentence: str) -> None:
    wanted = SENTENCES[sentence]
    found = read(sentence)
    assert found.sentence == sentence
    for field in (
        "verb",
        "doers",
        "receivers",
        "wanted",
        "body",
        "regard",
        "data",
        "form",
        "bound",
        "nothing",
        "when",
    ):
        assert getattr(found, field) == getattr(wanted, field), field


@pytest.mark.parametrize(
    ("sentence", "word", "found", "expected"),
    [
        ("", 1, "the end", "one of US, Us, QA"),
        ("Quatar is warned", 1, "'Quatar'", "one of US"),
        ("QA is wamed", 3, "'wamed'", "did you mean warned?"),
        ("US wanrs QA", 2, "'wanrs'", "did you mean warns?"),
        ("US does not wanr QA", 4, "'wanr'", "did you mean warn?"),
        ("US warns", 3, "the end", "one of US"),
        ("US gives QA traks", 4, "'traks'", "did you mean tracks?"),
        ("US gives QA tracks as corse", 6, "'corse'", "did you mean coarse?"),
        ("US regards this as grave concern", 3, "'this'", "`it as`"),
        ("US warns QA of any attak", 6, "'attak'", "did you mean attack?"),
        ("US warns QA of attack", 5, "'attack'", "any, a or an"),
        ("US warns QA because", 4, "'because'", "at any time"),
        ("US warns QA of any attack on its teritory", 9, "'teritory'", "did you mean territory?"),
        ("US warns QA of any attack by Narnia", 8, "'Narnia'", "anybody"),
        ("US warns QA of any attack in golf", 8, "'golf'", "did you mean gulf?"),
        ("US warns QA at any time soon", 7, "'soon'", "the end of the sentence"),
        ("it is undetermined whether US does not warn QA", 5, "'US'", "without `not`"),
        ("every observer warns QA", 1, "'every'", "no observer"),
        ("US targets QA", 2, "'targets'", "warns"),
    ],
)
def test_what_is_no_claim_is_told_at_its_word(sentence: str, word: int, found: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        read(sentence)
    assert caught.value.where == f'"{sentence}": word {word}'
    assert caught.value.found == found
    assert expected in caught.value.expected


HEAP = """
US QA Qatar the every member party hub is not warned does warn warns gives give tracks as coarse nothing of
any attack on its it territory by or , anybody at time regards grave concern whether undetermined ' 's unsc
notifies
"""


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(HEAP.split()), max_size=12).map(" ".join))
def test_any_heap_of_words_is_a_claim_or_an_error(sentence: str) -> None:
    try:
        found = read(sentence)
    except InputError:
        return
    assert found.verb in ("warn", "give", "regard", "notify", "assist", "consult")
    assert found.receivers or found.body or found.regard


# ---------------------------------------------------------------- truth in one situation


def truth(text: Pact, sentence: str, situation: Situation) -> Truth:
    return Hearing([text]).core(parse_claim(sentence, [text]), situation).truth


def test_a_claim_of_a_group_is_of_everybody_in_it() -> None:
    text = pact(casus(), assist(by=("BB", "CC")), assist("A2", by="HH"))
    assert truth(text, "BB assists AA", attack()) == Truth.YES
    assert truth(text, "every member assists AA", attack()) == Truth.YES
    assert truth(text, "every member assists BB", attack(victim="BB")) == Truth.NO  # AA does not
    assert truth(text, "AA is assisted", attack()) == Truth.YES
    assert truth(pact(casus(), assist(by="BB")), "every party assists AA", attack()) == Truth.NO


def test_a_gift_is_exactly_at_least_or_at_most_that() -> None:
    text = pact(share(form=Form.COARSE))
    day = Situation(at=NOW)
    said = {
        "AA gives HH tracks": Truth.YES,
        "AA gives HH tracks as coarse": Truth.YES,
        "AA gives HH tracks as region": Truth.NO,
        "AA gives HH tracks as track": Truth.NO,
        "AA gives HH tracks as at least region": Truth.YES,
        "AA gives HH tracks as at least track": Truth.NO,
        "AA gives HH tracks as at most track": Truth.YES,
        "AA gives HH tracks as at most region": Truth.NO,
        "AA gives HH intelligence": Truth.NO,
        "AA gives HH nothing": Truth.NO,
        "AA gives BB nothing": Truth.YES,
    }
    assert {sentence: truth(text, sentence, day) for sentence in said} == said


def test_nothing_means_no_data_of_any_kind() -> None:
    text = pact(share(data=DataKind.INTELLIGENCE))
    assert truth(text, "AA gives HH nothing", Situation(at=NOW)) == Truth.NO


def test_a_form_that_is_unknown_leaves_a_gift_open() -> None:
    text = pact(share(form="unknown"))
    for sentence in ("AA gives HH tracks", "AA gives HH tracks as coarse", "AA gives HH nothing"):
        assert truth(text, sentence, Situation(at=NOW)) == Truth.UNDETERMINED


def test_of_several_pacts_what_one_obliges_is_owed() -> None:
    one = pact(casus(), assist(by="BB"))
    two = pact(share())
    hearing = Hearing([one, two])
    claims = ("BB assists AA", "AA gives HH tracks")
    assert [hearing.core(parse_claim(said, [one, two]), attack()).truth for said in claims] == [Truth.YES] * 2


def test_a_notice_to_all_parties_is_one_to_each() -> None:
    text = pact(Notify(id="N1", by="AA", to=("all_parties", "unsc"), content="it", **COMMON))
    assert truth(text, "AA notifies BB", attack()) == Truth.YES
    assert truth(text, "AA notifies the Security Council", attack()) == Truth.YES
    assert truth(text, "AA notifies its legislature", attack()) == Truth.NO


def test_a_characterisation_has_to_be_that_one() -> None:
    def asked(word: str) -> Truth:
        regard = Regard(id="G1", casus="C1", by="BB", regarded_as=word, **COMMON)  # type: ignore[arg-type]
        return truth(pact(casus(), regard), "BB regards it as grave concern", attack())

    assert [asked(word) for word in ("grave_concern", "attack_on_all", "unknown")] == [
        Truth.YES,
        Truth.NO,
        Truth.UNDETERMINED,
    ]


def test_what_decides_is_named() -> None:
    text = pact(share(taker="any"), Withhold(id="H1", giver="AA", taker="BB", data=DataKind.TRACKS, **COMMON))
    heard = Hearing([text]).core(parse_claim("AA gives BB tracks", [text]), Situation(at=NOW))
    assert (heard.truth, heard.clauses) == (Truth.NO, ("H1",))


# ---------------------------------------------------------------- the situations of a claim


def asked_of(sentence: str, text: Pact) -> list[Situation]:
    return [cell.situation for cell in cells_of(parse_claim(sentence, [text]), text, at=NOW)]


def test_a_warning_is_about_attacks_on_the_one_warned() -> None:
    cells = asked_of("AA is warned of any attack on its territory", pact(casus(), warn(casus="C1")))
    assert {one.victim for one in cells} == {"AA"}
    assert {one.object for one in cells} == set(OBJECTS["territory"])
    assert {one.attacker for one in cells} == {"BB", "CC", "HH", "XX", "OUTSIDER", "unattributed"}
    assert {one.event for one in cells} == {"attack"}


def test_attackers_are_those_named() -> None:
    text = pact(casus(), warn(casus="C1"))

    def attackers(words: str) -> set[str]:
        return {one.attacker for one in asked_of(f"AA is warned of any attack by {words}", text)}

    assert attackers("BB or XX") == {"BB", "XX"}
    assert attackers("a party") == {"BB", "CC", "HH"}
    assert attackers("an outsider") == {"XX", "OUTSIDER"}
    assert attackers("nobody known") == {"unattributed"}
    assert attackers("Brazil") == {"BR"}


def test_events_and_classes_that_no_text_names_can_be_asked_about() -> None:
    text = pact(casus(), warn(casus="C1"))
    assert {one.event for one in asked_of("AA is warned of any threat", text)} == {"threat"}
    cells = asked_of("AA is warned of any ballistic attack", text)
    assert {one.track_class for one in cells} == {TrackClass.BALLISTIC}


def test_a_gift_is_asked_about_on_ordinary_days_and_in_every_zone() -> None:
    text = pact(share(), zone=(zone("Z1", "AA"), zone("Z2")))
    cells = asked_of("AA gives HH tracks", text)
    assert {one.zones for one in cells} == {(), ("Z1",), ("Z2",)}
    assert {"none", "attack"} <= {one.event for one in cells}
    assert {one.event for one in asked_of("AA gives HH tracks on an ordinary day", text)} == {"none"}


def test_a_class_that_only_a_warning_names_is_told_apart() -> None:
    text = pact(warn(classes=(TrackClass.BALLISTIC,)))
    assert {one.track_class for one in asked_of("AA is warned", text)} == {
        TrackClass.BALLISTIC,
        TrackClass.AIRCRAFT,
    }
