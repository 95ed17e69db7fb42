"""What one node's journal adds to a ledger: duties to warn, their evidence, repeats and escalations."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from foedus.audit import Leaf
from foedus.errors import WireError
from foedus.model import SECOND_NS
from foedus.pact.clauses import Pact, Warn
from foedus.pact.force import selected, spoken_date
from foedus.pact.incidents.ledger import Entry, Evidence, Noted, Obligation, Opened
from foedus.pact.incidents.opening import remedies_of
from foedus.pact.meaning.evaluate import span_s
from foedus.watch.delivery import Escalated
from foedus.wire import Ack, Received, decode_message


class Kept(NamedTuple):
    """What one journal holds of warnings: its release log, what the member accepted, and its escalations."""

    member: str
    pact: Pact
    leaves: tuple[Leaf, ...]
    received: tuple[Received, ...]
    escalations: tuple[Escalated, ...] = ()


class _Told(NamedTuple):
    """One warning of this member's: its obligation, to whom, and the leaves of its messages."""

    obligation: str
    to: str
    leaves: list[Leaf]


def entries_of(kept: Kept, before: Sequence[Entry], *, at: datetime) -> list[Entry]:
    """The entries that one journal adds to a ledger which has those before."""
    ids = {one.obligation.because: one.obligation.id for one in before if isinstance(one, Opened)}
    new: list[Entry] = []
    told: dict[str, _Told] = {}
    for leaf in kept.leaves:
        warning = leaf.subject.partition("/")[0]
        if leaf.kind != "warn":
            continue
        if warning in told:
            told[warning].leaves.append(leaf)
            continue
        obligation = _obligation(kept, leaf, warning)
        if obligation is None:
            continue
        (to,) = obligation.creditors
        if obligation.because in ids:
            told[warning] = _Told(ids[obligation.because], to, [leaf])
        elif obligation.id not in ids.values():
            told[warning] = _Told(obligation.id, to, [leaf])
            new.append(Opened(at=at, obligation=obligation))
    new += _evidence(kept, told, at=at)
    for warning, one in told.items():
        new += _repeats(kept.member, one, at=at)
        new += _escalated(kept, warning, one, at=at)
    return _fresh(new, before)


def _fresh(entries: Sequence[Entry], before: Sequence[Entry]) -> list[Entry]:
    """Those that the ledger does not have, each once; when something was recorded makes no difference."""
    known = {_said(entry) for entry in before}
    found: list[Entry] = []
    for entry in entries:
        if _said(entry) not in known:
            known.add(_said(entry))
            found.append(entry)
    return found


def _said(entry: Entry) -> tuple[str, ...]:
    """What an entry says, without its time."""
    match entry:
        case Opened():
            return ("opened", entry.obligation.because)
        case Evidence():
            return ("evidence", entry.id, entry.sha256)
        case Noted():
            return ("noted", entry.id, entry.by, entry.says)
        case _:
            return ()


def _obligation(kept: Kept, leaf: Leaf, warning: str) -> Obligation | None:
    """The duty to warn that a raised warning shows; None for one that was only passed on."""
    to = next((one.id for one in kept.pact.party if warning.startswith(f"{kept.member}-{one.id}-")), None)
    clause = _clause(kept, leaf.asked)
    if to is None or clause is None or kept.member not in selected(kept.pact, clause.by):
        return None
    arose = _instant(leaf.time_ns)
    within_s = span_s(kept.pact, clause.within_s)
    due = None if within_s is None else arose + timedelta(seconds=within_s)
    by = f" by {leaf.against}" if leaf.against else ""
    held = f", held back by the guard{by}: {leaf.refused}" if leaf.refused else ""
    return Obligation(
        id=f"{kept.pact.pact}.{clause.id}.{warning}.{leaf.time_ns // SECOND_NS}",
        pact=kept.pact.pact,
        version=kept.pact.version,
        clause=clause.id,
        kind="warn",
        debtor=kept.member,
        creditors=(to,),
        says=clause.content,
        binding=clause.binding or kept.pact.basis.binding,
        owed="yes",
        arose=arose,
        because=f"leaf {leaf.number} of {kept.member}'s release log at {arose.isoformat()}{held}",
        due=None if due is None else (due, due),
        remedies=remedies_of(kept.pact, attacked=to),
    )


