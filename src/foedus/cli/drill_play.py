"""How the commands that measure a drill play it: with the bytes of messages, and a line on standard error."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from foedus.drill.outcome import Run, UmpireAct
    from foedus.drill.text import Drill
    from foedus.pact.clauses import Pact


class Played:
    """Plays a drill under a text, and counts how often it did. name: of the pact, as it was asked for."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.count = 0

    def __call__(self, drill: "Drill", pact: "Pact", seed: int, acts: "Sequence[UmpireAct]" = ()) -> "Run":
        """The run."""
        from foedus.drill.simulation import play

        self.count += 1
        click.echo(f"{self.count}: playing {drill.drill} under {pact.pact}, seed {seed} ...", err=True)
        return play(drill, pact, name=self._name, seed=seed, acts=acts)
