"""What is found on a claim: fulfilled, violated, not owed or undetermined, with every line that it rests on.

A finding weighs nobody's word against another's: where the accounts of the slice lead to different findings
it is undetermined, and all are given.
"""

from collections.abc import Iterator

import msgspec

from foedus.pact.clauses import Pact
from foedus.pact.incidents.claim_document import Claim, Fault, Found, unknown
from foedus.pact.incidents.incident import IncidentFile, stance
from foedus.pact.incidents.incident_opinion import Attributed, DutyFound, judge
from foedus.pact.incidents.timeline import Reckoning


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What is found on one attribution and on one word about knowledge and one about what was done."""

    attacker: str
    known_according_to: str
    done_according_to: str
    finding: Found
    because: str
    lines: tuple[str, ...]
    placeholders: tuple[str, ...]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is found on a claim, with the lines that it rests on and all the readings that lead to it."""

    claim: str
    claimant: str
    against: str
    pact: str
    clause: str
    asked: Found
    finding: Found
    because: str
    lines: tuple[str, ...]
    placeholders: tuple[str, ...]
    readings: tuple[Reading, ...]
    left_out: tuple[str, ...] = ()
    """Lines of a ledger that are about the same, and that the claim does not take."""


def find(claim: Claim, file: IncidentFile, pact: Pact) -> Finding:
    """The finding on a claim from the accounts of an incident; the claim has no fault (fault_in)."""
    assert fault_in(claim, file, pact) is None
    opinion = judge(file, pact, as_if=claim.as_if)
    attributions = [
        one for one in opinion.attributions if not claim.attackers or one.attacker in claim.attackers
    ]
    readings = tuple(reading for one in attributions for reading in _readings(claim, file, one))
    said = list(dict.fromkeys(one.finding for one in readings))
    finding: Found = said[0] if len(said) == 1 else "undetermined"
    because = "; ".join(dict.fromkeys(one.because for one in readings))
    if len(said) > 1:
        because = f"the readings differ: {', '.join(said)}"
    return Finding(
        claim=claim.id,
        claimant=claim.claimant,
        against=claim.against,
        pact=f"{pact.pact} {pact.version}",
        clause=claim.clause,
        asked=claim.asked,
        finding=finding,
        because=because,
        lines=tuple(dict.fromkeys(line for one in readings for line in one.lines)),
        placeholders=tuple(dict.fromkeys(name for one in readings for name in one.placeholders)),
        readings=readings,
    )


def fault_in(claim: Claim, file: IncidentFile, pact: Pact) -> Fault | None:
    """The first name in the claim that neither the pact nor the incident has; None where all are known."""
    parties = [party.id for party in pact.party]
    accounts = [one.according_to for one in file.incident.account]
    clauses = [one.id for one in pact.clause]
    named = (
        (("claimant",), claim.claimant, parties),
        (("against",), claim.against, parties),
        (("clause",), claim.clause, clauses),
        *((("known", index), one, accounts) for index, one in enumerate(claim.known)),
        *((("done", index), one, accounts) for index, one in enumerate(claim.done)),
        *((("attackers", index), one, _attackers(file)) for index, one in enumerate(claim.attackers)),
    )
    return next((unknown(place, one, known) for place, one, known in named if one not in known), None)


def _attackers(file: IncidentFile) -> list[str]:
    return list(dict.fromkeys([*(one.attacker for one in file.incident.attribution), "unattributed"]))


def _readings(claim: Claim, file: IncidentFile, under: Attributed) -> Iterator[Reading]:
    duties = [
        one
        for one in under.duties
        if (one.clause, one.debtor) == (claim.clause, claim.against) and claim.claimant in one.creditors
    ]
    if not duties:
        because = f"{claim.clause} obliges {claim.against} to nothing toward {claim.claimant} here"
        yield _reading(file, under, "not_owed", because)
        return
    duty = duties[0]
    if duty.truth == "no":
        yield _reading(file, under, "not_owed", "; ".join(duty.words))
        return
    rows = [
        one
        for creditor, each in duty.reckonings
        if creditor == claim.claimant
        for one in each
        if (not claim.known or one.account in claim.known) and (not claim.done or one.evidence in claim.done)
    ]
    for one in rows:
        yield _weighed(file, under, duty, one)
    if not rows:
        yield _reading(file, under, "undetermined", "no account of the slice says what was known or done")


def _weighed(file: IncidentFile, under: Attributed, duty: DutyFound, one: Reckoning) -> Reading:
    finding: Found = "undetermined"
    because = "; ".join(duty.words) if duty.truth == "undetermined" else "perhaps in time, perhaps not"
    if duty.truth == "yes" and one.breached == "yes":
        finding, because = "violated", "the deadline passed before it was done"
    elif duty.truth == "yes" and one.breached == "no" and one.done_says == "stated":
        finding, because = "fulfilled", "it was done in time"
    elif one.breached == "no" and one.done_says != "stated":
        finding, because = "not_owed", "the clock of the duty never started"
    ground = _withheld(file, duty.debtor, one.account)
    lines = tuple(str(file.line_of_fact(index)) for index in (*one.facts, *ground))
    if finding == "violated" and not ground:
        because += "; no ground for the silence is recorded"
    return _reading(
        file,
        under,
        finding,
        f"{because}{f' ({one.says})' if one.says else ''}",
        account=one.account,
        evidence=one.evidence,
        lines=lines,
        placeholders=one.placeholders,
    )


def _withheld(file: IncidentFile, debtor: str, account: str) -> tuple[int, ...]:
    """The facts by which one account records that the debtor kept it back, and on what ground."""
    return tuple(
        index
        for index, fact in enumerate(file.incident.fact)
        if fact.what == "withheld" and fact.who == debtor and fact.according_to == account
    )


def _reading(
    file: IncidentFile,
    under: Attributed,
    finding: Found,
    because: str,
    *,
    account: str = "",
    evidence: str = "",
    lines: tuple[str, ...] = (),
    placeholders: tuple[str, ...] = (),
) -> Reading:
    said = tuple(
        f"{file.file}:{line}: {one.standing} {one.attacker} according to {one.according_to}"
        for line, one in zip(file.attribution_lines, file.incident.attribution, strict=True)
        if one.attacker == under.attacker
        and stance(file.incident, one.according_to, one.attacker) == "asserts"
    )
    return Reading(
        attacker=under.attacker,
        known_according_to=account,
        done_according_to=evidence,
        finding=finding,
        because=because,
        lines=(*lines, *said),
        placeholders=placeholders,
    )
