"""Whether a pact that fits the schema also makes sense: ids, zones, forms, routes, contradictions.

Raises DocumentError at the first mistake, in the order of the text.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple, NoReturn

from foedus.document import Place, error_at, name_found, suggest
from foedus.errors import LimitError
from foedus.limits import RULES_PER_PAIR_MAX, TIE_CHECKS_MAX
from foedus.model import Form, TrackClass
from foedus.pact.clauses import (
    ROLE_WORDS,
    Caveat,
    Pact,
    Party,
    Route,
    Selector,
    Share,
    Term,
    Warn,
    Withhold,
    Zone,
)
from foedus.pact.polygon import area_deg2, crosses_itself, overlap, vertices
from foedus.pact.rules import ANYWHERE, Rule, decisive, narrower, party_bits, rules_of, speaking

SHARE_FORMS = (Form.REGION, Form.COARSE, Form.TRACK)


def validate(pact: Pact, *, text: str, file: str) -> None:
    """Nothing; DocumentError for the first thing in the pact that makes no sense."""

    def fail(place: Place, found: str, expected: str) -> NoReturn:
        raise error_at(text, place, file=file, found=found, expected=expected)

    check = _Checks(pact, fail)
    check.parties()
    check.zones()
    check.clauses()
    check.whole()
    for tie in ties(pact):
        first, second = (rule.clause for rule in tie.rules)
        fail(
            ("clause", second),
            f"{pact.clause[second].id} ({tie.rules[1].form.name.lower()}) against "
            f"{pact.clause[first].id} ({tie.rules[0].form.name.lower()}) for {describe_tie(pact, tie)}",
            "one form, or one of the two clauses narrower than the other in what it selects",
        )


class Tie(NamedTuple):
    """Two shares of different form of which neither is narrower, and a situation in which both decide."""

    rules: tuple[Rule, Rule]  # in the order of the text
    giver: int
    taker: int
    track_class: int
    zones: int


def describe_tie(pact: Pact, tie: Tie) -> str:
    """The situation of a tie in words."""
    zones = [zone.id for i, zone in enumerate(pact.zone) if tie.zones >> i & 1]
    where = "inside " + " and ".join(zones) if zones else "anywhere"
    name = TrackClass(tie.track_class).name.lower()
    return f"{name} tracks from {pact.party[tie.giver].id} to {pact.party[tie.taker].id} {where}"


def ties(pact: Pact) -> Iterator[Tie]:
    """Every pair of shares that contradict each other, once, with a witness.

    Exact for the reading of rules.py: what decides in many zones decides in the one or two that two shares
    need, because more zones can only bring in more withholds and more narrow shares.
    """
    rules = rules_of(pact)
    meet = ZonesMeet(pact)
    done: dict[tuple[Rule, ...], bool] = {}
    told: dict[tuple[int, int], bool] = {}
    checks = 0
    for giver, taker, track_class in _cells(pact):
        spoken = speaking(rules, giver, taker, track_class)
        if done.setdefault(spoken, False):
            continue
        done[spoken] = True
        for a, b in _rivals(spoken):
            for zones in meet.least(a.zones, b.zones):
                checks += 1
                if checks > TIE_CHECKS_MAX:
                    raise LimitError(name="TIE_CHECKS_MAX", limit=TIE_CHECKS_MAX, asked=checks)
                deciding = decisive(spoken, zones)
                if a in deciding and b in deciding and not told.get((a.clause, b.clause)):
                    told[a.clause, b.clause] = True
                    yield Tie((a, b), giver, taker, track_class, zones)


def _cells(pact: Pact) -> Iterator[tuple[int, int, int]]:
    """Every (giver, taker, class)."""
    parties = range(len(pact.party))
    return (
        (giver, taker, track_class)
        for giver in parties
        for taker in parties
        if giver != taker
        for track_class in TrackClass
    )


def _rivals(spoken: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs of shares with different forms, neither narrower."""
    shares = [rule for rule in spoken if rule.form != Form.NONE]
    for a, b in combinations(shares, 2):
        if a.form != b.form and not narrower(a, b) and not narrower(b, a):
            yield a, b


