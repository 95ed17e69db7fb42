"""A draft with brackets, and the texts that it can become: every combination of the choices still open."""

import math
from collections.abc import Iterator, Mapping
from itertools import product

import msgspec

from foedus.document import name_found, suggest
from foedus.errors import InputError, LimitError
from foedus.limits import VARIANTS_MAX
from foedus.pact.clauses import Clause, Pact

REFERENCES = ("on", "notwithstanding", "over", "under")
"""Fields of clauses that list other clauses; a variant keeps of them what stands in it."""


def is_open(pact: Pact) -> bool:
    """Whether the text still leaves a choice; no node runs such a text."""
    return bool(pact.bracket)


def expand(pact: Pact) -> tuple[Pact, ...]:
    """Every text that the draft can become, in the order of the choices; itself if nothing is open.

    LimitError for more than VARIANTS_MAX.
    """
    return tuple(choose(pact, choices) for choices in combinations_of(pact))


def combinations_of(pact: Pact) -> Iterator[dict[str, str]]:
    """Every combination of the open choices, bracket id to choice; LimitError for more than VARIANTS_MAX."""
    count = math.prod(len(bracket.choices) for bracket in pact.bracket)
    if count > VARIANTS_MAX:
        raise LimitError(name="VARIANTS_MAX", limit=VARIANTS_MAX, asked=count)
    ids = [bracket.id for bracket in pact.bracket]
    for choices in product(*(bracket.choices for bracket in pact.bracket)):
        yield dict(zip(ids, choices, strict=True))


def choose(pact: Pact, choices: Mapping[str, str]) -> Pact:
    """The draft with these choices made; the other brackets stay open. InputError for what it does not offer.

    A list of clauses (`on`, `over`, `under`, `notwithstanding`) keeps the ids that still stand.
    """
    if not choices:
        return pact
    offered = {bracket.id: bracket.choices for bracket in pact.bracket}
    for bracket, choice in choices.items():
        allowed = offered.get(bracket)
        if allowed is None or choice not in allowed:
            wrong, known = (bracket, offered) if allowed is None else (choice, allowed)
            what = "a bracket" if allowed is None else f"a choice of {bracket}"
            raise InputError(
                where=f"pact {pact.pact}",
                found=name_found(wrong),
                expected=f"{what}: {suggest(wrong, known)}",
            )
    before = {clause.id: True for clause in pact.clause}
    standing = [_settled(clause, choices) for clause in pact.clause if stands(clause, choices)]
    after = {clause.id: True for clause in standing}
    return msgspec.structs.replace(
        pact,
        version=name_version(pact, choices),
        bracket=tuple(bracket for bracket in pact.bracket if bracket.id not in choices),
        clause=tuple(_pruned(clause, before, after) for clause in standing),
    )


def stands(clause: Clause, choices: Mapping[str, str]) -> bool:
    """Whether the clause is part of the variants in which these choices are made."""
    return not clause.option or all(
        choices.get(bracket, choice) == choice for bracket, choice in options_of(clause)
    )


def exclude_each_other(a: Clause, b: Clause) -> bool:
    """Whether the two clauses stand together in no variant."""
    if not a.option or not b.option:
        return False
    wanted = dict(options_of(a))
    return any(wanted.get(bracket, choice) != choice for bracket, choice in options_of(b))


def options_of(clause: Clause) -> list[tuple[str, str]]:
    """The (bracket, choice) pairs on which a clause hangs."""
    pairs = (option.partition(":") for option in clause.option)
    return [(bracket, choice) for bracket, _, choice in pairs]


def name_choices(pact: Pact, choices: Mapping[str, str]) -> str:
    """The choices as one label in the order of the brackets: `[G:treaty N:none]`."""
    chosen = [f"{one.id}:{choices[one.id]}" for one in pact.bracket if one.id in choices]
    return f"[{' '.join(chosen)}]"


def name_version(pact: Pact, choices: Mapping[str, str]) -> str:
    """The version with its choices; choices made in several steps stand in one pair of square brackets."""
    label = name_choices(pact, choices)
    if pact.version.endswith("]") and " [" in pact.version:
        return f"{pact.version[:-1]} {label[1:]}"
    return f"{pact.version} {label}"


def _settled(clause: Clause, choices: Mapping[str, str]) -> Clause:
    if not clause.option:
        return clause
    left = tuple(f"{bracket}:{choice}" for bracket, choice in options_of(clause) if bracket not in choices)
    return msgspec.structs.replace(clause, option=left)


def _pruned(clause: Clause, before: Mapping[str, bool], after: Mapping[str, bool]) -> Clause:
    """The clause without references to clauses of the draft that stand no more."""
    kept: dict[str, tuple[str, ...]] = {}
    for field in REFERENCES:
        names = getattr(clause, field, ())
        left = tuple([name for name in names if name in after or name not in before])
        if left != names:
            kept[field] = left
    return msgspec.structs.replace(clause, **kept) if kept else clause
