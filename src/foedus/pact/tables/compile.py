"""The tables that one node runs: the pact as this member has to apply it by one edition of it.

An edition (see force.py) says what speaks at a time, after the facts recorded until then: which clauses,
which parties, which pairs are barred. Whether a casus is met is therefore settled here, and the tables know
nothing of it. What the rows of the tables mean is said in rules.py; kernels.py walks them. No numba is
imported here.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from foedus.errors import InputError
from foedus.model import I8, I16, I32, I64, Bool, Form, TrackClass
from foedus.pact.clauses import Pact, Route, Warn, Zone
from foedus.pact.force import Edition, Fact, edition, in_force, time_ns_of
from foedus.pact.tables.onward import (
    PlotMask,
    alike,
    caveats_of,
    hub_of,
    is_warned,
    onward_alert,
    onward_form,
    onward_open,
    opens,
    plot_mask_of,
    served_by,
    shares_of,
    told_apart,
)
from foedus.pact.tables.rules import (
    ANYWHERE,
    DENY,
    Rule,
    class_bits,
    outranks,
    party_bits,
    preference,
    rules_of,
    seconds_of,
    speaking,
    zone_bits,
)
from foedus.pact.tables.zone_table import ZoneTable, zone_table
from foedus.pact.words import DataKind, Truth

__all__ = ["time_ns_of"]

OPEN: Final = -2
"""In `closed`: the way to this party is open, so that shares and withholds decide."""


class RuleTable(NamedTuple):
    """Shares and withholds of this member's data, a list for each cell: (data * parties + taker) * 6 + class.

    The shares of a list stand in the order in which the first of those left is the one to name.
    """

    share_starts: I32  # (data kinds * parties * classes + 1,)
    shares: I64
    """(n, 5): zones (ANYWHERE or a bit set), clause, form, the withholds of the same list that this share
    outranks, the shares of the same list that it outranks; both as bits."""
    hold_starts: I32  # (data kinds * parties * classes + 1,)
    holds: I64  # (n, 2): zones, clause
    closed: I16  # (parties,): OPEN, or the clause that closes the direct way, or DENY for oneself
    onward_form: I8  # (clauses, parties): what the hub may pass on of data it got by that clause
    onward_open: Bool  # (parties,): whether all plots behind the hub's rows may go on to this party
    onward_alert: Bool  # (parties,): whether they may stand behind its warnings of this party, if not as rows


class WarnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """This member must warn `to` of what is about to enter one of these zones."""

    to: str
    via: str  # whom to send it to: `to` itself, or the hub that relays it
    zones: int  # bit set over the zones of the pact, all owned by `to`
    classes: tuple[int, ...]
    horizon_s: float
    probability: float
    within_s: float  # infinite where the text leaves it unknown
    renew_s: float
    expires_s: float
    ack_s: float
    clause: str
    content: Form
    behind: int
    """Whose observations a warning may rest on, as bits: the member's own; at the hub, those of each party
    that lets at least an alert of all that it gives the hub go on to `to`, but for caveats that the clause
    prevails over."""


class ReleaseGroup(NamedTuple):
    """Partners that may have the same plots."""

    partners: tuple[str, ...]
    every_plot: bool  # they may have all that this member has


class PactTables(NamedTuple):
    """The pact as one member applies it."""

    parties: tuple[str, ...]
    me: int
    hub: bool  # whether this member is the hub
    hub_index: int  # which party is; -1 none
    partners: tuple[str, ...]  # to whom this node sends pictures, in party order
    clauses: tuple[str, ...]
    digest: str  # of the pact
    edition: Edition
    in_force: bool  # and this member a party to it
    zones: tuple[Zone, ...]
    zone_table: ZoneTable
    rules: RuleTable
    delay_ns: I64  # (clauses,): how old an estimate has to be before it leaves by that clause
    anonymised: Bool  # (clauses,): whether the clause gives without naming the source
    release_groups: tuple[ReleaseGroup, ...]
    plot_masks: tuple[PlotMask, ...]  # (parties,): which plots may stand behind the rows of each
    caveat: int  # first caveat clause on what the hub was given; DENY none
    via: tuple[int, ...]  # (parties,): whose observations may be inside what each party sends here, as bits
    duties: tuple[WarnDuty, ...]


def compile_pact(pact: Pact, *, member: str, time_ns: int, facts: Sequence[Fact] = ()) -> PactTables:
    """The tables of one party at one time; InputError where the pact has no such party."""
    parties = tuple(party.id for party in pact.party)
    if member not in parties:
        expected = "one of " + ", ".join(parties)
        raise InputError(where=f"pact {pact.pact}: member", found=repr(member), expected=expected)
    return compile_edition(pact, edition(pact, time_ns=time_ns, facts=facts), member=member)


def refuse_open_brackets(pact: Pact) -> None:
    """Nothing; InputError for a draft that still leaves a choice, since no node can run it."""
    if pact.bracket:
        names = ", ".join(bracket.id for bracket in pact.bracket)
        expected = "a text in which every choice is made; `foedus pact expand` writes the variants"
        raise InputError(where=f"pact {pact.pact}", found=f"open brackets {names}", expected=expected)


def compile_edition(pact: Pact, now: Edition, *, member: str) -> PactTables:
    """The tables of one party under one edition of the pact; InputError for a text with open brackets."""
    refuse_open_brackets(pact)
    parties = tuple(party.id for party in pact.party)
    me = parties.index(member)
    hub = hub_of(pact)
    rules = rules_of(pact, now)
    closed = _closed(pact, me, now)
    partners = tuple(
        parties[taker]
        for taker in range(len(parties))
        if closed[taker] == OPEN and any(shares_of(rules, me, taker, c) for c in told_apart(rules))
    )
    masks = tuple(plot_mask_of(rules, me, taker) for taker in range(len(parties)))
    delay_ns, anonymised = np.zeros(len(pact.clause), np.int64), np.zeros(len(pact.clause), np.bool_)
    for rule in rules:
        delay_ns[rule.clause], anonymised[rule.clause] = rule.delay_ns, rule.anonymised
    stands = now.in_force and member in now.parties
    return PactTables(
        parties=parties,
        me=me,
        hub=me == hub,
        hub_index=hub,
        partners=partners,
        clauses=tuple(clause.id for clause in pact.clause),
        digest=pact.digest,
        edition=now,
        in_force=stands,
        zones=pact.zone,
        zone_table=zone_table(pact),
        rules=_rule_table(pact, rules, me, closed, now),
        delay_ns=delay_ns,
        anonymised=anonymised,
        release_groups=_release_groups(masks, parties, partners),
        plot_masks=masks,
        caveat=next((i for i, _ in caveats_of(pact, now)), DENY),
        via=_via(pact, me, now),
        duties=tuple(_duties(pact, rules, me, now)) if stands else (),
    )


def groups(tables: PactTables) -> tuple[ReleaseGroup, ...]:
    """Release groups: partners that may have the same plots; those that may have every plot come first."""
    return tables.release_groups


def warn_duties(tables: PactTables) -> tuple[WarnDuty, ...]:
    """Whom this node must warn of what; none while the pact is not in force."""
    return tables.duties


def duties_of(pact: Pact, party: str, now: Edition) -> tuple[WarnDuty, ...]:
    """Whom another party than the tables' own must warn of what, by that edition of the text."""
    me = [one.id for one in pact.party].index(party)
    return tuple(_duties(pact, rules_of(pact, now), me, now)) if now.in_force and party in now.parties else ()


