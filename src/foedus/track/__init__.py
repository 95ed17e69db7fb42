"""Plots to tracks, and tracks of several owners to one picture."""

from foedus.track.fuse import Fuser, reports_to_tracks
from foedus.track.place import Placer
from foedus.track.tracker import Tracker, TrackerCounts

__all__ = ["Fuser", "Placer", "Tracker", "TrackerCounts", "reports_to_tracks"]