class ZonesMeet:
    """Which zones have room in common, worked out when asked and remembered."""

    def __init__(self, pact: Pact) -> None:
        self._zones = pact.zone
        self._known: dict[tuple[int, int], bool] = {}

    def least(self, a: int, b: int) -> Iterator[int]:
        """The smallest sets of zones in which two rules apply together and that one point can lie in."""
        if a == ANYWHERE and b == ANYWHERE:
            yield 0
            return
        count = range(len(self._zones))
        of_a = [None] if a == ANYWHERE else [i for i in count if a >> i & 1]
        of_b = [None] if b == ANYWHERE else [i for i in count if b >> i & 1]
        for i in of_a:
            for j in of_b:
                if i is None or j is None or self._meet(i, j):
                    yield (0 if i is None else 1 << i) | (0 if j is None else 1 << j)

    def _meet(self, i: int, j: int) -> bool:
        if i == j:
            return True
        pair = (min(i, j), max(i, j))
        if pair not in self._known:
            self._known[pair] = zones_overlap(self._zones[i], self._zones[j])
        return self._known[pair]


def zones_overlap(a: Zone, b: Zone) -> bool:
    """Whether two zones have room in common: area and height."""
    floor_m = max(-1e9 if zone.floor_m is None else zone.floor_m for zone in (a, b))
    ceiling_m = min(1e9 if zone.ceiling_m is None else zone.ceiling_m for zone in (a, b))
    return floor_m < ceiling_m and overlap(vertices(a.polygon), vertices(b.polygon))


Fail = Callable[[Place, str, str], NoReturn]


