"""What a text's terms and a network's parts are worth: the drill played again without one, on the same seeds.

Price of a term: minutes that a capital has more when the term is left out by the text. Single point of
failure: a member or a link without which a capital has fewer minutes, or a duty to warn is met no more.
Differences are paired: each seed against itself, since chance hangs on the drill and the seed alone.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from statistics import median
from typing import NamedTuple, Protocol

import msgspec

from foedus.drill.changes import Change, apply, relaxations
from foedus.drill.measures import cases, duties_of, shown_or_none_min
from foedus.drill.minutes import GAIN_MIN
from foedus.drill.outcome import Run, UmpireAct
from foedus.drill.stations import text_played
from foedus.drill.text import Drill, Inject
from foedus.pact.clauses import Pact


class Play(Protocol):
    """Plays a drill under a text with a seed and acts of the umpire."""

    def __call__(self, drill: Drill, pact: Pact, seed: int, acts: Sequence[UmpireAct] = ()) -> Run:
        """The run."""
        ...


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What one term costs one capital in one event."""

    pact: str
    term: str
    says: str  # the text without it
    event: str
    member: str
    cost_min: float  # median over the seeds of minutes without it less minutes with it; below 0: it helps
    least_min: float
    most_min: float


def prices_of(drill: Drill, pact: Pact, runs: Sequence[Run], play: Play) -> tuple[Price, ...]:
    """The price of every caveat, withhold, route, suspension, delay and need to know; runs: with them all.

    The drill is played once a term and seed. A term that changes nothing is told with 0. Two terms that stand
    one behind the other cost nothing each: `foedus drill run` takes them away together.
    """
    found = []
    for change in relaxations(pact):
        without = [play(drill, apply(pact, (change,)), run.seed) for run in runs]
        for event, member in cases(runs):
            gains = [
                shown_or_none_min(one, event, member) - shown_or_none_min(run, event, member)
                for one, run in zip(without, runs, strict=True)
            ]
            found.append(_price(runs[0].pact, change, event, member, gains))
    return tuple(found)


def _price(pact: str, change: Change, event: str, member: str, gains: Sequence[float]) -> Price:
    return Price(
        pact=pact,
        term=change.term,
        says=change.says,
        event=event,
        member=member,
        cost_min=median(gains),
        least_min=min(gains),
        most_min=max(gains),
    )


# ---------------------------------------------------------------- single points of failure


class Fault(NamedTuple):
    """One part that fails from the start of the drill on."""

    what: str  # member or link
    parts: tuple[str, ...]  # the member, or the two at the ends


class FaultCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one failure costs one capital in one event."""

    pact: str
    what: str
    parts: tuple[str, ...]
    event: str
    member: str
    had_min: float  # median over the seeds, with everything working
    left_min: float
    lost_min: float  # median of the differences
    unfulfilled: tuple[str, ...]  # clause and debtor of duties to warn met before, and not any more
    told_by: tuple[str, ...]  # who still told the capital, by warning or data: the paths that are left


def faults_of(drill: Drill, runs: Sequence[Run]) -> tuple[Fault, ...]:
    """Every member, and every link over which a message went in some run."""
    used = {frozenset((one.sender, one.recipient)) for run in runs for one in run.sent}
    members = tuple(one.id for one in drill.member)
    links = tuple(pair for pair in combinations(members, 2) if frozenset(pair) in used)
    return (*(Fault("member", (one,)) for one in members), *(Fault("link", pair) for pair in links))


def fault_costs(
    drill: Drill, pact: Pact, faults: Sequence[Fault], seeds: Sequence[int], play: Play
) -> tuple[FaultCost, ...]:
    """What each failure costs every other capital.

    All failures are injects of one drill, and the umpire plays one of them: so the digest, and with it every
    number drawn, is the same with and without, and also the drill without any of them is played once a seed.
    """
    able = _with_faults(drill, faults)
    base = [play(able, pact, seed) for seed in seeds]
    found: list[FaultCost] = []
    for number, fault in enumerate(faults):
        act = UmpireAct(at_s=0.0, act="play", inject=_number(number), person="white cell")
        runs = [play(able, pact, seed, (act,)) for seed in seeds]
        found += _costs(drill, pact, fault, base, runs)
    return tuple(found)


def _with_faults(drill: Drill, faults: Sequence[Fault]) -> Drill:
    added = tuple(
        Inject(
            number=_number(number),
            inject=f"stop {fault.parts[0]}" if fault.what == "member" else f"cut {' '.join(fault.parts)}",
        )
        for number, fault in enumerate(faults)
    )
    return msgspec.structs.replace(drill, inject=(*drill.inject, *added))


def _number(index: int) -> str:
    return f"failure {index + 1}"


def _costs(
    drill: Drill, pact: Pact, fault: Fault, base: Sequence[Run], runs: Sequence[Run]
) -> Iterator[FaultCost]:
    text = text_played(drill, pact)
    for event, member in cases(base):
        if fault.parts == (member,):
            continue  # whose own node stands still is warned by nobody
        had = [shown_or_none_min(run, event, member) for run in base]
        left = [shown_or_none_min(run, event, member) for run in runs]
        yield FaultCost(
            pact=base[0].pact,
            what=fault.what,
            parts=fault.parts,
            event=event,
            member=member,
            had_min=median(had),
            left_min=median(left),
            lost_min=median(one - other for one, other in zip(had, left, strict=True)),
            unfulfilled=tuple(_unfulfilled(text, event, member, base, runs)),
            told_by=_told_by(runs, event, member),
        )


def _unfulfilled(text: Pact, event: str, member: str, base: Sequence[Run], runs: Sequence[Run]) -> list[str]:
    """Duties met in some seed before and in none now."""
    before, now = (
        {
            f"{one.clause} by {one.debtor}": True
            for run in group
            for one in duties_of(text, run)
            if (one.event, one.creditor, one.stand) == (event, member, "met")
        }
        for group in (base, runs)
    )
    return [one for one in before if one not in now]


def _told_by(runs: Sequence[Run], event: str, member: str) -> tuple[str, ...]:
    """Who told the capital of the event in some seed: by a warning, or by data behind its first knowledge."""
    found: dict[str, bool] = {}
    for run in runs:
        objects = [one.id for one in run.truth.targets if one.event == event]
        for warned in run.warned:
            if warned.member == member and warned.direction == "received" and warned.target in objects:
                found[warned.party] = True
        for known in run.known:
            if known.member == member and known.target in objects:
                found |= {source: True for source in known.sources if source != member}
    return tuple(sorted(found))


def single_points(costs: Sequence[FaultCost]) -> tuple[FaultCost, ...]:
    """The failures that cost minutes or a duty, the dearest first."""
    dear = [one for one in costs if one.lost_min > GAIN_MIN or one.unfulfilled]
    return tuple(sorted(dear, key=lambda one: -one.lost_min))
