"""The guard's own reading of a pact: what speaks at a time, and who may have what of one member's tracks.

Written from docs/pact.md and from nothing else: it shares no logic with the tables that it is there to check.
Whatever is not certain opens nothing: a share in doubt gives nothing, a withhold or route in doubt holds.
"""

import itertools
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from foedus.limits import FACTS_MAX, GUARD_CELLS_MAX
from foedus.model import DAY_NS, SECOND_NS, Form, TrackClass
from foedus.pact.clauses import (
    ATTACKED,
    Approval,
    Casus,
    Caveat,
    Clause,
    Pact,
    Precedence,
    Route,
    Selector,
    Share,
    Suspend,
    Term,
    Warn,
    Withhold,
)
from foedus.pact.words import DataKind
from foedus.wire import Happened

_ASKED: Final = {
    "treaty": {
        "US": "senate_advice_and_consent",
        "JP": "legislature_approval",
        "PH": "senate_advice_and_consent",
        "KR": "legislature_approval",
    },
    "executive_order": {"US": "presidential_signature"},
    "designation": {"US": "legislature_notice"},
}
"""The step without which such an instrument does not bind that party; docs/pact.md has the sources."""

_NOBODY: Final = ("member", "hub", "observer", "guarantor", "ally", "any", "each", "attacked", "unknown")
"""Words of a selector that are the name of nobody."""


class Stand(NamedTuple):
    """What of the pact may be applied at one time."""

    in_force: bool
    parties: tuple[str, ...]
    speaking: tuple[str, ...]  # ids of clauses
    doubtful: tuple[str, ...]  # shares of which it is not known what they say; they close what they select
    barred: tuple[tuple[str, str, str], ...]  # clause, and two parties in the order of the alphabet


def _ns(instant: datetime) -> int:
    return round(instant.timestamp() * 1e6) * 1_000


def _open_at(time_ns: int, since: datetime | None, until: datetime | None) -> bool:
    return not ((since is not None and time_ns < _ns(since)) or (until is not None and time_ns >= _ns(until)))


def named(pact: Pact, selector: Selector) -> list[str]:
    """The parties that a selector names."""
    words = [selector] if isinstance(selector, str) else list(selector)
    return [one.id for one in pact.party if one.id in words or one.role in words or "any" in words]


def is_meant(pact: Pact, party: str, selector: Selector) -> bool:
    """Whether a party is warned; `attacked` is whoever owns the zone that is entered."""
    words = [selector] if isinstance(selector, str) else selector
    return ATTACKED in words or party in named(pact, selector)


