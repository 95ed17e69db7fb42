"""What the release logs of a run decided, by clause: rows released and withheld, messages refused."""

from collections import Counter

from foedus.audit import Leaf, decode_leaf
from foedus.drill.outcome import Decided
from foedus.journal import Record

Key = tuple[str, str, str, str, int, str, str]
"""Sender, recipient, kind, clause, form, refused, asked."""


class Decisions:
    """Counts of all leaves of all members, as they are written."""

    def __init__(self) -> None:
        self._rows: Counter[Key] = Counter()
        self._messages: Counter[Key] = Counter()

    def count(self, member: str, record: Record) -> None:
        """Take in the leaves of one step."""
        for number, data, _ in record.leaves:
            self._count_leaf(member, decode_leaf(data, where=f"{member}: leaf {number}"))

    def _count_leaf(self, member: str, leaf: Leaf) -> None:
        if leaf.refused:
            key = (member, leaf.recipient, leaf.kind, leaf.against, 0, leaf.refused, leaf.asked)
            self._messages[key] += 1
        for verdict in leaf.verdicts:
            if verdict.rows:
                key = (member, leaf.recipient, leaf.kind, verdict.clause, verdict.form, "", "")
                self._rows[key] += verdict.rows
                self._messages[key] += 1

    def decided(self) -> tuple[Decided, ...]:
        """All counts, in order of sender, recipient, kind, clause and form."""
        return tuple(
            Decided(
                sender=sender,
                recipient=recipient,
                kind=kind,
                clause=clause,
                form=form,
                rows=self._rows[sender, recipient, kind, clause, form, refused, asked],
                messages=messages,
                refused=refused,
                asked=asked,
            )
            for (sender, recipient, kind, clause, form, refused, asked), messages in sorted(
                self._messages.items()
            )
        )
