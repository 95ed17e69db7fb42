"""Who gives what to whom, as entries and as a picture."""

import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from pact_parts import COMMON, NOW, casus, day, pact, share, zone

from foedus.model import Form, TrackClass
from foedus.pact.asking.matrix import Matrix, cell_words, matrix
from foedus.pact.asking.matrix_svg import FILLS, matrix_svg
from foedus.pact.clauses import Caveat, Onward, Route, Term, Withhold
from foedus.pact.reading.text import read_pact
from foedus.pact.words import DataKind

PACTS = Path(__file__).parents[2] / "pacts"
SVG = "{http://www.w3.org/2000/svg}"


def words(found: Matrix, giver: str, taker: str) -> str:
    return cell_words(found.entry(giver, taker))


def test_a_pair_has_the_most_that_any_situation_gives() -> None:
    text = pact(
        casus(), share(form=Form.REGION), share("S2", casus="C1", form=Form.TRACK), zone=(zone("Z1", "AA"),)
    )
    found = matrix([text], at=NOW)
    entry = found.entry("AA", "HH")
    assert entry is not None
    assert (entry.form, entry.clause, entry.conditions) == ("track", "S2", ("while C1",))
    quiet = matrix([text], at=NOW, events=("none",))
    assert words(quiet, "AA", "HH") == "region"
    assert words(found, "AA", "BB") == "-"


def test_what_rests_on_an_unknown_term_is_a_question() -> None:
    text = pact(
        casus(by=("unknown",)), share(casus="C1", form=Form.COARSE), share("S9", taker="BB", form="unknown")
    )
    found = matrix([text], at=NOW)
    assert words(found, "AA", "HH") == "? at most coarse"
    assert words(found, "AA", "BB") == "?"


def test_what_comes_through_the_hub_says_so_though_no_share_names_the_pair() -> None:
    onward = Caveat(
        id="O1", on=("S1",), orcon=True, rel_to="hub", **COMMON,
        onward=Onward(to="member", max_form=Form.COARSE, strip_source=True),
    )  # fmt: skip
    closed = Route(id="R1", pairs=(("AA", "BB"),), via="HH", direct="forbidden", **COMMON)
    text = pact(share(), share("S2", giver="hub", taker="member"), onward, closed)
    assert words(matrix([text], at=NOW), "AA", "BB") == "coarse (hub)"


def test_classes_data_and_time_are_asked_for() -> None:
    text = pact(
        share(classes=(TrackClass.BALLISTIC,)),
        share("S2", data=DataKind.INTELLIGENCE, form=Form.REGION),
        Term(id="T1", in_force=day("2024-01-01"), **COMMON),
    )
    assert words(matrix([text], at=NOW, track_class=TrackClass.BALLISTIC), "AA", "HH") == "track"
    assert words(matrix([text], at=NOW, track_class=TrackClass.UAS), "AA", "HH") == "-"
    assert words(matrix([text], at=NOW, data=DataKind.INTELLIGENCE), "AA", "HH") == "region"
    before = matrix([text], at=day("2023-01-01"))
    assert words(before, "AA", "HH") == "-"
    assert before.notes == ("tests is not in force",)


def test_a_withhold_in_one_zone_leaves_the_rest() -> None:
    hold = Withhold(id="H1", giver="AA", taker="HH", data=DataKind.TRACKS, zones=("Z1",), **COMMON)
    found = matrix([pact(share(), hold, zone=(zone("Z1", "AA"),))], at=NOW)
    assert words(found, "AA", "HH") == "track"


def test_several_pacts_give_together() -> None:
    one, two = pact(share(form=Form.REGION)), pact(share(form=Form.TRACK), pact="other")
    entry = matrix([one, two], at=NOW).entry("AA", "HH")
    assert entry is not None
    assert (entry.form, entry.pact) == ("track", "other")


# ---------------------------------------------------------------- the picture


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("form", FILLS)
def test_the_text_of_every_cell_stands_out(form: str) -> None:
    fill, ink = (luminance(colour) for colour in FILLS[form])
    assert (max(fill, ink) + 0.05) / (min(fill, ink) + 0.05) >= 4.5


def test_forms_differ_in_lightness_and_not_only_in_hue() -> None:
    light = [luminance(fill) for fill, _ in FILLS.values()]
    assert light == sorted(light, reverse=True)
    assert all(above - below > 0.03 for above, below in pairwise(light))


def test_the_picture_is_well_formed_titled_and_described() -> None:
    text = read_pact(PACTS / "alpine.toml")
    found = matrix([text], at=day("2018-08-01"))
    root = ET.fromstring(matrix_svg(found))
    assert root.get("role") == "img"
    title, desc = (root.find(f"{SVG}{name}") for name in ("title", "desc"))
    assert title is not None
    assert title.text == "Who gives what to whom: alpine 1.0"
    assert desc is not None
    assert desc.text is not None
    assert "FR gives IT: track, by S1 of alpine" in desc.text
    shown = [one.text or "" for one in root.iter(f"{SVG}text")]
    assert any("2018-08-01" in line for line in shown)
    assert {"CH", "FR", "DE", "IT", "HUB", "Legend", "coarse", "track (hub)"} <= set(shown)
    cells = list(root.iter(f"{SVG}g"))
    assert len(cells) == 5 * 4
    assert all(one.find(f"{SVG}title") is not None for one in cells)


def test_a_title_with_marks_of_xml_is_escaped() -> None:
    found = matrix([pact(share(), title='A & B <"C">')], at=NOW)
    shown = [one.text for one in ET.fromstring(matrix_svg(found)).iter(f"{SVG}text")]
    assert 'A & B <"C">' in shown


def test_nothing_lies_outside_the_picture() -> None:
    root = ET.fromstring(matrix_svg(matrix([read_pact(PACTS / "library" / "rsc.toml")], at=NOW)))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for one in root.iter(f"{SVG}rect"):
        if one.get("x") is not None:
            assert float(one.get("x", 0)) + float(one.get("width", 0)) <= width
            assert float(one.get("y", 0)) + float(one.get("height", 0)) <= height
    for one in root.iter(f"{SVG}text"):
        assert float(one.get("y", 0)) <= height
