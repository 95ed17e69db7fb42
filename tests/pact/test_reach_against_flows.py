"""How far data go by the checks, against what flows.py says of the same pact: the same wherever a caveat
speaks on all that a hub passes on, for only there do the two readings of a silent text agree.
"""

from pathlib import Path

import msgspec
import pytest
from checking import AT, RSC, replaced

from foedus.model import Form
from foedus.pact.checks.inquiry import Inquiry
from foedus.pact.checks.reach import Channels
from foedus.pact.checks.release import data_kinds, range_of_zones
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.flows import flow
from foedus.pact.reading.text import parse_pact

ALPINE = (Path(__file__).parents[2] / "pacts" / "alpine.toml").read_text("utf-8")
ALERT = replaced(
    RSC,
    'originator = "SA"',
    'originator = "SA"\nonward = { to = "member", max_form = "alert", strip_source = true }',
)


@pytest.mark.parametrize("text", [RSC, ALPINE, ALERT], ids=["rsc", "alpine", "alert onward"])
def test_the_widest_arrival_is_the_flow(text: str) -> None:
    pact = parse_pact(text, file="x")
    inquiry = Inquiry(pact, at=AT)
    channels, evaluator = Channels(inquiry), Evaluator(pact)
    looked = 0
    for kind in data_kinds(inquiry, channels):
        for zones in range_of_zones(inquiry):
            ids = tuple(zone.id for i, zone in enumerate(pact.zone) if zones >> i & 1)
            situation = msgspec.structs.replace(kind.situation, zones=ids)
            for giver in inquiry.roster:
                arrivals = channels.arrivals(giver, kind, zones)
                for taker in inquiry.roster:
                    if giver == taker:
                        continue
                    ours = max((way.form for way in arrivals.get(taker, ())), default=Form.NONE)
                    if ours == Form.ALERT:  # it goes on as a warning, not as a row
                        ours = Form.NONE
                    assert ours == flow(evaluator, situation, giver, taker).form, (giver, taker, situation)
                    looked += 1
    assert looked > 250


def test_an_alert_that_may_go_on_is_no_row_that_goes_on() -> None:
    pact = parse_pact(ALERT, file="x")
    inquiry = Inquiry(pact, at=AT)
    channels = Channels(inquiry)
    kind = next(
        one for one in data_kinds(inquiry, channels) if any(one.met) and one.situation.track_class > 2
    )
    own = channels.places("QA")[-1]
    (way,) = channels.arrivals("SA", kind, own)["QA"]
    assert way.form == Form.ALERT
