"""A receiving system refuses what does not say its mode everywhere alike, or lacks area, end or chain."""

import random
import re

import pytest
from cap_parts import LANGUAGES, NOW_NS, alert, chain

from foedus.errors import InputError
from foedus.formats import cap_read
from foedus.formats.cap import write_cap
from foedus.formats.cap_read import faults, parse_cap, read_cap
from foedus.model import SECOND_NS

MESSAGE = write_cap(alert(languages=LANGUAGES)).decode()
LIVE = write_cap(alert(mode="LIVE")).decode()


def found(text, *, mode="EXERCISE", now_ns=NOW_NS, known=()):
    return list(faults(parse_cap(text.encode(), where="test"), mode=mode, now_ns=now_ns, known=known))


def test_our_own_message_may_be_taken():
    assert found(MESSAGE) == []
    assert found(LIVE, mode="LIVE") == []
    assert read_cap(MESSAGE.encode(), where="test").infos[0].areas[0].polygons[0][0] == (46.0, 8.0)


@pytest.mark.parametrize(
    ("text", "mode"), [(MESSAGE, "LIVE"), (MESSAGE, "RECORDING"), (LIVE, "EXERCISE"), (LIVE, "RECORDING")]
)
def test_a_message_of_another_mode_is_refused_with_both_words(text, mode):
    own = "LIVE" if text is LIVE else "EXERCISE"
    assert found(text, mode=mode) == [f"it is a message of mode {own}; this system runs {mode}"]


LOST = [
    # what is lost or changed, in the text of the message -> words of the refusal
    ("<status>Exercise</status>", "<status>Actual</status>", "its status is Actual"),
    ("<status>Exercise</status>", "<status>Test</status>", "its status is Test"),
    ("<identifier>EXERCISE.", "<identifier>LIVE.", "its status is Exercise; its identifier says LIVE"),
    ("<identifier>EXERCISE.", "<identifier>", "begins with no mode"),
    ("<note>EXERCISE EXERCISE EXERCISE - ", "<note>", "its note does not begin"),
    ("<value>EXERCISE</value>", "<value>LIVE</value>", "its parameter mode is LIVE"),
    ("<event>ÜBUNG ÜBUNG ÜBUNG - ", "<event>", "its event in language de does not begin"),
    ("<headline>تمرين تمرين تمرين - ", "<headline>", "its headline in language ar does not begin"),
    ("<description>תרגיל תרגיל תרגיל - ", "<description>", "its description in language he does not begin"),
    ("<instruction>EXERCICE EXERCICE EXERCICE", "<instruction>", "its instruction in language fr does not"),
    ("<headline>ESERCITAZIONE ", "<headline>", "its headline in language it does not begin"),
    ("<language>de</language>", "<language>nl</language>", "its language nl is none"),
]


@pytest.mark.parametrize(("was", "becomes", "words"), LOST)
def test_the_mode_cannot_be_lost_in_one_place(was, becomes, words):
    assert was in MESSAGE
    text = MESSAGE.replace(was, becomes, 1)
    assert any(words in fault for fault in found(text))
    with pytest.raises(InputError, match="said everywhere alike"):
        read_cap(text.encode(), where="test")


def test_a_live_message_that_speaks_of_an_exercise_in_any_language_is_refused():
    text = LIVE.replace("<headline>", "<headline>תרגיל תרגיל תרגיל - ")
    text = text.replace("<language>en</language>", "<language>de</language>")
    assert found(text, mode="LIVE") == [
        "its headline in language de begins with the words of EXERCISE, but it claims to be LIVE"
    ]


def test_a_dropped_area_or_end_is_refused_and_means_nobody():
    text = re.sub(r"(?s) *<area>.*?</area>\n", "", LIVE)
    assert found(text, mode="LIVE") == ["it has no area: nobody is meant by it, and certainly not everyone"]
    text = re.sub(r" *<polygon>.*</polygon>\n", "", LIVE)
    assert found(text, mode="LIVE") == ["it has no area: nobody is meant by it, and certainly not everyone"]
    text = re.sub(r" *<expires>.*</expires>\n", "", LIVE)
    assert found(text, mode="LIVE") == ["it has no end"]


def test_a_message_is_dead_after_its_end():
    end_ns = NOW_NS + 120 * SECOND_NS
    assert found(LIVE, mode="LIVE", now_ns=end_ns - 1) == []
    assert found(LIVE, mode="LIVE", now_ns=end_ns + 7 * SECOND_NS) == ["it ended 7 s ago"]
    text = LIVE.replace("<expires>2026-11-30", "<expires>2026-12-02")
    assert found(text, mode="LIVE") == ["it claims to hold for more than a day"]
    text = LIVE.replace("<expires>2026-11-30", "<expires>2026-11-29")
    assert "it ends before it begins" in found(text, mode="LIVE")


