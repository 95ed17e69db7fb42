"""Why a text gives a member fewer minutes of an event: its clauses, outermost first.

Each reason names a term of a clause, what was found there, and the text with that one thing changed, so that
playing the drill again under it says how many minutes the term costs. A text is not advised to be changed.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from foedus.drill.ideal import share_clause, warn_clause
from foedus.drill.people import read_casus
from foedus.drill.stations import text_played
from foedus.drill.text import Drill, Event
from foedus.model import Form
from foedus.pact.clauses import Casus, Caveat, Clause, Pact, Route, Share, Suspend, Warn, Withhold
from foedus.pact.force import in_force, once_in_force, selected, time_ns_of
from foedus.pact.tables.onward import is_warned
from foedus.pact.words import Truth


class Reason(NamedTuple):
    """One thing in the way, and the text without it; None: no change of a clause takes it away."""

    clause: str
    term: str  # such as C1.by; empty where a clause is missing
    found: str
    changed: Pact | None


def reasons(drill: Drill, pact: Pact, event: Event, member: str) -> Iterator[Reason]:
    """What stands in the way of warning the member of the event, outermost first; see `next_reason`."""
    text = text_played(drill, pact)
    if member not in [party.id for party in text.party]:
        yield Reason("", "party", f"{member} is no party of {pact.pact}", None)
        return
    yield from _force(drill, text)
    yield from _casus(drill, text, event)
    yield from _missing(drill, text, member)
    yield from _stops(text, event)
    yield from _shares(text)
    yield from _ways(drill, text, member)


def next_reason(drill: Drill, pact: Pact, event: Event, member: str, seen: tuple[str, ...]) -> Reason | None:
    """The outermost reason whose term is not among those seen: to be asked again of each changed text."""
    return next((one for one in reasons(drill, pact, event, member) if one.term not in seen), None)


def _force(drill: Drill, pact: Pact) -> Iterator[Reason]:
    judged = in_force(pact, time_ns=time_ns_of(drill.start))
    if judged.truth != Truth.YES:
        ground = judged.grounds[0]
        changed = once_in_force(pact)
        yield Reason(ground.term.partition(".")[0], ground.term, ground.found, changed)


def _casus(drill: Drill, pact: Pact, event: Event) -> Iterator[Reason]:
    """A casus that the event does not meet; one that it meets, but only once somebody has said so."""
    scoped = [getattr(clause, "casus", None) for clause in pact.clause if isinstance(clause, Share | Warn)]
    attributed = event.attributed_after_s is not None
    for reading in read_casus(drill, pact, event, attributed=attributed):
        if reading.casus not in scoped:
            continue
        clause = next(one for one in pact.clause if one.id == reading.casus)
        assert isinstance(clause, Casus)
        wide = msgspec.structs.replace(clause, by=("any",), loci=("anywhere",), object=("any",), exclude=())
        if reading.truth != Truth.YES:
            term, _, found = reading.grounds[0].partition(": ")
            field = term.partition(".")[2]
            if field in ("by", "loci", "object"):
                one = msgspec.structs.replace(clause, **{field: getattr(wide, field)})
                yield Reason(clause.id, term, found, _with(pact, one))
            else:
                yield Reason(clause.id, term, found, _free(pact, clause.id))
        who = (
            clause.determined_by
            if isinstance(clause.determined_by, str)
            else " or ".join(clause.determined_by)
        )
        said = f"what hangs on {clause.id} waits until {who} has declared it"
        yield Reason(clause.id, f"{clause.id}.determined_by", said, _free(pact, clause.id))


def _missing(drill: Drill, pact: Pact, member: str) -> Iterator[Reason]:
    """A duty to warn or a right to data that no clause gives."""
    if not _duties(pact, member):
        clause = warn_clause("NEW-W", member, drill)
        found = f"no clause obliges anybody to warn {member}"
        yield Reason("", "no duty to warn", found, _plus(pact, clause))
    if not any(
        isinstance(clause, Share) and member in selected(pact, clause.taker) for clause in pact.clause
    ):
        found = f"no clause gives {member} any track"
        yield Reason("", "no share", found, _plus(pact, share_clause("NEW-S", member)))


def _duties(pact: Pact, member: str) -> list[Warn]:
    """The clauses by which anybody else owes the member a warning."""
    return [
        clause
        for clause in pact.clause
        if isinstance(clause, Warn)
        and is_warned(pact, clause, member)
        and any(debtor != member for debtor in selected(pact, clause.by))
    ]


def _stops(pact: Pact, event: Event) -> Iterator[Reason]:
    """Clauses that keep data or a warning back altogether."""
    for clause in pact.clause:
        match clause:
            case Warn() if clause.classes and event.track_class not in clause.classes:
                wide = msgspec.structs.replace(clause, classes=())
                found = f"warns of {', '.join(one.name.lower() for one in clause.classes)} alone"
                yield Reason(clause.id, f"{clause.id}.classes", found, _with(pact, wide))
            case Caveat() if clause.originator != "any":
                found = f"keeps what {clause.originator} gave from going on"
                yield Reason(clause.id, clause.id, found, _without(pact, clause.id))
            case Withhold() | Suspend():
                yield Reason(clause.id, clause.id, clause.text, _without(pact, clause.id))
            case _:
                pass


def _shares(pact: Pact) -> Iterator[Reason]:
    """Terms that narrow, delay or coarsen what is given."""
    for clause in pact.clause:
        if isinstance(clause, Share):
            yield from _share(pact, clause)


def _share(pact: Pact, clause: Share) -> Iterator[Reason]:
    changes: list[tuple[str, str, Clause]] = []
    if clause.classes:
        names = ", ".join(one.name.lower() for one in clause.classes)
        found = f"gives {names} alone, as a person has said it is"
        changes.append(("classes", found, msgspec.structs.replace(clause, classes=())))
    if clause.delay_s:
        found = f"{clause.delay_s} s late" if isinstance(clause.delay_s, float) else f"{clause.delay_s}"
        changes.append(("delay_s", found, msgspec.structs.replace(clause, delay_s=0.0)))
    if clause.need_to_know is not None:
        found = "only inside the taker's own zones"
        changes.append(("need_to_know", found, msgspec.structs.replace(clause, need_to_know=None)))
    if not isinstance(clause.form, str) and clause.form < Form.TRACK:
        found = f"in the form {clause.form.name.lower()}"
        changes.append(("form", found, msgspec.structs.replace(clause, form=Form.TRACK)))
    for field, found, changed in changes:
        yield Reason(clause.id, f"{clause.id}.{field}", found, _with(pact, changed))


def _ways(drill: Drill, pact: Pact, member: str) -> Iterator[Reason]:
    """By whom, and by what way: the routes, the few who owe a warning, and what a hub does not see."""
    for clause in pact.clause:
        if isinstance(clause, Route):
            found = f"nothing goes but through {clause.via}"
            yield Reason(clause.id, clause.id, found, _without(pact, clause.id))
    for duty in _duties(pact, member):
        debtors = selected(pact, duty.by)
        if any(party.id not in (member, *debtors) for party in pact.party):
            wide = msgspec.structs.replace(duty, by="any")
            found = f"only {', '.join(debtors)} owes the warning"
            yield Reason(duty.id, f"{duty.id}.by", found, _with(pact, wide))
    for party in pact.party:
        if party.role == "hub" and any(site.member == party.id for site in drill.site):
            yield Reason("", f"{party.id}.role", f"{party.id} is the hub, whose sensors stand still", None)


# ---------------------------------------------------------------- texts with one thing changed


def _with(pact: Pact, clause: Clause) -> Pact:
    clauses = tuple(clause if one.id == clause.id else one for one in pact.clause)
    return msgspec.structs.replace(pact, clause=clauses)


def _plus(pact: Pact, clause: Clause) -> Pact:
    return msgspec.structs.replace(pact, clause=(*pact.clause, clause))


def _without(pact: Pact, name: str) -> Pact:
    return msgspec.structs.replace(pact, clause=tuple(one for one in pact.clause if one.id != name))


def _free(pact: Pact, casus: str) -> Pact:
    """The text whose shares and duties to warn hold without that casus."""
    clauses: tuple[Clause, ...] = tuple(
        msgspec.structs.replace(one, casus=None)
        if isinstance(one, Share | Warn) and one.casus == casus
        else one
        for one in pact.clause
    )
    return msgspec.structs.replace(pact, clause=clauses)
