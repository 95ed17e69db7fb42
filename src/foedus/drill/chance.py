"""Every number drawn in a drill: a generator for each purpose, made from what is played and the seed.

Nothing is drawn from a common stream, so that no draw depends on what else was drawn: the same truth meets
the same errors under every pact.
"""

import hashlib

import numpy as np


class Chance:
    """Generators of one run. digest: of the drill (hex)."""

    def __init__(self, digest: str, seed: int) -> None:
        self._root = f"{digest}/{seed}"

    def generator(self, *purpose: str | int) -> np.random.Generator:
        """The generator for a purpose; the same whenever and however often it is asked for."""
        name = "/".join([self._root, *map(str, purpose)])
        return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"))
