"""What each member knew and was told, and when: its picture and its console, held against the truth.

This is the white cell's view. A track is about a scripted object when it lies near where that object was at
the track's own time; nothing of it goes back to any node.
"""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from foedus.drill.outcome import Known, Outcome, TargetTruth, Warned
from foedus.drill.text import Drill, Measure
from foedus.drill.truth import World
from foedus.geo import MEAN_RADIUS_M
from foedus.model import I64, SECOND_NS, Tracks, take
from foedus.view import View, WarningView
from foedus.watch.threat import Zones, assess, make_zones

TRACK_M_MIN: Final = 5_000.0
TRACK_SIGMAS: Final = 4.0
"""A track is about an object within 5 km or four standard deviations of it, whichever is more: a coarse row
is rounded to 0.1 degree, up to 8 km away."""

NEAR_RAD: Final = 0.03
"""Only tracks within some 190 km of an object are looked at closely: a coasting track may be that old."""

CELL_M: Final = 30_000.0
"""A warning is about an object within 30 km of its cell's middle when it came: half a cell is 8 km, and
what is fast moves on for a tick and a delay."""

STANDING: Final = ("raised", "renewed", "downgraded")


class Seen(NamedTuple):
    """What a look at one member's view brought up for the first time."""

    known: tuple[Known, ...]
    warnings: tuple[WarningView, ...]  # that stand at its console and were not there before
    tracks: tuple[tuple[int, int], ...]  # (picture number, scripted object) now


class Recorder:
    """All members' knowledge in one run. parties: in the order of each member's text."""

    def __init__(self, drill: Drill, world: World, parties: Mapping[str, tuple[str, ...]]) -> None:
        self._world = world
        self._zones = drill.zone
        self._measure: Measure = drill.measure
        self._shapes: Zones = make_zones(
            [zone.polygon for zone in drill.zone],
            [zone.floor_m for zone in drill.zone],
            [zone.ceiling_m for zone in drill.zone],
        )
        self._parties = parties
        self._real = [row for row, target in enumerate(world.targets) if not target.only]
        self._known: dict[tuple[str, int, int], Known] = {}
        self._about: dict[tuple[str, str], str] = {}  # (member, warning) -> scripted object
        self._views: dict[str, View] = {}

    def look(self, member: str, view: View, now_ns: int) -> Seen:
        """Note what is new in a member's view."""
        self._views[member] = view
        rows, targets = self._associate(view.picture, now_ns)
        known = self._knowledge(member, take(view.picture, rows), targets, now_ns)
        tracks = tuple(zip(view.picture.number[rows].tolist(), targets.tolist(), strict=True))
        fresh = []
        for warning in view.warnings:
            if (member, warning.id) not in self._about:
                self._about[member, warning.id] = self._subject(warning, dict(tracks), now_ns)
                if warning.direction != "sent" and warning.state in STANDING:
                    fresh.append(warning)
        return Seen(known, tuple(fresh), tracks)

    # ------------------------------------------------------------ tracks and objects

    def _associate(self, tracks: Tracks, now_ns: int) -> tuple[I64, I64]:
        """(rows of tracks, the scripted object that each is about), by nearness at the track's own time."""
        best: dict[int, tuple[float, int]] = {}
        for target in self._real:
            lat_rad, lon_rad, _ = self._world.scripted(target, now_ns)
            ended_ns = self._world.ends_ns(target)
            if math.isnan(lat_rad):
                if not ended_ns or now_ns > ended_ns + 30 * SECOND_NS or now_ns < ended_ns:
                    continue
                lat_rad, lon_rad, _ = self._world.scripted(target, ended_ns)
            near = np.abs(tracks.lat_rad - lat_rad) < NEAR_RAD
            near &= np.abs(tracks.lon_rad - lon_rad) * math.cos(lat_rad) < NEAR_RAD
            rows = np.flatnonzero(near)
            if not len(rows):
                continue
            there = self._world.scripted_rows(target, tracks.time_ns[rows])
            away_m = MEAN_RADIUS_M * np.hypot(
                tracks.lat_rad[rows] - there[0], (tracks.lon_rad[rows] - there[1]) * math.cos(lat_rad)
            )
            room_m = np.maximum(TRACK_M_MIN, TRACK_SIGMAS * tracks.position_sigma_m[rows])
            for row, metres, room in zip(rows.tolist(), away_m.tolist(), room_m.tolist(), strict=True):
                if metres <= room and (row not in best or metres < best[row][0]):
                    best[row] = (metres, target)
        rows_found = sorted(best)
        return np.array(rows_found, np.int64), np.array([best[row][1] for row in rows_found], np.int64)

    def _knowledge(self, member: str, tracks: Tracks, targets: I64, now_ns: int) -> tuple[Known, ...]:
        if not len(tracks.number):
            return ()
        threats = assess(tracks, self._shapes, now_ns=now_ns, horizon_s=self._measure.horizon_s)
        found = []
        columns = (threats.row, threats.zone, threats.entry_s, threats.probability)
        for row, zone, entry_s, probability in zip(*columns, strict=True):
            key = (member, int(targets[row]), int(zone))
            if probability < self._measure.probability or entry_s > self._measure.horizon_s:
                continue
            if key in self._known:
                continue
            bits = int(tracks.sources[row])
            parties = self._parties[member]
            self._known[key] = Known(
                member=member,
                target=self._world.targets[key[1]].id,
                zone=self._zones[key[2]].id,
                at_ns=now_ns,
                sources=tuple(party for bit, party in enumerate(parties) if bits >> bit & 1),
            )
            found.append(self._known[key])
        return tuple(found)

    def _subject(self, warning: WarningView, tracks: dict[int, int], now_ns: int) -> str:
        """The scripted object that a warning is about; empty for none, so that it is false."""
        if warning.track in tracks:
            return self._world.targets[tracks[warning.track]].id
        lat_rad = math.radians(warning.lat_cell_deg + 0.05)
        lon_rad = math.radians(warning.lon_cell_deg + 0.05)
        best = (CELL_M, "")
        for target in self._real:
            there = self._world.scripted(target, now_ns)
            if math.isnan(there[0]):
                there = self._world.scripted(target, min(now_ns, self._world.ends_ns(target)))
            away_m = MEAN_RADIUS_M * math.hypot(there[0] - lat_rad, (there[1] - lon_rad) * math.cos(lat_rad))
            if away_m < best[0]:  # never true for what is not there (NaN)
                best = (away_m, self._world.targets[target].id)
        return best[1]

    # ------------------------------------------------------------ the end

    def known(self) -> tuple[Known, ...]:
        """All knowledge, in order of time."""
        return tuple(
            sorted(self._known.values(), key=lambda one: (one.at_ns, one.member, one.target, one.zone))
        )

    def warned(self) -> tuple[Warned, ...]:
        """Every warning as each member's console has it now."""
        return tuple(
            Warned(
                member=member,
                warning=warning.id,
                direction=warning.direction,
                party=warning.party,
                zone=warning.zone,
                clause=warning.clause,
                track_class=warning.track_class,
                state=warning.state,
                target=self._about.get((member, warning.id), ""),
                raised_ns=warning.raised_ns,
                stored_ns=warning.stored_ns,
                shown_ns=warning.shown_ns,
                acknowledged_ns=warning.acknowledged_ns,
                entry_ns=warning.entry_ns,
                revision=warning.revision,
            )
            for member in sorted(self._views)
            for warning in self._views[member].warnings
        )


