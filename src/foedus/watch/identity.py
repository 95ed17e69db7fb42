"""What an authority of this member has declared its tracks to be, by whom, when and on what grounds.

The program declares nothing: a track of which nobody said anything is PENDING, and the only way to any other
identity is a `Declared` input with the name of a person. An identity is this member's own word: it is in no
row that leaves and changes no release. A declared class takes the place of the tracker's, so that the pact
goes by it. A declaration holds for one of this member's own tracks, as long as the tracker keeps that; then
it ends, and the record stays.
"""

from typing import Final

import msgspec
import numpy as np

from foedus.geo import MEAN_RADIUS_M
from foedus.limits import DECLARATIONS_MAX, SAYS_CHARACTERS_MAX
from foedus.model import F64, I8, I64, SECOND_NS, Identity, TrackClass, Tracks
from foedus.wire import Declared

NOTHING: Final = -1
"""In `Declared`: nothing is said about identity, or about class."""

DECLARABLE: Final = tuple(one for one in TrackClass if one >= TrackClass.AIRCRAFT)
"""Classes that an authority finds; whether a track answers is the sensors' word."""

SAME_M: Final = 1_000.0
SAME_SIGMAS: Final = 4.0
"""A place is on a track within 1 km (three sigma of azimuth at 200 km) and four sigma of the track."""


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """One declaration on one of this member's own tracks."""

    track: int  # number of the tracker
    identity: int  # Identity; NOTHING
    track_class: int  # TrackClass; NOTHING
    person: str
    says: str
    time_ns: int
    ended_ns: int = 0  # when its track was no longer there, or it was withdrawn; 0 it stands or was replaced

    @property
    def withdraws(self) -> bool:
        """Whether it takes back all that was declared before."""
        return self.identity == Identity.PENDING and self.track_class == NOTHING


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a track now: of identity and of class, each the newest that was said."""

    identity: Identity
    track_class: int  # NOTHING: the tracker's own


NOBODY_SAID: Final = Standing(identity=Identity.PENDING, track_class=NOTHING)


def fault_of(item: Declared) -> str:
    """Why nobody can declare this; empty where somebody can."""
    if not item.person.strip():
        return "a declaration without a person"
    if item.identity != NOTHING and item.identity not in list(Identity):
        return "an identity that there is not"
    if item.track_class != NOTHING and item.track_class not in DECLARABLE:
        return "a class that nobody declares"
    if item.identity == NOTHING and item.track_class == NOTHING:
        return "a declaration that says nothing"
    if len(item.says) > SAYS_CHARACTERS_MAX:
        return "grounds longer than SAYS_CHARACTERS_MAX"
    return ""


class IdentityBook:
    """The declarations of one node, oldest first."""

    def __init__(self) -> None:
        self._records: list[Declaration] = []
        self._standing: dict[int, Standing] = {}  # by own track number
        self._counts: dict[str, int] = {}

    def declare(self, item: Declared, own_number: int, *, now_ns: int) -> bool:
        """Whether the declaration is taken. own_number: the tracker's number of the track, 0 for none."""
        reason = fault_of(item) or ("" if own_number else "not a track of one's own")
        reason = reason or ("" if self._make_room() else "DECLARATIONS_MAX stand")
        if reason:
            self._count(f"declaration refused: {reason}")
            return False
        record = Declaration(
            track=own_number,
            identity=item.identity,
            track_class=item.track_class,
            person=item.person,
            says=item.says,
            time_ns=now_ns,
        )
        if record.withdraws:
            self._end(own_number, now_ns)
            record = msgspec.structs.replace(record, ended_ns=now_ns)
        else:
            before = self._standing.get(own_number, NOBODY_SAID)
            self._standing[own_number] = Standing(
                identity=before.identity if item.identity == NOTHING else Identity(item.identity),
                track_class=before.track_class if item.track_class == NOTHING else item.track_class,
            )
        self._records.append(record)
        return True

    def follow(self, own: Tracks, *, now_ns: int) -> None:
        """End the declarations on tracks that are no longer there; to be called at every tick."""
        if self._standing:
            alive = dict.fromkeys(own.number.tolist())
            for number in [number for number in self._standing if number not in alive]:
                self._end(number, now_ns)

    def _end(self, number: int, now_ns: int) -> None:
        self._standing.pop(number, None)
        self._records = [
            msgspec.structs.replace(one, ended_ns=now_ns) if one.track == number and not one.ended_ns else one
            for one in self._records
        ]

    def _make_room(self) -> bool:
        """Whether one more record fits, after forgetting the oldest that ended."""
        if len(self._records) < DECLARATIONS_MAX:
            return True
        ended = next((i for i, one in enumerate(self._records) if one.ended_ns), None)
        if ended is None:
            return False
        del self._records[ended]
        self._count("ended declaration forgotten: DECLARATIONS_MAX reached")
        return True

    def classify(self, own: Tracks) -> Tracks:
        """Own tracks with the declared classes in place of the tracker's."""
        declared = {n: one.track_class for n, one in self._standing.items() if one.track_class != NOTHING}
        if not declared:
            return own
        track_class = own.track_class.copy()
        for row, number in enumerate(own.number.tolist()):
            track_class[row] = declared.get(number, track_class[row])
        return own._replace(track_class=track_class)

    def standing(self, number: int) -> Standing:
        """What holds for one of one's own tracks; PENDING and NOTHING where nobody has said anything."""
        return self._standing.get(number, NOBODY_SAID)

    def records(self, number: int) -> tuple[Declaration, ...]:
        """What was declared of one of one's own tracks, oldest first, what is withdrawn too."""
        return tuple(one for one in self._records if one.track == number)

    def all_records(self) -> tuple[Declaration, ...]:
        """Every declaration still kept, oldest first."""
        return tuple(self._records)

    def declared_numbers(self) -> tuple[int, ...]:
        """The tracker's numbers of all tracks on which a declaration stands."""
        return tuple(self._standing)

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for everything refused or forgotten."""
        return tuple(sorted(self._counts.items()))

    def _count(self, reason: str) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1


# ---------------------------------------------------------------- the class of a place


def classes_at(own: Tracks, *, lat_rad: F64, lon_rad: F64, time_ns: I64, track_class: I8) -> I8:
    """The classes of places, (n,): that of one's own track there where it is more than whether it answers.

    A place is on the nearest of one's own tracks, if near enough to it; track_class holds elsewhere. Places
    are plots, or the tracks of those who may not have every plot, which are to go by the same class.
    """
    told = np.flatnonzero(own.track_class >= TrackClass.AIRCRAFT)
    if len(told) == 0 or len(lat_rad) == 0:
        return track_class
    to_told = _away_m(own, told, lat_rad, lon_rad, time_ns)
    near = np.flatnonzero((to_told <= SAME_M + SAME_SIGMAS * own.position_sigma_m[told]).any(axis=1))
    if len(near) == 0:
        return track_class
    away_m = _away_m(own, np.arange(len(own.number)), lat_rad[near], lon_rad[near], time_ns[near])
    nearest = np.argmin(away_m, axis=1)
    classes = track_class.copy()
    is_told = own.track_class[nearest] >= TrackClass.AIRCRAFT
    classes[near[is_told]] = own.track_class[nearest[is_told]]
    return classes


def _away_m(own: Tracks, rows: I64, lat_rad: F64, lon_rad: F64, time_ns: I64) -> F64:
    """(places, rows) metres between places and where tracks are at their times; flat, good for tens of km."""
    age_s = (time_ns[:, None] - own.time_ns[None, rows]) / SECOND_NS
    turn = np.remainder(lon_rad[:, None] - own.lon_rad[None, rows] + np.pi, 2.0 * np.pi) - np.pi
    east_m = turn * np.cos(own.lat_rad[rows]) * MEAN_RADIUS_M
    east_m = east_m - np.nan_to_num(own.velocity_east_m_s[rows]) * age_s
    north_m = (lat_rad[:, None] - own.lat_rad[None, rows]) * MEAN_RADIUS_M
    north_m = north_m - np.nan_to_num(own.velocity_north_m_s[rows]) * age_s
    return np.asarray(np.hypot(east_m, north_m))
