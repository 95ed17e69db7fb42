"""Contradictions among clauses: shares that tie, and orders of precedence that run in a circle.

Exact for the reading of rules.py: what decides in many zones decides in the one or two that two shares need,
because more zones, and more casus that are met, can only bring in more withholds and more narrow shares.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations, product
from typing import NamedTuple

from foedus.errors import LimitError
from foedus.limits import RULE_CELLS_MAX, RULES_PER_PAIR_MAX, TIE_CHECKS_MAX
from foedus.model import Form, TrackClass
from foedus.pact.clauses import Pact, Precedence, Share, Warn, Withhold, Zone
from foedus.pact.polygon import overlap, vertices
from foedus.pact.tables.rules import ANYWHERE, Rule, decisive, narrower, rules_of

_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

Cells = dict[tuple[int, int, int], list[Rule]]
"""(giver, taker, class) -> the rules that speak on it, in the order of the text."""


class Budget:
    """How much work the check of one text may still do; LimitError beyond."""

    def __init__(self) -> None:
        self.checks = 0
        self.cells = 0

    def spend_check(self) -> None:
        """One more situation is tried."""
        self.checks += 1
        if self.checks > TIE_CHECKS_MAX:
            raise LimitError(name="TIE_CHECKS_MAX", limit=TIE_CHECKS_MAX, asked=self.checks)

    def spend_cells(self, count: int) -> None:
        """One more rule is laid out in so many cells."""
        self.cells += count
        if self.cells > RULE_CELLS_MAX:
            raise LimitError(name="RULE_CELLS_MAX", limit=RULE_CELLS_MAX, asked=self.cells)


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
    what = _share(pact, tie.rules[0]).data.name.lower().replace("_", " ")
    about = f"{name} tracks" if what == "tracks" else f"{what} ({name})"
    met = sorted({one for one in (_share(pact, rule).casus for rule in tie.rules) if one is not None})
    when = f" while {' and '.join(met)} {'are' if len(met) > 1 else 'is'} met" if met else ""
    return f"{about} from {pact.party[tie.giver].id} to {pact.party[tie.taker].id} {where}{when}"


def ties(pact: Pact) -> Iterator[Tie]:
    """Every pair of shares of a text without brackets that contradict each other, once, with a witness."""
    budget = Budget()
    return ties_in(pact, lay_out(pact, budget), budget, ZonesMeet(pact))


def ties_in(pact: Pact, cells: Cells, budget: Budget, meet: "ZonesMeet") -> Iterator[Tie]:
    """As `ties`, of a text whose rules are laid out already."""
    done: dict[tuple[Rule, ...], bool] = {}
    told: dict[tuple[int, int], bool] = {}
    ranks = dict.fromkeys(ranked_pairs(pact), True)
    for (giver, taker, track_class), rules in cells.items():
        spoken = tuple(rules)
        if done.setdefault(spoken, False):
            continue
        done[spoken] = True
        for a, b in _rivals(pact, spoken, ranks):
            if told.get((a.clause, b.clause)):
                continue
            zones = _witness(pact, spoken, a, b, budget, meet)
            if zones is not None:
                told[a.clause, b.clause] = True
                yield Tie((a, b), giver, taker, track_class, zones)


def lay_out(pact: Pact, budget: Budget) -> Cells:
    """Which rules speak on every (giver, taker, class); cells on which none speaks are left out.

    Of parties that stand in the same rules the first ones stand for all. Stops at a cell with so many rules
    that its shares or its withholds are more than may be.
    """
    rules = rules_of(pact)
    alike: dict[tuple[int, ...], list[int]] = {}
    for i in range(len(pact.party)):
        stands_in = [(one.givers >> i & 1) * 2 + (one.takers >> i & 1) for one in rules]
        alike.setdefault(tuple(stands_in), []).append(i)
    groups = list(alike.values())
    cells: Cells = {}
    for rule in rules:
        givers = [group for group in groups if rule.givers >> group[0] & 1]
        takers = [group for group in groups if rule.takers >> group[0] & 1]
        classes = [one for one in TrackClass if rule.classes >> one & 1]
        budget.spend_cells(len(givers) * len(takers) * len(classes))
        fullest = 0
        for from_, to, track_class in product(givers, takers, classes):
            if from_ is not to or len(to) > 1:
                taker = to[from_ is to]  # the second of a group to which the first gives
                spoken = cells.setdefault((from_[0], taker, track_class), [])
                spoken.append(rule)
                fullest = max(fullest, len(spoken))
        if fullest > 2 * RULES_PER_PAIR_MAX:
            break
    return dict(sorted(cells.items()))


def _share(pact: Pact, rule: Rule) -> Share | Withhold:
    clause = pact.clause[rule.clause]
    assert isinstance(clause, Share | Withhold)
    return clause


def _period(pact: Pact, rule: Rule) -> tuple[datetime, datetime]:
    clause = pact.clause[rule.clause]
    return clause.since or _ALWAYS[0], clause.until or _ALWAYS[1]


def _rivals(
    pact: Pact, spoken: Sequence[Rule], ranks: dict[tuple[str, str], bool]
) -> Iterator[tuple[Rule, Rule]]:
    """Pairs of shares of the same data with different known forms, neither narrower nor said to prevail."""
    shares = []
    for rule in spoken:
        clause = _share(pact, rule)
        if isinstance(clause, Share) and isinstance(clause.form, Form):
            shares.append((rule, clause))
    for (a, one), (b, other) in combinations(shares, 2):
        if one.form == other.form or one.data != other.data:
            continue
        if (one.id, other.id) in ranks or (other.id, one.id) in ranks:
            continue
        if not narrower(a, b) and not narrower(b, a):
            yield a, b


def _witness(
    pact: Pact, spoken: Sequence[Rule], a: Rule, b: Rule, budget: Budget, meet: "ZonesMeet"
) -> int | None:
    """The zones in which both decide, on some day, while only their own casus are met."""
    start, end = (
        max(_period(pact, a)[0], _period(pact, b)[0]),
        min(_period(pact, a)[1], _period(pact, b)[1]),
    )
    met = (None, _share(pact, a).casus, _share(pact, b).casus)
    data = _share(pact, a).data
    beside = [one for one in spoken if _share(pact, one).data == data and _share(pact, one).casus in met]
    days = sorted({start, *(day for one in beside for day in _period(pact, one) if start < day < end)})
    for day in days:
        here = [one for one in beside if _period(pact, one)[0] <= day < _period(pact, one)[1]]
        for zones in meet.least(a.zones, b.zones):
            budget.spend_check()
            deciding = decisive(here, zones)
            if a in deciding and b in deciding:
                return zones
    return None


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


# ---------------------------------------------------------------- precedence


def ranked_pairs(pact: Pact) -> Iterator[tuple[str, str]]:
    """(prevailing, yielding) clause ids, as precedence clauses and `notwithstanding` say."""
    for clause in pact.clause:
        if isinstance(clause, Precedence):
            yield from ((over, under) for over in clause.over for under in clause.under)
        elif isinstance(clause, Share | Warn):
            yield from ((clause.id, under) for under in clause.notwithstanding)


def find_circle(above: dict[str, list[str]]) -> list[str]:
    """Ids in a circle, each prevailing over the next and the last over the first; empty if there is none."""
    finished: dict[str, bool] = {}
    for root in above:
        path: list[str] = []
        waiting = [(root, iter(above.get(root, ())))] if root not in finished else []
        on_path = {root: True}
        path.append(root)
        while waiting:
            name, rest = waiting[-1]
            following = next(rest, None)
            if following is None:
                waiting.pop()
                path.pop()
                on_path.pop(name)
                finished[name] = True
            elif following in on_path:
                return path[path.index(following) :]
            elif following not in finished:
                waiting.append((following, iter(above.get(following, ()))))
                path.append(following)
                on_path[following] = True
    return []


def circle_by_word(pact: Pact) -> list[str]:
    """A circle among what the text itself ranks."""
    above: dict[str, list[str]] = {}
    for over, under in ranked_pairs(pact):
        above.setdefault(over, []).append(under)
    return find_circle(above)


def circle_by_selection(pact: Pact, cells: Cells, budget: Budget) -> list[str]:
    """A circle of what the text ranks with what is narrower, among the rules that speak on one cell.

    Where the text ranks two clauses, which of them is narrower does not count.
    """
    ranks = dict.fromkeys(ranked_pairs(pact), True)
    ranked = {name: True for pair in ranks for name in pair}
    done: dict[tuple[Rule, ...], bool] = {}
    for rules in cells.values():
        spoken = tuple(rules)
        if done.setdefault(spoken, False) or not any(pact.clause[one.clause].id in ranked for one in spoken):
            continue
        done[spoken] = True
        above: dict[str, list[str]] = {}
        for a, b in combinations(spoken, 2):
            one, other = _share(pact, a), _share(pact, b)
            if one.data != other.data:
                continue
            budget.spend_check()
            if (one.id, other.id) in ranks or (other.id, one.id) in ranks:
                first = (one.id, other.id) in ranks
            elif isinstance(one, Withhold) and isinstance(other, Withhold):
                continue  # both keep back: neither prevails
            elif narrower(a, b) or narrower(b, a):
                first = narrower(a, b)
            elif isinstance(one, Withhold) != isinstance(other, Withhold):
                first = isinstance(one, Withhold)
            else:
                continue
            upper, lower = (one.id, other.id) if first else (other.id, one.id)
            above.setdefault(upper, []).append(lower)
        circle = find_circle(above)
        if circle:
            return circle
    return []
