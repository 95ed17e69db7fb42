"""What went less than well in one run, found in what it left behind, and what each party might improve.

Most are arithmetic on the records. Where the run keeps the bytes of its messages, the judge reads them too.
"""

from collections.abc import Iterator

import msgspec

from foedus.drill.keeping import Kept
from foedus.drill.outcome import NS_PER_MINUTE, Outcome, Warned
from foedus.drill.stations import text_played
from foedus.judge.judge import judge
from foedus.pact.reading.text import parse_pact
from foedus.report.ratings import Rating

TOGETHER = "all parties"
"""Owner of what only a change of the text, which is theirs together, would take away."""

LOST_MIN = 0.5
"""Minutes lost to one term that are worth an item; below, delays and rounding play as large a part."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was missing, wrong or late."""

    number: int
    kind: str
    at_ns: int  # 0: at no one instant
    party: str  # whose it is to look into
    clause: str  # empty: none
    found: str
    item: str  # what that party might do; a suggestion, to be decided by people


def findings(kept: Kept, ratings: tuple[Rating, ...]) -> tuple[Finding, ...]:
    """Everything found, in order of kind, then time; numbered from 1."""
    found = [
        *_judged(kept),
        *_unwarned(kept),
        *_lost(kept),
        *_false(kept),
        *_undelivered(kept),
        *_refused(kept),
        *_unmet(ratings),
    ]
    return tuple(msgspec.structs.replace(one, number=number) for number, one in enumerate(found, 1))


def is_judged(kept: Kept) -> bool:
    """Whether the run keeps what the judge needs: the bytes of every message."""
    return bool(kept.run.sent) and all(one.body for one in kept.run.sent)


def _judged(kept: Kept) -> Iterator[Finding]:
    if not is_judged(kept):
        return
    text = text_played(kept.drill, parse_pact(kept.pact, file=kept.run.pact))
    for one in judge(text, kept.run):
        message = f", message {one.sequence}" if one.sequence else ""
        yield _finding(
            f"judge: {one.kind}",
            one.who,
            f"{one.who} to {one.to}{message} ({one.rule}): {one.says}",
            "Read the message and the clause; say whether node, text or judge is wrong.",
            clause=one.clause,
            at_ns=one.at_ns,
        )


def _finding(kind: str, party: str, found: str, item: str, *, clause: str = "", at_ns: int = 0) -> Finding:
    return Finding(number=0, kind=kind, at_ns=at_ns, party=party, clause=clause, found=found, item=item)


# ---------------------------------------------------------------- warnings that came late or never


def _unwarned(kept: Kept) -> Iterator[Finding]:
    for one in kept.run.outcomes:
        if one.arrival_ns == 0 or 0 < one.shown_ns <= one.arrival_ns:
            continue
        when = "never" if one.shown_ns == 0 else f"{_since_min(one):.1f} minutes after arrival"
        knew = f"it was known there from {one.known_from}" if one.known_ns else "nobody there knew either"
        yield _finding(
            "not warned in time",
            one.member,
            f"{one.member}, event {one.event}: a warning was on the screen {when}; {knew}.",
            "Own sensors and own screens: see whether this capital could have warned itself.",
            at_ns=one.arrival_ns,
        )


def _since_min(one: Outcome) -> float:
    return (one.shown_ns - one.arrival_ns) / NS_PER_MINUTE


def _lost(kept: Kept) -> Iterator[Finding]:
    for loss in kept.losses:
        for cost in loss.costs:
            if cost.gained_min is not None and cost.gained_min < LOST_MIN:
                continue
            much = (
                ""
                if cost.gained_min is None
                else f"{cost.gained_min:.1f} minutes, by playing again without it"
            )
            yield _finding(
                "minutes lost to the text",
                TOGETHER,
                f"{loss.member}, event {loss.event}: {cost.term}: {cost.found}"
                f" ({much or 'by the text alone; not played again'}).",
                f"Weigh {cost.term} against what it protects; `foedus drill run` plays a text without it.",
                clause=cost.clause,
            )


def _false(kept: Kept) -> Iterator[Finding]:
    for one in _at_screens(kept):
        if not one.target and one.shown_ns:
            warner = one.member if one.direction == "own" else one.party
            yield _finding(
                "false warning",
                warner,
                f"{one.member} was shown a warning of {one.track_class or 'something'} into {one.zone} by"
                f" {warner}; nothing in the script flew there. Its state at the end: {one.state.lower()}.",
                "Look at the plots behind it, and at how soon it was called off.",
                clause=one.clause,
                at_ns=one.shown_ns,
            )


def _at_screens(kept: Kept) -> tuple[Warned, ...]:
    return tuple(one for one in kept.run.warned if one.direction != "sent")


# ---------------------------------------------------------------- delivery


def _undelivered(kept: Kept) -> Iterator[Finding]:
    for one in kept.run.warned:
        if one.direction == "sent" and one.stored_ns == 0:
            yield _finding(
                "not stored",
                one.member,
                f"{one.member} never learned that its warning {one.warning} was on the disk of {one.party}.",
                "Look at the link, and whether another way was open.",
                clause=one.clause,
                at_ns=one.raised_ns,
            )
        elif one.direction != "sent" and one.shown_ns == 0:
            yield _finding(
                "not shown",
                one.member,
                f"Warning {one.warning} reached {one.member} and was on no screen.",
                "Look at the watch and its console.",
                clause=one.clause,
                at_ns=one.stored_ns or one.raised_ns,
            )
        elif one.direction != "sent" and one.acknowledged_ns == 0:
            yield _finding(
                "not acknowledged",
                one.member,
                f"Nobody at {one.member} acknowledged warning {one.warning}, on the screen until the end.",
                "Say who acknowledges, and within what time.",
                clause=one.clause,
                at_ns=one.shown_ns,
            )


def _refused(kept: Kept) -> Iterator[Finding]:
    for one in kept.run.decided:
        if one.refused:
            yield _finding(
                "held back by the guard",
                one.sender,
                f"The guard of {one.sender} refused {one.messages} {one.kind} to {one.recipient}"
                f"{f' under {one.asked}' if one.asked else ''}: {one.refused}.",
                "Find why the node wanted to send what the text does not allow.",
                clause=one.clause,
            )


def _unmet(ratings: tuple[Rating, ...]) -> Iterator[Finding]:
    for one in ratings:
        if one.letter in ("M", "U"):
            _, _, member = one.measure.partition(" ")
            yield _finding(
                "objective not met",
                member or TOGETHER,
                f"Objective {one.objective} ({one.says}) is rated {one.letter}.",
                "Train or change what its measure turns on, and play the drill again.",
            )
