"""The script beside what the records show: for each inject, what happened to whom it went to afterwards."""

from collections.abc import Iterator
from typing import Final

import msgspec

from foedus.drill.keeping import Kept
from foedus.drill.outcome import Played
from foedus.model import SECOND_NS

AFTER_NS: Final = 300 * SECOND_NS
"""Five minutes: what came later is hardly an answer to the inject."""

SHOWN_MAX: Final = 4
"""Things named for one inject; the rest is counted."""


class ScriptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One inject as played."""

    number: str
    at_ns: int
    why: str
    to: str
    event: str
    expected: str
    happened: str


def script_rows(kept: Kept) -> tuple[ScriptRow, ...]:
    """Every inject, in the order of the script; those not played with the reason."""
    injects = {one.number: one for one in kept.drill.inject}
    rows = []
    for one in kept.run.played:
        inject = injects.get(one.number)
        rows.append(
            ScriptRow(
                number=one.number,
                at_ns=one.at_ns,
                why=one.why,
                to=one.to,
                event=(inject.event or inject.inject) if inject else one.inject,
                expected=inject.expected if inject else "",
                happened=_happened(kept, one),
            )
        )
    return tuple(rows)


def _happened(kept: Kept, inject: Played) -> str:
    if inject.at_ns == 0:
        return "-"
    found = sorted(
        (at_ns, words)
        for at_ns, words in _records(kept, inject.to)
        if inject.at_ns < at_ns <= inject.at_ns + AFTER_NS
    )
    if not found:
        return "nothing"
    parts = [
        f"{words} after {(at_ns - inject.at_ns) / SECOND_NS:.0f} s" for at_ns, words in found[:SHOWN_MAX]
    ]
    more = len(found) - SHOWN_MAX
    return "; ".join(parts) + (f"; and {more} more" if more > 0 else "")


def _records(kept: Kept, to: str) -> Iterator[tuple[int, str]]:
    """(instant, words) of what concerns the member; of everybody where `to` is no member."""
    everybody = to not in kept.run.members
    for one in kept.run.warned:
        if one.direction == "sent" or not (everybody or one.member == to):
            continue
        by = "itself" if one.direction == "own" else one.party
        yield one.shown_ns, f"{one.member} is shown a warning by {by}"
        yield one.acknowledged_ns, f"{one.member} acknowledges it"
    for fact in kept.run.told:
        if everybody or fact.by == to:
            yield (
                fact.at_ns,
                f"{fact.what} {fact.of} {fact.says}".strip() + (f" by {fact.by}" if fact.by else ""),
            )