def outcomes_of(
    targets: tuple[TargetTruth, ...],
    owners: Mapping[str, str],
    known: tuple[Known, ...],
    warned: tuple[Warned, ...],
) -> tuple[Outcome, ...]:
    """For each event, and each member one of whose zones a real object of it entered: what it had, and when.

    owners: zone -> member. Only warnings about objects of the event count, of whatever zone of that member.
    """
    found = []
    for event in dict.fromkeys(target.event for target in targets if target.event):
        real = [one for one in targets if one.event == event and one.real]
        for member in sorted({one.owner for one in real if one.arrival_ns}):
            ids = [one.id for one in real]
            first = min(
                (one for one in real if one.owner == member), key=lambda one: one.arrival_ns or 1 << 62
            )
            news = [
                one
                for one in known
                if one.member == member and one.target in ids and owners[one.zone] == member
            ]
            told = [
                one
                for one in warned
                if one.member == member
                and one.direction != "sent"
                and one.target in ids
                and owners.get(one.zone, "") == member
            ]
            found.append(_outcome(event, member, first, news, told))
    return tuple(found)


def _outcome(event: str, member: str, first: TargetTruth, news: list[Known], told: list[Warned]) -> Outcome:
    ways = [(one.at_ns, "own" if one.sources == (member,) else "picture") for one in news]
    ways += [(one.stored_ns, "warning") for one in told if one.direction == "received" and one.stored_ns]
    known_ns, known_from = min(ways, default=(0, ""))
    shown = min(
        (one for one in told if one.shown_ns), key=lambda one: (one.shown_ns, one.warning), default=None
    )
    return Outcome(
        event=event,
        member=member,
        zone=first.zone,
        arrival_ns=first.arrival_ns,
        known_ns=known_ns,
        known_from=known_from,
        shown_ns=shown.shown_ns if shown else 0,
        shown_by=shown.party if shown else "",
        shown_clause=shown.clause if shown else "",
        acknowledged_ns=min((one.acknowledged_ns for one in told if one.acknowledged_ns), default=0),
    )
