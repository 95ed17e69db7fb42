"""The tables that one node runs: the pact as this member has to apply it, in force or not at a given time.

What the rows of the tables mean is said in rules.py; kernels.py walks them. No numba is imported here.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
import numpy as np

from foedus.errors import InputError
from foedus.model import DAY_NS, F64, I8, I16, I32, I64, SECOND_NS, Bool, Form, TrackClass
from foedus.pact.clauses import Caveat, Pact, Route, Share, Warn, Withhold, Zone
from foedus.pact.polygon import vertices
from foedus.pact.rules import (
    ANYWHERE,
    DENY,
    Rule,
    class_bits,
    narrower,
    party_bits,
    rules_of,
    speaking,
    zone_bits,
)

OPEN: Final = -2
"""In `closed`: the way to this party is open, so that shares and withholds decide."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ZoneTable(NamedTuple):
    """The zones of the pact in its order; vertices of all of them one after another."""

    starts: I32  # (zones + 1,): first row of each zone in lat_deg and lon_deg
    lat_deg: F64
    lon_deg: F64
    box_deg: F64  # (zones, 4): south, north, west, east
    band_m: F64  # (zones, 2): floor and ceiling, infinite where there is none
    unknown_inside: Bool  # (zones,): whether a track of unknown height counts as inside


class RuleTable(NamedTuple):
    """Shares and withholds of this member's data, a list for each taker and class: taker * 2 + class."""

    share_starts: I32  # (parties * classes + 1,)
    share_zones: I64  # ANYWHERE or a bit set
    share_form: I8
    share_clause: I16
    share_inside: I64  # withholds of the same list than which this share is narrower, as bits
    share_wider: I64  # shares of the same list that are wider than this one; they come later in it
    hold_starts: I32  # (parties * classes + 1,)
    hold_zones: I64
    hold_clause: I16
    closed: I16  # (parties,): OPEN, or the clause that closes the direct way, or DENY for oneself
    onward_form: I8  # (clauses, parties): what the hub may pass on of data it got by that clause
    onward_open: Bool  # (parties,): whether all plots behind the hub's rows may go on to this party


class WarnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """This member must warn `to` of what is about to enter one of these zones."""

    to: str
    via: str  # whom to send it to: `to` itself, or the hub that relays it
    zones: int  # bit set over the zones of the pact, all owned by `to`
    classes: tuple[int, ...]
    horizon_s: float
    probability: float
    within_s: float
    renew_s: float
    expires_s: float
    ack_s: float
    clause: str
    content: Form


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
    in_force: bool
    zones: tuple[Zone, ...]
    zone_table: ZoneTable
    rules: RuleTable
    release_groups: tuple[ReleaseGroup, ...]
    caveat: int  # first caveat clause on what the hub was given; DENY none
    via: tuple[int, ...]  # (parties,): whose observations may be inside what each party sends here, as bits
    duties: tuple[WarnDuty, ...]


def compile_pact(pact: Pact, *, member: str, time_ns: int) -> PactTables:
    """The tables of one party at one time; InputError where the pact has no such party."""
    parties = tuple(party.id for party in pact.party)
    if member not in parties:
        expected = "one of " + ", ".join(parties)
        raise InputError(where=f"pact {pact.pact}: member", found=repr(member), expected=expected)
    me = parties.index(member)
    hub = next((i for i, party in enumerate(pact.party) if party.role == "hub"), -1)
    in_force = is_in_force(pact, time_ns)
    rules = rules_of(pact)
    closed = _closed(pact, me, in_force=in_force)
    partners = tuple(
        parties[taker]
        for taker in range(len(parties))
        if closed[taker] == OPEN and any(_shares(rules, me, taker, c) for c in TrackClass)
    )
    caveats = [i for i, clause in enumerate(pact.clause) if isinstance(clause, Caveat)]
    return PactTables(
        parties=parties,
        me=me,
        hub=me == hub,
        hub_index=hub,
        partners=partners,
        clauses=tuple(clause.id for clause in pact.clause),
        digest=pact.digest,
        in_force=in_force,
        zones=pact.zone,
        zone_table=_zone_table(pact),
        rules=_rule_table(pact, rules, me, hub, closed),
        release_groups=_release_groups(rules, parties, me, partners),
        caveat=caveats[0] if caveats else DENY,
        via=_via(pact, rules, me, hub),
        duties=tuple(_duties(pact, me)) if in_force else (),
    )


