"""Recorded and simulated truth, and the sensors that see it."""
