"""The orientation gap: minutes of warning by bearing and attacker, for one capital: sensors times clauses.

One stylised approach, a straight line at constant height and speed to the middle of the capital's zone, is
played from every bearing, for every kind of attacker about which the text may say something else, under the
text, under the ideal pact (what the sensors of all could give) and for the capital alone (what its own give).
Ideal less text is what clauses keep back; what the ideal pact lacks of the horizon, no sensor sees.
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from foedus.drill.failures import Play
from foedus.drill.ideal import ideal_pact
from foedus.drill.measures import shown_or_none_min
from foedus.drill.people import read_casus
from foedus.drill.stations import text_played
from foedus.drill.text import Cue, Drill, Event, Inject, Target, Traffic
from foedus.geo import MEAN_RADIUS_M
from foedus.model import TrackClass
from foedus.network import Waypoint
from foedus.pact.clauses import Pact, Party, Term, Warn
from foedus.pact.meaning.situation import UNATTRIBUTED

EVENT: Final = "approach"
SECTORS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
BEFORE_S: Final = 30.0
"""The drill runs so long before the object appears, and so long after it has arrived."""


class Approach(msgspec.Struct, frozen=True, kw_only=True):
    """The stylised approach; invented numbers, the same from every bearing."""

    distance_m: float = 250_000.0
    height_m: float = 5_000.0
    speed_m_s: float = 300.0
    track_class: TrackClass = TrackClass.CRUISE
    attributed_after_s: float = 60.0  # of an attacker that is named at all
    cue_after_s: float = 60.0  # when those who determine a casus learn of it by other means


class Bearing(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes of one capital from one bearing against one attacker: medians of none, one seed each."""

    pact: str
    member: str
    sector: str
    bearing_deg: float
    attacker: str  # a party, a state, or unattributed
    alike: tuple[str, ...]  # other attackers of whom the text says the same, so that they were not played
    seed: int
    alone_min: float  # own sensors alone
    shown_min: float  # under the text
    ideal_min: float  # everybody tells everybody everything

    @property
    def clauses_min(self) -> float:
        """Minutes that the clauses keep back."""
        return max(0.0, self.ideal_min - self.shown_min)


