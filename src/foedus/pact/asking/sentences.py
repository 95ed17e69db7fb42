"""Every clause as one plain sentence, from what its fields say and not from what the drafter wrote in `text`.

A reader sees so where the two differ. What is unknown is said to be unknown; a vague word is given with the
number that the text takes it to mean.
"""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from foedus.model import Form, TrackClass
from foedus.pact.clauses import (
    Approval,
    Assist,
    Casus,
    Caveat,
    Clause,
    Consult,
    Cooperate,
    Forbear,
    Notify,
    Onward,
    Precedence,
    Purpose,
    Record,
    Regard,
    Remedy,
    Reservation,
    Route,
    Selector,
    Share,
    Span,
    Suspend,
    Term,
    Warn,
    Where,
    Withhold,
)
from foedus.pact.force import spoken_date
from foedus.pact.words import UNKNOWN

FORM_WORDS: Final = {
    Form.NONE: "nothing",
    Form.ALERT: "an alert (cell, time and class)",
    Form.REGION: "the 1 degree cell, without height, velocity or identity",
    Form.COARSE: "the 0.1 degree cell with rounded height and velocity, without identity",
    Form.TRACK: "the track with its accuracy and identity",
    Form.SOURCE: "plots with their sensor",
}

SPOKEN: Final = {
    "member": "every member",
    "hub": "the hub",
    "observer": "every observer",
    "guarantor": "the guarantor",
    "ally": "the ally",
    "attacked": "the party attacked",
    "each": "each party for itself",
    "unsc": "the UN Security Council",
    "legislature": "its own legislature",
    "council": "the council of the pact",
    "all_parties": "all other parties",
    "unknown": "somebody who is not known",
}
"""Words of selectors, as a sentence has them; `any` is said by its context."""

ATTACKERS_SPOKEN: Final = {
    "any": "anybody",
    "external": "anybody who is no party",
    "parties": "a party",
    "adversaries": "an adversary on the list of the party attacked",
    "unattributed": "an attacker whom nobody has named",
    "unknown": "somebody who is not known",
}

STANDARDS: Final = {
    "decide_jointly": "decide with it on a response",
    "all_lawful_and_appropriate": "take all lawful and appropriate measures",
    "act_to_meet_common_danger": "act to meet the common danger",
    "assist_as_deemed_necessary": "assist with the action deemed necessary",
    "all_steps_available": "assist with all steps available",
    "unknown": "respond in a way that is not known",
}
DISCRETIONS: Final = {
    "none": "without a choice",
    "each_deems": "as each deems necessary",
    "constitutional_processes": "in accordance with its constitutional processes",
    "joint_decision": "as they decide together",
    "executive": "as its executive decides",
    "unknown": "with a discretion that is not known",
}


def sentence(clause: Clause, words: Mapping[str, float] | None = None) -> str:
    """What the clause does, in one plain sentence; words: the seconds of the text's vague words."""
    said = _said(clause, words or {})
    return said[0].upper() + said[1:]


def spoken_span(span: Span | None, unit: str, words: Mapping[str, float] | None = None) -> str:
    """A duration as people say it: `15 s`, `immediately (120 s)`, `a time that is not known`."""
    if span is None:
        return "no time"
    if span == UNKNOWN:
        return "a time that is not known"
    if isinstance(span, str):
        seconds = (words or {}).get(span)
        return f"'{span}'" if seconds is None else f"'{span}' ({seconds:g} {unit})"
    return f"{span:g} {unit}"


def who(selector: Selector) -> str:
    """The parties that a selector means, in words."""
    ids = (selector,) if isinstance(selector, str) else selector
    return listed([SPOKEN.get(one, "every party" if one == "any" else one) for one in ids])


def whom(attackers: Sequence[str]) -> str:
    """The attackers that a term means, in words."""
    return listed([ATTACKERS_SPOKEN.get(one, one) for one in attackers], "or")


def listed(words: Sequence[str], joint: str = "and") -> str:
    """The words as a sentence lists them: a, b and c."""
    return f" {joint} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def plain(word: str) -> str:
    """A word of a vocabulary as a sentence has it: `attack on all`."""
    return word.replace("_", " ")


def _named(words: Sequence[str], unknown: str) -> str:
    """Words of a vocabulary joined by `or`; `unknown` for the word that says that it is not known."""
    return listed([unknown if one == UNKNOWN else plain(one) for one in words], "or")


