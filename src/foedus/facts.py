"""What a node has been told to have happened since its pact was written: the facts that its text knows.

A fact that names nothing in the text is refused and counted, so that a slip of the pen at the console shows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

from foedus.limits import FACTS_MAX
from foedus.pact.clauses import Approval, Casus, Pact
from foedus.pact.force import Fact, may_determine
from foedus.wire import Happened

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SAYS: Final = ("yes", "no", "unknown")


class FactBook:
    """The facts of one node, ordered by when they happened and then by when they were recorded."""

    def __init__(self, pact: Pact) -> None:
        self._pact = pact
        self._facts: list[Fact] = []
        self._refused: dict[str, int] = {}

    @property
    def facts(self) -> Sequence[Fact]:
        """All of them, oldest first."""
        return self._facts

    def record(self, item: Happened) -> bool:
        """Whether the fact is taken and new."""
        fact = _fact(item)
        reason = "no such kind" if fact is None else _fault(self._pact, fact)
        if not reason and len(self._facts) >= FACTS_MAX:
            reason = "FACTS_MAX recorded"
        if reason:
            self._refused[reason] = self._refused.get(reason, 0) + 1
            return False
        if fact is None or fact in self._facts:
            return False
        self._facts.append(fact)
        self._facts.sort(key=lambda one: one.at)
        return True

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for every fact refused."""
        return tuple(sorted((f"fact refused: {reason}", n) for reason, n in self._refused.items()))


def _fact(item: Happened) -> Fact | None:
    """The fact as the text's own reading takes it, to the microsecond below; None where it has no meaning."""
    if item.what not in get_args(Fact.__annotations__["what"]):
        return None
    at = _EPOCH + timedelta(microseconds=item.at_ns // 1_000)  # in range for whatever 64 bits can say
    return Fact(what=item.what, of=item.of, at=at, by=item.by, says=item.says, as_to=item.as_to)  # type: ignore[arg-type]


def _fault(pact: Pact, fact: Fact) -> str:
    """Why the text knows nothing of the kind; empty where it does."""
    parties = [party.id for party in pact.party]
    match fact.what:
        case "met":
            return "" if fact.of in [one.id for one in pact.milestone] else "no such milestone"
        case "joined" | "left":
            return "" if fact.of in parties else "no such party"
        case "exit":
            return "" if (fact.of, fact.by in parties) == (pact.pact, True) else "no such pact or party"
        case "approved":
            return "" if fact.of in _steps(pact, fact.by) else "no such step of that party"
        case "suspended" | "resumed":
            return _fault_suspension(pact, fact, parties)
        case _:
            return _fault_casus(pact, fact)


def _steps(pact: Pact, party: str) -> list[str]:
    """The steps that the text asks of a party, to enter the pact or to leave it."""
    steps: list[str] = [
        step
        for clause in pact.clause
        if isinstance(clause, Approval) and clause.by == party
        for step in clause.steps
    ]
    leaving = pact.term.exit
    if leaving is not None and any(one.id == party for one in pact.party):
        steps += leaving.needs
    return steps


def _fault_suspension(pact: Pact, fact: Fact, parties: Sequence[str]) -> str:
    if fact.of not in [one.id for one in pact.clause]:
        return "no such clause to suspend"
    if len(fact.as_to) not in (0, 2) or any(party not in parties for party in fact.as_to):
        return "no such pair of parties"
    return ""


def _fault_casus(pact: Pact, fact: Fact) -> str:
    clause = next((one for one in pact.clause if isinstance(one, Casus) and one.id == fact.of), None)
    if clause is None:
        return "no such casus"
    if fact.says not in _SAYS:
        return "a casus is met (yes), over (no) or unknown"
    if len(fact.as_to) not in (0, 2):
        return "a casus is declared as to a victim and an attacker, or as to nobody"
    if not may_determine(pact, clause.determined_by, fact.by):
        return "a casus declared by somebody who may not"
    return ""
