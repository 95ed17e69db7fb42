"""What a new text changes in substance (check K7): not which words differ, but who would owe what, and when.

The two texts are compared over the product of situations (universe.py), once in force (align.py) unless the
situation of the day is asked for; what is in force on the day is said apart from it.
"""

from datetime import datetime
from typing import Literal

import msgspec

from foedus.pact.clauses import Pact
from foedus.pact.comparing.align import as_promised
from foedus.pact.comparing.demands import Demands
from foedus.pact.comparing.diff_notes import Note, diff_notes
from foedus.pact.comparing.differences import Change, Field, changes_of, differences, same_clauses
from foedus.pact.force import Fact, in_force, missing_steps, time_ns_of
from foedus.pact.words import Truth


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What of one text is in force on the day, and which step of which party is missing."""

    version: str
    in_force: str
    why: tuple[str, ...]
    missing: tuple[str, ...]


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """All that changes between two texts."""

    old: str
    new: str
    at: datetime
    supposed: Literal["once in force", "as is"]
    standing: tuple[Standing, Standing]
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]


def diff(old: Pact, new: Pact, *, at: datetime, facts: tuple[Fact, ...] = (), as_is: bool = False) -> Diff:
    """What changes from one text to another."""
    compared = (old, new) if as_is else (as_promised(old), as_promised(new))
    field = Field(compared, at=at, facts=facts if as_is else ())
    same = same_clauses(*compared)
    before, after = (Demands(pact, field.asked) for pact in compared)
    found = differences(before, after, field, same=same)
    return Diff(
        old=f"{old.pact} {old.version}",
        new=f"{new.pact} {new.version}",
        at=at,
        supposed="as is" if as_is else "once in force",
        standing=(standing(old, at=at, facts=facts), standing(new, at=at, facts=facts)),
        changes=tuple(changes_of(found, field)),
        notes=tuple(diff_notes(old, new, before, after, field, same)),
    )


def standing(pact: Pact, *, at: datetime, facts: tuple[Fact, ...] = ()) -> Standing:
    """Whether a text is in force on the day, and what is missing."""
    judged = in_force(pact, time_ns=time_ns_of(at), facts=facts)
    return Standing(
        version=f"{pact.pact} {pact.version}",
        in_force={Truth.YES: "yes", Truth.NO: "no", Truth.UNDETERMINED: "cannot be told"}[judged.truth],
        why=tuple(f"{ground.term}: {ground.found}" for ground in judged.grounds),
        missing=tuple(
            f"{party}: {step}" for party, step, _ in missing_steps(pact, time_ns=time_ns_of(at), facts=facts)
        ),
    )
