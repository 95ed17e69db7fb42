"""The life of an obligation: a table of stages and turns, and where one duty stands in a situation.

    created -> in effect -> fulfilled | violated | expired, with suspended to and fro, or not owed

After Symboleo (Sharifi et al., RE 2020), with `not owed` added for what was never a duty. A duty that is
undetermined stays created: it neither binds nor lapses. A deadline that is unknown is passed by no clock.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from foedus.model import DAY_NS, SECOND_NS
from foedus.pact.clauses import Notify, Suspend
from foedus.pact.meaning.evaluate import Duty, Evaluator, depends_on
from foedus.pact.meaning.situation import Situation
from foedus.pact.words import Truth


class Stage(StrEnum):
    """Where an obligation stands."""

    CREATED = "created"  # the text has it; whether it binds now is not settled
    IN_EFFECT = "in_effect"
    SUSPENDED = "suspended"
    FULFILLED = "fulfilled"
    VIOLATED = "violated"
    EXPIRED = "expired"  # it was owed, and ended before it was performed or overdue
    NOT_OWED = "not_owed"


class Turn(StrEnum):
    """What happens to an obligation."""

    TRIGGERED = "triggered"
    DENIED = "denied"  # found not to be owed
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    PERFORMED = "performed"
    OVERDUE = "overdue"
    ENDED = "ended"


LIFE: Final[dict[Stage, dict[Turn, Stage]]] = {
    Stage.CREATED: {Turn.TRIGGERED: Stage.IN_EFFECT, Turn.DENIED: Stage.NOT_OWED},
    Stage.IN_EFFECT: {
        Turn.SUSPENDED: Stage.SUSPENDED,
        Turn.PERFORMED: Stage.FULFILLED,
        Turn.OVERDUE: Stage.VIOLATED,
        Turn.ENDED: Stage.EXPIRED,
    },
    Stage.SUSPENDED: {Turn.RESUMED: Stage.IN_EFFECT, Turn.ENDED: Stage.EXPIRED},
    Stage.FULFILLED: {},
    Stage.VIOLATED: {},
    Stage.EXPIRED: {},
    Stage.NOT_OWED: {},
}
"""Every turn that there is; any other is a broken assumption."""


class Standing(NamedTuple):
    """Where a duty stands, by which turns it came there, and what is to be said of it."""

    stage: Stage
    turns: tuple[Turn, ...]
    says: str


def after(turns: Iterable[Turn], stage: Stage = Stage.CREATED) -> Stage:
    """The stage to which the turns lead."""
    for turn in turns:
        assert turn in LIFE[stage], f"{stage} knows no {turn}"
        stage = LIFE[stage][turn]
    return stage


def state_of(evaluator: Evaluator, duty: Duty, situation: Situation) -> Standing:
    """Where the duty stands: from what was owed when it arose, the deeds since then, and the clock.

    It arose situation.elapsed_s before situation.at; without elapsed_s, just now, and no clock has run.
    """
    return _Life(evaluator, duty, situation).standing()


class _Life:
    """One duty of one debtor, looked at again at the moments that matter."""

    def __init__(self, evaluator: Evaluator, duty: Duty, situation: Situation) -> None:
        self.evaluator = evaluator
        self.duty = duty
        self.situation = situation
        self.elapsed_s = situation.elapsed_s or 0.0
        self.within_s = _deadline_s(evaluator, duty)

    def standing(self) -> Standing:
        turns, says = self._turns()
        return Standing(after(turns), tuple(turns), says)

    def _turns(self) -> tuple[list[Turn], str]:
        start, now = self._at(0.0), self.duty
        if start is None or start.truth == Truth.NO:
            return self._not_at_first(start, now)
        if start.truth == Truth.UNDETERMINED:
            if now.truth == Truth.YES:
                return [Turn.TRIGGERED], "owed since it was settled; from when the clock runs is not known"
            if now.truth == Truth.NO:
                return [Turn.DENIED], ""
            return [], _doubt(now)
        return self._owed()

    def _not_at_first(self, start: Duty | None, now: Duty) -> tuple[list[Turn], str]:
        if start is not None and self._is_suspended(start):
            turns = [Turn.TRIGGERED, Turn.SUSPENDED]
            if now.truth == Truth.YES:
                return [*turns, Turn.RESUMED], "in effect again; from when the clock runs is not known"
            return (turns, "") if self._is_suspended(now) else ([*turns, Turn.ENDED], "")
        if now.truth == Truth.YES:
            return [Turn.TRIGGERED], "owed only since it arose; no clock has run"
        return ([], _doubt(now)) if now.truth == Truth.UNDETERMINED else ([Turn.DENIED], "")

    def _owed(self) -> tuple[list[Turn], str]:
        """It was owed when it arose."""
        done_s = self._performed_s()
        if done_s is not None:
            return [Turn.TRIGGERED, Turn.PERFORMED], f"done after {_time(done_s)}"
        limit_s = self.within_s
        if limit_s is not None and self.elapsed_s > limit_s and self._stood(limit_s):
            return [
                Turn.TRIGGERED,
                Turn.OVERDUE,
            ], f"due within {_time(limit_s)}, {_time(self.elapsed_s)} have passed"
        if self.duty.truth == Truth.NO:
            stopped = Turn.SUSPENDED if self._is_suspended(self.duty) else Turn.ENDED
            return [Turn.TRIGGERED, stopped], ""
        if self.duty.truth == Truth.UNDETERMINED:
            return [Turn.TRIGGERED], f"it has since come into doubt: {_doubt(self.duty)}"
        if limit_s is None:
            return [Turn.TRIGGERED], "no deadline is known, so no clock can make it violated"
        return [Turn.TRIGGERED], f"due in {_time(limit_s - self.elapsed_s)}"

    def _performed_s(self) -> float | None:
        """When the debtor first did it, in time and while it was owed."""
        for deed in sorted(self.situation.deeds, key=lambda one: one.after_s):
            in_time = self.within_s is None or deed.after_s <= self.within_s
            known = self.situation.elapsed_s is None or deed.after_s <= self.elapsed_s
            mine = deed.clause == self.duty.clause and deed.by == self.duty.debtor
            if mine and in_time and known and self._stood(min(deed.after_s, self.elapsed_s)):
                return deed.after_s
        return None

    def _stood(self, after_s: float) -> bool:
        then = self._at(after_s)
        return then is not None and then.truth == Truth.YES

    def _at(self, after_s: float) -> Duty | None:
        """The same duty so many seconds after it arose; None where the text then names none."""
        if after_s == self.elapsed_s:
            return self.duty
        back = timedelta(seconds=self.elapsed_s - after_s)
        then = msgspec.structs.replace(self.situation, at=self.situation.at - back)
        same = [
            one
            for one in self.evaluator.duties(then)
            if (one.clause, one.debtor) == (self.duty.clause, self.duty.debtor)
            and any(creditor in self.duty.creditors for creditor in one.creditors)
        ]
        return same[0] if same else None

    def _is_suspended(self, duty: Duty) -> bool:
        """Whether suspension, and nothing else, keeps it from being owed."""
        against = [term for truth, term, _ in duty.grounds if truth == Truth.NO]
        suspends = [one.id for one in self.evaluator.pact.clause if isinstance(one, Suspend)]
        return bool(against) and all(term in (*suspends, duty.clause) for term in against)


def _deadline_s(evaluator: Evaluator, duty: Duty) -> float | None:
    """The seconds within which it is due once it arose; None where none is known or no clock counts them."""
    if duty.kind in ("forbear", "regard", "share"):
        return None  # what lasts, or flows all the time, is not done by a moment
    clause = next(one for one in evaluator.pact.clause if one.id == duty.clause)
    if isinstance(clause, Notify) and clause.within_s is None:
        return None  # due before the event, when nothing has begun to count
    return duty.within_s


def _time(seconds: float) -> str:
    """Seconds, or days where there are many."""
    days = seconds * SECOND_NS / DAY_NS
    return f"{days:.3g} days" if days >= 2 else f"{seconds:g} s"


def _doubt(duty: Duty) -> str:
    terms = depends_on(duty.grounds)
    if terms:
        return f"depends on unknown {', '.join(terms)}"
    return "; ".join(f"{term}: {found}" for truth, term, found in duty.grounds if truth == Truth.UNDETERMINED)