def groups(tables: PactTables) -> tuple[ReleaseGroup, ...]:
    """Release groups: partners that may have the same plots; those that may have every plot come first."""
    return tables.release_groups


def warn_duties(tables: PactTables) -> tuple[WarnDuty, ...]:
    """Whom this node must warn of what; none while the pact is not in force."""
    return tables.duties


def time_ns_of(instant: datetime) -> int:
    """Nanoseconds since 1970 of an instant with an offset."""
    since = instant - _EPOCH
    return since.days * DAY_NS + since.seconds * SECOND_NS + since.microseconds * 1_000


def is_in_force(pact: Pact, time_ns: int) -> bool:
    """Whether the term of the pact covers that time; a draft (no `in_force`) is never in force."""
    term = pact.term
    begun = term.in_force is not None and time_ns_of(term.in_force) <= time_ns
    return begun and (term.until is None or time_ns < time_ns_of(term.until))


def route_between(pact: Pact, a: str, b: str) -> int:
    """The index of the clause that sends this pair through the hub; DENY where the direct way is open."""
    for index, clause in enumerate(pact.clause):
        if isinstance(clause, Route) and any({*pair} == {a, b} for pair in clause.pairs):
            return index
    return DENY


def _closed(pact: Pact, me: int, *, in_force: bool) -> I16:
    closed = np.full(len(pact.party), OPEN, np.int16)
    for taker, party in enumerate(pact.party):
        route = route_between(pact, pact.party[me].id, party.id)
        if not in_force:
            closed[taker] = pact.clause.index(pact.term)
        elif route != DENY:
            closed[taker] = route
    closed[me] = DENY
    return closed


# ---------------------------------------------------------------- zones


def _zone_table(pact: Pact) -> ZoneTable:
    polygons = [vertices(zone.polygon) for zone in pact.zone]
    corners = np.concatenate([np.empty((0, 2)), *polygons])
    boxes = [(*polygon.min(axis=0), *polygon.max(axis=0)) for polygon in polygons]
    withheld = [name for clause in pact.clause if isinstance(clause, Withhold) for name in clause.zones]
    return ZoneTable(
        starts=np.cumsum([0, *(len(polygon) for polygon in polygons)]).astype(np.int32),
        lat_deg=np.ascontiguousarray(corners[:, 0]),
        lon_deg=np.ascontiguousarray(corners[:, 1]),
        box_deg=np.array([(box[0], box[2], box[1], box[3]) for box in boxes], np.float64).reshape(-1, 4),
        band_m=np.array(
            [
                (
                    -np.inf if zone.floor_m is None else zone.floor_m,
                    np.inf if zone.ceiling_m is None else zone.ceiling_m,
                )
                for zone in pact.zone
            ],
            np.float64,
        ).reshape(-1, 2),
        unknown_inside=np.array(
            [(zone.floor_m is None and zone.ceiling_m is None) or zone.id in withheld for zone in pact.zone],
            np.bool_,
        ),
    )


# ---------------------------------------------------------------- rules


def _shares(rules: Sequence[Rule], giver: int, taker: int, track_class: int) -> list[Rule]:
    spoken = speaking(rules, giver, taker, track_class)
    return [rule for rule in spoken if rule.form != Form.NONE]


def _holds(rules: Sequence[Rule], giver: int, taker: int, track_class: int) -> list[Rule]:
    spoken = speaking(rules, giver, taker, track_class)
    return [rule for rule in spoken if rule.form == Form.NONE]


def _bits(rules: Sequence[Rule], wanted: Sequence[bool]) -> int:
    return sum(1 << i for i in range(len(rules)) if wanted[i])


