"""What the fate of a draft hangs on: for each bracket, approval and milestone how much it changes.

The draft is read as if it were in force, in every variant and in both states of every milestone that it waits
for; these are its readings. A factor is a bracket, an approval step that has not been given, or a milestone
that has not been met. What it changes is counted over all kinds of situation (universe.py): who owes what to
whom, and who gives what to whom.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import product
from typing import Final, Literal, NamedTuple

import msgspec

from foedus.errors import LimitError
from foedus.limits import READINGS_MAX
from foedus.model import DAY_NS, Form, TrackClass
from foedus.pact.clauses import (
    Approval,
    Casus,
    Clause,
    Pact,
    Reservation,
    Share,
    Suspend,
    Term,
    Withhold,
)
from foedus.pact.force import milestone_met, missing_steps, time_ns_of
from foedus.pact.meaning.evaluate import Duty, DutyClause, Evaluator
from foedus.pact.meaning.flows import Flow, flows
from foedus.pact.meaning.situation import Situation, describe
from foedus.pact.meaning.universe import Cell, universe
from foedus.pact.negotiating.assumed import Reading, as_in_force
from foedus.pact.variants import choose, combinations_of
from foedus.pact.words import UNKNOWN, DataKind, Truth

FactorKind = Literal["bracket", "approval", "milestone"]
MET: Final = ("met", "not met")
GIVEN: Final = ("given", "not given")

Effect = tuple[str, ...]
"""What holds in one situation under one reading, each part in a phrase; sorted."""


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is still open, and what it changes.

    situations: kinds of situation, by weight, in which it changes something under some reading of the rest.
    share: of all pairs of a situation and a reading of the rest, the part in which it changes something.
    """

    what: str
    kind: FactorKind
    says: str
    values: tuple[str, ...]
    gate: bool
    """An approval that every variant needs."""
    situations: int
    share: float
    target: datetime | None
    witness: str


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone that is meant to happen after the day asked about."""

    milestone: str
    says: str
    target: datetime
    days: int


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The factors, the one that decides most first; and the dates that come next."""

    pact: str
    version: str
    at: datetime
    readings: int
    situations: int
    factors: tuple[Factor, ...]
    next_dates: tuple[Due, ...]
    missing: tuple[str, ...]
    """Steps that this kind of instrument needs and that no approval clause of any variant has."""
    unknown: tuple[str, ...]
    """Parties of whom it is not known which steps they need: what rests on them stays undetermined."""
    sentence: str


class _Key(NamedTuple):
    """One reading: the choices in the order of the brackets, and the milestones that are met."""

    choices: tuple[str, ...]
    met: tuple[bool, ...]


_Memo = dict[tuple[object, ...], tuple[tuple[str, ...], ...]]
"""The phrases of one clause in every cell; variants share most of their clauses."""


class _Board(NamedTuple):
    """All readings of a draft with their effects in every cell; the first cell is an ordinary day."""

    draft: Pact
    at: datetime
    cells: tuple[Cell, ...]
    milestones: tuple[str, ...]
    variants: Mapping[tuple[str, ...], Pact]
    effects: Mapping[_Key, tuple[Effect, ...]]
    memo: _Memo


def what_decides(draft: Pact, *, at: datetime) -> Decision:
    """What the draft's brackets, missing approvals and open milestones change, as of that day.

    LimitError for more than READINGS_MAX readings.
    """
    board = _board(draft, at)
    found = [*_brackets(board), *_approvals(board), *_milestones(board)]
    factors = tuple(sorted(found, key=lambda one: (-one.share, -one.situations)))
    return Decision(
        pact=draft.pact,
        version=draft.version,
        at=at,
        readings=len(board.effects),
        situations=sum(cell.weight for cell in board.cells),
        factors=factors,
        next_dates=next_dates(draft, at=at),
        missing=_never(board),
        unknown=_unknown(board.draft),
        sentence=_sentence(factors, sum(cell.weight for cell in board.cells)),
    )


