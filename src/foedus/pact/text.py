"""The pact as people write it: TOML in, a checked `Pact` out. docs/pact.md is its reference.

A clause kind that foedus does not know, a key it does not know and a value outside its list are errors:
nothing of a pact is ever read past.
"""

from pathlib import Path

from foedus.document import parse_document, read_text
from foedus.pact.clauses import Pact
from foedus.pact.validate import validate

__all__ = ["Pact", "parse_pact", "read_pact"]


def parse_pact(text: str, *, file: str) -> Pact:
    """The pact in a TOML text, checked in itself; DocumentError with line and path for the first mistake."""
    pact = parse_document(text, Pact, file=file)
    validate(pact, text=text, file=file)
    return pact


def read_pact(path: Path) -> Pact:
    """The pact in a file."""
    return parse_pact(read_text(path), file=str(path))
