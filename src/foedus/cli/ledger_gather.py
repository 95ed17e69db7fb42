"""`foedus ledger gather`: obligations and evidence from a node's own journal."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import msgspec

from foedus.audit import decode_leaf, verify_chain
from foedus.cli.journals import journals_of
from foedus.cli.ledger_entries import Kept, entries_of
from foedus.cli.ledger_file import grow_ledger, now_or
from foedus.cli.ledger_lines import print_held
from foedus.cli.terminal import line
from foedus.journal import Store
from foedus.limits import ESCALATIONS_KEPT_MAX
from foedus.network import parse_network
from foedus.pact.clauses import Pact, Warn
from foedus.pact.force import selected
from foedus.pact.incidents.ledger import Entry, Evidence, Opened, standings
from foedus.pact.reading.text import parse_pact
from foedus.trust import SealCheck, parse_root
from foedus.watch.delivery import Escalated
from foedus.wire import Received, decode_batch


@click.command()
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help="Recorded at this time (RFC 3339); now if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each obligation that was opened.")
def gather(ledger: Path, journals: tuple[Path, ...], at: str | None, as_json: bool) -> None:
    """Open in LEDGER what journals show to have been owed, with the acknowledgements as evidence.

    Each warning that a member's node raised is a duty of that member from then on; that it was stored on the
    recipient's disk, as the recipient says, is the evidence that it was met. A warning that the guard held
    back is owed all the same. Repeats are noted, by each way; a warning that no person acknowledged in the
    time of its clause is noted too, and what the clause says of that is opened as a duty to notify or
    consult. A journal under such a clause is played again for it. What the ledger has is not opened again.

    Example: foedus ledger gather ledger.jsonl run/alpine-RECORDING-20261122T120000Z
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
        shown = sum(isinstance(entry, Evidence) for entry in new)
        noted = len(new) - len(opened) - shown
        line(f"{len(opened)} opened, {shown} pieces of evidence, {noted} notes")


def _read(path: Path) -> Kept:
    """The warnings of one journal, whose chains are checked; for escalations it is played again."""
    store = Store.open(path)
    try:
        header = store.header
        pact = parse_pact(header.pact_text, file=header.pact_file)
        rows = list(store.leaves())
        verify_chain(rows, where=f"{path}: release log")
        return Kept(
            member=header.member,
            pact=pact,
            leaves=tuple(decode_leaf(data, where=str(path)) for _, data, _ in rows),
            received=tuple(accepted(store, path)),
            escalations=_escalations(store, path) if _may_escalate(pact, header.member) else (),
        )
    finally:
        store.close()


def accepted(store: Store, path: Path) -> Iterator[Received]:
    """The messages whose seals hold."""
    header = store.header
    network = parse_network(header.network_text, file=header.network_file)
    root = parse_root(header.trust_text, file=header.trust_file) if header.trust_text else None
    seals = SealCheck(network, header.member, root)
    began_ns = 0
    for entry in store.entries():
        batch = decode_batch(entry.batch, where=f"{path}: entry {entry.number}")
        began_ns = began_ns or batch.time_ns
        for item in batch.inputs:
            if isinstance(item, Received) and not seals.fault(item, began_ns=began_ns):
                yield item


def _may_escalate(pact: Pact, member: str) -> bool:
    """Whether some duty of the member to warn says what follows when nobody acknowledges."""
    duties = (one for one in pact.clause if isinstance(one, Warn) and member in selected(pact, one.by))
    return any(one.on_no_ack is not None for one in duties)


def _escalations(store: Store, path: Path) -> tuple[Escalated, ...]:
    """What nobody acknowledged in time, as the node found it: it is a function of its journal."""
    from foedus.station import replay, station_of

    station = station_of(store.header, where=str(path))
    with closing(entry for entry in store.entries()) as entries:  # let go of the store before it is closed
        replay(station, entries, where=str(path))
    found = station.node.escalations
    if len(found) == ESCALATIONS_KEPT_MAX:
        line(f"{path}: {ESCALATIONS_KEPT_MAX:,} escalations and perhaps more: only the newest are gathered")
    return found
