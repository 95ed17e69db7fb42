"""Whose data may serve the hub's warnings: tables and guard read it from the text each for itself."""

from random import Random

import msgspec
import numpy as np

from foedus.guard_reading import Past, Reading, stand_at
from foedus.model import Form, TrackClass
from foedus.pact.clauses import Caveat, Onward, Pact, Warn, Withhold
from foedus.pact.tables.compile import compile_pact
from foedus.pact.tables.release import onward, zones_of
from random_pacts import COMMON, NOW_NS, hub_pact, point

PACTS = 30


def warning_pact(random: Random) -> Pact:
    """A random pact round a hub, whose hub owes warnings, here and there though something is in their way."""
    pact = hub_pact(random)
    caveats = [one.id for one in pact.clause if isinstance(one, Caveat)]
    obstacles = caveats + [one.id for one in pact.clause if isinstance(one, Withhold)]
    clauses = tuple(
        msgspec.structs.replace(one, onward=Onward(to="any", max_form=Form.ALERT, strip_source=True))
        if isinstance(one, Caveat) and random.random() < 0.4
        else one
        for one in pact.clause
    )
    warns = tuple(
        Warn(
            id=f"W{i}",
            by="hub",
            to="any",
            content="alert",
            horizon_s=600,
            probability=0.5,
            within_s=15,
            renew_s=30,
            expires_s=120,
            ack_s=60,
            notwithstanding=tuple(name for name in obstacles if random.random() < 0.5),
            **COMMON,
        )
        for i in range(random.randint(1, 2))
    )
    return msgspec.structs.replace(pact, clause=clauses + warns)


def test_tables_and_guard_agree_on_whose_data_may_serve_a_warning_and_on_every_mark() -> None:
    served = refused = alerts = 0
    for seed in range(PACTS):
        random = Random(80_000 + seed)
        pact = warning_pact(random)
        ids = [party.id for party in pact.party]
        hub = next(party.id for party in pact.party if party.role == "hub")
        stand = stand_at(pact, Past(pact), NOW_NS)
        clauses = {clause.id: clause for clause in pact.clause}
        readings = {party: Reading(pact, stand, party) for party in ids}
        for duty in compile_pact(pact, member=hub, time_ns=NOW_NS).duties:
            clause = clauses[duty.clause]
            assert isinstance(clause, Warn)
            for bit, party in enumerate(ids):
                allowed = readings[party].serves(duty.to, clause)
                used = bool(duty.behind >> bit & 1)
                assert allowed or not used, (
                    seed,
                    party,
                    duty.to,
                )  # the guard lets through what the node does
                served += used
                refused += not allowed
        for party in ids:
            if party != hub:
                alerts += marks(pact, readings[party], party, hub, random, seed)
    assert min(served, refused, alerts) > 25, (served, refused, alerts)


def marks(pact: Pact, reading: Reading, party: str, hub: str, random: Random, seed: int) -> int:
    """How many alerts a member marks onward, after finding that the guard lets each mark through."""
    tables = compile_pact(pact, member=party, time_ns=NOW_NS)
    n = 40
    lat, lon, height = np.array([point(random) for _ in range(n)]).T
    classes = np.array([random.choice(list(TrackClass)) for _ in range(n)], np.int8)
    bits = zones_of(tables, np.radians(lat), np.radians(lon), height)
    forms = onward(tables, classes, bits)
    for row in range(n):
        zones = tuple(zone.id for i, zone in enumerate(pact.zone) if bits[row] >> i & 1)
        allowed = reading.entitlements(hub, int(classes[row]), zones)
        assert all(form <= most for form, most in zip(forms[row].tolist(), allowed, strict=True)), (
            seed,
            party,
        )
    return int((forms == Form.ALERT).sum())
