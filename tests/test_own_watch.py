"""A member warns itself: from its whole picture, to nobody else, and with or without a pact."""

import msgspec
import pytest

from foedus.errors import DocumentError
from foedus.guard import Guard, Refused
from foedus.model import TrackClass
from foedus.network import OwnWarning, ZoneEntry, check_parties, parse_network
from foedus.outflow import NO_EVIDENCE
from foedus.own_watch import check_zones, own_duties, watched_zones
from foedus.pact.clauses import Pact
from foedus.wire import Ack, Picture, Send
from hub_members import (
    CONSTRUCT,
    DIRECT,
    HUB_WARNS,
    IDS,
    MEMBERS_WARN,
    START_NS,
    TERM,
    UP,
    Aircraft,
    Small,
    everybody_hears,
    network_of,
    pact_of,
)

AT_CC = Aircraft()
BY_AA = everybody_hears(AT_CC, but=lambda one: one != "AA")
BY_CC = everybody_hears(AT_CC, but=lambda one: one != "CC")
SHARED = pact_of(UP, DIRECT)


def parties(pact: Pact) -> tuple[str, ...]:
    return tuple(one.id for one in pact.party)


# ---------------------------------------------------------------- the whole picture, to oneself


def test_a_member_that_sees_nothing_itself_warns_itself_of_what_a_partner_gave_it() -> None:
    small = Small(SHARED).play(BY_AA, 60)
    assert small.own("CC") == ["Z-CC"]
    (warning,) = small.stations["CC"].node.view().warnings
    assert warning.track in small.stations["CC"].node.view().picture.number
    assert warning.clause == "own"


def test_nothing_of_a_warning_to_oneself_leaves() -> None:
    small = Small(SHARED).play(BY_AA, 60)
    assert small.refused == []  # nor was it tried
    assert all(isinstance(one.body, Picture) for one in small.sent)
    assert [small.own(one) for one in ("AA", "BB", "HUB")] == [[], [], []]


def test_a_duty_to_warn_others_rests_on_ones_own_sensors_and_not_on_what_partners_gave() -> None:
    by_bb = MEMBERS_WARN.replace('by = "member"', 'by = "BB"')
    small = Small(pact_of(UP, DIRECT, by_bb)).play(BY_AA, 60)
    assert len(small.stations["BB"].node.view().picture.number) == 1
    assert small.warned("BB", "CC") == []


# ---------------------------------------------------------------- with no pact, no hub, no peer


@pytest.mark.parametrize(
    "term", [TERM.replace("2018-01-01", "2019-01-01"), TERM + ", until = 2018-06-01"], ids=["before", "after"]
)
def test_a_member_whose_pact_is_not_in_force_warns_itself(term: str) -> None:
    small = Small(pact_of(*CONSTRUCT, HUB_WARNS, term=term)).play(BY_CC, 60)
    assert small.own("CC") == ["Z-CC"]
    assert small.sent == []


def test_a_member_whose_pact_is_suspended_and_then_left_by_all_warns_itself() -> None:
    small = Small(pact_of(*CONSTRUCT, HUB_WARNS))
    small.tell("suspended", "W1", by="AA")
    for party in ("AA", "BB", "HUB"):
        small.tell("left", party)
    small.play(BY_CC, 60)
    assert small.own("CC") == ["Z-CC"]
    assert small.sent == []


def test_a_member_with_hub_and_all_peers_gone_warns_itself_from_its_own_sensors() -> None:
    """Invariant 10 of the reliability notes: nobody else runs at all."""
    lone = Small(pact_of(*CONSTRUCT, HUB_WARNS), network_of(("CC",), 'no_node = ["AA", "BB", "HUB"]'))
    lone.play({"CC": (AT_CC,)}, 60)
    assert lone.own("CC") == ["Z-CC"]
    assert lone.sent == []


# ---------------------------------------------------------------- the measure


def test_where_the_pact_sets_no_measure_there_is_a_default_without_what_answers() -> None:
    (duty,) = own_duties(network_of(), SHARED, "CC")
    default = OwnWarning()
    assert (duty.horizon_s, duty.probability, duty.renew_s, duty.expires_s, duty.ack_s) == (
        600,
        0.5,
        30,
        120,
        60,
    )
    assert duty.classes == tuple(int(one) for one in default.classes)
    assert TrackClass.COOPERATIVE not in default.classes


def test_the_pacts_first_clause_on_warnings_sets_the_measure_and_the_network_file_overrides_it() -> None:
    pact = pact_of(*CONSTRUCT, HUB_WARNS.replace("horizon_s = 600", "horizon_s = 250"))
    assert [one.horizon_s for one in own_duties(network_of(), pact, "CC")] == [250]
    more = 'own_warning = { horizon_s = 400, classes = ["cooperative"] }'
    (duty,) = own_duties(network_of(more=more), pact, "CC")
    assert (duty.horizon_s, duty.classes) == (400, (1,))
    named = HUB_WARNS + ', classes = ["uas", "ballistic"]'
    assert {one.classes for one in own_duties(network_of(), pact_of(*CONSTRUCT, named), "CC")} == {(5, 3)}


# ---------------------------------------------------------------- members and parties that are not both

DD_TEXT = """
network = "x"
title = "x"
mode = "EXERCISE"
pact = "x"
tick_s = 5
feed = []
[[member]]
id = "DD"
name = "DD"
outside = true
"""
ZONE = """
[[zone]]
id = "Z-DD"
owner = "DD"
polygon = [[47, 8], [47, 9], [48, 9], [48, 8]]
"""


OUTSIDER = DD_TEXT + ZONE


