"""Seeded random pacts and situations, and the slow, obvious reading of docs/pact.md to compare with.

The evaluator here is the third one: it shares nothing with foedus.pact.tables or the guard. It works on the
text's own words (ids, not bits) and with shapes of its own (zones are boxes).
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

from foedus.errors import DocumentError
from foedus.model import Form, TrackClass
from foedus.pact.clauses import (
    Basis,
    Caveat,
    Clause,
    Onward,
    Pact,
    Party,
    Route,
    Share,
    Term,
    Warn,
    Withhold,
    Zone,
)
from foedus.pact.reading.text import parse_pact

NOW_NS = 1_533_110_400 * 10**9  # 2018-08-01 08:00 UTC
COMMON = {"text": "A clause for tests.", "cite": "tests", "basis": "stylised"}
NAMES = ("AA", "BB", "CC", "DD", "EE")


def random_pact(random: Random) -> Pact:
    """A pact of three to five parties that the reader accepts; often with a hub."""
    while True:
        try:
            return parse_pact(to_toml(_any_pact(random)), file="random.toml")
        except DocumentError:  # a contradiction, a caveat on a wider share, a banded zone used both ways
            continue


def _any_pact(random: Random) -> Pact:
    ids = NAMES[: random.randint(3, 5)]
    roles = ["member"] * len(ids)
    if random.random() < 0.8:
        roles[random.randrange(len(ids))] = "hub"
    if random.random() < 0.2:
        roles[random.randrange(len(ids))] = "observer"
    hub = next((name for name, role in zip(ids, roles, strict=True) if role == "hub"), None)
    zones = [_zone(random, i, ids) for i in range(random.randint(0, 4))]
    clauses: list[Clause] = [Term(id="T", in_force=datetime(2018, 1, 1, tzinfo=UTC), **COMMON)]
    for i in range(random.randint(1, 5)):
        clauses.append(
            Share(id=f"S{i}", form=random.choice(FORMS), **_selectors(random, ids, zones), **COMMON)
        )
    for i in range(random.randint(0, 3)):
        clauses.append(Withhold(id=f"H{i}", **_selectors(random, ids, zones), **COMMON))
    if hub:
        clauses += _hub_clauses(random, ids, hub, [one.id for one in clauses if isinstance(one, Share)])
    random.shuffle(clauses)
    return _pact(ids, roles, zones, clauses)


def _pact(ids: Sequence[str], roles: Sequence[str], zones: list[Zone], clauses: list[Clause]) -> Pact:
    return Pact(
        foedus=1,
        pact="random",
        version="1",
        title="A random pact",
        date=datetime(2018, 1, 1, tzinfo=UTC).date(),
        basis=Basis(instrument="none", binding="none", evidence="stylised"),
        party=tuple(Party(id=name, name=name, role=role) for name, role in zip(ids, roles, strict=True)),
        zone=tuple(zones),
        clause=tuple(clauses),
    )


def hub_pact(random: Random) -> Pact:
    """A pact built round a hub: members give it tracks, caveats open the way onward, withholds close it."""
    while True:
        try:
            return parse_pact(to_toml(_any_hub_pact(random)), file="hub.toml")
        except DocumentError:
            continue


def _any_hub_pact(random: Random) -> Pact:
    ids = NAMES[:4]
    zones = [_zone(random, i, ids) for i in range(random.randint(1, 3))]
    narrow = tuple(one.id for one in random.sample(zones, 1))

    def onward() -> Onward:
        to = random.choice(["member", "member", random.choice(ids[1:])])
        return Onward(to=to, max_form=random.choice(FORMS), strip_source=True)

    def caveat(name: str, on: str) -> Caveat:
        orcon = random.random() < 0.8
        return Caveat(id=name, on=(on,), orcon=orcon, rel_to="any", onward=onward(), **COMMON)

    clauses: list[Clause] = [
        Term(id="T", in_force=datetime(2018, 1, 1, tzinfo=UTC), **COMMON),
        Share(id="U", giver="member", taker="hub", data="tracks", form=random.choice(FORMS), **COMMON),
        Share(id="D", giver="hub", taker="member", data="tracks", form=random.choice(FORMS), **COMMON),
        Share(id="M", giver="member", taker="member", data="tracks", form=Form.TRACK, **COMMON),
        caveat("OU", "U"),
    ]
    if random.random() < 0.6:
        giver = random.choice(["member", random.choice(ids[1:])])
        form = random.choice(FORMS)
        clauses.append(
            Share(id="V", giver=giver, taker="hub", data="tracks", form=form, zones=narrow, **COMMON)
        )
        clauses += [caveat("OV", "V")] if random.random() < 0.6 else []
    for i in range(random.choice([0, 0, 1, 2])):
        kept = _selectors(random, ids, zones) | {"giver": random.choice(ids[1:])}
        clauses.append(Withhold(id=f"H{i}", **kept, **COMMON))
    if random.random() < 0.5:
        pair = tuple(random.sample(ids[1:], 2))
        clauses.append(Route(id="R", pairs=(pair,), via=ids[0], direct="forbidden", **COMMON))
    random.shuffle(clauses)
    roles = ("hub", "member", "member", "member")
    return _pact(ids, roles, zones, clauses)


FORMS = (Form.REGION, Form.COARSE, Form.TRACK, Form.TRACK)


def _zone(random: Random, i: int, ids: tuple[str, ...]) -> Zone:
    south, west = float(random.randint(40, 44)), float(random.randint(4, 8))
    north, east = south + random.randint(1, 3), west + random.randint(1, 3)
    return Zone(
        id=f"Z{i}",
        polygon=((south, west), (south, east), (north, east), (north, west)),
        source="invented",
        owner=random.choice([*ids, None]),
        ceiling_m=random.choice([None, None, 5_000.0]),
    )


def _selectors(random: Random, ids: tuple[str, ...], zones: list[Zone]) -> dict[str, object]:
    def parties() -> object:
        return random.choice(["any", "member", random.choice(ids), tuple(random.sample(ids, 2))])

    return {
        "giver": parties(),
        "taker": parties(),
        "data": "tracks",
        "classes": random.choice([(), (), (TrackClass.UNIDENTIFIED,), (TrackClass.COOPERATIVE,)]),
        "zones": tuple(one.id for one in random.sample(zones, min(len(zones), random.choice([0, 0, 1, 2])))),
    }


def _hub_clauses(random: Random, ids: tuple[str, ...], hub: str, shares: list[str]) -> list[Clause]:
    clauses: list[Clause] = [
        Share(id="U", giver="member", taker="hub", data="tracks", form=Form.TRACK, **COMMON),
        Share(id="D", giver="hub", taker="any", data="tracks", form=Form.COARSE, **COMMON),
    ]
    for i in range(random.randint(0, 3)):
        onward = Onward(
            to=random.choice(["member", "any", random.choice(ids)]),
            max_form=random.choice([Form.NONE, *FORMS]),
            strip_source=True,
        )
        clauses.append(
            Caveat(
                id=f"O{i}",
                on=tuple(random.sample(["U", *shares], random.randint(1, 2))),
                orcon=random.random() < 0.7,
                rel_to=random.choice(["any", "hub"]),
                onward=random.choice([onward, onward, None]),
                **COMMON,
            )
        )
    others = [name for name in ids if name != hub]
    if random.random() < 0.7:
        pair = tuple(random.sample(others, 2))
        clauses.append(Route(id="R", pairs=(pair,), via=hub, direct="forbidden", **COMMON))
    return clauses


def point(random: Random) -> tuple[float, float, float]:
    """(latitude, longitude, height) in degrees and metres; the height is sometimes unknown."""
    height = random.choice([float("nan"), 1_000.0, 9_000.0])
    return random.uniform(39.5, 47.5), random.uniform(3.5, 11.5), height


# ---------------------------------------------------------------- the naive reading


def words(pact: Pact, selector: object) -> set[str]:
    """The parties that a selector means."""
    listed = [selector] if isinstance(selector, str) else selector
    return {
        party.id
        for party in pact.party
        if party.id in listed or party.role in listed or "any" in listed  # type: ignore[operator]
    }


def zones_at(pact: Pact, lat: float, lon: float, height: float) -> set[str]:
    """The zones, all of them boxes, that hold a point; unknown heights as docs/pact.md says."""
    held = set()
    for zone in pact.zone:
        (south, west), (north, east) = zone.polygon[0], zone.polygon[2]
        if zone.ceiling_m is None:
            level = True
        elif math.isnan(height):
            level = any(isinstance(one, Withhold) and zone.id in one.zones for one in pact.clause)
        else:
            level = height < zone.ceiling_m
        if level and south < lat < north and west < lon < east:
            held.add(zone.id)
    return held


def selects(pact: Pact, clause: Share | Withhold) -> set[tuple[str, str, int, str]]:
    """Every (giver, taker, class, zone) that a clause selects; the zone * stands for no named zone at all."""
    return {
        (giver, taker, track_class, zone)
        for giver in words(pact, clause.giver)
        for taker in words(pact, clause.taker)
        for track_class in (clause.classes or TrackClass)
        for zone in (clause.zones or ["*", *(one.id for one in pact.zone)])
    }


def verdict(pact: Pact, giver: str, taker: str, track_class: int, held: set[str]) -> tuple[Form, str, bool]:
    """(form, clause, whether a withhold is why there is nothing); routes and term are not looked at."""
    here = {
        clause.id: clause
        for clause in pact.clause
        if isinstance(clause, Share | Withhold)
        and any((giver, taker, track_class, zone) in selects(pact, clause) for zone in [*held, "*"])
    }
    scope = {name: selects(pact, clause) for name, clause in here.items()}
    withholds = [name for name, clause in here.items() if isinstance(clause, Withhold)]
    shares = [
        name
        for name, clause in here.items()
        if isinstance(clause, Share) and all(scope[name] < scope[other] for other in withholds)
    ]
    last = [name for name in shares if not any(scope[other] < scope[name] for other in shares)]
    if not last:
        return Form.NONE, withholds[0] if withholds else "", bool(withholds)
    lowest = min(here[name].form for name in last)  # type: ignore[union-attr]
    return lowest, next(name for name in last if here[name].form == lowest), False  # type: ignore[union-attr]


def route(pact: Pact, a: str, b: str) -> str:
    """The clause that forbids the two to meet directly."""
    for clause in pact.clause:
        if isinstance(clause, Route) and any({a, b} == {*pair} for pair in clause.pairs):
            return clause.id
    return ""


def passed_on(pact: Pact, giver: str, hub: str, taker: str, track_class: int, held: set[str]) -> Form:
    """How far the giver lets the hub pass such a row on, as far as this one row is concerned."""
    form, clause, _ = verdict(pact, giver, hub, track_class, held)
    caveats = [one for one in pact.clause if isinstance(one, Caveat) and clause in one.on]
    if not caveats or verdict(pact, giver, taker, track_class, held)[2] or taker in (giver, hub):
        return Form.NONE
    for caveat in caveats:
        if caveat.onward is not None and taker in words(pact, caveat.onward.to):
            form = min(form, caveat.onward.max_form)
        elif caveat.orcon or taker not in words(pact, caveat.rel_to):
            form = Form.NONE
    return form


def to_toml(pact: Pact) -> str:
    """The pact as TOML text, so that random pacts pass through the reader too."""
    lines = ["foedus = 1", 'pact = "random"', 'version = "1"', 'title = "A random pact"', "date = 2018-01-01"]
    lines += ["[basis]", 'instrument = "none"', 'binding = "none"', 'evidence = "stylised"']
    for party in pact.party:
        lines += ["[[party]]", f'id = "{party.id}"', f'name = "{party.name}"', f'role = "{party.role}"']
    for zone in pact.zone:
        lines += ["[[zone]]", f'id = "{zone.id}"', 'source = "invented"']
        lines += [f"polygon = {[list(corner) for corner in zone.polygon]}"]
        lines += [f'owner = "{zone.owner}"'] if zone.owner else []
        lines += [f"ceiling_m = {zone.ceiling_m}"] if zone.ceiling_m else []
    for clause in pact.clause:
        lines += ["[[clause]]", f'id = "{clause.id}"', f'kind = "{type(clause).__name__.lower()}"']
        lines += ['text = "A clause for tests."', 'cite = "tests"', 'basis = "stylised"']
        lines += _fields(clause)
    return "\n".join(lines)


def _fields(clause: Clause) -> list[str]:
    match clause:
        case Share() | Withhold():
            names = [one.name.lower() for one in clause.classes]
            lines = [f"from = {_list(clause.giver)}", f"to = {_list(clause.taker)}", 'data = "tracks"']
            lines += [f"classes = {names}"] if names else []
            lines += [f"zones = {list(clause.zones)}"] if clause.zones else []
            return lines + ([f'form = "{clause.form.name.lower()}"'] if isinstance(clause, Share) else [])
        case Caveat():
            lines = [f"on = {list(clause.on)}", f"orcon = {str(clause.orcon).lower()}"]
            lines += [f"rel_to = {_list(clause.rel_to)}"]
            if clause.onward:
                form = clause.onward.max_form.name.lower()
                to = _list(clause.onward.to)
                lines += [f'onward = {{ to = {to}, max_form = "{form}", strip_source = true }}']
            return lines
        case Route():
            pairs = [list(pair) for pair in clause.pairs]
            return [f"pairs = {pairs}", f'via = "{clause.via}"', 'direct = "forbidden"']
        case Term():
            return ["in_force = 2018-01-01"]
        case Warn():
            return []


def _list(selector: object) -> str:
    return f'"{selector}"' if isinstance(selector, str) else str(list(selector))  # type: ignore[call-overload]