def test_a_missing_reference_is_found_when_the_message_before_it_is_known():
    messages = [parse_cap(write_cap(one), where="test") for one in chain(4)]
    now_ns = messages[-1].sent_ns
    for message in messages:
        assert faults(message, mode="EXERCISE", now_ns=now_ns, known=messages) == ()
    text = write_cap(chain(4)[-1]).decode()
    second = f"{messages[1].sender},{messages[1].identifier},2026-11-30T10:00:20-00:00 "
    assert second in text
    assert found(text.replace(second, ""), now_ns=now_ns, known=messages) == [
        f"it does not name {messages[1].identifier}, which came before it"
    ]
    other_time = second.replace("10:00:20", "10:00:21")
    assert len(found(text.replace(second, other_time), now_ns=now_ns, known=messages)) == 1


def test_an_update_or_cancel_of_nothing_and_one_for_somebody_else_are_refused():
    text = write_cap(chain(2)[-1]).decode()
    now_ns = NOW_NS + 20 * SECOND_NS
    alone = re.sub(r" *<references>.*</references>\n", "", text)
    assert found(alone, now_ns=now_ns) == ["its type is Update and it names no earlier message"]
    other = text.replace("<references>aa@", "<references>bb@")
    assert found(other, now_ns=now_ns) == ["it speaks for a message of another sender"]
    first = text.replace("<msgType>Update", "<msgType>Alert")
    assert found(first, now_ns=now_ns) == ["it is a first message and names earlier ones"]


BAD = [
    ("<alert xmlns", "<alert2 xmlns", "no XML"),
    ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1", "element {urn:oasis"),
    ('<?xml version="1.0" encoding="UTF-8"?>', '<!DOCTYPE alert [<!ENTITY a "b">]>', "type declaration"),
    ("  <status>Actual</status>\n", "", "0 of status"),
    ("<status>Actual</status>", "<status>Real</status>", "'Real'"),
    ("<sent>2026-11-30T10:00:00-00:00", "<sent>2026-11-30T10:00:00Z", "no such time"),
    ("<sent>2026-11-30T10:00:00-00:00", "<sent>2026-11-30T10:00:00.5-00:00", "no such time"),
    ("<sent>2026-11-30T10:00:00-00:00", "<sent>2026-13-30T10:00:00-00:00", "no such time"),
    ("<sender>", "<sender>a b,", "no space"),
    ("<scope>", "<invented>x</invented><scope>", "element {urn"),
    ("<polygon>46,8 ", "<polygon>", "four or more, the last the first"),
    ("<polygon>46,8 ", "<polygon>46;8 ", "four or more"),
    ("<polygon>46,8 46,9 47,9", "<polygon>46,8 46,9 147,9", "off the earth"),
    ("<polygon>46,8 46,9 47,9", "<polygon>46,8 46,9 nan,9", "four or more"),
    ('encoding="UTF-8"', 'encoding="x-none"', "no XML"),
    ('encoding="UTF-8"', 'encoding="UTF-16"', "no XML"),
    ("  <scope>Restricted</scope>\n", "", "0 of scope"),
    ("<msgType>Alert</msgType>", "<msgType>Alert</msgType><sender>x</sender>", "sender after msgType"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "becomes", "words"), BAD)
def test_what_is_no_cap_message_is_refused_with_its_place(was, becomes, words):
    assert was in LIVE
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        parse_cap(LIVE.replace(was, becomes, 1).encode(), where="the file")
    assert caught.value.where.startswith("the file")


def test_a_message_beyond_the_limit_is_not_even_parsed(monkeypatch):
    monkeypatch.setattr(cap_read, "ALERT_BYTES_MAX", len(LIVE) - 1)
    with pytest.raises(InputError, match="at most"):
        parse_cap(LIVE.encode(), where="test")
    monkeypatch.setattr(cap_read, "ALERT_BYTES_MAX", len(LIVE))
    parse_cap(LIVE.encode(), where="test")


def test_a_damaged_message_is_refused_and_never_breaks_the_reader():
    chance = random.Random(20261130)
    data = write_cap(chain(3)[-1])
    refused = 0
    for _ in range(300):
        spoilt = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        del spoilt[chance.choice((len(spoilt), chance.randrange(len(spoilt)))) :]
        try:
            faults(parse_cap(bytes(spoilt), where="test"), mode="EXERCISE", now_ns=NOW_NS)
        except InputError:
            refused += 1
    assert refused > 200
    with pytest.raises(InputError):
        parse_cap(b"<a>" * 300_000, where="test")


def test_a_message_of_others_is_parsed_and_is_none_of_ours():
    text = """<?xml version="1.0"?><c:alert xmlns:c="urn:oasis:names:tc:emergency:cap:1.2">
    <c:identifier>storm-1</c:identifier><c:sender>weather@example.org</c:sender>
    <c:sent>2026-11-30T10:00:00+01:00</c:sent><c:status>Actual</c:status><c:msgType>Alert</c:msgType>
    <c:scope>Public</c:scope><c:info><c:category>Met</c:category><c:event>storm</c:event>
    <c:urgency>Future</c:urgency><c:severity>Minor</c:severity><c:certainty>Possible</c:certainty></c:info>
    </c:alert>"""
    message = parse_cap(text.encode(), where="test")
    assert (message.sent_ns, message.infos[0].event) == (NOW_NS - 3_600 * SECOND_NS, "storm")
    assert "its identifier storm-1 begins with no mode" in found(text)
