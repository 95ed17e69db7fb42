"""Every alert is a valid CAP message, says its mode everywhere, and has an area."""

import itertools

import pytest
from cap_parts import LANGUAGES, MODES, NOW_NS, alert, chain, check_schema

from foedus.errors import InputError
from foedus.formats.alert import Earlier
from foedus.formats.cap import number, rings_of, write_cap
from foedus.formats.cap_read import parse_cap, read_cap
from foedus.formats.cap_words import SEVERITY_OF, STATUS_OF
from foedus.formats.texts import load_texts, mode_words
from foedus.model import SECOND_NS, TrackClass
from foedus.network import Mode
from foedus.watch.states import WarningState

STATES = ("raised", "renewed", "downgraded", "cancelled", "expired")
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


def text(root, path):
    return [element.text for element in root.iterfind("/".join(CAP + step for step in path.split("/")))]


def info_of(**changes):
    return parse_cap(write_cap(alert(**changes)), where="test").infos[0]


@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_alert_in_all_languages_is_valid_against_the_schema_of_oasis(mode):
    earlier = (Earlier("EXERCISE.invented.AA.0001.20261130T095955Z.1", NOW_NS - SECOND_NS),)
    for state, kind in itertools.product(STATES, SEVERITY_OF):
        data = write_cap(
            alert(
                mode=mode,
                languages=LANGUAGES,
                state=state,
                track_class=kind,
                earlier=() if state == "raised" else earlier,
            )
        )
        root = check_schema(data)
        assert text(root, "status") == [STATUS_OF[mode]]
        assert text(root, "info/language") == list(LANGUAGES)
        assert read_cap(data, where="test").mode == mode


def test_the_words_are_those_of_the_program():
    assert set(SEVERITY_OF) == {kind.name.lower() for kind in TrackClass}
    assert set(STATUS_OF) == {mode.value for mode in Mode}
    assert {state.value for state in WarningState} - {"new"} <= set(STATES)


def test_the_same_alert_gives_the_same_bytes():
    assert write_cap(alert(languages=LANGUAGES)) == write_cap(alert(languages=LANGUAGES))


def test_actual_comes_from_live_and_from_nothing_else():
    assert [mode for mode in MODES if b"<status>Actual</status>" in write_cap(alert(mode=mode))] == ["LIVE"]


