"""Static checks of a pact: what a drafter should know before anyone signs.

K1  the text is broken or refers to what it does not have   error    (found while reading, see validate.py)
K2  the pact is not in force at the time asked about        error
K3  two clauses contradict each other                       error    (found while reading)
K4  a duty to warn that nobody can fulfil                   error
K5  data reach a party through the hub in a higher form     warning  (never more than the originator's
    than their originator gives that party itself                     caveat lets through: a node caps that)
K6  two members that have no path at all                    warning
K8  a clause that never has an effect                       warning

Exact over the finite product of parties, classes and the zones that clauses name (see `validate.ties` for why
one or two zones are enough).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal

import msgspec

from foedus.model import Form, TrackClass
from foedus.pact.clauses import Caveat, Pact, Share, Warn, Withhold
from foedus.pact.compile import is_in_force, route_between, zones_to_watch
from foedus.pact.explain import parties_of
from foedus.pact.paths import Paths
from foedus.pact.rules import ANYWHERE, DENY, Rule, class_bits, decisive, narrower, rules_of, speaking
from foedus.pact.validate import ZonesMeet


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found: which check, how bad, which clauses, and a situation that shows it."""

    number: str
    severity: Literal["error", "warning"]
    clauses: tuple[str, ...]
    witness: str


def check_pact(pact: Pact, *, time_ns: int) -> tuple[Finding, ...]:
    """Everything found in a pact that reads well, at the time asked about; in the order of the checks."""
    paths = Paths(pact)
    return (
        *_not_in_force(pact, time_ns),
        *_duties_without_means(pact),
        *_transitive(pact, paths),
        *_pairs_without_path(pact, paths),
        *_dead(pact),
    )


def _not_in_force(pact: Pact, time_ns: int) -> Iterator[Finding]:
    if not is_in_force(pact, time_ns):
        yield Finding(
            number="K2",
            severity="error",
            clauses=(pact.term.id,),
            witness="Nothing is released and nobody is warned: the pact is not in force at that time.",
        )


def _duties_without_means(pact: Pact) -> Iterator[Finding]:
    """Warners without sensors to whom nobody gives tracks of the class, and warned parties without zones."""
    rules = rules_of(pact)
    roles = {party.id: party.role for party in pact.party}
    ids = list(roles)
    for clause in pact.clause:
        if not isinstance(clause, Warn):
            continue
        for name in parties_of(pact, clause.to):
            if not zones_to_watch(pact, clause, name):
                yield _unable(clause.id, f"{name} is to be warned, but owns no zone that the clause means.")
        for name in parties_of(pact, clause.by):
            for track_class in TrackClass:
                if roles[name] == "member" or not class_bits(clause.classes) >> track_class & 1:
                    continue
                if not any(
                    _ever_given(rules, giver, ids.index(name), track_class) for giver in range(len(ids))
                ):
                    told = f"{name} has no sensors, and nobody gives it {track_class.name.lower()} tracks"
                    yield _unable(clause.id, f"{told}: it can never know what it should warn of.")


def _unable(clause: str, witness: str) -> Finding:
    return Finding(number="K4", severity="error", clauses=(clause,), witness=witness)


def _ever_given(rules: Sequence[Rule], giver: int, taker: int, track_class: int) -> bool:
    return giver != taker and any(
        rule.form != Form.NONE for rule in speaking(rules, giver, taker, track_class)
    )


def _transitive(pact: Pact, paths: Paths) -> Iterator[Finding]:
    """For each originator and receiver the first situation in which the hub gives more than it does."""
    for giver in pact.party:
        for taker in pact.party:
            if giver == taker or "hub" in (giver.role, taker.role):
                continue
            for track_class, zones in _situations(pact, giver.id):
                form = paths.via_hub(giver.id, taker.id, track_class, zones).form
                direct = paths.direct(giver.id, taker.id, track_class, zones).form
                if form > direct:
                    yield _leak(pact, paths, giver.id, taker.id, track_class, zones, form, direct)
                    break


def _situations(pact: Pact, giver: str) -> Iterator[tuple[TrackClass, int]]:
    """Every class, outside all zones and in each zone that some clause of the giver or of the hub names."""
    givers = [i for i, party in enumerate(pact.party) if party.id == giver or party.role == "hub"]
    named = 0
    for rule in rules_of(pact):
        if rule.zones != ANYWHERE and any(rule.givers >> i & 1 for i in givers):
            named |= rule.zones
    for track_class in TrackClass:
        for zones in (0, *(1 << i for i in range(len(pact.zone)) if named >> i & 1)):
            yield track_class, zones


