"""Threats to zones, and the warnings they raise."""
