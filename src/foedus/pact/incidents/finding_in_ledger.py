"""What is found on a claim from a ledger, from all of it or from the lines that the claim takes.

What is contested is undetermined, and both sides are given. What a claim leaves out is listed.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Final, NamedTuple

from foedus.errors import InputError
from foedus.pact.clauses import Pact
from foedus.pact.force import spoken_date
from foedus.pact.incidents.claim_document import Claim, Fault, Found, unknown
from foedus.pact.incidents.finding import Finding
from foedus.pact.incidents.ledger import (
    Clock,
    Contested,
    Entry,
    Evidence,
    Held,
    Noted,
    Opened,
    Turned,
    standings,
)
from foedus.pact.incidents.ledger_lines import digests_of
from foedus.pact.meaning.obligation import Stage

FROM_STAGE: Final[dict[Stage, Found]] = {
    Stage.FULFILLED: "fulfilled",
    Stage.VIOLATED: "violated",
    Stage.NOT_OWED: "not_owed",
    Stage.CREATED: "undetermined",
    Stage.IN_EFFECT: "undetermined",
    Stage.SUSPENDED: "undetermined",
    Stage.EXPIRED: "not_owed",
}


class _Line(NamedTuple):
    """One line of the ledger that counts."""

    number: int
    entry: Entry


def find_in_ledger(claim: Claim, entries: Sequence[Entry], *, file: str) -> Finding:
    """The finding on a claim from a ledger; the claim has no fault (fault_in_ledger)."""
    held = _known(claim, entries)
    (id_,) = _meant(claim, held)
    lines = _slice(claim, entries, held, id_)
    sliced = {one.obligation.id: one for one in standings([line.entry for line in lines], now=claim.at)}
    one = held[id_].obligation
    finding: Found = "undetermined"
    because = "the lines that the claim takes do not open it"
    about: list[int] = []
    if id_ in sliced:
        finding, because = _weighed(sliced[id_], claim)
        about = [lines[i - 1].number for i in _about(sliced, id_)]
    left_out = [number for number in _about(held, id_) if number not in about]
    return Finding(
        claim=claim.id,
        claimant=claim.claimant,
        against=one.debtor,
        pact=f"{one.pact} {one.version}",
        clause=one.clause,
        asked=claim.asked,
        finding=finding,
        because=because,
        lines=_spell_lines(entries, about, file),
        placeholders=one.placeholders,
        readings=(),
        left_out=_spell_lines(entries, left_out, file),
    )


def _weighed(held: Held, claim: Claim) -> tuple[Found, str]:
    """The finding that a stage and its disputes lead to, and why."""
    then = "" if claim.at is None else f" on {spoken_date(claim.at.astimezone(UTC))}"
    because = f"the ledger has it as {held.stage.value.replace('_', ' ')}{then}"
    if held.contested:
        because += f", contested by {'; '.join(position.says for position in held.contested)}"
        return "undetermined", because
    return FROM_STAGE[held.stage], because


def fault_in_ledger(claim: Claim, entries: Sequence[Entry], pact: Pact | None = None) -> Fault | None:
    """The first thing that the claim names and the ledger does not have; None where it has all.

    pact: the text under which the obligation should have been opened; None: whatever text.
    """
    known = _known(claim, entries)
    meant = _meant(claim, known)
    if len(meant) != 1:
        return _fault_of_meaning(claim, known, meant)
    one = known[meant[0]].obligation
    named = (
        ("claimant", claim.claimant, one.creditors),
        ("against", claim.against, (one.debtor,)),
        ("clause", claim.clause, (one.clause,)),
    )
    for key, word, words in named:
        if word not in words:
            return unknown((key,), word, list(words))
    if pact is not None and (pact.pact, pact.version) != (one.pact, one.version):
        expected = f"{one.pact} {one.version}, under which it was opened"
        return Fault(("pact",), f"{pact.pact} {pact.version}", expected)
    numbers = _numbers(entries)
    expected = f"a line from 1 to {len(entries)}, or its digest, or the SHA-256 of an evidence"
    strange = [index for index, name in enumerate(claim.entries) if name not in numbers]
    return Fault(("entries", strange[0]), repr(claim.entries[strange[0]]), expected) if strange else None


def _fault_of_meaning(claim: Claim, known: dict[str, Held], meant: list[str]) -> Fault:
    """The fault of a claim that means no obligation, or several."""
    if claim.obligation is not None:
        return unknown(("obligation",), claim.obligation, list(known))
    found = (
        f"{len(meant) or 'no'} obligations of {claim.against} under {claim.clause} toward {claim.claimant}"
    )
    some = f"the id of one of them, {', '.join(meant)}"
    return Fault(("obligation",), found, some if meant else f"one of {', '.join(known) or 'none at all'}")


def _known(claim: Claim, entries: Sequence[Entry]) -> dict[str, Held]:
    """Every obligation of the ledger, also those that the clock of the claim opens."""
    return {one.obligation.id: one for one in standings(entries, now=claim.at)}


def _meant(claim: Claim, known: dict[str, Held]) -> list[str]:
    """The obligations that the claim may mean."""
    if claim.obligation is not None:
        return [id_ for id_ in known if id_ == claim.obligation]
    return [
        one.id
        for one in [held.obligation for held in known.values()]
        if (one.clause, one.debtor) == (claim.clause, claim.against) and claim.claimant in one.creditors
    ]


def _numbers(entries: Sequence[Entry]) -> dict[int | str, list[int]]:
    """The lines that each name means: a number, the digest of a line, the SHA-256 of an evidence."""
    found: dict[int | str, list[int]] = {}
    for number, (entry, digest) in enumerate(zip(entries, digests_of(entries), strict=True), start=1):
        for name in (number, digest, *((entry.sha256,) if isinstance(entry, Evidence) else ())):
            found.setdefault(name, []).append(number)
    return found


def _slice(claim: Claim, entries: Sequence[Entry], held: dict[str, Held], id_: str) -> list[_Line]:
    """The lines that count, of those about the obligation and about those from which it follows.

    The line that opened the first of them always counts. A line about one that the lines before it do not
    open says nothing here.
    """
    numbers = _numbers(entries)
    taken = {number for name in claim.entries for number in numbers[name]}
    chain = [id_]
    while held[chain[-1]].opened_by:
        chain.append(held[chain[-1]].opened_by)
    root = held[chain[-1]]
    lines: list[_Line] = []
    for number, entry in enumerate(entries, start=1):
        counts = not claim.entries or number in taken or number == root.lines[0]
        if counts and _may_follow(entry, chain, lines) and (claim.at is None or entry.at <= claim.at):
            lines.append(_Line(number, entry))
    return lines


def _may_follow(entry: Entry, chain: Sequence[str], lines: Sequence[_Line]) -> bool:
    """Whether an entry is about the chain, whose last is opened by an entry, and fits after those lines."""
    if isinstance(entry, Clock):
        return True
    id_ = entry.obligation.id if isinstance(entry, Opened) else entry.id
    if id_ == chain[-1] or id_ not in chain:
        return id_ in chain
    try:
        standings([*(line.entry for line in lines), entry])
    except InputError:
        return False
    return True


def _about(held: dict[str, Held], id_: str) -> tuple[int, ...]:
    """The lines that are about it, else about the one that opened it."""
    one = held[id_]
    while not one.lines:
        one = held[one.opened_by]
    return one.lines


def _spell_lines(entries: Sequence[Entry], numbers: Sequence[int], file: str) -> tuple[str, ...]:
    return tuple(f"{file}:{number}: {_spell_entry(entries[number - 1])}" for number in numbers)


def _spell_entry(entry: Entry) -> str:
    """One entry in words."""
    match entry:
        case Opened():
            return f"opened {entry.obligation.id}: {entry.obligation.because}"
        case Evidence():
            done = "it was not done" if entry.done is None else f"done by {entry.done[1].isoformat()}"
            return f"{entry.form} by {entry.by}, {done}, SHA-256 {entry.sha256[:16]}"
        case Contested():
            return f"contested by {entry.by}: {entry.says}"
        case Noted():
            return f"noted by {entry.by}: {entry.says}"
        case Turned():
            return f"{entry.to.replace('_', ' ')} by {entry.by}"
        case Clock():
            return f"the clock was read at {entry.at.isoformat()}"
