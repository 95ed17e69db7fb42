"""What a node has been told to have happened since its pact was written: the facts that its text knows.

A fact that names nothing in the text is refused where it comes in: at the start of a playback, with its line
in the network file, and at the console, to the person. What gets as far as a node is refused and counted.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, get_args

from foedus.document import Place, error_at, name_found, name_id, suggest
from foedus.limits import FACTS_MAX
from foedus.network import FactEntry, Network
from foedus.pact.clauses import Approval, Casus, Pact, Selector
from foedus.pact.force import Fact, may_determine, time_ns_of
from foedus.wire import Happened

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SAYS: Final = ("yes", "no", "unknown")
_KINDS: Final = get_args(Fact.__annotations__["what"])


class Fault(NamedTuple):
    """Why the text knows nothing of a fact: which of its fields is wrong, and what could stand there."""

    reason: str
    field: str
    found: str
    expected: str


class Recorded(NamedTuple):
    """A fact, and who recorded it at the console; nobody: the network file says it."""

    fact: Fact
    person: str


class FactBook:
    """The facts of one node, ordered by when they happened and then by when they were recorded."""

    def __init__(self, pact: Pact) -> None:
        self._pact = pact
        self._recorded: list[Recorded] = []
        self._refused: dict[str, int] = {}

    @property
    def facts(self) -> Sequence[Fact]:
        """All of them, oldest first."""
        return [one.fact for one in self._recorded]

    @property
    def recorded(self) -> Sequence[Recorded]:
        """All of them, oldest first, with who recorded them."""
        return self._recorded

    def record(self, item: Happened) -> bool:
        """Whether the fact is taken and new."""
        fault = find_fault(self._pact, item)
        reason = "" if fault is None else fault.reason
        if not reason and len(self._recorded) >= FACTS_MAX:
            reason = "FACTS_MAX recorded"
        if reason:
            self._refused[reason] = self._refused.get(reason, 0) + 1
            return False
        fact = _fact(item)
        if fact in self.facts:
            return False
        self._recorded.append(Recorded(fact, item.person))
        self._recorded.sort(key=lambda one: one.fact.at)
        return True

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for every fact refused."""
        return tuple(sorted((f"fact refused: {reason}", n) for reason, n in self._refused.items()))


def _fact(item: Happened) -> Fact:
    """The fact as the text's own reading takes it, to the microsecond below."""
    at = _EPOCH + timedelta(microseconds=item.at_ns // 1_000)  # in range for whatever 64 bits can say
    return Fact(what=item.what, of=item.of, at=at, by=item.by, says=item.says, as_to=item.as_to)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the network file


def told_by(network: Network) -> tuple[Happened, ...]:
    """What a playback of the network tells every node, oldest first."""
    return tuple(sorted(map(_happened, network.fact), key=lambda item: item.at_ns))


def _happened(entry: FactEntry) -> Happened:
    return Happened(entry.what, entry.of, time_ns_of(entry.at), entry.by, entry.says, entry.as_to)


def check_facts(network: Network, pact: Pact, *, text: str, file: str) -> None:
    """Nothing; DocumentError for the first fact of a network file of which the pact knows nothing.

    text, file: of the network file.
    """
    for index, entry in enumerate(network.fact):
        place: Place = ("fact", index)
        if entry in network.fact[:index]:
            raise error_at(text, place, file=file, found="the same fact again", expected="each fact once")
        fault = find_fault(pact, _happened(entry))
        if fault is not None:
            found = f"{fault.found}: {fault.reason}"
            raise error_at(text, (*place, fault.field), file=file, found=found, expected=fault.expected)


# ---------------------------------------------------------------- what the text knows


def find_fault(pact: Pact, item: Happened) -> Fault | None:
    """Why the text knows nothing of the fact; None where it does."""
    parties = [party.id for party in pact.party]
    match item.what:
        case "met":
            fault = _unless_known("no such milestone", item.of, [one.id for one in pact.milestone])
        case "joined" | "left":
            fault = _unless_known("no such party", item.of, parties)
        case "exit":
            reason = "no such pact or party"
            fault = _unless_known(reason, item.of, [pact.pact])
            fault = fault or _unless_known(reason, item.by, parties, field="by")
        case "approved":
            fault = _unless_known("no such step of that party", item.of, _steps(pact, item.by))
        case "suspended" | "resumed":
            fault = _fault_suspension(pact, item, parties)
        case "casus":
            fault = _fault_casus(pact, item)
        case _:
            fault = _unless_known("no such kind", item.what, _KINDS, field="what")
    return fault


def _unless_known(reason: str, word: str, known: Sequence[str], *, field: str = "of") -> Fault | None:
    return None if word in known else Fault(reason, field, name_id(word), suggest(word, known))


def _fault_pair(reason: str, item: Happened, expected: str) -> Fault:
    return Fault(reason, "as_to", name_found(", ".join(item.as_to)), expected)


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


def _fault_suspension(pact: Pact, item: Happened, parties: Sequence[str]) -> Fault | None:
    fault = _unless_known("no such clause to suspend", item.of, [one.id for one in pact.clause])
    if fault is None and (len(item.as_to) not in (0, 2) or any(one not in parties for one in item.as_to)):
        return _fault_pair("no such pair of parties", item, f"two of {', '.join(parties)}, or nobody")
    return fault


def _fault_casus(pact: Pact, item: Happened) -> Fault | None:
    casus = {one.id: one for one in pact.clause if isinstance(one, Casus)}
    fault = _unless_known("no such casus", item.of, list(casus))
    if fault is not None:
        return fault
    if item.says not in _SAYS:
        return _unless_known("a casus is met (yes), over (no) or unknown", item.says, _SAYS, field="says")
    if len(item.as_to) not in (0, 2):
        reason = "a casus is declared as to a victim and an attacker, or as to nobody"
        return _fault_pair(reason, item, "two ids, or none")
    determined_by = casus[item.of].determined_by
    if may_determine(pact, determined_by, item.by):
        return None
    reason = "a casus declared by somebody who may not"
    return Fault(reason, "by", name_id(item.by), suggest(item.by, _determiners(pact, determined_by)))


def _determiners(pact: Pact, determined_by: Selector) -> list[str]:
    """Whom the text lets determine a casus: parties first, then bodies."""
    words = (determined_by,) if isinstance(determined_by, str) else determined_by
    named = [*(party.id for party in pact.party), *words]
    return list(dict.fromkeys(one for one in named if may_determine(pact, determined_by, one)))
