"""The numbers of a report as rows, for JSON and Parquet: one struct per table; each row names its run.

Times are int64 nanoseconds UTC of the drill, 0 where the thing never happened; minutes are null there.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from foedus.drill.keeping import Kept
from foedus.drill.outcome import Captured
from foedus.model import SECOND_NS
from foedus.report.findings import Finding, findings
from foedus.report.ratings import Rating, rate


class Which(msgspec.Struct, frozen=True, kw_only=True):
    """Which run a row is of."""

    mode: str
    drill: str
    pact: str
    pact_version: str
    pact_digest: str
    seed: int


class MinutesRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event and capital; minutes before arrival."""

    event: str
    member: str
    zone: str
    arrival_ns: int
    known_ns: int
    shown_ns: int
    acknowledged_ns: int
    known_min: float | None
    shown_min: float | None
    acknowledged_min: float | None
    known_from: str
    shown_by: str
    shown_clause: str
    lost_min: float | None  # against the ideal pact; null where it was not worked out


class WarningRow(msgspec.Struct, frozen=True, kw_only=True):
    """One warning at one console; seconds after it was raised."""

    member: str
    warning: str
    direction: str
    party: str
    zone: str
    clause: str
    track_class: str
    state: str
    revision: int
    target: str
    false: bool
    raised_ns: int
    stored_s: float | None
    shown_s: float | None
    acknowledged_s: float | None


