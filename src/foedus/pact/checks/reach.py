"""How far one party's data go: every path of shares, with form, delay and the caveats on the way.

Two readings of onward transfer exist. A node passes nothing on that no caveat lets it pass on. A text without
a caveat forbids nothing, and people with data in hand act on that. Checks ask for the second, wider one, so
that a release which a text leaves open is found; a duty to warn rests on all that the debtor knows likewise.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from foedus.errors import LimitError
from foedus.limits import CHECK_PATHS_MAX, RELAYS_MAX
from foedus.model import Form
from foedus.pact.checks.inquiry import Inquiry, Kind
from foedus.pact.clauses import Caveat, Pact, Selector, Share, Withhold
from foedus.pact.force import selected
from foedus.pact.meaning.evaluate import span_s
from foedus.pact.tables.compile import route_between
from foedus.pact.tables.rules import DENY, Rule, judge, rules_of
from foedus.pact.words import UNKNOWN, DataKind, Truth

EARLY_DATA: Final = (
    DataKind.TRACKS,
    DataKind.PLOTS,
    DataKind.PICTURE,
    DataKind.INTELLIGENCE,
    DataKind.WARNING_DATA,
)
"""Kinds of data from which a party learns that something is coming."""

RELAYED: Final = (DataKind.PICTURE, DataKind.INTELLIGENCE, DataKind.WARNING_DATA)
"""Kinds that hold what others gave: whoever gives them passes others' data on. A hub does by any kind."""


NEVER_S: Final = 1e9
"""The delay of a share whose delay nobody knows, in the strict reading: longer than any deadline."""


class Edge(NamedTuple):
    """One share that decides between two parties: what it gives and how late."""

    giver: str
    taker: str
    form: Form
    delay_s: float
    clause: str
    anonymised: bool


class Arrival(NamedTuple):
    """Data of an originator at a party: in what form, how late, and by which shares."""

    form: Form
    delay_s: float
    path: tuple[Edge, ...]


