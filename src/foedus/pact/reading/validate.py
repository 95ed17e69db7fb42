"""Whether a pact that fits the schema also makes sense: ids, spans, zones, routes, brackets, contradictions.

Raises DocumentError at the first mistake: tables, then clauses in the order of the text, then the whole,
which for a draft with brackets is looked at variant by variant.
"""

from collections.abc import Callable, Mapping
from typing import NoReturn

from foedus.document import Place, error_at
from foedus.errors import LimitError
from foedus.limits import RULES_PER_PAIR_MAX, SAME_ID_MAX, VARIANT_CLAUSES_MAX
from foedus.model import Form
from foedus.pact.clauses import (
    Caveat,
    Pact,
    Precedence,
    Purpose,
    Remedy,
    Reservation,
    Share,
    Suspend,
    Term,
    Withhold,
)
from foedus.pact.reading.lookup import Fail, Lookup
from foedus.pact.reading.ties import (
    Budget,
    Cells,
    Tie,
    ZonesMeet,
    circle_by_selection,
    circle_by_word,
    describe_tie,
    lay_out,
    ties,
    ties_in,
    zones_overlap,
)
from foedus.pact.reading.validate_clauses import check_clauses, check_options
from foedus.pact.reading.validate_tables import check_tables
from foedus.pact.variants import choose, combinations_of, exclude_each_other, name_choices, stands

__all__ = ["Locate", "Tie", "ZonesMeet", "describe_tie", "ties", "validate", "zones_overlap"]

Locate = Callable[[Place], tuple[str, str, Place]]
"""(text, file, place there) of a place of a pact, whose rows may come from several files."""


def validate(pact: Pact, *, text: str, file: str, locate: Locate | None = None) -> None:
    """Nothing; DocumentError for the first thing in the pact that makes no sense.

    locate: where the rows of a copy stand; without it all stand in `text`.
    """

    def fail(place: Place, found: str, expected: str) -> NoReturn:
        there, where, spot = locate(place) if locate else (text, file, place)
        if where != file:
            expected += f" (as {file} copies it)"
        raise error_at(there, spot, file=where, found=found, expected=expected)

    look = Lookup(pact, fail)
    check_tables(look)
    check_options(look)
    _ids(look)
    check_clauses(look)
    _variants(look)


def _ids(look: Lookup) -> None:
    """One id stands for one clause in every variant."""
    for id_, places in look.clauses.items():
        if len(places) > SAME_ID_MAX:
            place: Place = ("clause", places[SAME_ID_MAX], "id")
            look.fail(place, f"{id_} for the {SAME_ID_MAX + 1}th time", f"at most {SAME_ID_MAX} alternatives")
        for j, i in enumerate(places):
            for first in places[:j]:
                if not exclude_each_other(look.pact.clause[first], look.pact.clause[i]):
                    found = f"{id_}, which clause {first + 1} has already"
                    more = ", or options that exclude each other" if look.pact.bracket else ""
                    look.fail(("clause", i, "id"), found, f"an id of its own{more}")


def _variants(look: Lookup) -> None:
    pact = look.pact
    budget, meet = Budget(), ZonesMeet(pact)
    if not pact.bracket:
        _Whole(pact, look.fail, budget, meet).check()
        return
    asked = 0
    done: dict[tuple[int, ...], bool] = {}
    for choices in combinations_of(pact):
        asked += len(pact.clause)
        if asked > VARIANT_CLAUSES_MAX:
            raise LimitError(name="VARIANT_CLAUSES_MAX", limit=VARIANT_CLAUSES_MAX, asked=asked)
        kept = tuple(i for i, clause in enumerate(pact.clause) if stands(clause, choices))
        if kept not in done:
            done[kept] = True
            fail = _within(look.fail, kept, name_choices(pact, choices))
            _Whole(choose(pact, choices), fail, budget, meet).check()


def _within(fail: Fail, kept: tuple[int, ...], name: str) -> Fail:
    """An error in a variant: at the clause of the draft, with the name of the variant."""

    def fail_there(place: Place, found: str, expected: str) -> NoReturn:
        if len(place) > 1 and place[0] == "clause":
            assert isinstance(place[1], int)
            place = ("clause", kept[place[1]], *place[2:])
        fail(place, f"{found} in the variant {name}", expected)

    return fail_there


CIRCLE_SHOWN_MAX = 8
"""Clauses of a circle that an error names."""


