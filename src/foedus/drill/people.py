"""The people of a drill: they read the pact and declare, classify tracks, see warnings and acknowledge them.

Nobody here knows the truth. Who is to declare a casus learns of an event by the cue that the drill gives, or
from the own picture; applies the text to what is known by then, an attacker whom nobody can name included;
and takes a drawn time. Who classifies sees a track of the own sensors; the drill lets that person be right.
"""

import math
from typing import Final, NamedTuple

from foedus.drill.chance import Chance
from foedus.drill.text import Delays, Drill, Event
from foedus.model import SECOND_NS
from foedus.pact.clauses import Casus, Pact
from foedus.pact.force import may_determine
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.situation import UNATTRIBUTED, Situation
from foedus.pact.words import Truth
from foedus.wire import Happened

OFFICER: Final = "duty officer"


def situation_of(drill: Drill, event: Event, *, attributed: bool) -> Situation:
    """The event in the words of a situation; without attribution nobody has named the attacker."""
    return Situation(
        at=drill.start,
        event=event.event,
        attacker=event.attacker if attributed else UNATTRIBUTED,
        victim=event.victim,
        object=event.object,
        host=event.host,
        region=event.region,
        track_class=event.track_class,
    )


class Reading(NamedTuple):
    """One casus of the text applied to one event."""

    casus: str
    truth: Truth
    grounds: tuple[str, ...]  # such as `C1.by: IL is not among IR`


def read_casus(drill: Drill, pact: Pact, event: Event, *, attributed: bool) -> tuple[Reading, ...]:
    """What each casus of the text says of the event."""
    evaluator = Evaluator(pact)
    situation = situation_of(drill, event, attributed=attributed)
    found = []
    for clause in pact.clause:
        if isinstance(clause, Casus):
            judged = evaluator.casus(clause.id, situation)
            grounds = tuple(dict.fromkeys(f"{term}: {said}" for _, term, said in judged.grounds))
            found.append(Reading(clause.id, judged.truth, grounds))
    return tuple(found)


class Decision(NamedTuple):
    """A declaration that somebody will make, unless it is made before."""

    at_ns: int
    event: str
    fact: Happened


class People:
    """All people of one run under one pact."""

    def __init__(self, drill: Drill, pact: Pact, chance: Chance) -> None:
        self._drill = drill
        self._pact = pact
        self._chance = chance
        self._delays: dict[str, Delays] = {one.member: one for one in drill.people.at}
        self._extra_s: dict[str, float] = {}
        self._parties = [party.id for party in pact.party]
        self._casus = {one.id: one for one in pact.clause if isinstance(one, Casus)}
        self._read: dict[tuple[str, bool], tuple[Reading, ...]] = {}
        self._decided: dict[tuple[str, str, str, bool], bool] = {}
        self.silent: dict[str, bool] = {}  # members whose people declare nothing

    def slow(self, member: str, extra_s: float) -> None:
        """Let everything that people of this member do take so much longer."""
        self._extra_s[member] = extra_s

    def delay_ns(self, member: str, what: str, *purpose: str | int) -> int:
        """How long a person takes to show, acknowledge, classify or declare; drawn for that purpose alone."""
        delays = self._delays.get(member, self._drill.people)
        middle_s = float(getattr(delays, f"{what}_s"))
        factor = math.exp(delays.spread * float(self._chance.generator(what, member, *purpose).normal()))
        return round((middle_s * factor + self._extra_s.get(member, 0.0)) * SECOND_NS)

    # ------------------------------------------------------------ who declares a casus

    def learns(self, member: str, event: Event, now_ns: int, *, attributed: bool) -> list[Decision]:
        """What a member that has learned of an event will declare on it; each thing once."""
        if member not in self._parties or self.silent.get(member, False):
            return []
        found = []
        for reading in self._readings(event, attributed=attributed):
            clause = self._casus[reading.casus]
            key = (member, event.id, reading.casus, attributed)
            if reading.truth != Truth.YES or key in self._decided:
                continue
            if not self._determines(clause, member, event):
                continue
            self._decided[key] = True
            at_ns = now_ns + self.delay_ns(member, "declare", event.id, reading.casus)
            named = (event.victim, event.attacker) if attributed else ()
            fact = Happened("casus", reading.casus, at_ns, member, "yes", named)
            found.append(Decision(at_ns, event.id, fact))
        return found

    def _readings(self, event: Event, *, attributed: bool) -> tuple[Reading, ...]:
        key = (event.id, attributed)
        if key not in self._read:
            self._read[key] = read_casus(self._drill, self._pact, event, attributed=attributed)
        return self._read[key]

    def _determines(self, clause: Casus, member: str, event: Event) -> bool:
        words = (clause.determined_by,) if isinstance(clause.determined_by, str) else clause.determined_by
        victim = "attacked" in words and member == event.victim
        return victim or may_determine(self._pact, clause.determined_by, member)