def next_dates(pact: Pact, *, at: datetime) -> tuple[Due, ...]:
    """The milestones not met that are meant to happen at that time or later, the first first."""
    now_ns = time_ns_of(at)
    due = [
        Due(
            milestone=one.id,
            says=one.says,
            target=one.target,
            days=(time_ns_of(one.target) - now_ns) // DAY_NS,
        )
        for one in pact.milestone
        if one.target is not None
        and time_ns_of(one.target) >= now_ns
        and not milestone_met(pact, one.id, time_ns=now_ns)
    ]
    return tuple(sorted(due, key=lambda one: one.target))


# ---------------------------------------------------------------- readings and their effects


def _board(draft: Pact, at: datetime) -> _Board:
    milestones = _open_milestones(draft, at)
    count = math.prod(len(bracket.choices) for bracket in draft.bracket) << len(milestones)
    if count > READINGS_MAX:
        raise LimitError(name="READINGS_MAX", limit=READINGS_MAX, asked=count)
    variants = {tuple(choices.values()): choose(draft, choices) for choices in combinations_of(draft)}
    cells = (Cell(Situation(at=at), 1), *universe(list(variants.values()), at=at))
    memo: _Memo = {}
    effects = {
        _Key(choices, met): _effects(_reading(pact, at, milestones, met), cells, memo)
        for choices, pact in variants.items()
        for met in product((True, False), repeat=len(milestones))
    }
    return _Board(draft, at, cells, milestones, variants, effects, memo)


def _open_milestones(draft: Pact, at: datetime) -> tuple[str, ...]:
    """The milestones on which a suspension of some variant rests and that are not met yet."""
    named = {
        one: True
        for clause in draft.clause
        if isinstance(clause, Suspend)
        for one in (clause.precedent, clause.subsequent)
    }
    time_ns = time_ns_of(at)
    return tuple(
        one.id
        for one in draft.milestone
        if one.id in named and not milestone_met(draft, one.id, time_ns=time_ns)
    )


def _reading(
    pact: Pact,
    at: datetime,
    milestones: Sequence[str],
    met: Sequence[bool],
    without: Sequence[tuple[str, str]] = (),
) -> Reading:
    states = dict(zip(milestones, met, strict=True))
    happened = tuple(one for one, state in states.items() if state)
    return as_in_force(pact, at=at, met=happened, without=without)


def _effects(reading: Reading, cells: Sequence[Cell], memo: _Memo) -> tuple[Effect, ...]:
    """What holds in every cell under one reading.

    What also holds on an ordinary day counts there alone, in the first cell; a cell says what its event adds
    and what it ends. So a duty that holds always is one thing, not one for every kind of attack.
    """
    asked = [msgspec.structs.replace(cell.situation, at=reading.at, facts=reading.facts) for cell in cells]
    if reading.evaluator.in_force(asked[0]).truth == Truth.NO:
        return ((),) * len(cells)  # then no clause speaks
    data = _Data(reading)
    rows = [
        _phrases(reading, clause, asked, memo)
        for clause in reading.evaluator.pact.clause
        if isinstance(clause, DutyClause)
    ]
    held = [
        {phrase: True for row in rows for phrase in row[index]} | data.phrases(one)
        for index, one in enumerate(asked)
    ]
    return (tuple(sorted(held[0])), *(_beside(held[0], one) for one in held[1:]))


def _beside(always: Mapping[str, bool], now: Mapping[str, bool]) -> Effect:
    """What is added to an ordinary day, and what of it is missing; sorted."""
    added = [part for part in now if part not in always]
    ended = [f"no longer: {part}" for part in always if part not in now]
    return tuple(sorted([*added, *ended]))


