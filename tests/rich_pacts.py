"""Seeded random pacts with everything that can open or close a flow, and the slow, obvious reading of them.

Pacts are built, not parsed, so that also texts which the reader would refuse (contradictions, circles of
precedence) get an answer, and the same one from every reading. The evaluator shares nothing with
foedus.pact.tables, force or the guard: it works on words and sets, one question at a time. It imports nothing
of the tests, so that `python -m bench.agree` can use it.
"""

import math
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from foedus.model import Form, TrackClass
from foedus.pact.clauses import (
    Adversary,
    Approval,
    Basis,
    Casus,
    Clause,
    Done,
    Exit,
    Milestone,
    Pact,
    Party,
    Precedence,
    Route,
    Share,
    Suspend,
    Term,
    Withhold,
    Zone,
)
from foedus.pact.force import Fact
from foedus.pact.words import DataKind

DAY_0 = datetime(2018, 1, 1, tzinfo=UTC)
COMMON: dict[str, Any] = {"text": "A clause for tests.", "cite": "tests", "basis": "stylised"}
NAMES = ("AA", "BB", "US", "CC", "DD")
STATES = ("XX", "YY")
FORMS = (Form.REGION, Form.COARSE, Form.TRACK, Form.TRACK)
STEPS = ("ratification", "presidential_signature", "legislature_approval")


def day(random: Random) -> datetime:
    """A day of the three weeks in which everything happens; sometimes an hour of it."""
    return DAY_0 + timedelta(days=random.randint(0, 20), hours=random.choice([0, 0, 0, 6, 18]))


def span(random: Random, chance: float) -> dict[str, Any]:
    """`since` and `until`, each rarely."""
    dates: dict[str, Any] = {}
    if random.random() < chance:
        dates["since"] = day(random)
    if random.random() < chance:
        dates["until"] = day(random)
    return dates


def rich_pact(random: Random) -> Pact:
    """A pact of three to five parties, from every kind of clause on which a node acts."""
    ids = NAMES[: random.randint(3, 5)]
    parties = tuple(
        Party(
            id=one, name=one, role=random.choice(["member", "member", "member", "ally"]), **span(random, 0.04)
        )
        for one in ids
    )
    zones = tuple(_zone(random, i, ids) for i in range(random.randint(0, 4)))
    milestones = tuple(
        Milestone(id=f"M{i}", says="x", basis="stylised", met=random.choice([None, None, day(random)]))
        for i in range(2)
    )
    clauses: list[Clause] = [_term(random, ids), _casus(random, 0, ids), _casus(random, 1, ids)]
    clauses += [_share(random, i, ids, zones) for i in range(random.randint(4, 12))]
    clauses += [
        Withhold(id=f"H{i}", **_selectors(random, ids, zones), **span(random, 0.1), **COMMON)
        for i in range(random.choice([0, 1, 2, 2, 3]))
    ]
    names = [one.id for one in clauses if isinstance(one, Share | Withhold)]
    clauses += [_suspend(random, i, ids, names) for i in range(random.choice([0, 0, 1, 2]))]
    clauses += [_precedence(random, i, names) for i in range(random.choice([0, 0, 1, 2]))]
    clauses += [_approval(random, i, ids) for i in range(random.choice([0, 0, 0, 0, 1]))]
    if random.random() < 0.15:
        pair = tuple(random.sample(ids, 2))
        clauses.append(
            Route(
                id="R",
                pairs=(pair,),
                via=random.choice(ids),
                direct="forbidden",
                **span(random, 0.3),
                **COMMON,
            )
        )
    random.shuffle(clauses)
    return Pact(
        foedus=1,
        pact="rich",
        version="1",
        title="A random pact",
        date=DAY_0.date(),
        basis=Basis(
            instrument="none",
            binding="none",
            evidence="stylised",
            form=random.choice([*["unknown"] * 7, "executive_order"]),
        ),
        words={"promptly": 120.0},
        party=parties,
        zone=zones,
        milestone=milestones,
        adversary=tuple(
            Adversary(
                of=random.choice(ids), state=random.choice(STATES), basis="stylised", **span(random, 0.5)
            )
            for _ in range(3)
        ),
        clause=tuple(clauses),
    )


