"""Claims that hold for every format: where a stream is cut does not matter, and damage is counted."""

import random

import numpy as np
import pytest
from feed_streams import decode, flipped, same, stream

from foedus.feeds.plots_block import row_faults
from foedus.limits import FEED_BUFFER_BYTES_MAX
from foedus.model import Plots
from foedus.network import FeedFormat

FORMATS = list(FeedFormat)


def counted(result: object) -> int:
    accepted, refused = result[1], result[2]  # type: ignore[index]
    return sum(count for _, count in accepted) + sum(count for _, count in refused)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_whole_stream_refuses_nothing(format_: FeedFormat) -> None:
    result = decode(format_, [stream(format_)])
    assert result.refused == ()
    assert len(result.plots.time_ns) > 0


@pytest.mark.parametrize("format_", FORMATS)
def test_a_stream_cut_anywhere_gives_the_same(format_: FeedFormat) -> None:
    data = stream(format_)
    whole = decode(format_, [data])
    for cut in range(len(data) + 1):
        assert same(decode(format_, [data[:cut], data[cut:]]), whole), cut


@pytest.mark.parametrize("format_", FORMATS)
def test_a_damaged_stream_cut_into_octets_gives_the_same_as_whole(format_: FeedFormat) -> None:
    rng = random.Random(5)
    data = stream(format_)
    for _ in range(25):
        broken = b"\x00\xff" * rng.randrange(2) + flipped(data, rng, 3)
        octets = [broken[i : i + 1] for i in range(len(broken))]
        assert same(decode(format_, octets), decode(format_, [broken])), broken.hex()


@pytest.mark.parametrize("format_", FORMATS)
def test_every_truncation_is_counted_and_invents_nothing(format_: FeedFormat) -> None:
    data = stream(format_)
    whole = decode(format_, [data])
    for length in range(1, len(data)):
        result = decode(format_, [data[:length]])
        rows = len(result.plots.time_ns)
        assert rows <= len(whole.plots.time_ns)
        for found, expected in zip(result.plots, whole.plots, strict=True):
            np.testing.assert_array_equal(found, expected[:rows])
        assert counted(result) <= counted(whole) + 1
        if length and counted(result) == 0:
            pytest.fail(f"{length} octets vanished without a count")


@pytest.mark.parametrize("format_", FORMATS)
def test_an_empty_stream_gives_nothing(format_: FeedFormat) -> None:
    result = decode(format_, [b""])
    assert len(result.plots.time_ns) == 0
    assert result.accepted == ()
    assert result.refused == ()


@pytest.mark.parametrize("format_", FORMATS)
def test_flipped_bits_never_raise_and_never_give_an_impossible_plot(format_: FeedFormat) -> None:
    rng = random.Random(6)
    data = stream(format_)
    for flips in (1, 2, 5, 40):
        for _ in range(25):
            result = decode(format_, [flipped(data, rng, flips)])
            assert not any(rows.any() for _, rows in row_faults(result.plots, 1))


@pytest.mark.parametrize("format_", FORMATS)
def test_noise_gives_refusals_only(format_: FeedFormat) -> None:
    noise = random.Random(7).randbytes(3 * FEED_BUFFER_BYTES_MAX)
    result = decode(format_, [noise[i : i + 1_000] for i in range(0, len(noise), 1_000)])
    assert len(result.plots.time_ns) == 0
    assert result.refused


@pytest.mark.parametrize("format_", FORMATS)
def test_a_decoder_is_as_new_after_the_end_of_a_stream(format_: FeedFormat) -> None:
    from feed_streams import run, sensor

    from foedus.feeds import open_decoder

    data = stream(format_)
    decoder = open_decoder(format_, (sensor(),))
    run(decoder, [data[:-3]])
    result = run(decoder, [data])
    assert dict(result.accepted) or dict(result.refused)
    assert "truncated at end of stream" not in dict(result.refused)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_column_has_the_type_of_the_model(format_: FeedFormat) -> None:
    plots = decode(format_, [stream(format_)]).plots
    assert [column.dtype for column in plots] == [column.dtype for column in Plots.empty()]
    assert all(column.flags.c_contiguous for column in plots)