class _Whole:
    """The checks of one text without brackets that no clause can pass alone."""

    def __init__(self, pact: Pact, fail: Fail, budget: Budget, meet: ZonesMeet) -> None:
        self.pact = pact
        self.fail = fail
        self.budget = budget
        self.meet = meet
        self.at = {clause.id: i for i, clause in enumerate(pact.clause)}

    def check(self) -> None:
        terms = [i for i, clause in enumerate(self.pact.clause) if isinstance(clause, Term)]
        if len(terms) != 1:
            place: Place = ("clause", terms[1]) if terms else ("clause",)
            self.fail(place, f"{len(terms)} clauses of kind term", "exactly one")
        self._references()
        self._bands()
        cells = lay_out(self.pact, self.budget)
        self._rules_per_pair(cells)
        self._precedence(cells)
        self._ties(cells)

    def _references(self) -> None:
        """What a clause rests on stands in the same variant."""
        for i, clause in enumerate(self.pact.clause):
            casus = getattr(clause, "casus", None)
            if casus is not None and casus not in self.at:
                self.fail(("clause", i, "casus"), f"{casus}, which does not stand", "a casus that stands too")
            lists: Mapping[str, tuple[str, ...]] = {}
            if isinstance(clause, Caveat | Purpose | Remedy | Reservation | Suspend):
                lists = {"on": clause.on}
            elif isinstance(clause, Precedence):
                lists = {"over": clause.over, "under": clause.under}
            for field, names in lists.items():
                if not names:
                    found = f"{clause.id}, of whose clauses none stands"
                    self.fail(
                        ("clause", i, field), found, "the same option on this clause, or another clause"
                    )

    def _bands(self) -> None:
        """A track of unknown height is inside a banded zone that a withhold names, and outside any other."""
        banded = [
            zone.id for zone in self.pact.zone if zone.floor_m is not None or zone.ceiling_m is not None
        ]
        shares = [clause for clause in self.pact.clause if isinstance(clause, Share)]
        shared = {name: True for clause in shares for name in clause.zones}
        for i, clause in enumerate(self.pact.clause):
            for j, name in enumerate(clause.zones if isinstance(clause, Withhold) else ()):
                if name in shared and name in banded:
                    self.fail(
                        ("clause", i, "zones", j),
                        f"{name}, which has a floor or ceiling, in a withhold and in a share",
                        "two zones, because a track of unknown height can only be given to one of the two",
                    )

    def _rules_per_pair(self, cells: Cells) -> None:
        for (giver, taker, _), rules in cells.items():
            for kind in (Share, Withhold):
                own = [rule for rule in rules if isinstance(self.pact.clause[rule.clause], kind)]
                if len(own) > RULES_PER_PAIR_MAX:
                    pair = f"from {self.pact.party[giver].id} to {self.pact.party[taker].id}"
                    found = f"{len(own)} {kind.__name__.lower()} clauses {pair}"
                    place = ("clause", own[RULES_PER_PAIR_MAX].clause)
                    self.fail(place, found, f"at most {RULES_PER_PAIR_MAX} for one pair and class")

    def _precedence(self, cells: Cells) -> None:
        for circle, why in (
            (circle_by_word(self.pact), "precedence that does not run in a circle"),
            (
                circle_by_selection(self.pact, cells, self.budget),
                "precedence that does not run in a circle with what is narrower, or withheld",
            ),
        ):
            if circle:
                within = dict.fromkeys(circle, True)
                named = [
                    i
                    for i, clause in enumerate(self.pact.clause)
                    if isinstance(clause, Precedence)
                    and any(name in within for name in clause.over)
                    and any(name in within for name in clause.under)
                ]
                place: Place = ("clause", named[-1]) if named else ("clause", self.at[circle[-1]])
                shown = circle if len(circle) <= CIRCLE_SHOWN_MAX else [*circle[:CIRCLE_SHOWN_MAX], "..."]
                self.fail(place, " over ".join([*shown, circle[0]]), why)

    def _ties(self, cells: Cells) -> None:
        for tie in ties_in(self.pact, cells, self.budget, self.meet):
            first, second = (rule.clause for rule in tie.rules)
            forms = [self._form(rule.clause) for rule in tie.rules]
            self.fail(
                ("clause", second),
                f"{self.pact.clause[second].id} ({forms[1]}) against "
                f"{self.pact.clause[first].id} ({forms[0]}) for {describe_tie(self.pact, tie)}",
                "one form, or one of the two clauses narrower than the other in what it selects",
            )

    def _form(self, clause: int) -> str:
        share = self.pact.clause[clause]
        assert isinstance(share, Share)
        assert isinstance(share.form, Form)
        return share.form.name.lower()
