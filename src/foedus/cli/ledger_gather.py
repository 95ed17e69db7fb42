"""`foedus ledger gather`: obligations and evidence from a node's own journal."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from foedus.audit import Leaf, decode_leaf, verify_chain
from foedus.cli.journals import journals_of
from foedus.cli.ledger_file import grow_ledger, now_or
from foedus.cli.ledger_lines import print_held
from foedus.cli.terminal import line
from foedus.journal import Store
from foedus.model import SECOND_NS
from foedus.pact.clauses import Pact, Warn
from foedus.pact.force import selected
from foedus.pact.incidents.ledger import Entry, Evidence, Obligation, Opened, standings
from foedus.pact.incidents.opening import remedies_of
from foedus.pact.meaning.evaluate import span_s
from foedus.pact.reading.text import parse_pact
from foedus.wire import Ack, Received, decode_batch, decode_message


class Kept(NamedTuple):
    """What one journal holds of warnings: its release log, and the messages that the member received."""

    member: str
    pact: Pact
    leaves: tuple[Leaf, ...]
    received: tuple[Received, ...]


@click.command()
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help="Recorded at this time (RFC 3339); now if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each obligation that was opened.")
def gather(ledger: Path, journals: tuple[Path, ...], at: str | None, as_json: bool) -> None:
    """Open in LEDGER what journals show to have been owed, with the acknowledgements as evidence.

    Each warning that a member's node raised is a duty of that member from then on; that it was stored on the
    recipient's disk, as the recipient says, is the evidence that it was met. A warning that the guard held
    back is owed all the same. What the ledger has already is not opened again.

    Example: foedus ledger gather ledger.jsonl run/alpine-20261122T120000Z
    """
    instant = now_or(at)
    kept = [_read(path) for path in journals_of(journals)]

    def gathered(entries: tuple[Entry, ...]) -> list[Entry]:
        new: list[Entry] = []
        for one in kept:
            new += entries_of(one, [*entries, *new], at=instant)
        return new

    entries, new = grow_ledger(ledger, gathered)
    opened = [entry.obligation.id for entry in new if isinstance(entry, Opened)]
    for held in standings(entries):
        if held.obligation.id in opened and as_json:
            click.echo(msgspec.json.encode(held))
        elif held.obligation.id in opened:
            print_held(held)
    if not as_json:
        line(f"{len(opened)} opened, {len(new) - len(opened)} pieces of evidence")


def _read(path: Path) -> Kept:
    """The warnings of one journal, whose chains are checked."""
    store = Store.open(path)
    try:
        received = [
            item
            for entry in store.entries()
            for item in decode_batch(entry.batch, where=f"{path}: entry {entry.number}").inputs
            if isinstance(item, Received)
        ]
        rows = list(store.leaves())
        verify_chain(rows, where=f"{path}: release log")
        leaves = [decode_leaf(data, where=str(path)) for _, data, _ in rows]
        pact = parse_pact(store.header.pact_text, file=store.header.pact_file)
        return Kept(store.header.member, pact, tuple(leaves), tuple(received))
    finally:
        store.close()


def entries_of(kept: Kept, before: Sequence[Entry], *, at: datetime) -> list[Entry]:
    """The entries that one journal adds to a ledger which has those before."""
    known = {entry.obligation.because: entry.obligation.id for entry in before if isinstance(entry, Opened)}
    shown = [(entry.id, entry.sha256) for entry in before if isinstance(entry, Evidence)]
    ids = list(known.values())
    new: list[Entry] = []
    warnings: dict[str, str] = {}  # warning -> obligation
    for leaf in kept.leaves:
        warning = leaf.subject.partition("/")[0]
        if leaf.kind != "warn" or warning in warnings:
            continue
        obligation = _obligation(kept, leaf, warning)
        if obligation is None:
            continue
        if obligation.because in known:
            warnings[warning] = known[obligation.because]
        elif obligation.id not in ids:
            warnings[warning] = obligation.id
            new.append(Opened(at=at, obligation=obligation))
    for evidence in _evidence(kept, warnings, at=at):
        if (evidence.id, evidence.sha256) not in shown:
            new.append(evidence)
    return new


def _obligation(kept: Kept, leaf: Leaf, warning: str) -> Obligation | None:
    """The duty to warn that a raised warning shows; None for one that was only passed on."""
    to = next((one.id for one in kept.pact.party if warning.startswith(f"{kept.member}-{one.id}-")), None)
    clause = next(
        (
            one
            for one in kept.pact.clause
            if isinstance(one, Warn) and one.id == leaf.asked and kept.member in selected(kept.pact, one.by)
        ),
        None,
    )
    if to is None or clause is None:
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


def _evidence(kept: Kept, warnings: dict[str, str], *, at: datetime) -> Iterable[Evidence]:
    """Every acknowledgement by disk or person of these warnings."""
    for item in kept.received:
        message = decode_message(item.body, where=f"message {item.sequence} of {item.sender}")
        if isinstance(message, Ack) and message.warning in warnings and message.step != "shown":
            done = _instant(message.time_ns)
            yield Evidence(
                at=at,
                id=warnings[message.warning],
                form="acknowledgement",
                by=item.sender,
                sha256=hashlib.sha256(item.body).hexdigest(),
                done=(done, done),
                says=f"{message.step} {message.person}".strip(),
            )


def _instant(time_ns: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1_000)
