"""The closed vocabularies of the pact language, and the orders among their words.

Every list here is what a text may say; `unknown` stands for a term that is not published or was not seen, and
makes whatever rests on it undetermined. There are no weapons in it: no word for their control may be added.
"""

from enum import IntEnum
from typing import Final, Literal, get_args


class Truth(IntEnum):
    """Kleene's three values: `and` is the minimum, `or` the maximum (Introduction to Metamathematics, 64)."""

    NO = 0
    UNDETERMINED = 1
    YES = 2

    def __invert__(self) -> "Truth":
        """The negation."""
        return Truth(2 - self.value)


class DataKind(IntEnum):
    """What a share or withhold is about. A node carries tracks; the others are arrangements among people."""

    TRACKS = 0  # tracks of the giver's own sensors
    PLOTS = 1  # detections with their sensor
    PICTURE = 2  # the giver's whole picture, with what others gave it
    INTELLIGENCE = 3  # assessments, from any source
    WARNING_DATA = 4  # launch point, path and impact area of missiles, as TISA says
    LAUNCH_NOTICES = 5  # own launches, announced before


UNKNOWN: Final = "unknown"
"""A term that is not published, or that nobody who wrote the file has seen."""

Binding = Literal["law", "political", "unilateral", "none", "unknown"]
Evidence = Literal["text", "reported", "stylised"]
"""What a statement rests on: a published text, a report about it, or nobody's text at all."""

Instrument = Literal[
    "treaty",
    "executive_agreement",
    "executive_order",
    "designation",
    "memorandum",
    "arrangement",
    "charter",
    "unknown",
]
"""What kind of act made the pact: it decides which approvals each party needs (see force.py)."""

Role = Literal["member", "hub", "observer", "guarantor", "ally"]
SENSING_ROLES: Final = ("member", "guarantor", "ally")
"""Roles with sensors of their own. A hub relays, an observer only receives."""

Region = Literal[
    "north_america",
    "north_atlantic",
    "europe",
    "mediterranean",
    "arctic",
    "middle_east",
    "gulf",
    "red_sea",
    "north_africa",
    "south_asia",
    "east_asia",
    "west_pacific",
    "south_pacific",
    "pacific_north",
    "elsewhere",
]
"""Coarse parts of the world in which an event can lie, for terms on place (ratione loci). Disjoint."""

EventWord = Literal[
    "threat", "imminent", "attack", "launch", "armed_attack", "air_attack", "aggression", "unknown"
]
EVENTS: Final[dict[str, tuple[str, ...]]] = {
    "threat": ("threat",),
    "imminent": ("imminent",),
    "attack": ("attack",),
    "launch": ("launch",),  # of one's own missile or space launcher, announced
    "armed_attack": ("attack",),
    "air_attack": ("attack",),
    "aggression": ("attack",),
}
"""What each word for an event covers."""

EVENT_ATOMS: Final = ("threat", "imminent", "attack", "launch")

ObjectWord = Literal[
    "land",
    "airspace",
    "infra_onshore",
    "infra_offshore",
    "forces_home",
    "forces_abroad",
    "territory",
    "critical_infrastructure",
    "forces",
    "vessels_aircraft",
    "sovereignty",
    "independence",
    "any",
    "unknown",
]
OBJECT_ATOMS: Final = (
    "land",
    "airspace",
    "infra_onshore",
    "infra_offshore",
    "forces_home",
    "forces_abroad",
)
OBJECTS: Final[dict[str, tuple[str, ...]]] = {
    **{atom: (atom,) for atom in OBJECT_ATOMS},
    "territory": ("land", "airspace", "infra_onshore", "forces_home"),
    "critical_infrastructure": ("infra_onshore", "infra_offshore"),
    "forces": ("forces_home", "forces_abroad"),
    "vessels_aircraft": ("forces_home", "forces_abroad"),
    "sovereignty": ("land", "airspace"),
    "independence": ("land", "airspace"),
    "any": OBJECT_ATOMS,
}
"""What each word for an object covers: an oil plant on land is inside a `territory` casus."""

