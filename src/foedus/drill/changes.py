"""Single changes of a text, drawn from the closed vocabulary of the pact language.

A change is a text to argue about, not advice. Whether one does anything is for playing to say.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from foedus.drill.ideal import SILENT, warn_clause
from foedus.drill.text import Drill
from foedus.model import Form
from foedus.pact.clauses import (
    Casus,
    Caveat,
    Clause,
    Onward,
    Pact,
    Route,
    Share,
    Suspend,
    Warn,
    Withhold,
)
from foedus.pact.force import selected


class Change(NamedTuple):
    """One clause changed in one field, left out, or added."""

    term: str  # such as C1.by; a clause that is left out or new has no field
    says: str  # what the text then says
    clause: str
    field: str = ""  # empty: the clause is left out, or added
    value: Any = None
    added: Clause | None = None


def apply(pact: Pact, changes: Sequence[Change]) -> Pact:
    """The text with those changes."""
    for change in changes:
        clauses = pact.clause
        if change.added is not None:
            clauses = (*clauses, change.added)
        elif change.field:
            clauses = tuple(
                msgspec.structs.replace(one, **{change.field: change.value})
                if one.id == change.clause
                else one
                for one in clauses
            )
        else:
            clauses = tuple(one for one in clauses if one.id != change.clause)
        pact = msgspec.structs.replace(pact, clause=clauses)
    return pact


def relaxations(pact: Pact) -> Iterator[Change]:
    """Every term that only keeps back or delays, taken away: caveats, withholds, routes, delays and so on."""
    for clause in pact.clause:
        match clause:
            case Caveat() | Withhold() | Route() | Suspend():
                yield Change(clause.id, f"without {clause.id}: {_first(clause.text)}", clause.id)
            case Share():
                if clause.delay_s != 0.0:
                    yield _field(clause, "delay_s", 0.0, f"{clause.id} at once")
                if clause.need_to_know is not None:
                    yield _field(clause, "need_to_know", None, f"{clause.id} also outside the taker's area")
            case _:
                pass


def changes(drill: Drill, pact: Pact, member: str) -> tuple[Change, ...]:
    """All single changes, in the order of the text; then the clauses that would oblige others to warn.

    pact: the text as played. Left out on purpose: parties and their roles, what a text says of approvals and
    records, and shorter deadlines, since a node warns as soon as it may whatever the deadline.
    """
    found = list(relaxations(pact))
    for clause in pact.clause:
        match clause:
            case Casus():
                found += _casus(clause)
            case Share():
                found += _share(clause)
            case Warn():
                found += _warn(pact, clause, member)
            case Caveat():
                found += _caveat(clause)
            case _:
                pass
    found += _new_warnings(drill, pact, member)
    return tuple(found)


def _first(text: str) -> str:
    """The first sentence, without its full stop."""
    return text.partition(". ")[0].removesuffix(".")


def _field(clause: Clause, field: str, value: Any, says: str) -> Change:
    return Change(f"{clause.id}.{field}", says, clause.id, field, value)


def _casus(clause: Casus) -> Iterator[Change]:
    if "any" not in clause.by:
        yield _field(clause, "by", ("any",), f"{clause.id} is met whoever attacks")
        for word, says in (
            ("parties", "also when a party attacks"),
            ("unattributed", "also before anybody is named"),
        ):
            if word not in clause.by:
                yield _field(clause, "by", (*clause.by, word), f"{clause.id} is met {says}")
    if clause.object != ("any",):
        yield _field(clause, "object", ("any",), f"{clause.id} is met whatever is attacked")
    if clause.loci != ("anywhere",):
        yield _field(clause, "loci", ("anywhere",), f"{clause.id} is met wherever it happens")


def _share(clause: Share) -> Iterator[Change]:
    if clause.casus is not None:
        yield _field(clause, "casus", None, f"{clause.id} always, not only while {clause.casus} is met")
    if clause.classes:
        yield _field(clause, "classes", (), f"{clause.id} of every class")
    if isinstance(clause.form, Form):
        if clause.form < Form.TRACK:
            higher = Form(clause.form + 1)
            yield _field(clause, "form", higher, f"{clause.id} in the form {higher.name.lower()}")
        if clause.form > Form.ALERT:
            lower = Form(clause.form - 1)
            yield _field(clause, "form", lower, f"{clause.id} only in the form {lower.name.lower()}")


def _warn(pact: Pact, clause: Warn, member: str) -> Iterator[Change]:
    if clause.casus is not None:
        yield _field(
            clause, "casus", None, f"{clause.id} whatever the case, not only while {clause.casus} is met"
        )
    if "any" not in clause.against:
        yield _field(clause, "against", ("any",), f"{clause.id} against whoever attacks")
    others = [party.id for party in pact.party if party.id != member]
    if set(others) - set(selected(pact, clause.by)):
        yield _field(clause, "by", "any", f"{clause.id} obliges every party")
    if clause.classes and set(SILENT) - set(clause.classes):
        yield _field(clause, "classes", (), f"{clause.id} of every class")


def _caveat(clause: Caveat) -> Iterator[Change]:
    """The caveat narrowed: alerts may go on to everybody without their source, or data one form higher."""
    if clause.onward is None:
        alert = Onward(to="any", max_form=Form.ALERT, strip_source=True)
        yield _field(clause, "onward", alert, f"{clause.id} lets alerts go on, without their source")
    elif clause.onward.max_form < Form.TRACK:
        higher = Form(clause.onward.max_form + 1)
        wider = msgspec.structs.replace(clause.onward, max_form=higher)
        yield _field(clause, "onward", wider, f"{clause.id} lets data go on up to {higher.name.lower()}")


def _new_warnings(drill: Drill, pact: Pact, member: str) -> Iterator[Change]:
    """A duty of each other party, and of all, to warn the member of whoever comes, with no casus.

    Where a route forces warnings through a hub, also of each party together with the hub: a hub passes on a
    warning only to whom it owes one itself.
    """
    taken = [one.id for one in pact.clause]
    name = next(f"W-NEW{tail}" for tail in ("", *map(str, range(2, 99))) if f"W-NEW{tail}" not in taken)
    debtors = [one.id for one in pact.party if one.id != member and one.role != "observer"]
    hubs = tuple(dict.fromkeys(one.via for one in pact.clause if isinstance(one, Route)))
    relayed = [(hub, one) for hub in hubs for one in debtors if one != hub]
    for by in ("any", *debtors, *relayed):
        clause = msgspec.structs.replace(warn_clause(name, member, drill), by=by)
        who = "every party" if by == "any" else by if isinstance(by, str) else " and ".join(by)
        warns = "warns" if isinstance(by, str) else "warn"
        yield Change(name, f"new: {who} {warns} {member} of whoever comes", name, "", None, clause)
