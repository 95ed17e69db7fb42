"""Static checks of texts and data: K1, K5, K6, K8, K14, K15, each with a pact in which it must fire and one
in which it must not.
"""

from itertools import product
from pathlib import Path

import msgspec
import pytest
from checking import (
    AT,
    RSC,
    casus,
    clause,
    found,
    pact,
    party,
    replaced,
    share,
    together,
    warn,
    without,
    zone,
)

from foedus.errors import DocumentError, LimitError
from foedus.pact.checks import reciprocity
from foedus.pact.checks.gaps import _point, boxes
from foedus.pact.checks.inquiry import Inquiry
from foedus.pact.checks.reach import Channels
from foedus.pact.checks.run import _newest
from foedus.pact.checks.standing import upstream
from foedus.pact.clauses import BasedOn, Pact
from foedus.pact.meaning.world import Holder, World
from foedus.pact.reading.inherit import seen_of
from foedus.pact.reading.text import parse_pact
from foedus.pact.words import Truth

ALPINE = (Path(__file__).parents[2] / "pacts" / "alpine.toml").read_text("utf-8")
HUB = party("H", "hub")
AB = party("A") + party("B") + zone("A", 1) + zone("B", 3)
ABD = AB + party("D") + zone("D", 5)
KEEP = clause("O", "caveat", 'on = ["S1"]\norcon = true\nrel_to = "hub"')


# ---------------------------------------------------------------- K1


def test_k1_a_word_that_no_clause_uses() -> None:
    unused = replaced(RSC, "immediately = 120.0", "immediately = 120.0\nforthwith = 60.0")
    (one,) = found(unused, "K1")
    assert (one.severity, one.change) == ("warning", "strike words.forthwith out")
    assert found(RSC, "K1") == []


def test_k1_f17_a_change_upstream_is_flagged_in_the_copy() -> None:
    original = pact(AB, share("S", '"A"', '"B"'), name="original")
    copy = msgspec.structs.replace(
        original, pact="copy", based_on=BasedOn(file="original.toml", seen=seen_of(original))
    )
    assert list(upstream(copy, original)) == []
    later = pact(AB, share("S", '"A"', '"B"', form="coarse"), name="original")
    (one,) = upstream(copy, later)
    assert (one.number, one.severity, one.clauses) == ("K1", "warning", ("S",))


def test_f21_broad_cooperation_without_types_does_not_compile() -> None:
    with pytest.raises(DocumentError, match="no key 'type'"):
        pact(AB, clause("X", "cooperate", 'who = "any"'))
    with pytest.raises(DocumentError, match="no key 'data'"):
        pact(AB, clause("S", "share", 'from = "A"\nto = "B"\nform = "track"'))


# ---------------------------------------------------------------- K5


def test_k5_a_hub_that_nothing_keeps_from_passing_on() -> None:
    parts = (ABD, HUB, share("S1", '"A"', '"hub"'), share("S2", '"hub"', '"member"', form="coarse"))
    findings = found(pact(*parts), "K5")
    assert {one.clauses for one in findings} == {("S1", "S2")}
    assert {one.severity for one in findings} == {"warning"}
    assert "no caveat keeps H from passing A's" in findings[0].witness
    assert found(pact(*parts, KEEP), "K5") == []
    open_ = KEEP.replace('rel_to = "hub"', 'rel_to = "hub"\n' + _onward("coarse"))
    assert found(pact(*parts, open_), "K5") == []  # its caveat lets it through


def _onward(form: str) -> str:
    return f'onward = {{ to = "member", max_form = "{form}", strip_source = true }}'


def test_k5_what_the_originator_gives_itself_is_no_leak() -> None:
    parts = (ABD, HUB, share("S1", '"A"', '"hub"'), share("S2", '"hub"', '"member"', form="coarse"))
    assert found(pact(*parts, share("S3", '"A"', '["B", "D"]')), "K5") == []
    lower = found(pact(*parts, share("S3", '"A"', '["B", "D"]', form="region")), "K5")
    assert "A gives B as region" in lower[0].witness


