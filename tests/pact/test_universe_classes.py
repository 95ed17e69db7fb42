"""The classes over which pacts are checked: one for each set that no clause tells apart."""

from datetime import UTC, datetime
from pathlib import Path

from foedus.model import TrackClass
from foedus.pact.meaning.universe import universe
from foedus.pact.reading.text import parse_pact

RSC = (Path(__file__).parents[1] / "pact_worlds" / "rsc.toml").read_text("utf-8")
AT = datetime(2024, 6, 1, tzinfo=UTC)


def classes(text: str) -> list[TrackClass]:
    cells = universe([parse_pact(text, file="x")], at=AT)
    return sorted({cell.situation.track_class for cell in cells})


def test_classes_that_only_a_duty_or_a_share_names_are_in_the_universe() -> None:
    assert classes(RSC) == [TrackClass.AIRCRAFT, TrackClass.BALLISTIC]


def test_a_class_that_one_clause_treats_apart_is_there_too() -> None:
    apart = RSC.replace('classes = ["ballistic", "cruise", "uas"]\ncontent', 'classes = ["cruise"]\ncontent')
    assert classes(apart) == [TrackClass.AIRCRAFT, TrackClass.BALLISTIC, TrackClass.CRUISE]
