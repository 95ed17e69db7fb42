"""Many instruments beside each other: one row of facts for each, and the order of strength among all.

The order is of the answer to an attack (regard and assist) over all situations that any of the texts tells
apart, each pact read as between its two sides (align.py), once in force. Beside it stands the order of the
words alone, wherever and against whomever they hold.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from foedus.pact.clauses import (
    Assist,
    Casus,
    Clause,
    Consult,
    Notify,
    Pact,
    Regard,
    Selector,
    Share,
    Span,
    Warn,
)
from foedus.pact.comparing.align import Aligned, aligned_sides
from foedus.pact.comparing.demands import RESPONSE, Demands, Subjects
from foedus.pact.comparing.diff import Standing, standing
from foedus.pact.comparing.diff_notes import exit_words
from foedus.pact.comparing.differences import Field
from foedus.pact.comparing.strength import UNTIMED, Demand, Order, demands_at_least, order_of, part_at_least
from foedus.pact.meaning.situation import Situation
from foedus.pact.words import UNKNOWN, Truth

IN_WORDS = ("says", "discretion", "binding")
"""What counts in the order of words alone."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument in a few words."""

    pact: str
    version: str
    title: str
    evidence: str
    form: str
    binding: str
    casus: tuple[str, ...]
    regard: tuple[str, ...]
    assist: tuple[str, ...]
    consult: tuple[str, ...]
    notify: tuple[str, ...]
    warn: tuple[str, ...]
    data: tuple[str, ...]
    exit: str
    standing: Standing
    unknown: tuple[str, ...]
    read_as: str


class Rank(msgspec.Struct, frozen=True, kw_only=True):
    """A partial order: classes of equals, the covering relations among them, and the pairs it leaves open.

    covers: (stronger, weaker), without those that follow from others; each is the first of its class.
    """

    classes: tuple[tuple[str, ...], ...]
    covers: tuple[tuple[str, str], ...]
    incomparable: tuple[tuple[str, str], ...]
    open: tuple[tuple[str, str], ...]  # that cannot be told


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """All instruments: their rows, their order over situations, and the order of their words."""

    at: datetime
    rows: tuple[Row, ...]
    by_situations: Rank
    by_words: Rank
    situations: int


def library_of(pacts: Sequence[Pact], *, at: datetime) -> Library:
    """The instruments in the order given; two versions of one pact are two instruments."""
    aligned = aligned_sides(pacts, at=at)
    field = Field(aligned.pacts, at=at)
    answers = [Demands(pact, Subjects((), (), ())) for pact in aligned.pacts]
    kinds: dict[tuple[int, ...], Situation] = {}
    for cell in field.cells:
        kinds.setdefault(tuple(one.number(cell.situation) for one in answers), cell.situation)
    met = dict.fromkeys(tuple(_response(one(found)) for one in answers) for found in kinds.values())
    names = [name_of(pact) for pact in pacts]
    words = [tuple(dict.fromkeys(demand for row in met for demand in row[i])) for i in range(len(pacts))]
    return Library(
        at=at,
        rows=tuple(_row(pact, aligned, i, at) for i, pact in enumerate(pacts)),
        by_situations=rank(names, _over_situations(tuple(met), len(pacts))),
        by_words=rank(names, [[_words_at_least(one, other) for other in words] for one in words]),
        situations=field.weight,
    )


def name_of(pact: Pact) -> str:
    """The pact with its version."""
    return f"{pact.pact} {pact.version}"


def _response(demands: Sequence[Demand]) -> tuple[Demand, ...]:
    return tuple(one for one in demands if one.kind in RESPONSE)


def _over_situations(met: Sequence[Sequence[Sequence[Demand]]], count: int) -> list[list[Truth]]:
    """Which is at least as strong as which in every situation."""
    found = [[Truth.YES] * count for _ in range(count)]
    known: dict[tuple[Sequence[Demand], Sequence[Demand]], Truth] = {}
    for row in met:
        for i, one in enumerate(row):
            for j, other in enumerate(row):
                if i != j and found[i][j] > Truth.NO:
                    if (one, other) not in known:
                        known[one, other] = _at_least(one, other)
                    found[i][j] = min(found[i][j], known[one, other])
    return found


def _at_least(one: Sequence[Demand], other: Sequence[Demand]) -> Truth:
    return min(
        (
            demands_at_least(
                [demand for demand in one if demand[:3] == key],
                [demand for demand in other if demand[:3] == key],
                parts=UNTIMED,
            )
            for key in dict.fromkeys(demand[:3] for demand in other)
        ),
        default=Truth.YES,
    )


def _words_at_least(one: Sequence[Demand], other: Sequence[Demand]) -> Truth:
    """Whether for all that one text says to an attack, wherever, the other says as much somewhere."""
    answer = Truth.YES
    for demand in other:
        best = Truth.NO
        for mine in one:
            if mine.kind == demand.kind:
                best = max(best, min(part_at_least(part, mine, demand) for part in IN_WORDS))
        answer = min(answer, best)
    return answer


# ---------------------------------------------------------------- the order


