"""Threat and warning: which track will enter which zone, who must be told, and what became of it."""
