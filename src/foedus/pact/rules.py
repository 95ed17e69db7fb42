"""What share and withhold clauses select, how they rank, and the verdict they give, in plain Python.

A rule selects by giver, taker, class and zone. Rule A is *narrower* than rule B when all that A selects B
selects too, selector by selector, and B selects more. In one situation (giver, taker, class, zones that hold
the point):

1. no share applies: nothing is released (default deny);
2. a withhold beats every share that is not narrower than it;
3. among the shares left, one that has a narrower one beside it yields to it;
4. if several are left, the lowest of their forms holds, and of these the first in the text is named. Where
   their forms differ the text contradicts itself, and `validate` refuses the pact.

When nothing is released though a withhold applies, the first withhold in the text that applies is named.
Sets of parties, classes and zones are bits of an integer in the order of the pact.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from foedus.model import Form, TrackClass
from foedus.pact.clauses import Pact, Selector, Share, Withhold

ANYWHERE: Final = -1
"""The zones of a rule that names none: every bit, so that it holds every list of zones."""

DENY: Final = -1
"""The clause of a verdict on which no clause speaks."""


class Rule(NamedTuple):
    """One share or withhold clause with its selectors resolved to bits."""

    clause: int
    form: Form  # NONE for a withhold
    givers: int
    takers: int
    classes: int
    zones: int  # ANYWHERE, or the zones of which one must hold the point


class Verdict(NamedTuple):
    """What is released, and the index of the clause that says so; DENY where none does."""

    form: Form
    clause: int


def party_bits(pact: Pact, selector: Selector) -> int:
    """The parties that a selector means; unknown ids mean nobody."""
    words = (selector,) if isinstance(selector, str) else selector
    return sum(
        1 << i
        for i, party in enumerate(pact.party)
        if party.id in words or party.role in words or "any" in words
    )


def zone_bits(pact: Pact, ids: Sequence[str]) -> int:
    """The zones of those ids; ANYWHERE for none."""
    if not ids:
        return ANYWHERE
    return sum(1 << i for i, zone in enumerate(pact.zone) if zone.id in ids)


def class_bits(classes: Sequence[TrackClass]) -> int:
    """The classes as bits; every class for none."""
    return sum(1 << track_class for track_class in (classes or TrackClass))


def rules_of(pact: Pact) -> tuple[Rule, ...]:
    """All share and withhold clauses, in the order of the text."""
    return tuple(
        Rule(
            index,
            clause.form if isinstance(clause, Share) else Form.NONE,
            party_bits(pact, clause.giver),
            party_bits(pact, clause.taker),
            class_bits(clause.classes),
            zone_bits(pact, clause.zones),
        )
        for index, clause in enumerate(pact.clause)
        if isinstance(clause, Share | Withhold)
    )


def narrower(a: Rule, b: Rule) -> bool:
    """Whether b selects all that a selects, and more."""
    within = not (
        a.givers & ~b.givers or a.takers & ~b.takers or a.classes & ~b.classes or a.zones & ~b.zones
    )
    return within and (a.givers, a.takers, a.classes, a.zones) != (b.givers, b.takers, b.classes, b.zones)


def speaking(rules: Sequence[Rule], giver: int, taker: int, track_class: int) -> tuple[Rule, ...]:
    """The rules on what this giver lets this taker have of this class, wherever it is."""
    return tuple(
        rule
        for rule in rules
        if rule.givers >> giver & 1 and rule.takers >> taker & 1 and rule.classes >> track_class & 1
    )


def decisive(rules: Sequence[Rule], zones: int) -> tuple[Rule, ...]:
    """The shares that decide at a point in these zones, among rules that speak; none: nothing is released."""
    here = [rule for rule in rules if applies(rule, zones)]
    withholds = [rule for rule in here if rule.form == Form.NONE]
    shares = [
        rule
        for rule in here
        if rule.form != Form.NONE and all(narrower(rule, withhold) for withhold in withholds)
    ]
    return tuple(share for share in shares if not any(narrower(other, share) for other in shares))


def applies(rule: Rule, zones: int) -> bool:
    """Whether the rule applies to a point that lies in these zones."""
    return rule.zones == ANYWHERE or bool(rule.zones & zones)


def judge(rules: Sequence[Rule], zones: int) -> Verdict:
    """The verdict at a point in these zones, among rules that speak."""
    shares = decisive(rules, zones)
    if shares:
        best = min(shares, key=lambda share: (share.form, share.clause))
        return Verdict(best.form, best.clause)
    for rule in rules:
        if rule.form == Form.NONE and applies(rule, zones):
            return Verdict(Form.NONE, rule.clause)
    return Verdict(Form.NONE, DENY)
