"""Every package of a negotiation, and what each side says to it.

A package is one choice in every bracket of the draft and a set of the terms that go with it. Whether a side
can agree is three-valued like everything else: a demand that rests on a term of the text that is not known
leaves the package undetermined.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final, Literal, NamedTuple

from foedus.errors import LimitError
from foedus.limits import PACKAGES_MAX
from foedus.pact.clauses import Pact
from foedus.pact.negotiating.positions import Link, Negotiation, Position
from foedus.pact.negotiating.statements import Answer, Statement, answer
from foedus.pact.variants import choose
from foedus.pact.words import Truth

RequirementKind = Literal["demand", "red_line", "link", "offer"]


class Requirement(NamedTuple):
    """One thing that must be so for a package to be agreed, whose it is, and the words for it."""

    kind: RequirementKind
    party: str  # empty: nobody's in particular
    says: str
    given: tuple[Statement, ...]  # where all of these hold,
    then: tuple[Statement, ...]  # all of these must

    @property
    def words(self) -> str:
        """Whose requirement it is, and what it says."""
        whose = {
            "demand": f"{self.party} demands: ",
            "red_line": f"{self.party}'s red line: ",
            "link": f"link of {self.party}: " if self.party else "link: ",
            "offer": "",
        }[self.kind]
        return whose + self.says


class Judged(NamedTuple):
    """One package as it is judged; masks have a bit for each requirement."""

    choices: tuple[tuple[str, str], ...]
    terms: tuple[str, ...]
    unmet: int  # certainly not met
    doubtful: int  # undetermined
    rests_on: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]  # for each side: what it compares by, larger is better
    unsure: tuple[str, ...]  # preferences that are undetermined, which count as not met

    @property
    def acceptable(self) -> Truth:
        """Whether all can agree to it."""
        return Truth.NO if self.unmet else Truth.UNDETERMINED if self.doubtful else Truth.YES

    @property
    def label(self) -> str:
        """The choices and terms on one line."""
        chosen = " ".join(f"{bracket}:{choice}" for bracket, choice in self.choices)
        return " + ".join(part for part in (chosen, " ".join(self.terms)) if part)


YES: Final = Answer(Truth.YES)
NO: Final = Answer(Truth.NO)


class Variant(NamedTuple):
    """The draft with all choices made, and the answers of its text to the statements asked."""

    choices: dict[str, str]
    pact: Pact
    answers: dict[str, Answer]


def requirements(negotiation: Negotiation) -> tuple[Requirement, ...]:
    """All that must be so for a package to be agreed, in the order of the document."""
    return tuple(_requirements(negotiation))


def _requirements(negotiation: Negotiation) -> Iterator[Requirement]:
    positions, draft = negotiation
    for position in positions.position:
        for demand in position.demand:
            if demand.status != "dropped":
                statement = positions.parse(demand.statement, draft)
                yield Requirement("demand", position.party, demand.says, (), (statement,))
        for line in position.red_line:
            statement = positions.parse(line.statement, draft)
            opposite = statement._replace(negated=not statement.negated)
            yield Requirement("red_line", position.party, line.says, (), (opposite,))
    for link in positions.link:
        given, then = _of_link(link, negotiation)
        yield Requirement("link", link.by, f"{link.id}, {link.says}", given, then)
    offers = offered(positions.position)
    for term in positions.term:
        if term.id not in offers:
            statement = positions.parse(f"not {term.id}", draft)
            yield Requirement("offer", term.by, f"{term.by} does not offer {term.id}", (), (statement,))


def _of_link(link: Link, negotiation: Negotiation) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    positions, draft = negotiation
    given = tuple(positions.parse(words, draft) for words in link.given)
    return given, tuple(positions.parse(words, draft) for words in link.then)


def offered(positions: Sequence[Position]) -> tuple[str, ...]:
    """The terms that whoever gives them offers."""
    return tuple(
        offer.term for position in positions for offer in position.concession if offer.status != "dropped"
    )


# ---------------------------------------------------------------- enumeration


def variants_asked(negotiation: Negotiation) -> tuple[Variant, ...]:
    """Every variant of the draft with its answers to all statements about the text."""
    positions, draft = negotiation
    count = math.prod(len(bracket.choices) for bracket in draft.bracket) << len(positions.term)
    if count > PACKAGES_MAX:
        raise LimitError(name="PACKAGES_MAX", limit=PACKAGES_MAX, asked=count)
    statements = _asked_of_text(negotiation)
    variants = []
    for chosen in product(*(bracket.choices for bracket in draft.bracket)):
        choices = {bracket.id: choice for bracket, choice in zip(draft.bracket, chosen, strict=True)}
        pact = choose(draft, choices)
        answers = {one.text: answer(one, pact, choices, ()) for one in statements}
        variants.append(Variant(choices, pact, answers))
    return tuple(variants)


def _asked_of_text(negotiation: Negotiation) -> tuple[Statement, ...]:
    positions, draft = negotiation
    all_of_them = [
        *(one for part in requirements(negotiation) for one in (*part.given, *part.then)),
        *(
            positions.parse(words, draft)
            for position in positions.position
            for words in (
                *(one.statement for one in position.demand),
                *(one.statement for one in position.preference),
            )
        ),
    ]
    plain = {one.text: one for one in all_of_them if one.kind != "term"}
    return tuple(one._replace(negated=one.text.startswith("not ")) for one in plain.values())


def judge_all(negotiation: Negotiation, variants: Sequence[Variant]) -> tuple[Judged, ...]:
    """Every package: the variants in order, for each all sets of terms."""
    positions, draft = negotiation
    required = requirements(negotiation)
    sides = [
        _Side(position, tuple(positions.parse(one.statement, draft) for one in position.preference))
        for position in positions.position
    ]
    return tuple(
        _judge(required, sides, variant, terms) for variant in variants for terms in subsets(positions.terms)
    )


class _Side(NamedTuple):
    position: Position
    preferences: tuple[Statement, ...]


def subsets(ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All sets of ids, each in the order given; the empty one first."""
    for mask in range(1 << len(ids)):
        yield tuple(one for index, one in enumerate(ids) if mask >> index & 1)


