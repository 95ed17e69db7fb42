"""The closed list of words for why a track is told to be a threat, in the order in which they are told."""

from typing import Final, NamedTuple


class Word(NamedTuple):
    """One word of the list."""

    word: str
    sentence: str  # with {value} where it has one
    unit: str  # of the value; empty: it has none, `code`: the four digits of a Mode A code
    corroborates: str  # words that share this are one observation; empty: it makes nothing more certain


WORDS: Final = (
    Word("falling_to_zone", "It falls freely and comes down in the zone, expected in {value} s.", "s", ""),
    Word("inside_zone", "It is inside the zone.", "", ""),
    Word("heading_to_zone", "On its present course it enters the zone in {value} s.", "s", ""),
    Word("closing", "It comes nearer; on its present course it passes the zone at {value} m.", "m", ""),
    Word("no_velocity", "Its speed and course are not known.", "", ""),
    Word("low_and_slow", "It flies low and slowly, at a height of {value} m.", "m", ""),
    Word("unidentified", "It answers no interrogation.", "", ""),
    Word("fell_silent", "It answered before and has been silent for {value} s.", "s", "silence"),
    Word("off_route", "It answers, and is {value} m outside every corridor.", "m", "route"),
    Word("squawk_7500", "It says by code {value} that it is unlawfully interfered with.", "code", "code"),
    Word("squawk_7600", "It says by code {value} that its radio has failed.", "code", "code"),
    Word("squawk_7700", "It says by code {value} that it is in an emergency.", "code", "code"),
)
"""In the order in which reasons are listed. What corroborates is what an aircraft says itself, or what it
observably changed: a flock of birds is unidentified, low, slow and heading somewhere too."""
