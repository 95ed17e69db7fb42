"""Incidents: what happened to whom, as each account has it, with every time an interval relative to a zero.

Accounts are kept apart: a fact is what one account says, and nothing here weighs one against another. Bounds
that nobody has stated are marked as placeholders of the file. docs/incident.md is the reference for people.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, NamedTuple, NoReturn

import msgspec

from foedus.document import Place, error_at, line_of, name_found, parse_document, suggest
from foedus.model import Form, TrackClass
from foedus.pact.clauses import Id, Sentence, Source
from foedus.pact.force import Fact, spoken_date
from foedus.pact.incidents.interval import Interval
from foedus.pact.meaning.situation import UNATTRIBUTED, EventAtom, ObjectAtom
from foedus.pact.meaning.states import STATES
from foedus.pact.words import BODIES, Region, YesNoWord

MINUTE_S: Final = 60.0

Standing = Literal["claimed", "acknowledged", "attributed", "denied", "unknown"]
ASSERTING: Final = ("claimed", "acknowledged", "attributed")
"""Standings by which an account names somebody as the attacker: itself, or another."""

FactWord = Literal[
    "hub_knows",
    "knows",
    "warn_sent",
    "warn_received",
    "acknowledged",
    "impact",
    "withheld",
    "regarded",
    "consulted",
    "notified",
    "assisted",
]
"""What an account may say happened. `hub_knows`: the common centre knew; it counts as knowledge of `who`.
`withheld`: `who` kept back what it knew, on the ground in `note`."""

BoundWord = Literal["lo", "hi"]
When = tuple[float | datetime, float | datetime]
"""[lo, hi]: minutes after the zero (negative: before it), or instants."""


class Zero(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The instant from which the minutes of a file count, and between which instants it lay."""

    name: Id
    at: tuple[datetime, datetime]
    source: Sentence
    placeholder: tuple[BoundWord, ...] = ()


class Actor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group that is no state. counted_as: ids that a text may mean it by; whether it does is contested."""

    id: Id
    name: Sentence
    counted_as: tuple[str, ...] = ()


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody's telling of the incident. according_to: the id by which facts name it."""

    according_to: Id
    says: Sentence
    source: Sentence


class Attribution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one account says of who attacked. `unknown` names nobody."""

    standing: Standing
    according_to: str
    attacker: str = UNATTRIBUTED
    note: Sentence = "none"


class Reported(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact, as one account has it. happened = "no": the account says that it never did; no `when` then.

    holds: in what form at best `who` had it, for what is known. lacks: what it did not know. by: from whom a
    warning came. to: whom it went to, a party or a body.
    """

    what: FactWord
    who: str
    according_to: str
    when: When | None = None
    happened: Literal["yes", "no"] = "yes"
    placeholder: tuple[BoundWord, ...] = ()
    holds: Form = Form.ALERT
    lacks: tuple[Literal["victim", "attacker"], ...] = ()
    by: str | None = None
    to: str | None = None
    note: Sentence = "none"


class Incident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One incident. class: what it was carried out with; several where that is contested or mixed."""

    foedus: Literal[1]
    incident: Id
    title: Sentence
    zero: Zero
    victim: str
    account: Annotated[tuple[Account, ...], msgspec.Meta(min_length=1, max_length=64)]
    event: EventAtom = "attack"
    object: ObjectAtom = "land"
    track_class: Annotated[tuple[TrackClass, ...], msgspec.Meta(min_length=1, max_length=8)] = msgspec.field(
        name="class", default=(TrackClass.UNIDENTIFIED,)
    )
    host: str | None = None
    region: Region | None = None
    sector: Sentence = "unknown"
    provoked: YesNoWord = "no"
    lawful: YesNoWord = "yes"
    note: Sentence = "none"
    source: tuple[Source, ...] = ()
    actor: Annotated[tuple[Actor, ...], msgspec.Meta(max_length=64)] = ()
    attribution: Annotated[tuple[Attribution, ...], msgspec.Meta(max_length=256)] = ()
    fact: Annotated[tuple[Reported, ...], msgspec.Meta(max_length=1024)] = ()
    recorded: tuple[Fact, ...] = ()
    """What was recorded under a pact until then, as in a situation: an exit, a suspension, a casus."""


class Line(NamedTuple):
    """One row of an incident's file: where it stands, and what it says in words."""

    file: str
    line: int
    says: str

    def __str__(self) -> str:
        """`doha-2025.toml:84: ...`."""
        return f"{self.file}:{self.line}: {self.says}"


class IncidentFile(NamedTuple):
    """An incident, and where each of its facts and attributions stands."""

    incident: Incident
    file: str
    fact_lines: tuple[int, ...]
    attribution_lines: tuple[int, ...]

    def line_of_fact(self, index: int) -> Line:
        """The row of one fact."""
        return Line(self.file, self.fact_lines[index], describe_fact(self.incident.fact[index]))


