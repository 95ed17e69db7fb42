"""A draft with brackets is every text that it can become, and each of them is checked."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from foedus.errors import DocumentError, InputError, LimitError
from foedus.limits import VARIANTS_MAX
from foedus.pact.clauses import Assist, Bracket, Caveat
from foedus.pact.reading.text import parse_pact, read_pact
from foedus.pact.reading.write import to_toml
from foedus.pact.variants import choose, exclude_each_other, expand, is_open

HERE = Path(__file__).parents[1]
DRAFT_TEXT = (HERE / "good_draft.toml").read_text()
DRAFT = read_pact(HERE / "good_draft.toml")


def test_a_draft_expands_into_every_combination_of_its_choices() -> None:
    versions = [variant.version for variant in expand(DRAFT)]
    assert versions == [
        "3 [G:strong N:named]",
        "3 [G:strong N:none]",
        "3 [G:weak N:named]",
        "3 [G:weak N:none]",
    ]


def test_a_variant_is_a_text_without_brackets_that_reads_back() -> None:
    for variant in expand(DRAFT):
        assert not is_open(variant)
        assert not any(clause.option for clause in variant.clause)
        assert parse_pact(to_toml(variant), file="x") == variant


def test_every_clause_stands_in_the_variants_that_choose_it_and_in_no_other() -> None:
    raw = tomllib.loads(DRAFT_TEXT)["clause"]
    for variant in expand(DRAFT):
        chosen = variant.version.partition("[")[2].rstrip("]").split()
        texts = [one["text"] for one in raw if all(option in chosen for option in one.get("option", []))]
        assert [clause.text for clause in variant.clause] == texts


def test_of_two_clauses_with_one_id_the_chosen_one_stands() -> None:
    helps = [one.standard for variant in expand(DRAFT) for one in variant.clause if isinstance(one, Assist)]
    assert helps == ["all_steps_available"] * 2 + ["assist_as_deemed_necessary"] * 2


def test_a_list_of_clauses_keeps_those_that_stand() -> None:
    caveats = [one.on for variant in expand(DRAFT) for one in variant.clause if isinstance(one, Caveat)]
    assert caveats == [("GIVE",), ("GIVEN",)] * 2


def test_some_brackets_may_be_chosen_and_the_others_stay_open() -> None:
    half = choose(DRAFT, {"G": "weak"})
    assert [bracket.id for bracket in half.bracket] == ["N"]
    assert half.version == "3 [G:weak]"
    assert parse_pact(to_toml(half), file="x") == half
    assert choose(half, {"N": "none"}) == choose(DRAFT, {"N": "none", "G": "weak"})
    assert choose(DRAFT, {}) == DRAFT


def test_a_text_without_brackets_is_its_only_variant() -> None:
    pact = read_pact(HERE / "good_pact.toml")
    assert not is_open(pact)
    assert expand(pact) == (choose(pact, {}),) == (pact,)
    assert expand(pact)[0].version == pact.version


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"H": "weak"}, "found 'H'; expected a bracket: one of G, N"),
        ({"G": "weaker"}, "found 'weaker'; expected a choice of G: one of strong, weak"),
    ],
)
def test_a_choice_that_the_draft_does_not_offer_is_refused(choices: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        choose(DRAFT, choices)


def test_clauses_exclude_each_other_only_by_choices_of_one_bracket() -> None:
    strong, weak = (one for one in DRAFT.clause if isinstance(one, Assist))
    given = next(one for one in DRAFT.clause if one.id == "GIVEN")
    always = DRAFT.clause[0]
    assert exclude_each_other(strong, weak)
    for a, b in ((strong, strong), (strong, given), (given, weak), (strong, always), (always, weak)):
        assert not exclude_each_other(a, b)
        assert not exclude_each_other(b, a)


def brackets(count: int, choices: int) -> tuple[Bracket, ...]:
    names = tuple(f"c{i}" for i in range(choices))
    return tuple(Bracket(id=f"B{i}", says="A choice.", choices=names) for i in range(count))


def test_as_many_variants_as_the_limit_and_no_more() -> None:
    assert VARIANTS_MAX == 8**4
    most = msgspec.structs.replace(DRAFT, bracket=brackets(4, 8), clause=DRAFT.clause[:1])
    assert len(expand(most)) == VARIANTS_MAX
    more = msgspec.structs.replace(most, bracket=(*brackets(4, 8), *brackets(1, 2)))
    with pytest.raises(
        LimitError, match=f"VARIANTS_MAX is {VARIANTS_MAX}, but {2 * VARIANTS_MAX} were needed"
    ):
        expand(more)


def test_a_draft_of_too_many_clauses_in_all_its_variants_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 4 * len(DRAFT.clause)
    monkeypatch.setattr("foedus.pact.reading.validate.VARIANT_CLAUSES_MAX", asked)
    parse_pact(DRAFT_TEXT, file="x")
    monkeypatch.setattr("foedus.pact.reading.validate.VARIANT_CLAUSES_MAX", asked - 1)
    with pytest.raises(LimitError, match=f"VARIANT_CLAUSES_MAX is {asked - 1}, but {asked} were needed"):
        parse_pact(DRAFT_TEXT, file="x")


TERM = '\n[[clause]]\nid = "IN"\nkind = "term"\ntext = "In force."\ncite = "[T] 1"\nbasis = "stylised"\n'


def test_every_variant_has_exactly_one_term() -> None:
    start = DRAFT_TEXT.index('[[clause]]\nid = "IN"')
    rest = DRAFT_TEXT[DRAFT_TEXT.index('[[clause]]\nid = "RAID"') :]
    text = DRAFT_TEXT[:start] + rest + TERM + 'option = ["G:strong"]\n'
    parse_pact(text + TERM + 'option = ["G:weak"]\n', file="x")
    with pytest.raises(
        DocumentError, match=r"found 0 clauses of kind term in the variant \[G:weak N:named\]"
    ):
        parse_pact(text, file="x")
    with pytest.raises(DocumentError, match="IN, which clause 1 has already"):
        parse_pact(DRAFT_TEXT + TERM + 'option = ["G:weak"]\n', file="x")
    other = TERM.replace('"IN"', '"IN2"') + 'option = ["G:weak"]\n'
    with pytest.raises(DocumentError, match=r"2 clauses of kind term in the variant \[G:weak N:named\]"):
        parse_pact(DRAFT_TEXT + other, file="x")


SHARE = """
[[clause]]
id = "{id}"
kind = "share"
text = "One more."
cite = "[T] 6"
basis = "stylised"
from = "BIG"
to = "WEST"
data = "tracks"
form = "{form}"
{rest}
"""


def share(id_: str, form: str, rest: str = "") -> str:
    return SHARE.format(id=id_, form=form, rest=rest)


def test_shares_of_variants_that_exclude_each_other_do_not_contradict() -> None:
    parse_pact(
        DRAFT_TEXT
        + share("A", "track", 'option = ["G:strong"]')
        + share("B", "coarse", 'option = ["G:weak"]'),
        file="x",
    )
    with pytest.raises(
        DocumentError, match=r"B \(coarse\) against A \(track\) .* in the variant \[G:strong N:none\]"
    ):
        parse_pact(
            DRAFT_TEXT
            + share("A", "track", 'option = ["G:strong"]')
            + share("B", "coarse", 'option = ["N:none"]'),
            file="x",
        )


def test_shares_that_never_speak_on_the_same_day_do_not_contradict() -> None:
    early, late = "until = 2022-01-01", "since = 2022-01-01"
    parse_pact(DRAFT_TEXT + share("A", "track", early) + share("B", "coarse", late), file="x")
    with pytest.raises(DocumentError, match="against A"):
        parse_pact(DRAFT_TEXT + share("A", "track", early) + share("B", "coarse"), file="x")


def test_a_withhold_settles_a_contradiction_only_while_it_speaks() -> None:
    kept = share("K", "x").replace('"share"', '"withhold"').replace('form = "x"\n', "")
    two = share("A", "track") + share("B", "coarse")
    parse_pact(DRAFT_TEXT + two + kept, file="x")
    for rest in ("until = 2029-01-01", "since = 2022-01-01", 'casus = "RAID"'):
        with pytest.raises(DocumentError, match="against A"):
            parse_pact(DRAFT_TEXT + two + kept + rest, file="x")


def test_shares_of_other_data_or_of_unknown_form_do_not_contradict() -> None:
    other = share("B", "coarse").replace('"tracks"', '"intelligence"')
    parse_pact(DRAFT_TEXT + share("A", "track") + other, file="x")
    parse_pact(DRAFT_TEXT + share("A", "track") + share("B", "unknown"), file="x")


def test_precedence_settles_a_contradiction() -> None:
    two = share("A", "track") + share("B", "coarse")
    rank = (
        '\n[[clause]]\nid = "P"\nkind = "precedence"\ntext = "A first."\ncite = "[T] 1"\nbasis = "stylised"\n'
    )
    parse_pact(DRAFT_TEXT + two + rank + 'over = ["A"]\nunder = ["B"]\n', file="x")
    with pytest.raises(DocumentError, match="against A"):
        parse_pact(DRAFT_TEXT + two + rank + 'over = ["A"]\nunder = ["KEEP"]\n', file="x")


def test_the_witness_of_a_contradiction_is_of_two_parties() -> None:
    """Also where all parties stand in the same rules, so that one stands for all."""
    head = DRAFT_TEXT[: DRAFT_TEXT.index("[[bracket]]")]
    all_to_all = [
        share(id_, form).replace('"BIG"', '"any"').replace('"WEST"', '"any"')
        for id_, form in (("A", "track"), ("B", "region"))
    ]
    with pytest.raises(DocumentError, match="for unidentified tracks from EAST to WEST anywhere;"):
        parse_pact(head + TERM + "".join(all_to_all), file="x")


def test_a_lone_party_cannot_contradict_itself() -> None:
    """What it would give itself is nobody's."""
    own = [share(id_, form).replace('to = "WEST"', 'to = ["BIG", "NODE"]') for id_, form in (("A", "track"),)]
    parse_pact(
        DRAFT_TEXT + "".join(own) + share("B", "region").replace('"WEST"', '["BIG", "EAST"]'), file="x"
    )


