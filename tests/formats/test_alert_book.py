"""Which alerts are due: one per change, each naming those before it, none for what was over before."""

import msgspec
import pytest
from cap_parts import NOW_NS, SQUARE, issuer, warning

from foedus.errors import InputError
from foedus.formats import alert as alert_module
from foedus.formats.alert import AlertBook, Area
from foedus.formats.cap import write_cap
from foedus.model import SECOND_NS


def book(**changes):
    area = Area(zone="Z-AA", name="Aland", polygon=SQUARE)
    return AlertBook(issuer(**changes), [area], party_names=[("AA", "Aland"), ("BB", "Bland")])


def test_each_change_is_told_once_and_names_all_before_it():
    told = book()
    stands = [("raised", 1), ("raised", 1), ("renewed", 2), ("cancelled", 3), ("cancelled", 3)]
    due = [
        told.take([warning(state=state, revision=revision)], now_ns=NOW_NS + second * SECOND_NS)
        for second, (state, revision) in enumerate(stands)
    ]
    assert [len(alerts) for alerts in due] == [1, 0, 1, 1, 0]
    first, second, third = (alert for alerts in due for alert in alerts)
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert [one.identifier for one in third.earlier] == [first.identifier, second.identifier]
    assert third.earlier[1].sent_ns == NOW_NS + 2 * SECOND_NS


def test_a_warning_that_runs_out_without_a_message_is_told_too():
    told = book()
    told.take([warning()], now_ns=NOW_NS)
    (after,) = told.take([warning(state="expired")], now_ns=NOW_NS + SECOND_NS)
    assert (after.number, after.warning.revision, after.warning.state) == (2, 1, "expired")


def test_what_was_over_before_it_was_told_is_not_told():
    told = book()
    assert told.take([warning(state="cancelled")], now_ns=NOW_NS) == []
    (alert,) = told.take([warning(state="renewed", revision=2)], now_ns=NOW_NS)
    assert (alert.number, alert.earlier) == (1, ())


def test_what_goes_to_another_member_counts_nothing_but_the_pair():
    told = book()
    own = warning(id="AA-AA-0001", direction="own", party="AA")
    sent = warning(id="AA-BB-0001", direction="sent", party="BB")
    received = warning()
    alerts = told.take([own, sent, received], now_ns=NOW_NS)
    assert [one.serial for one in alerts] == [1, 0, 2]
    assert [one.releasable_to for one in alerts] == [("AA",), ("AA", "BB"), ("AA",)]
    assert [one.party for one in alerts] == ["Aland", "Aland", "Bland"]
    alone = book().take([sent], now_ns=NOW_NS)
    assert write_cap(alone[0]) == write_cap(alerts[1])


def test_an_unknown_zone_gives_an_alert_that_no_format_takes():
    (alert,) = book().take([warning(zone="elsewhere")], now_ns=NOW_NS)
    with pytest.raises(InputError, match="no area for zone 'elsewhere'"):
        write_cap(alert)


def test_of_a_very_long_chain_the_first_and_the_newest_are_named_and_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr(alert_module, "ALERT_REFERENCES_MAX", 3)
    told = book()
    for revision in range(1, 7):
        (last,) = told.take(
            [warning(state="renewed", revision=revision)], now_ns=NOW_NS + revision * SECOND_NS
        )
    assert [one.identifier.rpartition(".")[2] for one in last.earlier] == ["1", "4", "5"]
    assert last.earlier_left_out == 2
    assert b"<value>2</value>" in write_cap(last)


def test_the_book_forgets_what_the_node_forgot():
    told = book()
    many = [warning(id=f"BB:BB-AA-{number:04d}") for number in range(5)]
    told.take(many, now_ns=NOW_NS)
    told.take(many[:1], now_ns=NOW_NS)
    assert len(told._told) == 1


def test_the_identifier_is_unique_per_run_and_begins_with_the_mode():
    (alert,) = book(mode="LIVE").take([warning()], now_ns=NOW_NS)
    assert alert.identifier == "LIVE.invented.AA.0001.20261130T095955Z.1"
    later = msgspec.structs.replace(alert, warning=warning(raised_ns=NOW_NS))
    assert later.identifier != alert.identifier
