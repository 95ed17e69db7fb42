"""K8: clauses without effect: never triggered, always beaten, or waiting for what no party can do."""

from collections.abc import Iterator, Sequence

from foedus.model import Form, TrackClass
from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry
from foedus.pact.checks.reach import RELAYED
from foedus.pact.clauses import Casus, Caveat, Pact, Share, Suspend, Withhold
from foedus.pact.force import milestone_met, selected
from foedus.pact.reading.ties import ZonesMeet
from foedus.pact.tables.rules import ANYWHERE, Rule, decisive, narrower, rules_of
from foedus.pact.words import Truth


def dead(inquiry: Inquiry) -> Iterator[Finding]:
    """K8: each clause that could be struck out, and each that waits for somebody outside."""
    pact = inquiry.pact
    rules: dict[int, list[Rule]] = {}
    every = [rule for rule in rules_of(pact) if isinstance(rule.form, Form)]
    for rule in every:
        rules.setdefault(rule.clause, []).append(rule)
    meet = ZonesMeet(pact)
    for index, clause in enumerate(pact.clause):
        own = rules.get(index, [])
        match clause:
            case Share() if own and not any(_ever_decides(pact, every, rule) for rule in own):
                yield _without_effect(
                    clause.id, "wherever it applies, a withhold or a narrower share decides"
                )
            case Withhold() if own and not any(_ever_withholds(pact, every, rule, meet) for rule in own):
                yield _without_effect(clause.id, "nothing is shared that it could withhold")
            case Caveat() if not any(_relayed(pact, name) for name in clause.on):
                yield _without_effect(
                    clause.id, "its clauses give nothing to a hub, and nobody else passes on"
                )
            case Casus():
                yield from _casus(inquiry, clause)
            case Suspend():
                yield from _waits(inquiry, clause)
            case _:
                pass


def _without_effect(clause: str, why: str) -> Finding:
    return Finding(
        number="K8",
        severity="warning",
        clauses=(clause,),
        witness=f"Without {clause} nothing would change: {why}.",
        change=f"strike {clause} out, or write it so that it decides somewhere",
    )


def _casus(inquiry: Inquiry, clause: Casus) -> Iterator[Finding]:
    used = any(getattr(one, "casus", None) == clause.id for one in inquiry.pact.clause)
    if not used:
        yield _without_effect(clause.id, "no clause asks whether it is met")
    elif not any(inquiry.judged(clause, cell).truth != Truth.NO for cell in inquiry.cells):
        terms = [ground.term for cell in inquiry.cells[:1] for ground in inquiry.judged(clause, cell).grounds]
        hanging = [one.id for one in inquiry.pact.clause if getattr(one, "casus", None) == clause.id]
        yield Finding(
            number="K8",
            severity="warning",
            clauses=(clause.id, *hanging),
            witness=f"{clause.id} is met in no situation at all ({', '.join(terms)}), so {listed(hanging)} "
            "never speaks.",
            change=f"wider terms in {clause.id}",
        )


def _waits(inquiry: Inquiry, clause: Suspend) -> Iterator[Finding]:
    """A condition that only somebody who is bound by nothing here can bring about."""
    if clause.precedent is None:
        return
    entry = next(one for one in inquiry.pact.milestone if one.id == clause.precedent)
    if milestone_met(inquiry.pact, entry.id, time_ns=inquiry.time_ns, facts=inquiry.facts):
        return
    outside = [one for one in entry.by if one not in inquiry.roster]
    if outside:
        yield Finding(
            number="K8",
            severity="warning",
            clauses=(clause.id, *clause.on),
            witness=(
                f"{listed(list(clause.on))} {'wait' if len(clause.on) > 1 else 'waits'} for {entry.id} "
                f"({entry.says.rstrip('.')}), an act of {listed(outside)}, which no clause binds."
            ),
            change=f"until = a day in {clause.id}, after which it no longer waits",
        )


# ---------------------------------------------------------------- shares, withholds and caveats


def _cells(pact: Pact, rule: Rule) -> Iterator[tuple[int, int, int]]:
    parties = range(len(pact.party))
    return (
        (giver, taker, track_class)
        for giver in parties
        if rule.givers >> giver & 1
        for taker in parties
        if rule.takers >> taker & 1 and giver != taker
        for track_class in TrackClass
        if rule.classes >> track_class & 1
    )


def _beside(
    pact: Pact, rules: Sequence[Rule], rule: Rule, giver: int, taker: int, track_class: int
) -> list[Rule]:
    """The rules on the same kind of data for one pair and class that can speak together with a rule."""
    own = pact.clause[rule.clause]
    assert isinstance(own, Share | Withhold)
    found = []
    for one in rules:
        clause = pact.clause[one.clause]
        assert isinstance(clause, Share | Withhold)
        same = one.givers >> giver & 1 and one.takers >> taker & 1 and one.classes >> track_class & 1
        if same and clause.data == own.data and (clause.casus in (None, own.casus) or own.casus is None):
            found.append(one)
    return found


def _ever_decides(pact: Pact, rules: Sequence[Rule], rule: Rule) -> bool:
    """Whether the share decides somewhere; another casus than its own may always be over."""
    alone = [0] if rule.zones == ANYWHERE else [1 << i for i in range(len(pact.zone)) if rule.zones >> i & 1]
    own = getattr(pact.clause[rule.clause], "casus", None)
    for cell in _cells(pact, rule):
        spoken = [
            one
            for one in _beside(pact, rules, rule, *cell)
            if getattr(pact.clause[one.clause], "casus", None) in (None, own)
        ]
        if any(rule in decisive(tuple(spoken), zones) for zones in alone):
            return True
    return False


def _ever_withholds(pact: Pact, rules: Sequence[Rule], rule: Rule, meet: ZonesMeet) -> bool:
    """Whether a share that is not narrower applies where the rule does, directly or on the way to a relay."""
    relays = [i for i, party in enumerate(pact.party) if party.id in _relays(pact)]
    for giver, taker, track_class in _cells(pact, rule):
        direct = [
            one for one in _beside(pact, rules, rule, giver, taker, track_class) if not narrower(one, rule)
        ]
        through = [
            one
            for relay in relays
            if relay not in (giver, taker)
            for one in _beside(pact, rules, rule, giver, relay, track_class)
        ]
        for share in (*direct, *through):
            if share.form == Form.NONE:
                continue
            if any(meet.least(rule.zones, share.zones)) or rule.zones == ANYWHERE == share.zones:
                return True
    return False


def _relays(pact: Pact) -> list[str]:
    """Who passes things on: a hub, and whoever gives data that hold what others gave."""
    return [party.id for party in pact.party if party.role == "hub"] + [
        giver
        for one in pact.clause
        if isinstance(one, Share) and one.data in RELAYED
        for giver in selected(pact, one.giver)
    ]


def _relayed(pact: Pact, name: str) -> bool:
    """Whether what a share gives comes to somebody who passes things on."""
    share = next(one for one in pact.clause if one.id == name)
    if not isinstance(share, Share):
        return False
    relays = _relays(pact)
    return share.data in RELAYED or any(taker in relays for taker in selected(pact, share.taker))
