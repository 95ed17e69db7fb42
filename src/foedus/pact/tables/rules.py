"""What share and withhold clauses select, how they rank, and the verdict they give, in plain Python.

A rule selects by giver, taker, kind of data, class and zone, and may hold in one casus only. Rule A is
*narrower* than rule B when all that A selects B selects too, selector by selector, and B selects more; a rule
scoped by a casus is narrower than one without. A *outranks* B when the text says so (a precedence clause, or
`notwithstanding`), or when A is narrower and the text does not say the contrary. In one situation (giver,
taker, kind of data, class, zones that hold the point):

1. no share applies: nothing is released (default deny);
2. a withhold beats every share that does not outrank it;
3. among the shares left, one that another of them outranks yields to it;
4. if several are left, the lowest of their forms holds; of equal forms the longest delay; of these the
   first in the text is named. Where their forms differ the text contradicts itself and is refused.

When nothing is released though a withhold applies, the first withhold in the text that applies is named.
Sets of parties, classes, zones and clauses are bits of an integer in the order of the pact.

Two readings: with an edition (see force.py) only what speaks then; without one every clause, each casus met.
A share in doubt, or whose form or delay is unknown, gives nothing and closes what it selects: it ranks as a
withhold, because what the text says there is not known and a wider share might give too much.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from foedus.model import SECOND_NS, Form, TrackClass
from foedus.pact.clauses import Pact, Precedence, Selector, Share, Withhold
from foedus.pact.force import Edition
from foedus.pact.words import UNKNOWN, DataKind

ANYWHERE: Final = -1
"""The zones of a rule that names none: every bit, so that it holds every list of zones."""

DENY: Final = -1
"""The clause of a verdict on which no clause speaks."""


class Rule(NamedTuple):
    """One share or withhold clause, its selectors resolved to bits; with `own_area` one for each taker."""

    clause: int
    form: Form  # NONE for a withhold and for a share in doubt
    givers: int
    takers: int
    classes: int
    zones: int  # ANYWHERE, or the zones of which one must hold the point
    data: DataKind = DataKind.TRACKS
    casus: str = ""  # the casus in which alone it holds; empty: always
    delay_ns: int = 0  # how old an estimate has to be before it leaves
    anonymised: bool = False
    over: int = 0  # clauses that it prevails over because the text says so, as bits
    barred: tuple[tuple[int, int], ...] = ()  # (giver, taker) between whom it does not hold now


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


def seconds_of(pact: Pact, span: float | str) -> float | None:
    """The seconds of a span, through the words of the text; None where they are not known."""
    if isinstance(span, str):
        return None if span == UNKNOWN else pact.words.get(span)
    return span


def rules_of(pact: Pact, edition: Edition | None = None) -> tuple[Rule, ...]:
    """The share and withhold clauses that speak, in the order of the text; see above for the two readings."""
    over = _declared(pact, edition)
    rules: list[Rule] = []
    for index, clause in enumerate(pact.clause):
        here = edition is None or edition.speaks[index] or edition.doubtful[index]
        if isinstance(clause, Share | Withhold) and here:
            rules += _rules(pact, index, clause, over.get(index, 0), edition)
    return tuple(rules)


def _rules(
    pact: Pact, index: int, clause: Share | Withhold, over: int, edition: Edition | None
) -> Iterator[Rule]:
    rule = Rule(
        index,
        Form.NONE,
        party_bits(pact, clause.giver),
        party_bits(pact, clause.taker),
        class_bits(clause.classes),
        zone_bits(pact, clause.zones),
        data=clause.data,
        casus=clause.casus or "",
        over=over,
    )
    if isinstance(clause, Withhold):
        yield rule
        return
    ids = [party.id for party in pact.party]
    barred = edition.barred[index] if edition else ()
    rule = rule._replace(
        barred=tuple((ids.index(a), ids.index(b)) for a, b in barred),
        anonymised=clause.source == "anonymised",
    )
    delay_s = seconds_of(pact, clause.delay_s)
    doubtful = edition is not None and edition.doubtful[index]
    if not (doubtful or delay_s is None or isinstance(clause.form, str)):
        rule = rule._replace(form=clause.form, delay_ns=round(delay_s * SECOND_NS))
    if clause.need_to_know is None:
        yield rule
        return
    for taker, name in enumerate(ids):
        own = sum(1 << i for i, zone in enumerate(pact.zone) if zone.owner == name) & rule.zones
        if rule.takers >> taker & 1 and own:
            yield rule._replace(takers=1 << taker, zones=own)


def _declared(pact: Pact, edition: Edition | None) -> dict[int, int]:
    """For each clause the clauses over which the text says it prevails, as bits."""
    index = {clause.id: i for i, clause in enumerate(pact.clause)}
    index |= {f"{pact.pact}:{name}": i for name, i in index.items()}
    over: dict[int, int] = {}
    for i, clause in enumerate(pact.clause):
        if edition is not None and not (edition.speaks[i] or edition.doubtful[i]):
            continue
        if isinstance(clause, Precedence):
            pairs = [(above, below) for above in clause.over for below in clause.under]
        elif isinstance(clause, Share):
            pairs = [(clause.id, below) for below in clause.notwithstanding]
        else:
            continue
        for above, below in pairs:
            if above in index and below in index:  # else it is about another pact
                over[index[above]] = over.get(index[above], 0) | 1 << index[below]
    return over


def narrower(a: Rule, b: Rule) -> bool:
    """Whether b selects all that a selects, and more; never of different kinds of data."""
    within = not (
        a.givers & ~b.givers or a.takers & ~b.takers or a.classes & ~b.classes or a.zones & ~b.zones
    )
    selectors = (a.givers, a.takers, a.classes, a.zones, a.casus)
    return (
        within
        and a.data == b.data
        and b.casus in ("", a.casus)
        and selectors != (b.givers, b.takers, b.classes, b.zones, b.casus)
    )


def outranks(a: Rule, b: Rule) -> bool:
    """Whether a beats b where both apply: the text says so, or a is narrower and it says nothing else."""
    if a.over >> b.clause & 1:
        return True
    return narrower(a, b) and not b.over >> a.clause & 1


def speaking(
    rules: Sequence[Rule], giver: int, taker: int, track_class: int, data: DataKind = DataKind.TRACKS
) -> tuple[Rule, ...]:
    """The rules on what this giver lets this taker have of this class, wherever it is."""
    return tuple(
        rule
        for rule in rules
        if rule.givers >> giver & 1
        and rule.takers >> taker & 1
        and rule.classes >> track_class & 1
        and rule.data == data
        and (giver, taker) not in rule.barred
    )


def decisive(rules: Sequence[Rule], zones: int) -> tuple[Rule, ...]:
    """The shares that decide at a point in these zones, among rules that speak; none: nothing is released."""
    here = [rule for rule in rules if applies(rule, zones)]
    withholds = [rule for rule in here if rule.form == Form.NONE]
    shares = [
        rule
        for rule in here
        if rule.form != Form.NONE and all(outranks(rule, withhold) for withhold in withholds)
    ]
    return tuple(share for share in shares if not any(outranks(other, share) for other in shares))


def applies(rule: Rule, zones: int) -> bool:
    """Whether the rule applies to a point that lies in these zones."""
    return rule.zones == ANYWHERE or bool(rule.zones & zones)


def preference(share: Rule) -> tuple[int, int, int]:
    """Of shares left side by side the one with the least of this is named: form, delay, place in the text."""
    return share.form, -share.delay_ns, share.clause


def judge(rules: Sequence[Rule], zones: int) -> Verdict:
    """The verdict at a point in these zones, among rules that speak."""
    shares = decisive(rules, zones)
    if shares:
        best = min(shares, key=preference)
        return Verdict(best.form, best.clause)
    for rule in rules:
        if rule.form == Form.NONE and applies(rule, zones):
            return Verdict(Form.NONE, rule.clause)
    return Verdict(Form.NONE, DENY)
