"""docs/tracking.md says the numbers that the tracker works with."""

import math
from pathlib import Path

import pytest

from foedus.limits import LATE_S_MAX, PLOTS_PER_SCAN_MAX
from foedus.model import SECOND_NS
from foedus.track import clutter, gate, lifecycle, measure, merge, motion, register, scan, trust, update
from foedus.track.table import DOUBTS

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "tracking.md").read_text("utf-8").split())
SAID = [
    f"| straight | nearly constant velocity | {motion.LOW_NOISE:g} | {motion.VERTICAL_LOW:g} |",
    f"{motion.STAY_S[0]:,.0f} s |",
    f"| {motion.NOISE_PER_SPEED * 230.0**2:,.0f} at 230 m/s, as the square of speed, {motion.NOISE_MIN:g} to",
    f"{motion.NOISE_MAX:,.0f} | {motion.VERTICAL_HIGH:g} | {motion.STAY_S[1]:g} s |",
    f"rate unknown (0 +- {math.degrees(motion.RATE_SIGMA):g} deg/s, wanders by",
    f"{math.degrees(math.sqrt(motion.RATE_NOISE)):g} deg/s in a second)",
    f"in a second) | {motion.TURN_NOISE:g} | {motion.VERTICAL_HIGH:g} |",
    f"| {motion.BALLISTIC_NOISE:g} | 1 | {motion.STAY_S[3]:g} s |",
    f"below a probability of {motion.SHARE_MIN:g} are left out",
    f"never fall below {motion.PROBABILITY_MIN:.5f}",
    f"more than {motion.RISE_M_S:g} m/s, or is above {motion.CEILING_M / 1e3:g} km",
    f"{measure.BARO_SIGMA_M:g} m are added",
    f"({measure.PRIOR_SLOPE:g} of the range above the sensor, at most {measure.PRIOR_HEIGHT_MAX_M:,.0f} m",
    f"sensors of less than {measure.FULL_SKY_M / 1e3:g} km",
    f"too old ({LATE_S_MAX} s)",
    f"more than {PLOTS_PER_SCAN_MAX:,} in one scan",
    f"({scan.ADDRESS_SPEED_M_S:,.0f} m/s, {scan.ADDRESS_SLACK_M / 1e3:g} km allowed)",
    f"in whose gate ({math.sqrt(gate.ADDRESS_GATE):g} sigma)",
    f"has been silent for {lifecycle.SILENT_PERIODS:g} periods, keeps its number",
    f"+- {update.FALL_SPEED_SIGMA_M_S:g} m/s at any angle",
    f"at any angle if it is surely above {update.WINGS_END_M / 1e3:g} km",
    f"less {gate.MODE_A_MISMATCH:g} where Mode A codes differ",
    f"within {math.sqrt(gate.CLAIM_GATE):g} sigma, if the same sensor",
    f"**Gates** are {measure.GATE_SIGMA:g} sigma",
    f"(cells of {', '.join(f'{size_m / 1e3:g}' for size_m in gate.CELL_M)} km)",
    f"(at least {clutter.CLUTTER_MIN:g})",
    f"more than {lifecycle.LATE_PERIODS:g} periods",
    f"anything within {lifecycle.MUTE_PERIODS:g} periods",
    f"log({math.exp(lifecycle.UNTRIED_LOG):g}) a look",
    f"odds {math.exp(lifecycle.SCORE_CONFIRM):,.0f} to 1, and {lifecycle.LOOKS_TO_CONFIRM} looks",
    f"({lifecycle.LOOKS_TO_CONFIRM_ADDRESS} for",
    f"odds below {math.exp(lifecycle.SCORE_FORGET):g}, {lifecycle.SILENT_PERIODS:g} periods of silence, or",
    f"{lifecycle.TENTATIVE_PERIODS:g} periods unconfirmed",
    f"after {lifecycle.DROP_MIN_NS // SECOND_NS} s of silence: odds",
    f"odds below {math.exp(lifecycle.SCORE_DROP):g}, or",
    f"{lifecycle.DROP_PERIODS:g} periods; {lifecycle.DROP_MAX_NS // SECOND_NS} s at the latest",
    f"capped at {math.exp(lifecycle.SCORE_MAX) / 1e6:.1f} million to 1",
    f"every {merge.MERGE_NS // SECOND_NS} s, confirmed tracks begun within the last",
    f"{merge.YOUNG_NS // SECOND_NS} s",
    f"by its address, for {lifecycle.LOST_NS // SECOND_NS // 60} minutes",
    f"sensors, within {register.PAIR_S:g} s, on one confirmed track",
    f"every {register.SETTLE_NS // SECOND_NS} s and fade over {register.MEMORY_S:g} s",
    f"0 +- {register.PRIOR[0]:g} m, {math.degrees(register.PRIOR[1]):g} deg, {register.PRIOR[2]:g} s",
    f"(range, azimuth) or {register.APPLY_TIME_S:g} s",
    f"in {register.DRIFT_NS // SECOND_NS} s a bias moved by five",
    f"of its sigmas and {register.DRIFT_NOISE:g} of",
    f"misfit above {trust.MISFIT_MAX:g} after {trust.MISFIT_PLOTS} plots",
    f"of at least {trust.DUE_MIN:g} |",
    f"level speed above {trust.SPEED_MAX_M_S:,.0f} m/s",
]


@pytest.mark.parametrize("words", SAID)
def test_the_manual_says_the_number_that_the_code_has(words: str) -> None:
    assert words in PAGE


@pytest.mark.parametrize("word", [*DOUBTS, *trust.FAULTS])
def test_every_doubt_and_fault_is_explained(word: str) -> None:
    assert f"| {word} |" in PAGE