class _Checks:
    """The checks that need no pairs of clauses; each method covers one part of the text."""

    def __init__(self, pact: Pact, fail: Fail) -> None:
        self.pact = pact
        self.fail = fail
        self.party_ids = [party.id for party in pact.party]
        self.zone_ids = [zone.id for zone in pact.zone]
        self.clause_ids = [clause.id for clause in pact.clause]

    def parties(self) -> None:
        self._unique("party", self.party_ids)
        hubs = [party.id for party in self.pact.party if party.role == "hub"]
        for i, party in enumerate(self.pact.party):
            if party.id in ROLE_WORDS:
                self.fail(("party", i, "id"), name_found(party.id), "an id that is not a word for a role")
            if party.role == "hub" and party.id != hubs[0]:
                self.fail(("party", i, "role"), f"a second hub beside {hubs[0]}", "at most one hub")

    def zones(self) -> None:
        self._unique("zone", self.zone_ids)
        for i, zone in enumerate(self.pact.zone):
            place: Place = ("zone", i)
            if zone.owner is not None:
                self._known((*place, "owner"), zone.owner, self.party_ids)
            points = vertices(zone.polygon)
            if points[:, 1].max() - points[:, 1].min() > 180:
                self.fail(
                    (*place, "polygon"), "a polygon wider than 180 degrees", "two zones, one on each side"
                )
            if area_deg2(points) == 0:
                self.fail((*place, "polygon"), "a polygon without area", "vertices that enclose an area")
            if crosses_itself(points):
                self.fail((*place, "polygon"), "a polygon that touches or crosses itself", "a simple polygon")
            if zone.floor_m is not None and zone.ceiling_m is not None and zone.floor_m >= zone.ceiling_m:
                found = f"floor {zone.floor_m:g} m, ceiling {zone.ceiling_m:g} m"
                self.fail((*place, "floor_m"), found, "a floor below the ceiling")

    def clauses(self) -> None:
        self._unique("clause", self.clause_ids)
        for i, clause in enumerate(self.pact.clause):
            place: Place = ("clause", i)
            match clause:
                case Share() | Withhold():
                    self._data(place, clause)
                case Route():
                    self._route(place, clause)
                case Caveat():
                    self._caveat(place, clause)
                case Warn():
                    self._warn(place, clause)
                case Term():
                    if clause.in_force and clause.until and clause.in_force >= clause.until:
                        self.fail((*place, "until"), clause.until.isoformat(), "an end after in_force")

    def whole(self) -> None:
        terms = [i for i, clause in enumerate(self.pact.clause) if isinstance(clause, Term)]
        if len(terms) != 1:
            place: Place = ("clause", terms[1]) if terms else ("clause",)
            self.fail(place, f"{len(terms)} clauses of kind term", "exactly one")
        self._bands()
        self._rules_per_pair()

    def _bands(self) -> None:
        """A track of unknown height is inside a banded zone that a withhold names, and outside any other."""
        shared = [zone for clause in self.pact.clause if isinstance(clause, Share) for zone in clause.zones]
        for i, clause in enumerate(self.pact.clause):
            if not isinstance(clause, Withhold):
                continue
            for j, name in enumerate(clause.zones):
                zone = self.pact.zone[self.zone_ids.index(name)]
                if name in shared and (zone.floor_m is not None or zone.ceiling_m is not None):
                    self.fail(
                        ("clause", i, "zones", j),
                        f"{name}, which has a floor or ceiling, in a withhold and in a share",
                        "two zones, because a track of unknown height can only be given to one of the two",
                    )

    def _rules_per_pair(self) -> None:
        rules = rules_of(self.pact)
        for giver, taker, track_class in _cells(self.pact):
            spoken = speaking(rules, giver, taker, track_class)
            for kind, own in (
                ("share", [rule for rule in spoken if rule.form != Form.NONE]),
                ("withhold", [rule for rule in spoken if rule.form == Form.NONE]),
            ):
                if len(own) > RULES_PER_PAIR_MAX:
                    found = (
                        f"{len(own)} {kind} clauses from {self.party_ids[giver]} to {self.party_ids[taker]}"
                    )
                    place = ("clause", own[RULES_PER_PAIR_MAX].clause)
                    self.fail(place, found, f"at most {RULES_PER_PAIR_MAX} for one pair and class")

    def _data(self, place: Place, clause: Share | Withhold) -> None:
        givers = self._parties((*place, "from"), clause.giver)
        takers = self._parties((*place, "to"), clause.taker)
        if givers == takers and givers.bit_count() == 1:
            self.fail((*place, "to"), "the giver itself", "another party")
        self._once((*place, "classes"), [item.name.lower() for item in clause.classes])
        self._some_zones(place, clause.zones, self.zone_ids)
        if isinstance(clause, Share):
            self._form((*place, "form"), clause.form)

    def _form(self, place: Place, form: Form) -> None:
        reasons = {
            Form.SOURCE: "plots with their sensor are not shared yet",
            Form.ALERT: "an alert is what a warn clause gives",
            Form.NONE: "to give nothing, write a withhold clause",
        }
        if form not in SHARE_FORMS:
            names = ", ".join(allowed.name.lower() for allowed in SHARE_FORMS)
            self.fail(place, name_found(form.name.lower()), f"one of {names}; {reasons[form]}")

    def _route(self, place: Place, clause: Route) -> None:
        self._known((*place, "via"), clause.via, self.party_ids)
        if self._party(clause.via).role != "hub":
            self.fail((*place, "via"), f"{clause.via}, which is no hub", "the hub of the pact")
        before = self._routed_before(clause)
        for j, pair in enumerate(clause.pairs):
            here = (*place, "pairs", j)
            for k in (0, 1):
                self._known((*here, k), pair[k], self.party_ids)
            if pair[0] == pair[1]:
                self.fail(here, f"{pair[0]} twice", "two different parties")
            if clause.via in pair:
                found = f"a pair with {clause.via} itself"
                self.fail(here, found, f"pairs that can both reach {clause.via}")
            if tuple(sorted(pair)) in before:
                self.fail(here, f"{pair[0]} and {pair[1]} again", "each pair at most once")
            before.append(tuple(sorted(pair)))

    def _routed_before(self, clause: Route) -> list[tuple[str, ...]]:
        earlier = self.pact.clause[: self.clause_ids.index(clause.id)]
        return [tuple(sorted(pair)) for one in earlier if isinstance(one, Route) for pair in one.pairs]

    def _caveat(self, place: Place, clause: Caveat) -> None:
        shares = [one.id for one in self.pact.clause if isinstance(one, Share)]
        rel_to = self._parties((*place, "rel_to"), clause.rel_to)
        self._once((*place, "on"), clause.on)
        for j, name in enumerate(clause.on):
            self._known((*place, "on", j), name, shares, "the id of a share clause: ")
            share = self.pact.clause[self.clause_ids.index(name)]
            assert isinstance(share, Share)
            outside = party_bits(self.pact, share.taker) & ~rel_to
            if outside:
                left_out = ", ".join(id_ for i, id_ in enumerate(self.party_ids) if outside >> i & 1)
                found = f"{name}, which gives to {left_out}"
                self.fail((*place, "on", j), found, "clauses that give only to parties of rel_to")
        if clause.onward is not None:
            self._parties((*place, "onward", "to"), clause.onward.to)
            if clause.onward.max_form not in (Form.NONE, *SHARE_FORMS):
                names = ", ".join(allowed.name.lower() for allowed in (Form.NONE, *SHARE_FORMS))
                found = name_found(clause.onward.max_form.name.lower())
                self.fail((*place, "onward", "max_form"), found, f"one of {names}")
            if not clause.onward.strip_source:
                expected = "true: a hub never tells from whom its rows come"
                self.fail((*place, "onward", "strip_source"), "false", expected)

    def _warn(self, place: Place, clause: Warn) -> None:
        by = self._parties((*place, "by"), clause.by)
        to = self._parties((*place, "to"), clause.to)
        if by == to and by.bit_count() == 1:
            self.fail((*place, "to"), "the warner itself", "another party")
        self._once((*place, "classes"), [item.name.lower() for item in clause.classes])
        owned = [
            zone.id for zone in self.pact.zone if zone.owner and to >> self.party_ids.index(zone.owner) & 1
        ]
        if not owned:
            self.fail((*place, "to"), "parties that own no zone", "a party that owns a zone to be warned of")
        self._some_zones(place, clause.zones, owned)
        if clause.renew_s > clause.expires_s:
            found = f"{clause.renew_s:g} s, after the warning has expired"
            self.fail((*place, "renew_s"), found, f"at most expires_s = {clause.expires_s:g}")

    # ------------------------------------------------------------ small parts

    def _party(self, id_: str) -> Party:
        return self.pact.party[self.party_ids.index(id_)]

    def _parties(self, place: Place, selector: Selector) -> int:
        """The parties of a selector as bits; at least one, and every word known."""
        words = (selector,) if isinstance(selector, str) else selector
        for j, word in enumerate(words):
            here = place if isinstance(selector, str) else (*place, j)
            self._known(here, word, (*self.party_ids, *ROLE_WORDS))
            if not party_bits(self.pact, word):
                self.fail(here, name_found(word), "a role that some party has")
        self._once(place, words)
        return party_bits(self.pact, selector)

    def _some_zones(self, place: Place, zones: Sequence[str], known: Sequence[str]) -> None:
        for j, name in enumerate(zones):
            self._known((*place, "zones", j), name, known)
        self._once((*place, "zones"), zones)

    def _known(self, place: Place, word: str, known: Iterable[str], what: str = "") -> None:
        allowed = list(known)
        if word not in allowed:
            self.fail(place, name_found(word), what + suggest(word, allowed))

    def _once(self, place: Place, words: Sequence[str]) -> None:
        for j, word in enumerate(words):
            if word in words[:j]:
                self.fail((*place, j), f"{word} again", "each at most once")

    def _unique(self, table: str, ids: Sequence[str]) -> None:
        first: dict[str, int] = {}
        for i, id_ in enumerate(ids):
            if id_ in first:
                found = f"{id_}, which {table} {first[id_] + 1} has already"
                self.fail((table, i, "id"), found, "an id of its own")
            first[id_] = i
