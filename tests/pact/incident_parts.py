"""Small incidents for tests: an attack on AA, told by as many accounts as a test needs."""

from typing import Any

import msgspec
from pact_parts import COMMON, pact, zone

from foedus.pact.clauses import Pact, Warn
from foedus.pact.incidents.incident import IncidentFile, parse_incident
from foedus.pact.incidents.incident_opinion import Attributed, DutyFound, judge
from foedus.pact.incidents.timeline import Reckoning

HEAD = """\
foedus = 1
incident = "tests"
title = "An attack on QA"
victim = "QA"
[zero]
name = "first_impact"
at = [2025-09-09T13:00:00Z, 2025-09-09T13:00:00Z]
source = "tests"
"""


def account(name: str) -> str:
    return f'[[account]]\naccording_to = "{name}"\nsays = "It says."\nsource = "tests"\n'


def attribution(name: str, standing: str, attacker: str | None = None) -> str:
    who = "" if attacker is None else f'attacker = "{attacker}"\n'
    return f'[[attribution]]\nstanding = "{standing}"\naccording_to = "{name}"\n{who}'


def fact(what: str, who: str, name: str, when: list[float] | str | None = None, **more: Any) -> str:
    rows = [f'what = "{what}"', f'who = "{who}"', f'according_to = "{name}"']
    rows += [f"when = {when}"] if when is not None else ['happened = "no"']
    rows += [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in more.items()]
    return "[[fact]]\n" + "\n".join(rows) + "\n"


def incident(*parts: str, accounts: str = "a b c", head: str = HEAD) -> IncidentFile:
    """The incident of these rows; IL attacked according to a, if no row attributes it."""
    rows = list(parts)
    if not any(part.startswith("[[attribution]]") for part in rows):
        rows.append(attribution("a", "attributed", "IL"))
    text = "".join([head, *map(account, accounts.split()), *rows])
    return parse_incident(text, file="tests.toml")


def warning(**more: Any) -> Warn:
    """The hub US warns whoever is attacked within 120 s from knowing it, two hours ahead at most."""
    fields: dict[str, Any] = {
        "id": "W1",
        "by": "US",
        "to": "QA",
        "content": "alert",
        "horizon_s": 7200.0,
        "probability": 0.5,
        "within_s": 120.0,
        "renew_s": 30.0,
        "expires_s": 120.0,
        "ack_s": 60.0,
    }
    return Warn(**(COMMON | fields | more))


def gulf(*clauses: Any, **more: Any) -> Pact:
    """A pact of QA, SA, IL and the hub US."""
    from pact_parts import party

    parties = (party("QA"), party("SA"), party("IL"), party("US", "hub", "elsewhere"))
    return pact(*clauses, party=parties, zone=(zone("QA", "QA"),), **more)


def under(file: IncidentFile, text: Pact, attacker: str = "IL") -> Attributed:
    found = judge(file, text)
    return next(one for one in found.attributions if one.attacker == attacker)


def duty_of(file: IncidentFile, text: Pact, clause: str = "W1", attacker: str = "IL") -> DutyFound:
    return next(one for one in under(file, text, attacker).duties if one.clause == clause)


def reckoned(
    file: IncidentFile, text: Pact, name: str, evidence: str | None = None, clause: str = "W1"
) -> Reckoning:
    ((_, rows),) = duty_of(file, text, clause).reckonings
    return next(one for one in rows if (one.account, one.evidence) == (name, evidence or name))
