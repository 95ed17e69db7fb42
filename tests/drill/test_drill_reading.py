"""Drill files and scripts: closed, checked with the line of each mistake, the same after a round trip."""

import tomllib
from pathlib import Path

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from foedus.document import parse_document
from foedus.drill.reading import parse_drill, read_drill
from foedus.drill.script import (
    COLUMNS,
    WORDS,
    Term,
    parse_condition,
    parse_csv,
    parse_effect,
    settled,
    write_csv,
    write_toml,
)
from foedus.drill.text import Inject
from foedus.errors import DocumentError, InputError

HERE = Path(__file__).parents[1]
BAD = HERE / "bad" / "drill"
GOOD = (HERE / "good_drill.toml").read_text("utf-8")

MISTAKES = {
    "address_of_no_aircraft": ":32: target[1].address: found 'XYZ'; expected six hexadecimal digits",
    "condition_on_a_stranger": ":44: inject[1].condition: found 'CC'; expected one of AA, BB",
    "condition_unreadable": ":44: inject[1].condition: found 'if BB sleeps'; expected [not] known|shown|",
    "condition_without_an_end": ":44: inject[1].condition: found 'not shown BB'; expected `by SECONDS`",
    "contingency_of_nothing": ":44: inject[1].contingency: found no condition; expected a condition that",
    "contingency_unknown": ":45: inject[1].contingency: found '3'; expected the number of another inject",
    "cue_to_a_stranger": ":9: event[1].cue[1].party: found 'CC'; expected one of AA, BB",
    "ghost_at_no_sensor": ":32: target[1].only: found 'C1'; expected one of A1, B1",
    "inject_at_no_sensor": ":42: inject[1].inject: found 'C1'; expected one of A1, B1",
    "inject_lacks_an_end": ":49: inject[2].inject: found 'cut AA'; expected cut <member> <member>",
    "inject_option_no_number": ":42: inject[1].inject: found 'for=ten'; expected a number",
    "inject_option_unknown": ":42: inject[1].inject: found 'till=10'; expected an option of outage",
    "inject_to_a_stranger": ":43: inject[1].to: found 'CC'; expected one of all, AA, BB",
    "inject_twice": ":46: inject[2].number: found '1' a second time; expected a number of its own",
    "inject_unknown": ":49: inject[2].inject: found 'sever'; expected an effect: one of target, outage",
    "link_of_one": ":12: links.between[1].b: found 'AA'; expected another member than a",
    "marks_that_rise": ":10: objective[1].p: found p, s, m of 1.5, 2, 1; expected falling marks",
    "measure_of_a_stranger": ":10: objective[1].measure: found 'CC'; expected one of AA, BB",
    "measure_unknown": ":10: objective[1].measure: found 'seen_min'; expected one of known_min",
    "member_twice": ":8: member[3].id: found 'AA' a second time; expected an id of its own",
    "no_mode_to_choose": ":8: mode: found unknown key 'mode'; expected one of foedus",
    "people_of_a_stranger": ":13: people.at[1].member: found 'CC'; expected one of AA, BB",
    "radar_beyond_its_format": ":21: site[2].sensor.range_max_m: found 500000; expected at most 472000",
    "script_twice": "inject: found a script here and in msel; expected one of both",
    "sensor_of_nobody": ":16: site[1].member: found 'CC'; expected one of AA, BB",
    "sensor_sees_nothing": ":21: site[2].sensor.range_min_m: found 100000; expected less than range_max_m",
    "sensor_twice": ":21: site[2].sensor.id: found 'A1' a second time; expected an id of its own",
    "start_without_offset": ":5: start: found 2030-01-01T06:00:00; expected an offset from UTC",
    "target_after_the_end": ":33: target[1].at_s: found 101; expected 0 to 100, when the drill ends",
    "target_of_no_event": ":32: target[1].event: found 'E2'; expected one of E1",
    "target_runs_back": ":36: target[1].waypoint[2].after_s: found 0; expected more than 0, the one before",
    "target_without_a_way": ":29: target[1]: found neither waypoints nor an arc; expected one of both",
    "tick_off_the_grid": ":7: tick_s: found 0.3; expected a multiple of 0.2, the grid of the drill",
    "traffic_in_no_box": ":11: traffic: found a box without inside; expected south below north",
    "unknown_class": ":31: target[1].class: found 'drone'; expected one of unidentified",
    "zone_of_a_stranger": ":25: zone[1].owner: found 'CC'; expected one of AA, BB",
    "zone_of_nobody": ":23: zone[1]: found no owner; expected the member whose zone it is",
}


def test_every_broken_file_has_its_sentence():
    assert sorted(path.stem for path in BAD.glob("*.toml")) == sorted(MISTAKES)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_place(name):
    with pytest.raises(DocumentError) as caught:
        read_drill(BAD / f"{name}.toml")
    assert MISTAKES[name] in str(caught.value)