def _said(clause: Clause, words: Mapping[str, float]) -> str:  # noqa: PLR0911, PLR0912 - one for each kind
    match clause:
        case Casus():
            return _casus(clause)
        case Regard():
            return (
                f"{_when(clause.casus)}, {who(clause.by)} {_verb(clause.by, 'regard')} it as {_as(clause)}."
            )
        case Consult():
            return _consult(clause, words)
        case Notify():
            return _notify(clause, words)
        case Assist():
            return _assist(clause, words)
        case Warn():
            return _warn(clause, words)
        case Share():
            return _share(clause, words)
        case Withhold():
            ground = f", on the ground of {clause.ground}" if clause.ground else ""
            verb = _verb(clause.giver, "give")
            data = _what(clause)
            return (
                f"{who(clause.giver)} {verb} {who(clause.taker)} nothing of {data}{_while(clause)}{ground}."
            )
        case Route():
            pairs = listed([f"{a} with {b}" for a, b in clause.pairs])
            return f"These exchange nothing directly, only through {clause.via}: {pairs}."
        case Caveat():
            return _caveat(clause)
        case Purpose():
            uses = listed([plain(one) for one in clause.allow], "or")
            return f"What is given by {listed(clause.on)} may be used for {uses}, and for nothing else."
        case Cooperate():
            return _cooperate(clause, words)
        case Forbear():
            return _forbear(clause)
        case Record():
            return _record(clause, words)
        case Approval():
            return _approval(clause)
        case Term():
            return _term(clause)
        case Suspend():
            return _suspend(clause)
        case Reservation():
            return _reservation(clause)
        case Precedence():
            verb = _verb(clause.over, "prevail")
            return f"{listed(clause.over)} {verb} over {listed(clause.under)}, whichever is narrower."
        case Remedy():
            within = spoken_span(clause.within_s, "s", words)
            then = {
                "suspend": "may suspend the pact toward",
                "account": f"{_verb(clause.by, 'account')} for it to",
            }
            verb = then.get(clause.then, _verb(clause.by, clause.then))
            return (
                f"Where {listed(clause.on, 'or')} is violated, {who(clause.by)} {verb} {who(clause.to)} "
                f"within {within}."
            )
        case _:
            assert_never(clause)


# ---------------------------------------------------------------- triggers and duties


def _casus(clause: Casus) -> str:
    events = _named(clause.event, "an event that is not known")
    objects = "anything" if "any" in clause.object else _named(clause.object, "objects that are not known")
    places = "" if "anywhere" in clause.loci else f" in {_named(clause.loci, 'a place that is not known')}"
    classes = f" with {_classes(clause.classes)}" if clause.classes else ""
    exclude = {
        "self_provoked": "when it answers an operation of the attacked party's own",
        "internal": "when it comes from within",
        "unlawful_territory": "where the place is not lawfully held",
    }
    excluded = f", except {listed([exclude[one] for one in clause.exclude], 'or')}" if clause.exclude else ""
    decided = "" if clause.determined_by == UNKNOWN else f"; {who(clause.determined_by)} determines it"
    return (
        f"{clause.id} is met by {events} against {objects} of {who(clause.of)}{places}{classes} "
        f"by {whom(clause.by)}{excluded}{decided}."
    )


def _as(clause: Regard) -> str:
    words = {
        "grave_concern": "a matter of grave concern",
        "threat_to_own_peace": "a threat to its own peace and security",
        "dangerous_to_own_peace": "dangerous to its own peace and safety",
        "attack_on_all": "an attack on all of them",
    }
    return words.get(clause.regarded_as, "something that is not known")


def _consult(clause: Consult, words: Mapping[str, float]) -> str:
    triggers = [] if clause.casus is None else [f"when {clause.casus} is met"]
    if clause.also:
        triggers.append(f"on {_named(clause.also, 'an event that is not known')}")
    when = listed(triggers, "or") or "whenever one of them asks"
    level = "" if clause.level == UNKNOWN else f" at {clause.level} level"
    called = "" if clause.called_by == "any" else f", called by {who(clause.called_by)}"
    within = spoken_span(clause.within_s, "s", words)
    verb = _verb(clause.by, "consult")
    return f"{when}, {who(clause.by)} {verb} {who(clause.to)}{level} within {within}{called}."


def _notify(clause: Notify, words: Mapping[str, float]) -> str:
    when = f"{_when(clause.casus)}, " if clause.casus else ""
    time = ""
    if clause.within_s is not None:
        time = f" within {spoken_span(clause.within_s, 's', words)}"
    elif clause.lead_s is not None:
        time = f" at least {spoken_span(clause.lead_s, 's', words)} before"
    verb = _verb(clause.by, "notify")
    return f"{when}{who(clause.by)} {verb} {who(clause.to)}{time} of: {clause.content}."


def _assist(clause: Assist, words: Mapping[str, float]) -> str:
    verb = "must" if clause.discretion == "none" else "is to" if _one(clause.by) else "are to"
    standard = STANDARDS[clause.standard]
    discretion = DISCRETIONS[clause.discretion]
    return (
        f"{_when(clause.casus)}, {who(clause.by)} {verb} {standard}, for {who(clause.to)}, {discretion}, "
        f"within {spoken_span(clause.within_s, 's', words)}."
    )


