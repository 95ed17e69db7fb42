"""Statements about a draft and what is bargained along with it, in a closed form.

    GUARANTEE:treaty                                   a bracket is settled so
    NUCLEAR                                            an opaque term is part of the package
    step:US:senate_advice_and_consent                  the text needs that step of that party
    duty:assist US SA attack by IR on land             somebody owes somebody that, in that situation
    flow:US SA tracks region none in SA-BOX            somebody gets data in at least that form
    SA is warned of any attack on its territory        a claim, as in `pact expect` (claims.py), also with
                                                       `before MILESTONE` at its end
    not STATEMENT                                      the opposite

After the event, in any order: `by` the attacker (an id, `unattributed`, `external` for whoever is no party,
`any` for everybody, also unattributed), `on` an object, `of` the victim (else whoever is owed or given),
`with` a class of track, `in` a zone, `before` a milestone that has not happened yet. A word that covers many,
such as `any` or `territory`, means each of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple, get_args

from foedus.document import suggest
from foedus.errors import InputError
from foedus.model import Form, TrackClass
from foedus.pact.asking.claim_cells import cells_of
from foedus.pact.asking.claim_truth import Hearing
from foedus.pact.asking.claims import Claim, parse_claim
from foedus.pact.clauses import Approval, Pact
from foedus.pact.meaning.evaluate import KINDS, depends_on
from foedus.pact.meaning.flows import flow
from foedus.pact.meaning.situation import UNATTRIBUTED, EventAtom, Situation, describe
from foedus.pact.meaning.universe import OUTSIDER
from foedus.pact.negotiating.assumed import Reading, as_in_force, awaited
from foedus.pact.words import BODIES, OBJECTS, DataKind, StepWord, Truth

EVENTS: Final[tuple[str, ...]] = get_args(EventAtom)
STEPS: Final = tuple(step for step in get_args(StepWord) if step != "unknown")
DUTIES: Final = tuple(kind for kind in KINDS.values() if kind not in ("share", "cooperate", "forbear"))
"""Kinds of duty toward somebody in an event; what is shared is asked with `flow`."""
DATA: Final = {one.name.lower(): one for one in DataKind}
FORMS: Final = {one.name.lower(): one for one in Form if one != Form.NONE}
CLASSES: Final = {one.name.lower(): one for one in TrackClass}
WORDS: Final = ("by", "on", "of", "with", "in", "before")
MANY: Final = ("external", "any")
"""Words for more than one attacker."""
SHAPES: Final = (
    "BRACKET:choice, TERM, step:PARTY:STEP, duty:KIND DEBTOR CREDITOR EVENT ..., "
    "flow:GIVER TAKER DATA FORM EVENT ..., a claim such as `US assists SA of any attack by IR`, "
    "or `not` and one of these"
)


class Fault(NamedTuple):
    """What is wrong with the words of a statement."""

    found: str
    expected: str


class Event(NamedTuple):
    """The situations that a question is about."""

    event: str
    attacker: str
    thing: str
    victim: str
    track_class: TrackClass
    zones: tuple[str, ...]
    before: str


class Statement(NamedTuple):
    """One statement; `kind` says which of the fields speak."""

    text: str
    kind: str  # choice, term, step, duty, flow, claim
    negated: bool
    subject: str  # bracket, term, party, debtor, giver
    value: str  # choice, step, kind of duty, form
    to: str = ""  # creditor, taker
    data: str = ""
    event: Event | None = None
    claim: Claim | None = None
    before: str = ""  # of a claim: the milestone that has not happened


class Answer(NamedTuple):
    """Whether a statement holds, the unknown terms on which that rests, and the clauses that make it hold."""

    truth: Truth
    rests_on: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


# ---------------------------------------------------------------- reading


def parse_statement(text: str, pact: Pact, terms: Sequence[str]) -> Statement | Fault:
    """The statement in those words, or what is wrong with them."""
    negated = text.startswith("not ")
    words = text.removeprefix("not ").split()
    if not words:
        return Fault(repr(text), SHAPES)
    head, colon, rest = words[0].partition(":")
    if colon and head in ("duty", "flow"):
        read = _duty if head == "duty" else _flow
        return read(text, negated, [rest, *words[1:]], pact)
    if len(words) > 1:
        return _claim(text, negated, words, pact)
    if colon and head == "step":
        return _step(text, negated, rest, pact)
    if colon:
        choices = {bracket.id: bracket.choices for bracket in pact.bracket}
        fault = _among(head, choices, "a bracket of the draft") or _among(
            rest, choices[head], f"a choice of {head}"
        )
        return fault or Statement(text, "choice", negated, head, rest)
    return _among(head, terms, "a term of the package") or Statement(text, "term", negated, head, "")


def _claim(text: str, negated: bool, words: Sequence[str], pact: Pact) -> Statement | Fault:
    before = ""
    if words[-2] == "before":
        *words, _, before = words
        fault = _among(before, [one.id for one in pact.milestone], "a milestone")
        if fault is not None:
            return fault
    try:
        claim = parse_claim(" ".join(words), [pact])
    except InputError as error:
        return Fault(f"{error.found} in {text!r}", f"{error.expected}; a statement is {SHAPES}")
    return Statement(text, "claim", negated, "", "", claim=claim, before=before)


def _among(word: str, allowed: Sequence[str] | Mapping[str, object], what: str) -> Fault | None:
    if word in allowed:
        return None
    return Fault(repr(word), f"{what}: {suggest(word, allowed)}")


def _first(faults: Iterator[Fault | None]) -> Fault | None:
    return next((fault for fault in faults if fault is not None), None)


def _step(text: str, negated: bool, rest: str, pact: Pact) -> Statement | Fault:
    party, _, step = rest.partition(":")
    fault = _among(party, _parties(pact), "a party of the draft") or _among(step, STEPS, "a step")
    return fault or Statement(text, "step", negated, party, step)


def _duty(text: str, negated: bool, words: Sequence[str], pact: Pact) -> Statement | Fault:
    if len(words) < 4:
        return Fault(repr(text), "duty:KIND DEBTOR CREDITOR EVENT ...")
    kind, debtor, creditor, *rest = words
    fault = (
        _among(kind, DUTIES, "a kind of duty")
        or _among(debtor, _parties(pact), "a party of the draft")
        or _among(creditor, (*_parties(pact), *BODIES), "a party of the draft or a body")
    )
    if fault is not None:
        return fault
    event = _event(rest, creditor, pact)
    if isinstance(event, Fault):
        return event
    return Statement(text, "duty", negated, debtor, kind, creditor, event=event)


def _flow(text: str, negated: bool, words: Sequence[str], pact: Pact) -> Statement | Fault:
    if len(words) < 5:
        return Fault(repr(text), "flow:GIVER TAKER DATA FORM EVENT ...")
    giver, taker, data, form, *rest = words
    fault = (
        _among(giver, _parties(pact), "a party of the draft")
        or _among(taker, _parties(pact), "a party of the draft")
        or _among(data, DATA, "a kind of data")
        or _among(form, FORMS, "a form")
    )
    if fault is not None:
        return fault
    event = _event(rest, taker, pact)
    if isinstance(event, Fault):
        return event
    return Statement(text, "flow", negated, giver, form, taker, data, event)


def _event(words: Sequence[str], victim: str, pact: Pact) -> Event | Fault:
    """The situations that the words after the parties mean."""
    event, *rest = words
    pairs = dict(zip(rest[::2], rest[1::2], strict=False))
    if len(rest) % 2 or 2 * len(pairs) != len(rest):
        return Fault(repr(" ".join(words)), f"EVENT, then pairs of words, each once: {', '.join(WORDS)}")
    happens = event != "none"
    attackers = (*_everybody(pact), OUTSIDER, UNATTRIBUTED, *MANY)
    fault = _first(
        iter(
            (
                _among(event, EVENTS, "an event"),
                _first(_among(word, WORDS, "a word of the grammar") for word in pairs),
                _among(pairs.get("by", "" if happens else UNATTRIBUTED), attackers, "`by` an attacker"),
                _among(pairs.get("on", "land"), OBJECTS, "`on` an object"),
                _among(pairs.get("of", victim), _parties(pact), "`of` a party as victim")
                if happens
                else None,
                _among(pairs.get("with", "unidentified"), CLASSES, "`with` a class"),
                _among(pairs["in"], [zone.id for zone in pact.zone], "a zone") if "in" in pairs else None,
                _among(pairs["before"], [one.id for one in pact.milestone], "a milestone")
                if "before" in pairs
                else None,
            )
        )
    )
    return fault or Event(
        event=event,
        attacker=pairs.get("by", UNATTRIBUTED),
        thing=pairs.get("on", "land"),
        victim=pairs.get("of", victim) if happens else "",
        track_class=CLASSES[pairs.get("with", "unidentified")],
        zones=(pairs["in"],) if "in" in pairs else (),
        before=pairs.get("before", ""),
    )


def _parties(pact: Pact) -> tuple[str, ...]:
    return tuple(party.id for party in pact.party)


def _everybody(pact: Pact) -> tuple[str, ...]:
    return (*_parties(pact), *(state.id for state in pact.state))


# ---------------------------------------------------------------- answering


def answer(statement: Statement, pact: Pact, choices: Mapping[str, str], terms: Sequence[str]) -> Answer:
    """Whether the statement holds of one variant of the draft, with those terms in the package."""
    match statement.kind:
        case "choice":
            plain = Answer(_truth(choices[statement.subject] == statement.value))
        case "term":
            plain = Answer(_truth(statement.subject in terms))
        case "step":
            plain = _needs_step(statement, pact)
        case "claim":
            plain = _claimed(statement, pact)
        case _:
            plain = _asked(statement, pact)
    return plain._replace(truth=~plain.truth) if statement.negated else plain


def _truth(holds: bool) -> Truth:
    return Truth.YES if holds else Truth.NO


def _needs_step(statement: Statement, pact: Pact) -> Answer:
    mine = [one for one in pact.clause if isinstance(one, Approval) and one.by == statement.subject]
    found = tuple(one.id for one in mine if statement.value in one.steps)
    if found:
        return Answer(Truth.YES, (), found)
    unknown = tuple(f"{one.id}.steps" for one in mine if "unknown" in one.steps)
    return Answer(Truth.UNDETERMINED if unknown else Truth.NO, unknown)


def _asked(statement: Statement, pact: Pact) -> Answer:
    """The least answer over all situations that the statement means."""
    assert statement.event is not None
    met = tuple(one for one in awaited(pact) if one != statement.event.before)
    reading = as_in_force(pact, met=met)
    one = _owed if statement.kind == "duty" else _given
    answers = [one(statement, reading, situation) for situation in situations(statement, reading)]
    least = Truth(min(answer.truth for answer in answers))
    rests_on = tuple(dict.fromkeys(term for answer in answers for term in answer.rests_on))
    clauses = tuple(dict.fromkeys(clause for answer in answers for clause in answer.clauses))
    return Answer(least, rests_on if least == Truth.UNDETERMINED else (), clauses)


def _claimed(statement: Statement, pact: Pact) -> Answer:
    """The least answer over all situations that the claim is about."""
    claim = statement.claim
    assert claim is not None
    reading = as_in_force(pact, met=tuple(one for one in awaited(pact) if one != statement.before))
    hearing = Hearing([reading.evaluator.pact])
    cells = cells_of(claim, reading.evaluator.pact, at=reading.at, facts=reading.facts)
    heard = [hearing.core(claim, cell.situation) for cell in cells]
    least = Truth(min((_as_wanted(one.truth, claim.wanted) for one in heard), default=Truth.NO))
    doubtful = [one for one in heard if one.truth == Truth.UNDETERMINED]
    rests_on = tuple(
        dict.fromkeys(
            name
            for one in doubtful
            for name in depends_on(one.grounds) or [ground.term for ground in one.grounds]
        )
    )
    clauses = tuple(dict.fromkeys(clause for one in heard for clause in one.clauses))
    return Answer(least, rests_on if least == Truth.UNDETERMINED else (), clauses)


def _as_wanted(truth: Truth, wanted: Truth) -> Truth:
    """Whether a core of that truth is as the claim says; `it is undetermined whether` is itself certain."""
    if wanted == Truth.UNDETERMINED:
        return _truth(truth == Truth.UNDETERMINED)
    return truth if wanted == Truth.YES else ~truth


def situations(statement: Statement, reading: Reading) -> tuple[Situation, ...]:
    """The situations that a question about duties or data means, in a fixed order."""
    event = statement.event
    assert event is not None
    pact = reading.evaluator.pact
    attackers: tuple[str, ...] = (event.attacker,)
    if event.attacker == "external":
        attackers = (*(state.id for state in pact.state), OUTSIDER)
    elif event.attacker == "any":
        attackers = (*_everybody(pact), OUTSIDER, UNATTRIBUTED)
    return tuple(
        Situation(
            at=reading.at,
            event=event.event,  # type: ignore[arg-type]
            attacker=attacker,
            victim=event.victim,
            object=thing,  # type: ignore[arg-type]
            track_class=event.track_class,
            zones=event.zones,
            data=DATA.get(statement.data, DataKind.TRACKS),
            facts=reading.facts,
        )
        for attacker, thing in product(attackers, OBJECTS[event.thing])
        if attacker != event.victim or event.attacker not in MANY
    )


def _owed(statement: Statement, reading: Reading, situation: Situation) -> Answer:
    found = [
        duty
        for duty in reading.evaluator.duties(situation)
        if duty.kind == statement.value
        and duty.debtor == statement.subject
        and statement.to in duty.creditors
    ]
    best = Truth(max((duty.truth for duty in found), default=Truth.NO))
    rests_on = tuple(
        name
        for duty in found
        if duty.truth == Truth.UNDETERMINED
        for name in depends_on(duty.grounds) or [ground[1] for ground in duty.grounds]
    )
    return Answer(best, rests_on, tuple(duty.clause for duty in found if duty.truth == Truth.YES))


def _given(statement: Statement, reading: Reading, situation: Situation) -> Answer:
    got = flow(reading.evaluator, situation, statement.subject, statement.to)
    asked = FORMS[statement.value]
    clauses = (got.clause,) if got.clause else ()
    if got.form >= asked:
        return Answer(Truth.YES, (), clauses)
    if got.form_max >= asked or got.form_unknown:
        rests_on = (f"{got.form_unknown}.form",) if got.form_unknown else depends_on(got.grounds) or clauses
        return Answer(Truth.UNDETERMINED, rests_on, clauses)
    return Answer(Truth.NO)


# ---------------------------------------------------------------- in words


def spell(statement: Statement, pact: Pact) -> str:
    """The statement in one plain phrase."""
    turn = "it is not so that " if statement.negated else ""
    match statement.kind:
        case "choice":
            return f"{statement.subject} is {'not ' if statement.negated else ''}{statement.value}"
        case "term":
            return f"{statement.subject} is {'not ' if statement.negated else ''}part of the package"
        case "step":
            return f"{turn}{statement.subject} needs {statement.value.replace('_', ' ')}"
        case "claim":
            return f"{turn}{statement.text.removeprefix('not ')}"
        case "duty":
            said = f"{statement.subject} owes {statement.to} {statement.value}"
        case _:
            said = f"{statement.subject} gives {statement.to} {statement.data} at least as {statement.value}"
    return f"{turn}{said} {_when(statement, pact)}"


def _when(statement: Statement, pact: Pact) -> str:
    event = statement.event
    assert event is not None
    first = situations(statement, as_in_force(pact))[0]
    said = describe(first)
    if first.event != "none":
        if event.attacker in MANY:
            said = said.replace(f"{first.attacker}'s ", f"any {event.attacker} ".replace("any any", "any"), 1)
        if len(OBJECTS[event.thing]) > 1:
            said = f"{said.partition(event.victim + chr(39) + 's ')[0]}{event.victim}'s {_thing(event.thing)}"
        said = f"at {said}"
    return f"{said}, before {event.before}" if event.before else said


def _thing(word: str) -> str:
    return "anything" if word == "any" else word.replace("_", " ")
