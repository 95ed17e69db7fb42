"""The pact against which minutes are lost: everybody gives everybody everything at once and warns everybody.

No sensor is better under it and no link faster; people take as long to show and acknowledge. What it gains is
what the text of the pact that is played keeps back.
"""

from typing import Final

from foedus.drill.text import Drill
from foedus.model import Form, TrackClass
from foedus.pact.clauses import Basis, Pact, Party, Share, Source, Term, Warn
from foedus.pact.force import ALWAYS
from foedus.pact.words import DataKind

NAME: Final = "ideal"

SILENT: Final = tuple(one for one in TrackClass if one is not TrackClass.COOPERATIVE)
"""What a warning is about where no text says it: everything but what answers interrogations."""


def ideal_pact(drill: Drill) -> Pact:
    """The text in which nothing is kept back, between all members of the drill."""
    return Pact(
        foedus=1,
        pact=NAME,
        version="1",
        title="Everybody tells everybody everything",
        date=drill.start.date(),
        basis=Basis(instrument="none", binding="none", evidence="stylised"),
        party=tuple(Party(id=one.id, name=one.name, role="member") for one in drill.member),
        source=(Source(key="DRILL", says="the drill file"),),
        zone=drill.zone,
        clause=(
            share_clause("S", "any"),
            warn_clause("W", "any", drill),
            Term(id="T", text="Always.", cite="[DRILL] ideal", basis="stylised", in_force=ALWAYS),
        ),
    )


def share_clause(name: str, to: str) -> Share:
    """Everybody gives `to` every track, whole and at once."""
    return Share(
        id=name,
        text="Each gives its tracks.",
        cite="[DRILL] ideal",
        basis="stylised",
        giver="any",
        taker=to,
        data=DataKind.TRACKS,
        form=Form.TRACK,
    )


def warn_clause(name: str, to: str, drill: Drill) -> Warn:
    """Everybody warns `to` by the measure of the drill."""
    return Warn(
        id=name,
        text="Each warns whoever is about to be entered.",
        cite="[DRILL] ideal",
        basis="stylised",
        by="any",
        to=to,
        content="alert",
        classes=SILENT,
        horizon_s=drill.measure.horizon_s,
        probability=drill.measure.probability,
        within_s=10.0,
        renew_s=30.0,
        expires_s=120.0,
        ack_s=60.0,
    )
