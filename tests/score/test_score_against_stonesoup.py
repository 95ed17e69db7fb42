"""The scorer against Stone Soup 1.9.1 on the scenes of scripts/score_reference.py, which remakes the numbers.

Stone Soup measured in a plane that touches the earth in the middle of the scene, foedus on WGS-84; over 15 km
the two differ by less than one part in 10,000.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foedus.score.score import Scored, Settings, score_picture
from foedus.score.tables import load_table, truth_from_table, updates_from_table

SCENES = Path(__file__).parent / "scenes"
REFERENCE = json.loads((SCENES / "stonesoup.json").read_text(encoding="utf-8"))
CUTOFF_M = 1_000.0
PLANE = 1e-4


def scored(name: str) -> Scored:
    """Every track counts at the times of its rows only, as in Stone Soup."""
    truth = truth_from_table(load_table(str(SCENES / f"{name}_truth.csv")))
    updates = updates_from_table(load_table(str(SCENES / f"{name}_tracks.csv")))
    return score_picture(truth, updates, Settings(every_s=5.0, keep_s=4.0, cutoff_m=CUTOFF_M))


def siap(name: str) -> dict[str, float]:
    found: dict[str, float] = REFERENCE["scenes"][name]["siap"]
    return found


def test_the_reference_is_the_version_that_the_manual_names() -> None:
    assert REFERENCE["stonesoup"] == "1.9.1"
    manual = Path(__file__).parents[2] / "docs" / "scoring.md"
    assert "Stone Soup 1.9.1" in manual.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(REFERENCE["scenes"]))
def test_gospa_and_its_parts_are_those_of_stone_soup_at_every_time(name: str) -> None:
    found = scored(name).per_time
    reference: list[dict[str, Any]] = REFERENCE["scenes"][name]["gospa"]
    assert len(reference) == len(found.time_ns)
    column = {part: np.array([one[part] for one in reference]) for part in reference[0]}
    np.testing.assert_allclose(found.gospa_m, column["distance"], rtol=PLANE)
    # Stone Soup gives the parts in m^p, a missed or false one as c^p / 2.
    np.testing.assert_allclose(found.localisation_m, np.sqrt(column["localisation"]), rtol=PLANE, atol=1e-3)
    np.testing.assert_allclose(found.missed * CUTOFF_M**2 / 2.0, column["missed"])
    np.testing.assert_allclose(found.false * CUTOFF_M**2 / 2.0, column["false"])


@pytest.mark.parametrize("name", ["plain", "breaks"])
def test_siap_attributes_are_those_of_stone_soup_where_the_nearest_truth_is_clear(name: str) -> None:
    score, reference = scored(name).score, siap(name)
    assert score.siap.completeness == pytest.approx(reference["Completeness"])
    assert score.siap.ambiguity == pytest.approx(reference["Ambiguity"])
    assert score.siap.spuriousness == pytest.approx(reference["Spuriousness"])
    assert score.siap.position_accuracy_m == pytest.approx(reference["Position Accuracy"], rel=PLANE)
    assert score.siap.velocity_accuracy_m_s == pytest.approx(reference["Velocity Accuracy"], rel=PLANE)
    assert score.siap.longest_segment == pytest.approx(reference["Longest Track Segment"])


def changes(name: str) -> tuple[float, float]:
    """Number changes per hour: ours, and Stone Soup's, who gives them per second."""
    reference = siap(name)["Rate of Track Number Change"]
    return scored(name).score.siap.number_changes_per_hour, 3_600.0 * reference


def test_a_handover_counts_as_in_stone_soup() -> None:
    ours, theirs = changes("plain")
    assert ours == pytest.approx(theirs)


def test_a_track_found_again_under_its_own_number_is_no_change_of_number() -> None:
    """Of the two truths of the scene one changes its number; Stone Soup counts the break of the other too."""
    ours, theirs = changes("breaks")
    assert ours == pytest.approx(theirs / 2.0)
    assert scored("breaks").score.switches == 1


def test_targets_that_cross_do_not_seem_missed() -> None:
    """There Stone Soup gives both tracks to one truth, the nearest, and none to the other."""
    score, reference = scored("crossing").score, siap("crossing")
    assert score.siap.completeness == 1.0
    assert reference["Completeness"] < 1.0
    assert score.siap.ambiguity == 1.0
    assert reference["Ambiguity"] > 1.0


def test_tracks_that_swapped_are_found_out_once_their_targets_part() -> None:
    ours, theirs = changes("crossing")
    assert ours == pytest.approx(theirs)
    assert scored("crossing").score.switches == 2
