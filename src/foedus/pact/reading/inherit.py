"""A text that is a copy of another: what it takes over from it, and what has changed there since.

The clauses, zones, words, milestones, states, brackets and sources of the upstream text stand in the copy,
unless it drops them (`based_on.drop`) or writes a row with the same id anew. Head, parties, `no_ties` and the
lists of adversaries are the copy's own. `based_on.rename` turns ids of parties and states upstream into ours,
wherever a clause, zone or milestone refers to them; sentences stay as they are.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from foedus.document import Place
from foedus.pact.clauses import Clause, Pact

TABLES: Final = (
    ("source", "key"),
    ("state", "id"),
    ("zone", "id"),
    ("bracket", "id"),
    ("milestone", "id"),
    ("clause", "id"),
)
"""The tables that a copy takes over, with the key by which a row is known."""

ID_FIELDS: Final = (
    "accepted_by",
    "against",
    "as_to",
    "attacker",
    "by",
    "called_by",
    "determined_by",
    "disclose_to",
    "giver",
    "loci",
    "observers",
    "of",
    "originator",
    "owner",
    "pairs",
    "rel_to",
    "taker",
    "to",
    "toward",
    "via",
    "victim",
    "who",
)
"""Fields that hold ids of parties and states, whatever struct they are in."""

DIGEST_DIGITS: Final = 16


class Row(NamedTuple):
    """Where a row of a copy stands: in its own text or upstream, and at which place of that table."""

    upstream: bool
    place: int


class Merged(NamedTuple):
    """A copy with what it takes over, and where each row of its tables stands."""

    pact: Pact
    rows: dict[str, tuple[Row, ...]]


class CopyMistake(NamedTuple):
    """What is wrong in the `based_on` of a copy, as the arguments of a DocumentError."""

    place: Place
    wrong: str
    known: tuple[str, ...]


def inherit(copy: Pact, upstream: Pact) -> Pact:
    """The copy with all that it takes over from upstream, which must be resolved itself.

    A clause that is written anew stands where the old one stood; new clauses follow. `based_on` is kept.
    """
    return merge(copy, upstream).pact


def flatten(pact: Pact) -> Pact:
    """The resolved text without the reference to its upstream: it says the same and stands alone."""
    return msgspec.structs.replace(pact, based_on=None)


def merge(copy: Pact, upstream: Pact) -> Merged:
    """As `inherit`, with the origin of every row."""
    based_on = copy.based_on
    assert based_on is not None, "only a copy has an upstream"
    dropped = dict.fromkeys(based_on.drop, True)
    parties = dict.fromkeys((party.id for party in copy.party), True)
    tables: dict[str, tuple[Any, ...]] = {}
    rows: dict[str, tuple[Row, ...]] = {}
    for table, key in TABLES:
        theirs = [
            (i, _renamed(row, based_on.rename))
            for i, row in enumerate(getattr(upstream, table))
            if getattr(row, key) not in dropped
        ]
        if table == "state":
            theirs = [(i, row) for i, row in theirs if getattr(row, key) not in parties]
        tables[table], rows[table] = _woven(theirs, getattr(copy, table), key)
    words = {word: value for word, value in upstream.words.items() if word not in dropped}
    pact = msgspec.structs.replace(copy, words={**words, **copy.words}, **tables)
    return Merged(pact, rows)


def find_copy_mistake(copy: Pact, upstream: Pact) -> CopyMistake | None:
    """The first thing that `based_on` says and upstream does not know, or that the copy does not have."""
    based_on = copy.based_on
    assert based_on is not None, "only a copy has an upstream"
    rows = [id_ for table, key in TABLES for id_ in _ids(upstream, table, key)]
    ids = dict.fromkeys([*upstream.words, *rows])
    for j, name in enumerate(based_on.drop):
        if name not in ids:
            return CopyMistake(("based_on", "drop", j), name, tuple(ids))
    actors = (*_ids(upstream, "party", "id"), *_ids(upstream, "state", "id"))
    ours = (*_ids(copy, "party", "id"), *_ids(copy, "state", "id"))
    for name, new in based_on.rename.items():
        if name not in actors:
            return CopyMistake(("based_on", "rename", name), name, actors)
        if new not in ours:
            return CopyMistake(("based_on", "rename", name), new, ours)
    return None


def _ids(pact: Pact, table: str, key: str) -> list[str]:
    return [getattr(row, key) for row in getattr(pact, table)]


def _woven(
    theirs: Sequence[tuple[int, Any]], ours: Sequence[Any], key: str
) -> tuple[tuple[Any, ...], tuple[Row, ...]]:
    """The rows of one table: theirs in order, ours in the place of what they replace, the new ones last."""
    mine: dict[str, list[int]] = {}
    for i, row in enumerate(ours):
        mine.setdefault(getattr(row, key), []).append(i)
    placed: dict[str, bool] = {}
    woven: list[tuple[Any, Row]] = []
    for i, row in theirs:
        id_ = getattr(row, key)
        if id_ not in mine:
            woven.append((row, Row(True, i)))
        elif id_ not in placed:
            woven += [(ours[j], Row(False, j)) for j in mine[id_]]
            placed[id_] = True
    woven += [(row, Row(False, j)) for j, row in enumerate(ours) if getattr(row, key) not in placed]
    return tuple(row for row, _ in woven), tuple(origin for _, origin in woven)


def _renamed(value: Any, rename: Mapping[str, str], field: str = "") -> Any:
    """A row with the ids of parties and states renamed in the fields that hold them."""
    if not rename:
        return value
    if isinstance(value, msgspec.Struct):
        fields = {name: _renamed(getattr(value, name), rename, name) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    if isinstance(value, tuple):
        return tuple(_renamed(item, rename, field) for item in value)
    if isinstance(value, str) and field in ID_FIELDS:
        return rename.get(value, value)
    return value


# ---------------------------------------------------------------- what has changed upstream


def clause_digest(clause: Clause) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the canonical JSON of a clause."""
    return _digest([clause])


