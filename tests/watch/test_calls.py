"""Claims about calls: two persons, a duty in force, in time; and nothing for everybody."""

import math

import msgspec
import pytest

from foedus.limits import CALLS_MAX
from foedus.model import SECOND_NS, TrackClass
from foedus.watch.calls import CALL_NS, CallBook, duty_for, fault_of, same_person
from foedus.watch.sent import Duty
from foedus.watch.threat import make_zones
from foedus.wire import Called

S = SECOND_NS
T0 = 1_533_123_000 * S
ZONES = make_zones(
    [[(46.0, 8.0), (46.0, 9.0), (47.0, 9.0), (47.0, 8.0)], [(10.0, 179.5), (10.0, -179.5), (11.0, 180.0)]],
    [None, None],
    [None, None],
)
DUTY = Duty(
    zone=0, zone_id="CH", to="CH", clause="W1", classes=(0, 3), horizon_s=300.0, probability=0.5,
    within_s=10.0, renew_s=30.0, expires_s=120.0, ack_s=60.0,
)  # fmt: skip
DUTIES = (DUTY, msgspec.structs.replace(DUTY, zone=1, zone_id="DATE", to="FR"))
CALLED = Called("C1", "CH", int(TrackClass.BALLISTIC), 46.5, 8.5, T0 + 60 * S, "Duty Officer")


def but(**fields):
    return msgspec.structs.replace(CALLED, **fields)


def fault(**fields):
    return fault_of(but(**fields), DUTIES, ZONES, T0)


def states(book):
    return [(call.called.call, call.state) for call in book.calls()]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, ""),
        ({"call": ""}, "no usable id"),
        ({"call": "a b"}, "no usable id"),
        ({"call": "x" * 65}, "no usable id"),
        ({"person": " "}, "nobody calls"),
        ({"person": "x" * 65}, "nobody calls"),
        ({"zone": ""}, "no zone"),
        ({"lat_cell_deg": math.nan}, "no area"),
        ({"lat_cell_deg": 46.55}, "no area"),
        ({"lon_cell_deg": 181.0}, "no area"),
        ({"zone": "FR"}, "no duty in force to warn of that class in that zone"),
        ({"zone": "*"}, "no duty in force to warn of that class in that zone"),
        ({"track_class": 1}, "no duty in force to warn of that class in that zone"),
        ({"track_class": 99}, "no duty in force to warn of that class in that zone"),
        ({"lat_cell_deg": 47.2}, "the cell does not touch the zone"),
        ({"lat_cell_deg": 45.8}, "the cell does not touch the zone"),
        ({"lat_cell_deg": 0.0, "lon_cell_deg": 0.0}, "the cell does not touch the zone"),
        ({"lat_cell_deg": 45.9}, ""),  # its northern side is the zone's border
        ({"entry_ns": T0 - 1}, "the time is not within the horizon of the duty"),
        ({"entry_ns": T0 + 301 * S}, "the time is not within the horizon of the duty"),
    ],
)
def test_a_call_must_fall_under_a_duty_in_force(fields, reason):
    assert fault(**fields) == reason


def test_cells_are_found_on_both_sides_of_the_date_line():
    for lon in (179.6, -179.7, -180.0):
        assert fault(zone="DATE", lat_cell_deg=10.0, lon_cell_deg=lon) == ""
    assert fault(zone="DATE", lat_cell_deg=10.0, lon_cell_deg=179.2) != ""


def test_a_cell_that_holds_a_whole_zone_and_a_zone_that_holds_a_whole_cell_touch():
    tiny = make_zones([[(46.52, 8.52), (46.52, 8.53), (46.53, 8.53)]], [None], [None])
    assert fault_of(CALLED, DUTIES, tiny, T0) == ""
    assert fault() == ""


def test_it_goes_to_the_owner_of_the_zone_and_to_nobody_else():
    assert duty_for(CALLED, DUTIES).to == "CH"
    assert duty_for(but(zone=""), DUTIES) is None


@pytest.mark.parametrize(
    "second", ["Duty Officer", "duty officer", " DUTY  OFFICER ", "dutyofficer", "", "  "]
)
def test_nobody_seconds_himself(second):
    book = CallBook()
    book.call(CALLED, "", T0)
    assert book.second("C1", second, T0 + S) is None
    assert states(book) == [("C1", "waiting")]
    assert len(book.counts()) == 1


def test_another_person_seconds_in_time_and_once():
    book = CallBook()
    book.call(CALLED, "", T0)
    assert book.second("C1", "supervisor", T0 + CALL_NS - 1).called == CALLED
    book.sent("C1", "supervisor", ("IT-CH-0001",))
    assert (book.calls()[0].state, book.calls()[0].seconded_by) == ("sent", "supervisor")
    assert book.second("C1", "another", T0 + 2 * S) is None


def test_a_call_lapses_when_nobody_seconds_it():
    book = CallBook()
    book.call(CALLED, "", T0)
    assert book.waiting_until_ns() == T0 + CALL_NS
    assert book.second("C1", "supervisor", T0 + CALL_NS) is None
    assert states(book) == [("C1", "lapsed")]
    assert book.waiting_until_ns() is None


def test_a_call_can_be_withdrawn_until_it_is_sent():
    book = CallBook()
    book.call(CALLED, "", T0)
    book.withdraw("C1", "")
    assert states(book) == [("C1", "waiting")]
    book.withdraw("C1", "anybody")
    assert (book.calls()[0].state, book.calls()[0].reason) == ("withdrawn", "by anybody")
    assert book.second("C1", "supervisor", T0) is None


def test_a_refused_call_says_why_and_cannot_be_seconded():
    book = CallBook()
    book.call(but(zone=""), "no zone", T0)
    assert (book.calls()[0].state, book.calls()[0].reason) == ("refused", "no zone")
    assert book.second("C1", "supervisor", T0) is None
    assert book.counts()[0] == ("call refused: no zone", 1)


def test_an_id_is_used_once_and_calls_that_wait_are_not_pushed_out():
    book = CallBook()
    for i in range(CALLS_MAX):
        book.call(but(call=f"C{i}"), "", T0)
    book.call(but(call="C0"), "", T0)
    book.call(but(call="more"), "", T0)
    assert len(book.calls()) == CALLS_MAX
    assert book.counts() == (
        ("call refused: CALLS_MAX wait for a second person", 1),
        ("call refused: id used before", 1),
    )
    book.withdraw("C5", "anybody")
    book.call(but(call="more"), "", T0)
    assert ("C5", "withdrawn") not in states(book)
    assert states(book)[-1] == ("more", "waiting")


def test_names_are_compared_without_capitals_and_spaces():
    assert same_person("Straße 1", "STRASSE1")
    assert not same_person("duty officer", "duty officer 2")