class Past:
    """What the guard was told has happened, oldest first."""

    def __init__(self, pact: Pact) -> None:
        self._pact = pact
        self._told: list[Happened] = []

    def tell(self, item: Happened) -> None:
        """Remember it; what the text knows nothing of stays without effect."""
        item = msgspec.structs.replace(item, person="")  # the same fact, whoever recorded it
        said = item.what != "casus" or item.says in ("yes", "no", "unknown")
        if len(self._told) < FACTS_MAX and said and len(item.as_to) in (0, 2) and item not in self._told:
            self._told.append(item)
            self._told.sort(key=lambda one: one.at_ns // 1_000)  # the text knows microseconds

    def __len__(self) -> int:
        """How many facts it remembers."""
        return len(self._told)

    def until(self, time_ns: int, *what: str) -> list[Happened]:
        """What has happened of these kinds by that time."""
        return [one for one in self._told if one.what in what and one.at_ns // 1_000 * 1_000 <= time_ns]

    def first(self, time_ns: int, what: str, of: str, by: str | None = None) -> int | None:
        """When that happened first."""
        for one in self.until(time_ns, what):
            if one.of == of and by in (None, one.by):
                return one.at_ns // 1_000 * 1_000
        return None


def stand_at(pact: Pact, past: Past, time_ns: int) -> Stand:
    """What of the pact may be applied at that time, after what has happened."""
    parties = tuple(one.id for one in pact.party if _is_party(pact, past, one.id, time_ns))
    said = {one.id: _said(pact, past, one, time_ns) for one in pact.clause}
    speaking = tuple(
        one.id
        for one in pact.clause
        if said[one.id] == "yes" or (said[one.id] == "unknown" and isinstance(one, Withhold))
    )
    doubtful = tuple(one.id for one in pact.clause if said[one.id] == "unknown" and isinstance(one, Share))
    in_force = len(parties) >= 2 and not pact.bracket and _begun(pact, past, time_ns)
    return Stand(in_force, parties, speaking, doubtful, tuple(_barred(pact, past, time_ns)))


# ---------------------------------------------------------------- entry into force, parties


def _begun(pact: Pact, past: Past, time_ns: int) -> bool:
    term = next(one for one in pact.clause if isinstance(one, Term))
    if not _open_at(time_ns, term.in_force, term.until):
        return False
    approvals = [one for one in pact.clause if isinstance(one, Approval)]
    if term.in_force is None and not approvals:
        return False
    for party, step in _ASKED.get(pact.basis.form, {}).items():
        asked = any(one.id == party for one in pact.party)
        if asked and not any(step in one.steps for one in approvals if one.by == party):
            return False
    return all(_approved(one, past, time_ns, dated=term.in_force is not None) for one in approvals)


def _approved(clause: Approval, past: Past, time_ns: int, *, dated: bool) -> bool:
    """Whether every step was taken, and the wait after the last is over. dated: the term has a date."""
    last = None
    for step in clause.steps:
        if step == "unknown":
            return False
        written = [one for one in clause.done if one.step == step]
        recorded = past.first(time_ns, "approved", step, clause.by)
        if written and written[0].on is None:
            if recorded is None and not dated:
                return False
            continue
        when = _ns(written[0].on) if written and written[0].on is not None else recorded
        if when is None or when > time_ns:
            return False
        last = when if last is None else max(last, when)
    return last is None or time_ns >= last + round(clause.wait_d * DAY_NS)


def _is_party(pact: Pact, past: Past, party: str, time_ns: int) -> bool:
    entry = next(one for one in pact.party if one.id == party)
    moves = [one for one in past.until(time_ns, "joined", "left") if one.of == party]
    newest = [one.what for one in moves if one.at_ns // 1_000 == moves[-1].at_ns // 1_000]
    if "left" in newest or not _open_at(time_ns, None if newest else entry.since, entry.until):
        return False
    given = past.first(time_ns, "exit", pact.pact, party)
    if given is None:
        return True
    leaving = next(one for one in pact.clause if isinstance(one, Term)).exit
    if leaving is None or isinstance(leaving.notice_d, str):
        return False
    return party not in named(pact, leaving.by) or time_ns < given + round(leaving.notice_d * DAY_NS)


# ---------------------------------------------------------------- one clause


def _said(pact: Pact, past: Past, clause: Clause, time_ns: int) -> str:
    """Whether a clause speaks: yes, no or unknown."""
    if not isinstance(clause, Term | Suspend) and not _open_at(time_ns, clause.since, clause.until):
        return "no"
    casus = getattr(clause, "casus", None)
    said = "yes" if casus is None else _declared(pact, past, casus, time_ns)
    if said == "yes" and isinstance(clause, Warn) and not _is_against(pact, past, clause, time_ns):
        return "no"
    vague = isinstance(clause, Share) and (
        isinstance(clause.form, str) or _span_s(pact, clause.delay_s) is None
    )
    return "unknown" if said == "yes" and vague else said


def _span_s(pact: Pact, span: float | str) -> float | None:
    if isinstance(span, str):
        return pact.words.get(span) if span != "unknown" else None
    return span


def _declared(pact: Pact, past: Past, casus: str, time_ns: int) -> str:
    """What was last said of a casus by somebody who may: yes, no or unknown; no where nothing was."""
    clause = next(one for one in pact.clause if one.id == casus)
    assert isinstance(clause, Casus)
    last = _last_word(pact, past, clause, time_ns)
    if last is None:
        return "no"
    if last.says == "yes" and last.as_to:
        return _means(pact, clause, last.as_to[0], last.as_to[1], time_ns)
    return last.says


def _last_word(pact: Pact, past: Past, casus: Casus, time_ns: int) -> Happened | None:
    """What was last said of the casus by somebody who may."""
    who = casus.determined_by
    words = [who] if isinstance(who, str) else list(who)
    bodies = [word for word in words if word not in _NOBODY]
    entitled = [*bodies, *named(pact, who), *(one.id for one in pact.party if "each" in words)]
    said = [one for one in past.until(time_ns, "casus") if one.of == casus.id and one.by in entitled]
    return next((one for one in said if one.at_ns // 1_000 == said[-1].at_ns // 1_000), None)


def _is_against(pact: Pact, past: Past, duty: Warn, time_ns: int) -> bool:
    """Whether the duty warns of anybody's attacks, or of those of the attacker who was named."""
    if "any" in duty.against:
        return True
    for casus in pact.clause:
        if isinstance(casus, Casus) and casus.id == duty.casus:
            last = _last_word(pact, past, casus, time_ns)
            named_both = last is not None and last.says == "yes" and len(last.as_to) == 2
            if last is not None and named_both:
                return bool(_called(pact, last.as_to[0], last.as_to[1], time_ns) & {*duty.against})
    return False


def _means(pact: Pact, casus: Casus, victim: str, attacker: str, time_ns: int) -> str:
    """Whether the casus is about this attacker of this victim on that day."""
    if victim not in named(pact, casus.of):
        return "no"
    if _called(pact, victim, attacker, time_ns) & {*casus.by}:
        return "yes"
    return "unknown" if "unknown" in casus.by else "no"


def _called(pact: Pact, victim: str, attacker: str, time_ns: int) -> set[str]:
    """The words by which a text may mean this attacker of this victim on that day."""
    parties = [one.id for one in pact.party]
    hostile = [
        one.state for one in pact.adversary if one.of == victim and _open_at(time_ns, one.since, one.until)
    ]
    meant = {"any", attacker, "parties" if attacker in parties else "external"}
    if attacker in hostile:
        meant.add("adversaries")
    return meant


def _barred(pact: Pact, past: Past, time_ns: int) -> list[tuple[str, str, str]]:
    """Between whom which clauses are suspended."""
    ids = sorted(one.id for one in pact.party)
    everybody = list(itertools.combinations(ids, 2))
    barred: set[tuple[str, str, str]] = set()
    newest: dict[tuple[str, str, str], tuple[int, str]] = {}
    for clause in pact.clause:
        if isinstance(clause, Suspend) and _suspends(pact, past, clause, time_ns):
            pairs = [(min(pair), max(pair)) for pair in clause.as_to] or everybody
            barred |= {(name, *pair) for name in clause.on for pair in pairs}
    for one in past.until(time_ns, "suspended", "resumed"):
        pairs = [(min(one.as_to), max(one.as_to))] if one.as_to else everybody
        for pair in pairs:
            known = newest.get((one.of, *pair))
            if known is None or known[0] < one.at_ns // 1_000:
                newest[one.of, *pair] = (one.at_ns // 1_000, one.what)
    barred |= {key for key, (_, what) in newest.items() if what == "suspended"}
    return sorted(barred)


def _suspends(pact: Pact, past: Past, clause: Suspend, time_ns: int) -> bool:
    def met(name: str) -> bool:
        entry = next(one for one in pact.milestone if one.id == name)
        written = entry.met is not None and _ns(entry.met) <= time_ns
        return written or past.first(time_ns, "met", name) is not None

    if not _open_at(time_ns, clause.since, clause.until):
        return False
    if clause.precedent is not None:
        return not met(clause.precedent)
    return clause.subsequent is None or met(clause.subsequent)


# ---------------------------------------------------------------- who may have what


class Answer(NamedTuple):
    """What a party may have of a track: form, clause, how old it must be, whether a withhold says no."""

    form: int
    clause: str
    delay_ns: int
    withheld: bool


class _Right(NamedTuple):
    """A share or withhold of tracks as the guard reads it; zones None: anywhere."""

    clause: str
    form: int  # 0: withhold
    delay_ns: int
    givers: frozenset[str]
    takers: frozenset[str]
    classes: frozenset[int]
    zones: frozenset[str] | None
    casus: str | None


class Reading:
    """Who may have what of one member's tracks while the pact stands so."""

    def __init__(self, pact: Pact, stand: Stand, giver: str) -> None:
        self.pact = pact
        self.stand = stand
        self._giver = giver
        self._parties = [one.id for one in pact.party]
        self._hub = next((one.id for one in pact.party if one.role == "hub"), "")
        self._rights = [
            right
            for one in pact.clause
            if one.id in (*stand.speaking, *stand.doubtful)
            for right in self._read(one)
        ]
        self._prevails = self._written_precedence()
        self._answers: dict[tuple[str, int, tuple[str, ...]], Answer] = {}
        self._forward: dict[tuple[str, int, tuple[str, ...]], tuple[int, ...]] = {}
        self._free: dict[str, bool] = {}
        self._warned: dict[str, bool] = {}
        self._to_hub: list[tuple[int, tuple[str, ...]]] | None = None

    def _read(self, clause: Clause) -> list[_Right]:
        """The rights that a clause gives or takes; one for each taker where it needs to know its own area."""
        if not isinstance(clause, Share | Withhold) or clause.data != DataKind.TRACKS:
            return []
        share = clause if isinstance(clause, Share) else None
        right = _Right(
            clause=clause.id,
            form=0 if share is None or clause.id in self.stand.doubtful else int(share.form),
            delay_ns=round((_span_s(self.pact, share.delay_s) or 0) * SECOND_NS) if share is not None else 0,
            givers=frozenset(named(self.pact, clause.giver)),
            takers=frozenset(named(self.pact, clause.taker)),
            classes=frozenset(int(one) for one in (clause.classes or TrackClass)),
            zones=frozenset(clause.zones) if clause.zones else None,
            casus=clause.casus,
        )
        if share is None or share.need_to_know is None:
            return [right]
        rights = []
        for taker in sorted(right.takers):
            own = frozenset(one.id for one in self.pact.zone if one.owner == taker)
            own = own if right.zones is None else own & right.zones
            if own:
                rights.append(right._replace(takers=frozenset((taker,)), zones=own))
        return rights

    def _written_precedence(self) -> set[tuple[str, str]]:
        """(over, under) of the clauses of this pact, as the clauses that speak say."""
        pairs: set[tuple[str, str]] = set()
        for clause in self.pact.clause:
            if clause.id not in (*self.stand.speaking, *self.stand.doubtful):
                continue
            if isinstance(clause, Precedence):
                pairs |= set(itertools.product(map(self._local, clause.over), map(self._local, clause.under)))
            if isinstance(clause, Share):
                pairs |= {(clause.id, self._local(name)) for name in clause.notwithstanding}
        return pairs

    def _local(self, name: str) -> str:
        return name.removeprefix(f"{self.pact.pact}:")

    def _outranks(self, a: _Right, b: _Right) -> bool:
        if (a.clause, b.clause) in self._prevails:
            return True
        return _narrower(a, b) and (b.clause, a.clause) not in self._prevails

    def shares_with(self, taker: str) -> bool:
        """Whether any clause gives that party any track."""
        return any(right.form and self._is_about(right, taker) for right in self._rights)

    def _is_about(self, right: _Right, taker: str) -> bool:
        pair = sorted((self._giver, taker))
        share = right.form > 0 or right.clause in self.stand.doubtful
        barred = share and (right.clause, pair[0], pair[1]) in self.stand.barred
        return self._giver in right.givers and taker in right.takers and not barred

    def answer(self, taker: str, track_class: int, zones: tuple[str, ...]) -> Answer:
        """What a party may have of a track of that class in those zones; routes are not looked at."""
        key = (taker, track_class, zones)
        if key not in self._answers:
            if len(self._answers) >= GUARD_CELLS_MAX:
                self._answers.clear()
            self._answers[key] = self._answer(taker, track_class, zones)
        return self._answers[key]

    def _answer(
        self, taker: str, track_class: int, zones: tuple[str, ...], over: tuple[str, ...] = ()
    ) -> Answer:
        here = [
            right
            for right in self._rights
            if right.clause not in over
            and self._is_about(right, taker)
            and track_class in right.classes
            and (right.zones is None or not right.zones.isdisjoint(zones))
        ]
        no = [right for right in here if not right.form]
        yes = [right for right in here if right.form and all(self._outranks(right, one) for one in no)]
        best: _Right | None = None
        for right in yes:  # in the order of the text: of equal forms and delays the first stays
            yields = any(self._outranks(other, right) for other in yes)
            if not yields and (best is None or (right.form, -right.delay_ns) < (best.form, -best.delay_ns)):
                best = right
        if best is not None:
            return Answer(best.form, best.clause, best.delay_ns, withheld=False)
        return Answer(0, no[0].clause if no else "", 0, withheld=bool(no))

    # ------------------------------------------------------------ ways

    def route(self, a: str, b: str) -> Route | None:
        """The clause by which these two do not meet directly."""
        for clause in self.pact.clause:
            if isinstance(clause, Route) and clause.id in self.stand.speaking:
                for pair in clause.pairs:
                    if pair in ((a, b), (b, a)):
                        return clause
        return None

    def direct(self, party: str, track_class: int, zones: tuple[str, ...]) -> int:
        """The form in which the party is given such data directly."""
        if self.route(self._giver, party) is not None or not {party, self._giver} <= {*self.stand.parties}:
            return 0
        return self.answer(party, track_class, zones).form

    def goes_through_hub(self, party: str) -> bool:
        """Whether the party may get through the hub what this member does not give it directly."""
        return any(
            self.entitlements(self._hub, track_class, zones)[self._parties.index(party)]
            > self.direct(party, track_class, zones)
            for track_class in TrackClass
            for zones in self._places()
        )

    def _places(self) -> list[tuple[str, ...]]:
        """Nowhere in particular, and every one or two zones that the clauses name."""
        zones = [
            zone.id
            for zone in self.pact.zone
            if any(right.zones is not None and zone.id in right.zones for right in self._rights)
        ]
        return [(), *((zone,) for zone in zones), *itertools.combinations(zones, 2)]

    def entitlements(self, to: str, track_class: int, zones: tuple[str, ...]) -> tuple[int, ...]:
        """The highest form in which `to` may pass this member's data at such a place to each party."""
        key = (to, track_class, zones)
        if key not in self._forward:
            if len(self._forward) >= GUARD_CELLS_MAX:
                self._forward.clear()
            self._forward[key] = tuple(
                self._entitlement(to, party, track_class, zones) for party in self._parties
            )
        return self._forward[key]

    def _entitlement(self, to: str, party: str, track_class: int, zones: tuple[str, ...]) -> int:
        if to != self._hub or self._giver == self._hub or party in (self._giver, self._hub):
            return 0
        if party not in self.stand.parties:
            return 0
        form = self._may_go_on(party, track_class, zones)
        if form > Form.ALERT and self._history_is_free(party):
            return form
        given = self.answer(self._hub, track_class, zones).form > 0
        return int(Form.ALERT) if given and self._is_warned_by_hub(party) else 0

    def _may_go_on(
        self, party: str, track_class: int, zones: tuple[str, ...], *, over: tuple[str, ...] = ()
    ) -> int:
        """The highest form in which the hub may pass such data on, as far as this one place is concerned.

        over: caveats and withholds that keep nothing back, since what it is asked for prevails over them.
        """
        form, clause, _, _ = self.answer(self._hub, track_class, zones)
        caveats = [
            one
            for one in self.pact.clause
            if isinstance(one, Caveat)
            and one.id in self.stand.speaking
            and clause in one.on
            and self._giver in named(self.pact, one.originator)
        ]
        answer = (
            self._answer(party, track_class, zones, over) if over else self.answer(party, track_class, zones)
        )
        if form == 0 or not caveats or answer.withheld:
            return 0
        for caveat in (one for one in caveats if one.id not in over):
            if caveat.onward is not None and party in named(self.pact, caveat.onward.to):
                form = min(form, caveat.onward.max_form)
            elif caveat.orcon or party not in named(self.pact, caveat.rel_to):
                return 0
        return form

    def _history_is_free(self, party: str) -> bool:
        """Whether all that the hub gets may go on to the party: else a row could tell of a withheld plot."""
        if party not in self._free:
            self._free[party] = all(
                self._may_go_on(party, track_class, zones) > Form.ALERT
                for track_class, zones in self._given_to_hub()
            )
        return self._free[party]

    def _given_to_hub(self) -> list[tuple[int, tuple[str, ...]]]:
        """The classes and places of which this member gives the hub anything."""
        if self._to_hub is None:
            self._to_hub = [
                (int(track_class), zones)
                for track_class in TrackClass
                for zones in self._places()
                if self.answer(self._hub, track_class, zones).form > 0
            ]
        return self._to_hub

    def serves(self, party: str, duty: Warn) -> bool:
        """Whether the hub may warn that party, by that duty, from all that it gets of this member."""
        if self._giver in (party, self._hub) or not {party, self._giver, self._hub} <= {*self.stand.parties}:
            return False
        return all(
            self._may_go_on(party, track_class, zones, over=duty.notwithstanding) > 0
            for track_class, zones in self._given_to_hub()
        )

    def _is_warned_by_hub(self, party: str) -> bool:
        """Whether the hub owes that party warnings that may rest on this member's data."""
        if party not in self._warned:
            self._warned[party] = any(
                isinstance(one, Warn)
                and one.id in self.stand.speaking
                and self._hub in named(self.pact, one.by)
                and is_meant(self.pact, party, one.to)
                and self.serves(party, one)
                for one in self.pact.clause
            )
        return self._warned[party]


def _narrower(a: _Right, b: _Right) -> bool:
    """Whether a selects nothing that b does not select, and less."""
    if not (a.givers <= b.givers and a.takers <= b.takers and a.classes <= b.classes):
        return False
    if b.zones is not None and (a.zones is None or not a.zones <= b.zones):
        return False
    if b.casus is not None and a.casus != b.casus:
        return False
    return a[3:] != b[3:]
