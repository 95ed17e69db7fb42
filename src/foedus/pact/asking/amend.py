"""What would have to be written for a text to promise something: smallest changes, and the smallest clause.

Every proposal is tried: it is told only if the text so changed entails the claim. A proposal is a text to
argue about, not advice.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice
from typing import Any, Final, NamedTuple

import msgspec

from foedus.document import parse_document
from foedus.model import Form
from foedus.pact.asking.claim_cells import when_of
from foedus.pact.asking.claims import Claim
from foedus.pact.clauses import Casus, Clause, Pact, Share, Term, Warn
from foedus.pact.force import selected
from foedus.pact.meaning.evaluate import KINDS, DutyClause
from foedus.pact.meaning.universe import Cell
from foedus.pact.words import OBJECTS

TRIES_MAX: Final = 120
"""Sets of changes that are tried, smallest first; each means asking the claim again of every situation."""
EDITS_MAX: Final = 3
"""Changes told together at most: what needs more than three is a new text."""
TOLD_MAX: Final = 5


class Edit(NamedTuple):
    """One field of one clause with another value, and how its text would say so."""

    clause: str
    field: str
    value: Any
    says: str


Amendment = tuple[Edit, ...]
Mends = Callable[[Pact], bool]


class _Clauses(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    clause: tuple[Clause, ...]


def amendments(
    pact: Pact, claim: Claim, terms: Sequence[str], missed: Sequence[Cell], mends: Mends
) -> tuple[Amendment, ...]:
    """The smallest sets of changes of clauses that are there, each of which would do; at most TOLD_MAX."""
    edits = list(dict.fromkeys(_edits(pact, claim, terms, missed)))
    tries = 0
    for size in range(1, EDITS_MAX + 1):
        found: list[Amendment] = []
        for together in combinations(edits, size):
            if len({(edit.clause, edit.field) for edit in together}) < size:
                continue
            tries += 1
            if tries > TRIES_MAX:
                return tuple(found[:TOLD_MAX])
            if mends(amended(pact, together)):
                found.append(together)
        if found:
            return tuple(found[:TOLD_MAX])
    return ()


def amended(pact: Pact, edits: Sequence[Edit]) -> Pact:
    """The pact with those changes."""
    clauses = list(pact.clause)
    for edit in edits:
        index = next(i for i, clause in enumerate(clauses) if clause.id == edit.clause)
        clauses[index] = msgspec.structs.replace(clauses[index], **{edit.field: edit.value})
    return msgspec.structs.replace(pact, clause=tuple(clauses))


def clause_for(pact: Pact, claim: Claim, missed: Sequence[Cell], mends: Mends) -> str:
    """The TOML of the smallest clause, or casus and clause, with which the text would entail the claim."""
    for text in _proposals(pact, claim, missed):
        clauses = parse_document(text, _Clauses, file="proposal").clause
        if mends(msgspec.structs.replace(pact, clause=(*pact.clause, *clauses))):
            return text
    return ""


# ---------------------------------------------------------------- changes of what is there


def _edits(pact: Pact, claim: Claim, terms: Sequence[str], missed: Sequence[Cell]) -> Iterator[Edit]:
    for clause in pact.clause:
        for field in clause.__struct_fields__:
            if any(term == f"{clause.id}.{_ABOUT.get(field, field)}" for term in terms):
                yield from _wider(clause, field, claim, missed)
        if claim.verb == "give":
            if isinstance(clause, Share) and clause.data == (claim.data or clause.data):
                yield from _wider_parties(pact, clause, claim, "giver", "taker")
                yield from _share_edits(clause, claim)
        elif isinstance(clause, DutyClause) and KINDS[type(clause)] == claim.verb:
            yield from _wider_parties(pact, clause, claim, "by", "to")


_ABOUT: Final = {"casus": "event"}
"""The term under which the want of a casus is told, where it is not that of the field."""


def _wider(clause: Clause, field: str, claim: Claim, missed: Sequence[Cell]) -> Iterator[Edit]:
    """A value of one field that would take the situations in."""
    when = when_of(claim)
    value = getattr(clause, field)
    match field:
        case "by" | "against" if isinstance(clause, Casus | Warn):
            yield _edit(clause, field, _attackers(value, when.attackers))
        case "object":
            yield _edit(clause, field, _added(value, _object_words(when.objects, missed)))
        case "event":
            yield _edit(clause, field, _added(value, [cell.situation.event for cell in missed]))
        case "of":
            words = (value,) if isinstance(value, str) else value
            yield _edit(clause, field, _added(words, [cell.situation.victim for cell in missed]))
        case "loci":
            yield _edit(clause, field, ("anywhere",))
        case "exclude" | "classes" | "zones":
            yield _edit(clause, field, ())
        case "since" | "until" if not isinstance(clause, Term):
            yield _edit(clause, field, None)


def _wider_parties(pact: Pact, clause: Any, claim: Claim, giving: str, taking: str) -> Iterator[Edit]:
    for field, wanted in ((giving, claim.doers), (taking, claim.receivers)):
        selector = getattr(clause, field, None)
        if selector is None:
            continue
        words = (selector,) if isinstance(selector, str) else selector
        missing = [one for one in wanted if one not in selected(pact, selector)]
        if missing and "attacked" not in words:
            yield _edit(clause, field, _added(words, missing))


def _share_edits(clause: Share, claim: Claim) -> Iterator[Edit]:
    if clause.casus is not None:
        yield _edit(clause, "casus", None)
    for field in ("classes", "zones"):
        if getattr(clause, field):
            yield _edit(clause, field, ())
    if clause.need_to_know is not None:
        yield _edit(clause, "need_to_know", None)
    if claim.form is not None and clause.form != claim.form:
        yield _edit(clause, "form", claim.form)


def _edit(clause: Clause, field: str, value: Any) -> Edit:
    names = {one.name: one.encode_name for one in msgspec.structs.fields(clause)}
    if value is None:
        return Edit(clause.id, field, value, f"{clause.id} without {names[field]}")
    shown = (
        value.name.lower() if isinstance(value, Form) else list(value) if isinstance(value, tuple) else value
    )
    return Edit(clause.id, field, value, f"{clause.id}.{names[field]} = {json.dumps(shown)}")


def _added(words: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*words, *more]))


def _attackers(words: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    return ("any",) if "any" in wanted else _added(words, wanted)


def _object_words(atoms: Sequence[str], missed: Sequence[Cell]) -> tuple[str, ...]:
    """The one word that covers just these objects, else each of those that are missed."""
    word = next((one for one, covered in OBJECTS.items() if tuple(covered) == tuple(atoms)), None)
    return (word,) if word else tuple(dict.fromkeys(cell.situation.object for cell in missed))


# ---------------------------------------------------------------- a clause that is not there


def _proposals(pact: Pact, claim: Claim, missed: Sequence[Cell]) -> Iterator[str]:
    """Clauses to try, the smallest first."""
    doers = claim.doers or _likely_doers(pact, claim)
    match claim.verb:
        case "warn":
            yield _warn(pact, claim, doers)
        case "give":
            if claim.data is not None:
                yield _share(pact, claim)
        case _:
            for clause in pact.clause:
                if isinstance(clause, Casus):
                    yield _duty(pact, claim, doers, clause.id)
            casus = _new_casus(pact, claim, missed)
            yield f"{casus}\n{_duty(pact, claim, doers, _free_id(pact, 'C'))}"


def _likely_doers(pact: Pact, claim: Claim) -> tuple[str, ...]:
    """Who would do it where the claim does not say: the hub, else a guarantor, else another party."""
    others = [party for party in pact.party if party.id not in claim.receivers]
    ranked = sorted(others, key=lambda one: {"hub": 0, "guarantor": 1}.get(one.role, 2))
    return tuple(party.id for party in islice(ranked, 1))


def _head(pact: Pact, letter: str, kind: str, text: str) -> str:
    said = json.dumps(text, ensure_ascii=False)
    return (
        f'[[clause]]\nid = "{_free_id(pact, letter)}"\nkind = "{kind}"\ntext = {said}\n'
        'cite = "proposed, in no text"\nbasis = "stylised"\n'
    )


def _free_id(pact: Pact, letter: str) -> str:
    taken = {clause.id for clause in pact.clause}
    return next(
        f"{letter}{number}" for number in range(1, len(taken) + 2) if f"{letter}{number}" not in taken
    )


def _text(claim: Claim) -> str:
    said = claim.sentence.strip().removesuffix(".")
    return said[:1].upper() + said[1:] + "."


def _warn(pact: Pact, claim: Claim, doers: Sequence[str]) -> str:
    when = when_of(claim)
    classes = f'classes = ["{when.track_class.name.lower()}"]\n' if when.track_class is not None else ""
    return (
        _head(pact, "W", "warn", _text(claim))
        + f"by = {json.dumps(list(doers))}\nto = {json.dumps(list(claim.receivers))}\n"
        + f'content = "alert"\nagainst = {json.dumps(list(when.attackers))}\n{classes}'
        + "horizon_s = 600.0\nprobability = 0.5\nwithin_s = 60.0\n"
        + "renew_s = 30.0\nexpires_s = 120.0\nack_s = 60.0\n"
    )


def _share(pact: Pact, claim: Claim) -> str:
    assert claim.data is not None
    form = Form.TRACK if claim.form is None else claim.form
    when = when_of(claim)
    classes = f'classes = ["{when.track_class.name.lower()}"]\n' if when.track_class is not None else ""
    return (
        _head(pact, "S", "share", _text(claim))
        + f"from = {json.dumps(list(claim.doers))}\nto = {json.dumps(list(claim.receivers))}\n"
        + f'data = "{claim.data.name.lower()}"\nform = "{form.name.lower()}"\n{classes}'
    )


def _duty(pact: Pact, claim: Claim, doers: Sequence[str], casus: str) -> str:
    letter = {"assist": "A", "regard": "G", "consult": "N", "notify": "N"}[claim.verb]
    to = json.dumps([claim.body] if claim.body else list(claim.receivers))
    rest = {
        "assist": f'to = {to}\nstandard = "assist_as_deemed_necessary"\ndiscretion = "each_deems"\n',
        "regard": f'as = "{claim.regard}"\n',
        "consult": f"to = {to}\n",
        "notify": f'to = {to}\ncontent = "what has happened"\n',
    }[claim.verb]
    head = _head(pact, letter, claim.verb, _text(claim))
    return f'{head}casus = "{casus}"\nby = {json.dumps(list(doers))}\n{rest}'


def _new_casus(pact: Pact, claim: Claim, missed: Sequence[Cell]) -> str:
    when = when_of(claim)
    victims = list(dict.fromkeys(cell.situation.victim for cell in missed))
    events = list(dict.fromkeys(cell.situation.event for cell in missed))
    return (
        _head(pact, "C", "casus", f"What the claim is about: {_text(claim)}")
        + f"event = {json.dumps(events)}\nobject = {json.dumps(list(_object_words(when.objects, missed)))}\n"
        + f"of = {json.dumps(victims)}\nby = {json.dumps(list(when.attackers))}\n"
    )
