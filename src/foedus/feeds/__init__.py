"""Bytes from sensors to plots."""
