"""What a pact obliges in a situation: claims with their smallest example, and a twin over possible worlds."""

from dataclasses import dataclass
from itertools import product
from random import Random

import msgspec
import pytest
from pact_parts import (
    COMMON,
    NOW,
    adversary,
    assist,
    attack,
    casus,
    day,
    fact,
    milestone,
    pact,
    party,
    suspend,
    warn,
)

from foedus.model import TrackClass
from foedus.pact.clauses import Casus, Consult, Notify, Pact, Regard, Reservation, Where
from foedus.pact.meaning.evaluate import Duty, Evaluator, depends_on
from foedus.pact.meaning.situation import Situation, describe, parse_situation
from foedus.pact.words import Truth

YES, UNDETERMINED, NO = Truth.YES, Truth.UNDETERMINED, Truth.NO


def met(text: Pact, situation: Situation) -> Truth:
    return Evaluator(text).casus("C1", situation).truth


def owed(text: Pact, situation: Situation, clause: str = "A1", debtor: str = "BB") -> Duty:
    return next(
        duty for duty in Evaluator(text).duties(situation) if (duty.clause, duty.debtor) == (clause, debtor)
    )


# ---------------------------------------------------------------- casus


def test_an_oil_plant_on_land_lies_inside_a_territory_casus() -> None:
    text = pact(casus(object=("territory",)))
    assert met(text, attack(object="infra_onshore")) == YES
    assert met(text, attack(object="infra_offshore")) == NO
    assert met(text, attack(object="forces_home")) == YES
    assert met(text, attack(object="forces_abroad")) == NO
    assert met(pact(casus(object=("critical_infrastructure",))), attack(object="infra_offshore")) == YES


@pytest.mark.parametrize(
    ("by", "attacker", "truth"),
    [
        (("any",), "unattributed", YES),
        (("any",), "BB", YES),
        (("external",), "XX", YES),
        (("external",), "BB", NO),
        (("external",), "unattributed", UNDETERMINED),
        (("parties",), "BB", YES),
        (("parties",), "XX", NO),
        (("parties",), "unattributed", UNDETERMINED),
        (("XX",), "XX", YES),
        (("XX",), "BB", NO),
        (("XX",), "unattributed", UNDETERMINED),
        (("hub",), "HH", YES),
        (("adversaries",), "XX", YES),
        (("adversaries",), "CC", NO),
        (("unknown",), "CC", UNDETERMINED),
        (("unknown", "CC"), "CC", YES),
        (("unattributed",), "unattributed", YES),
    ],
)
def test_who_attacks_is_three_valued(by: tuple[str, ...], attacker: str, truth: Truth) -> None:
    text = pact(casus(by=by), adversary=(adversary("AA", "XX"),))
    assert met(text, attack(attacker)) == truth


def test_an_unattributed_raid_is_undetermined_and_says_so() -> None:
    duty = owed(pact(casus(by=("XX",)), assist()), attack("unattributed"))
    assert duty.truth == UNDETERMINED
    assert [ground[1] for ground in duty.grounds] == ["C1.by"]


def test_adversaries_are_those_of_the_party_that_is_attacked() -> None:
    text = pact(
        casus(by=("adversaries",)),
        adversary=(adversary("AA", "XX", until=day("2025-01-01")), adversary("BB", "XX")),
    )
    assert met(text, attack(victim="AA", at=day("2024-12-31"))) == YES
    assert met(text, attack(victim="AA")) == NO
    assert met(text, attack(victim="BB")) == YES


def test_a_place_is_a_region_or_somebodys_territory() -> None:
    text = pact(casus(object=("any",), loci=("europe", "BB")))
    assert met(text, attack(victim="CC")) == YES  # its home is there
    assert met(text, attack(victim="AA")) == NO
    assert met(text, attack(victim="AA", object="forces_abroad", host="BB")) == YES
    assert met(text, attack(victim="AA", object="forces_abroad", region="europe")) == YES
    assert met(text, attack(victim="AA", object="forces_abroad")) == UNDETERMINED  # nobody said where
    assert met(text, attack(victim="CC", region="elsewhere")) == NO
    assert met(pact(casus(loci=("unknown",))), attack()) == UNDETERMINED


