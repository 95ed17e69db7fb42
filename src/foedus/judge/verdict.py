"""The judge's own reading of which clause decides: docs/pact.md, "Which clause decides", rules 1 to 6."""

from collections.abc import Sequence
from typing import NamedTuple

from foedus.judge.reading import Answer, Stand, span_s
from foedus.model import SECOND_NS, Form
from foedus.pact.clauses import Pact, Precedence, Share, Withhold
from foedus.pact.words import DataKind


class Rule(NamedTuple):
    """One share or withhold as it stands between two parties; None selects everything."""

    clause: str
    gives: bool  # False: it closes what it selects, a withhold or a share in doubt
    doubt: bool
    givers: frozenset[str]
    takers: frozenset[str]
    classes: frozenset[int] | None
    zones: frozenset[str] | None
    casus: str | None
    form: Form
    delay_ns: int


class Verdict(NamedTuple):
    """In what form, by which clause, how late. doubt: something undetermined closed it."""

    form: Form
    clause: str
    delay_ns: int
    doubt: bool


NOTHING = Verdict(Form.NONE, "", 0, False)


def orders(pact: Pact) -> frozenset[tuple[str, str]]:
    """(over, under) pairs of clauses, from precedence and notwithstanding."""
    pairs: set[tuple[str, str]] = set()
    for clause in pact.clause:
        if isinstance(clause, Precedence):
            pairs |= {(over, under) for over in clause.over for under in clause.under}
        if isinstance(clause, Share):
            pairs |= {(clause.id, under) for under in clause.notwithstanding}
    return frozenset(pairs)


def rules_between(stand: Stand, giver: str, taker: str) -> tuple[Rule, ...]:
    """Every share and withhold of tracks that may speak between the two, in the order of the text."""
    found = []
    for clause in stand.pact.clause:
        if not isinstance(clause, Share | Withhold) or clause.data != DataKind.TRACKS or giver == taker:
            continue
        if giver not in stand.chosen(clause.giver) or taker not in stand.chosen(clause.taker):
            continue
        answer = stand.speaks(clause, giver, taker)
        if answer != Answer.NO:
            found.append(_rule(stand, clause, taker, answer))
    return tuple(found)


def _rule(stand: Stand, clause: Share | Withhold, taker: str, answer: Answer) -> Rule:
    takers, zones = stand.chosen(clause.taker), frozenset(clause.zones) or None
    form, delay_s, gives = Form.NONE, 0.0, False
    doubt = answer == Answer.DOUBT
    if isinstance(clause, Share):
        span = span_s(stand.pact, clause.delay_s)
        doubt = doubt or clause.form == "unknown" or span is None
        gives = not doubt
        form = Form.NONE if clause.form == "unknown" else clause.form
        delay_s = span or 0.0
        if clause.need_to_know == "own_area":
            own = frozenset(zone.id for zone in stand.pact.zone if zone.owner == taker)
            takers, zones = frozenset((taker,)), own if zones is None else zones & own
    return Rule(
        clause=clause.id,
        gives=gives,
        doubt=doubt,
        givers=stand.chosen(clause.giver),
        takers=takers,
        classes=frozenset(int(one) for one in clause.classes) or None,
        zones=zones,
        casus=clause.casus,
        form=form,
        delay_ns=round(delay_s * SECOND_NS),
    )


def decide(
    rules: Sequence[Rule], over: frozenset[tuple[str, str]], track_class: int, zones: frozenset[str]
) -> Verdict:
    """What these rules say of a row of that class inside exactly those zones."""
    here = [
        rule
        for rule in rules
        if (rule.classes is None or track_class in rule.classes)
        and (rule.zones is None or rule.zones & zones)
    ]
    closing = [rule for rule in here if not rule.gives]
    doubt = any(rule.doubt for rule in closing)
    alive = [rule for rule in here if rule.gives and not any(_closes(shut, rule, over) for shut in closing)]
    left = [rule for rule in alive if not any(_beats(other, rule, over) for other in alive)]
    if not left:
        return Verdict(Form.NONE, "", 0, doubt)
    if len({rule.form for rule in left}) > 1:  # does not compile; no node runs it
        return Verdict(Form.NONE, "", 0, True)
    return Verdict(left[0].form, left[0].clause, left[0].delay_ns, doubt)


def _closes(shut: Rule, share: Rule, over: frozenset[tuple[str, str]]) -> bool:
    if (share.clause, shut.clause) in over:
        return False
    return (shut.clause, share.clause) in over or not narrower(share, shut)


def _beats(one: Rule, other: Rule, over: frozenset[tuple[str, str]]) -> bool:
    if one is other or (other.clause, one.clause) in over:
        return False
    return (one.clause, other.clause) in over or narrower(one, other)


def narrower(one: Rule, other: Rule) -> bool:
    """Whether everything that one selects the other selects too, and the other selects more."""
    within = (
        one.givers <= other.givers
        and one.takers <= other.takers
        and _part(one.classes, other.classes)
        and _part(one.zones, other.zones)
        and (other.casus is None or one.casus == other.casus)
    )
    same = (one.givers, one.takers, one.classes, one.zones, one.casus) == (
        other.givers, other.takers, other.classes, other.zones, other.casus,
    )  # fmt: skip
    return within and not same


def _part(one: frozenset[int] | frozenset[str] | None, other: frozenset[int] | frozenset[str] | None) -> bool:
    if other is None:
        return True
    return one is not None and one <= other
