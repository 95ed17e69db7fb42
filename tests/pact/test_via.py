"""Whose observations may be inside what a party sends: read from the text, and all that can happen."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from foedus.guard import Guard, Passed, Refused
from foedus.model import Form, TrackClass, Tracks
from foedus.outflow import picture_of
from foedus.pact.clauses import Pact
from foedus.pact.reading.text import read_pact
from foedus.pact.tables.compile import PactTables, compile_pact
from foedus.pact.tables.release import decide, degrade, onward
from foedus.wire import Evidence, Send, pack_columns
from random_pacts import NOW_NS, hub_pact, random_pact

ALPINE = read_pact(Path(__file__).parents[2] / "pacts" / "alpine.toml")
CH, FR, DE, IT, HUB = range(5)
PACTS = 120


def via_of(pact: Pact, member: str) -> tuple[int, ...]:
    return compile_pact(pact, member=member, time_ns=NOW_NS).via


def behind(pact: Pact, giver: str) -> int:
    """The parties to whom something of the giver's goes through the hub, trying every set of zones."""
    tables = compile_pact(pact, member=giver, time_ns=NOW_NS)
    zones = np.arange(1 << len(pact.zone), dtype=np.int64)
    found = 0
    for track_class in TrackClass:
        classes = np.full(len(zones), track_class, np.int8)
        given = onward(tables, classes, zones) > decide(tables, classes, zones).form
        found |= sum(1 << party for party in np.flatnonzero(given.any(axis=0)).tolist())
    return found


def test_members_send_their_own_observations() -> None:
    assert via_of(ALPINE, "CH")[:HUB] == (1 << CH, 1 << FR, 1 << DE, 1 << IT)
    assert via_of(ALPINE, "HUB")[:HUB] == (1 << CH, 1 << FR, 1 << DE, 1 << IT)


def test_what_the_alpine_hub_sends_to_de_and_it_is_the_others_and_nobody_elses() -> None:
    assert via_of(ALPINE, "DE")[HUB] == 1 << IT
    assert via_of(ALPINE, "IT")[HUB] == 1 << DE


def test_where_a_hub_has_nothing_to_send_its_rows_might_be_anybodys() -> None:
    assert via_of(ALPINE, "CH")[HUB] == 1 << FR | 1 << DE | 1 << IT


def test_whatever_can_reach_a_party_through_the_hub_is_in_its_via_set_and_passes_the_guard() -> None:
    exact = wider = 0
    for seed in range(PACTS):
        pact = (hub_pact, random_pact)[seed % 2](Random(70_000 + seed))
        ids = [party.id for party in pact.party]
        hub = next((party.id for party in pact.party if party.role == "hub"), None)
        if hub is None:
            continue
        reached = {giver: behind(pact, giver) for giver in ids if giver != hub}
        guard, tables = Guard(pact, hub), compile_pact(pact, member=hub, time_ns=NOW_NS)
        for index, taker in enumerate(ids):
            if taker == hub:
                continue
            actual = sum(1 << ids.index(giver) for giver in reached if reached[giver] >> index & 1)
            via = via_of(pact, taker)[ids.index(hub)]
            assert actual & ~via == 0, (seed, taker)
            if actual:
                exact, wider = exact + (actual == via), wider + (actual != via)
            if taker in tables.partners:
                checked = judged(guard, tables, taker, actual)
                assert checked is None or isinstance(checked, Passed), (seed, taker, checked)
    assert exact > 20
    assert wider == 0  # it may be without harm, but rows would be fused less well than the text allows


def judged(guard: Guard, tables: PactTables, to: str, sources: int) -> Passed | Refused | None:
    """The guard on a row of the hub with those parties behind it; None where the hub has no right to one."""
    column = tables.parties.index(to)
    zones, classes = np.zeros(1, np.int64), np.zeros(1, np.int8)
    decisions = decide(tables, classes, zones)
    form, clause = decisions.form[:, column], decisions.clause[:, column]
    if form[0] == Form.NONE:
        return None
    tracks = Tracks.empty(1)._replace(
        number=np.ones(1, np.int32),
        time_ns=np.full(1, NOW_NS),
        position_sigma_m=np.full(1, 50.0),
        sources=np.full(1, sources),
    )
    reports = degrade(tracks, form, clause, tables, numbers=np.ones(1, np.int32))
    send = picture_of(
        reports,
        recipient=to,
        time_ns=NOW_NS,
        pact=tables.digest,
        clauses=tables.clauses,
        evidence=Evidence(pack_columns(tracks), bytes([Form.TRACK])),
        verdicts=(),
    )
    assert isinstance(send, Send)
    return guard.check(send, time_ns=NOW_NS)


@pytest.mark.parametrize(
    ("to", "party", "word"),
    [("IT", FR, "FR"), ("IT", CH, "CH"), ("IT", IT, "IT"), ("CH", DE, "DE"), ("DE", HUB, "HUB")],
)
def test_the_guard_refuses_a_row_of_the_hub_that_rests_on_anybody_else(
    to: str, party: int, word: str
) -> None:
    tables = compile_pact(ALPINE, member="HUB", time_ns=NOW_NS)
    guard = Guard(ALPINE, "HUB")
    verdict = judged(guard, tables, to, 1 << party)
    assert isinstance(verdict, Refused)
    assert f"rests on data of {word}, which" in verdict.reason
    assert judged(guard, tables, "IT", 1 << DE) == judged(guard, tables, "DE", 1 << IT) == Passed(1)
