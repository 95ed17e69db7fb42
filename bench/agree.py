"""How many of so many random (pact, situation) pairs get the same answer from the tables, the guard and a
naive reading of the text: form, clause and delay.

A situation is a day with the facts until then, a giver, a taker, a kind of data, a class and a place. The
seed of a disagreement is printed. Run: python -m bench.agree [PAIRS]
"""

import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import NamedTuple

import numpy as np
from tests.rich_pacts import DAY_0, Naive, rich_facts, rich_pact

from foedus.guard_places import zone_finder
from foedus.guard_reading import Past, Reading, stand_at
from foedus.model import TrackClass
from foedus.pact.clauses import Pact
from foedus.pact.force import Fact, time_ns_of
from foedus.pact.tables.compile import PactTables, compile_pact
from foedus.pact.tables.release import clause_name, decide, delays, zones_of
from foedus.pact.words import DataKind
from foedus.wire import Happened

PAIRS = 100_000
POINTS = 3


class Answer(NamedTuple):
    """What one reading says of one situation."""

    form: int
    clause: str
    delay_s: float


class Pair(NamedTuple):
    """One situation of one pact, and what three readings say; guard: None where it is not asked."""

    situation: str
    naive: Answer
    tables: Answer
    guard: Answer | None


def pairs_of(seed: int) -> Iterator[Pair]:
    """All situations of one random pact at one moment: every taker and kind of data, at a few places."""
    random = Random(seed)
    pact = rich_pact(random)
    facts = rich_facts(random, pact)
    at = DAY_0 + timedelta(days=random.randint(0, 20), hours=random.choice([0, 0, 6, 12]))
    giver = random.choice([party.id for party in pact.party])
    naive = Naive(pact, facts, at)
    tables = compile_pact(pact, member=giver, time_ns=time_ns_of(at), facts=facts)
    reading = _guard(pact, facts, time_ns_of(at), giver)
    points = [_point(random) for _ in range(POINTS)]
    classes = np.array([random.randrange(len(TrackClass)) for _ in points], np.int8)
    zones = zones_of(tables, *(np.array(column) for column in zip(*_radians(points), strict=True)))
    find = zone_finder(pact)
    for data in (DataKind.TRACKS, DataKind.WARNING_DATA):
        decisions = decide(tables, classes, zones, data)
        wait = delays(tables, decisions.clause)
        for row, point in enumerate(points):
            held = naive.zones_at(*point)
            track_class = int(classes[row])
            for column, taker in enumerate(tables.parties):
                if taker == giver or (data != DataKind.TRACKS and row > 0):
                    continue
                found = Answer(
                    int(decisions.form[row, column]),
                    clause_name(tables, int(decisions.clause[row, column])),
                    int(wait[row, column]) / 1e9,
                )
                yield Pair(
                    f"seed {seed}: {giver} to {taker}, {data.name}, class {track_class}, {held}, {at}",
                    Answer(*naive.ask(giver, taker, data, track_class, held)),
                    found,
                    _asked(reading, tables, taker, track_class, find(*point)) if data == 0 else None,
                )


def _asked(
    reading: Reading, tables: PactTables, taker: str, track_class: int, zones: tuple[str, ...]
) -> Answer | None:
    """The guard's answer on shares and withholds; None where it does not come to them."""
    stand, giver = reading.stand, tables.parties[tables.me]
    closed = taker == giver or not stand.in_force or reading.route(giver, taker) is not None
    if closed or not {giver, taker} <= {*stand.parties}:
        return None
    form, clause, delay_ns, _ = reading.answer(taker, track_class, zones)
    return Answer(form, clause, delay_ns / 1e9)


def _guard(pact: Pact, facts: list[Fact], time_ns: int, giver: str) -> Reading:
    past = Past(pact)
    for fact in facts:
        past.tell(Happened(fact.what, fact.of, time_ns_of(fact.at), fact.by, fact.says, fact.as_to))
    return Reading(pact, stand_at(pact, past, time_ns), giver)


def _point(random: Random) -> tuple[float, float, float]:
    height = random.choice([float("nan"), 1_000.0, 9_000.0])
    return random.uniform(39.5, 47.5), random.uniform(3.5, 11.5), height


def _radians(points: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    return [(float(np.radians(lat)), float(np.radians(lon)), height) for lat, lon, height in points]


def differing(pairs: Iterator[Pair]) -> Iterator[Pair]:
    """Those on which two readings differ."""
    for pair in pairs:
        if pair.naive != pair.tables or (pair.guard is not None and pair.guard != pair.tables):
            yield pair


def run(wanted: int) -> int:
    """How many of at least so many pairs differ; prints the first few, and what was compared."""
    started = time.process_time()
    done = given = delayed = asked = differ = seed = 0
    while done < wanted:
        for pair in pairs_of(seed):
            done += 1
            given += pair.tables.form > 0
            delayed += pair.tables.delay_s > 0
            asked += pair.guard is not None
            if next(differing(iter([pair])), None) is not None:
                differ += 1
                if differ <= 5:
                    print(f"{pair.situation}: naive {pair.naive}, tables {pair.tables}, guard {pair.guard}")
        seed += 1
    print(
        f"{done:,} pairs of {seed:,} random pacts: {differ} differ; {given:,} give something, "
        f"{delayed:,} of them late; the guard was asked {asked:,} times; "
        f"{time.process_time() - started:.0f} s of CPU time"
    )
    return differ


if __name__ == "__main__":
    sys.exit(min(run(int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS), 1))