def _warn(clause: Warn, words: Mapping[str, float]) -> str:
    zones = (
        f"zone {listed(clause.zones, 'or')}, where that is its own" if clause.zones else "a zone of its own"
    )
    when = f" while {clause.casus} is met" if clause.casus else ""
    against = "" if "any" in clause.against else f", if they come from {whom(clause.against)}"
    clocks = {"event": "the event", "cue": "the first cue", "knowledge": "knowing it"}
    over = f"; this prevails over {listed(clause.notwithstanding)}" if clause.notwithstanding else ""
    no_ack = ""
    if clause.on_no_ack is not None:
        no_ack = f", else repeated {clause.on_no_ack.retry} times and then {plain(clause.on_no_ack.then)}"
    return (
        f"{who(clause.by)} must warn {who(clause.to)} within {spoken_span(clause.within_s, 's', words)} "
        f"when {_classes(clause.classes)} will enter {zones}, with a probability of {clause.probability:.0%} "
        f"or more within {clause.horizon_s:g} s{against}{when}; the clock starts with "
        f"{clocks[clause.clock]}; renewed every {clause.renew_s:g} s, gone after {clause.expires_s:g} s, "
        f"to be acknowledged in {clause.ack_s:g} s{no_ack}{over}."
    )


def _cooperate(clause: Cooperate, words: Mapping[str, float]) -> str:
    kinds = {
        "exercise": "exercise",
        "planning": "plan",
        "liaison": "keep liaison",
        "training": "train",
        "access": "give one another access to facilities",
        "research": "do research",
        "stockpiles": "hold stockpiles",
        "equipment": "provide equipment",
        "capacity": "build capacity",
        "command_cell": "keep a command cell",
    }
    often = "" if clause.every_d is None else f" every {spoken_span(clause.every_d, 'days', words)}"
    seen = "" if clause.observers is None else f", with {who(clause.observers)} as observers"
    return f"{who(clause.who)} {kinds[clause.type]} together{often}{seen}."


def _forbear(clause: Forbear) -> str:
    toward = "" if "any" in clause.toward else f" toward {whom(clause.toward)}"
    acts = {
        "third_state_bases": "bases of third states",
        "conflicting_commitments": "commitments that conflict with this pact",
        "separate_peace": "a separate peace",
        "unknown": "acts that are not known",
    }
    named = [acts.get(one, plain(one)) for one in clause.acts]
    return f"{who(clause.by)} {_verb(clause.by, 'refrain')} from {listed(named)}{toward}."


# ---------------------------------------------------------------- data


def _share(clause: Share, words: Mapping[str, float]) -> str:
    form = "something whose form is not known" if isinstance(clause.form, str) else FORM_WORDS[clause.form]
    verb = "must give" if clause.duty == "shall" else _verb(clause.giver, "give")
    needed = ", as far as inside its own zones" if clause.need_to_know else ""
    delay = f", after {spoken_span(clause.delay_s, 's', words)}" if clause.delay_s else ""
    source = ", without its source" if clause.source == "anonymised" else ""
    over = f"; this prevails over {listed(clause.notwithstanding)}" if clause.notwithstanding else ""
    return (
        f"{who(clause.giver)} {verb} {who(clause.taker)}, of {_what(clause)}{needed}{_while(clause)}, "
        f"{form}{delay}{source}{over}."
    )


def _caveat(clause: Caveat) -> str:
    of = "" if clause.originator == "any" else f" and comes from {who(clause.originator)}"
    held = f"What is given by {listed(clause.on)}{of} is releasable to {who(clause.rel_to)}"
    onward = f"; {_onward(clause.onward)}" if clause.onward else ""
    rest = "nothing else goes onward" if clause.orcon else "among those it may go on in the same form"
    return f"{held}{onward}; {rest}."


def _onward(onward: Onward) -> str:
    if onward.max_form == Form.NONE:
        return f"it may not go on to {who(onward.to)}"
    source = ", without its source" if onward.strip_source else ""
    return f"it may go on to {who(onward.to)} as at most {FORM_WORDS[onward.max_form]}{source}"


def _record(clause: Record, words: Mapping[str, float]) -> str:
    parts = []
    if clause.log:
        parts.append(f"logged: {listed(clause.log)}")
    if clause.keep_d is not None:
        parts.append(f"kept for {spoken_span(clause.keep_d, 'days', words)}")
    if clause.disclose_to is not None:
        after = spoken_span(clause.disclose_after_d, "days", words)
        parts.append(f"disclosed to {who(clause.disclose_to)} after {after}")
    if clause.secrecy:
        parts.append(f"secret: {listed(clause.secrecy)}")
    return "; ".join(parts or ["Nothing is recorded"]) + "."


