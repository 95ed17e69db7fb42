"""The structs of a pact, field by field as its text has them. docs/pact.md is the reference for people.

No `Meta` stands inside a union here (as in `Id | None`): with msgspec 0.22 the interpreter then crashes now
and then while it shuts down (msgspec issue 717). What a union cannot say, validate.py checks.
"""

import hashlib
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from foedus.limits import CLAUSES_MAX, MEMBERS_MAX, ZONE_VERTICES_MAX, ZONES_MAX
from foedus.model import Form, TrackClass
from foedus.pact.words import (
    Binding,
    ClockWord,
    CooperateWord,
    DataKind,
    DiscretionWord,
    DutyWord,
    EventWord,
    Evidence,
    ExcludeWord,
    ForbearWord,
    Instrument,
    LevelWord,
    LogWord,
    NeedWord,
    NoAckWord,
    ObjectWord,
    PurposeWord,
    RegardWord,
    Region,
    RemedyWord,
    ReservationWord,
    Role,
    SecrecyWord,
    SourceWord,
    StandardWord,
    StepWord,
    YesNoWord,
)

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,23}$")]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]

Selector = str | tuple[str, ...]
"""Party ids, or words of ROLE_WORDS, or `attacked`: whoever the casus finds attacked."""

Attackers = tuple[str, ...]
"""Ids of parties and states, or words of ATTACKER_WORDS."""

Span = float | str
"""A duration in the unit that the field's name ends with, a word of [words], or `unknown`."""

ROLE_WORDS = ("member", "hub", "observer", "guarantor", "ally", "any")
"""What a selector may say instead of party ids: all parties of that role, or all of them."""

ATTACKED = "attacked"
"""In the selector of a creditor: the party that is attacked."""


class Basis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What kind of instrument the pact is, how far it binds, and how that is known."""

    instrument: Sentence
    binding: Binding
    evidence: Evidence
    form: Instrument = "unknown"
    note: Sentence = "none"


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a fact of the file comes from; clauses cite it as `[KEY]`."""

    key: Id
    says: Sentence


