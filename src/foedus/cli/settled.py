"""Pacts from files for questions that need a text without open brackets."""

from pathlib import Path

from foedus.errors import DocumentError
from foedus.pact.clauses import Pact
from foedus.pact.reading.text import read_pact
from foedus.pact.variants import expand


def variants_in(file: Path) -> tuple[Pact, ...]:
    """The pact in a file; of a draft with open brackets, every text that it can become."""
    return expand(read_pact(file))


def settled_in(file: Path) -> Pact:
    """The pact in a file; DocumentError for a draft that still leaves a choice."""
    pact = read_pact(file)
    if pact.bracket:
        found = f"open brackets ({', '.join(bracket.id for bracket in pact.bracket)})"
        expected = "a text in which every choice is made (foedus pact expand --choose)"
        raise DocumentError(file=str(file), line=0, path="bracket", found=found, expected=expected)
    return pact
