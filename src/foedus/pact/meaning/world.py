"""The world in which pacts are checked: who can hold which tracks, further states and ties, recorded facts.

A world is a TOML file with a closed schema like the pact. docs/pact.md is the reference for people.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from foedus.document import error_at, name_found, parse_document, suggest
from foedus.limits import MEMBERS_MAX
from foedus.model import TrackClass
from foedus.pact.clauses import Id, Pact, Sentence, State
from foedus.pact.force import Fact
from foedus.pact.meaning.situation import UNATTRIBUTED


class Holder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party whose own sensors can hold tracks of these classes when these attackers come.

    classes: empty, any. against: ids of attackers or `any`.
    """

    party: Id
    classes: tuple[TrackClass, ...] = ()
    against: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("any",)
    text: Sentence = "none"


class Tie(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether two states have diplomatic relations; it stands above what the texts say."""

    between: tuple[Id, Id]
    relations: bool


class World(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A world file. Without holders every party with sensors is tried as the only one that holds a track;
    with holders all that are named for a situation hold it together. pacts: files that are in play too.
    """

    foedus: Literal[1] = 1
    world: Id = "world"
    at: datetime | None = None
    pacts: Annotated[tuple[Sentence, ...], msgspec.Meta(max_length=MEMBERS_MAX)] = ()
    holder: Annotated[tuple[Holder, ...], msgspec.Meta(max_length=MEMBERS_MAX * 8)] = ()
    state: Annotated[tuple[State, ...], msgspec.Meta(max_length=MEMBERS_MAX)] = ()
    tie: tuple[Tie, ...] = ()
    fact: tuple[Fact, ...] = ()


class _WorldFile(World, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same with the two keys that a file must have."""

    foedus: Literal[1]
    world: Id


def parse_world(text: str, *, file: str) -> World:
    """The world in a TOML text; DocumentError with line and path for the first mistake."""
    world = parse_document(text, _WorldFile, file=file)
    for i, tie in enumerate(world.tie):
        if tie.between[0] == tie.between[1]:
            raise error_at(
                text,
                ("tie", i, "between"),
                file=file,
                found=f"{tie.between[0]} twice",
                expected="two different states",
            )
    return world


def check_names(world: World, pacts: tuple[Pact, ...], *, text: str, file: str) -> None:
    """Nothing; DocumentError where the world names a party or state that no text has."""
    parties = [party.id for pact in pacts for party in pact.party]
    states = [*parties, *(state.id for pact in pacts for state in pact.state), *(s.id for s in world.state)]
    for i, holder in enumerate(world.holder):
        if holder.party not in parties:
            raise error_at(
                text,
                ("holder", i, "party"),
                file=file,
                found=name_found(holder.party),
                expected=suggest(holder.party, list(dict.fromkeys(parties))),
            )
        for j, word in enumerate(holder.against):
            allowed = list(dict.fromkeys(["any", UNATTRIBUTED, *states]))
            if word not in allowed:
                raise error_at(
                    text,
                    ("holder", i, "against", j),
                    file=file,
                    found=name_found(word),
                    expected=suggest(word, allowed),
                )
