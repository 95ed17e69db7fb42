"""Drafts with open brackets and positions: what all can accept, what blocks, what decides."""
