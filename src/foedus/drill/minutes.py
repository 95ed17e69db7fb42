"""Minutes of warning per capital and pact, and the clauses that cost the lost ones.

Lost is what the ideal pact gives more of, from the first warning on the screen to arrival. Reasons are read
from the text, outermost first; then the drill is played again under the text without the first, without the
first two, and so on: what each step gains is what that term costs once those before it are out of the way.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from foedus.drill.outcome import Outcome, Run
from foedus.drill.reasons import Reason, next_reason
from foedus.drill.text import Drill
from foedus.pact.clauses import Pact

GAIN_MIN: Final = 0.05
"""Three seconds: less is the play of delays."""

STEPS_MAX: Final = 12
"""Reasons that are followed for one event and capital."""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """One term that costs minutes."""

    clause: str  # empty: one that is missing, or no clause at all
    term: str
    found: str
    gained_min: float | None  # by playing again without it; None: not played, so by the text alone
    after: tuple[str, ...]  # terms that had to be changed as well, before this one gained anything


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What one capital lost of one event under one pact, and why."""

    event: str
    member: str
    pact: str
    had_min: float  # minutes from the first warning on its screen to arrival; 0 without one
    ideal_min: float
    costs: tuple[Cost, ...]
    unexplained_min: float

    @property
    def lost_min(self) -> float:
        """Minutes that the ideal pact gives more."""
        return max(0.0, self.ideal_min - self.had_min)


Player = Callable[[Pact, str], Run]
"""Plays the drill under a text with a name; the same seed each time."""


class Minutes:
    """Losses of one drill with one seed. play: for playing again; tries: how often at most
    for one pact, 0 never."""

    def __init__(self, drill: Drill, ideal: Run, play: Player, *, tries: int) -> None:
        self._drill = drill
        self._ideal = ideal
        self._play = play
        self._tries = tries
        self._played: dict[str, Run] = {}

    def losses(self, pact: Pact, run: Run) -> tuple[Loss, ...]:
        """The loss of every capital and event under that pact; run: of the drill under it."""
        self._played = {}
        return tuple(
            self._loss(pact, run, best) for best in self._ideal.outcomes if _shown_min(best) is not None
        )

    def _loss(self, pact: Pact, run: Run, best: Outcome) -> Loss:
        had_min = _minutes(run, best)
        ideal_min = _shown_min(best) or 0.0
        costs: list[Cost] = []
        rest_min = ideal_min - had_min
        seen: tuple[str, ...] = ()
        pending: tuple[str, ...] = ()
        event = next(one for one in self._drill.event if one.id == best.event)
        while rest_min > GAIN_MIN and len(seen) < STEPS_MAX:
            reason = next_reason(self._drill, pact, event, best.member, seen)
            if reason is None:
                break
            seen = (*seen, reason.term)
            if reason.changed is None:  # what no change of a clause takes away, so all that is left
                costs.append(_cost(reason, rest_min, ()))
                rest_min = 0.0
                break
            again = self._again(reason.changed)
            if again is None:
                costs.append(_cost(reason, None, pending))
                break
            gained_min = _minutes(again, best) - (ideal_min - rest_min)
            pact = reason.changed
            if gained_min > GAIN_MIN:
                costs.append(_cost(reason, gained_min, pending))
                rest_min -= gained_min
                pending = ()
            else:
                pending = (*pending, reason.term)
        return Loss(
            event=best.event,
            member=best.member,
            pact=run.pact,
            had_min=had_min,
            ideal_min=ideal_min,
            costs=tuple(costs),
            unexplained_min=max(0.0, rest_min),
        )

    def _again(self, pact: Pact) -> Run | None:
        """The drill under a changed text; None when it may not be played that often."""
        key = pact.digest
        if key not in self._played:
            if len(self._played) >= self._tries:
                return None
            self._played[key] = self._play(pact, "changed")
        return self._played[key]


def _cost(reason: Reason, gained_min: float | None, pending: tuple[str, ...]) -> Cost:
    return Cost(
        clause=reason.clause, term=reason.term, found=reason.found, gained_min=gained_min, after=pending
    )


def _shown_min(outcome: Outcome) -> float | None:
    return outcome.shown_min


def _minutes(run: Run, best: Outcome) -> float:
    """Minutes of the same event and capital in a run; 0 without a warning, below 0 for one that came late."""
    found = run.outcome(best.event, best.member)
    shown = None if found is None else found.shown_min
    return 0.0 if shown is None else shown