def test_acceptance_8_two_bilateral_pacts_release_what_neither_does_alone() -> None:
    first = pact(party("A") + HUB, share("S1", '"A"', '"H"'), name="first")
    second = pact(party("D") + HUB, share("S2", '"H"', '"D"', data="picture", form="coarse"), name="second")
    assert [one for one in found(first) + found(second) if one.number == "K5"] == []
    errors = [one for one in together(first, second, number="K5") if one.severity == "error"]
    assert [one.clauses for one in errors] == [("first:S1", "second:S2")]
    assert "A gives D nothing, but no caveat keeps H from passing A's" in errors[0].witness
    assert "as coarse" in errors[0].witness


def test_acceptance_8_a_caveat_on_the_first_ends_it() -> None:
    first = pact(party("A") + HUB, share("S1", '"A"', '"H"'), KEEP, name="first")
    second = pact(party("D") + HUB, share("S2", '"H"', '"D"', data="picture", form="coarse"), name="second")
    assert together(first, second, number="K5") == []


def test_k5_the_only_one_that_can_be_the_source_is_no_secret() -> None:
    hidden = share("S2", '"hub"', '"member"', 'source = "anonymised"', form="coarse")
    through = KEEP.replace('rel_to = "hub"', 'rel_to = "hub"\n' + _onward("coarse"))
    two = pact(AB, HUB, share("S1", '"member"', '"hub"'), hidden, through)
    findings = found(two, "K5")
    assert "can only be from A" in " ".join(one.witness for one in findings)
    three = pact(ABD, HUB, share("S1", '"member"', '"hub"'), hidden, through)
    assert found(three, "K5") == []
    alone = World(holder=(Holder(party="A"),))
    assert len(found(three, "K5", alone)) == 2  # for B and for D


def test_k5_in_the_construct_only_what_caveats_allow_goes_on() -> None:
    assert found(RSC, "K5") == []
    bare = without(RSC, "O1", "O2")
    assert {one.clauses for one in found(bare, "K5")} == {("S1", "S2")}


# ---------------------------------------------------------------- K6


def gaps_of(text: str) -> list[tuple[tuple[str, ...], str]]:
    return [(one.clauses, one.witness) for one in found(text, "K6")]


def test_k6_f19_an_attack_by_a_member_is_outside_every_casus() -> None:
    told = [words for _, words in gaps_of(RSC) if "(C1.by)" in words and "outside" in words]
    assert len(told) == 1
    for name in ("IL", "SA", "QA", "BH", "AE", "EG", "JO", "a state that the text does not name"):
        assert name in told[0].partition(" on ")[0]


def test_k6_acceptance_9_an_attacker_whom_nobody_has_named_is_undetermined_never_outside() -> None:
    told = [
        words
        for _, words in gaps_of(RSC)
        if "an attacker whom nobody has named" in words.partition(" on ")[0]
    ]
    assert any("is undetermined (C1.by)" in words for words in told)
    inquiry = Inquiry(parse_pact(RSC, file="x"), at=AT)
    outside_by = [box for box in boxes(inquiry) if box.truth == Truth.NO and box.terms == ("C1.by",)]
    assert all("unattributed" not in box.axes[0] for box in outside_by)


def test_k6_infrastructure_offshore_is_outside_and_on_land_is_not() -> None:
    offshore = [words for _, words in gaps_of(RSC) if "(C1.object)" in words]
    assert len(offshore) == 1
    assert "infrastructure offshore" in offshore[0]
    assert "infrastructure on land" not in offshore[0]


def test_k6_a_wider_term_closes_the_gap() -> None:
    wide = replaced(RSC, 'by = ["IR"]', 'by = ["any"]').replace('["territory", "forces"]', '["any"]')
    wide = replaced(wide, 'of = "member"', 'of = "any"')
    assert gaps_of(wide) == []