def attackers_of(drill: Drill, pact: Pact, member: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(attacker, others like it): one of each kind that the text tells apart, parties each for itself.

    A party that attacks tells nobody, so each takes other sensors away; states differ by the casus alone.
    """
    text = text_played(drill, pact)
    kinds: dict[tuple[object, ...], list[str]] = {}
    members = [one.id for one in drill.member if one.id != member]
    for attacker in (*(state.id for state in text.state), *members, UNATTRIBUTED):
        event = _event(member, attacker, (), Approach())
        says = tuple(
            (one.casus, one.truth)
            for one in read_casus(drill, text, event, attributed=attacker != UNATTRIBUTED)
        )
        against = tuple(attacker in one.against for one in text.clause if isinstance(one, Warn))
        own = attacker if attacker in members or attacker == UNATTRIBUTED else ""
        kinds.setdefault((own, says, against), []).append(attacker)
    return tuple((names[0], tuple(names[1:])) for names in kinds.values())


def approaching(drill: Drill, member: str, bearing_deg: float, attacker: str, approach: Approach) -> Drill:
    """The drill in which nothing happens but one approach. An attacker that is a member tells nobody."""
    lasts_s = approach.distance_m / approach.speed_m_s
    zone = next(one for one in drill.zone if one.owner == member)
    lat_deg = (min(one[0] for one in zone.polygon) + max(one[0] for one in zone.polygon)) / 2.0
    lon_deg = (min(one[1] for one in zone.polygon) + max(one[1] for one in zone.polygon)) / 2.0
    bearing_rad = math.radians(bearing_deg)
    away_deg = math.degrees(approach.distance_m / MEAN_RADIUS_M)
    from_lat_deg = lat_deg + away_deg * math.cos(bearing_rad)
    from_lon_deg = lon_deg + away_deg * math.sin(bearing_rad) / math.cos(math.radians(lat_deg))
    members = [one.id for one in drill.member]
    silent = (Inject(number="1", time_s=0.0, inject=f"silent {attacker}"),) if attacker in members else ()
    return msgspec.structs.replace(
        drill,
        drill=f"{drill.drill}-{member}-{bearing_deg:g}-{attacker}",
        lasts_s=math.ceil((lasts_s + 2.0 * BEFORE_S) / drill.tick_s) * drill.tick_s,
        traffic=Traffic(),
        fact=(),
        objective=(),
        msel="",
        inject=silent,
        event=(_event(member, attacker, tuple(members), approach),),
        target=(
            Target(
                id="A1",
                track_class=approach.track_class,
                by=attacker,
                event=EVENT,
                at_s=BEFORE_S,
                waypoint=(
                    _waypoint(0.0, from_lat_deg, from_lon_deg, approach.height_m),
                    _waypoint(lasts_s, lat_deg, lon_deg, approach.height_m),
                ),
            ),
        ),
    )


def _waypoint(after_s: float, lat_deg: float, lon_deg: float, height_m: float) -> Waypoint:
    return Waypoint(after_s=after_s, lat_deg=lat_deg, lon_deg=lon_deg, height_m=height_m)


def _event(member: str, attacker: str, cued: Sequence[str], approach: Approach) -> Event:
    named = attacker != UNATTRIBUTED
    return Event(
        id=EVENT,
        at_s=BEFORE_S,
        attacker=attacker,
        victim=member,
        track_class=approach.track_class,
        attributed_after_s=approach.attributed_after_s if named else None,
        cue=tuple(Cue(party=one, after_s=approach.cue_after_s) for one in cued if one != attacker),
    )


def orientation(
    drill: Drill,
    pact: Pact,
    member: str,
    *,
    seed: int,
    play: Play,
    attackers: Sequence[str] = (),
    sectors: Sequence[str] = SECTORS,
    approach: Approach = Approach(),  # noqa: B008 - frozen
) -> tuple[Bearing, ...]:
    """Minutes from each bearing against each attacker. attackers: none: one of each kind (attackers_of).

    Errors of sensors are drawn anew for each approach, since each is a drill of its own; the three texts of
    one approach meet the same ones.
    """
    kinds = attackers_of(drill, pact, member)
    asked = [one for one in kinds if not attackers or one[0] in attackers or set(one[1]) & set(attackers)]
    return tuple(
        _bearing(drill, pact, member, sector, attacker, alike, seed, play, approach)
        for sector in sectors
        for attacker, alike in asked
    )


def _bearing(
    drill: Drill,
    pact: Pact,
    member: str,
    sector: str,
    attacker: str,
    alike: tuple[str, ...],
    seed: int,
    play: Play,
    approach: Approach,
) -> Bearing:
    bearing_deg = 360.0 * SECTORS.index(sector) / len(SECTORS)
    one = approaching(drill, member, bearing_deg, attacker, approach)
    texts = (_alone(drill), pact, ideal_pact(drill))
    alone_min, shown_min, ideal_min = (
        shown_or_none_min(play(one, text, seed), EVENT, member) for text in texts
    )
    return Bearing(
        pact=pact.pact,
        member=member,
        sector=sector,
        bearing_deg=bearing_deg,
        attacker=attacker,
        alike=alike,
        seed=seed,
        alone_min=alone_min,
        shown_min=shown_min,
        ideal_min=ideal_min,
    )


def _alone(drill: Drill) -> Pact:
    """A text between two parties without a node: every member is outside it, with its own sensors alone."""
    ideal = ideal_pact(drill)
    nobody = tuple(Party(id=f"NOBODY-{n}", name="nobody", role="member") for n in (1, 2))
    term = tuple(one for one in ideal.clause if isinstance(one, Term))
    return msgspec.structs.replace(ideal, pact="alone", party=nobody, zone=(), clause=term)
