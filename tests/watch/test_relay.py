"""Claims about warnings that pass through a hub: they arrive, and tell nothing of whom they came from."""

import msgspec
import pytest

from foedus.limits import WARNINGS_MAX
from foedus.model import SECOND_NS
from foedus.watch.inbox import Inbox
from foedus.watch.relay import WarnRelay
from foedus.wire import Ack, Warn, encode

S = SECOND_NS
T0 = 1_533_123_000 * S

WARN = Warn(
    warning="DE-IT-0007",
    revision=1,
    state="RAISED",
    mode="RECORDING",
    clause="W-DE",
    to="IT",
    zone="IT",
    track_class=0,
    lat_cell_deg=46.1,
    lon_cell_deg=8.6,
    raised_ns=T0,
    entry_ns=T0 + 200 * S,
    probability_percent=90,
    expires_ns=T0 + 120 * S,
)


def but(**fields):
    return msgspec.structs.replace(WARN, **fields)


def hub():
    return WarnRelay("HUB", mode="RECORDING")


def test_the_member_warned_gets_the_hubs_id_and_clause():
    relayed = hub().relay(WARN, "DE", T0, clause="W-HUB")
    assert relayed.recipient == "IT"
    assert relayed.message == but(warning="HUB-IT-R0001", clause="W-HUB")


def test_the_bytes_that_leave_are_the_same_whoever_warned():
    from_de = hub().relay(WARN, "DE", T0, clause="W-HUB").message
    from_fr = hub().relay(but(warning="FR-IT-0001", clause="W-FR"), "FR", T0, clause="W-HUB").message
    assert encode(from_de) == encode(from_fr)


def test_one_originators_count_says_nothing_of_another_recipient():
    relay = hub()
    relay.relay(but(to="CH", zone="CH", warning="DE-CH-0001"), "DE", T0, clause="W-HUB")
    assert relay.relay(WARN, "DE", T0, clause="W-HUB").message.warning == "HUB-IT-R0001"


def test_revisions_keep_the_hubs_id_and_a_cancel_goes_all_the_way():
    relay, box = hub(), Inbox("IT", mode="RECORDING")
    for revision, state in enumerate(("RAISED", "RENEWED", "CANCELLED"), 1):
        message = relay.relay(but(revision=revision, state=state), "DE", T0, clause="W-HUB").message
        assert message.warning == "HUB-IT-R0001"
        assert box.received(message, "HUB", T0).show
    assert box.open_warnings() == ()


def test_a_duplicate_is_not_passed_on_twice():
    relay = hub()
    relay.relay(WARN, "DE", T0, clause="W-HUB")
    assert relay.relay(WARN, "DE", T0, clause="W-HUB").message is None
    assert relay.counts() == (("warning not passed on: duplicate or older revision", 1),)


def test_acknowledgements_go_back_under_the_originators_id():
    relay = hub()
    relay.relay(WARN, "DE", T0, clause="W-HUB")
    ack = Ack("HUB-IT-R0001", 1, "acknowledged", T0 + S, "duty officer")
    assert relay.ack(ack, "IT") == ("DE", Ack("DE-IT-0007", 1, "acknowledged", T0 + S, "duty officer"))


def test_nobody_acknowledges_on_behalf_of_another():
    relay = hub()
    relay.relay(WARN, "DE", T0, clause="W-HUB")
    assert relay.ack(Ack("HUB-IT-R0001", 1, "stored", T0, ""), "FR") is None
    assert relay.ack(Ack("HUB-IT-R0009", 1, "stored", T0, ""), "IT") is None
    assert relay.counts() == (
        ("acknowledgement by another than the recipient", 1),
        ("acknowledgement of an unknown warning", 1),
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"mode": "LIVE"}, "mode is not RECORDING"),
        ({"zone": ""}, "no zone"),
        ({"to": "HUB"}, "nobody to pass it on to"),
        ({"to": "DE"}, "nobody to pass it on to"),
        ({"expires_ns": T0 + 1}, "expired before it was passed on"),
    ],
)
def test_what_may_not_be_taken_is_not_passed_on(fields, reason):
    relay = hub()
    relayed = relay.relay(but(**fields), "DE", T0 + S, clause="W-HUB")
    assert (relayed.recipient, relayed.message, relayed.reason) == ("", None, reason)
    assert relay.counts() == ((f"warning not passed on: {reason}", 1),)


def test_an_id_keeps_its_recipient_and_its_end():
    relay = hub()
    relay.relay(WARN, "DE", T0, clause="W-HUB")
    assert relay.relay(but(revision=2, to="FR"), "DE", T0, clause="W-HUB").message is None
    relay.relay(but(revision=3, state="CANCELLED"), "DE", T0, clause="W-HUB")
    again = relay.relay(but(revision=4, state="RENEWED"), "DE", T0, clause="W-HUB")
    assert again.reason == "renewed after it was cancelled"


def test_a_full_relay_forgets_what_is_over_first_and_drops_nothing_open():
    relay = hub()
    for i in range(WARNINGS_MAX):
        assert relay.relay(but(warning=f"DE-IT-{i}"), "DE", T0, clause="W-HUB").message is not None
    assert relay.relay(but(warning="more"), "DE", T0, clause="W-HUB").reason == (
        "relay full: WARNINGS_MAX open"
    )
    later = T0 + 120 * S  # all have expired by now
    fresh = but(warning="more", raised_ns=later, expires_ns=later + S)
    assert relay.relay(fresh, "DE", later, clause="W-HUB").message is not None
    assert relay.ack(Ack("HUB-IT-R0001", 1, "stored", later, ""), "IT") is None
    assert relay.ack(Ack("HUB-IT-R0002", 1, "stored", later, ""), "IT") is not None
