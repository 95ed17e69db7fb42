"""What the hub may do with what members give it: pass it on as rows, or stand on it when it warns.

Caveats say so, and withholds of the originator close every path. Both rights are all or nothing for each
member and party: what a party may have only in part would tell of the rest.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from foedus.model import I8, Bool, Form, TrackClass
from foedus.pact.clauses import ATTACKED, Caveat, Pact, Share, Warn
from foedus.pact.force import Edition
from foedus.pact.tables.rules import ANYWHERE, Rule, outranks, party_bits, rules_of, speaking

PlotMask = tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]
"""For each class: (zones of a share, zones of the withholds that beat it); any of the shares suffices."""


def hub_of(pact: Pact) -> int:
    """Which party is the hub, -1 where none is."""
    return next((i for i, party in enumerate(pact.party) if party.role == "hub"), -1)


def caveats_of(pact: Pact, now: Edition | None) -> Iterator[tuple[int, Caveat]]:
    """The caveats that speak, each with its place in the text."""
    for index, clause in enumerate(pact.clause):
        if isinstance(clause, Caveat) and (now is None or now.speaks[index]):
            yield index, clause


def shares_of(rules: Sequence[Rule], giver: int, taker: int, track_class: int) -> list[Rule]:
    """The shares among the rules on what this giver lets this taker have of this class."""
    spoken = speaking(rules, giver, taker, track_class)
    return [rule for rule in spoken if rule.form != Form.NONE]


def holds_of(rules: Sequence[Rule], giver: int, taker: int, track_class: int) -> list[Rule]:
    """The withholds among them, and the shares that give nothing because they are in doubt."""
    spoken = speaking(rules, giver, taker, track_class)
    return [rule for rule in spoken if rule.form == Form.NONE]


def alike(rules: Sequence[Rule]) -> dict[TrackClass, TrackClass]:
    """For every class the first one that no rule tells from it, whose answers it shares."""
    selected = tuple(dict.fromkeys(rule.classes for rule in rules))
    first: dict[tuple[int, ...], TrackClass] = {}
    return {
        track_class: first.setdefault(tuple(bits >> track_class & 1 for bits in selected), track_class)
        for track_class in TrackClass
    }


def told_apart(rules: Sequence[Rule]) -> tuple[TrackClass, ...]:
    """One class of each kind that the rules tell apart."""
    return tuple(track_class for track_class, like in alike(rules).items() if like == track_class)


def plot_mask_of(rules: Sequence[Rule], giver: int, taker: int) -> PlotMask:
    """Which plots of the giver may stand behind the rows of the taker."""
    like = alike(rules)
    masks = {one: _class_mask(rules, giver, taker, one) for one in told_apart(rules)}
    return tuple(masks[like[track_class]] for track_class in TrackClass)


def _class_mask(
    rules: Sequence[Rule], giver: int, taker: int, track_class: TrackClass
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    against = holds_of(rules, giver, taker, track_class)
    return _reduce(
        (share.zones, tuple(sorted({hold.zones for hold in against if not outranks(share, hold)})))
        for share in shares_of(rules, giver, taker, track_class)
    )


def _reduce(terms: Iterator[tuple[int, tuple[int, ...]]]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The terms in order, without those that can never hold and those that another one covers."""
    alive = sorted({term for term in terms if ANYWHERE not in term[1] and term[0] not in term[1]})
    return tuple(term for term in alive if not any(other != term and _covers(other, term) for other in alive))


def _covers(wide: tuple[int, tuple[int, ...]], term: tuple[int, tuple[int, ...]]) -> bool:
    return not term[0] & ~wide[0] and all(zones in term[1] for zones in wide[1])


def onward_rights(pact: Pact, giver: str, now: Edition | None = None) -> tuple[I8, Bool]:
    """What the hub may pass on of the giver's data, (clauses, parties), and to whom everything may go on.

    Without an edition: as the text has it when every clause speaks.
    """
    me = [party.id for party in pact.party].index(giver)
    return onward_form(pact, me, now), onward_open(pact, rules_of(pact, now), me, now)


def onward_form(pact: Pact, originator: int, now: Edition | None, *, duty: Warn | None = None) -> I8:
    """What every caveat on a share lets the recipient pass on, the lowest of them; nothing without one.

    As rows, so that an alert is nothing; or, where a duty to warn is given, as what its warnings may rest on:
    an alert is enough, and the caveats over which it prevails keep nothing back.
    """
    forms = np.zeros((len(pact.clause), len(pact.party)), np.int8)
    caveats = [one for _, one in caveats_of(pact, now) if party_bits(pact, one.originator) >> originator & 1]
    least = Form.REGION if duty is None else Form.ALERT
    ignored = () if duty is None else duty.notwithstanding
    for index, share in enumerate(pact.clause):
        own = [one for one in caveats if share.id in one.on]
        if isinstance(share, Share) and own and not isinstance(share.form, str):
            for party in range(len(pact.party)):
                allowed = [_entitlement(pact, one, share, party) for one in own if one.id not in ignored]
                form = min(allowed, default=share.form)
                forms[index, party] = form if form >= least else Form.NONE
    return forms