def _term(random: Random, ids: tuple[str, ...]) -> Term:
    notice = random.choice([0.0, 2.0, 5.0, "unknown"])
    leaving = Exit(
        notice_d=notice,
        by=random.choice(["any", random.choice(ids)]),
        needs=random.choice([(), ("ratification",)]),
    )
    return Term(
        id="T",
        in_force=random.choice([*[DAY_0] * 12, DAY_0 + timedelta(days=2), None]),
        until=random.choice([*[None] * 9, DAY_0 + timedelta(days=18)]),
        exit=random.choice([None, leaving, leaving]),
        **COMMON,
    )


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


def _casus(random: Random, i: int, ids: tuple[str, ...]) -> Casus:
    return Casus(
        id=f"C{i}",
        event=("attack",),
        object=("any",),
        of=random.choice(["any", random.choice(ids)]),
        by=random.choice([("any",), ("adversaries",), ("external",), ("parties",), ("XX",), ("unknown",)]),
        determined_by=random.choice(["each", "any", random.choice(ids), "unknown"]),
        **COMMON,
    )


def _selectors(random: Random, ids: tuple[str, ...], zones: tuple[Zone, ...]) -> dict[str, Any]:
    def parties() -> Any:
        return random.choice(
            ["any", "any", "any", "member", "ally", random.choice(ids), tuple(random.sample(ids, 2))]
        )

    classes = [(), (), (), (), (TrackClass.UNIDENTIFIED,), (TrackClass.BALLISTIC, TrackClass.CRUISE)]
    return {
        "giver": parties(),
        "taker": parties(),
        "data": random.choice([DataKind.TRACKS] * 4 + [DataKind.WARNING_DATA]),
        "classes": random.choice(classes),
        "zones": tuple(one.id for one in random.sample(zones, min(len(zones), random.choice([0, 0, 1, 2])))),
        "casus": random.choice([*[None] * 4, "C0", "C1"]),
    }


def _share(random: Random, i: int, ids: tuple[str, ...], zones: tuple[Zone, ...]) -> Share:
    return Share(
        id=f"S{i}",
        form=random.choice([*FORMS * 4, "unknown"]),
        need_to_know=random.choice([*[None] * 5, "own_area"]),
        delay_s=random.choice([*[0.0] * 9, 60.0, 3_600.0, "promptly", "unknown"]),
        source=random.choice(["named", "anonymised"]),
        notwithstanding=random.choice([(), (), ("H0",), ("H1", "rich:H2")]),
        **_selectors(random, ids, zones),
        **span(random, 0.15),
        **COMMON,
    )


def _suspend(random: Random, i: int, ids: tuple[str, ...], names: list[str]) -> Suspend:
    pair = tuple(random.sample(ids, 2))
    return Suspend(
        id=f"P{i}",
        on=tuple(random.sample(names, 1)),
        precedent=random.choice([None, "M0"]),
        subsequent=random.choice([None, "M1"]),
        as_to=random.choice([(), (pair,)]),
        **span(random, 0.4),
        **COMMON,
    )


def _precedence(random: Random, i: int, names: list[str]) -> Precedence:
    over = random.choice(names)
    return Precedence(
        id=f"Q{i}",
        over=(random.choice([over, f"rich:{over}", "other:S0"]),),
        under=(random.choice(names),),
        **span(random, 0.2),
        **COMMON,
    )


