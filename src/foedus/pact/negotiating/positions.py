"""The document of a negotiation: a draft with brackets, what else is on the table, and what each side wants.

What a term is about stays text: nothing here knows more of `NUCLEAR` than who gives it and what it is linked
with. A document says whose positions are `stylised`, that is, invented.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec

from foedus.document import Place, error_at, name_found, parse_document, read_text, suggest
from foedus.limits import REQUIREMENTS_MAX, TERMS_MAX
from foedus.pact.clauses import Id, Pact, Sentence
from foedus.pact.negotiating.statements import Fault, Statement, parse_statement
from foedus.pact.reading.text import read_pact
from foedus.pact.words import Evidence

Status = Literal["open", "agreed", "dropped"]
"""Where a demand or concession stands; what is dropped counts no more."""

Cost = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
"""Whole numbers, costs as well as weights, so that sums compare exactly."""

WEIGHT_MAX = 1_000


class PackageTerm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something outside the draft that goes with it. What it is about stays text."""

    id: Id
    says: Sentence
    by: str
    """Who gives it."""


class Demand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement that must hold for the party to agree."""

    statement: Sentence
    says: Sentence
    status: Status = "open"


class Concession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A term that the party offers, and what it costs the party."""

    term: str
    cost: Cost
    status: Status = "open"


class RedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement that must not hold for the party to agree."""

    statement: Sentence
    says: Sentence


class Preference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement that the party likes to hold. weight: how much; none where the order alone counts."""

    statement: Sentence
    weight: int | None = None