def test_k6_boxes_are_maximal_and_hold_every_gap() -> None:
    inquiry = Inquiry(parse_pact(RSC, file="x"), at=AT)
    points = {_point(inquiry, cell): max(inquiry.met(cell)) for cell in inquiry.cells}
    found_boxes = boxes(inquiry)
    inside = {point for box in found_boxes for point in product(*box.axes)}
    assert all((truth == Truth.YES) != (point in inside) for point, truth in points.items())
    for box in found_boxes:
        for axis, values in enumerate(box.axes):
            others = {point[axis] for point in points} - set(values)
            for value in others:
                slab = [*box.axes[:axis], (value,), *box.axes[axis + 1 :]]
                truths = [points[point] for point in product(*slab) if point in points]
                assert not truths or any(truth != box.truth for truth in truths)


def test_k6_a_pact_without_casus_has_no_gaps() -> None:
    assert found(ALPINE, "K6") == []


def test_k6_two_members_between_whom_nothing_goes() -> None:
    shut = ALPINE.replace('max_form = "coarse"', 'max_form = "none"').replace(
        'max_form = "track"', 'max_form = "none"'
    )
    assert [one.clauses for one in found(shut, "K6")] == [("R1",)]


# ---------------------------------------------------------------- K8

OVER_ALPS = 'from = "FR"\nto = "IT"\ndata = "tracks"\nzones = ["ALPS"]\n'


@pytest.mark.parametrize(
    ("extra", "dead"),
    [
        (clause("X", "share", OVER_ALPS + 'form = "track"'), False),
        (clause("H", "withhold", OVER_ALPS) + clause("X", "share", OVER_ALPS + 'form = "track"'), True),
        (clause("X", "withhold", 'from = "HUB"\nto = "IT"\ndata = "tracks"'), False),
        (clause("X", "withhold", 'from = "HUB"\nto = "IT"\ndata = "launch_notices"'), True),
        (clause("X", "caveat", 'on = ["S1"]\norcon = true\nrel_to = "member"'), True),
        (clause("X", "caveat", 'on = ["S2"]\norcon = true\nrel_to = "hub"'), False),
    ],
)
def test_k8_a_clause_without_effect(extra: str, dead: bool) -> None:
    assert (("X",) in [one.clauses for one in found(ALPINE + extra, "K8")]) is dead


def test_k8_a_casus_that_no_clause_asks_about() -> None:
    assert [one.clauses for one in found(pact(AB, casus()), "K8")] == [("C",)]
    used = clause("G", "regard", 'casus = "C"\nby = "any"\nas = "grave_concern"')
    assert found(pact(AB, casus(), used), "K8") == []


def test_k8_a_casus_that_is_met_nowhere() -> None:
    used = clause("G", "regard", 'casus = "C"\nby = "any"\nas = "grave_concern"')
    (one,) = found(
        pact(AB, casus(more='loci = ["arctic"]').replace('["any"]\nof', '["land"]\nof'), used), "K8"
    )
    assert one.clauses == ("C", "G")
    assert "no situation at all" in one.witness


def test_k8_f01_a_condition_that_a_third_state_must_meet() -> None:
    third = '[[state]]\nid = "Z"\nname = "Z"\n[[milestone]]\nid = "M"\nsays = "ties"\nbasis = "stylised"\n'
    third += 'by = ["{}"]\n'
    duty = casus() + clause("G", "regard", 'casus = "C"\nby = "any"\nas = "grave_concern"')
    wait = clause("Q", "suspend", 'on = ["G"]\nprecedent = "M"')
    (one,) = found(pact(AB, third.format("Z"), duty, wait), "K8")
    assert one.clauses == ("Q", "G")
    assert "an act of Z, which no clause binds" in one.witness
    assert found(pact(AB, third.format("A"), duty, wait), "K8") == []


# ---------------------------------------------------------------- K14


def test_k14_who_gives_and_owes_more_than_it_gets() -> None:
    one_way = pact(AB, warn("W", '"A"', '"B"'), share("S", '"A"', '"B"'))
    told = [one.witness for one in found(one_way, "K14")]
    assert told == [
        "A gives data to 1 and gets none, and owes W and is owed nothing.",
        "B gets data from 1 and gives none, and is owed W and owes nothing.",
    ]
    mutual = pact(AB, warn("W", '"any"', '"any"'), share("S", '"any"', '"any"'))
    assert found(mutual, "K14") == []


