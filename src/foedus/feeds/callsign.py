"""The callsign in a Mode S message or an ASTERIX item."""

from foedus.jit import kernel


@kernel
def callsign(raw: int) -> int:
    """Eight 6-bit characters as they came, 0 when one of them is no character or all are blank.

    Characters: ICAO annex 10 volume IV, 3.1.2.9.1.2.
    """
    blank = True
    for shift in range(0, 48, 6):
        code = raw >> shift & 0x3F
        if not (1 <= code <= 26 or 48 <= code <= 57 or code == 32):
            return 0
        blank = blank and code == 32
    return 0 if blank else raw
