"""What the judge says: one finding per message and rule, or per duty that was not met."""

from typing import Literal

import msgspec

Kind = Literal[
    "forbidden",  # a row, field or message that no clause allows
    "warning",  # a warning or acknowledgement that is not as the text has it
    "missed_duty",
    "late",
    "silence",  # the text let or made the sender give it, the sender held it, and it gave nothing
    "shown_twice",
    "shown_after_expiry",
    "undetermined",  # the truth does not settle it; never an accusation
]


class Finding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing that is not as the text has it, or that cannot be told."""

    at_ns: int
    kind: Kind
    rule: str  # which check found it: delay, form, place, tearline ...
    who: str
    to: str
    clause: str = ""  # the clause that decides; empty: none speaks
    sequence: int = 0  # of the message from who to to; 0: no message is at hand
    says: str = ""
    rows: int = 0  # of a picture, how many rows
    evidence: str = ""  # SHA-256 (hex) of the message, or of the record on which this rests


def accusations(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings without those that cannot be told."""
    return tuple(one for one in findings if one.kind != "undetermined")