class Reach:
    """The shares, withholds and caveats of one pact in one reading, ready to be asked about situations.

    strict: shares in doubt (an unknown form or delay) give nothing. Otherwise they give a region at once.
    """

    def __init__(self, pact: Pact, *, strict: bool = True) -> None:
        self.pact = _read(pact, strict=strict)
        self._ids = [party.id for party in pact.party]
        self._rules = rules_of(self.pact)
        self._clauses = {clause.id: clause for clause in self.pact.clause}
        self._hubs = [party.id for party in pact.party if party.role == "hub"]
        self._named: dict[Selector, tuple[str, ...]] = {}
        self._on: dict[str, list[tuple[int, Caveat, tuple[str, ...]]]] = {}
        for index, clause in enumerate(self.pact.clause):
            if isinstance(clause, Caveat):
                for share in clause.on:
                    entry = (index, clause, self._selected(clause.originator))
                    self._on.setdefault(share, []).append(entry)
        self._edges: dict[tuple[object, ...], tuple[Edge, ...]] = {}
        self._steps = 0

    def _selected(self, selector: Selector) -> tuple[str, ...]:
        if selector not in self._named:
            self._named[selector] = selected(self.pact, selector)
        return self._named[selector]

    # ------------------------------------------------------------ single steps

    def edges(self, speaks: Sequence[bool], track_class: int, zones: int) -> tuple[Edge, ...]:
        """Every share that decides, pair by pair and kind by kind, among the clauses that speak."""
        key = (tuple(speaks), track_class, zones)
        if key not in self._edges:
            self._edges[key] = tuple(self._decide(speaks, track_class, zones))
        return self._edges[key]

    def _decide(self, speaks: Sequence[bool], track_class: int, zones: int) -> Iterator[Edge]:
        here: dict[tuple[int, int, DataKind], list[Rule]] = {}
        for rule in self._rules:
            clause = self.pact.clause[rule.clause]
            if not isinstance(clause, Share | Withhold):
                continue
            if not speaks[rule.clause] or not rule.classes >> track_class & 1:
                continue
            for giver in range(len(self._ids)):
                if rule.givers >> giver & 1:
                    for taker in range(len(self._ids)):
                        if giver != taker and rule.takers >> taker & 1 and self._needed(clause, taker, zones):
                            here.setdefault((giver, taker, clause.data), []).append(rule)
        for (giver, taker, data), rules in here.items():
            verdict = judge(rules, zones)
            share = self.pact.clause[verdict.clause] if verdict.clause != DENY else None
            if data not in EARLY_DATA or not isinstance(share, Share):
                continue
            if route_between(self.pact, self._ids[giver], self._ids[taker]) == DENY:
                delay_s = span_s(self.pact, share.delay_s) or 0.0
                yield Edge(
                    self._ids[giver],
                    self._ids[taker],
                    verdict.form,
                    delay_s,
                    share.id,
                    share.source == "anonymised",
                )

    def _needed(self, clause: Share | Withhold, taker: int, zones: int) -> bool:
        """Whether a share for the taker's own area speaks here."""
        if not isinstance(clause, Share) or clause.need_to_know is None:
            return True
        own = (i for i, zone in enumerate(self.pact.zone) if zone.owner == self._ids[taker])
        return any(zones >> i & 1 for i in own)

    def withheld(
        self, giver: str, taker: str, speaks: Sequence[bool], track_class: int, zones: int
    ) -> tuple[str, ...]:
        """The withholds that keep the giver's data from the taker on every path."""
        i, j = self._ids.index(giver), self._ids.index(taker)
        rules = [
            rule
            for rule in self._rules
            if speaks[rule.clause]
            and rule.givers >> i & 1
            and rule.takers >> j & 1
            and rule.classes >> track_class & 1
        ]
        return tuple(
            clause.id
            for rule in rules
            for clause in (self.pact.clause[rule.clause],)
            if isinstance(clause, Withhold)
            and clause.data in EARLY_DATA
            and judge(rules, zones).form == Form.NONE
            and judge([rule], zones).clause == rule.clause
        )

    def onward(
        self,
        path: Sequence[Edge],
        originator: str,
        target: str,
        *,
        speaks: Sequence[bool],
        ignoring: Sequence[str] = (),
    ) -> tuple[Form, tuple[str, ...]]:
        """The highest form in which what came by that path may go on, and the caveats that say so."""
        form, told = Form.SOURCE, []
        for edge in path if target != originator else ():
            for index, caveat, originators in self._on.get(edge.clause, ()) if target != edge.taker else ():
                if speaks[index] and caveat.id not in ignoring and originator in originators:
                    allowed = self._entitled(caveat, edge, target)
                    told += [caveat.id] if allowed < Form.ALERT else []
                    form = min(form, allowed)
        return form, tuple(dict.fromkeys(told))

    def _entitled(self, caveat: Caveat, edge: Edge, target: str) -> Form:
        if caveat.onward is not None and target in self._selected(caveat.onward.to):
            return min(edge.form, caveat.onward.max_form)
        if not caveat.orcon and target in self._selected(caveat.rel_to):
            return edge.form
        return Form.NONE

    # ------------------------------------------------------------ paths

    def arrivals(
        self,
        originator: str,
        *,
        speaks: Sequence[bool],
        track_class: int,
        zones: int,
        without: Sequence[str] = (),
        ignoring: Sequence[str] = (),
    ) -> dict[str, tuple[Arrival, ...]]:
        """Every way of the originator's data to each party; without: parties, or links, that are gone."""
        leaving: dict[str, list[Edge]] = {}
        for edge in self.edges(speaks, track_class, zones):
            ends = (edge.giver, edge.taker, link(edge.giver, edge.taker))
            if edge.taker != originator and not any(one in without for one in ends):
                leaving.setdefault(edge.giver, []).append(edge)
        found: dict[str, list[Arrival]] = {}
        newest = [
            Arrival(edge.form, edge.delay_s, (edge,)) for edge in leaving.get(originator, ()) if edge.form
        ]
        for _ in range(RELAYS_MAX + 1):
            for arrival in newest:
                found.setdefault(arrival.path[-1].taker, []).append(arrival)
            newest = [
                longer
                for arrival in newest
                for edge in leaving.get(arrival.path[-1].taker, ())
                for longer in self._passed(arrival, edge, originator, speaks, track_class, zones, ignoring)
            ]
        return {taker: tuple(ways) for taker, ways in found.items()}

    def _passed(
        self,
        arrival: Arrival,
        edge: Edge,
        originator: str,
        speaks: Sequence[bool],
        track_class: int,
        zones: int,
        ignoring: Sequence[str],
    ) -> Iterator[Arrival]:
        """The arrival one hand further, if anything goes on."""
        self._steps += 1
        if self._steps > CHECK_PATHS_MAX:
            raise LimitError(name="CHECK_PATHS_MAX", limit=CHECK_PATHS_MAX, asked=self._steps)
        share = self._clauses[edge.clause]
        assert isinstance(share, Share)
        if edge.giver not in self._hubs and share.data not in RELAYED:
            return
        if any(one.taker == edge.taker for one in arrival.path):
            return
        allowed, _ = self.onward(arrival.path, originator, edge.taker, speaks=speaks, ignoring=ignoring)
        kept = self.withheld(originator, edge.taker, speaks, track_class, zones)
        form = min(arrival.form, allowed, edge.form)
        if form > Form.NONE and all(one in ignoring for one in kept):
            yield Arrival(form, arrival.delay_s + edge.delay_s, (*arrival.path, edge))