def is_in_force(pact: Pact, time_ns: int, facts: Sequence[Fact] = ()) -> bool:
    """Whether the pact is certainly in force at that time; a draft never is."""
    return in_force(pact, time_ns=time_ns, facts=facts).truth == Truth.YES


def route_between(pact: Pact, a: str, b: str, now: Edition | None = None) -> int:
    """The index of the clause that sends this pair through the hub; DENY where the direct way is open."""
    for index, clause in enumerate(pact.clause):
        if not isinstance(clause, Route) or (now is not None and not now.speaks[index]):
            continue
        if any({*pair} == {a, b} for pair in clause.pairs):
            return index
    return DENY


def _closed(pact: Pact, me: int, now: Edition) -> I16:
    """Why the direct way to each party is closed: no pact in force between the two, or a route."""
    closed = np.full(len(pact.party), OPEN, np.int16)
    for taker, party in enumerate(pact.party):
        route = route_between(pact, pact.party[me].id, party.id, now)
        if not now.in_force or not {party.id, pact.party[me].id} <= {*now.parties}:
            closed[taker] = pact.clause.index(pact.term)
        elif route != DENY:
            closed[taker] = route
    closed[me] = DENY
    return closed


# ---------------------------------------------------------------- rules


def _bits(rules: Sequence[Rule], wanted: Sequence[bool]) -> int:
    return sum(1 << i for i in range(len(rules)) if wanted[i])


