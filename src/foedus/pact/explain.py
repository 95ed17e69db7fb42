"""The pact in plain sentences, and the answer to "what does this party get from that one, and why".

Says what the structs say, not what the drafter wrote in `text`: a reader sees where the two differ.
"""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from foedus.model import Form, TrackClass
from foedus.pact.clauses import Caveat, Clause, Onward, Pact, Route, Selector, Share, Term, Warn, Withhold
from foedus.pact.compile import route_between
from foedus.pact.paths import Paths
from foedus.pact.rules import (
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


FORM_WORDS = {
    Form.NONE: "nothing",
    Form.ALERT: "an alert (cell, time and class)",
    Form.REGION: "the 1 degree cell, without height, velocity or identity",
    Form.COARSE: "the 0.1 degree cell with rounded height and velocity, without identity",
    Form.TRACK: "the track with its accuracy and identity",
    Form.SOURCE: "plots with their sensor",
}


# ---------------------------------------------------------------- sentences


def sentence(clause: Clause) -> str:
    """What the clause does, in one plain sentence."""
    said = _said(clause)
    return said[0].upper() + said[1:]


def _said(clause: Clause) -> str:  # noqa: PLR0911 - one for each kind of clause
    match clause:
        case Share():
            return (
                f"{_who(clause.giver)} {_gives(clause.giver)} {_who(clause.taker)}, of {_what(clause)}, "
                f"{FORM_WORDS[clause.form]}."
            )
        case Withhold():
            givers, takers = _who(clause.giver), _who(clause.taker)
            return f"{givers} {_gives(clause.giver)} {takers} nothing of {_what(clause)}."
        case Route():
            pairs = _and([f"{a} with {b}" for a, b in clause.pairs])
            return f"These exchange nothing directly, only through {clause.via}: {pairs}."
        case Caveat():
            return _caveat_sentence(clause)
        case Warn():
            return _warn_sentence(clause)
        case Term():
            if clause.in_force is None:
                return "A draft: not in force at any time."
            until = f" until {clause.until.isoformat()}" if clause.until else ", without end"
            return f"In force from {clause.in_force.isoformat()}{until}."
        case _:
            assert_never(clause)


def _caveat_sentence(clause: Caveat) -> str:
    held = f"What is given by {_and(clause.on)} is releasable to {_who(clause.rel_to)}"
    onward = f"; {_onward_words(clause.onward)}" if clause.onward else ""
    rest = "nothing else goes onward" if clause.orcon else "among those it may go on in the same form"
    return f"{held}{onward}; {rest}."


def _onward_words(onward: Onward) -> str:
    source = ", without its source" if onward.strip_source else ""
    return f"it may go on to {_who(onward.to)} as at most {FORM_WORDS[onward.max_form]}{source}"


def _warn_sentence(clause: Warn) -> str:
    classes = _classes(clause.classes)
    zones = f"zone {_or(clause.zones)}, where that is its own" if clause.zones else "a zone of its own"
    return (
        f"{_who(clause.by)} must warn {_who(clause.to)} within {clause.within_s:g} s when {classes} will "
        f"enter {zones}, with a probability of {clause.probability:.0%} or more within "
        f"{clause.horizon_s:g} s; renewed every {clause.renew_s:g} s, gone after {clause.expires_s:g} s, "
        f"to be acknowledged in {clause.ack_s:g} s."
    )


def _who(selector: Selector) -> str:
    words = {"member": "every member", "hub": "the hub", "observer": "every observer", "any": "every party"}
    ids = (selector,) if isinstance(selector, str) else selector
    return _and([words.get(one, one) for one in ids])


def _gives(selector: Selector) -> str:
    return "gives" if isinstance(selector, str) or len(selector) == 1 else "give"


def _what(clause: Share | Withhold) -> str:
    place = f" inside {_or(clause.zones)}" if clause.zones else " anywhere"
    return _classes(clause.classes) + place


def _classes(classes: Sequence[TrackClass]) -> str:
    return " or ".join(one.name.lower() for one in classes) + " tracks" if classes else "all tracks"


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _or(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# ---------------------------------------------------------------- answers


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
    others = {
        Route: "is about other pairs",
        Caveat: "is about what recipients pass on",
        Warn: "is about warnings",
        Term: "says when the pact is in force",
    }
    if index == decided:
        return "decides"
    if isinstance(clause, Share | Withhold):
        return _why_not_rule(pact, index, decided, spoken, zones)
    return others[type(clause)]


def _why_not_rule(pact: Pact, index: int, decided: int, spoken: Sequence[Rule], zones: int) -> str:
    rule = next((one for one in spoken if one.clause == index), None)
    clause = pact.clause[index]
    assert isinstance(clause, Share | Withhold)
    if rule is None:
        return "is about other parties or another class"
    if not applies(rule, zones):
        return f"is about {_or(clause.zones)} only"
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
