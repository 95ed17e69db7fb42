"""Scoring pictures against the truth: GOSPA, SIAP, consistency. Importing this does not import numba."""