def _what(clause: Share | Withhold) -> str:
    place = f" inside {listed(clause.zones, 'or')}" if clause.zones else " anywhere"
    return _classes(clause.classes, plain(clause.data.name.lower())) + place


def _classes(classes: Sequence[TrackClass], data: str = "tracks") -> str:
    names = listed([one.name.lower() for one in classes], "or")
    if data in ("tracks", "plots"):
        return f"{names} {data}" if classes else f"all {data}"
    return f"all {data}" + (f" on {names} tracks" if classes else "")


# ---------------------------------------------------------------- the pact itself


def _approval(clause: Approval) -> str:
    if not clause.steps:
        return f"{clause.by} needs no step for entry into force."
    done = [
        f"{plain(one.step)} ({spoken_date(one.on) if one.on else 'on a day that is not known'})"
        for one in clause.done
    ]
    wait = f", and {clause.wait_d:g} days have to pass after the last" if clause.wait_d else ""
    steps = listed([_step(one) for one in clause.steps])
    return f"For entry into force {clause.by} needs {steps}{wait}; done: {listed(done) or 'none'}."


def _step(step: str) -> str:
    return "steps that are not known" if step == UNKNOWN else plain(step)


def _term(clause: Term) -> str:
    until = f" until {spoken_date(clause.until)}" if clause.until else ", without end"
    years = "years" if clause.duration_y != 1 else "year"
    first = f", at first for {spoken_span(clause.duration_y, years)}" if clause.duration_y is not None else ""
    if clause.in_force is None:
        said = f"In force once every approval is complete{until}{first}"
    else:
        said = f"In force from {spoken_date(clause.in_force)}{until}{first}"
    if clause.exit is not None:
        needs = (
            f", which needs {listed([_step(one) for one in clause.exit.needs])}" if clause.exit.needs else ""
        )
        notice = spoken_span(clause.exit.notice_d, "days' notice")
        said += f"; {who(clause.exit.by)} may leave with {notice}{needs}"
    if clause.accession is not None:
        agree = {"all": "if all agree", "majority": "if a majority agrees", "hub": "if the hub agrees"}
        agree |= {"none": "nobody has to agree", "unknown": "who has to agree is not known"}
        said += f"; open to {clause.accession.open_to} ({agree[clause.accession.consent]})"
    return said + "."


def _suspend(clause: Suspend) -> str:
    between = listed([f"{a} and {b}" for a, b in clause.as_to], "or")
    pairs = f" between {between}" if clause.as_to else ""
    since = f" from {spoken_date(clause.since)}" if clause.since else ""
    until = f" until {spoken_date(clause.until)}" if clause.until else ""
    milestone = ""
    if clause.precedent is not None:
        milestone = f" until {clause.precedent} is met"
    elif clause.subsequent is not None:
        milestone = f" once {clause.subsequent} is met"
    verb = "are" if len(clause.on) > 1 else "is"
    return f"{listed(clause.on)} {verb} suspended{pairs}{since}{until}{milestone}."


def _reservation(clause: Reservation) -> str:
    verb = "does not bind" if len(clause.on) == 1 else "do not bind"
    effect = (
        f"{verb} it"
        if clause.effect == "exclude"
        else f"{_verb(clause.on, 'bind')} it otherwise than written"
    )
    accepted = "" if clause.accepted_by == "any" else f"; accepted by {who(clause.accepted_by)}"
    return (
        f"{clause.form} of {clause.by}: {listed(clause.on)} {effect}{_where(clause.where)} "
        f"({clause.text.rstrip('.')}){accepted}."
    )


def _where(where: Where) -> str:
    parts = []
    if where.event:
        parts.append(f"on {listed([plain(one) for one in where.event], 'or')}")
    if where.object:
        parts.append(f"against {listed([plain(one) for one in where.object], 'or')}")
    if where.victim is not None:
        parts.append(f"of {who(where.victim)}")
    if where.attacker:
        parts.append(f"by {whom(where.attacker)}")
    if where.loci:
        parts.append(f"in {listed([plain(one) for one in where.loci], 'or')}")
    if where.provoked is not None:
        parts.append(
            {"yes": "when provoked", "no": "when not provoked"}.get(where.provoked, "when it is not known")
        )
    return (" " + " ".join(parts)) if parts else ""


def _when(casus: str) -> str:
    return f"when {casus} is met"


def _while(clause: Share | Withhold) -> str:
    return f", while {clause.casus} is met" if clause.casus else ""


def _one(selector: Selector) -> bool:
    return isinstance(selector, str) or len(selector) == 1


def _verb(selector: Selector, verb: str) -> str:
    ending = "ies" if verb.endswith("y") else "s"
    return (verb.removesuffix("y") if verb.endswith("y") else verb) + ending if _one(selector) else verb