class LinkRow(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one kind from one member to another."""

    sender: str
    recipient: str
    kind: str
    messages: int
    arrived: int
    tries: int
    delay_s_median: float | None
    delay_s_max: float | None


class DecisionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one clause decided between two members; foedus.drill.outcome.Decided."""

    sender: str
    recipient: str
    kind: str
    clause: str
    form: int
    rows: int
    messages: int
    refused: str
    asked: str


class FactRow(msgspec.Struct, frozen=True, kw_only=True):
    """One fact told to the nodes."""

    at_ns: int
    what: str
    of: str
    by: str
    says: str
    as_to: str
    because: str


class InjectRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the script, as it was played."""

    number: str
    at_ns: int
    inject: str
    to: str
    why: str
    event: str
    expected: str


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """All tables of one run."""

    which: Which
    drill_digest: str
    effects: tuple[tuple[str, str], ...]
    minutes: tuple[MinutesRow, ...]
    warnings: tuple[WarningRow, ...]
    links: tuple[LinkRow, ...]
    decisions: tuple[DecisionRow, ...]
    facts: tuple[FactRow, ...]
    injects: tuple[InjectRow, ...]
    objectives: tuple[Rating, ...]
    findings: tuple[Finding, ...]


TABLES: Final[dict[str, type[msgspec.Struct]]] = {
    "minutes": MinutesRow,
    "warnings": WarningRow,
    "links": LinkRow,
    "decisions": DecisionRow,
    "facts": FactRow,
    "injects": InjectRow,
    "objectives": Rating,
    "findings": Finding,
}


def numbers_of(kept: Kept) -> Numbers:
    """The numbers of one run."""
    run = kept.run
    ratings = rate(kept.drill, run)
    return Numbers(
        which=Which(
            mode=kept.mode,
            drill=run.drill,
            pact=run.pact,
            pact_version=run.pact_version,
            pact_digest=run.pact_digest,
            seed=run.seed,
        ),
        drill_digest=run.drill_digest,
        effects=run.effects,
        minutes=_minutes(kept),
        warnings=_warnings(kept),
        links=_links(run.sent),
        decisions=tuple(msgspec.convert(one, DecisionRow, from_attributes=True) for one in run.decided),
        facts=tuple(
            FactRow(
                at_ns=one.at_ns,
                what=one.what,
                of=one.of,
                by=one.by,
                says=one.says,
                as_to=", ".join(one.as_to),
                because=one.because,
            )
            for one in run.told
        ),
        injects=_injects(kept),
        objectives=ratings,
        findings=findings(kept, ratings),
    )


def _minutes(kept: Kept) -> tuple[MinutesRow, ...]:
    lost = {(one.event, one.member): one.lost_min for one in kept.losses}
    return tuple(
        MinutesRow(
            event=one.event,
            member=one.member,
            zone=one.zone,
            arrival_ns=one.arrival_ns,
            known_ns=one.known_ns,
            shown_ns=one.shown_ns,
            acknowledged_ns=one.acknowledged_ns,
            known_min=one.known_min,
            shown_min=one.shown_min,
            acknowledged_min=one.acknowledged_min,
            known_from=one.known_from,
            shown_by=one.shown_by,
            shown_clause=one.shown_clause,
            lost_min=lost.get((one.event, one.member)),
        )
        for one in kept.run.outcomes
    )


def _warnings(kept: Kept) -> tuple[WarningRow, ...]:
    return tuple(
        WarningRow(
            member=one.member,
            warning=one.warning,
            direction=one.direction,
            party=one.party,
            zone=one.zone,
            clause=one.clause,
            track_class=one.track_class,
            state=one.state,
            revision=one.revision,
            target=one.target,
            false=not one.target,
            raised_ns=one.raised_ns,
            stored_s=_after(one.raised_ns, one.stored_ns),
            shown_s=_after(one.raised_ns, one.shown_ns),
            acknowledged_s=_after(one.raised_ns, one.acknowledged_ns),
        )
        for one in kept.run.warned
    )


def _after(from_ns: int, to_ns: int) -> float | None:
    return (to_ns - from_ns) / SECOND_NS if from_ns and to_ns else None


def _links(sent: Sequence[Captured]) -> tuple[LinkRow, ...]:
    groups: dict[tuple[str, str, str], list[Captured]] = {}
    for one in sent:
        groups.setdefault((one.sender, one.recipient, one.kind), []).append(one)
    rows = []
    for (sender, recipient, kind), messages in sorted(groups.items()):
        delays = sorted((one.arrived_ns - one.sent_ns) / SECOND_NS for one in messages if one.arrived_ns)
        rows.append(
            LinkRow(
                sender=sender,
                recipient=recipient,
                kind=kind,
                messages=len(messages),
                arrived=len(delays),
                tries=sum(one.tries for one in messages),
                delay_s_median=delays[len(delays) // 2] if delays else None,
                delay_s_max=delays[-1] if delays else None,
            )
        )
    return tuple(rows)


def _injects(kept: Kept) -> tuple[InjectRow, ...]:
    rows = {one.number: one for one in kept.drill.inject}
    return tuple(
        InjectRow(
            number=one.number,
            at_ns=one.at_ns,
            inject=one.inject,
            to=one.to,
            why=one.why,
            event=rows[one.number].event if one.number in rows else "",
            expected=rows[one.number].expected if one.number in rows else "",
        )
        for one in kept.run.played
    )


# ---------------------------------------------------------------- bytes


def encode_json(runs: Sequence[Numbers]) -> bytes:
    """All numbers of all runs as one JSON array."""
    return msgspec.json.format(msgspec.json.encode(list(runs)), indent=1) + b"\n"


def encode_parquet(runs: Sequence[Numbers], table: str) -> bytes:
    """One table of all runs as Parquet; its metadata say the mode as well as every row does."""
    import pyarrow as pa  # noqa: PLC0415 - only who writes tables waits for it
    import pyarrow.parquet as pq  # noqa: PLC0415

    kind = TABLES[table]
    fields = [(field.name, field.type) for one in (Which, kind) for field in msgspec.structs.fields(one)]
    schema = pa.schema(
        [(name, _arrow_type(pa, field)) for name, field in fields], metadata={"foedus.mode": "EXERCISE"}
    )
    rows = [
        msgspec.structs.asdict(run.which) | msgspec.structs.asdict(row)
        for run in runs
        for row in getattr(run, table)
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema), sink)
    return bytes(sink.getvalue())


def _arrow_type(pa: Any, kind: Any) -> Any:
    types = {str: pa.string(), int: pa.int64(), bool: pa.bool_(), float: pa.float64()}
    return types.get(kind, pa.float64())  # else float | None
