"""Small alerts for tests, an invented network, and the schema of OASIS."""

import functools
from pathlib import Path

import msgspec
from lxml import etree

from foedus.formats.alert import Alert, Area, Earlier, Issuer
from foedus.model import SECOND_NS
from foedus.network import utc_ns
from foedus.view import WarningView
from foedus.wire import Detail

XSD = Path(__file__).parents[1] / "xsd" / "CAP-v1.2.xsd"
LANGUAGES = ("ar", "de", "en", "fr", "he", "it")
MODES = ("LIVE", "EXERCISE", "RECORDING")
NOW_NS = utc_ns("2026-11-30T10:00:00Z", where="test")
SQUARE = ((46.0, 8.0), (46.0, 9.0), (47.0, 9.0), (47.0, 8.0))


@functools.cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(XSD)))


def check_schema(data: bytes) -> etree._Element:
    """The root of a message that is valid against the schema of OASIS."""
    root = etree.fromstring(data)
    schema().assertValid(root)
    return root


def issuer(**changes: object) -> Issuer:
    one = Issuer(
        network="invented", mode="EXERCISE", member="AA", name="Aland", sender="aa@invented.invalid",
        languages=("en",),
    )  # fmt: skip
    return msgspec.structs.replace(one, **changes)


def warning(**changes: object) -> WarningView:
    one = WarningView(
        id="BB:BB-AA-0001", direction="received", party="BB", zone="Z-AA", clause="W1", state="raised",
        revision=1, track_class="unidentified", lat_cell_deg=45.8, lon_cell_deg=8.7,
        raised_ns=NOW_NS - 5 * SECOND_NS, entry_ns=NOW_NS + 600 * SECOND_NS, probability_percent=80,
        expires_ns=NOW_NS + 120 * SECOND_NS, track=0, basis="confirmed",
        detail=Detail(
            NOW_NS + 540 * SECOND_NS, NOW_NS + 660 * SECOND_NS, ("heading_to_zone", "low_and_slow")
        ),
    )  # fmt: skip
    return msgspec.structs.replace(one, **changes)


def alert(
    *,
    mode: str = "EXERCISE",
    languages: tuple[str, ...] = ("en",),
    public: bool = False,
    polygon: tuple[tuple[float, float], ...] = SQUARE,
    area_name: str = "Aland (Z-AA)",
    party: str = "Bland",
    number: int = 1,
    serial: int = 1,
    earlier: tuple[Earlier, ...] = (),
    earlier_left_out: int = 0,
    sent_ns: int = NOW_NS,
    **changes: object,
) -> Alert:
    return Alert(
        issuer=issuer(mode=mode, languages=languages, public=public),
        warning=warning(**changes),
        party=party,
        area=Area(zone="Z-AA", name=area_name, polygon=polygon),
        serial=serial,
        number=number,
        sent_ns=sent_ns,
        earlier=earlier,
        earlier_left_out=earlier_left_out,
    )


def chain(length: int) -> list[Alert]:
    """Messages 1 to `length` about one warning, ten seconds apart, each naming those before it."""
    made: list[Alert] = []
    for number in range(1, length + 1):
        sent_ns = NOW_NS + 10 * number * SECOND_NS
        made.append(
            alert(
                number=number,
                sent_ns=sent_ns,
                revision=number,
                state="raised" if number == 1 else "renewed",
                expires_ns=sent_ns + 120 * SECOND_NS,
                earlier=tuple(Earlier(one.identifier, one.sent_ns) for one in made),
            )
        )
    return made