def _phrases(
    reading: Reading, clause: DutyClause, asked: Sequence[Situation], memo: _Memo
) -> tuple[tuple[str, ...], ...]:
    """The duties of one clause in every cell, worked out once for all readings that do not touch it."""
    pact = reading.evaluator.pact
    beside = _beside_it(pact, clause)
    met = tuple(fact.of for fact in reading.facts if fact.what == "met")
    key = (clause, beside, met, reading.at, reading.evaluator.in_force(asked[0]))
    if key not in memo:
        force = tuple(one for one in pact.clause if isinstance(one, Approval | Term))
        alone = Evaluator(msgspec.structs.replace(pact, clause=(clause, *beside, *force)))
        memo[key] = tuple(
            tuple(
                _spell_duty(duty, creditor)
                for duty in alone.duties(situation)
                if duty.truth != Truth.NO
                for creditor in duty.creditors or ("",)
            )
            for situation in asked
        )
    return memo[key]


def _beside_it(pact: Pact, clause: DutyClause) -> tuple[Clause, ...]:
    """What else of the text its duties rest on: its casus, what suspends it, what is reserved against it."""
    casus = getattr(clause, "casus", None)
    return tuple(
        one
        for one in pact.clause
        if (isinstance(one, Casus) and one.id == casus)
        or (isinstance(one, Suspend | Reservation) and clause.id in one.on)
    )


class _Data:
    """Says which data flow in a situation under one reading, each flow in a phrase."""

    def __init__(self, reading: Reading) -> None:
        pact = reading.evaluator.pact
        clauses = [clause for clause in pact.clause if isinstance(clause, Share | Withhold)]
        named = {one: True for clause in clauses for one in clause.classes}
        zones = {zone: True for clause in clauses for zone in clause.zones}
        self._evaluator = reading.evaluator
        self._kinds = tuple(dict.fromkeys(clause.data for clause in clauses if isinstance(clause, Share)))
        self._unnamed = tuple(one for one in TrackClass if one not in named)[:1]
        self._classes = (*(one for one in TrackClass if one in named), *self._unnamed)
        self._zones = tuple(zone.id for zone in pact.zone if zone.id in zones)
        self._casus = tuple(dict.fromkeys(clause.casus for clause in clauses if clause.casus is not None))
        self._known: dict[tuple[Truth, ...], dict[str, bool]] = {}

    def phrases(self, asked: Situation) -> dict[str, bool]:
        """All flows; the keys count. Of the event they depend only on which casus of the clauses are met."""
        met = tuple(self._evaluator.casus(casus, asked).truth for casus in self._casus)
        if met not in self._known:
            self._known[met] = {
                phrase: True
                for kind, one_class in product(self._kinds, self._classes)
                for phrase in self._flows(asked, kind, one_class)
            }
        return self._known[met]

    def _flows(self, asked: Situation, kind: DataKind, one_class: TrackClass) -> Iterator[str]:
        """The flows outside all zones, and how each zone that a clause names differs from there."""
        outside = self._at(asked, kind, one_class, ())
        yield from outside.values()
        for zone in self._zones:
            inside = self._at(asked, kind, one_class, (zone,))
            yield from (f"{said}, in {zone}" for pair, said in inside.items() if outside.get(pair) != said)
            yield from (f"not in {zone}: {said}" for pair, said in outside.items() if pair not in inside)

    def _at(
        self, asked: Situation, kind: DataKind, one_class: TrackClass, zones: tuple[str, ...]
    ) -> dict[tuple[str, str], str]:
        there = msgspec.structs.replace(asked, data=kind, track_class=one_class, zones=zones)
        of_class = "" if one_class in self._unnamed else f"{one_class.name.lower()} "
        return {
            (one.giver, one.taker): _spell_flow(one, of_class)
            for one in flows(self._evaluator, there)
            if one.truth != Truth.NO
        }


