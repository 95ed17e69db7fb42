"""Small pacts for tests, built from clauses: everything that a test does not speak of has a plain value."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from foedus.pact.clauses import (
    Adversary,
    Approval,
    Assist,
    Basis,
    Casus,
    Clause,
    Done,
    Milestone,
    Pact,
    Party,
    Share,
    State,
    Suspend,
    Term,
    Warn,
    Zone,
)
from foedus.pact.force import Fact
from foedus.pact.meaning.situation import Situation

COMMON: dict[str, Any] = {"text": "A clause for tests.", "cite": "tests", "basis": "stylised"}


def day(text: str) -> datetime:
    """Midnight UTC of a date, or an instant."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


NOW = day("2025-09-09")


def party(name: str, role: str = "member", *regions: str, **more: Any) -> Party:
    return Party(id=name, name=name.title(), role=role, regions=regions or ("gulf",), **more)  # type: ignore[arg-type]


def pact(*clauses: Clause, **more: Any) -> Pact:
    """A pact of AA, BB, CC and the hub HH, in force since 2020 if no term is given; state XX is no party."""
    fields: dict[str, Any] = {
        "foedus": 1,
        "pact": "tests",
        "version": "1",
        "title": "Tests",
        "date": day("2020-01-01").date(),
        "basis": Basis(instrument="none", binding="law", evidence="stylised"),
        "party": (party("AA"), party("BB"), party("CC", "member", "europe"), party("HH", "hub", "elsewhere")),
        "state": (State(id="XX", name="Xanadu", regions=("elsewhere",)),),
        "zone": (),
    }
    if not any(isinstance(clause, Term) for clause in clauses):
        clauses = (*clauses, Term(id="T1", in_force=day("2020-01-01"), **COMMON))
    return Pact(**(fields | more | {"clause": clauses}))


def casus(name: str = "C1", **more: Any) -> Casus:
    fields = {"event": ("attack",), "object": ("territory",), "of": "member", "by": ("any",)}
    return Casus(id=name, **COMMON, **(fields | more))  # type: ignore[arg-type]


def assist(name: str = "A1", **more: Any) -> Assist:
    fields = {"casus": "C1", "by": "any", "standard": "decide_jointly", "discretion": "each_deems"}
    return Assist(id=name, **COMMON, **(fields | more))  # type: ignore[arg-type]


def warn(name: str = "W1", **more: Any) -> Warn:
    fields: dict[str, Any] = {
        "by": "hub",
        "to": "attacked",
        "content": "alert",
        "horizon_s": 300.0,
        "probability": 0.5,
        "within_s": 15.0,
        "renew_s": 30.0,
        "expires_s": 120.0,
        "ack_s": 60.0,
    }
    return Warn(id=name, **COMMON, **(fields | more))


def share(name: str = "S1", **more: Any) -> Share:
    fields: dict[str, Any] = {"giver": "member", "taker": "hub", "data": 0, "form": 4}
    return msgspec.convert(
        {"id": name, "kind": "share", **COMMON, **_encoded(fields | more)}, Share, strict=False
    )


def _encoded(fields: dict[str, Any]) -> dict[str, Any]:
    names = {"giver": "from", "taker": "to"}
    return {names.get(key, key): value for key, value in fields.items()}


def suspend(name: str = "Q1", *, on: tuple[str, ...] = ("A1",), **more: Any) -> Suspend:
    return Suspend(id=name, on=on, **COMMON, **more)


def approval(
    name: str, by: str, steps: tuple[str, ...], *done: tuple[str, str | None], **more: Any
) -> Approval:
    taken = tuple(Done(step=step, evidence="tests", on=day(on) if on else None) for step, on in done)  # type: ignore[arg-type]
    return Approval(id=name, by=by, steps=steps, done=taken, **COMMON, **more)  # type: ignore[arg-type]


def milestone(name: str = "M1", **more: Any) -> Milestone:
    return Milestone(id=name, says="Something happens.", basis="stylised", **more)


def adversary(of: str, state: str, **more: Any) -> Adversary:
    return Adversary(of=of, state=state, basis="stylised", **more)


def zone(name: str, owner: str | None = None) -> Zone:
    return Zone(id=name, owner=owner, source="invented", polygon=((24.0, 50.0), (26.0, 50.0), (26.0, 52.0)))


def fact(what: str, of: str, at: str, **more: Any) -> Fact:
    return Fact(what=what, of=of, at=day(at), **more)  # type: ignore[arg-type]


def attack(attacker: str = "XX", victim: str = "AA", **more: Any) -> Situation:
    fields: dict[str, Any] = {"at": NOW, "event": "attack", "attacker": attacker, "victim": victim}
    return Situation(**(fields | more))