def test_a_route_may_stand_once_in_each_of_two_variants() -> None:
    start = DRAFT_TEXT.index('[[clause]]\nid = "APART"')
    end = DRAFT_TEXT.index('[[clause]]\nid = "ONLY"')
    route = DRAFT_TEXT[start:end]
    other = route.replace('"APART"', '"APART2"')
    text = DRAFT_TEXT[:start] + DRAFT_TEXT[end:]
    one, two = 'option = ["G:strong"]\n', 'option = ["G:weak"]\n'
    parse_pact(text + "\n" + route.rstrip() + "\n" + one + other.rstrip() + "\n" + two, file="x")
    with pytest.raises(DocumentError, match="EAST and WEST again"):
        parse_pact(text + "\n" + route.rstrip() + "\n" + one + other, file="x")


def test_an_adversary_may_be_listed_again_from_the_day_on_which_the_list_ended() -> None:
    again = '[[adversary]]\nof = "EAST"\nstate = "FOE"\nbasis = "stylised"\nsince = 2025-01-01\n\n[[zone]]'
    pact = parse_pact(DRAFT_TEXT.replace("[[zone]]", again, 1), file="x")
    assert [entry.state for entry in pact.adversary] == ["FOE", "FOE"]


def test_of_two_withholds_neither_prevails_over_the_other() -> None:
    """A share that prevails over the narrower one is kept back by the wider one: that is no circle."""

    def withhold(id_: str, giver: str) -> str:
        clause = share(id_, "x").replace('"share"', '"withhold"').replace('form = "x"\n', "")
        return clause.replace('"BIG"', giver)

    text = withhold("W1", '"BIG"') + withhold("W2", '["BIG", "EAST"]')
    lifted = share("S", "track", 'notwithstanding = ["W1"]').replace('"BIG"', '["BIG", "EAST"]')
    parse_pact(DRAFT_TEXT + text + lifted, file="x")
