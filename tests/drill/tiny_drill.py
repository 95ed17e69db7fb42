"""The small drill shortened, with a fourth invented member that may turn on a partner: half a second each."""

import functools
from pathlib import Path

import msgspec

from foedus.drill.reading import read_drill
from foedus.drill.simulation import play
from foedus.drill.text import Traffic
from foedus.network import MemberEntry, Waypoint
from foedus.pact.clauses import Party
from foedus.pact.reading.text import read_pact

ROOT = Path(__file__).parents[2]
SMALL = read_drill(ROOT / "drills" / "small.toml")
OPEN = read_pact(ROOT / "drills" / "pacts" / "small-open.toml")
CASUS = read_pact(ROOT / "drills" / "pacts" / "small-casus.toml")
PARTNER = msgspec.structs.replace(
    CASUS, pact="partner", party=(*CASUS.party, Party(id="EST", name="Estland (invented)", role="member"))
)
"""The casus names XX alone, as the construct of the Gulf names no member."""


def _drill():
    real = msgspec.structs.replace(
        SMALL.target[0],
        at_s=5.0,
        waypoint=(
            Waypoint(after_s=0.0, lat_deg=0.9, lon_deg=0.05, height_m=4000.0),
            Waypoint(after_s=200.0, lat_deg=-0.6, lon_deg=0.0, height_m=3000.0),
        ),
    )
    event = msgspec.structs.replace(
        SMALL.event[0],
        at_s=5.0,
        attributed_after_s=5.0,
        cue=(msgspec.structs.replace(SMALL.event[0].cue[0], after_s=5.0),),
    )
    people = msgspec.structs.replace(SMALL.people, declare_s=15.0, acknowledge_s=5.0, classify_s=5.0)
    return msgspec.structs.replace(
        SMALL,
        drill="tiny",
        lasts_s=200.0,
        member=(*SMALL.member, MemberEntry(id="EST", name="Estland (invented)")),
        site=SMALL.site[:2],
        target=(real,),
        event=(event,),
        traffic=Traffic(),
        people=people,
        inject=(),
    )


TINY = _drill()
TURNED = msgspec.structs.replace(TINY, event=(msgspec.structs.replace(TINY.event[0], attacker="EST"),))


def player(drill, pact, seed, acts=()):
    return play(drill, pact, name=pact.pact, seed=seed, acts=acts)


@functools.cache
def tiny(name, seed=1):
    """A run of the tiny drill under one of its texts."""
    texts = {"open": OPEN, "casus": CASUS, "partner": PARTNER}
    return player(TINY, texts[name], seed)
