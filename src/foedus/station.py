"""One member's station: node, guard and release log, so that nothing leaves unchecked or unlogged.

Pure like the node: live, replay and tests are short loops round `Station.advance`. The caller writes the
record that comes back, and only then sends the messages in it.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from foedus import audit
from foedus.errors import JournalError
from foedus.guard import Guard, Refused
from foedus.journal import Entry, Header, Outgoing, Record
from foedus.network import parse_network
from foedus.node import Node
from foedus.pact.reading.text import Pact, parse_pact
from foedus.trust import parse_root
from foedus.wire import Ack, Batch, Happened, Message, Picture, Send, Verdicts, Warn, decode_batch, encode


class Refusal(NamedTuple):
    """A message that the guard held back."""

    recipient: str
    reason: str


class Station:
    """The node, its guard and its release log."""

    def __init__(self, node: Node, pact: Pact) -> None:
        self.node = node
        self._guard = Guard(pact, node.member)
        self._pact_digest = pact.digest
        self._effects = bytes(32)
        self._leaf_number = 0
        self._release_link = audit.FIRST_LINK
        self._sequences = dict.fromkeys(node.parties, 0)
        self.refusals: list[Refusal] = []  # of the newest step

    def advance(self, batch: Batch) -> Record:
        """Take one batch in; what comes back is to be written before any of it is sent."""
        self.refusals = []
        effects = hashlib.sha256(self._effects)
        leaves = []
        outgoing = []
        for item in batch.inputs:
            if isinstance(item, Happened):
                self._guard.told(item)
        for send in self.node.step(batch):
            body = encode(send.message)
            leaf = self._judge(send, body, batch.time_ns)
            data = audit.encode_leaf(leaf)
            self._release_link = audit.next_link(self._release_link, data)
            leaves.append((leaf.number, data, self._release_link))
            effects.update(self._release_link)
            if not leaf.refused:
                outgoing.append(Outgoing(send.recipient, leaf.sequence, body))
        effects.update(self.node.state_digest())
        self._effects = effects.digest()
        return Record(encode(batch), self._effects, tuple(leaves), self._release_link, tuple(outgoing))

    def _judge(self, send: Send, body: bytes, time_ns: int) -> audit.Leaf:
        """The leaf for one message, after asking the guard."""
        verdict = self._guard.check(send, time_ns=time_ns)
        refused, against = "", ""
        if isinstance(verdict, Refused):
            refused, against = verdict.reason, verdict.clause
            self.refusals.append(Refusal(send.recipient, refused))
            self.node.held_back(send)
        else:
            self._sequences[send.recipient] += 1
        self._leaf_number += 1
        return audit.Leaf(
            number=self._leaf_number,
            time_ns=time_ns,
            recipient=send.recipient,
            sequence=0 if refused else self._sequences[send.recipient],
            kind=type(send.message).__name__.lower(),
            subject=_subject(send.message),
            message=hashlib.sha256(body).digest(),
            pact=self._pact_digest,
            refused=refused,
            verdicts=_without_releases(send.verdicts) if refused else send.verdicts,
            asked=send.message.clause if isinstance(send.message, Warn) else "",
            against=against,
        )


def _subject(message: Message) -> str:
    if isinstance(message, Picture):
        return ""
    if isinstance(message, Ack):
        return f"{message.warning}/{message.revision} {message.step}"
    return f"{message.warning}/{message.revision} {message.state}"


def _without_releases(verdicts: tuple[Verdicts, ...]) -> tuple[Verdicts, ...]:
    """The verdicts of a refused message: none of its rows was released."""
    return tuple(verdict for verdict in verdicts if verdict.form == 0)


def station_of(header: Header, *, where: str) -> Station:
    """The station that a journal's header describes, as it was before the first entry.

    DocumentError for a text in it that cannot be; JournalError where mode and network text disagree.
    """
    network = parse_network(header.network_text, file=header.network_file)
    if header.mode not in ("", network.mode.value):
        sentence = f"found mode {header.mode} and a network of mode {network.mode.value}; expected one mode"
        raise JournalError(f"{where}: header: {sentence}")
    pact = parse_pact(header.pact_text, file=header.pact_file)
    root = parse_root(header.trust_text, file=header.trust_file) if header.trust_text else None
    return Station(Node(network, pact, header.member, root=root), pact)


def replay(station: Station, entries: Iterator[Entry], *, where: str) -> tuple[int, bytes]:
    """(entries, digest of all effects) of a journal; JournalError at the first step that differs."""
    digest = bytes(32)
    count = 0
    for entry in entries:
        batch = decode_batch(entry.batch, where=f"{where}: entry {entry.number}")
        record = station.advance(batch)
        count += 1
        digest = record.effects
        if digest != entry.effects or record.release_link != entry.release_link:
            raise JournalError(
                f"{where}: entry {entry.number} replays to effects {digest.hex()[:16]}; "
                f"expected {entry.effects.hex()[:16]}, as recorded"
            )
    return count, digest
