"""Plots to tracks, and tracks of several owners to one picture."""

from foedus.track.convert import reports_to_tracks
from foedus.track.fuse import Fuser, Source
from foedus.track.place import Placer
from foedus.track.tracker import Tracker, TrackerCounts

__all__ = ["Fuser", "Placer", "Source", "Tracker", "TrackerCounts", "reports_to_tracks"]
