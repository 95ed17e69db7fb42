"""The judge's reading of the text, its geometry and its forms, each by its smallest example."""

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from tests.judge.planted import PACT, with_clause

from foedus.drill.outcome import Told
from foedus.judge.cut import too_fine
from foedus.judge.place import IN, MAYBE, OUT, in_band, inside
from foedus.judge.reading import Answer, Stand, Stands
from foedus.judge.verdict import decide, orders, rules_between
from foedus.model import SECOND_NS, Form, Reports
from foedus.pact.clauses import Precedence

AT = 1_893_477_600 * SECOND_NS
NOWHERE = frozenset()
RESERVED = frozenset({"RESERVED"})


def told(what, of, *, by="", says="", as_to=(), at_ns=AT - SECOND_NS):
    return Told(at_ns=at_ns, what=what, of=of, by=by, says=says, as_to=as_to, because="test")


def verdict(pact, giver, taker, *, facts=(), zones=NOWHERE, track_class=0):
    stand = Stand(pact, facts, AT)
    one = decide(rules_between(stand, giver, taker), orders(pact), track_class, zones)
    return one.form, one.clause, one.delay_ns // SECOND_NS


def test_where_no_share_applies_nothing_is_given():
    assert verdict(PACT, "SUD", "EST") == (Form.NONE, "", 0)


def test_a_withhold_beats_a_share_that_is_not_narrower():
    assert verdict(PACT, "NOR", "EST") == (Form.TRACK, "S1", 0)
    assert verdict(PACT, "NOR", "EST", zones=RESERVED) == (Form.NONE, "", 0)


def test_precedence_comes_before_narrowness():
    over = Precedence(id="P", text="t", cite="c", basis="stylised", over=("S1",), under=("H1",))
    text = msgspec.structs.replace(PACT, clause=(*PACT.clause, over))
    assert verdict(text, "NOR", "EST", zones=RESERVED) == (Form.TRACK, "S1", 0)


def test_own_area_and_delay_are_those_of_the_taker_and_the_clause():
    assert verdict(PACT, "SUD", "EST", zones=frozenset({"Z-EST"})) == (Form.COARSE, "S6", 10)


def test_a_form_that_is_unknown_closes():
    text = with_clause("S1", form="unknown")
    assert verdict(text, "NOR", "EST") == (Form.NONE, "", 0)


def test_a_casus_speaks_while_somebody_entitled_has_declared_it():
    yes = told("casus", "C1", by="HUB", says="yes")
    assert verdict(PACT, "EST", "SUD") == (Form.NONE, "", 0)
    assert verdict(PACT, "EST", "SUD", facts=(yes,)) == (Form.TRACK, "S5", 0)
    assert verdict(PACT, "EST", "SUD", facts=(told("casus", "C1", by="SUD", says="yes"),)) == (
        Form.NONE,
        "",
        0,
    )
    assert verdict(PACT, "EST", "SUD", facts=(yes, told("casus", "C1", by="HUB", says="no")))[0] == Form.NONE


@pytest.mark.parametrize(
    ("attacker", "answer"), [("XX", Answer.YES), ("YY", Answer.NO), ("unattributed", Answer.DOUBT)]
)
def test_a_declaration_as_to_somebody_holds_while_the_text_means_these_two(attacker, answer):
    stand = Stand(PACT, (told("casus", "C1", by="HUB", says="yes", as_to=("SUD", attacker)),), AT)
    clause = next(one for one in PACT.clause if one.id == "S5")
    assert stand.speaks(clause, "EST", "SUD") == answer


def test_a_suspension_between_two_leaves_others_alone():
    clause = next(one for one in PACT.clause if one.id == "S1")
    stand = Stand(PACT, (told("suspended", "S1", as_to=("NOR", "EST")),), AT)
    assert stand.speaks(clause, "NOR", "EST") == Answer.NO
    assert stand.speaks(clause, "NOR", "SUD") == Answer.YES


def test_who_has_left_is_given_nothing_and_who_gave_notice_is_until_it_runs_out():
    assert verdict(PACT, "NOR", "EST", facts=(told("left", "EST"),)) == (Form.NONE, "", 0)
    leaving = with_clause("T1", exit=msgspec.convert({"notice_d": 1.0}, type=_exit()))
    before, after = (
        told("exit", "brief", by="EST"),
        told("exit", "brief", by="EST", at_ns=AT - 2 * 86_400 * SECOND_NS),
    )
    assert verdict(leaving, "NOR", "EST", facts=(before,))[0] == Form.TRACK
    assert verdict(leaving, "NOR", "EST", facts=(after,))[0] == Form.NONE


def _exit():
    from foedus.pact.clauses import Exit

    return Exit


def test_a_fact_of_the_last_second_may_or_may_not_count():
    stands = Stands(PACT, (told("left", "EST", at_ns=AT),))
    assert [one.on_roster("EST") for one in stands.about(AT)] == [Answer.NO, Answer.YES]
    assert len(stands.about(AT + 2 * SECOND_NS)) == 1


def test_a_cell_that_touches_a_border_may_be_on_either_side():
    zone = SimpleNamespace(
        polygon=((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)), floor_m=None, ceiling_m=None
    )
    lat, lon = np.array([0.5, 0.97, 2.0, 0.5]), np.array([0.5, 0.5, 0.5, 1.04])
    found = inside(zone, lat, lon, np.full(4, 0.05))
    assert found.tolist() == [IN, MAYBE, OUT, MAYBE]


def test_a_band_holds_its_floor_and_not_its_ceiling():
    zone = SimpleNamespace(floor_m=1_000.0, ceiling_m=2_000.0)
    heights = np.array([999.0, 1_000.0, 2_000.0, np.nan])
    assert in_band(zone, heights, np.zeros(4), unknown=OUT).tolist() == [OUT, IN, OUT, OUT]
    assert in_band(zone, heights, np.full(4, 250.0), unknown=IN).tolist() == [MAYBE, MAYBE, MAYBE, IN]


def test_what_is_finer_than_its_form_is_named():
    rows = Reports.empty(1, 4)._replace(
        lat_rad=np.radians([0.05]), lon_rad=np.radians([0.15]), height_m=np.array([500.0]),
        position_sigma_m=np.array([3_500.0]),
    )  # fmt: skip
    assert too_fine(rows, Form.COARSE) == []
    finer = rows._replace(height_m=np.array([512.0]), callsign=np.array([7]), lat_rad=np.radians([0.06]))
    assert [what for what, _ in too_fine(finer, Form.COARSE)] == [
        "latitude off the middle of its cell", "height", "callsign",
    ]  # fmt: skip
    assert "height" in [what for what, _ in too_fine(rows, Form.REGION)]