def test_what_a_text_leaves_out_is_no_casus() -> None:
    text = pact(casus(exclude=("self_provoked", "unlawful_territory")))
    assert met(text, attack()) == YES
    assert met(text, attack(provoked="yes")) == NO
    assert met(text, attack(provoked="unknown")) == UNDETERMINED
    assert met(text, attack(lawful="no")) == NO


def test_a_declaration_by_whoever_determines_the_casus_decides() -> None:
    text = pact(casus(by=("XX",), determined_by="HH"))
    yes = fact("casus", "C1", "2025-09-08", by="HH", says="yes")
    other = fact("casus", "C1", "2025-09-08", by="AA", says="yes")
    assert met(text, attack("unattributed", facts=(yes,))) == YES
    assert met(text, attack("unattributed", facts=(other,))) == UNDETERMINED


def test_an_unknown_term_is_named_and_never_taken_for_a_no() -> None:
    text = pact(casus(object=("unknown",), by=("unknown",)), assist())
    duty = owed(text, attack())
    assert duty.truth == UNDETERMINED
    assert depends_on(duty.grounds) == ("C1.object", "C1.by")
    certain_no = owed(text, attack(victim="HH"))
    assert certain_no.truth == NO


# ---------------------------------------------------------------- duties


def test_nobody_owes_itself() -> None:
    duties = Evaluator(pact(casus(), assist(by="any"))).duties(attack(victim="AA"))
    assert [(duty.debtor, duty.creditors) for duty in duties] == [
        ("BB", ("AA",)),
        ("CC", ("AA",)),
        ("HH", ("AA",)),
    ]


def test_f08_direction_is_in_who_owes() -> None:
    mutual, one_way = (pact(casus(), assist(by=by)) for by in ("any", "HH"))
    assert {duty.debtor for duty in Evaluator(mutual).duties(attack()) if duty.truth == YES} == {
        "BB",
        "CC",
        "HH",
    }
    assert {duty.debtor for duty in Evaluator(one_way).duties(attack()) if duty.truth == YES} == {"HH"}


def test_f20_to_regard_an_attack_as_a_threat_is_not_to_assist() -> None:
    text = pact(casus(), Regard(id="G1", casus="C1", by="HH", regarded_as="threat_to_own_peace", **COMMON))
    assert [(duty.kind, duty.says, duty.truth) for duty in Evaluator(text).duties(attack())] == [
        ("regard", "threat_to_own_peace", YES)
    ]


def test_f13_an_attack_that_answers_a_partys_excluded_operation_yields_no_duty_of_who_reserved() -> None:
    reservation = Reservation(
        id="R1",
        by="BB",
        on=("A1",),
        form="understanding",
        effect="exclude",
        where=Where(provoked="yes"),
        **COMMON,
    )
    text = pact(casus(), assist(), reservation)
    assert owed(text, attack()).truth == YES
    assert owed(text, attack(provoked="yes")).truth == NO
    assert owed(text, attack(provoked="yes"), debtor="CC").truth == YES
    assert owed(text, attack(provoked="unknown")).truth == UNDETERMINED
    assert owed(text, attack(provoked="yes")).grounds[0][1] == "R1"


def test_a_reservation_that_modifies_is_named_and_leaves_the_duty() -> None:
    reservation = Reservation(id="R1", by="BB", on=("A1",), form="reservation", effect="modify", **COMMON)
    text = pact(casus(), assist(), reservation)
    assert (owed(text, attack()).truth, owed(text, attack()).modified) == (YES, ("R1",))
    assert owed(text, attack(), debtor="CC").modified == ()


def test_a_duty_sleeps_between_the_pair_it_is_suspended_for() -> None:
    text = pact(casus(), assist(), suspend(as_to=(("AA", "BB"),)))
    assert owed(text, attack(victim="AA")).truth == NO
    assert owed(text, attack(victim="AA"), debtor="CC").truth == YES
    assert owed(text, attack(victim="CC")).truth == YES


