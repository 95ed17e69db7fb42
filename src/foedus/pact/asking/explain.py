"""The answer to "what does this party get from that one, and why", clause by clause, of a pact in force."""

from collections.abc import Sequence
from typing import Final

import msgspec

from foedus.model import Form, TrackClass
from foedus.pact.asking.sentences import FORM_WORDS, listed, sentence
from foedus.pact.clauses import (
    Approval,
    Assist,
    Casus,
    Caveat,
    Consult,
    Cooperate,
    Forbear,
    Notify,
    Pact,
    Precedence,
    Purpose,
    Record,
    Regard,
    Remedy,
    Reservation,
    Route,
    Selector,
    Share,
    Suspend,
    Term,
    Warn,
    Withhold,
)
from foedus.pact.tables.compile import route_between
from foedus.pact.tables.paths import Paths
from foedus.pact.tables.rules import (
    ANYWHERE,
    DENY,
    Rule,
    applies,
    decisive,
    judge,
    narrower,
    party_bits,
    rules_of,
    speaking,
)

__all__ = ["FORM_WORDS", "Answer", "Reason", "answer", "parties_of", "places", "sentence"]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """What one clause has to do with a verdict."""

    clause: str
    decides: bool
    why: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one party gets of another's data of one class at one kind of place."""

    giver: str
    taker: str
    track_class: str
    zones: tuple[str, ...]  # that hold the point; none: outside all zones
    form: str
    clause: str  # empty: no clause speaks, so nothing is given
    hub_form: str  # what may reach the taker through the hub
    hub_why: str
    reasons: tuple[Reason, ...]


_ABOUT: Final[dict[type, str]] = {
    Casus: "says when other clauses speak",
    Regard: "is about how an event is regarded",
    Consult: "is about consultation",
    Notify: "is about notices",
    Assist: "is about assistance",
    Warn: "is about warnings",
    Route: "is about other pairs",
    Caveat: "is about what recipients pass on",
    Purpose: "is about what the data may be used for",
    Cooperate: "is about what is done together",
    Forbear: "is about acts from which somebody refrains",
    Record: "is about records",
    Approval: "is about entry into force",
    Term: "says when the pact is in force",
    Suspend: "is about suspension; asked here is the pact with nothing suspended",
    Reservation: "is about what a party has declared",
    Precedence: "says which clauses prevail",
    Remedy: "is about what follows a violation",
}
"""What clauses that give no data are about."""


def answer(pact: Pact, *, giver: str, taker: str, track_class: TrackClass, zones: Sequence[str]) -> Answer:
    """The verdict on such data while the pact is in force, and what each clause has to do with it.

    giver and taker are two parties of the pact; zones are all those that hold the point.
    """
    ids = [party.id for party in pact.party]
    held = sum(1 << i for i, zone in enumerate(pact.zone) if zone.id in zones)
    rules = rules_of(pact)
    spoken = speaking(rules, ids.index(giver), ids.index(taker), track_class)
    verdict = judge(spoken, held)
    route = route_between(pact, giver, taker)
    form, clause = (Form.NONE, route) if route != DENY else verdict
    hub = Paths(pact).via_hub(giver, taker, track_class, held)
    return Answer(
        giver=giver,
        taker=taker,
        track_class=track_class.name.lower(),
        zones=tuple(zones),
        form=form.name.lower(),
        clause="" if clause == DENY else pact.clause[clause].id,
        hub_form=hub.form.name.lower(),
        hub_why=hub.why,
        reasons=tuple(
            Reason(
                clause=pact.clause[index].id,
                decides=index == clause,
                why=_why(pact, index, clause, spoken, held),
            )
            for index in range(len(pact.clause))
        ),
    )


def _why(pact: Pact, index: int, decided: int, spoken: Sequence[Rule], zones: int) -> str:
    clause = pact.clause[index]
    if index == decided:
        return "decides"
    if isinstance(clause, Share | Withhold):
        return _why_not_rule(pact, index, decided, spoken, zones)
    return _ABOUT[type(clause)]


def _why_not_rule(pact: Pact, index: int, decided: int, spoken: Sequence[Rule], zones: int) -> str:
    rule = next((one for one in spoken if one.clause == index), None)
    clause = pact.clause[index]
    assert isinstance(clause, Share | Withhold)
    if rule is None:
        return "is about other parties or another class"
    if not applies(rule, zones):
        return f"is about {listed(clause.zones, 'or')} only"
    by = "" if decided == DENY else pact.clause[decided].id
    if decided != DENY and isinstance(pact.clause[decided], Route):
        return f"applies, but {by} closes the direct way"
    if rule.form != Form.NONE:
        return _why_not_share(pact, rule, [one for one in spoken if applies(one, zones)])
    if decisive(spoken, zones):
        return f"is overridden by {by}, which is narrower"
    return "withholds as well; the first such clause in the text is named"


def _why_not_share(pact: Pact, share: Rule, here: Sequence[Rule]) -> str:
    for hold in here:
        if hold.form == Form.NONE and not narrower(share, hold):
            return f"is beaten by {pact.clause[hold.clause].id}, than which it is not narrower"
    for other in here:
        if other.form != Form.NONE and narrower(other, share):
            return f"yields to {pact.clause[other.clause].id}, which is narrower"
    return f"would give {share.form.name.lower()}; the lowest form, first in the text, decides"


def places(pact: Pact, *, giver: str, taker: str) -> tuple[tuple[str, ...], ...]:
    """The kinds of place to ask about for a pair: outside all zones, then each zone that a clause names."""
    ids = [party.id for party in pact.party]
    hub = next((i for i, party in enumerate(pact.party) if party.role == "hub"), ids.index(taker))
    named = 0
    for rule in rules_of(pact):
        gives = rule.givers >> ids.index(giver) & 1 and rule.takers >> ids.index(taker) & 1
        relays = rule.givers >> ids.index(giver) & 1 and rule.takers >> hub & 1
        if (gives or relays) and rule.zones != ANYWHERE:
            named |= rule.zones
    return ((), *((zone.id,) for i, zone in enumerate(pact.zone) if named >> i & 1))


def parties_of(pact: Pact, selector: Selector) -> tuple[str, ...]:
    """The ids that a selector means, in the order of the pact."""
    bits = party_bits(pact, selector)
    return tuple(party.id for i, party in enumerate(pact.party) if bits >> i & 1)
