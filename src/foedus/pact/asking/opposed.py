"""Which clauses say the opposite of a claim: only these make an unfulfilled expectation a contradiction."""

from collections.abc import Iterator, Sequence
from typing import Final

from foedus.model import Form
from foedus.pact.asking.claim_truth import Heard
from foedus.pact.asking.claims import Claim
from foedus.pact.clauses import Caveat, Clause, Record, Route, Share, Withhold
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.situation import Situation
from foedus.pact.words import DataKind, Truth

WARNED_FROM: Final = (DataKind.TRACKS, DataKind.PICTURE, DataKind.INTELLIGENCE, DataKind.WARNING_DATA)
"""Data that a warning would give away: who keeps them all back from a party does not warn it."""

PUBLIC_BODIES: Final = ("unsc", "legislature")


def opposed_by(evaluator: Evaluator, claim: Claim, situation: Situation, heard: Heard) -> tuple[str, ...]:
    """The clauses that bar in this situation what the claim says is owed or given; empty: none does."""
    match claim.verb:
        case "give":
            speaking = list(_speaking(evaluator, situation))
            found = [one.id for one in speaking if _decides(evaluator, speaking, one, claim, heard)]
        case "warn":
            found = _warning_barred(evaluator, claim, situation)
        case "notify":
            found = [
                one.id
                for one in _speaking(evaluator, situation)
                if isinstance(one, Record) and "existence" in one.secrecy and claim.body in PUBLIC_BODIES
            ]
        case _:
            found = []
    return tuple(dict.fromkeys(found))


def _speaking(evaluator: Evaluator, situation: Situation) -> Iterator[Clause]:
    for clause in evaluator.pact.clause:
        if evaluator.clause_holds(clause, situation).truth == Truth.YES:
            yield clause


def _decides(
    evaluator: Evaluator, speaking: Sequence[Clause], clause: Clause, claim: Claim, heard: Heard
) -> bool:
    """Whether the clause decides on the flow, and otherwise than the claim says.

    A route bars what a share gives directly; where none does, the way by the hub is open and it bars nothing.
    """
    if clause.id not in heard.clauses:
        return False
    if isinstance(clause, Route):
        return not claim.nothing and any(_shares(evaluator, one, claim) for one in speaking)
    if isinstance(clause, Withhold):
        return not claim.nothing
    if not isinstance(clause, Share) or claim.bound == "at least":
        return False
    form = Form.SOURCE if isinstance(clause.form, str) else clause.form
    return claim.nothing or (claim.form is not None and form > claim.form)


def _shares(evaluator: Evaluator, clause: Clause, claim: Claim) -> bool:
    return (
        isinstance(clause, Share)
        and clause.data == claim.data
        and any(one in evaluator.selected(clause.giver) for one in claim.doers)
        and any(one in evaluator.selected(clause.taker) for one in claim.receivers)
    )


def _warning_barred(evaluator: Evaluator, claim: Claim, situation: Situation) -> list[str]:
    """The clauses by which nobody who is meant may warn; none where anybody is free to."""
    found: list[str] = []
    doers = claim.doers or tuple(party.id for party in evaluator.pact.party)
    for doer in doers:
        for receiver in claim.receivers:
            if doer == receiver:
                continue
            barring = [
                one.id
                for one in _speaking(evaluator, situation)
                if _keeps_back(evaluator, one, doer, receiver, situation)
            ]
            barring += _sealed(evaluator, doer, receiver, situation)
            if not barring:
                return []
            found += barring
    return found


def _keeps_back(evaluator: Evaluator, clause: Clause, doer: str, receiver: str, situation: Situation) -> bool:
    return (
        isinstance(clause, Withhold)
        and clause.data in WARNED_FROM
        and not clause.zones
        and (not clause.classes or situation.track_class in clause.classes)
        and doer in evaluator.selected(clause.giver)
        and receiver in evaluator.selected(clause.taker)
    )


def _sealed(evaluator: Evaluator, doer: str, receiver: str, situation: Situation) -> list[str]:
    """The caveats by which a hub, which knows only what it was given, may pass nothing on to that party."""
    party = next((one for one in evaluator.pact.party if one.id == doer), None)
    if party is None or party.role != "hub":
        return []
    speaking = list(_speaking(evaluator, situation))
    shares = [one for one in speaking if isinstance(one, Share) and doer in evaluator.selected(one.taker)]
    caveats = [one for one in speaking if isinstance(one, Caveat) and one.orcon and one.originator == "any"]
    sealing = [
        next((one.id for one in caveats if share.id in one.on and _seals(evaluator, one, receiver)), "")
        for share in shares
    ]
    return sealing if all(sealing) else []


def _seals(evaluator: Evaluator, caveat: Caveat, receiver: str) -> bool:
    if receiver in evaluator.selected(caveat.rel_to):
        return False
    onward = caveat.onward
    if onward is None or onward.max_form == Form.NONE:
        return True
    return receiver not in evaluator.selected(onward.to)
