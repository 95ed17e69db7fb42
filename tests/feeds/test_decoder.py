"""Claims about what all decoders share."""

import pytest

from foedus.errors import FeedError
from foedus.feeds.decoder import open_decoder, resolve_time_of_day, sorted_counts
from foedus.model import DAY_NS, SECOND_NS
from foedus.network import FeedFormat

MIDNIGHT_NS = 17_744 * DAY_NS


@pytest.mark.parametrize(
    ("time_of_day_s", "now_s", "expected_s"),
    [
        (10, 12, 10),
        (12, 10, 12),
        (86_399, 1, -1),  # a stamp from before midnight that comes after it
        (1, 86_399, 86_401),  # a stamp from after midnight that comes before it
        (0, 43_200, 0),  # half a day both ways: the past
        (43_200, 0, -43_200),
        (43_199, 0, 43_199),
    ],
)
def test_a_time_of_day_belongs_to_the_nearest_day(time_of_day_s: int, now_s: int, expected_s: int) -> None:
    found_ns = resolve_time_of_day(time_of_day_s * SECOND_NS, MIDNIGHT_NS + now_s * SECOND_NS)
    assert found_ns == MIDNIGHT_NS + expected_s * SECOND_NS


def test_counts_come_sorted_and_without_zeros() -> None:
    assert sorted_counts({"b": 1, "a": 2, "c": 0}) == (("a", 2), ("b", 1))


@pytest.mark.parametrize("format_", list(FeedFormat))
def test_a_feed_without_sensors_is_refused(format_: FeedFormat) -> None:
    with pytest.raises(FeedError, match=f"feed of format {format_.value}: found 0 sensors; expected 1 to 62"):
        open_decoder(format_, ())
