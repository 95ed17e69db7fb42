"""All pacts in force at one time as one pact, so that what they do together can be asked as of one text.

Selectors are resolved to the ids of whoever is on each roster that day, spans to numbers, ids to `pact-ID`.
`external` of one pact means whoever is no party to that pact, also the other parties here. Approvals and
terms give way to one term; a draft's options stand side by side.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from foedus.errors import LimitError
from foedus.limits import CLAUSES_MAX, COMPOSED_MEMBERS_MAX, COMPOSED_ZONES_MAX
from foedus.pact.clauses import (
    ATTACKED,
    Adversary,
    Approval,
    Basis,
    Clause,
    Milestone,
    Pact,
    Party,
    Precedence,
    Selector,
    State,
    Term,
    Zone,
)
from foedus.pact.force import Fact, in_force, on_roster, selected, time_ns_of
from foedus.pact.words import ATTACKER_WORDS, BODIES, SENSING_ROLES, UNKNOWN, Truth

ID_CHARACTERS_MAX: Final = 24
SELECTORS: Final = (
    "of",
    "by",
    "to",
    "called_by",
    "giver",
    "taker",
    "rel_to",
    "originator",
    "who",
    "observers",
    "disclose_to",
    "accepted_by",
    "determined_by",
    "victim",
)
"""Fields that select parties."""
ATTACKERS: Final = ("against", "toward", "attacker")
"""Fields that say whose acts are meant; `by` of a casus is one more."""
SPANS: Final = ("within_s", "lead_s", "delay_s", "every_d", "keep_d", "disclose_after_d", "notice_d")
CLAUSE_LISTS: Final = ("on", "notwithstanding")


class Composition(NamedTuple):
    """The one pact, which clause of which pact each of its clauses is, and the facts in its ids."""

    pact: Pact
    origin: dict[str, tuple[str, str]]
    facts: tuple[Fact, ...]
    sensing: tuple[str, ...]  # who has sensors by its role in some pact, though it may be a hub in another


def compose(pacts: Sequence[Pact], *, at: datetime, facts: tuple[Fact, ...] = ()) -> Pact:
    """One pact that holds all clauses of those of the pacts that are in force."""
    return composed(pacts, at=at, facts=facts).pact


def composed(pacts: Sequence[Pact], *, at: datetime, facts: tuple[Fact, ...] = ()) -> Composition:
    """The same, with the origin of every clause."""
    time_ns = time_ns_of(at)
    standing = [pact for pact in pacts if in_force(pact, time_ns=time_ns, facts=facts).truth == Truth.YES]
    names = _Names(standing)
    parties = _parties(standing, time_ns, facts)
    clauses: list[Clause] = []
    for pact in standing:
        part = _Part(pact, names, [party.id for party in parties], at, facts)
        clauses += part.clauses()
    term = Term(id="TERM", text="All of them are in force.", cite="composed", basis="stylised", in_force=at)
    whole = Pact(
        foedus=1,
        pact="composed",
        version=" + ".join(f"{pact.pact} {pact.version}" for pact in standing)[:500] or "of nothing",
        title="Composition of pacts in force",
        date=at.date(),
        basis=Basis(instrument="composition", binding="unknown", evidence="stylised"),
        party=parties,
        clause=(*clauses, term),
        no_ties=tuple(dict.fromkeys(pair for pact in standing for pair in pact.no_ties)),
        state=_states(standing, parties),
        adversary=_adversaries(standing),
        zone=tuple(zone for pact in standing for zone in _zones(pact, names)),
        milestone=tuple(one for pact in standing for one in _milestones(pact, names)),
    )
    _bound("CLAUSES_MAX", CLAUSES_MAX, len(whole.clause))
    _bound("COMPOSED_MEMBERS_MAX", COMPOSED_MEMBERS_MAX, len(whole.party))
    _bound("COMPOSED_ZONES_MAX", COMPOSED_ZONES_MAX, len(whole.zone))
    sensing = {party.id for pact in standing for party in pact.party if party.role in SENSING_ROLES}
    return Composition(
        whole, names.origin, _facts(facts, standing, names), tuple(p.id for p in parties if p.id in sensing)
    )


def _bound(name: str, limit: int, asked: int) -> None:
    if asked > limit:
        raise LimitError(name=name, limit=limit, asked=asked)


# ---------------------------------------------------------------- names


class _Names:
    """The id in the composition of each clause, zone and milestone: `pact-ID`, cut where it is too long."""

    def __init__(self, pacts: Sequence[Pact]) -> None:
        self._new: dict[tuple[str, str, str], str] = {}
        self.origin: dict[str, tuple[str, str]] = {}
        taken: dict[str, bool] = {"TERM": True}
        for pact in pacts:
            for clause in pact.clause:
                if not isinstance(clause, Term | Approval):
                    new = self._name(pact, "clause", clause.id, taken)
                    self.origin[new] = (pact.pact, clause.id)
            for zone in pact.zone:
                self._name(pact, "zone", zone.id, taken)
            for milestone in pact.milestone:
                self._name(pact, "milestone", milestone.id, taken)

    def _name(self, pact: Pact, table: str, old: str, taken: dict[str, bool]) -> str:
        whole = f"{pact.pact}-{old}"
        new, number = whole[:ID_CHARACTERS_MAX], 1
        while new in taken:
            number += 1
            tail = f"-{number}"
            new = whole[: ID_CHARACTERS_MAX - len(tail)] + tail
        taken[new] = True
        self._new[pact.pact, table, old] = new
        return new

    def of(self, pact: str, table: str, old: str) -> str:
        """The new id; empty for one that is not in the composition."""
        return self._new.get((pact, table, old), "")

    def all_of(self, pact: str) -> tuple[str, ...]:
        """Every clause of a pact."""
        return tuple(new for (name, table, _), new in self._new.items() if (name, table) == (pact, "clause"))


# ---------------------------------------------------------------- tables


def _parties(pacts: Sequence[Pact], time_ns: int, facts: tuple[Fact, ...]) -> tuple[Party, ...]:
    """Everybody who is a party to one of them; a hub in one is a hub."""
    found: dict[str, Party] = {}
    for pact in pacts:
        for party in pact.party:
            if on_roster(pact, party.id, time_ns=time_ns, facts=facts).truth == Truth.NO:
                continue
            one = msgspec.structs.replace(party, since=None, until=None)
            before = found.get(party.id)
            if before is not None:
                regions = tuple(dict.fromkeys((*before.regions, *one.regions)))
                role = "hub" if "hub" in (before.role, one.role) else before.role
                one = msgspec.structs.replace(before, regions=regions, role=role)
            found[party.id] = one
    return tuple(found.values())


def _states(pacts: Sequence[Pact], parties: Sequence[Party]) -> tuple[State, ...]:
    named = [party.id for party in parties]
    found = {state.id: state for pact in pacts for state in pact.state if state.id not in named}
    return tuple(found.values())


def _adversaries(pacts: Sequence[Pact]) -> tuple[Adversary, ...]:
    return tuple(dict.fromkeys(one for pact in pacts for one in pact.adversary))


def _zones(pact: Pact, names: _Names) -> list[Zone]:
    return [msgspec.structs.replace(zone, id=names.of(pact.pact, "zone", zone.id)) for zone in pact.zone]


def _milestones(pact: Pact, names: _Names) -> list[Milestone]:
    return [
        msgspec.structs.replace(one, id=names.of(pact.pact, "milestone", one.id)) for one in pact.milestone
    ]


def _facts(facts: Iterable[Fact], pacts: Sequence[Pact], names: _Names) -> tuple[Fact, ...]:
    """What has happened, in the ids of the composition; who joined, left or approved is in it already."""
    tables = {"met": "milestone", "suspended": "clause", "resumed": "clause", "casus": "clause"}
    return tuple(
        msgspec.structs.replace(fact, of=new)
        for fact in facts
        if fact.what in tables
        for pact in pacts
        for new in (names.of(pact.pact, tables[fact.what], fact.of),)
        if new
    )


# ---------------------------------------------------------------- clauses


class _Part:
    """The clauses of one pact as they stand in the composition."""

    def __init__(
        self,
        pact: Pact,
        names: _Names,
        everybody: Sequence[str],
        at: datetime,
        facts: tuple[Fact, ...],
    ) -> None:
        self.pact = pact
        self.names = names
        self.everybody = everybody
        time_ns = time_ns_of(at)
        self.roster = [
            party.id
            for party in pact.party
            if on_roster(pact, party.id, time_ns=time_ns, facts=facts).truth == Truth.YES
        ]

    def clauses(self) -> list[Clause]:
        """Those that still select somebody, in the order of the text."""
        found = []
        for clause in self.pact.clause:
            if isinstance(clause, Term | Approval):
                continue
            new = self._clause(clause)
            if new is not None:
                found.append(new)
        return found

    def _clause(self, clause: Clause) -> Clause | None:
        if isinstance(clause, Precedence):
            return self._precedence(clause)
        fields = {name: getattr(clause, name) for name in clause.__struct_fields__}
        for name, value in fields.items():
            fields[name] = self._value(clause, name, value)
        if any(fields[name] == () for name in ("of", "by", "giver", "taker", "who") if name in fields):
            return None
        if "on" in fields and not fields["on"]:
            return None
        fields["id"] = self.names.of(self.pact.pact, "clause", clause.id)
        fields["option"] = ()
        fields["binding"] = clause.binding or self.pact.basis.binding
        return type(clause)(**fields)

    def _value(self, clause: Clause, name: str, value: Any) -> Any:  # noqa: PLR0911 - one for each kind of field
        if value is None or isinstance(value, bool):
            return value
        if name in ATTACKERS or (name == "by" and clause.__struct_config__.tag == "casus"):
            return self._attackers(value)
        if name in SELECTORS:
            one_party = clause.__struct_config__.tag == "reservation" and name == "by"
            return value if one_party else self._selector(value)
        if name in SPANS:
            return self._span(value)
        if name == "casus":
            return self.names.of(self.pact.pact, "clause", value)
        if name in CLAUSE_LISTS:
            return tuple(new for old in value if (new := self._reference(old)))
        if name == "zones":
            return tuple(self.names.of(self.pact.pact, "zone", old) for old in value)
        if name in ("precedent", "subsequent"):
            return self.names.of(self.pact.pact, "milestone", value)
        if isinstance(value, msgspec.Struct):
            inner = {field: getattr(value, field) for field in value.__struct_fields__}
            return type(value)(**{field: self._value(clause, field, one) for field, one in inner.items()})
        return value

    def _selector(self, selector: Selector) -> Selector:
        words = (selector,) if isinstance(selector, str) else selector
        if words == (UNKNOWN,):
            return selector
        ids = [one for one in selected(self.pact, selector) if one in self.roster]
        ids += [one for one in self.roster if "each" in words and one not in ids]
        return tuple(ids) + tuple(word for word in words if word in (*BODIES, ATTACKED))

    def _attackers(self, words: Sequence[str]) -> tuple[str, ...]:
        found = [word for word in words if word in ATTACKER_WORDS and word != "parties"]
        ids = [party.id for party in self.pact.party]
        if "external" in words:
            found += [one for one in self.everybody if one not in self.roster]
        if "parties" in words:
            found += self.roster
        roles = selected(self.pact, tuple(word for word in words if word not in (*ids, *ATTACKER_WORDS)))
        found += [word for word in words if word in ids or word not in ATTACKER_WORDS]
        return tuple(dict.fromkeys([*found, *roles]))

    def _span(self, span: float | str) -> float | str:
        return self.pact.words.get(span, UNKNOWN) if isinstance(span, str) else span

    def _reference(self, old: str) -> str:
        """The new id of a clause of this pact, or of `pact:ID`."""
        pact, colon, name = old.partition(":")
        return self.names.of(pact, "clause", name) if colon else self.names.of(self.pact.pact, "clause", old)

    def _precedence(self, clause: Precedence) -> Precedence | None:
        over, under = (
            tuple(new for old in ids for new in self._all(old)) for ids in (clause.over, clause.under)
        )
        if not over or not under:
            return None
        return msgspec.structs.replace(
            clause,
            id=self.names.of(self.pact.pact, "clause", clause.id),
            over=over,
            under=under,
            option=(),
        )

    def _all(self, old: str) -> tuple[str, ...]:
        pact, colon, name = old.partition(":")
        if colon and name == "*":
            return self.names.all_of(pact)
        return tuple(new for new in (self._reference(old),) if new)