@pytest.mark.parametrize("mode", ["EXERCISE", "RECORDING"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_real_says_so_first_in_every_text_and_in_every_name(mode, language):
    one = alert(mode=mode, languages=(language,))
    message = parse_cap(write_cap(one), where="test")
    (info,) = message.infos
    words = mode_words(mode, load_texts(language))
    assert len(set(words.split())) == 1
    assert len(words.split()) == 3  # three times the same word
    for said in (info.event, info.headline, info.description, info.instruction):
        assert said.startswith(f"{words} - ")
    assert message.note.startswith(mode_words(mode, load_texts("en")))
    assert "invented" in message.note  # CAP 1.2 wants the identifier of the exercise there
    assert message.identifier.startswith(f"{mode}.")
    assert one.file_name.startswith(f"{mode}.")
    assert info.parameter("mode") == mode


def test_nothing_live_carries_a_word_of_an_exercise():
    data = write_cap(alert(mode="LIVE", languages=LANGUAGES)).decode()
    for tag, mode in itertools.product(LANGUAGES, ("EXERCISE", "RECORDING")):
        assert mode_words(mode, load_texts(tag)) not in data


@pytest.mark.parametrize(
    "polygon",
    [(), ((46.0, 8.0),), ((46.0, 8.0), (47.0, 8.0)), ((46.0, 8.0), (47.0, 8.0), (48.0, 8.0)),
     ((46.0, 8.0), (float("nan"), 9.0), (47.0, 9.0))],
)  # fmt: skip
def test_an_alert_without_an_area_is_refused_and_never_for_everyone(polygon):
    with pytest.raises(InputError, match="no area for zone 'Z-AA'"):
        write_cap(alert(polygon=polygon))


def test_an_alert_that_ends_before_it_is_told_is_refused():
    with pytest.raises(InputError, match="an end before its time"):
        write_cap(alert(expires_ns=NOW_NS))


def test_times_have_no_fraction_and_no_z_and_an_end_never_comes_early():
    root = check_schema(write_cap(alert(sent_ns=NOW_NS + 1, expires_ns=NOW_NS + 120 * SECOND_NS + 1_000)))
    assert text(root, "sent") == ["2026-11-30T10:00:00-00:00"]
    assert text(root, "info/expires") == ["2026-11-30T10:02:01-00:00"]


TABLE = [
    # state, left s, per cent, basis -> urgency, certainty, response
    ("raised", 900, 60, "confirmed", "Immediate", "Likely", "Shelter"),
    ("raised", 901, 50, "confirmed", "Expected", "Possible", "Prepare"),
    ("renewed", 3_600, 10, "unconfirmed", "Expected", "Possible", "Prepare"),
    ("renewed", 3_601, 0, "person", "Future", "Unlikely", "Prepare"),
    ("renewed", 0, 100, "confirmed", "Immediate", "Observed", "Shelter"),
    ("renewed", -60, 100, "unconfirmed", "Immediate", "Likely", "Shelter"),
    ("downgraded", 600, 30, "confirmed", "Immediate", "Possible", "Shelter"),
    ("cancelled", 600, 0, "confirmed", "Past", "Unlikely", "AllClear"),
    ("expired", 600, 80, "confirmed", "Unknown", "Unknown", "Monitor"),
]


@pytest.mark.parametrize("row", TABLE)
def test_urgency_certainty_and_response_follow_the_table(row):
    state, left_s, percent, basis, *expected = row
    info = info_of(
        state=state, entry_ns=NOW_NS + left_s * SECOND_NS, probability_percent=percent, basis=basis
    )
    assert [info.urgency, info.certainty, *info.responses] == expected


def test_what_merely_ran_out_is_no_all_clear_and_what_is_over_outlives_the_next_look():
    info = info_of(state="expired", expires_ns=NOW_NS - SECOND_NS)
    assert "AllClear" not in info.responses
    assert "no all-clear" in info.headline
    assert "cover" not in info.instruction
    assert info.expires_ns == NOW_NS + 600 * SECOND_NS
    over = info_of(state="cancelled", expires_ns=NOW_NS + 30 * SECOND_NS)
    assert over.expires_ns == NOW_NS + 600 * SECOND_NS


def test_an_update_names_every_message_before_it():
    *_, last = chain(5)
    root = check_schema(write_cap(last))
    assert text(root, "msgType") == ["Update"]
    (references,) = text(root, "references")
    assert [one.split(",")[1].rpartition(".")[2] for one in references.split(" ")] == ["1", "2", "3", "4"]
    assert all(len(one.split(",")) == 3 for one in references.split(" "))


def test_the_public_learns_neither_who_warned_nor_by_which_clause():
    inside = write_cap(alert(languages=LANGUAGES))
    assert b"Restricted" in inside
    assert b"Releasable to AA" in inside
    assert b"Bland" in inside
    outside = write_cap(alert(languages=LANGUAGES, public=True))
    assert b"<scope>Public</scope>" in outside
    for word in (b"restriction", b"Bland", b"BB", b"W1"):
        assert word not in outside
    sent = write_cap(alert(public=True, serial=0, id="AA-BB-0001", direction="sent", party="Aland"))
    assert b"Public" not in sent


def test_whatever_a_partner_writes_stays_inside_its_element():
    nasty = 'W1</value></parameter>\x00<b>&"\ud7ff\r'
    data = write_cap(alert(clause=nasty, id="BB:a b,<&/..", area_name="A & <B>\x07"))
    root = check_schema(data)
    assert 'W1</value></parameter>\ufffd<b>&"\ud7ff\r' in text(root, "info/parameter/value")
    assert text(root, "info/area/areaDesc") == ["A & <B>\ufffd"]
    sent = alert(serial=0, id="AA:b c,<&/..")
    assert sent.identifier == "EXERCISE.invented.AA.AA~3Ab~20c~2C~3C~26~2F~2E~2E.20261130T095955Z.1"


# ---------------------------------------------------------------- polygons


def test_a_polygon_is_closed_and_has_six_decimals_at_most():
    (((_, _), *_),) = rings_of(((46.12345678, 8.0), (46.0, 9.0), (47.0, 9.0)))
    (ring,) = rings_of(((46.12345678, 8.0), (46.0, 9.0), (47.0, 9.0)))
    assert ring[0] == ring[-1]
    assert len(ring) == 4
    assert ring[0] == (46.123457, 8.0)
    assert [number(value) for value in (-0.0000001, 7.0, 46.123457, -8.5, 1e-6)] == [
        "0", "7", "46.123457", "-8.5", "0.000001",
    ]  # fmt: skip


@pytest.mark.parametrize("moved_deg", [0.0, 360.0, -360.0])
def test_a_polygon_across_the_antimeridian_has_a_ring_on_each_side(moved_deg):
    polygon = tuple(
        (lat, lon + moved_deg) for lat, lon in ((-1.0, 179.0), (-1.0, -178.0), (1.0, -178.0), (1.0, 179.0))
    )
    west, east = sorted(rings_of(polygon), key=lambda ring: ring[0][1])
    assert {lon for _, lon in west} == {-180.0, -178.0}
    assert {lon for _, lon in east} == {179.0, 180.0}
    assert {lat for lat, _ in (*west, *east)} == {-1.0, 1.0}
    root = check_schema(write_cap(alert(polygon=polygon)))
    assert len(text(root, "info/area/polygon")) == 2


def test_a_polygon_that_only_touches_the_antimeridian_is_one_ring():
    (ring,) = rings_of(((-1.0, 179.0), (-1.0, 180.0), (1.0, 180.0), (1.0, 179.0)))
    assert {lon for _, lon in ring} == {179.0, 180.0}


def test_neighbouring_points_that_round_to_one_are_one():
    (ring,) = rings_of(((46.0, 8.0), (46.0, 8.0000001), (46.0, 9.0), (47.0, 9.0)))
    assert len(ring) == 4