def _clause(kept: Kept, id_: str) -> Warn | None:
    return next((one for one in kept.pact.clause if isinstance(one, Warn) and one.id == id_), None)


def _evidence(kept: Kept, told: dict[str, _Told], *, at: datetime) -> Iterator[Evidence]:
    """Every acknowledgement by disk or person of these warnings, from somebody to whom they were sent."""
    for item in kept.received:
        try:
            message = decode_message(item.body, where=f"message {item.sequence} of {item.sender}")
        except WireError:
            continue  # the node refused and counted it
        if not isinstance(message, Ack) or message.step == "shown" or message.warning not in told:
            continue
        one = told[message.warning]
        if item.sender in [leaf.recipient for leaf in one.leaves if not leaf.refused]:
            done = _instant(message.time_ns)
            yield Evidence(
                at=at,
                id=one.obligation,
                form="acknowledgement",
                by=item.sender,
                sha256=hashlib.sha256(item.body).hexdigest(),
                done=(done, done),
                says=f"{message.step} {message.person}".strip(),
            )


def _repeats(member: str, one: _Told, *, at: datetime) -> Iterator[Noted]:
    """How often messages of a warning were sent again, by each way, and since when by another way as well."""
    sent = [leaf for leaf in one.leaves if not leaf.refused]
    for recipient in dict.fromkeys(leaf.recipient for leaf in sent):
        there = [leaf for leaf in sent if leaf.recipient == recipient]
        if recipient != sent[0].recipient:
            since = spoken_date(_instant(there[0].time_ns))
            yield Noted(at=at, id=one.obligation, by=member, says=f"sent to {recipient} as well from {since}")
        subjects = [leaf.subject for leaf in there]
        again = [leaf for index, leaf in enumerate(there) if leaf.subject in subjects[:index]]
        if again:
            count = "once" if len(again) == 1 else f"{len(again)} times"
            says = f"sent again {count} to {recipient}, last {spoken_date(_instant(again[-1].time_ns))}"
            yield Noted(at=at, id=one.obligation, by=member, says=says)


def _escalated(kept: Kept, warning: str, one: _Told, *, at: datetime) -> Iterator[Entry]:
    """That no person acknowledged a warning, and the duty that the clause makes of that.

    To notify the council or the parties, or to consult at the highest level, is a duty of its own; its clause
    gives no time for it. A second route is no duty but a way.
    """
    for event in kept.escalations:
        clause = _clause(kept, event.clause)
        if event.warning != warning or clause is None:
            continue
        arose = _instant(event.time_ns)
        says = f"no person acknowledged it: {event.then.replace('_', ' ')}, {spoken_date(arose)}"
        yield Noted(at=at, id=one.obligation, by=kept.member, says=says)
        kind, creditors = _follows(kept, event.then, warned=one.to)
        for creditor in creditors:
            yield Opened(
                at=at,
                obligation=Obligation(
                    id=f"{one.obligation}.{creditor}.{event.then}",
                    pact=kept.pact.pact,
                    version=kept.pact.version,
                    clause=clause.id,
                    kind=kind,
                    debtor=kept.member,
                    creditors=(creditor,),
                    says=f"that no person acknowledged {warning}",
                    binding=clause.binding or kept.pact.basis.binding,
                    owed="yes",
                    arose=arose,
                    because=f"{warning} was escalated by {clause.id}, {event.then}, toward {creditor}, "
                    f"{arose.isoformat()}",
                ),
            )


def _follows(kept: Kept, then: str, *, warned: str) -> tuple[str, tuple[str, ...]]:
    """(kind of duty, creditors) of what a clause says of a warning that nobody acknowledged."""
    match then:
        case "notify_council":
            return "notify", ("council",)
        case "notify_parties":
            return "notify", tuple(one.id for one in kept.pact.party if one.id != kept.member)
        case "head_of_state_line":
            return "consult", (warned,)
        case _:
            return "", ()


def _instant(time_ns: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1_000)