def test_f01_a_dormant_duty_names_the_missing_condition() -> None:
    text = pact(casus(), assist(), suspend(precedent="M1"), milestone=(milestone(),))
    duty = owed(text, attack())
    assert (duty.truth, duty.grounds[0][1]) == (NO, "Q1")
    assert "M1" in duty.grounds[0][2]
    assert owed(text, attack(facts=(fact("met", "M1", "2025-09-01"),))).truth == YES


def test_f18_the_duties_of_a_revoked_order_end() -> None:
    text = pact(casus(), assist(by="HH"))
    left = fact("left", "HH", "2025-09-09")
    assert owed(text, attack(at=day("2025-09-08"), facts=(left,)), debtor="HH").truth == YES
    assert owed(text, attack(facts=(left,)), debtor="HH").truth == NO


def test_a_consultation_may_be_owed_on_a_threat_that_is_no_casus() -> None:
    consult = Consult(id="N1", by="any", to="any", casus="C1", also=("threat",), **COMMON)
    text = pact(casus(), consult)
    assert owed(text, attack(event="threat"), "N1").truth == YES
    assert owed(text, attack(event="launch"), "N1").truth == NO
    assert owed(text, attack(), "N1").creditors == ("AA", "CC", "HH")


def test_a_notice_may_go_to_a_body() -> None:
    notify = Notify(id="N1", by="any", to="unsc", content="measures taken", casus="C1", **COMMON)
    assert owed(pact(casus(), notify), attack(), "N1").creditors == ("unsc",)


def test_a_warning_goes_to_who_is_attacked_against_whom_it_names() -> None:
    text = pact(casus(), warn(casus="C1", against=("external",)))
    assert owed(text, attack("XX"), "W1", "HH")[3:5] == (("AA",), YES)
    refused = owed(text, attack("BB"), "W1", "HH")
    assert (refused.truth, refused.grounds[0][1]) == (NO, "W1.against")
    assert owed(text, attack(event="none"), "W1", "HH").truth == NO


def test_f06_every_duty_says_how_far_it_binds() -> None:
    assert owed(pact(casus(), assist(binding="political")), attack()).binding == "political"
    assert owed(pact(casus(), assist()), attack()).binding == "law"


def test_a_vague_word_is_the_number_that_the_text_gives_it() -> None:
    text = pact(casus(), assist(within_s="forthwith"), words={"forthwith": 3_600.0})
    assert (owed(text, attack()).within_s, owed(text, attack()).within) == (3_600.0, "forthwith")
    assert owed(pact(casus(), assist(within_s="unknown")), attack()).within_s is None


def test_a_situation_is_read_and_said_in_words() -> None:
    read = parse_situation(
        'at = 2025-09-09\nevent = "attack"\nattacker = "XX"\nvictim = "AA"\nclass = "ballistic"\n', file="x"
    )
    assert read == attack("XX", track_class=TrackClass.BALLISTIC)
    assert describe(read) == "XX's attack on AA's land"
    assert describe(attack("unattributed", object="infra_offshore")).startswith(
        "an unattributed attack on AA's"
    )
    assert describe(Situation(at=NOW)) == "on an ordinary day, 2025-09-09"


# ---------------------------------------------------------------- against a slow twin over possible worlds

PLACES = {"AA": "gulf", "BB": "gulf", "CC": "europe", "HH": "elsewhere", "XX": "elsewhere", "YY": "elsewhere"}
COVERED = {
    "territory": {"land", "airspace", "infra_onshore", "forces_home"},
    "critical_infrastructure": {"infra_onshore", "infra_offshore"},
    "forces": {"forces_home", "forces_abroad"},
    "sovereignty": {"land", "airspace"},
    "any": {"land", "airspace", "infra_onshore", "infra_offshore", "forces_home", "forces_abroad"},
}
ATTACKERS = ["AA", "BB", "CC", "HH", "XX", "YY"]


@dataclass
class World:
    """A situation in which everything is known, and a casus without an unknown term."""

    casus: Casus
    attacker: str
    provoked: bool


