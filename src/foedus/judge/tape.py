"""The captured messages of a run, decoded once: pictures as columns per pair, warnings, acknowledgements."""

import hashlib
from typing import NamedTuple

import numpy as np

from foedus.drill.outcome import Captured, Run
from foedus.errors import WireError
from foedus.judge.finding import Finding
from foedus.model import I64, Reports, concatenate
from foedus.wire import Ack, Picture, Warn, decode_message, unpack_columns


class Flow(NamedTuple):
    """All rows that one party gave another; every column has shape (n,)."""

    sender: str
    recipient: str
    sent_ns: I64
    arrived_ns: I64  # 0: it did not
    message: I64  # index into Tape.captured
    clause: tuple[str, ...]  # as each row names it
    rows: Reports


class Said(NamedTuple):
    """One warning as it crossed a link."""

    captured: Captured
    warn: Warn


class Answered(NamedTuple):
    """One acknowledgement as it crossed a link."""

    captured: Captured
    ack: Ack


class Tape(NamedTuple):
    """Everything that crossed a link, in order of sending."""

    captured: tuple[Captured, ...]
    flows: dict[tuple[str, str], Flow]
    warnings: tuple[Said, ...]
    acks: tuple[Answered, ...]
    pictures: tuple[tuple[Captured, Picture], ...]
    unread: tuple[Finding, ...]


def digest_of(captured: Captured) -> str:
    """SHA-256 (hex) of the message."""
    return hashlib.sha256(captured.body).hexdigest()


def read_tape(run: Run, parties: int) -> Tape:
    """The tape of a run. What does not decode is a finding; without bodies nothing can be judged."""
    parts: dict[tuple[str, str], list[tuple[int, Picture, Reports]]] = {}
    pictures, warnings, acks, unread = [], [], [], []
    for index, one in enumerate(run.sent):
        try:
            message = decode_message(one.body)
            if isinstance(message, Picture):
                rows = unpack_columns(message.reports, Reports, parties=parties)
                pictures.append((one, message))
                if len(rows.number):
                    parts.setdefault((one.sender, one.recipient), []).append((index, message, rows))
            elif isinstance(message, Warn):
                warnings.append(Said(one, message))
            else:
                acks.append(Answered(one, message))
        except WireError as error:
            unread.append(_unreadable(one, error))
    flows = {pair: _flow(run, pair, one) for pair, one in parts.items()}
    return Tape(run.sent, flows, tuple(warnings), tuple(acks), tuple(pictures), tuple(unread))


def _unreadable(captured: Captured, error: WireError) -> Finding:
    return Finding(
        at_ns=captured.sent_ns,
        kind="forbidden",
        rule="unreadable",
        who=captured.sender,
        to=captured.recipient,
        sequence=captured.sequence,
        says=str(error),
        evidence=digest_of(captured),
    )


def _flow(run: Run, pair: tuple[str, str], parts: list[tuple[int, Picture, Reports]]) -> Flow:
    index = np.concatenate([np.full(len(rows.number), at, np.int64) for at, _, rows in parts])
    sent = np.array([one.sent_ns for one in run.sent], np.int64)
    arrived = np.array([one.arrived_ns for one in run.sent], np.int64)
    names = tuple(
        picture.clauses[row] if 0 <= row < len(picture.clauses) else ""
        for _, picture, rows in parts
        for row in rows.clause.tolist()
    )
    rows = concatenate([one for _, _, one in parts])
    return Flow(*pair, sent[index], arrived[index], index, names, rows)