def test_k14_the_balance_of_every_party_can_be_asked() -> None:
    inquiry = Inquiry(parse_pact(RSC, file="x"), at=AT)
    rows = {one.party: one for one in reciprocity(inquiry, Channels(inquiry))}
    assert (rows["SA"].gives_to, rows["SA"].gets_from) == (1, 7)  # to the hub only; from it and six members
    assert rows["US"].owes == ("W1",)


# ---------------------------------------------------------------- K15


def allied(name: str, by: str, who: str, more: str = "") -> Pact:
    assist = clause(
        "A1", "assist", 'casus = "C"\nby = "any"\nstandard = "all_steps_available"\ndiscretion = "none"'
    )
    return pact(party("US") + party(who), casus(by=by), assist, more, name=name)


def test_k15_a_promise_that_another_pact_forbids() -> None:
    forbid = clause("E8", "forbear", 'by = "any"\nacts = ["conflicting_commitments"]')
    nato = allied("nato", '["external"]', "FR", forbid)
    wide = allied("wide", '["external"]', "JP")
    (one,) = together(nato, wide, number="K15")
    assert one.clauses == ("nato:E8", "wide:A1", "wide:C")
    assert "US against FR" in one.witness
    named = '[[state]]\nid = "KP"\nname = "KP"\n'
    narrow = allied("narrow", '["KP"]', "JP", named)
    assert together(nato, narrow, number="K15") == []
    assert together(allied("nato", '["external"]', "FR"), wide, number="K15") == []


# ---------------------------------------------------------------- limits


def test_a_text_that_tells_too_much_apart_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foedus.pact.meaning.universe.SITUATIONS_MAX", 100)
    with pytest.raises(LimitError, match="SITUATIONS_MAX is 100"):
        found(RSC)


def test_paths_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foedus.pact.checks.reach.CHECK_PATHS_MAX", 3)
    with pytest.raises(LimitError, match="CHECK_PATHS_MAX is 3"):
        found(RSC)


def test_gaps_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foedus.pact.checks.gaps.BOXES_MAX", 1)
    findings = found(RSC, "K6")
    assert [one.severity for one in findings] == ["warning", "note"]
    assert "smaller gaps more" in findings[1].witness


def test_k6_a_casus_for_talk_only_covers_nothing_where_another_binds() -> None:
    regard = clause("G", "regard", 'casus = "C"\nby = "any"\nas = "grave_concern"')
    talk = clause("K", "consult", 'casus = "D"\nby = "any"\nto = "any"')
    narrow = pact(AB, casus(), regard, casus("D", by='["any"]'), talk)
    assert any("(C.by)" in one.witness for one in found(narrow, "K6"))


def test_k8_a_withhold_in_a_zone_far_from_all_that_is_shared() -> None:
    apart = clause("X", "withhold", 'from = "A"\nto = "B"\ndata = "tracks"\nzones = ["ZB"]')
    near = pact(ABD, share("S", '"A"', '"B"', 'zones = ["ZA"]'), apart)
    assert ("X",) in [one.clauses for one in found(near, "K8")]
    same = pact(ABD, share("S", '"A"', '"B"', 'zones = ["ZB", "ZA"]'), apart)
    assert ("X",) not in [one.clauses for one in found(same, "K8")]


def test_of_two_texts_of_one_pact_the_newer_is_composed() -> None:
    old = pact(party("A") + HUB, share("S1", '"A"', '"H"'), name="first")
    new = msgspec.structs.replace(
        pact(party("A") + HUB, share("S1", '"A"', '"H"'), KEEP, name="first"),
        date=old.date.replace(year=2021),
        version="2",
    )
    second = pact(party("D") + HUB, share("S2", '"H"', '"D"', data="picture", form="coarse"), name="second")
    assert together(old, second, number="K5")
    assert together(old, new, second, number="K5") == []
    assert _newest([new, second, old]) == [new, second]