def _approval(random: Random, i: int, ids: tuple[str, ...]) -> Approval:
    steps = tuple(random.sample(STEPS, random.randint(1, 2))) + random.choice([*[()] * 6, ("unknown",)])
    return Approval(
        id=f"A{i}",
        by=random.choice(ids),
        steps=steps,
        done=tuple(
            Done(step=step, evidence="x", on=random.choice([None, day(random)]))
            for step in steps
            if step != "unknown" and random.random() < 0.8
        ),
        wait_d=random.choice([0.0, 3.0]),
        **COMMON,
    )


def rich_facts(random: Random, pact: Pact) -> list[Fact]:
    """What happens, by time; also declarations by people who have no say."""
    ids = [party.id for party in pact.party]
    clauses = [one.id for one in pact.clause if isinstance(one, Share | Withhold)]
    facts = []
    for _ in range(random.choice([0, 1, 2, 4, 8])):
        often = ["met", "approved", "suspended", "resumed", "casus", "casus", "casus", "casus"]
        what = random.choice([*often, *often, "exit", "joined", "left"])
        pair = tuple(random.sample(ids, 2))
        of = {
            "met": random.choice(["M0", "M1"]),
            "approved": random.choice(STEPS),
            "exit": "rich",
            "casus": random.choice(["C0", "C1"]),
            "joined": random.choice(ids),
            "left": random.choice(ids),
        }.get(what, random.choice(clauses))
        as_to: tuple[str, ...] = ()
        if what in ("suspended", "resumed"):
            as_to = random.choice([(), pair])
        if what == "casus":
            as_to = random.choice([(), (random.choice(ids), random.choice([*STATES, *ids]))])
        facts.append(
            Fact(
                what=what,  # type: ignore[arg-type]
                of=of,
                at=day(random),
                by=random.choice(ids),
                says=random.choice(["yes", "yes", "yes", "no", "unknown"]) if what == "casus" else "",
                as_to=as_to,
            )
        )
    return sorted(facts, key=lambda fact: fact.at)


# ---------------------------------------------------------------- the naive reading


def who(pact: Pact, selector: Any) -> set[str]:
    """The parties that a selector means."""
    listed = [selector] if isinstance(selector, str) else selector
    return {one.id for one in pact.party if one.id in listed or one.role in listed or "any" in listed}


