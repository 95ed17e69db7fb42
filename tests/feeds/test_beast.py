"""Claims about the framing of Beast and AVR."""

import pytest
from feed_streams import IDENTIFICATION, PAIR, beast, decode

from foedus.network import FeedFormat

BEAST = FeedFormat.BEAST
AVR = FeedFormat.AVR


def test_escapes_inside_a_frame_are_undone() -> None:
    frame = bytes.fromhex("021A1A1A1A1A1A")  # DF 0: no parity to check
    data = beast(frame, 0x1A1A1A1A1A1A)
    assert data.count(b"\x1a\x1a") == 12
    assert decode(BEAST, [data]).accepted == (("DF 0 short air-air surveillance", 1),)


def test_a_frame_cut_short_by_another_is_refused_and_the_other_read() -> None:
    data = beast(PAIR[0], 0)[:-4] + beast(IDENTIFICATION, 1)
    result = decode(BEAST, [data])
    assert result.accepted == (("ADS-B identification", 1),)
    assert result.refused == (("frame cut short by another", 1),)


def test_noise_between_frames_is_counted_as_one_stretch() -> None:
    data = b"abc" + beast(IDENTIFICATION, 0) + b"\x1a\x1a\x1a\x99defg" + beast(IDENTIFICATION, 1)
    result = decode(BEAST, [data])
    assert result.accepted == (("ADS-B identification", 2),)
    assert result.refused == (("stretch of bytes in which no frame was found", 2),)


def test_a_status_message_of_the_receiver_is_counted() -> None:
    data = b"\x1a4" + bytes(21) + beast(IDENTIFICATION, 0)
    assert decode(BEAST, [data]).accepted == (("ADS-B identification", 1), ("receiver status", 1))


def test_avr_lines_may_carry_a_counter_and_any_ending() -> None:
    text = IDENTIFICATION.hex()
    data = f"*{text};\r\n@00000000000C{text.upper()};*{text};\n\n".encode()
    assert decode(AVR, [data]).accepted == (("ADS-B identification", 3),)


@pytest.mark.parametrize(
    "line", ["8D4840D6;", "*8D48;*;", "*8D4840D6202CC371C32CE05760XX;", "@123;", "*" + "0" * 400]
)
def test_a_line_that_is_no_frame_is_refused(line: str) -> None:
    result = decode(AVR, [f"{line}\n*{IDENTIFICATION.hex()};\n".encode()])
    assert ("ADS-B identification", 1) in result.accepted
    assert result.refused == (("line that is no frame", 1),)


def test_a_last_line_needs_no_end() -> None:
    assert decode(AVR, [f"*{IDENTIFICATION.hex()}".encode()]).accepted == (("ADS-B identification", 1),)
