"""Signatures of webhooks, among them the published example of the Standard Webhooks specification."""

import json

import pytest

from foedus.errors import InputError
from foedus.formats.webhook import Receiver, WarningChanges, WebhookMessage, message_of, read_secret, sign
from pictures import outgoing_of, tracks_of, warning

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = read_secret(SECRET, where="test")
EXAMPLE = WebhookMessage("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}')
SENT_S = 1_614_265_330


def test_the_signature_is_that_of_the_specifications_example():
    headers = sign(KEY, EXAMPLE, timestamp_s=SENT_S)
    assert headers == {
        "webhook-id": EXAMPLE.id,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def refusal(now_s=SENT_S, body=EXAMPLE.body, keys=(KEY,), **headers):
    sent = {**sign(KEY, EXAMPLE, timestamp_s=SENT_S), **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Receiver(keys).refusal(sent, body, now_s=now_s)


def test_a_receiver_takes_what_is_signed_and_recent():
    assert refusal() == ""
    assert refusal(now_s=SENT_S + 300) == ""
    assert refusal(keys=(b"x" * 24, KEY)) == ""  # while keys change
    signature = sign(KEY, EXAMPLE, timestamp_s=SENT_S)["webhook-signature"]
    assert refusal(webhook_signature=f"v1a,abc {signature}") == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"body": EXAMPLE.body + b" "}, "no signature"),
        ({"webhook_id": "msg_other"}, "no signature"),
        ({"webhook_timestamp": str(SENT_S + 1)}, "no signature"),
        ({"webhook_signature": "v1,"}, "no signature"),
        ({"webhook_signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, "no signature"),
        ({"webhook_signature": "v1,ü"}, "no signature"),
        ({"keys": (b"x" * 24,)}, "no signature"),
        ({"keys": ()}, "no signature"),
        ({"now_s": SENT_S + 301}, "300 s"),
        ({"now_s": SENT_S - 301}, "300 s"),
        ({"webhook_timestamp": "soon"}, "no number"),
        ({"webhook_timestamp": "-5"}, "no number"),
        ({"webhook_timestamp": "²"}, "no number"),
        ({"webhook_id": ""}, "no webhook-id"),
        ({"webhook_signature": ""}, "no webhook-signature"),
    ],
)
def test_what_is_altered_forged_old_or_incomplete_is_refused(changes, why):
    assert why in refusal(**changes)


def test_a_message_sent_again_is_refused_as_repeated_and_memory_does_not_grow():
    receiver = Receiver((KEY,))
    for count in range(50):
        message = WebhookMessage(f"msg_{count}", b"{}")
        now_s = SENT_S + 100 * count
        headers = sign(KEY, message, timestamp_s=now_s)
        assert receiver.refusal(headers, message.body, now_s=now_s) == ""
        assert receiver.refusal(headers, message.body, now_s=now_s + 299) == "repeated"
    assert len(receiver._seen) < 10


@pytest.mark.parametrize(
    "text",
    ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_" + "A" * 90, "whsec_%%%%"],
)
def test_what_is_no_secret_is_refused_without_being_shown(text):
    with pytest.raises(InputError, match="24 to 64 octets") as caught:
        read_secret(text, where="secrets/desk")
    assert len(text) < 7 or text not in str(caught.value)


def test_a_body_says_mode_warning_and_label_and_the_type_tells_a_drill_apart():
    bodies = {
        mode: json.loads(message_of(outgoing_of(tracks_of(0), mode), warning()).body)
        for mode in ("LIVE", "EXERCISE", "RECORDING")
    }
    assert [bodies[mode]["type"] for mode in bodies] == [
        "warning.raised", "exercise.warning.raised", "test.warning.raised"
    ]  # fmt: skip
    data = bodies["EXERCISE"]["data"]
    assert data["mode"] == "EXERCISE"
    assert data["releasable_to"] == ["CH", "IT"]
    assert data["entry"] == "2024-10-04T12:04:00.000Z"


def test_each_revision_has_one_id_that_is_the_same_at_every_try():
    changes, again = WarningChanges(), WarningChanges()
    drill = outgoing_of(tracks_of(0), "EXERCISE", warning())
    live = outgoing_of(tracks_of(0), "LIVE", warning())
    (first,) = changes.update(live)
    assert changes.update(live) == []
    assert again.update(live) == [first]
    (second,) = changes.update(live._replace(warnings=(warning(revision=2, state="renewed"),)))
    assert len({first.id, second.id, message_of(drill, warning()).id}) == 3