class Naive:
    """The pact at one moment, after these facts; only what is certain opens, and what may close closes."""

    def __init__(self, pact: Pact, facts: list[Fact], at: datetime) -> None:
        self.pact = pact
        self.facts = [fact for fact in facts if fact.at <= at]
        self.at = at
        self.term = next(one for one in pact.clause if isinstance(one, Term))

    def ask(
        self, giver: str, taker: str, data: DataKind, track_class: int, held: set[str]
    ) -> tuple[Form, str, float]:
        """(form, clause, delay in seconds) of what one gives the other directly."""
        if giver == taker:
            return Form.NONE, "", 0.0
        if not self.in_force() or not self.is_party(giver) or not self.is_party(taker):
            return Form.NONE, self.term.id, 0.0
        for route in self.pact.clause:
            if (
                isinstance(route, Route)
                and self.dated(route)
                and any({*p} == {giver, taker} for p in route.pairs)
            ):
                return Form.NONE, route.id, 0.0
        here = [
            one
            for one in self.scopes()
            if one["data"] == data
            and giver in one["giver"]
            and taker in one["taker"]
            and track_class in one["class"]
            and (one["zone"] & held or "*" in one["zone"])
            and not (isinstance(one["clause"], Share) and self.suspended(one["clause"], giver, taker))
        ]
        withholds = [one for one in here if not one["share"]]
        left = [
            one for one in here if one["share"] and all(self.beats(one, withhold) for withhold in withholds)
        ]
        last = [one for one in left if not any(self.beats(other, one) for other in left)]
        if not last:
            return Form.NONE, withholds[0]["clause"].id if withholds else "", 0.0
        lowest = min(one["clause"].form for one in last)
        last = [one for one in last if one["clause"].form == lowest]
        longest = max(self.seconds(one["clause"].delay_s) for one in last)
        named = next(one for one in last if self.seconds(one["clause"].delay_s) == longest)
        return lowest, named["clause"].id, longest

    def scopes(self) -> list[dict[str, Any]]:
        """What each share and withhold that speaks selects; a share by need to know is one for each taker."""
        found: list[dict[str, Any]] = []
        everywhere = {"*", *(zone.id for zone in self.pact.zone)}
        for clause in self.pact.clause:
            if not isinstance(clause, Share | Withhold) or self.speaks(clause) == "no":
                continue
            scope = {
                "clause": clause,
                "share": isinstance(clause, Share) and self.speaks(clause) == "yes",
                "data": clause.data,
                "giver": who(self.pact, clause.giver),
                "taker": who(self.pact, clause.taker),
                "class": {int(one) for one in clause.classes or TrackClass},
                "zone": {*clause.zones} or everywhere,
                "casus": {clause.casus} if clause.casus else {"always", "C0", "C1"},
            }
            if isinstance(clause, Share) and clause.need_to_know == "own_area":
                for taker in scope["taker"]:
                    own = {zone.id for zone in self.pact.zone if zone.owner == taker} & scope["zone"]
                    found += [scope | {"taker": {taker}, "zone": own}] if own else []
            else:
                found.append(scope)
        return found

    def beats(self, one: dict[str, Any], other: dict[str, Any]) -> bool:
        """Whether the text ranks one over the other, or one is narrower and the text says nothing."""
        if self.written(one["clause"], other["clause"]):
            return True
        dimensions = ("giver", "taker", "class", "zone", "casus")
        within = one["data"] == other["data"] and all(one[name] <= other[name] for name in dimensions)
        less = any(one[name] != other[name] for name in dimensions)
        return within and less and not self.written(other["clause"], one["clause"])

    def written(self, over: Clause, under: Clause) -> bool:
        names = ({over.id, f"rich:{over.id}"}, {under.id, f"rich:{under.id}"})
        if isinstance(over, Share) and names[1] & {*over.notwithstanding}:
            return True
        return any(
            isinstance(one, Precedence)
            and self.dated(one)
            and names[0] & {*one.over}
            and names[1] & {*one.under}
            for one in self.pact.clause
        )

    # ------------------------------------------------------------ dates and facts

    def dated(self, entry: Any) -> bool:
        return (entry.since is None or entry.since <= self.at) and (
            entry.until is None or self.at < entry.until
        )

    def seconds(self, delay: Any) -> float:
        return self.pact.words[delay] if isinstance(delay, str) else delay

    def speaks(self, clause: Share | Withhold) -> str:
        """Yes, no or unknown; of a share in doubt nobody knows what it says, so it closes like a withhold."""
        if not self.dated(clause):
            return "no"
        met = "yes" if clause.casus is None else self.met(clause.casus)
        unknown = isinstance(clause, Share) and "unknown" in (clause.form, clause.delay_s)
        return "unknown" if met == "yes" and unknown else met

    def met(self, casus: str) -> str:
        clause = next(one for one in self.pact.clause if one.id == casus)
        assert isinstance(clause, Casus)
        may = who(self.pact, clause.determined_by)
        if clause.determined_by == "each":
            may = {party.id for party in self.pact.party}
        said = [fact for fact in self.facts if (fact.what, fact.of) == ("casus", casus) and fact.by in may]
        if not said:
            return "no"
        newest = next(fact for fact in said if fact.at == said[-1].at)
        if newest.says != "yes" or not newest.as_to:
            return newest.says
        victim, attacker = newest.as_to
        if victim not in who(self.pact, clause.of):
            return "no"
        party = attacker in {one.id for one in self.pact.party}
        enemy = any(
            one.of == victim and one.state == attacker and self.dated(one) for one in self.pact.adversary
        )
        for word in clause.by:
            if word in ("any", attacker):
                return "yes"
            if (word, party) in (("parties", True), ("external", False)) or (word == "adversaries" and enemy):
                return "yes"
        return "unknown" if "unknown" in clause.by else "no"

    def suspended(self, clause: Clause, giver: str, taker: str) -> bool:
        for one in self.pact.clause:
            if not isinstance(one, Suspend) or clause.id not in one.on or not self.dated(one):
                continue
            if one.as_to and not any({*pair} == {giver, taker} for pair in one.as_to):
                continue
            if one.precedent is not None:
                if not self.milestone(one.precedent):
                    return True
            elif one.subsequent is None or self.milestone(one.subsequent):
                return True
        said = [
            fact
            for fact in self.facts
            if fact.what in ("suspended", "resumed")
            and fact.of == clause.id
            and (not fact.as_to or {*fact.as_to} == {giver, taker})
        ]
        newest = [fact for fact in said if fact.at == said[-1].at][:1] if said else []
        return bool(newest) and newest[0].what == "suspended"

    def milestone(self, name: str) -> bool:
        entry = next(one for one in self.pact.milestone if one.id == name)
        told = any((fact.what, fact.of) == ("met", name) for fact in self.facts)
        return told or (entry.met is not None and entry.met <= self.at)

    def is_party(self, name: str) -> bool:
        entry = next(one for one in self.pact.party if one.id == name)
        moves = [fact for fact in self.facts if fact.what in ("joined", "left") and fact.of == name]
        newest = {fact.what for fact in moves if fact.at == moves[-1].at}
        if "left" in newest or (entry.until is not None and entry.until <= self.at):
            return False
        if not newest and entry.since is not None and self.at < entry.since:
            return False
        notices = [fact.at for fact in self.facts if fact.what == "exit" and fact.by == name]
        if not notices:
            return True
        if self.term.exit is None or self.term.exit.notice_d == "unknown":
            return False
        if name not in who(self.pact, self.term.exit.by):
            return True
        return self.at < notices[0] + timedelta(days=self.term.exit.notice_d)

    def in_force(self) -> bool:
        approvals = [one for one in self.pact.clause if isinstance(one, Approval)]
        if self.term.in_force is None and not approvals:
            return False
        if self.term.in_force is not None and self.at < self.term.in_force:
            return False
        if self.term.until is not None and self.at >= self.term.until:
            return False
        us = any(party.id == "US" for party in self.pact.party)
        if self.pact.basis.form == "executive_order" and us:
            signed = [one for one in approvals if one.by == "US" and "presidential_signature" in one.steps]
            if not signed:
                return False
        parties = [one.id for one in self.pact.party if self.is_party(one.id)]
        return len(parties) >= 2 and all(self.approved(one) for one in approvals)

    def approved(self, clause: Approval) -> bool:
        last: datetime | None = None
        for step in clause.steps:
            if step == "unknown":
                return False
            told = [
                fact.at
                for fact in self.facts
                if (fact.what, fact.of, fact.by) == ("approved", step, clause.by)
            ]
            done = [one for one in clause.done if one.step == step]
            if done and done[0].on is None:
                if not told and self.term.in_force is None:
                    return False
                continue
            when = done[0].on if done else told[0] if told else None
            if when is None or when > self.at:
                return False
            last = max(last, when) if last else when
        return last is None or self.at >= last + timedelta(days=clause.wait_d)

    # ------------------------------------------------------------ places

    def zones_at(self, lat: float, lon: float, height: float) -> set[str]:
        """The zones, all of them boxes, that hold a point."""
        held = set()
        for zone in self.pact.zone:
            (south, west), (north, east) = zone.polygon[0], zone.polygon[2]
            if zone.ceiling_m is None:
                level = True
            elif math.isnan(height):
                level = any(isinstance(one, Withhold) and zone.id in one.zones for one in self.pact.clause)
            else:
                level = height < zone.ceiling_m
            if level and south < lat < north and west < lon < east:
                held.add(zone.id)
        return held
