"""Objectives rated by the letters of HSEEP, each with the measure behind it.

Source: Homeland Security Exercise and Evaluation Program (FEMA, January 2020), exercise evaluation guide.
What the capital did not meet in the drill is not rated.
"""

from typing import Final

import msgspec

from foedus.drill.outcome import NS_PER_MINUTE, Run
from foedus.drill.text import Drill, Objective

LETTERS: Final = {
    "P": "Performed without Challenges",
    "S": "Performed with Some Challenges",
    "M": "Performed with Major Challenges",
    "U": "Unable to be Performed",
    "": "not rated: nothing arrived at this capital",
}


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """One objective, what was measured, and the letter."""

    objective: str
    says: str
    measure: str
    found: float | None  # minutes or a count; None: it never came to that
    unit: str
    letter: str  # P, S, M, U; empty: not rated
    p: float
    s: float
    m: float

    @property
    def words(self) -> str:
        """The letter in the words of HSEEP."""
        return LETTERS[self.letter]


def rate(drill: Drill, run: Run) -> tuple[Rating, ...]:
    """Every objective of the drill, rated by that run; a capital with several events by its worst."""
    return tuple(_rate_one(one, run) for one in drill.objective)


def _rate_one(objective: Objective, run: Run) -> Rating:
    name, _, member = objective.measure.partition(" ")
    if name in ("missed", "false_warnings"):
        found: float | None = float(missed(run) if name == "missed" else false_warnings(run))
        unit = "warnings" if name == "false_warnings" else "capitals and events"
        letter = _letter(-(found or 0.0), -objective.p, -objective.s, -objective.m)
    else:
        found, letter, unit = *_minutes(objective, run, name, member), "minutes"
    return Rating(
        objective=objective.id,
        says=objective.says,
        measure=objective.measure,
        found=found,
        unit=unit,
        letter=letter,
        p=objective.p,
        s=objective.s,
        m=objective.m,
    )


def _minutes(objective: Objective, run: Run, name: str, member: str) -> tuple[float | None, str]:
    outcomes = [one for one in run.outcomes if one.member == member]
    if not outcomes:
        return None, ""
    minutes = {
        "known_min": [one.known_min for one in outcomes],
        "shown_min": [one.shown_min for one in outcomes],
        "acknowledged_min": [one.acknowledged_min for one in outcomes],
    }[name]
    there = [one for one in minutes if one is not None]
    if len(there) < len(minutes):
        return None, "U"
    worst = min(there)
    return worst, _letter(worst, objective.p, objective.s, objective.m)


def _letter(found: float, p: float, s: float, m: float) -> str:
    return "P" if found >= p else "S" if found >= s else "M" if found >= m else "U"


def missed(run: Run) -> int:
    """How many pairs of event and capital had no warning on the screen before arrival."""
    return sum(one.shown_min is None or one.shown_min < 0.0 for one in run.outcomes)


def false_warnings(run: Run) -> int:
    """How many warnings about nothing that flies in the script were shown to somebody."""
    return sum(one.direction != "sent" and one.shown_ns > 0 and not one.target for one in run.warned)


def minutes_between(from_ns: int, to_ns: int) -> float | None:
    """Minutes from one instant to another; None where either never came."""
    return (to_ns - from_ns) / NS_PER_MINUTE if from_ns and to_ns else None