class Party(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One party. A hub relays, an observer only receives, everybody else has sensors and a node."""

    id: Id
    name: Sentence
    role: Role
    basis: Evidence = "stylised"
    regions: tuple[Region, ...] = ()
    """Where its territory lies, coarse; the first is the main one."""
    since: datetime | None = None
    """When it joined; None: from the beginning."""
    until: datetime | None = None


class State(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A state or group that is no party and that the text names, or that may appear in a situation."""

    id: Id
    name: Sentence
    regions: tuple[Region, ...] = ()
    basis: Evidence = "stylised"


class Adversary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of one party's list of adversaries, from one day to another."""

    of: str
    state: str
    basis: Evidence
    since: datetime | None = None
    until: datetime | None = None


class Zone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named part of the airspace: a polygon whose sides are straight in latitude and longitude, and a band.

    The last vertex joins the first. Floor and ceiling are heights above the ellipsoid, None unbounded.
    """

    id: Id
    polygon: Annotated[
        tuple[tuple[Latitude, Longitude], ...], msgspec.Meta(min_length=3, max_length=ZONE_VERTICES_MAX)
    ]
    source: Sentence
    owner: str | None = None
    floor_m: float | None = None
    ceiling_m: float | None = None


class Bracket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where a draft still leaves a choice. Clauses with `option = ["ID:choice"]` hang on it."""

    id: Id
    says: Sentence
    choices: Annotated[tuple[Id, ...], msgspec.Meta(min_length=2, max_length=16)]


class Milestone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An act or event on which clauses may depend: a visit, a normalisation of ties, a vote.

    by: whose act it is, parties or states. target: when it is meant to happen. met: when it did.
    """

    id: Id
    says: Sentence
    basis: Evidence
    by: tuple[str, ...] = ()
    target: datetime | None = None
    met: datetime | None = None


class BasedOn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text that this one is a copy of: its clauses stand here too, unless dropped or written anew.

    rename: its party ids -> ours. seen: clause id -> first 16 digits of its digest when the copy was made, so
    that a later change upstream is flagged.
    """

    file: Sentence
    drop: tuple[str, ...] = ()
    rename: dict[str, str] = {}
    seen: dict[str, str] = {}


class _Clause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    id: Id
    text: Sentence
    """What the clause says, in one plain sentence."""
    cite: Sentence
    basis: Evidence
    binding: Binding | None = None
    """None: as the pact."""
    since: datetime | None = None
    """From when the clause speaks; None: from the beginning of the pact."""
    until: datetime | None = None
    option: tuple[str, ...] = ()
    """`BRACKET:choice` pairs: the clause stands only in variants that make all of these choices."""


class Casus(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="casus"):
    """A named trigger (casus foederis): this event, against that object of those parties, there, by them."""

    event: Annotated[tuple[EventWord, ...], msgspec.Meta(min_length=1)]
    object: Annotated[tuple[ObjectWord, ...], msgspec.Meta(min_length=1)]
    of: Selector
    by: Annotated[Attackers, msgspec.Meta(min_length=1)]
    loci: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("anywhere",)
    """Regions, ids whose territory is meant, `anywhere`, or `unknown`."""
    determined_by: Selector = "unknown"
    classes: tuple[TrackClass, ...] = ()
    exclude: tuple[ExcludeWord, ...] = ()


class Regard(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="regard"):
    """When the casus is met, `by` regards it as that. A declared legal consequence, not an action."""

    casus: str
    by: Selector
    regarded_as: RegardWord = msgspec.field(name="as")


class Consult(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="consult"):
    """`by` must consult `to` when the casus is met, and also on the events of `also`."""

    by: Selector
    to: Selector
    level: LevelWord = "unknown"
    casus: str | None = None
    also: tuple[EventWord, ...] = ()
    within_s: Span = "unknown"
    called_by: Selector = "any"


class Notify(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="notify"):
    """`by` must tell parties or bodies: within a time after the casus, or `lead_s` before it."""

    by: Selector
    to: Selector
    content: Sentence
    casus: str | None = None
    within_s: Span | None = None
    lead_s: Span | None = None


class Assist(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="assist"):
    """A response duty, addressed to governments. Its output is a record, never an order to anything."""

    casus: str
    by: Selector
    standard: StandardWord
    discretion: DiscretionWord
    to: Selector = ATTACKED
    within_s: Span = "unknown"


class OnNoAck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What follows when a warning is not acknowledged in time."""

    retry: Annotated[int, msgspec.Meta(ge=0, le=100)]
    then: NoAckWord


class Warn(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="warn"):
    """`by` must tell `to` of what is about to enter a zone that `to` owns."""

    by: Selector
    to: Selector
    content: Literal["alert"]
    horizon_s: Annotated[float, msgspec.Meta(gt=0, le=7_200)]
    probability: Annotated[float, msgspec.Meta(ge=0.01, le=1)]
    within_s: Span
    renew_s: Seconds
    expires_s: Seconds
    ack_s: Seconds
    classes: tuple[TrackClass, ...] = ()
    zones: tuple[str, ...] = ()
    """Empty: every zone that `to` owns."""
    casus: str | None = None
    """The duty holds only where this casus is met; None: whatever it is about."""
    against: Attackers = ("any",)
    """Whose attacks are warned of."""
    clock: ClockWord = "knowledge"
    notwithstanding: tuple[str, ...] = ()
    """Caveats and withholds that this duty prevails over."""
    on_no_ack: OnNoAck | None = None


class Share(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="share"):
    """`from` lets `to` have its data in this form."""

    giver: Selector = msgspec.field(name="from")
    taker: Selector = msgspec.field(name="to")
    data: DataKind
    form: Form | Literal["unknown"]
    """`unknown`: something is shared, nobody knows in what form; a node gives nothing by it."""
    classes: tuple[TrackClass, ...] = ()
    """Empty: of any class."""
    zones: tuple[str, ...] = ()
    """Empty: anywhere. Else inside at least one of these."""
    casus: str | None = None
    """Only while this casus is met; None: always."""
    need_to_know: NeedWord | None = None
    """`own_area`: only inside zones that the taker owns."""
    delay_s: Span = 0.0
    source: SourceWord = "named"
    duty: DutyWord = "may"
    notwithstanding: tuple[str, ...] = ()
    """Withholds that this share prevails over, though it is not narrower."""


class Withhold(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="withhold"):
    """`from` keeps these data from `to`, on every path."""

    giver: Selector = msgspec.field(name="from")
    taker: Selector = msgspec.field(name="to")
    data: DataKind
    classes: tuple[TrackClass, ...] = ()
    zones: tuple[str, ...] = ()
    casus: str | None = None
    ground: str = ""
    """Why; logged with every row that is kept back."""


class Route(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="route"):
    """These pairs, in both directions, meet only through `via`."""

    pairs: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(min_length=1, max_length=MEMBERS_MAX**2)]
    via: str
    direct: Literal["forbidden"]


class Onward(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom, and in what form at most, a recipient may pass the data on."""

    to: Selector
    max_form: Form
    strip_source: bool


class Caveat(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="caveat"):
    """The originator's control over what the recipients under the clauses `on` do with the data.

    orcon: nothing goes onward but what `onward` says. Without it the parties of `rel_to` may have the data
    in the form in which the recipient has them.
    """

    on: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    orcon: bool
    rel_to: Selector
    onward: Onward | None = None
    originator: Selector = "any"
    """Only for data of these parties."""


class Purpose(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="purpose"):
    """What is given by the clauses `on` may be used for these purposes and for nothing else."""

    on: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    allow: Annotated[tuple[PurposeWord, ...], msgspec.Meta(min_length=1)]


class Cooperate(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="cooperate"):
    """`who` do this together, every so many days where the text says how often."""

    who: Selector
    type: CooperateWord
    every_d: Span | None = None
    observers: Selector | None = None


class Forbear(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="forbear"):
    """`by` refrains from these acts, toward parties, states or everybody."""

    by: Selector
    acts: Annotated[tuple[ForbearWord, ...], msgspec.Meta(min_length=1)]
    toward: Attackers = ("any",)


class Record(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="record"):
    """What is logged, how long it is kept, to whom and when it is disclosed, and what stays secret."""

    log: tuple[LogWord, ...] = ()
    keep_d: Span | None = None
    disclose_to: Selector | None = None
    disclose_after_d: Span | None = None
    secrecy: tuple[SecrecyWord, ...] = ()


class Done(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of an approval that has been taken. on: the day; None where it is not known."""

    step: StepWord
    evidence: Sentence
    on: datetime | None = None


class Approval(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="approval"):
    """The steps that `by`, one party, has to take before the pact enters into force, and those it took."""

    by: str
    steps: tuple[StepWord, ...]
    done: tuple[Done, ...] = ()
    wait_d: float = 0.0
    """Days after the last step before it counts, such as a period of notice to a legislature."""


class Exit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a party leaves or ends the pact. needs: steps that its own law asks for."""

    notice_d: Span
    by: Selector = "any"
    needs: tuple[StepWord, ...] = ()


class Accession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may join, and who has to agree."""

    open_to: Sentence
    consent: Literal["all", "majority", "hub", "none", "unknown"]


class Term(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="term"):
    """When the pact is in force: from `in_force` until just before `until`.

    A text without `in_force` enters into force when the last approval is complete; without approvals it is a
    draft.
    """

    in_force: datetime | None = None
    duration_y: Span | None = None
    """For how many years at first, as the text says; `until` is what ends it."""
    exit: Exit | None = None
    accession: Accession | None = None


class Suspend(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="suspend"):
    """The clauses `on` are suspended: between two days, until a milestone is met, or from then on.

    precedent: the milestone before which nothing is owed; subsequent: the one after which nothing is.
    as_to: only between these pairs of parties; none: for everybody.
    """

    on: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    precedent: str | None = None
    subsequent: str | None = None
    as_to: tuple[tuple[str, str], ...] = ()


class Where(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of situation; what is left out is any. All that is named must hold."""

    event: tuple[EventWord, ...] = ()
    object: tuple[ObjectWord, ...] = ()
    victim: Selector | None = None
    attacker: Attackers = ()
    loci: tuple[str, ...] = ()
    provoked: YesNoWord | None = None
    """Whether the attack answers an operation of the attacked party that the text does not cover."""


class Reservation(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="reservation"):
    """What `by` has declared: the clauses `on` do not bind it (exclude), or bind it otherwise (modify)."""

    by: str
    on: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    form: ReservationWord
    effect: Literal["exclude", "modify"]
    where: Where = Where()
    accepted_by: Selector = "any"


class Precedence(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="precedence"):
    """The clauses `over` prevail over those in `under`, whatever is narrower. `pact:ID` names another pact's
    clause, `pact:*` all of them."""

    over: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    under: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Remedy(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="remedy"):
    """What follows when one of the clauses `on` is violated (a contrary-to-duty obligation)."""

    on: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    then: RemedyWord
    by: Selector
    to: Selector
    within_s: Span = "unknown"


Clause = (
    Casus
    | Regard
    | Consult
    | Notify
    | Assist
    | Warn
    | Share
    | Withhold
    | Route
    | Caveat
    | Purpose
    | Cooperate
    | Forbear
    | Record
    | Approval
    | Term
    | Suspend
    | Reservation
    | Precedence
    | Remedy
)


class Pact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole pact."""

    foedus: Literal[1]
    pact: Id
    version: Sentence
    title: Sentence
    date: date
    basis: Basis
    party: Annotated[tuple[Party, ...], msgspec.Meta(min_length=2, max_length=MEMBERS_MAX)]
    clause: Annotated[tuple[Clause, ...], msgspec.Meta(max_length=CLAUSES_MAX)] = ()
    """May be empty only in the text of a copy, which has its clauses from `based_on`."""
    supersedes: str | None = None
    based_on: BasedOn | None = None
    no_ties: tuple[tuple[str, str], ...] = ()
    """Pairs without diplomatic relations: nothing may tell one of them that it deals with the other."""
    words: dict[str, float] = {}
    """Vague words of the text, such as `immediately`, with the seconds that they are taken to mean."""
    source: tuple[Source, ...] = ()
    state: tuple[State, ...] = ()
    adversary: tuple[Adversary, ...] = ()
    zone: Annotated[tuple[Zone, ...], msgspec.Meta(max_length=ZONES_MAX)] = ()
    bracket: Annotated[tuple[Bracket, ...], msgspec.Meta(max_length=16)] = ()
    milestone: tuple[Milestone, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical form: what the pact says, not how its file is laid out."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    @property
    def term(self) -> Term:
        """The one term clause that validation asks for."""
        return next(clause for clause in self.clause if isinstance(clause, Term))
