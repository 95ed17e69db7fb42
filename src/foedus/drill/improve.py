"""Changes of a clause or two that give the most endangered capital minutes, against what they disclose.

Candidates come from the closed vocabulary (changes.py); texts that open nothing for the capital are left out
before anything is played (promise.py); the rest is played on the same seeds. What remains is the Pareto front
of minutes against disclosure. It says what a text would do in this drill; it advises nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from statistics import median
from typing import NamedTuple

import msgspec

from foedus.drill.changes import Change, apply, changes
from foedus.drill.failures import Play
from foedus.drill.measures import Exchange, balances_of, cases, exchanges_of, shown_or_none_min
from foedus.drill.minutes import GAIN_MIN
from foedus.drill.outcome import Run
from foedus.drill.promise import Asked, Ways, asked_of, closed, knowers, opened, promising, ways_of
from foedus.drill.stations import text_played
from foedus.drill.text import Drill
from foedus.pact.clauses import Pact


class EventMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes from the first warning shown to arrival: the median over the seeds, and the worst seed."""

    event: str
    median_min: float
    worst_min: float


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What one member gives more than under the text as it stands, per seed; weighed as measures.WEIGHTS."""

    member: str
    more: float


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One text: the changes, what the capital has under it, and what everybody discloses."""

    terms: tuple[str, ...]  # empty: the text as it stands
    changes: tuple[str, ...]
    events: tuple[EventMinutes, ...]
    minutes: float  # sum over its events of the medians
    disclosed: float  # by all members per seed: rows weighed by form
    given: tuple[Given, ...]
    forms: tuple[Exchange, ...]  # the counts behind it, over all seeds
    pact_digest: str
    sentence: str


class Improvement(msgspec.Struct, frozen=True, kw_only=True):
    """The front, the least disclosing text first, and how far the search went."""

    drill: str
    drill_digest: str
    pact: str
    member: str
    events: tuple[str, ...]
    seeds: tuple[int, ...]
    base: Point
    front: tuple[Point, ...]
    rest: tuple[Point, ...]  # played, and beaten by a point of the front
    changes: int  # single changes in the vocabulary for this text
    open_singles: int  # of these, played or to be played: the text alone lets them matter
    open_pairs: int
    unplayed: int  # of both, for want of tries


class _Candidate(NamedTuple):
    changes: tuple[Change, ...]
    text: Pact


def most_endangered(runs: Sequence[Run]) -> str:
    """The capital with the fewest minutes in its worst event and seed; of equals the first by name.

    ValueError where nothing arrives anywhere.
    """
    worst: dict[str, float] = {}
    for event, member in cases(runs):
        least = min(shown_or_none_min(run, event, member) for run in runs)
        worst[member] = min(worst.get(member, least), least)
    return min(sorted(worst), key=lambda one: worst[one])


def improve(
    drill: Drill,
    pact: Pact,
    *,
    seeds: Sequence[int],
    play: Play,
    member: str = "",
    event: str = "",
    tries: int,
) -> Improvement:
    """The Pareto front for a member, the most endangered one if none is named, in one event or in all its.

    play: keeps the bytes of messages. tries: texts that are played besides the one as it stands.
    """
    text = text_played(drill, pact)
    base_runs = [play(drill, text, seed) for seed in seeds]
    member = member or most_endangered(base_runs)
    events = tuple(one for one, who in cases(base_runs) if who == member and event in ("", one))
    assert events, "nothing of these events arrives at that member"
    search = _Search(drill, text, base_runs, member, events)
    base = search.point((), base_runs)
    points: list[Point] = []
    singles = search.singles()
    for candidate in singles[:tries]:
        points.append(search.point(candidate.changes, [play(drill, candidate.text, one) for one in seeds]))
    pairs = search.pairs(points)
    for candidate in pairs[: max(0, tries - len(points))]:
        points.append(search.point(candidate.changes, [play(drill, candidate.text, one) for one in seeds]))
    front = pareto((base, *points))
    return Improvement(
        drill=drill.drill,
        drill_digest=drill.digest,
        pact=pact.pact,
        member=member,
        events=events,
        seeds=tuple(seeds),
        base=base,
        front=front,
        rest=tuple(one for one in points if one not in front),
        changes=len(search.changes),
        open_singles=len(singles),
        open_pairs=len(pairs),
        unplayed=len(singles) + len(pairs) - len(points),
    )


