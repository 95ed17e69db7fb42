"""Claims: somebody says that another owed it something under a clause and did not do it; what is found.

The claim names a slice of the evidence: accounts of an incident, or one obligation of a ledger. A finding is
fulfilled, violated, not owed or undetermined, and names every line that it rests on. It weighs nobody's word
against another's: where the accounts of the slice lead to different findings it is undetermined, and all are
given.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from foedus.errors import InputError
from foedus.pact.clauses import Pact
from foedus.pact.incidents.incident import IncidentFile, stance
from foedus.pact.incidents.incident_opinion import Attributed, DutyFound, judge
from foedus.pact.incidents.ledger import Clock, Contested, Entry, Evidence, Held, Opened, Turned, standings
from foedus.pact.incidents.timeline import Reckoning
from foedus.pact.meaning.obligation import Stage

Found = Literal["fulfilled", "violated", "not_owed", "undetermined"]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who claims that who owed it what. The rest is the slice of the evidence; what is empty is all.

    known, done: the accounts whose word is taken on what the debtor knew, and on what it did.
    """

    claimant: str
    against: str
    clause: str
    known: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    attackers: tuple[str, ...] = ()


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

    claimant: str
    against: str
    pact: str
    clause: str
    finding: Found
    because: str
    lines: tuple[str, ...]
    placeholders: tuple[str, ...]
    readings: tuple[Reading, ...]


def find(claim: Claim, file: IncidentFile, pact: Pact) -> Finding:
    """The finding on a claim from the accounts of an incident."""
    _check(claim, file, pact)
    opinion = judge(file, pact)
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
        claimant=claim.claimant,
        against=claim.against,
        pact=f"{pact.pact} {pact.version}",
        clause=claim.clause,
        finding=finding,
        because=because,
        lines=tuple(dict.fromkeys(line for one in readings for line in one.lines)),
        placeholders=tuple(dict.fromkeys(name for one in readings for name in one.placeholders)),
        readings=readings,
    )


def _check(claim: Claim, file: IncidentFile, pact: Pact) -> None:
    """Nothing; InputError for a name in the claim that neither the pact nor the incident has."""
    parties = [party.id for party in pact.party]
    accounts = [one.according_to for one in file.incident.account]
    clauses = [one.id for one in pact.clause]
    named = (
        *(("claimant", one, parties) for one in (claim.claimant,)),
        *(("against", one, parties) for one in (claim.against,)),
        *(("clause", one, clauses) for one in (claim.clause,)),
        *(("account", one, accounts) for one in (*claim.known, *claim.done)),
        *(("attacker", one, _attackers(file)) for one in claim.attackers),
    )
    for where, one, names in named:
        if one not in names:
            raise InputError(where=f"claim: {where}", found=repr(one), expected=f"one of {', '.join(names)}")


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


# ---------------------------------------------------------------- from a ledger


FROM_STAGE: dict[Stage, Found] = {
    Stage.FULFILLED: "fulfilled",
    Stage.VIOLATED: "violated",
    Stage.NOT_OWED: "not_owed",
    Stage.CREATED: "undetermined",
    Stage.IN_EFFECT: "undetermined",
    Stage.SUSPENDED: "undetermined",
    Stage.EXPIRED: "not_owed",
}


def find_in_ledger(entries: Sequence[Entry], id_: str, *, claimant: str, file: str) -> Finding:
    """The finding on a claim from a ledger; what is contested is undetermined, and both sides are given."""
    held = next((one for one in standings(entries) if one.obligation.id == id_), None)
    if held is None:
        raise InputError(where=f"claim on {file}", found=repr(id_), expected="the id of an obligation in it")
    one = held.obligation
    if claimant not in one.creditors:
        expected = f"one of its creditors, {', '.join(one.creditors)}"
        raise InputError(where=f"claim on {file}", found=f"claimant {claimant!r}", expected=expected)
    finding = FROM_STAGE[held.stage]
    because = f"the ledger has it as {held.stage.value.replace('_', ' ')}"
    if held.contested:
        because += f", contested by {'; '.join(position.says for position in held.contested)}"
        finding = "undetermined"
    lines = tuple(f"{file}:{line}: {_spell_entry(entries[line - 1])}" for line in held.lines)
    return Finding(
        claimant=claimant,
        against=one.debtor,
        pact=f"{one.pact} {one.version}",
        clause=one.clause,
        finding=finding,
        because=because,
        lines=lines or _opener_lines(entries, held, file),
        placeholders=one.placeholders,
        readings=(),
    )


def _opener_lines(entries: Sequence[Entry], held: Held, file: str) -> tuple[str, ...]:
    """The lines of the obligation that opened this one, where no line is about it."""
    opener = next(one for one in standings(entries) if one.obligation.id == held.opened_by)
    return tuple(f"{file}:{line}: {_spell_entry(entries[line - 1])}" for line in opener.lines)


def _spell_entry(entry: Entry) -> str:
    """One entry in words."""
    match entry:
        case Opened():
            return f"opened {entry.obligation.id}: {entry.obligation.because}"
        case Evidence():
            done = "it was not done" if entry.done is None else f"done by {entry.done[1].isoformat()}"
            return f"{entry.form} by {entry.by}, {done}, SHA-256 {entry.sha256[:16]}"
        case Contested():
            return f"contested by {entry.by}: {entry.says}"
        case Turned():
            return f"{entry.to.replace('_', ' ')} by {entry.by}"
        case Clock():
            return f"the clock was read at {entry.at.isoformat()}"