def parse_incident(text: str, *, file: str) -> IncidentFile:
    """The incident in a TOML text; DocumentError with line and path for the first mistake."""
    incident = parse_document(text, Incident, file=file)
    _Check(incident, text, file).all()
    return IncidentFile(
        incident,
        file,
        tuple(line_of(text, ("fact", index)) for index in range(len(incident.fact))),
        tuple(line_of(text, ("attribution", index)) for index in range(len(incident.attribution))),
    )


# ---------------------------------------------------------------- what it says


def when_of(incident: Incident, fact: Reported) -> Interval:
    """The time of a fact in seconds after the zero. An instant is as uncertain as the zero itself."""
    assert fact.when is not None
    name = f"{fact.according_to} {fact.what}"
    early, late = (_bound(incident, one, zero) for one, zero in zip(fact.when, (1, 0), strict=True))
    return Interval(
        lo_s=early[0],
        hi_s=late[0],
        lo_placeholders=(*((f"{name}.lo",) if "lo" in fact.placeholder else ()), *early[1]),
        hi_placeholders=(*((f"{name}.hi",) if "hi" in fact.placeholder else ()), *late[1]),
    )


def _bound(incident: Incident, value: float | datetime, end: int) -> tuple[float, tuple[str, ...]]:
    """Seconds after the zero; for an instant counted from that end of the zero's own interval."""
    if not isinstance(value, datetime):
        return value * MINUTE_S, ()
    name = ("lo", "hi")[end]
    placeholders = (f"zero.{name}",) if name in incident.zero.placeholder else ()
    return (value - incident.zero.at[end]).total_seconds(), placeholders


def attackers_of(incident: Incident) -> tuple[str, ...]:
    """Everybody whom some account names as the attacker, and `unattributed` where one says that it is unknown
    or none names anybody."""
    named = [one.attacker for one in incident.attribution if one.standing in ASSERTING]
    open_ = not named or any(one.standing == "unknown" for one in incident.attribution)
    return tuple(dict.fromkeys([*named, *([UNATTRIBUTED] if open_ else [])]))


def stance(incident: Incident, account: str, attacker: str) -> Literal["asserts", "denies", "silent"]:
    """What an account says of one attribution. Who names another, without naming this one, denies it."""
    own = [one for one in incident.attribution if one.according_to == account]
    named = [one.attacker for one in own if one.standing in ASSERTING]
    if attacker in named:
        return "asserts"
    if attacker == UNATTRIBUTED and any(one.standing == "unknown" for one in own):
        return "asserts"
    if named or any(one.standing == "denied" and one.attacker == attacker for one in own):
        return "denies"
    return "silent"


def said_of(incident: Incident, attacker: str) -> tuple[str, ...]:
    """Each account's word on one attribution, `attributed according to white_house, qatar_mfa`."""
    words: dict[str, list[str]] = {}
    for one in incident.attribution:
        if one.attacker == attacker:
            words.setdefault(one.standing, []).append(one.according_to)
    return tuple(f"{standing} according to {', '.join(said)}" for standing, said in words.items())


def readings_of(incident: Incident, attacker: str) -> tuple[str, ...]:
    """The ids that an attacker may be meant by in a text: its own, and those that it may be counted as."""
    counted = next((one.counted_as for one in incident.actor if one.id == attacker), ())
    return (attacker, *counted)


def describe_fact(fact: Reported) -> str:
    """The fact in one plain phrase."""
    verb = _VERBS[fact.what]
    by = f" from {fact.by}" if fact.by else ""
    to = f" to {fact.to}" if fact.to else ""
    head = f"according to {fact.according_to}, {fact.who} {verb}{by}{to}"
    if fact.when is None:
        return f"{head}: it never happened"
    bounds = [
        _spell_bound(one) + ("*" if end in fact.placeholder else "")
        for end, one in zip(("lo", "hi"), fact.when, strict=True)
    ]
    unit = "" if isinstance(fact.when[0], datetime) else " min"
    return f"{head} in [{', '.join(bounds)}]{unit}"


def _spell_bound(bound: float | datetime) -> str:
    return spoken_date(bound) if isinstance(bound, datetime) else f"{bound:g}"


_VERBS: Final[dict[str, str]] = {
    "hub_knows": "knew, as the hub",
    "knows": "knew",
    "warn_sent": "sent a warning",
    "warn_received": "received a warning",
    "acknowledged": "acknowledged a warning",
    "impact": "was hit",
    "withheld": "kept it back",
    "regarded": "declared how it regards the attack",
    "consulted": "consulted",
    "notified": "gave notice",
    "assisted": "assisted",
}


# ---------------------------------------------------------------- checks

_KEY: Final = re.compile(r"\[([A-Za-z][A-Za-z0-9_-]{0,23})\]")


