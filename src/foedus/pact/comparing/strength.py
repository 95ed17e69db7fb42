"""Which of two promises is the stronger: partial orders of single terms, of demands, and of sets of demands.

The order is partial and coarse. Words that no chain in words.py joins are incomparable, and what rests on a
term that is `unknown` cannot be told; neither is ever counted as equal. A demand that is undetermined because
nobody has named the attacker stands between one that is owed and one that is not: that is a fact of the
situation, not a gap of the text.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from foedus.model import Form
from foedus.pact.words import REGARD_ORDER, STANDARD_ORDER, UNKNOWN, Truth, covers

WordOrder = tuple[tuple[str, str], ...]
"""(weaker, stronger) pairs."""

DISCRETION_ORDER: Final = (
    ("each_deems", "none"),
    ("constitutional_processes", "none"),
    ("joint_decision", "none"),
    ("executive", "none"),
)
"""No discretion binds most; whose choice it is otherwise makes no order (see words.DiscretionWord)."""

BINDING_ORDER: Final = (
    ("none", "political"),
    ("none", "unilateral"),
    ("political", "law"),
    ("unilateral", "law"),
)
"""Law binds most. What one side may take back alone and what both hold to in honour are incomparable."""

LEVEL_ORDER: Final = (
    ("working", "senior"),
    ("senior", "ministers"),
    ("ministers", "highest"),
    ("senior", "council"),
)
"""How high those sit who consult; a council may be of ministers or above, so the two are not ordered."""

CLOCK_ORDER: Final = (("knowledge", "cue"),)
"""The first cue is never later than knowledge. Knowledge may come before the event or after it."""

SOURCE_ORDER: Final = (("anonymised", "named"),)

FORM_ORDER: Final = tuple((Form(i).name.lower(), Form(i + 1).name.lower()) for i in range(len(Form) - 1))

SAYS_ORDERS: Final[dict[str, WordOrder]] = {
    "regard": REGARD_ORDER,
    "assist": STANDARD_ORDER,
    "consult": LEVEL_ORDER,
    "share": FORM_ORDER,
    "data": FORM_ORDER,
}
"""By which order the content of each kind of demand is compared; of others it is not compared."""


class Order(StrEnum):
    """How one thing stands to another."""

    EQUAL = "equal"
    STRONGER = "stronger"
    WEAKER = "weaker"
    INCOMPARABLE = "incomparable"
    UNKNOWN = "cannot be told"


def order_of(*, at_least: Truth, at_most: Truth) -> Order:
    """The order of one thing to another, from whether it is at least, and at most, as strong."""
    if Truth.UNDETERMINED in (at_least, at_most):
        return Order.UNKNOWN
    return {
        (Truth.YES, Truth.YES): Order.EQUAL,
        (Truth.YES, Truth.NO): Order.STRONGER,
        (Truth.NO, Truth.YES): Order.WEAKER,
    }.get((at_least, at_most), Order.INCOMPARABLE)


def joined(orders: Iterable[Order]) -> Order:
    """The order of two wholes from those of their parts: stronger here and weaker there is incomparable."""
    seen = frozenset(orders)
    if Order.INCOMPARABLE in seen or {Order.STRONGER, Order.WEAKER} <= seen:
        return Order.INCOMPARABLE
    for order in (Order.UNKNOWN, Order.STRONGER, Order.WEAKER):
        if order in seen:
            return order
    return Order.EQUAL


# ---------------------------------------------------------------- single terms


def word_at_least(order: WordOrder, strong: str, weak: str) -> Truth:
    """Whether one word is at least as strong as another; `unknown` may be any word of the order."""
    words = tuple(dict.fromkeys(word for pair in order for word in pair))
    strongs = words if strong == UNKNOWN else (strong,)
    weaks = words if weak == UNKNOWN else (weak,)
    found = [covers(order, one, other) for one in strongs for other in weaks]
    if all(found):
        return Truth.YES
    return Truth.UNDETERMINED if any(found) else Truth.NO


def word_order(order: WordOrder, one: str, other: str) -> Order:
    """How one word stands to another."""
    return order_of(at_least=word_at_least(order, one, other), at_most=word_at_least(order, other, one))


class Deadline(NamedTuple):
    """By when something is due. words: as the text has it, empty: no deadline. ahead: so long before it."""

    words: str = ""
    value: float | None = None  # in the unit of its kind; None: none, or unknown
    ahead: bool = False


def deadline_at_least(strong: Deadline, weak: Deadline) -> Truth:
    """Whether one deadline presses at least as hard. Vague words count with the value that the file gives."""
    if UNKNOWN in (strong.words, weak.words):
        return Truth.YES if not weak.words else Truth.UNDETERMINED
    if not weak.words:
        return Truth.YES
    if not strong.words:
        return Truth.NO
    assert strong.value is not None
    assert weak.value is not None
    if strong.ahead != weak.ahead:
        return Truth.YES if strong.ahead else Truth.NO
    sooner = strong.value >= weak.value if strong.ahead else strong.value <= weak.value
    return Truth.YES if sooner else Truth.NO


# ---------------------------------------------------------------- demands


class Demand(NamedTuple):
    """What one debtor owes, or gives, under one clause in one situation.

    matter: what tells demands of one kind apart that do not compare (the act refrained from, the kind of
    data). least, most: between these the truth lies, apart only where the text is silent on a term in
    `unknown`. measures: further numbers, higher is stronger. modified: reservations under which it owes
    something else, nobody can say how much.
    """

    kind: str
    matter: str
    debtor: str
    creditors: tuple[str, ...]
    says: str
    discretion: str
    deadline: Deadline
    clock: str
    source: str
    binding: str
    measures: tuple[float, ...]
    modified: tuple[str, ...]
    least: Truth
    most: Truth
    clause: str
    unknown: tuple[str, ...]


PARTS: Final = ("says", "discretion", "deadline", "clock", "source", "binding", "measures", "modified")
"""What of a demand is compared, besides to whom it is owed and how certainly."""

UNTIMED: Final = tuple(part for part in PARTS if part != "deadline")
"""The same without time: hardly any defence text names one, and all would be undetermined by that."""

_WORDS: Final[dict[str, WordOrder]] = {
    "discretion": DISCRETION_ORDER,
    "clock": CLOCK_ORDER,
    "source": SOURCE_ORDER,
    "binding": BINDING_ORDER,
}


def part_at_least(part: str, strong: Demand, weak: Demand) -> Truth:
    """Whether one part of a demand is at least as strong as that of another of its kind."""
    if part == "says":
        order = SAYS_ORDERS.get(strong.kind)
        return Truth.YES if order is None else word_at_least(order, strong.says, weak.says)
    if part == "deadline":
        return deadline_at_least(strong.deadline, weak.deadline)
    if part == "measures":
        pairs = zip(strong.measures, weak.measures, strict=False)
        return Truth.YES if all(one >= other for one, other in pairs) else Truth.NO
    if part == "modified":
        return Truth.UNDETERMINED if strong.modified or weak.modified else Truth.YES
    one, other = getattr(strong, part), getattr(weak, part)
    return Truth.YES if one == other else word_at_least(_WORDS[part], one, other)


class Same(NamedTuple):
    """Clauses that two versions of one pact share, so that what is unknown of both may be the same unknown.

    named: those of the same id; a term that is unknown in both is the same there. whole: those that say the
    same altogether, with their casus; whether they hold is the same there.
    """

    named: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()


APART: Final = Same()
"""For pacts that share nothing: no unknown of one is that of another."""


def demand_at_least(
    strong: Demand, weak: Demand, *, parts: Sequence[str] = PARTS, same: Same = APART
) -> Truth:
    """Whether a demand is at least as strong as another of its kind, creditors aside."""
    alike = strong.clause == weak.clause and strong.clause in same.named
    answer = _level(strong, weak)
    if alike and strong.clause in same.whole and strong[-4:] == weak[-4:]:
        answer = Truth.YES
    for part in parts:
        if answer > Truth.NO and not (alike and getattr(strong, part) == getattr(weak, part)):
            answer = min(answer, part_at_least(part, strong, weak))
    return answer


def _level(strong: Demand, weak: Demand) -> Truth:
    if strong.least >= weak.most:
        return Truth.YES
    return Truth.NO if strong.most < weak.least else Truth.UNDETERMINED


def demands_at_least(
    strong: Sequence[Demand],
    weak: Sequence[Demand],
    *,
    parts: Sequence[str] = PARTS,
    same: Same = APART,
) -> Truth:
    """Whether for each demand of one set and each of its creditors the other has one at least as strong."""
    answer = Truth.YES
    for demand in weak:
        nothing = _nothing_at_least(demand)
        found = [
            (other.creditors, demand_at_least(other, demand, parts=parts, same=same))
            for other in strong
            if nothing < Truth.YES
        ]
        for creditor in demand.creditors:
            answer = min(answer, max([nothing, *(one for to, one in found if creditor in to)]))
        if answer == Truth.NO:
            return answer
    return answer


def _nothing_at_least(weak: Demand) -> Truth:
    """Whether owing nothing is at least as strong."""
    if weak.most == Truth.NO:
        return Truth.YES
    return Truth.NO if weak.least > Truth.NO else Truth.UNDETERMINED


def demands_order(
    one: Sequence[Demand],
    other: Sequence[Demand],
    *,
    parts: Sequence[str] = PARTS,
    same: Same = APART,
) -> Order:
    """How the demands of one debtor stand to others of the same kind and matter."""
    return order_of(
        at_least=demands_at_least(one, other, parts=parts, same=same),
        at_most=demands_at_least(other, one, parts=parts, same=same),
    )