_Cell = tuple[list[tuple[int, int, int, int, int]], list[tuple[int, int]]]
"""The rows of one cell of the table: shares and holds."""


def _cell(spoken: Sequence[Rule]) -> _Cell:
    against = [rule for rule in spoken if rule.form == Form.NONE]
    own = sorted((rule for rule in spoken if rule.form != Form.NONE), key=preference)
    shares = [
        (
            one.zones,
            one.clause,
            int(one.form),
            _bits(against, [outranks(one, hold) for hold in against]),
            _bits(own, [outranks(one, other) for other in own]),
        )
        for one in own
    ]
    return shares, [(hold.zones, hold.clause) for hold in against]


def _rule_table(pact: Pact, rules: Sequence[Rule], me: int, closed: I16, now: Edition) -> RuleTable:
    shares: list[tuple[int, int, int, int, int]] = []
    holds: list[tuple[int, int]] = []
    share_starts, hold_starts = [0], [0]
    kinds = alike(rules)
    cells: dict[TrackClass, _Cell] = {}
    for data, taker, track_class in _cells(pact):
        like = kinds[track_class]
        if like == track_class:  # the first of its kind: those like it come later
            cells[like] = _cell(speaking(rules, me, taker, track_class, data))
        shares += cells[like][0]
        holds += cells[like][1]
        share_starts.append(len(shares))
        hold_starts.append(len(holds))
    opened = onward_open(pact, rules, me, now)
    return RuleTable(
        share_starts=np.array(share_starts, np.int32),
        shares=np.array(shares, np.int64).reshape(-1, 5),
        hold_starts=np.array(hold_starts, np.int32),
        holds=np.array(holds, np.int64).reshape(-1, 2),
        closed=closed,
        onward_form=onward_form(pact, me, now),
        onward_open=opened,
        onward_alert=onward_alert(pact, rules, me, now, opened),
    )


def _cells(pact: Pact) -> Iterator[tuple[DataKind, int, TrackClass]]:
    """Every (kind of data, taker, class), in the order of the table."""
    return (
        (data, taker, track_class)
        for data in DataKind
        for taker in range(len(pact.party))
        for track_class in TrackClass
    )


# ---------------------------------------------------------------- who may have which plots


_EVERYTHING: Final[PlotMask] = tuple(((ANYWHERE, ()),) for _ in TrackClass)


def _release_groups(
    masks: Sequence[PlotMask], parties: Sequence[str], partners: Sequence[str]
) -> tuple[ReleaseGroup, ...]:
    """Partners of equal masks together. Masks that only look different cost a tracker, never a secret."""
    members: dict[PlotMask, list[str]] = {}
    for partner in partners:
        members.setdefault(masks[parties.index(partner)], []).append(partner)
    ordered = sorted(members, key=lambda mask: mask != _EVERYTHING)  # stable: else by first partner
    return tuple(ReleaseGroup(tuple(members[mask]), mask == _EVERYTHING) for mask in ordered)


# ---------------------------------------------------------------- what may be behind a row


