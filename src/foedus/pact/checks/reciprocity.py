"""K14: what each party gives and gets, owes and is owed: a static count over the texts, not over events."""

from collections.abc import Iterator
from typing import NamedTuple

from foedus.model import Form
from foedus.pact.checks.finding import Finding, listed
from foedus.pact.checks.inquiry import Inquiry
from foedus.pact.checks.reach import Channels
from foedus.pact.checks.release import data_kinds, range_of_zones
from foedus.pact.clauses import Assist, Consult, Notify, Warn
from foedus.pact.meaning.evaluate import terms_of


class Balance(NamedTuple):
    """One party: to and from how many others data go, in the highest form, and its duties by clause."""

    party: str
    gives_to: int
    gives: Form
    gets_from: int
    gets: Form
    owes: tuple[str, ...]
    is_owed: tuple[str, ...]


def reciprocity(inquiry: Inquiry, channels: Channels) -> tuple[Balance, ...]:
    """The balance of every party on the roster, in the order of the text. A hub's are those it relays."""
    best: dict[tuple[str, str], Form] = {}
    for kind in data_kinds(inquiry, channels):
        for giver in inquiry.roster:
            for zones in range_of_zones(inquiry):
                for taker, ways in channels.arrivals(giver, kind, zones).items():
                    form = max(way.form for way in ways)
                    best[giver, taker] = max(form, best.get((giver, taker), Form.NONE))
    return tuple(_balance(inquiry, party, best) for party in inquiry.roster)


def _balance(inquiry: Inquiry, party: str, best: dict[tuple[str, str], Form]) -> Balance:
    given = [form for (giver, _), form in best.items() if giver == party]
    got = [form for (_, taker), form in best.items() if taker == party]
    owes, is_owed = [], []
    for clause in inquiry.clauses(Assist, Warn, Consult, Notify):
        assert isinstance(clause, Assist | Warn | Consult | Notify)
        terms = terms_of(clause)
        to = inquiry.addressed(clause)
        by = inquiry.named(terms.by)
        if party in by and any(one != party for one in to):
            owes.append(clause.id)
        if party in to and any(one != party for one in by):
            is_owed.append(clause.id)
    return Balance(
        party,
        len(given),
        max(given, default=Form.NONE),
        len(got),
        max(got, default=Form.NONE),
        tuple(owes),
        tuple(is_owed),
    )


def one_sided(inquiry: Inquiry, channels: Channels) -> Iterator[Finding]:
    """K14: each party that gives data or owes duties and gets none of the kind, or the other way round."""
    told: dict[tuple[str, ...], list[Balance]] = {}
    for one in reciprocity(inquiry, channels):
        said = []
        if bool(one.gives_to) != bool(one.gets_from) and one.party in inquiry.sensing:
            said.append(
                f"gives data to {one.gives_to} and gets none"
                if one.gives_to
                else f"gets data from {one.gets_from} and gives none"
            )
        if one.owes and not one.is_owed:
            said.append(f"owes {listed(list(one.owes))} and is owed nothing")
        if one.is_owed and not one.owes:
            said.append(f"is owed {listed(list(one.is_owed))} and owes nothing")
        if said:
            told.setdefault(tuple(said), []).append(one)
    for said_of, parties in told.items():
        yield Finding(
            number="K14",
            severity="note",
            clauses=(*parties[0].owes, *parties[0].is_owed),
            witness=f"{listed([one.party for one in parties])}: each {', and '.join(said_of)}."
            if len(parties) > 1
            else f"{parties[0].party} {', and '.join(said_of)}.",
        )
