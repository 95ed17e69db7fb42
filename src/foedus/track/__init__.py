"""Plots to tracks, and tracks of several owners to one picture."""

from foedus.track.tracker import Tracker, TrackerCounts

__all__ = ["Tracker", "TrackerCounts"]