def rank(names: Sequence[str], at_least: Sequence[Sequence[Truth]]) -> Rank:
    """The partial order that these answers make; at_least[i][j]: whether i is at least as strong as j."""
    count = range(len(names))
    orders = {
        (i, j): order_of(at_least=at_least[i][j], at_most=at_least[j][i])
        for i in count
        for j in count
        if i != j
    }
    classes: list[list[int]] = []
    for i in count:
        home = next((one for one in classes if all(orders[i, j] == Order.EQUAL for j in one)), None)
        if home is None:
            classes.append([i])
        else:
            home.append(i)
    heads = [one[0] for one in classes]
    above = [(i, j) for i in heads for j in heads if i != j and orders[i, j] == Order.STRONGER]
    covers = [
        (i, j)
        for i, j in above
        if not any((i, k) in above and (k, j) in above for k in heads if k not in (i, j))
    ]
    return Rank(
        classes=tuple(tuple(names[i] for i in one) for one in classes),
        covers=tuple((names[i], names[j]) for i, j in covers),
        incomparable=tuple(_pairs(names, heads, orders, Order.INCOMPARABLE)),
        open=tuple(_pairs(names, heads, orders, Order.UNKNOWN)),
    )


def _pairs(
    names: Sequence[str], heads: Sequence[int], orders: dict[tuple[int, int], Order], order: Order
) -> Iterator[tuple[str, str]]:
    for i in heads:
        for j in heads:
            if i < j and orders[i, j] == order:
                yield names[i], names[j]


# ---------------------------------------------------------------- rows


def _row(pact: Pact, aligned: Aligned, index: int, at: datetime) -> Row:
    roles = [f"{ids[index]} as {role.lower()}" for role, ids in aligned.roles]
    return Row(
        pact=pact.pact,
        version=pact.version,
        title=pact.title,
        evidence=pact.basis.evidence,
        form=pact.basis.form.replace("_", " "),
        binding=pact.basis.binding,
        casus=tuple(_casus_words(clause) for clause in pact.clause if isinstance(clause, Casus)),
        regard=_unique(_regard_words(clause) for clause in pact.clause if isinstance(clause, Regard)),
        assist=_unique(_assist_words(clause) for clause in pact.clause if isinstance(clause, Assist)),
        consult=_unique(_consult_words(clause) for clause in pact.clause if isinstance(clause, Consult)),
        notify=_unique(_notify_words(clause) for clause in pact.clause if isinstance(clause, Notify)),
        warn=_unique(_warn_words(clause) for clause in pact.clause if isinstance(clause, Warn)),
        data=_unique(_share_words(clause) for clause in pact.clause if isinstance(clause, Share)),
        exit=exit_words(pact.term),
        standing=standing(pact, at=at),
        unknown=tuple(term for clause in pact.clause for term in unknown_terms(clause)),
        read_as=", ".join(roles),
    )


def _unique(words: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _spell(selector: Selector) -> str:
    return selector if isinstance(selector, str) else " ".join(selector)


def _within(span: Span | None, unit: str) -> str:
    if span is None or span == UNKNOWN:
        return ""
    return f" {span}" if isinstance(span, str) else f" within {span:g} {unit}"


def _casus_words(clause: Casus) -> str:
    thing, place = " ".join(clause.object), " ".join(clause.loci)
    event, by = " ".join(clause.event), " ".join(clause.by)
    return f"{clause.id}: {event} on {thing} of {_spell(clause.of)}, {place}, by {by}"


def _regard_words(clause: Regard) -> str:
    return f"{_spell(clause.by)}: {clause.regarded_as.replace('_', ' ')}"


def _assist_words(clause: Assist) -> str:
    standard, discretion = clause.standard.replace("_", " "), clause.discretion.replace("_", " ")
    return f"{_spell(clause.by)}: {standard} (discretion {discretion}){_within(clause.within_s, 's')}"


def _consult_words(clause: Consult) -> str:
    events = f", {' '.join(clause.also)}" if clause.also else ""
    return f"{_spell(clause.by)}: level {clause.level}{events}{_within(clause.within_s, 's')}"


def _notify_words(clause: Notify) -> str:
    lead = f" {_within(clause.lead_s, 's').strip()} ahead" if clause.lead_s is not None else ""
    return f"{_spell(clause.by)} to {_spell(clause.to)}{_within(clause.within_s, 's')}{lead}"


def _warn_words(clause: Warn) -> str:
    return f"{_spell(clause.by)} to {_spell(clause.to)}{_within(clause.within_s, 's')} of {clause.clock}"


def _share_words(clause: Share) -> str:
    form = clause.form if isinstance(clause.form, str) else clause.form.name.lower()
    data = clause.data.name.lower().replace("_", " ")
    return f"{_spell(clause.giver)} to {_spell(clause.taker)} {clause.duty}: {data} as {form}"


def unknown_terms(clause: Clause) -> tuple[str, ...]:
    """The terms of a clause that are unknown, such as `C1.by`; also inside the way out of a term."""
    found = []
    for name in clause.__struct_fields__:
        value = getattr(clause, name)
        parts = (
            [getattr(value, one) for one in value.__struct_fields__]
            if isinstance(value, msgspec.Struct)
            else []
        )
        if any(one == UNKNOWN or (isinstance(one, tuple) and UNKNOWN in one) for one in (value, *parts)):
            found.append(f"{clause.id}.{name}")
    return tuple(found)