def link(giver: str, taker: str) -> str:
    """The name of the way from one party to another among things that can be gone."""
    return f"{giver}>{taker}"


def widest(ways: Sequence[Arrival]) -> Arrival | None:
    """The highest form; of equal ones the earliest."""
    return max(ways, key=lambda way: (way.form, -way.delay_s, -len(way.path)), default=None)


def earliest(ways: Sequence[Arrival]) -> Arrival | None:
    """The first to arrive, in whatever form."""
    return min(ways, key=lambda way: (way.delay_s, -way.form, len(way.path)), default=None)


def _read(pact: Pact, *, strict: bool) -> Pact:
    clauses = tuple(
        _settled(clause, strict=strict) if isinstance(clause, Share) else clause for clause in pact.clause
    )
    return msgspec.structs.replace(pact, clause=clauses)


def _settled(clause: Share, *, strict: bool) -> Share:
    """The share with a form and a delay; in the strict reading one of unknown form is for nobody."""
    if UNKNOWN not in (clause.form, clause.delay_s):
        return clause
    return msgspec.structs.replace(
        clause,
        form=Form.REGION if clause.form == UNKNOWN else clause.form,
        taker=() if strict and clause.form == UNKNOWN else clause.taker,
        delay_s=clause.delay_s if clause.delay_s != UNKNOWN else NEVER_S if strict else 0.0,
    )


class Channels:
    """The reach of a pact under inquiry in both readings, and what of it is asked again and again."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        self.strict = Reach(inquiry.pact, strict=True)
        self.generous = Reach(inquiry.pact, strict=False)
        dated = [clause.id for clause in inquiry.clauses(object)]
        self._dated = tuple(clause.id in dated for clause in inquiry.pact.clause)
        self._flags: dict[tuple[tuple[Truth, ...], bool], tuple[bool, ...]] = {}
        self._known: dict[tuple[object, ...], dict[str, tuple[Arrival, ...]]] = {}

    def reach(self, *, strict: bool) -> Reach:
        """One of the two readings."""
        return self.strict if strict else self.generous

    def flags(self, kind: Kind, *, strict: bool = True) -> tuple[bool, ...]:
        """Clause by clause, whether it speaks; in doubt the strict reading closes, the other opens."""
        if (kind.met, strict) not in self._flags:
            self._flags[kind.met, strict] = tuple(self._speak(kind, strict))
        return self._flags[kind.met, strict]

    def _speak(self, kind: Kind, strict: bool) -> Iterator[bool]:
        met = {clause.id: truth for clause, truth in zip(self.inquiry.casus, kind.met, strict=True)}
        for clause, dated in zip(self.inquiry.pact.clause, self._dated, strict=True):
            casus = getattr(clause, "casus", None)
            truth = Truth.YES if casus is None else met[casus]
            opens = isinstance(clause, Withhold | Caveat) == strict
            yield dated and (truth == Truth.YES or (truth == Truth.UNDETERMINED and opens))

    def places(self, victim: str) -> tuple[int, ...]:
        """Where a track may be: outside all zones, and inside all that the victim owns; as bits."""
        own = sum(1 << i for i, zone in enumerate(self.inquiry.pact.zone) if zone.owner == victim)
        return (0, own) if own else (0,)

    def arrivals(
        self,
        originator: str,
        kind: Kind,
        zones: int,
        *,
        strict: bool = True,
        without: Sequence[str] = (),
        ignoring: Sequence[str] = (),
    ) -> dict[str, tuple[Arrival, ...]]:
        """Every way of the originator's data to each party in a situation."""
        flags = self.flags(kind, strict=strict)
        gone = tuple(one for one in without if one in self.inquiry.roster or ">" in one)
        track_class = kind.situation.track_class
        key = (originator, flags, track_class, zones, strict, gone, tuple(ignoring))
        if key not in self._known:
            self._known[key] = self.reach(strict=strict).arrivals(
                originator,
                speaks=flags,
                track_class=track_class,
                zones=zones,
                without=gone,
                ignoring=ignoring,
            )
        return self._known[key]