def pareto(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points that no other beats: at least as many minutes and no more disclosed; the least first.

    Less than minutes.GAIN_MIN is no gain. Of equals the one with fewer changes stays, then the first.
    """
    found: list[Point] = []
    for one in sorted(points, key=lambda one: (one.disclosed, -one.minutes, len(one.terms))):
        if not found or one.minutes > found[-1].minutes + GAIN_MIN:
            found.append(one)
    return tuple(found)


class _Search:
    """What can be tried for one member, and what was found."""

    def __init__(
        self, drill: Drill, text: Pact, base: Sequence[Run], member: str, events: Sequence[str]
    ) -> None:
        self._drill, self._text, self._base = drill, text, base
        self._member, self._events = member, events
        self.changes = changes(drill, text, member)
        meant = [one for one in drill.event if one.id in events]
        self._asked: tuple[Asked, ...] = asked_of(drill, meant, member)
        self._who = knowers(base, events)
        self._before = ways_of(text, self._asked, member)
        self._after: Mapping[int, Ways] = {
            index: ways_of(apply(text, (one,)), self._asked, member) for index, one in enumerate(self.changes)
        }
        self._promising = [index for index in self._after if self._opens(self._after[index], self._before)]
        self._given = {one.member: one.given for one in balances_of(base)}
        self._base_minutes = {one.event: one.median_min for one in self._minutes(base)}

    def _opens(self, after: Ways, before: Ways) -> bool:
        return promising(opened(before, after), self._asked, after, self._who, self._member)

    def singles(self) -> tuple[_Candidate, ...]:
        """Changes that open a way to the member; those by which fewest ways open first, for they tell least.

        A way that one change opens and that another opens as well is counted for both.
        """
        order = sorted(
            self._promising, key=lambda index: (len(opened(self._before, self._after[index])), index)
        )
        return tuple(self._candidate(self.changes[index]) for index in order)

    def pairs(self, singles: Sequence[Point]) -> tuple[_Candidate, ...]:
        """Two changes: those that open together what neither opens alone, then a gain with less disclosed,
        then two gains together."""
        gained = [one.terms[0] + one.changes[0] for one in singles if one.minutes > self._total() + GAIN_MIN]
        together, thrifty, both = [], [], []
        for first, second in combinations(range(len(self.changes)), 2):
            one, two = self.changes[first], self.changes[second]
            if one.term == two.term or not (self._moves(first) or self._moves(second)):
                continue  # of two that move nothing alone, none takes the other out of the way here
            gains = [one.term + one.says in gained, two.term + two.says in gained]
            lowers = [closed(self._before, self._after[index]) for index in (first, second)]
            if self._opens_together(first, second):
                together.append((first, second))
            elif (gains[0] and lowers[1]) or (gains[1] and lowers[0]):
                thrifty.append((first, second))
            elif all(gains):
                both.append((first, second))
        return tuple(
            self._candidate(self.changes[a], self.changes[b]) for a, b in (*together, *thrifty, *both)
        )

    def _moves(self, index: int) -> bool:
        return self._after[index] != self._before

    def _opens_together(self, first: int, second: int) -> bool:
        """Whether the two open a way that neither opens, and that can matter."""
        text = apply(self._text, (self.changes[first], self.changes[second]))
        after = ways_of(text, self._asked, self._member)
        alone = {way: True for index in (first, second) for way in opened(self._before, self._after[index])}
        new = tuple(way for way in opened(self._before, after) if way not in alone)
        return promising(new, self._asked, after, self._who, self._member)

    def _candidate(self, *made: Change) -> _Candidate:
        return _Candidate(made, apply(self._text, made))

    # ------------------------------------------------------------ what was found

    def _minutes(self, runs: Sequence[Run]) -> tuple[EventMinutes, ...]:
        found = []
        for event in self._events:
            values = [shown_or_none_min(run, event, self._member) for run in runs]
            found.append(EventMinutes(event=event, median_min=median(values), worst_min=min(values)))
        return tuple(found)

    def _total(self) -> float:
        return sum(self._base_minutes.values())

    def point(self, made: tuple[Change, ...], runs: Sequence[Run]) -> Point:
        """One text that was played."""
        events = self._minutes(runs)
        balances = balances_of(runs)
        given = tuple(
            Given(member=one.member, more=one.given - self._given[one.member])
            for one in balances
            if one.given != self._given[one.member]
        )
        disclosed = sum(one.given for one in balances)
        return Point(
            terms=tuple(one.term for one in made),
            changes=tuple(one.says for one in made),
            events=events,
            minutes=sum(one.median_min for one in events),
            disclosed=disclosed,
            given=given,
            forms=exchanges_of(runs),
            pact_digest=runs[0].pact_digest,
            sentence=_sentence(self._member, made, events, self._base_minutes, given),
        )


def _sentence(
    member: str,
    made: Sequence[Change],
    events: Sequence[EventMinutes],
    before: Mapping[str, float],
    given: Sequence[Given],
) -> str:
    """The change and its price in one sentence."""
    if not made:
        said = ", ".join(f"{one.median_min:.1f} minutes in {one.event}" for one in events)
        return f"As the text stands {member} has {said}."
    gains = ", ".join(_gain(one, before[one.event]) for one in events)
    what = " and ".join(f"{one.term} ({one.says})" for one in made)
    return f"With {what} {member} has {gains}; {_price(given)}."


def _gain(one: EventMinutes, before_min: float) -> str:
    return f"{one.median_min:.1f} minutes in {one.event} ({one.median_min - before_min:+.1f})"


def _price(given: Sequence[Given]) -> str:
    told = [one for one in given if abs(one.more) >= 0.5]
    if not told:
        return "nobody gives more"
    return "its price: " + ", ".join(_spelled(told))


def _spelled(given: Sequence[Given]) -> Iterator[str]:
    for one in sorted(given, key=lambda one: (-one.more, one.member)):
        yield f"{one.member} gives {abs(one.more):.0f} {'more' if one.more > 0 else 'less'}"