class _Check:
    """The checks of one incident that its types cannot make."""

    def __init__(self, incident: Incident, text: str, file: str) -> None:
        self.incident = incident
        self.text = text
        self.file = file
        self.accounts = [one.according_to for one in incident.account]
        self.actors = [*(one.id for one in incident.actor), *STATES]

    def fail(self, place: Place, found: str, expected: str) -> NoReturn:
        raise error_at(self.text, place, file=self.file, found=found, expected=expected)

    def all(self) -> None:
        self._zero()
        self._once("account", "according_to", self.accounts)
        self._once("actor", "id", [one.id for one in self.incident.actor])
        self._once("source", "key", [one.key for one in self.incident.source])
        self._cites(("zero", "source"), self.incident.zero.source)
        for index, account in enumerate(self.incident.account):
            self._cites(("account", index, "source"), account.source)
        self._actor(("victim",), self.incident.victim)
        if self.incident.host:
            self._actor(("host",), self.incident.host)
        for index, one in enumerate(self.incident.attribution):
            self._attribution(("attribution", index), one)
        for index, fact in enumerate(self.incident.fact):
            self._fact(("fact", index), fact)
        self._opposed()

    def _zero(self) -> None:
        at = self.incident.zero.at
        self._zoned(("zero", "at"), at)
        if at[0] > at[1]:
            self.fail(("zero", "at"), f"{at[0].isoformat()} after {at[1].isoformat()}", "[lo, hi]")

    def _zoned(self, place: Place, bounds: Sequence[float | datetime]) -> None:
        for index, one in enumerate(bounds):
            if isinstance(one, datetime) and one.tzinfo is None:
                expected = "an offset from UTC at its end, such as 2018-08-01T00:00:00Z"
                self.fail((*place, index), name_found(one), expected)

    def _once(self, table: str, key: str, ids: Sequence[str]) -> None:
        for index, id_ in enumerate(ids):
            if id_ in ids[:index]:
                self.fail((table, index, key), f"{id_} again", "an id of its own")

    def _cites(self, place: Place, cite: str) -> None:
        keys = [one.key for one in self.incident.source]
        for key in _KEY.findall(cite):
            if key not in keys:
                self.fail(place, name_found(key), f"the key of a [[source]]: {suggest(key, keys)}")

    def _actor(self, place: Place, who: str, *, more: Sequence[str] = ()) -> None:
        if who not in self.actors and who not in more:
            named = [*(one.id for one in self.incident.actor), *more]
            expected = "the two-letter code of a state"
            self.fail(place, name_found(who), f"{expected}, or {suggest(who, named)}" if named else expected)

    def _account(self, place: Place, name: str) -> None:
        if name not in self.accounts:
            self.fail((*place, "according_to"), name_found(name), suggest(name, self.accounts))

    def _attribution(self, place: Place, one: Attribution) -> None:
        self._account(place, one.according_to)
        if (one.standing == "unknown") != (one.attacker == UNATTRIBUTED):
            expected = "no attacker with standing unknown, and one with any other"
            self.fail((*place, "standing"), f"{one.standing} of {one.attacker}", expected)
        if one.attacker != UNATTRIBUTED:
            self._actor((*place, "attacker"), one.attacker)

    def _fact(self, place: Place, fact: Reported) -> None:
        self._account(place, fact.according_to)
        self._actor((*place, "who"), fact.who)
        if fact.by is not None:
            self._actor((*place, "by"), fact.by)
        if fact.to is not None:
            self._actor((*place, "to"), fact.to, more=BODIES)
        if fact.happened == "no" and fact.when is not None:
            self.fail((*place, "when"), "a time of what never happened", 'no when, or happened = "yes"')
        if fact.happened == "yes" and fact.when is None:
            self.fail(place, "no key 'when'", 'when = [lo, hi], or happened = "no"')
        if fact.placeholder and fact.when is None:
            self.fail((*place, "placeholder"), "a placeholder of no bound", "when = [lo, hi]")
        if fact.when is not None:
            self._when((*place, "when"), fact)

    def _when(self, place: Place, fact: Reported) -> None:
        assert fact.when is not None
        self._zoned(place, fact.when)
        lo, hi = fact.when
        if isinstance(lo, datetime) and isinstance(hi, datetime):
            wrong = lo > hi
        elif isinstance(lo, datetime) or isinstance(hi, datetime):
            self.fail(place, "minutes and an instant", "two numbers of minutes, or two instants")
        else:
            wrong = lo > hi
        if wrong:
            self.fail(place, f"{name_found(lo)} above {name_found(hi)}", "[lo, hi] with lo not above hi")

    def _opposed(self) -> None:
        """One account does not say of one thing that it happened and that it never did."""
        seen: dict[tuple[str, ...], str] = {}
        for index, one in enumerate(self.incident.fact):
            key = (one.what, one.who, one.according_to, one.by or "", one.to or "")
            if seen.setdefault(key, one.happened) != one.happened:
                found = f"{one.according_to} says both that it happened and that it never did"
                self.fail(("fact", index, "happened"), found, "one of the two, or another account")
