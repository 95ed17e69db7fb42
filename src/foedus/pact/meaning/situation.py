"""Situations: who attacks whom and what, where and when, and what has been recorded until then.

A situation is a point of the product over which pacts are compared; `parse_situation` reads one from
`key=value` words or from a TOML file.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from foedus.document import parse_document
from foedus.model import TrackClass
from foedus.pact.clauses import Pact
from foedus.pact.force import Fact
from foedus.pact.words import DataKind, YesNoWord

UNATTRIBUTED = "unattributed"
"""The attacker of whom nobody has said who it is."""

EventAtom = Literal["none", "threat", "imminent", "attack", "launch"]
ObjectAtom = Literal["land", "airspace", "infra_onshore", "infra_offshore", "forces_home", "forces_abroad"]


class Deed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a party did in fulfilment of a clause, so many seconds after the duty arose."""

    clause: str
    by: str
    after_s: Annotated[float, msgspec.Meta(ge=0)]


class Situation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event, and what is known of it. An event `none` is an ordinary day.

    host: on whose territory or in whose waters it happens; left out, the victim's, and nobody's for forces
    abroad. region: left out, the first of the host's. provoked: whether the attack answers an operation that
    the victim undertook outside the pact. zones: those that hold the track. elapsed_s: how long ago the
    duties arose, for their life cycle.
    """

    at: datetime
    event: EventAtom = "none"
    attacker: str = UNATTRIBUTED
    victim: str = ""
    object: ObjectAtom = "land"
    host: str | None = None
    region: str | None = None
    track_class: TrackClass = msgspec.field(name="class", default=TrackClass.UNIDENTIFIED)
    provoked: YesNoWord = "no"
    lawful: YesNoWord = "yes"
    """Whether the victim holds the place lawfully, for texts that leave out unlawfully held territory."""
    zones: tuple[str, ...] = ()
    data: DataKind = DataKind.TRACKS
    facts: tuple[Fact, ...] = ()
    deeds: tuple[Deed, ...] = ()
    elapsed_s: float | None = None


def place_of(situation: Situation, pact: Pact) -> tuple[str, str]:
    """(host, region) of the event; host '' is nobody's territory, region '' is not known."""
    host = situation.host
    if host is None:
        host = "" if situation.object == "forces_abroad" else situation.victim
    region = situation.region
    if region is None:
        homes = {one.id: one.regions for one in pact.party} | {one.id: one.regions for one in pact.state}
        region = next(iter(homes.get(host, ())), "")
    return host, region


def describe(situation: Situation) -> str:
    """The situation in one plain phrase."""
    if situation.event == "none":
        return f"on an ordinary day, {situation.at.date().isoformat()}"
    who = "an unattributed" if situation.attacker == UNATTRIBUTED else f"{situation.attacker}'s"
    what = {"threat": "threat", "imminent": "imminent attack", "attack": "attack", "launch": "launch"}
    if situation.event == "launch":
        return f"at {who} own launch"
    thing = {
        "land": "land",
        "airspace": "airspace",
        "infra_onshore": "critical infrastructure on land",
        "infra_offshore": "critical infrastructure offshore",
        "forces_home": "forces at home",
        "forces_abroad": "forces abroad",
    }[situation.object]
    where = f" in {situation.region.replace('_', ' ')}" if situation.region else ""
    abroad = situation.host and situation.host != situation.victim
    host = f" on {situation.host}'s territory" if abroad else ""
    to = "to" if situation.event == "threat" else "on"
    return f"{who} {what[situation.event]} {to} {situation.victim}'s {thing}{host}{where}"


def parse_situation(text: str, *, file: str) -> Situation:
    """The situation in a TOML text; DocumentError with line and path for the first mistake."""
    return parse_document(text, Situation, file=file)