def hold(statement: Statement, variant: Variant, terms: Sequence[str]) -> Answer:
    """Whether a statement holds of a package."""
    if statement.kind == "term":
        return YES if (statement.subject in terms) != statement.negated else NO
    told = variant.answers[statement.text]
    turned = statement.negated != statement.text.startswith("not ")
    return told._replace(truth=~told.truth) if turned else told


def _judge(
    required: Sequence[Requirement], sides: Sequence[_Side], variant: Variant, terms: tuple[str, ...]
) -> Judged:
    unmet = doubtful = 0
    rests_on: list[str] = []
    for index, requirement in enumerate(required):
        truth, names = _met(requirement, variant, terms)
        unmet |= (truth == Truth.NO) << index
        doubtful |= (truth == Truth.UNDETERMINED) << index
        rests_on += names if truth == Truth.UNDETERMINED else ()
    values = [_value(side, variant, terms) for side in sides]
    return Judged(
        choices=tuple(variant.choices.items()),
        terms=terms,
        unmet=unmet,
        doubtful=doubtful,
        rests_on=tuple(dict.fromkeys(rests_on)),
        values=tuple(value for value, _ in values),
        unsure=tuple(name for _, names in values for name in names),
    )


def _met(requirement: Requirement, variant: Variant, terms: Sequence[str]) -> tuple[Truth, tuple[str, ...]]:
    given = [hold(one, variant, terms) for one in requirement.given]
    then = [hold(one, variant, terms) for one in requirement.then]
    applies = Truth(min((one.truth for one in given), default=Truth.YES))
    kept = Truth(min(one.truth for one in then))
    return Truth(max(~applies, kept)), tuple(name for one in (*given, *then) for name in one.rests_on)


def _value(side: _Side, variant: Variant, terms: Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """What a side compares packages by, and its preferences that are undetermined in this one."""
    position = side.position
    cost = sum(offer.cost for offer in position.concession if offer.term in terms)
    truths = [hold(one, variant, terms).truth for one in side.preferences]
    unsure = tuple(
        f"{position.party}: {one.statement}"
        for one, truth in zip(position.preference, truths, strict=True)
        if truth == Truth.UNDETERMINED
    )
    if position.compare == "order":
        return (*(int(truth == Truth.YES) for truth in truths), -cost), unsure
    gained = sum(
        one.weight or 0 for one, truth in zip(position.preference, truths, strict=True) if truth == Truth.YES
    )
    return (gained - cost,), unsure


# ---------------------------------------------------------------- the Pareto front


def pareto(values: Sequence[tuple[tuple[int, ...], ...]]) -> tuple[int, ...]:
    """Which of these nobody can better for one side without worsening another; indices in order.

    values: for each package what each side compares by, larger is better. Equals stand together.
    """
    ranked = sorted(dict.fromkeys(values), reverse=True)
    front: dict[tuple[tuple[int, ...], ...], bool] = {}
    for one in ranked:  # whatever is better stands earlier in this order
        if not any(_no_worse(other, one) for other in front):
            front[one] = True
    return tuple(index for index, one in enumerate(values) if one in front)


def _no_worse(a: Sequence[tuple[int, ...]], b: Sequence[tuple[int, ...]]) -> bool:
    return all(x >= y for x, y in zip(a, b, strict=True))


def standing_clauses(variant: Variant) -> Mapping[str, bool]:
    """The ids of the clauses of a variant, in order."""
    return {clause.id: True for clause in variant.pact.clause}
