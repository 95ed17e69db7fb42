"""What a sweep keeps of each run: a row per event and capital, with the same columns whatever was played."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from foedus.drill.outcome import Outcome, Run
from foedus.drill.simulation import play
from foedus.drill.sweep import Job
from foedus.drill.text import Drill
from foedus.pact.clauses import Pact

SCHEMA: Final = pa.schema(
    [
        pa.field("pact", pa.string(), nullable=False),
        pa.field("pact_version", pa.string(), nullable=False),
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("member", pa.string(), nullable=False),
        pa.field("zone", pa.string(), nullable=False),
        pa.field("known_min", pa.float64(), metadata={"unit": "min before arrival; null: never"}),
        pa.field("shown_min", pa.float64(), metadata={"unit": "min before arrival; null: never"}),
        pa.field("acknowledged_min", pa.float64(), metadata={"unit": "min before arrival; null: never"}),
        pa.field("known_from", pa.string(), nullable=False),
        pa.field("shown_by", pa.string(), nullable=False),
        pa.field("shown_clause", pa.string(), nullable=False),
        pa.field("false_warnings", pa.int32(), nullable=False, metadata={"unit": "of the whole run, here"}),
        pa.field("effects", pa.string(), nullable=False, metadata={"unit": "digest of what this node did"}),
    ]
)


class DrillWork:
    """Plays a drill under the pact and with the seed of a job; holds the texts, so a worker needs no file."""

    def __init__(self, drill: Drill, pacts: Mapping[str, Pact]) -> None:
        self._drill = drill
        self._pacts = dict(pacts)

    def __call__(self, job: Job) -> pa.RecordBatch:
        """The rows of one run."""
        return rows_of(
            play(self._drill, self._pacts[job.pact], name=job.pact, seed=job.seed, keep_bodies=False)
        )


def rows_of(run: Run) -> pa.RecordBatch:
    """One row per event and capital of a run."""
    effects = dict(run.effects)
    rows = [_row(run, one, effects[one.member]) for one in run.outcomes]
    columns = [pa.array([row[place] for row in rows], field.type) for place, field in enumerate(SCHEMA)]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _row(run: Run, one: Outcome, effects: str) -> tuple[object, ...]:
    false = sum(
        warned.member == one.member and warned.direction != "sent" and not warned.target
        for warned in run.warned
    )
    return (
        run.pact, run.pact_version, run.seed, one.event, one.member, one.zone,
        one.known_min, one.shown_min, one.acknowledged_min,
        one.known_from, one.shown_by, one.shown_clause, false, effects,
    )  # fmt: skip