def _entitlement(pact: Pact, caveat: Caveat, share: Share, party: int) -> Form:
    assert not isinstance(share.form, str)
    if caveat.onward is not None and party_bits(pact, caveat.onward.to) >> party & 1:
        return min(share.form, caveat.onward.max_form)
    if not caveat.orcon and party_bits(pact, caveat.rel_to) >> party & 1:
        return share.form
    return Form.NONE


def onward_open(pact: Pact, rules: Sequence[Rule], me: int, now: Edition | None) -> Bool:
    """Whether each party may have, through the hub, every plot that may be behind this member's rows there.

    Otherwise a row outside the withheld zone would still tell of plots inside it: by its number, its age, its
    velocity. Such a party gets nothing of this member through the hub.
    """
    opened = np.zeros(len(pact.party), np.bool_)
    hub = hub_of(pact)
    if hub in (-1, me):
        return opened
    forms = onward_form(pact, me, now)
    given = plot_mask_of(rules, me, hub)
    for index, party in enumerate(pact.party):
        if index not in (me, hub) and (now is None or party.id in now.parties):
            opened[index] = opens(rules, me, hub, index, forms, given, classes=told_apart(rules))
    return opened


def onward_alert(pact: Pact, rules: Sequence[Rule], me: int, now: Edition | None, opened: Bool) -> Bool:
    """Whom the hub may warn from this member's data, by whatever clause, and give no rows of them.

    opened: who may have rows, so that nothing more need be found out.
    """
    alerts = np.zeros(len(pact.party), np.bool_)
    hub = hub_of(pact)
    closed = [party for party in np.flatnonzero(~opened).tolist() if party not in (me, hub)]
    if hub in (-1, me) or not closed:
        return alerts
    for index, clause in enumerate(pact.clause):
        speaks = now is None or now.speaks[index]
        if isinstance(clause, Warn) and speaks and party_bits(pact, clause.by) >> hub & 1:
            warned = [party for party in closed if is_warned(pact, clause, pact.party[party].id)]
            served = served_by(pact, rules, me, now, clause, warned)
            for party in warned:
                alerts[party] |= served >> party & 1
    return alerts


def served_by(
    pact: Pact, rules: Sequence[Rule], giver: int, now: Edition | None, duty: Warn, warned: Sequence[int]
) -> int:
    """Which of some parties the hub may warn by that duty from what the giver gives it, as bits.

    As with rows all or nothing: of a party of whose plots some may not serve, none do, because a warning
    would tell, by its place and time, of those behind the same track.
    """
    hub = hub_of(pact)
    ids = [party.id for party in pact.party]
    present = ids if now is None else now.parties
    if giver == hub or not {ids[giver], ids[hub]} <= {*present}:
        return 0
    spared = [rule for rule in rules if pact.clause[rule.clause].id not in duty.notwithstanding]
    forms = onward_form(pact, giver, now, duty=duty)
    given = plot_mask_of(rules, giver, hub)
    apart = told_apart(rules)
    return sum(
        1 << party
        for party in warned
        if party not in (giver, hub)
        and ids[party] in present
        and opens(spared, giver, hub, party, forms, given, classes=apart)
    )


def opens(
    rules: Sequence[Rule],
    me: int,
    hub: int,
    party: int,
    forms: I8,
    given: PlotMask,
    *,
    classes: Sequence[TrackClass],
) -> bool:
    """Whether the hub may pass on to a party every plot of these classes that this member gives the hub."""
    return all(
        any(_covers(term, one) for term in passed)
        for track_class in classes
        if given[track_class]
        for passed in [_passed(rules, me, hub, party, track_class, forms)]
        for one in given[track_class]
    )


def _passed(
    rules: Sequence[Rule], me: int, hub: int, party: int, track_class: int, forms: I8
) -> list[tuple[int, tuple[int, ...]]]:
    """When the hub may pass a plot on to a party: shares to the hub, each with the zones that stop it."""
    own = shares_of(rules, me, hub, track_class)
    silent = [share for share in own if forms[share.clause, party] == Form.NONE]
    stopping = [*holds_of(rules, me, hub, track_class), *silent]
    against = {hold.zones for hold in holds_of(rules, me, party, track_class)}
    return [
        (
            share.zones,
            tuple(sorted(against | {rule.zones for rule in stopping if not outranks(share, rule)})),
        )
        for share in own
        if share not in silent
    ]


def is_warned(pact: Pact, clause: Warn, party: str) -> bool:
    """Whether the clause means that party to be warned; `attacked` is whoever owns the zone."""
    words = (clause.to,) if isinstance(clause.to, str) else clause.to
    index = [one.id for one in pact.party].index(party)
    return ATTACKED in words or bool(party_bits(pact, clause.to) >> index & 1)