class Position(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one side wants, offers and refuses.

    compare: `weight` adds up the weights of what holds and takes off the costs of what the party gives;
    `order` goes by the first preference in which two packages differ, and by the costs last.
    """

    party: str
    basis: Evidence
    compare: Literal["weight", "order"] = "weight"
    demand: tuple[Demand, ...] = ()
    concession: tuple[Concession, ...] = ()
    red_line: tuple[RedLine, ...] = ()
    preference: tuple[Preference, ...] = ()


class Link(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where all of `if` holds, all of `then` must hold. by: who insists; empty: nobody disputes it."""

    id: Id
    says: Sentence
    given: Annotated[tuple[Sentence, ...], msgspec.Meta(min_length=1)] = msgspec.field(name="if")
    then: Annotated[tuple[Sentence, ...], msgspec.Meta(min_length=1)]
    by: str = ""


class Positions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole negotiation."""

    foedus: Literal[1]
    negotiation: Id
    title: Sentence
    date: date
    draft: Sentence
    """The pact file, relative to this one."""
    note: Sentence
    position: Annotated[tuple[Position, ...], msgspec.Meta(min_length=2)]
    term: tuple[PackageTerm, ...] = ()
    link: tuple[Link, ...] = ()

    def parse(self, text: str, draft: Pact) -> Statement:
        """The statement in those words, which reading has checked."""
        statement = parse_statement(text, draft, self.terms)
        assert isinstance(statement, Statement)
        return statement

    @property
    def terms(self) -> tuple[str, ...]:
        """The ids of all terms."""
        return tuple(term.id for term in self.term)


class Negotiation(NamedTuple):
    """A document with the draft that it names."""

    positions: Positions
    draft: Pact


def read_positions(path: Path) -> Negotiation:
    """The negotiation in a file, and its draft; DocumentError for the first mistake in either."""
    text = read_text(path)
    file = str(path)
    positions = parse_document(text, Positions, file=file)
    draft = read_pact(path.parent / positions.draft)
    check_positions(positions, draft, text=text, file=file)
    return Negotiation(positions, draft)


def parse_positions(text: str, draft: Pact, *, file: str) -> Positions:
    """The negotiation in a TOML text about that draft; DocumentError for the first mistake."""
    positions = parse_document(text, Positions, file=file)
    check_positions(positions, draft, text=text, file=file)
    return positions


class Mistake(NamedTuple):
    """One thing that makes no sense, and where."""

    place: Place
    found: str
    expected: str


def check_positions(positions: Positions, draft: Pact, *, text: str, file: str) -> None:
    """Nothing; DocumentError for the first thing in the document that makes no sense with that draft."""
    mistake = next(_mistakes(positions, draft), None)
    if mistake is not None:
        raise error_at(text, mistake.place, file=file, found=mistake.found, expected=mistake.expected)


def _mistakes(positions: Positions, draft: Pact) -> Iterator[Mistake]:
    if not draft.bracket and not positions.term:
        yield Mistake(
            ("draft",),
            f"{draft.pact} without open brackets",
            "a draft with brackets, or terms to bargain over",
        )
    yield from _sides(positions, draft)
    yield from _terms(positions, draft)
    yield from _statements(positions, draft)
    yield from _offers(positions)
    yield from _weights(positions)
    yield from _sizes(positions)


def _sides(positions: Positions, draft: Pact) -> Iterator[Mistake]:
    known = [*(party.id for party in draft.party), *(state.id for state in draft.state)]
    seen: list[str] = []
    for index, position in enumerate(positions.position):
        place = ("position", index, "party")
        if position.party not in known:
            expected = f"a party or state of the draft: {suggest(position.party, known)}"
            yield Mistake(place, name_found(position.party), expected)
        if position.party in seen:
            yield Mistake(place, f"{position.party} again", "one position for each side")
        seen.append(position.party)
    for index, link in enumerate(positions.link):
        if link.by and link.by not in seen:
            yield Mistake(("link", index, "by"), name_found(link.by), f"a side: {suggest(link.by, seen)}")


def _terms(positions: Positions, draft: Pact) -> Iterator[Mistake]:
    sides = [position.party for position in positions.position]
    taken = [bracket.id for bracket in draft.bracket]
    for index, term in enumerate(positions.term):
        if term.by not in sides:
            yield Mistake(("term", index, "by"), name_found(term.by), f"a side: {suggest(term.by, sides)}")
        if term.id in taken:
            yield Mistake(
                ("term", index, "id"), f"{term.id} again", "an id of its own among terms and brackets"
            )
        taken.append(term.id)
    ids: list[str] = []
    for index, link in enumerate(positions.link):
        if link.id in ids:
            yield Mistake(("link", index, "id"), f"{link.id} again", "an id of its own")
        ids.append(link.id)


def _statements(positions: Positions, draft: Pact) -> Iterator[Mistake]:
    seen: list[tuple[Place, str]] = []
    for place, words in _all_statements(positions):
        statement = parse_statement(words, draft, positions.terms)
        if isinstance(statement, Fault):
            yield Mistake(place, statement.found, statement.expected)
        if (place[:3], words) in seen:
            yield Mistake(place, f"{words!r} again", "each at most once")
        seen.append((place[:3], words))


def _all_statements(positions: Positions) -> Iterator[tuple[Place, str]]:
    for index, position in enumerate(positions.position):
        rows: tuple[tuple[str, Sequence[Demand | RedLine | Preference]], ...] = (
            ("demand", position.demand),
            ("red_line", position.red_line),
            ("preference", position.preference),
        )
        for name, entries in rows:
            for row, entry in enumerate(entries):
                yield ("position", index, name, row, "statement"), entry.statement
    for index, link in enumerate(positions.link):
        for row, words in enumerate(link.given):
            yield ("link", index, "if", row), words
        for row, words in enumerate(link.then):
            yield ("link", index, "then", row), words


def _offers(positions: Positions) -> Iterator[Mistake]:
    """A party offers each of its own terms at most once."""
    for index, position in enumerate(positions.position):
        own = [term.id for term in positions.term if term.by == position.party]
        seen: list[str] = []
        for row, offer in enumerate(position.concession):
            place = ("position", index, "concession", row, "term")
            if offer.term not in own:
                expected = f"a term that {position.party} gives: {suggest(offer.term, own)}"
                yield Mistake(place, name_found(offer.term), expected)
            if offer.term in seen:
                yield Mistake(place, f"{offer.term} again", "each at most once")
            seen.append(offer.term)


def _weights(positions: Positions) -> Iterator[Mistake]:
    for index, position in enumerate(positions.position):
        for row, preference in enumerate(position.preference):
            weighed = position.compare == "weight"
            if (preference.weight is None) == weighed:
                found = "no weight" if weighed else f"weight {preference.weight}"
                expected = (
                    "a weight, as compare = 'weight' adds them up"
                    if weighed
                    else "no weight, as compare = 'order' goes by the order"
                )
                yield Mistake(("position", index, "preference", row), found, expected)
            if preference.weight is not None and not 1 <= preference.weight <= WEIGHT_MAX:
                yield Mistake(
                    ("position", index, "preference", row, "weight"),
                    name_found(preference.weight),
                    f"a whole number from 1 to {WEIGHT_MAX}; `not` turns a statement round",
                )


def _sizes(positions: Positions) -> Iterator[Mistake]:
    if len(positions.term) > TERMS_MAX:
        yield Mistake(("term",), f"{len(positions.term)} terms", f"at most {TERMS_MAX}")
    asked = sum(len(one.demand) + len(one.red_line) for one in positions.position)
    asked += len(positions.link) + len(positions.term)
    if asked > REQUIREMENTS_MAX:
        yield Mistake(
            ("position",),
            f"{asked} demands, red lines, links and terms",
            f"at most {REQUIREMENTS_MAX} in all",
        )


def without(positions: Positions, term: str) -> Positions:
    """The same negotiation after the concession of that term has been dropped."""
    return msgspec.structs.replace(
        positions,
        position=tuple(
            msgspec.structs.replace(
                position,
                concession=tuple(
                    msgspec.structs.replace(offer, status="dropped") if offer.term == term else offer
                    for offer in position.concession
                ),
            )
            for position in positions.position
        ),
    )
