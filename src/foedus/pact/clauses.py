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

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,23}$")]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]

Selector = str | tuple[str, ...]
"""Party ids, or one of the words of ROLE_WORDS."""

ROLE_WORDS = ("member", "hub", "observer", "any")
"""What a selector may say instead of party ids: all parties of that role, or all of them."""

Evidence = Literal["text", "reported", "stylised"]
"""What a statement rests on: a published text, a report about it, or nobody's text at all."""


class Basis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What kind of instrument the pact is, how far it binds, and how that is known."""

    instrument: Sentence
    binding: Literal["law", "political", "unilateral", "none", "unknown"]
    evidence: Evidence
    note: Sentence = "none"


class Party(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One party. A member has sensors and a node, a hub relays, an observer only receives."""

    id: Id
    name: Sentence
    role: Literal["member", "hub", "observer"]
    basis: Evidence = "stylised"


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


class _Clause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    id: Id
    text: Sentence
    """What the clause says, in one plain sentence."""
    cite: Sentence
    basis: Evidence


class Share(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="share"):
    """`from` lets `to` have its data in this form."""

    giver: Selector = msgspec.field(name="from")
    taker: Selector = msgspec.field(name="to")
    data: Literal["tracks"]
    form: Form
    classes: tuple[TrackClass, ...] = ()
    """Empty: of any class."""
    zones: tuple[str, ...] = ()
    """Empty: anywhere. Else inside at least one of these."""


class Withhold(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="withhold"):
    """`from` keeps these data from `to`, on every path."""

    giver: Selector = msgspec.field(name="from")
    taker: Selector = msgspec.field(name="to")
    data: Literal["tracks"]
    classes: tuple[TrackClass, ...] = ()
    zones: tuple[str, ...] = ()


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


class Warn(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="warn"):
    """`by` must tell `to` of what is about to enter a zone that `to` owns."""

    by: Selector
    to: Selector
    content: Literal["alert"]
    horizon_s: Annotated[float, msgspec.Meta(gt=0, le=7_200)]
    probability: Annotated[float, msgspec.Meta(ge=0.01, le=1)]
    within_s: Seconds
    renew_s: Seconds
    expires_s: Seconds
    ack_s: Seconds
    classes: tuple[TrackClass, ...] = ()
    zones: tuple[str, ...] = ()
    """Empty: every zone that `to` owns."""


class Term(_Clause, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="term"):
    """When the pact is in force: from `in_force` until just before `until`. A draft has no `in_force`."""

    in_force: datetime | None = None
    until: datetime | None = None


Clause = Share | Withhold | Route | Caveat | Warn | Term


class Pact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole pact."""

    foedus: Literal[1]
    pact: Id
    version: Sentence
    title: Sentence
    date: date
    basis: Basis
    party: Annotated[tuple[Party, ...], msgspec.Meta(min_length=2, max_length=MEMBERS_MAX)]
    zone: Annotated[tuple[Zone, ...], msgspec.Meta(max_length=ZONES_MAX)] = ()
    clause: Annotated[tuple[Clause, ...], msgspec.Meta(min_length=1, max_length=CLAUSES_MAX)]

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical form: what the pact says, not how its file is laid out."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    @property
    def term(self) -> Term:
        """The one term clause that validation asks for."""
        return next(clause for clause in self.clause if isinstance(clause, Term))
