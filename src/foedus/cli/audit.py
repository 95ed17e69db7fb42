"""`foedus audit verify`: check release logs, and each member's log against what the others received."""

import hashlib
import sys
from collections import Counter
from pathlib import Path

import click
import msgspec

from foedus.audit import decode_leaf, verify_chain
from foedus.cli.journals import journals_of
from foedus.errors import JournalError
from foedus.journal import FIRST_LINK, Store
from foedus.wire import Received, decode_batch

Key = tuple[str, str, int]
"""Sender, recipient, sequence."""


class HeldBack(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one kind to one recipient that the guard refused for one reason."""

    kind: str
    recipient: str
    asked: str
    """The clause under which a warning was to be sent; empty for other kinds."""
    against: str
    """The clause by which it was refused; empty: none speaks."""
    reason: str
    messages: int

    def __str__(self) -> str:
        """`1 warn to IT under W1 refused by R1: ...`."""
        under = f" under {self.asked}" if self.asked else ""
        by = f" by {self.against}" if self.against else ""
        return f"{self.messages:,} {self.kind} to {self.recipient}{under} refused{by}: {self.reason}"


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one journal."""

    journal: str
    member: str
    entries: int
    leaves: int
    released: int
    refused: int
    held_back: tuple[HeldBack, ...]
    """What was refused, by kind, recipient, clauses and reason, in the order of the log."""
    head: str
    faults: tuple[str, ...]


@click.group()
def audit() -> None:
    """Check what was released and withheld.

    Example: foedus audit verify run/alpine-20261122T120000Z
    """


@audit.command()
@click.argument("journals", metavar="JOURNAL...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per journal and line.")
def verify(journals: tuple[Path, ...], as_json: bool) -> None:
    """Verify journals and release logs; given several members, also against each other.

    Every message that a member received must stand in its sender's log, byte for byte; exit code 1 if not.
    What the guard refused is listed with the clause under which it was asked and the one against it.

    Example: foedus audit verify run/alpine-20261122T120000Z
    """
    logged: dict[Key, bytes] = {}
    received: dict[Key, bytes] = {}
    results = [_verify(path, logged, received) for path in journals_of(journals)]
    members = {result.member for result in results}
    faults = [
        f"{sender} to {recipient}, message {sequence}: {recipient} received what {sender}'s log does not hold"
        for (sender, recipient, sequence), digest in received.items()
        if sender in members and logged.get((sender, recipient, sequence)) != digest
    ]
    for result in results:
        if as_json:
            click.echo(msgspec.json.encode(result).decode())
        elif not result.faults:
            click.echo(
                f"{result.journal}: {result.entries:,} entries, {result.leaves:,} leaves "
                f"({result.released:,} released, {result.refused:,} refused), head {result.head[:16]}, intact"
            )
            for held in result.held_back:
                click.echo(f"  {held}")
        for fault in result.faults:
            click.echo(fault, err=True)
    for fault in faults:
        click.echo(fault, err=True)
    if not faults and len(results) > 1 and not as_json:
        click.echo(f"{len(received):,} received messages all stand in their senders' logs")
    sys.exit(1 if faults or any(result.faults for result in results) else 0)


def _verify(path: Path, logged: dict[Key, bytes], received: dict[Key, bytes]) -> Verified:
    """One journal: its chain, its release log's chain, and that both end in the same link."""
    store = Store.open(path)
    member = store.header.member
    faults: list[str] = []
    entries = leaves = 0
    refusals: Counter[tuple[str, str, str, str, str]] = Counter()
    head = newest = FIRST_LINK
    try:
        for entry in store.entries():
            entries += 1
            newest = entry.release_link
            for item in decode_batch(entry.batch, where=f"{path}: entry {entry.number}").inputs:
                if isinstance(item, Received):
                    received[item.sender, member, item.sequence] = hashlib.sha256(item.body).digest()
        leaves, head = verify_chain(store.leaves(), where=f"{path}: release log")
        if head != newest:
            raise JournalError(f"{path}: the release log ends before the journal does; leaves were cut off")
        for _, data, _ in store.leaves():
            leaf = decode_leaf(data, where=str(path))
            if leaf.refused:
                refusals[leaf.kind, leaf.recipient, leaf.asked, leaf.against, leaf.refused] += 1
            else:
                logged[member, leaf.recipient, leaf.sequence] = leaf.message
    except JournalError as error:
        faults.append(str(error))
    finally:
        store.close()
    return Verified(
        journal=str(path),
        member=member,
        entries=entries,
        leaves=leaves,
        released=leaves - refusals.total(),
        refused=refusals.total(),
        held_back=tuple(
            HeldBack(
                kind=kind, recipient=recipient, asked=asked, against=against, reason=reason, messages=messages
            )
            for (kind, recipient, asked, against, reason), messages in refusals.items()
        ),
        head=head.hex(),
        faults=tuple(faults),
    )
