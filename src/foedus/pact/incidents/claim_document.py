"""Claims as documents: who says that who owed it what, under which clause, on which slice of the evidence.

A claim rests on an incident, then its slice is whose word is taken, or on a ledger, then its slice is which
lines count. docs/incident.md is the reference for people.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple

import msgspec

from foedus.document import Place, error_at, name_found, parse_document, suggest
from foedus.errors import DocumentError
from foedus.pact.clauses import Id, Sentence

Found = Literal["fulfilled", "violated", "not_owed", "undetermined"]


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One claim. Files are named from the folder of the document.

    asked: the finding that the claimant asks for; nothing is weighed by it.
    pact, add_clause: the text, with clauses that are read as if they stood in it; with a ledger the one under
    which the obligation was opened, or none.
    incident: what the accounts say.
    known, done, attackers: the accounts whose word is taken on what the debtor knew and on what it did, and
    the attributions; what is empty is all. as_if: as if zero had been on that day.
    ledger, obligation: the obligation in it; left out where clause and debtor name only one.
    entries: the lines that count, by number, by their digest or by the SHA-256 of an evidence; empty is all.
    at: the ledger as it stood then, with the clock read; left out: all of it, and no clock but the recorded.
    """

    id: Id
    claimant: str
    against: str
    clause: str
    asked: Found
    says: Sentence = "none"
    incident: str | None = None
    pact: str | None = None
    add_clause: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    attackers: tuple[str, ...] = ()
    as_if: date | None = None
    ledger: str | None = None
    obligation: str | None = None
    entries: tuple[int | str, ...] = ()
    at: datetime | None = None


class _Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    foedus: Literal[1]
    title: Sentence
    claim: Annotated[tuple[Claim, ...], msgspec.Meta(min_length=1, max_length=64)]
    note: Sentence = "none"


class Fault(NamedTuple):
    """Something that a claim names and its evidence does not have."""

    place: Place  # inside the claim
    found: str
    expected: str


class ClaimFile(NamedTuple):
    """The claims of a document, in its order."""

    title: str
    claims: tuple[Claim, ...]
    file: str
    text: str

    def error(self, index: int, fault: Fault) -> DocumentError:
        """The error for a fault in one of the claims, with its line."""
        place = ("claim", index, *fault.place)
        return error_at(self.text, place, file=self.file, found=fault.found, expected=fault.expected)


def parse_claims(text: str, *, file: str) -> ClaimFile:
    """The claims in a TOML text; DocumentError with line and path for the first mistake."""
    parsed = parse_document(text, _Claims, file=file)
    found = ClaimFile(parsed.title, parsed.claim, file, text)
    for index, claim in enumerate(found.claims):
        if claim.id in [one.id for one in found.claims[:index]]:
            raise found.error(index, Fault(("id",), f"{claim.id} again", "an id of its own"))
        for fault in _faults(claim):
            raise found.error(index, fault)
    return found


OF_AN_INCIDENT = ("known", "done", "attackers", "as_if")
OF_A_LEDGER = ("obligation", "entries", "at")
"""The keys that say something only where the claim rests on that."""


def _faults(claim: Claim) -> Iterator[Fault]:
    """What is wrong with the keys of one claim."""
    if (claim.incident is None) == (claim.ledger is None):
        found = "neither incident nor ledger" if claim.ledger is None else "incident and ledger"
        yield Fault((), found, "one of the two, on which the claim rests")
    if claim.incident is not None and claim.pact is None:
        yield Fault((), "no key 'pact'", "the pact by which the incident is judged")
    if claim.add_clause and claim.pact is None:
        yield Fault(("add_clause",), "no key 'pact'", "the pact in which the clauses are read")
    rests, strange = ("an incident", OF_A_LEDGER) if claim.ledger is None else ("a ledger", OF_AN_INCIDENT)
    for key in strange:
        if getattr(claim, key) not in (None, ()):
            yield Fault((key,), f"{key} of a claim that rests on {rests}", "a key that says something there")
    if claim.at is not None and claim.at.tzinfo is None:
        expected = "an offset from UTC at its end, such as 2018-08-01T00:00:00Z"
        yield Fault(("at",), name_found(claim.at), expected)


def unknown(place: Place, word: str, known: list[str]) -> Fault:
    """The fault of a word that is none of those known there."""
    return Fault(place, name_found(word), suggest(word, known))