def _rule_table(pact: Pact, rules: Sequence[Rule], me: int, hub: int, closed: I16) -> RuleTable:
    shares: list[tuple[int, int, int, int, int]] = []
    holds: list[tuple[int, int]] = []
    share_starts, hold_starts = [0], [0]
    for taker in range(len(pact.party)):
        for track_class in TrackClass:
            spoken = _shares(rules, me, taker, track_class)
            against = _holds(rules, me, taker, track_class)
            # A wider share has all that are narrower than a narrower one, and that one: so counting orders.
            depth = [sum(narrower(other, one) for other in spoken) for one in spoken]
            own = [one for _, one in sorted(zip(depth, spoken, strict=True), key=lambda pair: pair[0])]
            shares += [
                (
                    one.zones,
                    one.form,
                    one.clause,
                    _bits(against, [narrower(one, hold) for hold in against]),
                    _bits(own, [narrower(one, other) for other in own]),
                )
                for one in own
            ]
            holds += [(hold.zones, hold.clause) for hold in against]
            share_starts.append(len(shares))
            hold_starts.append(len(holds))
    share_columns = np.array(shares, np.int64).reshape(-1, 5).T
    hold_columns = np.array(holds, np.int64).reshape(-1, 2).T
    return RuleTable(
        share_starts=np.array(share_starts, np.int32),
        share_zones=np.ascontiguousarray(share_columns[0]),
        share_form=share_columns[1].astype(np.int8),
        share_clause=share_columns[2].astype(np.int16),
        share_inside=np.ascontiguousarray(share_columns[3]),
        share_wider=np.ascontiguousarray(share_columns[4]),
        hold_starts=np.array(hold_starts, np.int32),
        hold_zones=np.ascontiguousarray(hold_columns[0]),
        hold_clause=hold_columns[1].astype(np.int16),
        closed=closed,
        onward_form=_onward_form(pact),
        onward_open=_onward_open(pact, rules, me, hub),
    )


def _onward_form(pact: Pact) -> I8:
    """What every caveat on a share lets the recipient pass on, the lowest of them; nothing without one."""
    forms = np.zeros((len(pact.clause), len(pact.party)), np.int8)
    ids = [clause.id for clause in pact.clause]
    for index, share in enumerate(pact.clause):
        caveats = [one for one in pact.clause if isinstance(one, Caveat) and ids[index] in one.on]
        if isinstance(share, Share) and caveats:
            for party in range(len(pact.party)):
                forms[index, party] = min(_entitlement(pact, one, share, party) for one in caveats)
    return forms


def _entitlement(pact: Pact, caveat: Caveat, share: Share, party: int) -> Form:
    if caveat.onward is not None and party_bits(pact, caveat.onward.to) >> party & 1:
        return min(share.form, caveat.onward.max_form)
    if not caveat.orcon and party_bits(pact, caveat.rel_to) >> party & 1:
        return share.form
    return Form.NONE


# ---------------------------------------------------------------- who may have which plots

_Mask = tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]
"""For each class: (zones of a share, zones of the withholds that beat it); any of the shares suffices."""


def _plot_mask(rules: Sequence[Rule], giver: int, taker: int) -> _Mask:
    return tuple(
        _reduce(
            (
                share.zones,
                tuple(sorted({hold.zones for hold in against if not narrower(share, hold)})),
            )
            for share in _shares(rules, giver, taker, track_class)
        )
        for track_class in TrackClass
        for against in [_holds(rules, giver, taker, track_class)]
    )