def _leak(
    pact: Pact,
    paths: Paths,
    giver: str,
    taker: str,
    track_class: TrackClass,
    zones: int,
    form: Form,
    direct: Form,
) -> Finding:
    hub = next(party for party in pact.party if party.role == "hub").id
    path = (
        paths.direct(giver, hub, track_class, zones).clause,
        paths.direct(hub, taker, track_class, zones).clause,
    )
    up = pact.clause[path[0]].id
    caveats = [one.id for one in pact.clause if isinstance(one, Caveat) and up in one.on]
    where = next((f" inside {zone.id}" for i, zone in enumerate(pact.zone) if zones >> i & 1), "")
    given = f"as {direct.name.lower()}" if direct else "in no form"
    return Finding(
        number="K5",
        severity="warning",
        clauses=(*(pact.clause[index].id for index in path), *caveats),
        witness=(
            f"{giver} gives {taker} {track_class.name.lower()} tracks{where} {given}, "
            f"but through {hub} they reach it as {form.name.lower()}."
        ),
    )


def _pairs_without_path(pact: Pact, paths: Paths) -> Iterator[Finding]:
    members = [party.id for party in pact.party if party.role == "member"]
    for a, b in combinations(members, 2):
        if not any(_reaches(pact, paths, x, y) for x, y in ((a, b), (b, a))):
            route = route_between(pact, a, b)
            yield Finding(
                number="K6",
                severity="warning",
                clauses=() if route == DENY else (pact.clause[route].id,),
                witness=f"Nothing that {a} sees ever reaches {b}, nor the other way round.",
            )


def _reaches(pact: Pact, paths: Paths, giver: str, taker: str) -> bool:
    closed = route_between(pact, giver, taker) != DENY
    for track_class, zones in _situations(pact, giver):
        if not closed and paths.direct(giver, taker, track_class, zones).form > Form.NONE:
            return True
        if paths.via_hub(giver, taker, track_class, zones).form > Form.NONE:
            return True
    return False


# ---------------------------------------------------------------- clauses without effect


def _dead(pact: Pact) -> Iterator[Finding]:
    rules = {rule.clause: rule for rule in rules_of(pact)}
    meet = ZonesMeet(pact)
    for index, clause in enumerate(pact.clause):
        match clause:
            case Share() if not _ever_decides(pact, rules[index]):
                yield _without_effect(
                    clause.id, "wherever it applies, a withhold or a narrower share decides"
                )
            case Withhold() if not _ever_withholds(pact, rules[index], meet):
                yield _without_effect(clause.id, "nothing is shared that it could withhold")
            case Caveat() if not any(_gives_hub(pact, name) for name in clause.on):
                yield _without_effect(
                    clause.id, "its clauses give nothing to a hub, and nobody else passes on"
                )
            case _:
                pass


def _without_effect(clause: str, why: str) -> Finding:
    witness = f"Without {clause} nothing would change: {why}."
    return Finding(number="K8", severity="warning", clauses=(clause,), witness=witness)


def _cells(pact: Pact, rule: Rule) -> Iterator[tuple[int, int, int]]:
    parties = range(len(pact.party))
    return (
        (giver, taker, track_class)
        for giver in parties
        if rule.givers >> giver & 1
        for taker in parties
        if rule.takers >> taker & 1 and giver != taker
        for track_class in TrackClass
        if rule.classes >> track_class & 1
    )


def _ever_decides(pact: Pact, rule: Rule) -> bool:
    rules = rules_of(pact)
    alone = [0] if rule.zones == ANYWHERE else [1 << i for i in range(len(pact.zone)) if rule.zones >> i & 1]
    return any(
        rule in decisive(speaking(rules, *cell), zones) for cell in _cells(pact, rule) for zones in alone
    )


def _ever_withholds(pact: Pact, rule: Rule, meet: ZonesMeet) -> bool:
    """Whether a share that is not narrower applies where the rule does, directly or on the way to the hub."""
    rules = rules_of(pact)
    hub = next((i for i, party in enumerate(pact.party) if party.role == "hub"), None)
    for giver, taker, track_class in _cells(pact, rule):
        direct = [one for one in speaking(rules, giver, taker, track_class) if not narrower(one, rule)]
        through = () if hub in (None, giver, taker) else speaking(rules, giver, hub or 0, track_class)
        for share in (*direct, *through):
            if share.form != Form.NONE and any(meet.least(rule.zones, share.zones)):
                return True
            if share.form != Form.NONE and rule.zones == ANYWHERE == share.zones:
                return True
    return False


def _gives_hub(pact: Pact, name: str) -> bool:
    clause = next(one for one in pact.clause if one.id == name)
    assert isinstance(clause, Share)
    hubs = parties_of(pact, "hub")
    return any(taker in hubs for taker in parties_of(pact, clause.taker))
