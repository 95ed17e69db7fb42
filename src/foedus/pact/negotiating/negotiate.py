"""What a negotiation can end in: acceptable packages, Pareto front, what blocks, what decides, the ledger.

Everything is enumerated, so everything is exact; limits.PACKAGES_MAX bounds it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from foedus.pact.clauses import Approval, Pact
from foedus.pact.meaning.evaluate import DutyClause
from foedus.pact.negotiating.conflicts import smallest_conflicts
from foedus.pact.negotiating.packages import (
    Judged,
    Requirement,
    Variant,
    hold,
    judge_all,
    offered,
    pareto,
    requirements,
    standing_clauses,
    subsets,
    variants_asked,
)
from foedus.pact.negotiating.positions import Negotiation
from foedus.pact.negotiating.statements import spell
from foedus.pact.words import Truth

Verdict = Literal["agreement possible", "undetermined", "no agreement"]


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One package and what the sides say to it. values: side -> what it compares by, larger is better."""

    choices: dict[str, str]
    terms: tuple[str, ...]
    acceptable: Literal["yes", "undetermined", "no"]
    front: bool
    values: dict[str, tuple[int, ...]]
    unmet: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Requirements that no package meets together, while any smaller number of them leaves one that does."""

    requirements: tuple[str, ...]
    parties: tuple[str, ...]


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """One concession that would open packages which meet everything else; whose, how many, one of them."""

    change: str
    requirement: str
    party: str
    opens: int
    package: str


class Decider(msgspec.Struct, frozen=True, kw_only=True):
    """A bracket, term or approval, and on how many acceptable packages it decides.

    Of a bracket or term: acceptable packages that another choice alone would spoil. Of an approval:
    acceptable packages that need it, and the duties that are not owed without it.
    """

    what: str
    kind: Literal["bracket", "term", "approval"]
    packages: int
    duties: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger.

    reads: how the demand was understood, in words. met: acceptable packages in which the demand is met, or
    the concession made. clauses: what in the text the demand rests on, or what by the links stands only with
    the concession. left, falls, blocked_by: of a concession, what dropping it would leave, which clauses
    would then stand in no acceptable package, and, if nothing is left, what then conflicts.
    """

    kind: Literal["demand", "concession"]
    party: str
    what: str
    reads: str
    says: str
    status: str
    met: int
    clauses: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    left: int | None = None
    falls: tuple[str, ...] = ()
    blocked_by: tuple[Conflict, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """All that follows from the positions. deciders: the one that decides most first."""

    negotiation: str
    draft: str
    sides: tuple[str, ...]
    variants: int
    packages: int
    verdict: Verdict
    acceptable: tuple[Package, ...]
    undetermined: tuple[Package, ...]
    conflicts: tuple[Conflict, ...]
    near_misses: tuple[NearMiss, ...]
    deciders: tuple[Decider, ...]
    ledger: tuple[Entry, ...]


class _Table(NamedTuple):
    """What all answers are worked out from."""

    negotiation: Negotiation
    required: tuple[Requirement, ...]
    variants: tuple[Variant, ...]
    judged: tuple[Judged, ...]

    def variant(self, index: int) -> Variant:
        """The variant of a package."""
        return self.variants[index >> len(self.negotiation.positions.term)]

    def accepted(self) -> list[int]:
        """The packages to which all can certainly agree."""
        return [index for index, one in enumerate(self.judged) if one.acceptable == Truth.YES]


def negotiate(negotiation: Negotiation) -> Outcome:
    """What the positions can end in; LimitError for more than PACKAGES_MAX packages."""
    variants = variants_asked(negotiation)
    table = _Table(negotiation, requirements(negotiation), variants, judge_all(negotiation, variants))
    accepted = table.accepted()
    doubtful = [i for i, one in enumerate(table.judged) if one.acceptable == Truth.UNDETERMINED]
    front = pareto([table.judged[index].values for index in accepted])
    fronts = [accepted[index] for index in front]
    none_yet: Verdict = "undetermined" if doubtful else "no agreement"
    return Outcome(
        negotiation=negotiation.positions.negotiation,
        draft=f"{negotiation.draft.pact} {negotiation.draft.version}",
        sides=tuple(position.party for position in negotiation.positions.position),
        variants=len(variants),
        packages=len(table.judged),
        verdict="agreement possible" if accepted else none_yet,
        acceptable=tuple(_package(table, index, index in fronts) for index in accepted),
        undetermined=tuple(_package(table, index, False) for index in doubtful),
        conflicts=() if accepted else _conflicts(table, [one.unmet | one.doubtful for one in table.judged]),
        near_misses=tuple(_near_misses(table)),
        deciders=_deciders(table, accepted),
        ledger=tuple(_ledger(table, accepted)),
    )


def _package(table: _Table, index: int, front: bool) -> Package:
    one = table.judged[index]
    sides = [position.party for position in table.negotiation.positions.position]
    return Package(
        choices=dict(one.choices),
        terms=one.terms,
        acceptable=one.acceptable.name.lower(),  # type: ignore[arg-type]
        front=front,
        values=dict(zip(sides, one.values, strict=True)),
        unmet=tuple(table.required[bit].words for bit in bits(one.unmet | one.doubtful)),
        rests_on=one.rests_on,
        unsure=one.unsure,
    )


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, from the lowest."""
    return (index for index in range(mask.bit_length()) if mask >> index & 1)


# ---------------------------------------------------------------- what blocks


def _conflicts(table: _Table, unmet: Sequence[int], more: Sequence[Requirement] = ()) -> tuple[Conflict, ...]:
    """The smallest sets of requirements that no package certainly meets."""
    named = (*table.required, *more)
    return tuple(
        Conflict(
            requirements=tuple(named[bit].words for bit in bits(mask)),
            parties=tuple(dict.fromkeys(named[bit].party for bit in bits(mask) if named[bit].party)),
        )
        for mask in smallest_conflicts(unmet)
    )


def _near_misses(table: _Table) -> Iterator[NearMiss]:
    """For each requirement the packages that miss it alone, with the first on their own front; most first."""
    opened: dict[int, list[int]] = {}
    for index, one in enumerate(table.judged):
        missing = one.unmet | one.doubtful
        if missing.bit_count() == 1:
            opened.setdefault(missing.bit_length() - 1, []).append(index)
    for bit, indices in sorted(opened.items(), key=lambda item: (-len(item[1]), item[0])):
        best = pareto([table.judged[index].values for index in indices])[0]
        yield NearMiss(
            change=_given_up(table.required[bit]),
            requirement=table.required[bit].words,
            party=table.required[bit].party,
            opens=len(indices),
            package=table.judged[indices[best]].label,
        )


def _given_up(requirement: Requirement) -> str:
    """What somebody would have done, to follow an `if`."""
    who = requirement.party or "everybody"
    match requirement.kind:
        case "demand":
            return f"{who} dropped its demand ({requirement.says})"
        case "red_line":
            return f"{who} gave up its red line ({requirement.says})"
        case "link":
            return f"{who} gave up link {requirement.says}"
        case _:
            return f"{who} offered {requirement.then[0].subject}"


# ---------------------------------------------------------------- what decides


def _deciders(table: _Table, accepted: Sequence[int]) -> tuple[Decider, ...]:
    found = [*_open_choices(table, accepted), *_approvals(table, accepted)]
    return tuple(sorted(found, key=lambda one: -one.packages))


def _open_choices(table: _Table, accepted: Sequence[int]) -> Iterator[Decider]:
    good = {(table.judged[index].choices, table.judged[index].terms): True for index in accepted}
    positions, draft = table.negotiation
    for row, bracket in enumerate(draft.bracket):
        count = 0
        for choices, terms in good:
            others = (
                (*choices[:row], (bracket.id, choice), *choices[row + 1 :]) for choice in bracket.choices
            )
            count += any((other, terms) not in good for other in others)
        yield Decider(what=bracket.id, kind="bracket", packages=count)
    for term in positions.terms:
        count = sum((choices, _toggled(terms, term, positions.terms)) not in good for choices, terms in good)
        yield Decider(what=term, kind="term", packages=count)


def _toggled(terms: Sequence[str], term: str, order: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in order if (one in terms) != (one == term))


def _approvals(table: _Table, accepted: Sequence[int]) -> Iterator[Decider]:
    for party, step in _steps(table.negotiation.draft):
        needing = [index for index in accepted if (party, step) in _steps(table.variant(index).pact)]
        duties = {
            clause.id: True
            for index in needing
            for clause in table.variant(index).pact.clause
            if isinstance(clause, DutyClause)
        }
        yield Decider(what=f"{party}:{step}", kind="approval", packages=len(needing), duties=tuple(duties))


def _steps(pact: Pact) -> dict[tuple[str, str], bool]:
    """(party, step) of every approval that has not been given, in the order of the text."""
    return {
        (clause.by, step): True
        for clause in pact.clause
        if isinstance(clause, Approval)
        for step in clause.steps
        if all(done.step != step for done in clause.done)
    }


# ---------------------------------------------------------------- the ledger


def _ledger(table: _Table, accepted: Sequence[int]) -> Iterator[Entry]:
    positions, draft = table.negotiation
    offers = offered(positions.position)
    says = {term.id: term.says for term in positions.term}
    for position in positions.position:
        for demand in position.demand:
            statement = positions.parse(demand.statement, draft)
            holding = [
                (table.variant(index), hold(statement, table.variant(index), one.terms))
                for index, one in enumerate(table.judged)
            ]
            yield Entry(
                kind="demand",
                party=position.party,
                what=demand.statement,
                reads=spell(statement, draft),
                says=demand.says,
                status=demand.status,
                met=sum(holding[index][1].truth == Truth.YES for index in accepted),
                clauses=_rests_on(table, demand.statement, [told.clauses for _, told in holding]),
                links=_links(table, demand.statement),
            )
        for offer in position.concession:
            left = [index for index in accepted if offer.term not in table.judged[index].terms]
            yield Entry(
                kind="concession",
                party=position.party,
                what=offer.term,
                reads=f"{position.party} gives {offer.term}",
                says=says[offer.term],
                status=offer.status,
                met=len(accepted) - len(left),
                clauses=_hang_on(table, offer.term),
                links=_links(table, offer.term),
                left=len(left),
                falls=_falls(table, accepted, left),
                blocked_by=() if left or offer.term not in offers else _blocked(table, offer.term),
            )


def _rests_on(table: _Table, words: str, found: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The clauses on which a demand rests: those of a choice, of the answers, or of a term."""
    positions, draft = table.negotiation
    statement = positions.parse(words, draft)
    if statement.kind == "choice":
        option = f"{statement.subject}:{statement.value}"
        return tuple(dict.fromkeys(clause.id for clause in draft.clause if option in clause.option))
    if statement.kind == "term":
        return _hang_on(table, statement.subject)
    return tuple(dict.fromkeys(clause for clauses in found for clause in clauses))


def _links(table: _Table, words: str) -> tuple[str, ...]:
    return tuple(link.id for link in table.negotiation.positions.link if words in (*link.given, *link.then))


def _linked(table: _Table) -> Callable[[Judged], bool]:
    """Whether a package keeps all links, whatever else anybody thinks of it."""
    mask = sum(1 << bit for bit, one in enumerate(table.required) if one.kind == "link")
    return lambda judged: not (judged.unmet | judged.doubtful) & mask


def _hang_on(table: _Table, term: str) -> tuple[str, ...]:
    """The clauses that, by the links alone, stand only in packages with that term."""
    keeps = _linked(table)
    kept = [index for index, one in enumerate(table.judged) if keeps(one)]
    return _falls(table, kept, [index for index in kept if term not in table.judged[index].terms])


def _falls(table: _Table, before: Sequence[int], after: Sequence[int]) -> tuple[str, ...]:
    """The clauses that stand in some package of the first list and in none of the second."""
    still = {
        clause: True
        for variant in dict.fromkeys(index >> len(table.negotiation.positions.term) for index in after)
        for clause in standing_clauses(table.variants[variant])
    }
    return tuple(
        dict.fromkeys(
            clause
            for variant in dict.fromkeys(index >> len(table.negotiation.positions.term) for index in before)
            for clause in standing_clauses(table.variants[variant])
            if clause not in still
        )
    )


def _blocked(table: _Table, term: str) -> tuple[Conflict, ...]:
    """What conflicts once a concession is dropped."""
    positions, draft = table.negotiation
    giver = next(one.by for one in positions.term if one.id == term)
    dropped = Requirement(
        "offer", giver, f"{giver} does not offer {term}", (), (positions.parse(f"not {term}", draft),)
    )
    bit = 1 << len(table.required)
    unmet = [one.unmet | one.doubtful | (bit if term in one.terms else 0) for one in table.judged]
    return _conflicts(table, unmet, (dropped,))


assert [len(terms) for terms in subsets("ab")] == [0, 1, 1, 2]  # `_Table.variant` counts on 2 ** terms