def _via(pact: Pact, me: int, now: Edition) -> tuple[int, ...]:
    """For each party, whose observations may be inside the rows that it sends to `me`, as bits.

    Members send their own observations. The hub never says whose it passes on, so the text has to: all that
    may be behind its rows, now or when every clause speaks, since what comes may be older than this edition.
    Where that is nobody, rows that come nevertheless might hold anybody's.
    """
    via = [1 << party for party in range(len(pact.party))]
    hub = hub_of(pact)
    if hub not in (-1, me):
        others = [party for party in range(len(pact.party)) if party not in (me, hub)]
        readings = [(rules_of(pact, one), one) for one in (now, None)]
        behind = [
            party for party in others if any(_goes_on(pact, rules, party, me, one) for rules, one in readings)
        ]
        via[hub] = sum(1 << party for party in behind or others)
    return tuple(via)


def _goes_on(pact: Pact, rules: Sequence[Rule], giver: int, taker: int, now: Edition | None) -> bool:
    """Whether anything of the giver's may reach the taker through the hub; yes where that is in doubt.

    A member marks nothing onward that it gives directly in the same form or more. So a share to the hub comes
    to nothing where a direct share covers its zones and no direct share is lower.
    """
    ids = [party.id for party in pact.party]
    hub = hub_of(pact)
    if now is not None and not {ids[giver], ids[hub], ids[taker]} <= {*now.parties}:
        return False
    if route_between(pact, ids[giver], ids[hub], now) != DENY:
        return False
    forms = onward_form(pact, giver, now)
    given = plot_mask_of(rules, giver, hub)
    apart = told_apart(rules)
    if not forms[:, taker].any() or not opens(rules, giver, hub, taker, forms, given, classes=apart):
        return False
    open_way = route_between(pact, ids[giver], ids[taker], now) == DENY
    for track_class in told_apart(rules):
        direct = shares_of(rules, giver, taker, track_class) if open_way else []
        for share in shares_of(rules, giver, hub, track_class):
            form = forms[share.clause, taker]
            covered = any(not share.zones & ~one.zones for one in direct)
            if form > Form.NONE and not (covered and all(one.form >= form for one in direct)):
                return True
    return False


# ---------------------------------------------------------------- duties


def _duties(pact: Pact, rules: Sequence[Rule], me: int, now: Edition) -> Iterator[WarnDuty]:
    """The duties to warn of this member that hold now."""
    ids = [party.id for party in pact.party]
    for index, clause in enumerate(pact.clause):
        if not isinstance(clause, Warn) or not now.speaks[index]:
            continue
        if not party_bits(pact, clause.by) >> me & 1:
            continue
        within_s = seconds_of(pact, clause.within_s)
        served = {me: -1}  # a member serves whomever it has to warn
        if me == hub_of(pact):
            everybody = range(len(ids))
            served = {one: served_by(pact, rules, one, now, clause, everybody) for one in everybody}
        for name in now.parties:
            zones = zone_bits(pact, [z.id for z in zones_to_watch(pact, clause, name)])
            barred = (ids[me], name) in now.barred[index]
            if name == ids[me] or barred or not is_warned(pact, clause, name) or zones == ANYWHERE:
                continue
            route = route_between(pact, ids[me], name, now)
            routed = pact.clause[route] if route != DENY else None
            classes = class_bits(clause.classes)
            yield WarnDuty(
                to=name,
                via=routed.via if isinstance(routed, Route) else name,
                zones=zones,
                classes=tuple(int(c) for c in TrackClass if classes >> c & 1),
                horizon_s=clause.horizon_s,
                probability=clause.probability,
                within_s=math.inf if within_s is None else within_s,
                renew_s=clause.renew_s,
                expires_s=clause.expires_s,
                ack_s=clause.ack_s,
                clause=clause.id,
                content=Form.ALERT,
                behind=sum(1 << giver for giver in served if served[giver] >> ids.index(name) & 1),
            )


def zones_to_watch(pact: Pact, clause: Warn, to: str) -> tuple[Zone, ...]:
    """The zones that `to` owns and that the clause means."""
    return tuple(
        zone for zone in pact.zone if zone.owner == to and (not clause.zones or zone.id in clause.zones)
    )
