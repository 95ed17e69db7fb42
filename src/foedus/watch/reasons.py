"""Why a track is told to be a threat to a zone: words of a closed list, each with its value.

Reasons are attached to a threat and shown with it. They never change its probability, and none of them says
what anybody intends. Languages: the words are keys; the sentences here are the English ones.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from foedus.model import F64, Sensor, TrackClass, Tracks
from foedus.watch.answers import Answers
from foedus.watch.reason_words import WORDS
from foedus.watch.routes import Routes, widths_outside
from foedus.watch.threat import Threats

_BY_WORD: Final = {one.word: one for one in WORDS}

SQUAWKS: Final = {0o7500: "squawk_7500", 0o7600: "squawk_7600", 0o7700: "squawk_7700"}
"""ICAO Annex 10, volume IV, 2.1.4 (codes that are reserved); Doc 4444 (PANS-ATM), 8 and 15, on their use."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The thresholds of the reasons; all are this project's own choice, for the reasons given."""

    low_m: float = 1_000.0
    """Over the ellipsoid, for terrain is not known here: what is usually meant by low, slow and small objects
    flies below 1,000 m. In high mountains it says little."""
    slow_m_s: float = 56.0
    """200 km/h, from the same usage: small propeller aircraft on approach, drones, balloons, gliders."""
    off_route_widths: float = 1.0
    """Outside a corridor by more than its own width: who flies beside it, or cuts a corner, is not meant."""


class Reason(NamedTuple):
    """One reason; value in the unit of its word, NaN where it has none."""

    word: str
    value: float


def sentence(reason: Reason) -> str:
    """The reason in English."""
    value = "" if math.isnan(reason.value) else f"{reason.value:,.0f}"
    if _BY_WORD[reason.word].unit == "code":
        value = f"{reason.value:.0f}"
    return _BY_WORD[reason.word].sentence.format(value=value)


def unit_of(word: str) -> str:
    """The unit of a word's value, empty for none and for an unknown word."""
    return _BY_WORD[word].unit if word in _BY_WORD else ""


def corroborating(reasons: Sequence[Reason]) -> int:
    """How many independent observations stand behind the reasons; courses, classes and heights are none."""
    return len(dict.fromkeys(one for reason in reasons if (one := _BY_WORD[reason.word].corroborates)))


def reasons_of(
    tracks: Tracks, threats: Threats, *, silent_s: F64, routes: Routes, rules: Rules
) -> tuple[tuple[Reason, ...], ...]:
    """The reasons of every threat, in the order of the threats, each in the order of WORDS.

    tracks: those that `threats` came from. silent_s: (tracks,), see Answers.update.
    """
    rows = np.unique(threats.row)
    beyond_m, widths = widths_outside(routes, tracks.lat_rad[rows], tracks.lon_rad[rows])
    speed_m_s = np.hypot(tracks.velocity_east_m_s[rows], tracks.velocity_north_m_s[rows])
    answers = (tracks.track_class == TrackClass.COOPERATIVE) | (tracks.icao24 >= 0) | (tracks.mode_a >= 0)
    of_each = zip(
        *(one[rows].tolist() for one in (tracks.height_m, answers, silent_s, tracks.mode_a)),
        *(one.tolist() for one in (speed_m_s, beyond_m, widths)),
        strict=True,
    )
    of_track = {
        row: _of_track(height_m, speed_m_s, answering, silent_s, rules)
        + _of_route(answering, beyond_m, widths, rules)
        + _of_code(mode_a)
        for row, (height_m, answering, silent_s, mode_a, speed_m_s, beyond_m, widths) in zip(
            rows.tolist(), of_each, strict=True
        )
    }
    columns = (
        threats.row,
        threats.entry_s,
        threats.inside,
        threats.closest_m,
        threats.closest_s,
        threats.falls,
    )
    return tuple(
        _of_path(entry_s, inside, closest_m, closest_s, falls) + of_track[row]
        for row, entry_s, inside, closest_m, closest_s, falls in zip(
            *(column.tolist() for column in columns), strict=True
        )
    )


def _of_path(
    entry_s: float, inside: bool, closest_m: float, closest_s: float, falls: bool
) -> tuple[Reason, ...]:
    if falls:
        return (Reason("falling_to_zone", entry_s),)
    if inside:
        return (Reason("inside_zone", math.nan),)
    if closest_m == 0.0:
        return (Reason("heading_to_zone", entry_s),)
    return (Reason("closing", closest_m),) if closest_s > 0.0 else ()


def _of_track(
    height_m: float, speed_m_s: float, answering: bool, silent_s: float, rules: Rules
) -> tuple[Reason, ...]:
    """What a track is remarkable for, whatever the zone."""
    found = []
    if math.isnan(speed_m_s):
        found.append(Reason("no_velocity", math.nan))
    if height_m <= rules.low_m and speed_m_s <= rules.slow_m_s:  # neither holds of what is not known
        found.append(Reason("low_and_slow", height_m))
    if not answering:
        found.append(Reason("unidentified", math.nan))
    if not math.isnan(silent_s):
        found.append(Reason("fell_silent", silent_s))
    return tuple(found)


def _of_route(answering: bool, beyond_m: float, widths: float, rules: Rules) -> tuple[Reason, ...]:
    off = answering and rules.off_route_widths < widths < math.inf
    return (Reason("off_route", beyond_m),) if off else ()


def _of_code(mode_a: int) -> tuple[Reason, ...]:
    word = SQUAWKS.get(mode_a)
    return () if word is None else (Reason(word, float(f"{mode_a:o}")),)


class Reasons:
    """The reasons of one node's threats: the rules, the routes and the memory, and what they gave last."""

    def __init__(self, sensors: Sequence[Sensor], routes: Routes, rules: Rules | None = None) -> None:
        self._answers = Answers(sensors)
        self._routes = routes
        self._rules = rules or Rules()
        self._of: dict[tuple[int, int], tuple[Reason, ...]] = {}

    def update(self, tracks: Tracks, threats: Threats, *, now_ns: int) -> tuple[tuple[Reason, ...], ...]:
        """The reasons of every threat of this tick; to be called at every tick, with all own tracks."""
        silent_s = self._answers.update(tracks, now_ns=now_ns)
        found = reasons_of(tracks, threats, silent_s=silent_s, routes=self._routes, rules=self._rules)
        numbers = tracks.number[threats.row].tolist()
        self._of = dict(zip(zip(numbers, threats.zone.tolist(), strict=True), found, strict=True))
        return found

    def of(self, number: int, zone: int) -> tuple[Reason, ...]:
        """The reasons of a track and zone at the last tick; none where there was no threat."""
        return self._of.get((number, zone), ())

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(what, how often) for what found no room."""
        forgotten = self._answers.forgotten
        return (("answering track forgotten: ANSWERS_MAX reached", forgotten),) if forgotten else ()