def _spell_duty(duty: Duty, creditor: str) -> str:
    to = f" {creditor}" if creditor else ""
    how = [duty.says.replace("_", " ")]
    if duty.discretion not in ("", "none"):
        how.append(duty.discretion.replace("_", " "))
    if duty.within not in ("", UNKNOWN):
        how.append(f"within {duty.within}")
    doubt = "may owe" if duty.truth == Truth.UNDETERMINED else "owes"
    return f"{duty.debtor} {doubt}{to} {duty.kind} ({', '.join(how)})"


def _spell_flow(flow: Flow, of_class: str) -> str:
    sure = flow.form > Form.NONE and flow.form == flow.form_max
    form = f"as {(flow.form if sure else flow.form_max).name.lower()}"
    if flow.form_unknown:
        form = "in a form that is unknown"
    delay = f" after {flow.delay_s:g} s" if flow.delay_s else ""
    if flow.delay_s is None:
        delay = " after a time that is unknown"
    verb = "gives" if flow.form > Form.NONE else "may give"
    return f"{flow.giver} {verb} {flow.taker} {of_class}{flow.data} {form}{delay}"


# ---------------------------------------------------------------- factors


class _Change(NamedTuple):
    """The effects of all values of one factor under one reading of the rest."""

    rest: str
    effects: tuple[tuple[Effect, ...], ...]


def _brackets(board: _Board) -> Iterator[Factor]:
    for row, bracket in enumerate(board.draft.bracket):
        changes = []
        for key in board.effects:
            if key.choices[row] == bracket.choices[0]:
                keys = [
                    key._replace(choices=(*key.choices[:row], choice, *key.choices[row + 1 :]))
                    for choice in bracket.choices
                ]
                changes.append(_Change(_rest(board, key, bracket.id), _all(board, keys)))
        values = tuple(f"{bracket.id}:{choice}" for choice in bracket.choices)
        yield _factor(board, bracket.id, "bracket", bracket.says, values, changes)


def _milestones(board: _Board) -> Iterator[Factor]:
    entries = {one.id: one for one in board.draft.milestone}
    for row, name in enumerate(board.milestones):
        changes = [
            _Change(
                _rest(board, key, name),
                _all(board, [key, key._replace(met=(*key.met[:row], False, *key.met[row + 1 :]))]),
            )
            for key in board.effects
            if key.met[row]
        ]
        values = tuple(f"{name} {state}" for state in MET)
        yield _factor(
            board, name, "milestone", entries[name].says, values, changes, target=entries[name].target
        )


def _approvals(board: _Board) -> Iterator[Factor]:
    time_ns = time_ns_of(board.at)
    missing = {
        choices: [
            (party, step)
            for party, step, clause in missing_steps(pact, time_ns=time_ns)
            if clause and step != UNKNOWN
        ]
        for choices, pact in board.variants.items()
    }
    for party, step in dict.fromkeys(one for steps in missing.values() for one in steps):
        changes = []
        for key, given in board.effects.items():
            lacking = given
            if (party, step) in missing[key.choices]:
                pact = board.variants[key.choices]
                reading = _reading(pact, board.at, board.milestones, key.met, ((party, step),))
                lacking = _effects(reading, board.cells, board.memo)
            changes.append(_Change(_rest(board, key, ""), (given, lacking)))
        name = f"{party}:{step}"
        says = f"{party} has to take this step: {step.replace('_', ' ')}"
        values = tuple(f"{name} {state}" for state in GIVEN)
        gate = all((party, step) in steps for steps in missing.values())
        yield _factor(board, name, "approval", says, values, changes, gate=gate)


def _all(board: _Board, keys: Sequence[_Key]) -> tuple[tuple[Effect, ...], ...]:
    return tuple(board.effects[key] for key in keys)


