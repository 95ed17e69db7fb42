"""Compiled decisions against the naive reading of the text, on random pacts and random situations."""

from random import Random

import numpy as np
import pytest

from foedus.model import Form
from foedus.pact.clauses import Pact
from foedus.pact.reading.text import parse_pact
from foedus.pact.tables.compile import PactTables, compile_pact
from foedus.pact.tables.release import decide, decide_onward, onward, zones_of
from random_pacts import NOW_NS, hub_pact, passed_on, point, random_pact, route, to_toml, verdict, zones_at

POINTS = 24


def situations(random: Random) -> tuple[np.ndarray, np.ndarray]:
    """(POINTS, 3) of latitude, longitude, height in degrees and metres; (POINTS,) of classes."""
    return np.array([point(random) for _ in range(POINTS)]), np.array(
        [random.randint(0, 1) for _ in range(POINTS)], np.int8
    )


def held_zones(pact: Pact, tables: PactTables, points: np.ndarray) -> tuple[np.ndarray, list[set[str]]]:
    bits = zones_of(tables, np.radians(points[:, 0]), np.radians(points[:, 1]), points[:, 2])
    names = [zones_at(pact, *row) for row in points]
    for row, held in zip(bits, names, strict=True):
        assert {zone.id for i, zone in enumerate(pact.zone) if row >> i & 1} == held
    return bits, names


@pytest.mark.parametrize("seed", range(60))
def test_every_verdict_and_its_clause_is_that_of_the_text(seed: int) -> None:
    random = Random(seed)
    pact = random_pact(random)
    ids = [party.id for party in pact.party]
    for me in ids:
        tables = compile_pact(pact, member=me, time_ns=NOW_NS)
        points, classes = situations(random)
        bits, names = held_zones(pact, tables, points)
        decisions = decide(tables, classes, bits)
        for row, held in enumerate(names):
            for taker, name in enumerate(ids):
                form, clause, _ = verdict(pact, me, name, int(classes[row]), held)
                closed = route(pact, me, name)
                if closed or name == me:
                    form, clause = Form.NONE, closed
                got = int(decisions.clause[row, taker])
                assert decisions.form[row, taker] == form, (seed, me, name, held)
                assert ("" if got < 0 else tables.clauses[got]) == clause, (seed, me, name, held)


@pytest.mark.parametrize("seed", range(40))
def test_nothing_goes_onward_but_what_the_text_lets_the_hub_pass_on(seed: int) -> None:
    random = Random(10_000 + seed)
    pact = hub_pact(random)
    hub = next(party.id for party in pact.party if party.role == "hub")
    for me in (party.id for party in pact.party):
        tables = compile_pact(pact, member=me, time_ns=NOW_NS)
        points, classes = situations(random)
        bits, names = held_zones(pact, tables, points)
        forms = onward(tables, classes, bits)
        if me == hub:
            assert not forms.any()
            continue
        for taker, party in enumerate(pact.party):
            wanted = [
                passed_on(pact, me, hub, party.id, int(classes[row]), held) for row, held in enumerate(names)
            ]
            if tables.rules.onward_open[taker]:
                assert forms[:, taker].tolist() == wanted, (seed, me, party.id)
            else:
                assert not forms[:, taker].any()


@pytest.mark.parametrize("seed", range(40))
def test_a_row_goes_onward_only_to_those_who_may_have_every_plot_behind_it(seed: int) -> None:
    """Wherever one plot given to the hub may not go on to a party, no row may go on to it."""
    random = Random(20_000 + seed)
    pact = hub_pact(random)
    hub = next(party.id for party in pact.party if party.role == "hub")
    subsets = [
        {zone.id for i, zone in enumerate(pact.zone) if n >> i & 1} for n in range(1 << len(pact.zone))
    ]
    for me in (party.id for party in pact.party if party.id != hub):
        rules = compile_pact(pact, member=me, time_ns=NOW_NS).rules
        for taker, party in enumerate(pact.party):
            kept = any(
                verdict(pact, me, hub, c, held)[0] > 0 and passed_on(pact, me, hub, party.id, c, held) == 0
                for c in (0, 1)
                for held in subsets
            )
            if kept:
                assert not rules.onward_open[taker], (seed, me, party.id)


@pytest.mark.parametrize("seed", range(20))
def test_the_hub_gives_the_lower_of_entitlement_and_its_own_share(seed: int) -> None:
    random = Random(30_000 + seed)
    pact = hub_pact(random)
    hub = next(party.id for party in pact.party if party.role == "hub")
    tables = compile_pact(pact, member=hub, time_ns=NOW_NS)
    points, classes = situations(random)
    bits, names = held_zones(pact, tables, points)
    forms_in = np.array(
        [[random.choice([0, 0, 2, 3, 4]) for _ in pact.party] for _ in range(POINTS)], np.int8
    )
    decisions = decide_onward(tables, forms_in, classes, bits)
    for row, held in enumerate(names):
        for taker, party in enumerate(pact.party):
            form = verdict(pact, hub, party.id, int(classes[row]), held)[0] if party.id != hub else 0
            assert decisions.form[row, taker] == min(form, forms_in[row, taker])


@pytest.mark.parametrize("seed", range(25))
def test_a_pact_says_the_same_after_a_trip_through_its_text(seed: int) -> None:
    pact = random_pact(Random(40_000 + seed))
    again = parse_pact(to_toml(pact), file="random.toml")
    assert again == pact
    assert again.digest == pact.digest