def holds(world: World, situation: Situation) -> bool:
    """The casus in plain words: every part on its own, without a third value."""
    clause = world.casus
    members = {"member": {"AA", "BB", "CC"}, "any": {"AA", "BB", "CC", "HH"}, "AA": {"AA"}, "CC": {"CC"}}
    if situation.event != "attack" or situation.victim not in members[str(clause.of)]:
        return False
    if not any(situation.object in COVERED.get(word, {word}) for word in clause.object):
        return False
    home = situation.victim if situation.object != "forces_abroad" else None
    region = situation.region or PLACES[situation.victim]
    if not any(place in ("anywhere", home, region) for place in clause.loci):
        return False
    meant = {
        "any": set(ATTACKERS),
        "external": {"XX", "YY"},
        "parties": {"AA", "BB", "CC", "HH"},
        "adversaries": {"XX"} if situation.victim == "AA" else set(),
    }
    if not any(world.attacker in meant.get(word, {word}) for word in clause.by):
        return False
    return not (world.provoked and "self_provoked" in clause.exclude)


def worlds(clause: Casus, situation: Situation) -> list[World]:
    """Every way in which what is unknown may be."""
    attackers = ATTACKERS if situation.attacker == "unattributed" else [situation.attacker]
    attackers = [one for one in attackers if one != situation.victim]
    provoked = {"yes": [True], "no": [False], "unknown": [True, False]}[situation.provoked]
    choices = []
    for name, nothing, everything in (
        ("object", (), ("any",)),
        ("loci", (), ("anywhere",)),
        ("by", (), ("any",)),
    ):
        words = getattr(clause, name)
        known = tuple(word for word in words if word != "unknown")
        choices.append([known + nothing, known + everything] if "unknown" in words else [words])
    return [
        World(msgspec.structs.replace(clause, object=thing, loci=loci, by=by), attacker, answer)
        for (thing, loci, by), attacker, answer in product(product(*choices), attackers, provoked)
    ]


def random_casus(random: Random) -> Casus:
    def some(words: list[str], most: int = 2) -> tuple[str, ...]:
        return tuple(random.sample(words, random.randint(1, most)))

    return casus(
        of=random.choice(["member", "any", "AA", "CC"]),
        object=some([*COVERED, "land", "infra_offshore", "forces_abroad", "unknown"]),
        loci=some(["anywhere", "anywhere", "gulf", "europe", "AA", "CC", "unknown"]),
        by=some(["any", "external", "parties", "adversaries", "XX", "YY", "BB", "unknown"]),
        exclude=random.choice([(), (), ("self_provoked",)]),
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_plain_answer_is_contradicted_by_any_possible_world(seed: int) -> None:
    random = Random(seed)
    for _ in range(50):
        clause = random_casus(random)
        text = pact(clause, adversary=(adversary("AA", "XX"),))
        evaluator = Evaluator(text)
        for _ in range(10):
            victim = random.choice(["AA", "BB", "CC", "HH"])
            thing = random.choice(sorted(COVERED["any"]))
            situation = attack(
                random.choice([one for one in [*ATTACKERS, "unattributed"] if one != victim]),
                victim,
                event=random.choice(["attack", "attack", "attack", "threat"]),
                object=thing,
                region=random.choice(["gulf", "europe"]) if thing == "forces_abroad" else None,
                provoked=random.choice(["no", "no", "yes", "unknown"]),
            )
            found = evaluator.casus("C1", situation).truth
            answers = {holds(world, situation) for world in worlds(clause, situation)}
            doubt = "unknown" in (*clause.object, *clause.loci, *clause.by, situation.provoked)
            if len(worlds(clause, situation)) == 1:
                assert found == (YES if answers == {True} else NO), (clause, situation)
            elif found == YES:
                assert answers == {True}, (clause, situation)
            elif found == NO:
                assert answers == {False}, (clause, situation)
            else:
                assert doubt or situation.attacker == "unattributed", (clause, situation)


def test_the_roster_decides_who_owes_and_who_is_owed() -> None:
    text = pact(casus(), assist(), party=(party("AA"), party("BB", since=day("2026-01-01")), party("CC")))
    assert owed(text, attack(victim="AA")).truth == NO
    assert owed(text, attack(victim="AA", at=day("2026-01-02"))).truth == YES
    assert owed(text, attack(victim="BB"), debtor="CC").truth == NO