def _rest(board: _Board, key: _Key, left_out: str) -> str:
    """A reading in words, without the factor that is varied."""
    chosen = [
        f"{bracket.id}:{choice}"
        for bracket, choice in zip(board.draft.bracket, key.choices, strict=True)
        if bracket.id != left_out
    ]
    states = [
        f"{name} {MET[0] if met else MET[1]}"
        for name, met in zip(board.milestones, key.met, strict=True)
        if name != left_out
    ]
    return ", ".join([*chosen, *states])


def _factor(
    board: _Board,
    what: str,
    kind: FactorKind,
    says: str,
    values: tuple[str, ...],
    changes: Sequence[_Change],
    target: datetime | None = None,
    gate: bool = False,
) -> Factor:
    changed = [[len(set(effects)) > 1 for effects in zip(*change.effects, strict=True)] for change in changes]
    weights = [cell.weight for cell in board.cells]
    pairs = sum(weight for row in changed for weight, differs in zip(weights, row, strict=True) if differs)
    ever = [any(column) for column in zip(*changed, strict=True)]
    return Factor(
        what=what,
        kind=kind,
        says=says,
        values=values,
        gate=gate,
        situations=sum(weight for weight, differs in zip(weights, ever, strict=True) if differs),
        share=float(Fraction(pairs, max(1, sum(weights) * len(changes)))),
        target=target,
        witness=_witness(board, values, changes, changed),
    )


# ---------------------------------------------------------------- in words


def _witness(
    board: _Board, values: Sequence[str], changes: Sequence[_Change], changed: Sequence[Sequence[bool]]
) -> str:
    """The situation and reading in which the values differ most, in one sentence; empty if none differ."""
    best: tuple[int, str] = (0, "")
    for change, row in zip(changes, changed, strict=True):
        for index, differs in enumerate(row):
            if not differs:
                continue
            effects = [one[index] for one in change.effects]
            common = [part for part in effects[0] if all(part in one for one in effects)]
            size = sum(len(one) for one in effects) - len(common) * len(effects)
            if size > best[0]:
                said = "; ".join(
                    f"with {value} {_list([part for part in one if part not in common])}"
                    for value, one in zip(values, effects, strict=True)
                )
                rest = f" ({change.rest})" if change.rest else ""
                best = (size, f"{_when(board.cells[index].situation)}{rest}: {said}.")
    return best[1]


def _when(situation: Situation) -> str:
    said = describe(situation)
    return said.capitalize() if situation.event == "none" else f"At {said}"


def _list(parts: Sequence[str]) -> str:
    if not parts:
        return "nothing of that"
    more = f", and {len(parts) - 3} more" if len(parts) > 3 else ""
    return ", ".join(parts[:3]) + more


def _unknown(draft: Pact) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(one.by for one in draft.clause if isinstance(one, Approval) and UNKNOWN in one.steps)
    )


def _never(board: _Board) -> tuple[str, ...]:
    time_ns = time_ns_of(board.at)
    return tuple(
        dict.fromkeys(
            f"{party}:{step}"
            for pact in board.variants.values()
            for party, step, clause in missing_steps(pact, time_ns=time_ns)
            if not clause
        )
    )


def _sentence(factors: Sequence[Factor], situations: int) -> str:
    """Which approvals everything hangs on, and which of the rest decides most, with its witness."""
    said = []
    gates = [one.what for one in factors if one.gate]
    if gates:
        verb = "is" if len(gates) == 1 else "are"
        said.append(f"Before anything is owed or flows, {', '.join(gates)} {verb} needed.")
    rest = next((one for one in factors if one.kind != "approval"), None)
    if rest is not None and rest.situations:
        ties = [one.what for one in factors if one.kind != "approval" and one.share == rest.share]
        name = " and ".join(ties)
        decide = "decides" if len(ties) == 1 else "decide"
        said.append(
            f"Of what is still open {name} {decide} most: in {rest.situations:,} of {situations:,} kinds of "
            f"situation who owes or gives what depends on it. {rest.witness}"
        )
    return " ".join(said) or "Nothing that is still open changes what anybody owes or gives."
