"""A run made by hand, with one of everything that a report shows; no simulator is needed for it."""

from pathlib import Path

import msgspec
import numpy as np

from foedus.drill.keeping import FORMAT, Kept
from foedus.drill.minutes import Cost, Loss
from foedus.drill.outcome import (
    Captured,
    Decided,
    EventTruth,
    Outcome,
    Played,
    Run,
    TargetTruth,
    Told,
    Truth,
    TruthRows,
    UmpireAct,
    Warned,
)  # fmt: skip
from foedus.drill.reading import read_drill
from foedus.model import SECOND_NS

ROOT = Path(__file__).parents[2]
DRILL = read_drill(ROOT / "drills" / "small.toml")
START_NS = 1_893_477_600 * SECOND_NS


def at(seconds):
    return START_NS + round(seconds * SECOND_NS)


def warned(**changes):
    one = Warned(
        member="SUD", warning="NOR:1", direction="received", party="NOR", zone="Z-SUD", clause="W1",
        track_class="aircraft", state="EXPIRED", target="T1", raised_ns=at(100), stored_ns=at(100.4),
        shown_ns=at(101), acknowledged_ns=at(120), entry_ns=at(500), revision=2,
    )  # fmt: skip
    return msgspec.structs.replace(one, **changes)


WARNED = (
    warned(),
    warned(warning="NOR:2", target="", clause="W2", shown_ns=at(140), acknowledged_ns=0),
    warned(
        member="NOR", warning="9", direction="sent", party="SUD", stored_ns=0, shown_ns=0, acknowledged_ns=0
    ),
)


def outcome(**changes):
    one = Outcome(
        event="E1", member="SUD", zone="Z-SUD", arrival_ns=at(500), known_ns=at(80), known_from="picture",
        shown_ns=at(101), shown_by="NOR", shown_clause="W1", acknowledged_ns=at(120),
    )  # fmt: skip
    return msgspec.structs.replace(one, **changes)


def captured(sequence, arrived_s):
    return Captured(
        sender="NOR", recipient="SUD", sequence=sequence, kind="warn", sent_ns=at(100),
        arrived_ns=at(arrived_s) if arrived_s else 0, tries=2, body=b"",
    )  # fmt: skip


TARGET = TargetTruth(
    id="T1", track_class=2, real=True, event="E1", by="XX", begins_ns=at(30), ends_ns=at(590),
    zone="Z-SUD", owner="SUD", arrival_ns=at(500),
)  # fmt: skip
EVENT = EventTruth(
    id="E1", event="attack", attacker="XX", victim="SUD", object="land", track_class=2, at_ns=at(30),
    attributed_ns=at(90),
)  # fmt: skip
ROWS = TruthRows(
    np.array([at(35), at(40)]), np.zeros(2, np.int32), np.array([0.02, 0.01]), np.zeros(2), np.full(2, 4e3)
)
RUN = Run(
    drill="small", drill_digest=DRILL.digest, pact="small-casus", pact_version="1",
    pact_digest="ab" * 32, seed=7,
    members=("NOR", "SUD", "HUB"), outside=(), sent=(captured(1, 100.4), captured(2, 0)), known=(),
    truth=Truth(
        start_ns=START_NS, end_ns=at(600), tick_ns=5 * SECOND_NS, targets=(TARGET,), events=(EVENT,),
        rows=ROWS
    ),
    warned=WARNED,
    told=(Told(at_ns=at(95), what="casus", of="C1", by="HUB", says="yes", as_to=("SUD", "XX"),
        because="event E1"),),
    played=(
        Played(number="1", at_ns=at(60), inject="", to="HUB", why="played"),
        Played(number="2", at_ns=at(90), inject="outage SUD-R1 for=30", to="SUD", why="played"),
        Played(number="3", at_ns=0, inject="message", to="SUD", why="condition not met"),
    ),
    acts=(UmpireAct(at_s=10.0, act="skip", inject="4", person="white cell"),),
    outcomes=(outcome(),), effects=(("NOR", "00"), ("SUD", "11"), ("HUB", "22")), counts=(),
    decided=(
        Decided(sender="NOR", recipient="SUD", kind="picture", clause="S1", form=4, rows=9, messages=3,
            refused="",
                asked=""),
        Decided(sender="NOR", recipient="SUD", kind="picture", clause="", form=0, rows=5, messages=2,
            refused="",
                asked=""),
        Decided(sender="NOR", recipient="SUD", kind="warn", clause="R1", form=0, rows=0, messages=1,
                refused="finer than the tearline", asked="W1"),
    ),
)  # fmt: skip
COST = Cost(clause="C1", term="C1.determined_by", found="what hangs on C1 waits", gained_min=1.6, after=())
LOSS = Loss(
    event="E1",
    member="SUD",
    pact="small-casus",
    had_min=6.65,
    ideal_min=8.25,
    costs=(COST,),
    unexplained_min=0.0,
)


def kept(drill=DRILL, losses=(LOSS,), **changes):
    run = msgspec.structs.replace(RUN, **changes)
    return Kept(format=FORMAT, mode="EXERCISE", drill=drill, pact="", run=run, losses=losses)