def with_dd() -> Small:
    network = network_of((*IDS, "DD"), outside=("DD",))
    network = msgspec.structs.replace(network, zone=parse_network(OUTSIDER, file="x").zone)
    return Small(pact_of(*CONSTRUCT, HUB_WARNS), network)


def test_a_member_outside_the_pact_has_its_picture_and_its_own_warnings_and_no_partner() -> None:
    small = with_dd().play(BY_AA | {"DD": (AT_CC,)}, 60)
    view = small.stations["DD"].node.view()
    assert len(view.picture.number) == 1
    assert small.own("DD") == ["Z-DD"]
    assert view.links == ()
    assert view.pact is not None
    assert view.pact.in_force == "no"
    assert not any("DD" in (one.sender, one.recipient) for one in small.sent)
    assert small.warned("HUB", "CC")  # the others go on as ever
    assert small.refused == []


def test_facts_about_the_pact_are_none_of_an_outsiders_business() -> None:
    small = with_dd()
    small.tell("left", "AA")
    small.play({"DD": (AT_CC,)}, 30)
    assert small.stations["DD"].node.dropped() == {}


def test_a_guard_lets_nothing_out_of_a_member_outside_the_pact() -> None:
    ack = Ack("HUB-DD-0001", 1, "stored", START_NS, "")
    verdict = Guard(pact_of(*CONSTRUCT), "DD").check(Send("HUB", ack, NO_EVIDENCE, ()), time_ns=START_NS)
    assert verdict == Refused("DD is no party of the pact", "", -1)


def test_a_party_without_a_node_gives_and_gets_nothing_and_keeps_nobody_waiting() -> None:
    network = network_of(("AA", "CC", "HUB"), 'no_node = ["BB"]')
    small = Small(pact_of(UP, DIRECT, MEMBERS_WARN), network).play({"AA": (AT_CC,), "CC": ()}, 60)
    assert {one.recipient for one in small.sent} == {"AA", "CC", "HUB"}
    assert [one.party for one in small.stations["AA"].node.view().links] == ["CC", "HUB"]
    assert small.warned("AA", "CC")
    assert small.refused == []


def test_zones_of_the_network_file_add_to_those_of_the_pact_for_own_warnings_only() -> None:
    pact = pact_of(*CONSTRUCT, HUB_WARNS)
    network = network_of()
    zones = (
        network_zone("Z-CC", "CC"),
        network_zone("MORE", "CC"),
    )
    network = msgspec.structs.replace(network, zone=zones)
    assert watched_zones(network, pact, "CC")[:-1] == pact.zone  # the pact says where Z-CC lies
    assert [duty.zone_id for duty in own_duties(network, pact, "CC")] == ["Z-CC", "MORE"]
    assert [duty.zone_id for duty in own_duties(network, pact, "AA")] == ["Z-AA"]
    small = Small(pact, network).play(BY_AA, 60)
    assert {one.zone for one in small.warned("HUB", "CC")} == {"Z-CC"}
    assert small.stations["CC"].node.pact.digest == pact.digest


def network_zone(name: str, owner: str) -> ZoneEntry:
    (zone,) = parse_network(OUTSIDER.replace("Z-DD", name), file="x").zone
    return msgspec.structs.replace(zone, owner=owner)


# ---------------------------------------------------------------- mistakes in the file


def test_a_member_that_the_pact_does_not_name_is_a_mistake_unless_it_is_said() -> None:
    pact = pact_of(*CONSTRUCT)
    network = network_of(("AA", "BB", "CX", "HUB"))
    with pytest.raises(DocumentError, match=r"'CX'; expected a party of the pact: .*CC.*outside = true"):
        check_parties(network, parties(pact), "HUB", text="", file="x")
    outside = network_of((*IDS, "CX"), outside=("CX",))
    check_parties(outside, parties(pact), "HUB", text="", file="x")


def test_a_party_that_has_no_node_is_a_mistake_unless_it_is_said() -> None:
    pact = pact_of(*CONSTRUCT)
    with pytest.raises(DocumentError, match="also BB, a party of the pact; or no_node"):
        check_parties(network_of(("AA", "CC", "HUB")), parties(pact), "HUB", text="", file="x")
    network = network_of(("AA", "CC", "HUB"), 'no_node = ["BB", "ELSEWHERE"]')
    check_parties(network, parties(pact), "HUB", text="", file="x")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('owner = "DD"', 'owner = "DX"', r"zone\[1\].owner: found 'DX'"),
        ("[48, 8]]", "[47, 8]]", "touches or crosses itself"),
        ("[48, 8]]", "[48, 8]]\nfloor_m = 9\nceiling_m = 8", "a floor below the ceiling"),
        ("feed = []", 'feed = []\nno_node = ["DD"]', "no_node.*'DD', which has one"),
        ("feed = []", "feed = []\nown_warning = { horizon_s = 0 }", "own_warning.horizon_s"),
    ],
)
def test_each_mistake_is_told_with_its_place(before: str, after: str, words: str) -> None:
    text = OUTSIDER.replace(before, after)
    assert text != OUTSIDER
    with pytest.raises(DocumentError, match=words):
        check_zones(parse_network(text, file="x"), pact_of(*CONSTRUCT), text=text, file="x")


def test_a_zone_may_not_stand_twice() -> None:
    with pytest.raises(DocumentError, match="'Z-DD' a second time"):
        parse_network(OUTSIDER + ZONE, file="x")


def test_more_zones_than_a_node_can_watch_are_refused() -> None:
    pact = pact_of(*CONSTRUCT)
    many = "".join(ZONE.replace("Z-DD", f"Z-{i}") for i in range(60))
    text = OUTSIDER + many
    with pytest.raises(DocumentError, match="at most 62 together"):
        check_zones(parse_network(text, file="x"), pact, text=text, file="x")