def _reduce(terms: Iterator[tuple[int, tuple[int, ...]]]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The terms in order, without those that can never hold and those that another one covers."""
    alive = sorted({term for term in terms if ANYWHERE not in term[1] and term[0] not in term[1]})
    return tuple(term for term in alive if not any(other != term and _covers(other, term) for other in alive))


def _covers(wide: tuple[int, tuple[int, ...]], term: tuple[int, tuple[int, ...]]) -> bool:
    return not term[0] & ~wide[0] and all(zones in term[1] for zones in wide[1])


_EVERYTHING: Final[_Mask] = tuple(((ANYWHERE, ()),) for _ in TrackClass)


def _release_groups(
    rules: Sequence[Rule], parties: Sequence[str], me: int, partners: Sequence[str]
) -> tuple[ReleaseGroup, ...]:
    """Partners of equal masks together. Masks that only look different cost a tracker, never a secret."""
    members: dict[_Mask, list[str]] = {}
    for partner in partners:
        members.setdefault(_plot_mask(rules, me, parties.index(partner)), []).append(partner)
    ordered = sorted(members, key=lambda mask: mask != _EVERYTHING)  # stable: else by first partner
    return tuple(ReleaseGroup(tuple(members[mask]), mask == _EVERYTHING) for mask in ordered)


def _onward_open(pact: Pact, rules: Sequence[Rule], me: int, hub: int) -> Bool:
    """Whether each party may have, through the hub, every plot that may be behind this member's rows there.

    Otherwise a row outside the withheld zone would still tell of plots inside it: by its number, its age, its
    velocity. Such a party gets nothing of this member through the hub.
    """
    opened = np.zeros(len(pact.party), np.bool_)
    if hub in (-1, me):
        return opened
    forms = _onward_form(pact)
    given = _plot_mask(rules, me, hub)
    for party in range(len(pact.party)):
        if party not in (me, hub):
            opened[party] = all(
                any(_covers(term, one) for term in _passed(rules, me, hub, party, track_class, forms))
                for track_class in TrackClass
                for one in given[track_class]
            )
    return opened


def _passed(
    rules: Sequence[Rule], me: int, hub: int, party: int, track_class: int, forms: I8
) -> list[tuple[int, tuple[int, ...]]]:
    """When the hub may pass a plot on to a party: shares to the hub, each with the zones that stop it."""
    own = _shares(rules, me, hub, track_class)
    silent = [share for share in own if forms[share.clause, party] == Form.NONE]
    stopping = [*_holds(rules, me, hub, track_class), *silent]
    against = {hold.zones for hold in _holds(rules, me, party, track_class)}
    return [
        (
            share.zones,
            tuple(sorted(against | {rule.zones for rule in stopping if not narrower(share, rule)})),
        )
        for share in own
        if share not in silent
    ]


# ---------------------------------------------------------------- what may be behind a row


def _via(pact: Pact, rules: Sequence[Rule], me: int, hub: int) -> tuple[int, ...]:
    """For each party, whose observations may be inside the rows that it sends to `me`, as bits.

    Members send their own observations. The hub never says whose it passes on, so the text has to: all that
    may ever be behind its rows. Where that is nobody, rows that come nevertheless might hold anybody's.
    """
    via = [1 << party for party in range(len(pact.party))]
    if hub not in (-1, me):
        others = [party for party in range(len(pact.party)) if party not in (me, hub)]
        behind = [party for party in others if _goes_on(pact, rules, party, hub, me)]
        via[hub] = sum(1 << party for party in behind or others)
    return tuple(via)


def _goes_on(pact: Pact, rules: Sequence[Rule], giver: int, hub: int, taker: int) -> bool:
    """Whether anything of the giver's may reach the taker through the hub; yes where that is in doubt.

    A member marks nothing onward that it gives directly in the same form or more. So a share to the hub comes
    to nothing where a direct share covers its zones and no direct share is lower.
    """
    ids = [party.id for party in pact.party]
    if route_between(pact, ids[giver], ids[hub]) != DENY or not _onward_open(pact, rules, giver, hub)[taker]:
        return False
    forms = _onward_form(pact)
    open_way = route_between(pact, ids[giver], ids[taker]) == DENY
    for track_class in TrackClass:
        direct = _shares(rules, giver, taker, track_class) if open_way else []
        for share in _shares(rules, giver, hub, track_class):
            form = forms[share.clause, taker]
            covered = any(not share.zones & ~one.zones for one in direct)
            if form > Form.NONE and not (covered and all(one.form >= form for one in direct)):
                return True
    return False


# ---------------------------------------------------------------- duties


def _duties(pact: Pact, me: int) -> Iterator[WarnDuty]:
    ids = [party.id for party in pact.party]
    for clause in pact.clause:
        if not isinstance(clause, Warn) or not party_bits(pact, clause.by) >> me & 1:
            continue
        for to, name in enumerate(ids):
            zones = zone_bits(pact, [z.id for z in zones_to_watch(pact, clause, name)])
            if to == me or not party_bits(pact, clause.to) >> to & 1 or zones == ANYWHERE:
                continue
            route = route_between(pact, ids[me], name)
            routed = pact.clause[route] if route != DENY else None
            classes = class_bits(clause.classes)
            yield WarnDuty(
                to=name,
                via=routed.via if isinstance(routed, Route) else name,
                zones=zones,
                classes=tuple(int(c) for c in TrackClass if classes >> c & 1),
                horizon_s=clause.horizon_s,
                probability=clause.probability,
                within_s=clause.within_s,
                renew_s=clause.renew_s,
                expires_s=clause.expires_s,
                ack_s=clause.ack_s,
                clause=clause.id,
                content=Form.ALERT,
            )


def zones_to_watch(pact: Pact, clause: Warn, to: str) -> tuple[Zone, ...]:
    """The zones that `to` owns and that the clause means."""
    return tuple(
        zone for zone in pact.zone if zone.owner == to and (not clause.zones or zone.id in clause.zones)
    )