def seen_of(upstream: Pact) -> dict[str, str]:
    """What `based_on.seen` says of this upstream text today: clause id to digest.

    Alternatives with one id have one digest together.
    """
    alike: dict[str, list[Clause]] = {}
    for clause in upstream.clause:
        alike.setdefault(clause.id, []).append(clause)
    return {id_: _digest(clauses) for id_, clauses in alike.items()}


def changed_upstream(copy: Pact, upstream: Pact) -> tuple[str, ...]:
    """One sentence per clause that was changed, added or dropped upstream since `based_on.seen` was written.

    Nothing for a copy that has not noted what it saw.
    """
    based_on = copy.based_on
    if based_on is None or not based_on.seen:
        return ()
    now, ours = seen_of(upstream), {clause.id: clause for clause in copy.clause}
    upstream_clauses = {clause.id: clause for clause in upstream.clause}
    said = []
    for id_, digest in based_on.seen.items():
        if id_ not in now:
            stands = "the copy still has a clause of that id" if id_ in ours else "the copy has it no more"
            said.append(f"{id_} was dropped in {based_on.file}; {stands}.")
        elif now[id_] != digest:
            if id_ in based_on.drop:
                effect = "the copy drops it"
            elif ours.get(id_) == _renamed(upstream_clauses[id_], based_on.rename):
                effect = "the copy takes the new words over"
            else:
                effect = "the copy has its own words for it"
            said.append(f"{id_} was changed in {based_on.file}; {effect}.")
    for id_ in now:
        if id_ not in based_on.seen:
            said.append(f"{id_} was added in {based_on.file}; the copy {_takes(id_, copy)}.")
    return tuple(said)


def _takes(id_: str, copy: Pact) -> str:
    assert copy.based_on is not None
    return "drops it" if id_ in copy.based_on.drop else "has a clause of that id"


def _digest(clauses: Sequence[Clause]) -> str:
    whole: Clause | Sequence[Clause] = clauses[0] if len(clauses) == 1 else clauses
    encoded = msgspec.json.encode(whole, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:DIGEST_DIGITS]
