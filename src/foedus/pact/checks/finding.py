"""What a check hands back."""

from collections.abc import Sequence
from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found: which check, how bad, which clauses, a situation that shows it, and what mends it.

    clauses: ids, `pact:ID` where several pacts are checked together; the smallest set that brings it about.
    witness: one plain sentence. change: the smallest change that would mend it, empty where there is none.
    """

    number: str
    severity: Literal["error", "warning", "note"]
    clauses: tuple[str, ...]
    witness: str
    change: str = ""


def listed(words: Sequence[str], last: str = "and") -> str:
    """The words as people list them: `A`, `A and B`, `A, B and C`."""
    return " ".join([", ".join(words[:-1]), last, words[-1]]) if len(words) > 1 else "".join(words)


def few(words: Sequence[str], most: int = 4) -> str:
    """As `listed`, with the rest counted where there are many."""
    if len(words) <= most + 1:
        return listed(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"
