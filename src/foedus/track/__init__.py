"""Plots to tracks, and tracks of several owners to one picture."""