@pytest.mark.parametrize("name", ["small", "gulf"])
def test_the_drills_that_ship_can_be_read(name):
    read_drill(HERE.parent / "drills" / f"{name}.toml")


def test_the_digest_is_of_what_a_file_says_and_not_of_its_layout():
    drill = parse_drill(GOOD, file="a.toml")
    assert parse_drill("# note\n" + GOOD, file="b.toml").digest == drill.digest
    assert (
        parse_drill(GOOD.replace("lasts_s = 100.0", "lasts_s = 101.0"), file="a.toml").digest != drill.digest
    )


def test_a_script_beside_the_file_says_the_same_as_one_inside(tmp_path):
    drill = parse_drill(GOOD, file="a.toml")
    without = GOOD[: GOOD.index("[[inject]]")]
    (tmp_path / "a.toml").write_text(without.replace("tick_s", 'msel = "a.csv"\ntick_s', 1))
    (tmp_path / "a.csv").write_text(write_csv(drill.inject))
    assert read_drill(tmp_path / "a.toml") == drill


def test_a_script_is_read_from_no_other_folder(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD.replace("tick_s", 'msel = "../a.csv"\ntick_s', 1))
    with pytest.raises(DocumentError, match="expected a CSV file beside this one"):
        read_drill(tmp_path / "a.toml")


# ---------------------------------------------------------------- the script

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=6)
INJECTS = st.lists(
    st.builds(
        Inject,
        number=st.text("0123456789ab", min_size=1, max_size=3),
        time_s=st.none() | st.floats(0, 604_800).map(lambda s: round(s, 3)),
        event=TEXT, inject=TEXT, method=TEXT, sender=TEXT, to=TEXT, expected=TEXT, objective=TEXT,
        notes=TEXT, condition=TEXT, contingency=TEXT,
    ),
    max_size=3,
)  # fmt: skip


class _Script(msgspec.Struct, frozen=True, kw_only=True):
    inject: tuple[Inject, ...] = ()


@settings(max_examples=25)
@given(INJECTS)
def test_a_script_survives_csv_and_toml(injects):
    assert list(parse_csv(write_csv(injects), file="a.csv")) == injects
    text = write_toml(injects)
    tomllib.loads(text)
    assert list(parse_document(text, _Script, file="a.toml").inject) == injects


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found nothing; expected the columns number,time"),
        ("number,time\n", "a.csv:1: found 'number,time'; expected the columns"),
        (",".join(COLUMNS) + "\n1,2\n", "row 2: found 2 columns; expected 12"),
        (",".join(COLUMNS) + "\n1,noon" + "," * 10 + "\n", "row 2: time: found 'noon'; expected seconds"),
        (",".join(COLUMNS) + '\n"1' + "\n", "expected CSV with quotes in pairs"),
    ],
)
def test_a_broken_csv_is_one_clear_error(text, words):
    with pytest.raises(InputError) as caught:
        parse_csv(text, file="a.csv")
    assert words in str(caught.value)


def test_every_effect_can_be_written():
    samples = {
        "target": "target T1", "outage": "outage A1 for=10", "bias": "bias A1 range_m=500 azimuth_deg=1",
        "clutter": "clutter A1 per_scan=40", "detection": "detection A1 probability=0.1", "cut": "cut AA BB",
        "heal": "heal AA BB", "partition": "partition AA BB for=9", "delay": "delay AA BB seconds=5",
        "silent": "silent AA", "stop": "stop AA for=3", "slow": "slow AA by=120",
        "fact": "fact left AA by=AA", "attribute": "attribute E1", "leak": "leak AA", "message": "message",
    }  # fmt: skip
    assert sorted(samples) == sorted(WORDS)
    for verb, text in samples.items():
        assert parse_effect(text).verb == verb


@pytest.mark.parametrize(
    ("condition", "at_s", "now_s", "answer"),
    [
        ("shown BB", None, 50.0, None),
        ("shown BB", 20.0, 50.0, True),
        ("shown BB by 30", 31.0, 50.0, False),
        ("shown BB by 30", None, 29.0, None),
        ("shown BB by 30", None, 30.0, False),
        ("not shown BB by 30", None, 29.0, None),
        ("not shown BB by 30", None, 30.0, True),
        ("not shown BB by 30", 10.0, 20.0, False),
        ("not shown BB by 30 and known AA", None, 40.0, None),
        ("", None, 0.0, True),
    ],
)
def test_a_condition_is_settled_when_nothing_can_change_it(condition, at_s, now_s, answer):
    happened = {} if at_s is None else {("shown", "BB"): at_s}
    assert settled(parse_condition(condition), happened, now_s) is answer


def test_a_condition_keeps_its_terms():
    assert parse_condition("not declared C1 by 90 and acknowledged QA") == (
        Term(True, "declared", "C1", 90.0),
        Term(False, "acknowledged", "QA", None),
    )
