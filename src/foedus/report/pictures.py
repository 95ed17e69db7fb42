"""What the figures of a report show, as plain values: the time line of a capital, the way of each warning."""

from collections.abc import Sequence
from typing import Final

from foedus.drill.keeping import Kept
from foedus.drill.outcome import NS_PER_MINUTE
from foedus.report.blocks import Lane, Latency, Mark, Steps, Timeline, clean
from foedus.report.tables import WarningRow

STEPS_MAX: Final = 40
"""Lines of one figure; a page holds no more that can be read. The table beside it has all."""

MARKS_MAX: Final = 200
"""Marks of one lane."""


def capitals(kept: Kept) -> tuple[str, ...]:
    """Members at which something arrived or that were warned, in the order of the drill."""
    run = kept.run
    reached = [one.member for one in run.outcomes]
    reached += [one.member for one in run.warned if one.direction != "sent"]
    return tuple(member for member in run.members if member in reached)


def timeline(kept: Kept, member: str) -> Timeline:
    """The time line of one capital: the events, what it knew and was shown, what its people did."""
    run = kept.run
    outcomes = [one for one in run.outcomes if one.member == member]
    events = {one.id: one for one in run.truth.events}
    warned = [one for one in run.warned if one.member == member and one.direction != "sent"]
    knew = [one for one in outcomes if one.known_ns]
    lanes = {
        "event": [("begins", events[one.event].at_ns, one.event) for one in outcomes if one.event in events]
        + [("arrival", one.arrival_ns, one.event) for one in outcomes],
        "known": [("known", one.known_ns, f"{one.event}, from {one.known_from}") for one in knew],
        "shown": [("shown", one.shown_ns, one.party or "itself") for one in warned],
        "acknowledged": [("acknowledged", one.acknowledged_ns, one.party or "itself") for one in warned],
        "facts": [("fact", one.at_ns, f"{one.what} {one.of} {one.says}".strip()) for one in run.told],
    }
    start_ns = run.truth.start_ns
    drawn = tuple(
        Lane(
            name,
            tuple(
                Mark((at_ns - start_ns) / NS_PER_MINUTE, kind, clean(words))
                for kind, at_ns, words in marks[:MARKS_MAX]
                if at_ns
            ),
        )
        for name, marks in lanes.items()
    )
    return Timeline(
        caption=f"{member}: minutes since the start of the drill",
        words=_words(member, drawn),
        lanes=drawn,
        from_min=0.0,
        to_min=(run.truth.end_ns - start_ns) / NS_PER_MINUTE,
    )


def _words(member: str, lanes: tuple[Lane, ...]) -> str:
    parts = []
    for lane in lanes:
        first = sorted(lane.marks, key=lambda one: one.at_min)[:6]
        named = ", ".join(f"{one.kind} {one.name} at {one.at_min:.1f}" for one in first)
        more = len(lane.marks) - len(first)
        parts.append(f"{lane.name}: {named or 'nothing'}{f', and {more} more' if more > 0 else ''}")
    return f"Time line of {member} in minutes. " + "; ".join(parts) + "."


def latency(received: Sequence[WarningRow]) -> Latency:
    """The way of each warning from one member to another."""
    shown = received[:STEPS_MAX]
    left_out = len(received) - len(shown)
    return Latency(
        caption="Seconds from raised to stored, shown and acknowledged"
        + (f"; the first {STEPS_MAX} of {len(received)}" if left_out else ""),
        words=f"One line for each of {len(shown)} warnings; the table below has the same numbers.",
        steps=tuple(
            Steps(
                clean(f"{one.party} → {one.member} {one.warning}"),
                one.stored_s,
                one.shown_s,
                one.acknowledged_s,
            )
            for one in shown
        ),
    )
