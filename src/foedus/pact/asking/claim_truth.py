"""Whether a claim holds in one situation, under one or several pacts, and on what grounds."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from foedus.model import Form
from foedus.pact.asking.claims import Claim
from foedus.pact.asking.sentences import plain
from foedus.pact.clauses import Pact, Share
from foedus.pact.force import Ground, Judgement, time_ns_of
from foedus.pact.meaning.evaluate import KINDS, Duty, DutyClause, Evaluator
from foedus.pact.meaning.flows import Flow, flow
from foedus.pact.meaning.situation import Situation
from foedus.pact.words import UNKNOWN, DataKind, Truth


class Heard(NamedTuple):
    """The truth of a claim, the grounds of what is no yes, and the clauses by which it is as it is."""

    truth: Truth
    grounds: tuple[Ground, ...]
    clauses: tuple[str, ...] = ()


class Hearing:
    """The pacts that claims are about, ready to be asked; flows that repeat are remembered."""

    def __init__(self, pacts: Sequence[Pact]) -> None:
        self.evaluators = tuple(Evaluator(pact) for pact in pacts)
        self._flows: dict[tuple[object, ...], tuple[Flow, tuple[Ground, ...], tuple[int, ...]]] = {}
        self._held: tuple[int, Situation, tuple[Judgement, ...]] | None = None
        self._owed: tuple[str, Situation, tuple[tuple[Evaluator, Duty], ...]] | None = None
        self._narrow: dict[str, tuple[Evaluator, ...]] = {}

    def core(self, claim: Claim, situation: Situation) -> Heard:
        """The truth of the claim without its `not` or `undetermined`, with the grounds of what is no yes."""
        one = self._gift if claim.verb == "give" else self._duty
        receivers = claim.receivers or ("",)
        doers = claim.doers or ("",)
        judged = [
            one(claim, doer, receiver, situation)
            for doer in doers
            for receiver in receivers
            if doer != receiver or not doer
        ]
        if not judged:
            return Heard(Truth.NO, (Ground(Truth.NO, "parties", "nobody owes anything to itself"),))
        return _all_of(judged, min(one.truth for one in judged))

    def flow(self, evaluator: Evaluator, situation: Situation, giver: str, taker: str) -> Flow:
        """The flow from one to the other; what repeats is worked out once, the grounds are always its own."""
        holds = self._holds(evaluator, situation)
        key = (
            self.evaluators.index(evaluator), tuple(one.truth for one in holds),
            time_ns_of(situation.at), situation.facts, situation.track_class, situation.zones, situation.data,
            giver, taker,
        )  # fmt: skip
        if key not in self._flows:
            found = flow(evaluator, situation, giver, taker)
            own = [ground for one in holds for ground in one.grounds]
            clauses = [
                index
                for index, (clause, one) in enumerate(zip(evaluator.pact.clause, holds, strict=True))
                if isinstance(clause, Share) and any(ground in found.grounds for ground in one.grounds)
            ]
            lasting = tuple(ground for ground in found.grounds if ground not in own)
            self._flows[key] = (found, lasting, tuple(clauses))
        found, lasting, shares = self._flows[key]
        grounds = dict.fromkeys([*lasting, *(ground for index in shares for ground in holds[index].grounds)])
        return found._replace(grounds=tuple(grounds))

    def _holds(self, evaluator: Evaluator, situation: Situation) -> tuple[Judgement, ...]:
        """Clause by clause, whether it speaks; kept for the next zone, on which none of them depends."""
        anywhere = msgspec.structs.replace(situation, zones=())
        pact = self.evaluators.index(evaluator)
        if self._held is None or self._held[:2] != (pact, anywhere):
            holds = tuple(evaluator.clause_holds(clause, situation) for clause in evaluator.pact.clause)
            self._held = (pact, anywhere, holds)
        return self._held[2]

    # ------------------------------------------------------------ duties

    def _duty(self, claim: Claim, doer: str, receiver: str, situation: Situation) -> Heard:
        found: list[Heard] = []
        for evaluator, duty in self._duties(claim.verb, situation):
            if doer in ("", duty.debtor) and _owed_to(duty, claim, receiver):
                found.append(_characterised(duty, claim, _clauses(evaluator, duty)))
        if not found:
            return Heard(Truth.NO, (Ground(Truth.NO, "text", _unbound(claim, doer, receiver)),))
        return _all_of(found, max(one.truth for one in found))

    def _duties(self, verb: str, situation: Situation) -> tuple[tuple[Evaluator, Duty], ...]:
        """The duties of that kind; kept for the next debtor and creditor in the same situation."""
        if self._owed is None or self._owed[:2] != (verb, situation):
            duties = tuple(
                (evaluator, duty)
                for evaluator in self._about(verb)
                for duty in evaluator.duties(situation)
                if duty.kind == verb
            )
            self._owed = (verb, situation, duties)
        return self._owed[2]

    def _about(self, verb: str) -> tuple[Evaluator, ...]:
        """The pacts with no other duties than of that kind, which are worked out faster."""
        if verb not in self._narrow:
            self._narrow[verb] = tuple(Evaluator(_only(one.pact, verb)) for one in self.evaluators)
        return self._narrow[verb]

    # ------------------------------------------------------------ data

    def _gift(self, claim: Claim, doer: str, receiver: str, situation: Situation) -> Heard:
        if not claim.nothing:
            assert claim.data is not None
            return self._given(claim, doer, receiver, msgspec.structs.replace(situation, data=claim.data))
        something = [
            self._given(claim, doer, receiver, msgspec.structs.replace(situation, data=kind))
            for kind in self._kinds()
        ]
        most = max(something, key=lambda one: one.truth)
        if most.truth == Truth.YES:
            ground = Ground(Truth.NO, "text", f"{doer} gives {receiver} something")
            return Heard(Truth.NO, (ground,), most.clauses)
        return Heard(~most.truth, _all_of(something, most.truth).grounds, most.clauses)

    def _kinds(self) -> tuple[DataKind, ...]:
        """The kinds of data that some share names, and tracks."""
        named = [
            clause.data for one in self.evaluators for clause in one.pact.clause if isinstance(clause, Share)
        ]
        return tuple(dict.fromkeys([DataKind.TRACKS, *named]))

    def _given(self, claim: Claim, doer: str, receiver: str, situation: Situation) -> Heard:
        """What flows, as the claim has it; of several pacts the most counts."""
        found = [
            self.flow(evaluator, situation, doer, receiver)
            for evaluator in self.evaluators
            if {doer, receiver} <= {party.id for party in evaluator.pact.party}
        ]
        low = max((one.form for one in found), default=Form.NONE)
        high = max((Form.SOURCE if one.form_unknown else one.form_max for one in found), default=Form.NONE)
        truth = _form_truth(claim, low, high)
        clauses = tuple(one.clause for one in found if one.clause)
        if truth == Truth.YES:
            return Heard(truth, (), clauses)
        grounds = [Ground(*ground) for one in found for ground in one.grounds]
        vague = [one.form_unknown for one in found if one.form_unknown]
        grounds += [Ground(Truth.UNDETERMINED, f"{clause}.form", UNKNOWN) for clause in vague]
        closing = [one for one in found if one.form == Form.NONE and one.clause and one.truth == Truth.NO]
        grounds += [Ground(Truth.NO, one.clause, "closes the way") for one in closing]
        if low > Form.NONE:
            grounds.append(Ground(truth, "text", f"{doer} gives {receiver} {_spelled(low)}"))
        if not grounds:
            grounds = [Ground(truth, "text", f"no clause has {doer} give {receiver} such data")]
        return Heard(truth, tuple(dict.fromkeys(grounds)), clauses)


def _only(pact: Pact, verb: str) -> Pact:
    clauses = [one for one in pact.clause if not isinstance(one, DutyClause) or KINDS[type(one)] == verb]
    return msgspec.structs.replace(pact, clause=tuple(clauses))


def _form_truth(claim: Claim, low: Form, high: Form) -> Truth:
    """Whether what certainly (low) and at most (high) flows is what the claim says."""
    if claim.form is None:
        return _truth(low > Form.NONE, high > Form.NONE)
    if claim.bound == "at least":
        return _truth(low >= claim.form, high >= claim.form)
    if claim.bound == "at most":
        return _truth(high <= claim.form, low <= claim.form)
    return _truth(low == high == claim.form, low <= claim.form <= high)


def _truth(certain: bool, possible: bool) -> Truth:
    return Truth.YES if certain else Truth.UNDETERMINED if possible else Truth.NO


def _owed_to(duty: Duty, claim: Claim, receiver: str) -> bool:
    if claim.body:
        return claim.body in duty.creditors
    if not receiver:
        return True
    return receiver in duty.creditors or "all_parties" in duty.creditors


def _clauses(evaluator: Evaluator, duty: Duty) -> tuple[str, ...]:
    """The clause of a duty, and its casus."""
    clause = next(one for one in evaluator.pact.clause if one.id == duty.clause)
    casus = getattr(clause, "casus", None)
    return (duty.clause,) if casus is None else (duty.clause, casus)


def _characterised(duty: Duty, claim: Claim, clauses: tuple[str, ...]) -> Heard:
    """The duty's truth, as far as it says what the claim says."""
    grounds = tuple(Ground(*ground) for ground in duty.grounds)
    if not claim.regard or duty.says == claim.regard:
        return Heard(duty.truth, grounds, clauses)
    if duty.says == UNKNOWN:
        ground = Ground(Truth.UNDETERMINED, f"{duty.clause}.as", UNKNOWN)
        return Heard(min(duty.truth, Truth.UNDETERMINED), (*grounds, ground), clauses)
    return Heard(Truth.NO, (Ground(Truth.NO, f"{duty.clause}.as", f"it says {plain(duty.says)}"),), clauses)


def _unbound(claim: Claim, doer: str, receiver: str) -> str:
    to = claim.body or receiver
    toward = f" toward {to}" if to else ""
    return f"no {claim.verb} clause binds {doer or 'anybody'}{toward}"


def _all_of(judged: Iterable[Heard], truth: Truth) -> Heard:
    """Those of one truth as one: their grounds and clauses, each once."""
    same = [one for one in judged if one.truth == truth]
    grounds = dict.fromkeys(ground for one in same for ground in one.grounds)
    return Heard(
        truth,
        () if truth == Truth.YES else tuple(grounds),
        tuple(dict.fromkeys(clause for one in same for clause in one.clauses)),
    )


def _spelled(form: Form) -> str:
    return form.name.lower()