AttackerWord = Literal["any", "external", "parties", "adversaries", "unattributed", "unknown"]
ATTACKER_WORDS: Final[tuple[str, ...]] = get_args(AttackerWord)
"""Besides ids: anybody; anybody who is no party; any party; whoever is on the attacked party's list of
adversaries on that day; nobody known yet; a term that is not known."""

ExcludeWord = Literal["self_provoked", "internal", "unlawful_territory"]

RegardWord = Literal[
    "grave_concern", "threat_to_own_peace", "dangerous_to_own_peace", "attack_on_all", "unknown"
]
REGARD_ORDER: Final = (
    ("grave_concern", "threat_to_own_peace"),
    ("grave_concern", "dangerous_to_own_peace"),
    ("threat_to_own_peace", "attack_on_all"),
    ("dangerous_to_own_peace", "attack_on_all"),
)
"""(weaker, stronger) pairs of legal characterisations; what no chain joins is incomparable."""

StandardWord = Literal[
    "decide_jointly",
    "all_lawful_and_appropriate",
    "act_to_meet_common_danger",
    "assist_as_deemed_necessary",
    "all_steps_available",
    "unknown",
]
STANDARD_ORDER: Final = (
    ("decide_jointly", "all_lawful_and_appropriate"),
    ("decide_jointly", "act_to_meet_common_danger"),
    ("act_to_meet_common_danger", "assist_as_deemed_necessary"),
    ("assist_as_deemed_necessary", "all_steps_available"),
    ("all_lawful_and_appropriate", "all_steps_available"),
)
"""(weaker, stronger) pairs of standards of assistance."""

DiscretionWord = Literal[
    "none", "each_deems", "constitutional_processes", "joint_decision", "executive", "unknown"
]
"""Who may decide whether and how to act. `none` binds; the others leave a choice and are incomparable."""

LevelWord = Literal["working", "senior", "ministers", "highest", "council", "unknown"]
ClockWord = Literal["event", "cue", "knowledge"]
"""What starts a deadline: the event itself, the first cue, or the debtor's own knowledge."""

BODIES: Final = ("unsc", "legislature", "council", "all_parties")
"""Whom a notice may be addressed to besides parties: the UN Security Council, the debtor's own legislature,
the council of the pact, and every other party."""

SourceWord = Literal["named", "anonymised"]
DutyWord = Literal["may", "shall"]
NeedWord = Literal["own_area"]
PurposeWord = Literal[
    "warning",
    "civil_protection",
    "exercise",
    "diplomacy",
    "air_traffic",
    "search_and_rescue",
    "investigation",
    "planning",
]
"""Uses that a text may allow. Whatever is not allowed is forbidden; other uses have no word here."""

CooperateWord = Literal[
    "exercise",
    "planning",
    "liaison",
    "training",
    "access",
    "research",
    "stockpiles",
    "equipment",
    "capacity",
    "command_cell",
]
ForbearWord = Literal[
    "aggression",
    "third_state_bases",
    "conflicting_commitments",
    "separate_peace",
    "publication",
    "unknown",
]
LogWord = Literal["share", "withhold", "warn", "ack", "notify", "consult"]
SecrecyWord = Literal["existence", "membership", "text", "meetings", "sensors"]

StepWord = Literal[
    "signature",
    "ratification",
    "acceptance",
    "accession",
    "senate_advice_and_consent",
    "legislature_approval",
    "legislature_notice",
    "presidential_signature",
    "presidential_determination",
    "royal_decree",
    "deposit",
    "publication",
    "unknown",
]
ReservationWord = Literal["reservation", "understanding", "declaration"]
RemedyWord = Literal["notify", "consult", "suspend", "account"]
NoAckWord = Literal["notify_council", "head_of_state_line", "second_route", "notify_parties"]
YesNoWord = Literal["yes", "no", "unknown"]


def covers(order: tuple[tuple[str, str], ...], strong: str, weak: str) -> bool:
    """Whether `strong` is at least as strong as `weak` in an order of (weaker, stronger) pairs."""
    return strong == weak or any(covers(order, below, weak) for below, above in order if above == strong)
