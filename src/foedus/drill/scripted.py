"""The script as it is played: what is due when, conditions, contingencies, and the acts of the umpire."""

from collections.abc import Sequence

from foedus.drill.outcome import Played, UmpireAct
from foedus.drill.script import Effect, Term, parse_condition, parse_effect, settled
from foedus.drill.text import Inject


class _Row:
    """One inject that is still to come."""

    def __init__(self, inject: Inject, called_by: str) -> None:
        self.inject = inject
        self.time_s = inject.time_s
        self.terms: tuple[Term, ...] = parse_condition(inject.condition)
        self.effect = parse_effect(inject.inject)
        self.why = "played"
        self.called_by = called_by  # inject of which this is the contingency


class Script:
    """All injects of one run. Seconds count from the start of the drill."""

    def __init__(self, injects: Sequence[Inject], acts: Sequence[UmpireAct]) -> None:
        called = {one.contingency: one.number for one in injects if one.contingency}
        self._waiting = {one.number: _Row(one, called.get(one.number, "")) for one in injects}
        self._acts = list(acts)
        self._paused_s: float | None = None
        self._ended: list[Played] = []
        for row in self._waiting.values():
            if row.called_by:
                row.time_s = None  # only in the place of the other

    def next_s(self, happened_s: dict[tuple[str, str], float]) -> float | None:
        """The next time at which anything of the script may be due; None: nothing by time alone."""
        times = [act.at_s for act in self._acts]
        if self._paused_s is None:
            for row in self._waiting.values():
                if row.time_s is not None:
                    limits = [term.by_s for term in row.terms if term.by_s is not None]
                    open_ = settled(row.terms, happened_s, row.time_s) is None
                    times += [max(row.time_s, one) for one in limits] if open_ else [row.time_s]
        return min(times, default=None)

    def due(self, now_s: float, happened_s: dict[tuple[str, str], float]) -> list[tuple[Inject, Effect, str]]:
        """The injects to be played now, with their effects and why; each once."""
        found: list[tuple[Inject, Effect, str]] = []
        while self._acts and self._acts[0].at_s <= now_s:
            found += self._act(self._acts.pop(0), now_s)
        if self._paused_s is not None:
            return found
        for row in list(self._waiting.values()):
            if row.time_s is None or row.time_s > now_s or row.inject.number not in self._waiting:
                continue
            answer = settled(row.terms, happened_s, now_s)
            if answer:
                found.append(self._play(row, row.why))
            elif answer is False:
                found += self._fail(row, now_s)
        return found

    def note(self, inject: Inject, at_ns: int, why: str) -> None:
        """Keep that an inject was played."""
        self._ended.append(
            Played(number=inject.number, at_ns=at_ns, inject=inject.inject, to=inject.to, why=why)
        )

    def played(self) -> tuple[Played, ...]:
        """What became of every inject: those played in order, then those that were not."""
        rest = [
            Played(
                number=row.inject.number,
                at_ns=0,
                inject=row.inject.inject,
                to=row.inject.to,
                why="not called for" if row.called_by and row.time_s is None else "not due",
            )
            for row in self._waiting.values()
        ]
        return tuple(self._ended + rest)

    def _play(self, row: _Row, why: str) -> tuple[Inject, Effect, str]:
        del self._waiting[row.inject.number]
        return row.inject, row.effect, why

    def _fail(self, row: _Row, now_s: float) -> list[tuple[Inject, Effect, str]]:
        """The condition cannot come true any more: its contingency takes its place, if it has one."""
        del self._waiting[row.inject.number]
        self.note(row.inject, 0, "condition not met")
        instead = self._waiting.get(row.inject.contingency)
        if instead is None:
            return []
        instead.time_s = now_s
        instead.why = f"contingency of {row.inject.number}"
        return [] if instead.terms else [self._play(instead, instead.why)]

    def _act(self, act: UmpireAct, now_s: float) -> list[tuple[Inject, Effect, str]]:
        row = self._waiting.get(act.inject)
        if act.act == "pause" and self._paused_s is None:
            self._paused_s = now_s
        elif act.act == "resume" and self._paused_s is not None:
            for one in self._waiting.values():
                if one.time_s is not None:
                    one.time_s += now_s - self._paused_s
            self._paused_s = None
        elif row is not None and act.act == "shift" and row.time_s is not None:
            row.time_s = max(now_s, row.time_s + act.by_s)
        elif row is not None and act.act == "skip":
            del self._waiting[act.inject]
            self.note(row.inject, 0, "skipped by the umpire")
        elif row is not None and act.act == "play":
            return [self._play(row, "played by the umpire")]
        return []
