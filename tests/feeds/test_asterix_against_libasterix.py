"""Tables, walking, values, plots and encoder against libasterix, an independent implementation."""

import math
import random
from typing import Any

import asterix.base as oracle
import numpy as np
import pytest
from asterix import generated
from asterix.base import Bits

from foedus.feeds import open_decoder
from foedus.feeds.asterix import record_spans
from foedus.feeds.asterix_encode import encode_034_north, encode_034_sector, encode_048
from foedus.feeds.asterix_items import describe
from foedus.feeds.asterix_layout import Code, Field, Item, Shape
from foedus.feeds.asterix_tables import CATEGORIES
from foedus.model import DAY_NS, PlotKind, Plots, Sensor, SensorKind, pack_callsign
from foedus.network import FeedFormat

SAC, SIC = 20, 129
NOON_NS = DAY_NS // 2

RECORDS: dict[int, Any] = {
    10: generated.Cat_010_1_1.cv_record,
    34: generated.Cat_034_1_29.cv_record,
    48: generated.Cat_048_1_32.cv_record,
    62: generated.Cat_062_1_20.cv_record,
    65: generated.Cat_065_1_5.cv_record,
}
TIMES = {10: "140", 34: "030", 48: "140", 62: "070", 65: "030"}
NUMBERS = sorted(RECORDS)
DISPUTED = {"010/202/VX", "010/202/VY", "010/210/AX", "010/210/AY"}
"""Least significant bits in which libasterix 0.36 has 1/16 where the specification has 1/4 (+-8192 m/s).

In a recording of an airport the Cartesian speed over the polar speed of I010/200 is 0.999 in the median with
1/4, and a quarter of that with 1/16.
"""


def sensor() -> Sensor:
    return Sensor(
        id="R",
        kind=SensorKind.RADAR,
        lat_deg=46,
        lon_deg=7,
        height_m=0,
        period_s=4,
        range_max_m=4e5,
        sac=SAC,
        sic=SIC,
    )


def table_of(number: int) -> Any:
    return next(category for category in CATEGORIES if category.number == number)


# ------------------------------------------------------------------------------------------------ tables


def variation_of(non_spare: Any) -> Any:
    rule = non_spare.cv_rule
    assert issubclass(rule, oracle.RuleVariationContextFree)
    return rule.cv_variation


def fields_of(variation: Any) -> list[tuple[int, Any]]:
    """(bits, content class or None for a spare) of an element or group, groups inside flattened."""
    if issubclass(variation, oracle.Element):
        rule = variation.cv_rule
        free = issubclass(rule, oracle.RuleContentContextFree)
        return [(variation.cv_bit_size, rule.cv_content if free else oracle.ContentRaw)]
    return [field for item, size in variation.cv_items_list for field in fields_of_item(item, size)]


def fields_of_item(item: Any, size: int) -> list[tuple[int, Any]]:
    return [(size, None)] if issubclass(item, oracle.Spare) else fields_of(variation_of(item.cv_non_spare))


def check_fields(ours: tuple[Field, ...], theirs: list[tuple[int, Any]], where: str) -> None:
    assert [field.bits for field in ours] == [bits for bits, _ in theirs], where
    for field, (_, content) in zip(ours, theirs, strict=True):
        assert (field.name == ".") == (content is None), f"{where} {field.name}"
        if content is None:
            continue
        if issubclass(content, oracle.ContentQuantity) and f"{where}/{field.name}" not in DISPUTED:
            assert field.scale == pytest.approx(content.cv_lsb, rel=1e-12), f"{where} {field.name}"
        if issubclass(content, oracle.ContentQuantity | oracle.ContentInteger):
            signed = content.cv_signedness is oracle.Signed
            assert (field.code is Code.SIGNED) == signed, f"{where} {field.name}"
        if issubclass(content, oracle.ContentString):
            code = {
                oracle.StringOctal: Code.OCTAL,
                oracle.StringICAO: Code.ICAO,
                oracle.StringAscii: Code.ASCII,
            }
            assert field.code is code[content.cv_string_type], f"{where} {field.name}"


def extended_parts(variation: Any) -> list[list[tuple[int, Any]]]:
    parts = []
    for group in variation.cv_items_list:
        assert group[-1] is None  # the extension bit
        parts.append([field for entry in group[:-1] for field in fields_of_item(*entry)])
    return parts


def check_item(ours: Item, variation: Any, where: str) -> None:
    if issubclass(variation, oracle.Element | oracle.Group):
        assert ours.shape is Shape.FIXED, where
        check_fields(ours.parts[0], fields_of(variation), where)
    elif issubclass(variation, oracle.Extended):
        assert ours.shape is Shape.EXTENDED, where
        for part, fields in zip(ours.parts, extended_parts(variation), strict=True):
            check_fields(part, fields, where)
    elif issubclass(variation, oracle.Repetitive):
        assert ours.shape is (Shape.CHAIN if variation.cv_rep_bytes is None else Shape.REPEATED), where
        check_fields(ours.parts[0], fields_of(variation.cv_variation), where)
    elif issubclass(variation, oracle.Compound):
        assert ours.shape is Shape.COMPOUND, where
        for subitem, non_spare in zip(ours.subitems, variation.cv_items_list, strict=True):
            assert (subitem.shape is Shape.UNUSED) == (non_spare is None), where
            if non_spare is not None:
                check_item(subitem, variation_of(non_spare), f"{where}/{subitem.reference}")
    else:
        assert ours.shape is Shape.EXPLICIT, where


@pytest.mark.parametrize("number", NUMBERS)
def test_every_item_has_the_shape_bits_signs_and_units_of_libasterix(number: int) -> None:
    for ours, slot in zip(table_of(number).items, RECORDS[number].cv_items_list, strict=True):
        where = f"{number:03d}/{ours.reference}"
        if issubclass(slot, oracle.UapItemSpare):
            assert ours.shape is Shape.UNUSED, where
            continue
        assert ours.reference == slot.cv_non_spare.cv_name, where
        check_item(ours, variation_of(slot.cv_non_spare), where)


# ------------------------------------------------------------------------------------- random records


class Builder:
    """Random records that are valid by libasterix's own specification; bits are text of 0 and 1 inside."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def bits(self, size: int) -> str:
        return f"{self.rng.getrandbits(size):0{size}b}"

    def element(self, variation: Any) -> str:
        return self.bits(sum(bits for bits, _ in fields_of(variation)))

    def extended(self, variation: Any) -> str:
        parts = extended_parts(variation)
        count = self.rng.randint(1, len(parts))
        sizes = [sum(width for width, _ in fields) for fields in parts[:count]]
        return "".join(self.bits(size) + "01"[i + 1 < count] for i, size in enumerate(sizes))

    def repetitive(self, variation: Any) -> str:
        count = self.rng.randint(1, 3)
        groups = [self.element(variation.cv_variation) for _ in range(count)]
        if variation.cv_rep_bytes is None:
            return "".join(group + "01"[i + 1 < count] for i, group in enumerate(groups))
        return f"{count:08b}" + "".join(groups)

    def variation(self, variation: Any) -> str:
        if issubclass(variation, oracle.Extended):
            return self.extended(variation)
        if issubclass(variation, oracle.Repetitive):
            return self.repetitive(variation)
        if issubclass(variation, oracle.Explicit):
            octets = self.rng.randint(0, 4)
            return f"{octets + 1:08b}" + (self.bits(8 * octets) if octets else "")
        if issubclass(variation, oracle.Compound):
            slots = variation.cv_items_list
            chosen = [slot is not None and self.rng.random() < 0.4 for slot in slots]
            items = [variation_of(slot) for slot, here in zip(slots, chosen, strict=True) if here]
            return self.with_fspec(chosen, [self.variation(item) for item in items])
        return self.element(variation)

    def with_fspec(self, chosen: list[bool], items: list[str]) -> str:
        last = max((i for i, here in enumerate(chosen) if here), default=0) // 7
        fspec = ""
        for octet in range(last + 1):
            flags = (chosen + [False] * 7)[octet * 7 : octet * 7 + 7]
            fspec += "".join("01"[here] for here in [*flags, octet < last])
        return fspec + "".join(items)

    def record(self, number: int) -> bytes:
        """A random record with our SAC/SIC, a time of day, and a message type where there is one."""
        fixed = {
            "010": f"{SAC:08b}{SIC:08b}",
            "000": f"{self.rng.randint(1, 3):08b}",
            TIMES[number]: f"{self.rng.randrange(86_400 * 128):024b}",
        }
        if number == 62 and self.rng.random() < 0.9:  # nearly all 32-bit positions are off the earth
            lat, lon = (round(self.rng.uniform(-1.1, 1.1) * limit) for limit in (1 << 24, 1 << 25))
            fixed["105"] = f"{lat & 0xFFFFFFFF:032b}{lon & 0xFFFFFFFF:032b}"
        chosen = []
        items = []
        for slot in RECORDS[number].cv_items_list:
            name = "" if issubclass(slot, oracle.UapItemSpare) else slot.cv_non_spare.cv_name
            chosen.append(name in fixed or (name != "" and self.rng.random() < 0.45))
            if chosen[-1]:
                items.append(fixed.get(name) or self.variation(variation_of(slot.cv_non_spare)))
        bits = self.with_fspec(chosen, items)
        assert len(bits) % 8 == 0
        return int(bits, 2).to_bytes(len(bits) // 8, "big")


def block_of(number: int, records: list[bytes]) -> bytes:
    body = b"".join(records)
    return bytes([number]) + (len(body) + 3).to_bytes(2, "big") + body


def parse(number: int, body: bytes) -> list[Any] | None:
    """The records that libasterix finds in the body of a block, None where it refuses."""
    records = []
    rest = Bits.from_bytes(body)
    while len(rest):
        result = RECORDS[number]._parse(oracle.ParsingMode.StrictParsing, rest)
        if isinstance(result, ValueError):
            return None
        record, rest = result
        records.append(record)
    return records


def value_of(element: Any) -> Any:
    """The value of an element: quantity, number, octal text; None where the raw value is all there is."""
    rule = element._get_rule()
    content = rule._get_content() if isinstance(rule, oracle.RuleContentContextFree) else None
    if isinstance(content, oracle.ContentQuantity):
        return content._as_quantity()
    if isinstance(content, oracle.ContentInteger):
        return content.as_integer()
    if isinstance(content, oracle.ContentString) and content.cv_string_type is oracle.StringOctal:
        return content.as_string()
    return None


def flatten(variation: Any) -> list[tuple[int, Any]]:
    """(raw, value) of every field that is no spare."""
    if isinstance(variation, oracle.Element):
        return [(variation.as_uint(), value_of(variation))]
    if isinstance(variation, oracle.Explicit):
        return [(len(variation.get_bytes()) + 1, variation.get_bytes().hex())]
    values: list[tuple[int, Any]] = []
    if isinstance(variation, oracle.Compound):
        children = [non_spare.arg.arg for non_spare in variation.arg.values()]
    elif isinstance(variation, oracle.Repetitive):
        children = variation.arg
    elif isinstance(variation, oracle.Extended):
        children = [i.arg.arg.arg for part in variation.arg for i in part if isinstance(i, oracle.Item)]
    else:
        children = [i.arg.arg.arg for i in variation.arg if isinstance(i, oracle.Item)]
    for child in children:
        values.extend(flatten(child))
    return values


@pytest.mark.parametrize("number", NUMBERS)
def test_every_field_of_random_records_reads_as_in_libasterix(number: int) -> None:
    builder = Builder(seed=number)
    records = [builder.record(number) for _ in range(40)]
    data = block_of(number, records)
    spans = record_spans(data, 1_000)
    theirs = parse(number, b"".join(records))
    assert theirs is not None
    assert len(spans) == len(theirs) == 40
    for (category, items), record in zip(spans, theirs, strict=True):
        ours = describe(data, category, items)
        expected = [
            pair for non_spare in record.items_regular.values() for pair in flatten(non_spare.arg.arg)
        ]
        assert [value.raw for value in ours] == [raw for raw, _ in expected]
        for value, (_, quantity) in zip(ours, expected, strict=True):
            if f"{number:03d}/{value.item}/{value.field}" in DISPUTED:
                assert value.value == pytest.approx(4 * quantity, rel=1e-12), value
            elif isinstance(quantity, float):
                assert value.value == pytest.approx(quantity, rel=1e-12), value
            elif quantity is not None:
                assert value.value == quantity, value


@pytest.mark.parametrize("number", NUMBERS)
def test_truncated_and_flipped_blocks_are_refused_exactly_where_libasterix_refuses_them(number: int) -> None:
    builder = Builder(seed=100 + number)
    verdicts = set()
    for _ in range(60):
        body = bytearray(builder.record(number) + builder.record(number))
        if builder.rng.random() < 0.5:
            del body[builder.rng.randrange(1, len(body)) :]
        else:
            body[builder.rng.randrange(len(body))] ^= 1 << builder.rng.randrange(8)
        theirs = parse(number, bytes(body))
        ours = record_spans(block_of(number, [bytes(body)]), 1_000)
        assert len(ours) == len(theirs or []), body.hex()
        verdicts.add(theirs is None)
    assert verdicts == {True, False}  # the mutations did break some and spare others


# ------------------------------------------------------------------------------------------------ plots


def item(record: Any, name: str) -> Any:
    non_spare = record.items_regular.get(name)
    return None if non_spare is None else non_spare.arg.arg


def height_m(feet: float) -> float:
    """Heights that no aircraft has are unknown."""
    return feet * 0.3048 if feet * 0.3048 >= -1_000 else math.nan


def expected_identity(record: Any, mode_a: str, level: str) -> dict[str, float]:
    """Mode A code and pressure altitude where validated and not garbled."""
    row = {"mode_a": -1.0, "baro_m": math.nan}
    variation = item(record, mode_a)
    if variation is not None and variation.as_uint() >> 14 == 0:
        row["mode_a"] = variation.as_uint() & 0o7777
    variation = item(record, level)
    if variation is not None and variation.as_uint() >> 14 == 0:
        row["baro_m"] = height_m(flatten(variation)[-1][1] * 100)
    return row


def expected_address(record: Any, name: str) -> int:
    variation = item(record, name)
    return -1 if variation is None else variation.as_uint()


def expected_010(record: Any) -> dict[str, float] | None:
    descriptor = item(record, "020")
    if descriptor is not None and any(flag(descriptor, name) for name in ("SIM", "TST", "RAB")):
        return None
    row = expected_identity(record, "060", "090") | {"icao24": expected_address(record, "220")}
    wgs84, cartesian, polar = item(record, "041"), item(record, "042"), item(record, "040")
    if wgs84 is not None:
        lat_deg, lon_deg = (value for _, value in flatten(wgs84))
        if abs(lat_deg) > 90:
            return None
        return row | {"lat_rad": math.radians(lat_deg), "lon_rad": math.radians(lon_deg)}
    if cartesian is not None:
        x_m, y_m = (value for _, value in flatten(cartesian))
        return row | {"range_m": math.hypot(x_m, y_m), "azimuth_rad": math.atan2(x_m, y_m) % math.tau}
    if polar is not None:
        range_m, azimuth_deg = (value for _, value in flatten(polar))
        return row | {"range_m": range_m, "azimuth_rad": math.radians(azimuth_deg)}
    return None


def flag(variation: Any, name: str) -> int:
    found = variation._get_item(name)
    return 0 if found is None else found.as_uint()


def expected_048(record: Any) -> dict[str, float] | None:
    descriptor, polar = item(record, "020"), item(record, "040")
    if polar is None:
        return None
    typ = 1 if descriptor is None else flag(descriptor, "TYP")
    if typ == 0 or (descriptor is not None and any(flag(descriptor, name) for name in ("SIM", "RAB", "TST"))):
        return None
    row = expected_identity(record, "070", "090") | {"icao24": expected_address(record, "220")}
    range_nm, azimuth_deg = (value for _, value in flatten(polar))
    row |= {"range_m": range_nm * 1852, "azimuth_rad": math.radians(azimuth_deg), "range_rate_m_s": math.nan}
    doppler = item(record, "120")
    calculated = None if doppler is None else doppler.arg.get("CAL")
    if calculated is not None:
        (doubtful, _), (_, speed_m_s) = flatten(calculated.arg.arg)
        if not doubtful:
            row["range_rate_m_s"] = speed_m_s
    return row


def expected_062(record: Any) -> dict[str, float] | None:
    status, wgs84 = item(record, "080"), item(record, "105")
    if wgs84 is None or (status is not None and (flag(status, "SIM") or flag(status, "CST"))):
        return None
    lat_deg, lon_deg = (value for _, value in flatten(wgs84))
    if abs(lat_deg) > 90 or abs(lon_deg) > 180:
        return None
    row = expected_identity(record, "060", "-")
    row |= {"lat_rad": math.radians(lat_deg), "lon_rad": math.radians(lon_deg), "height_m": math.nan}
    if item(record, "130") is not None:
        row["height_m"] = height_m(flatten(item(record, "130"))[0][1])
    if item(record, "136") is not None:
        row["baro_m"] = height_m(flatten(item(record, "136"))[0][1] * 100)
    elif item(record, "135") is not None:
        (corrected, _), (_, level) = flatten(item(record, "135"))
        row["baro_m"] = math.nan if corrected else height_m(level * 100)
    derived = item(record, "380")
    address = None if derived is None else derived.arg.get("ADR")
    return row | {"icao24": -1 if address is None else address.as_uint()}


EXPECTED = {10: expected_010, 48: expected_048, 62: expected_062}


@pytest.mark.parametrize("number", sorted(EXPECTED))
def test_plots_hold_the_values_that_libasterix_reads(number: int) -> None:
    builder = Builder(seed=200 + number)
    records = [builder.record(number) for _ in range(200)]
    theirs = [parse(number, record) for record in records]
    rows = []
    for parsed in theirs:
        assert parsed is not None
        if number == 10 and item(parsed[0], "000").as_uint() != 1:
            continue
        row = EXPECTED[number](parsed[0])
        if row is not None:
            seconds = flatten(item(parsed[0], TIMES[number]))[0][1]
            rows.append(row | {"time_ns": seconds * 1e9})
    decoder = open_decoder(FeedFormat.ASTERIX, (sensor(),))
    plots = decoder.feed(b"".join(block_of(number, [record]) for record in records), NOON_NS).plots
    assert len(plots.time_ns) == len(rows) > 20
    for i, row in enumerate(rows):
        for name, value in row.items():
            np.testing.assert_allclose(
                getattr(plots, name)[i], value, rtol=1e-12, err_msg=f"{name} of row {i}"
            )


# ---------------------------------------------------------------------------------------------- encoder


def polar_plots(n: int) -> Plots:
    rng = np.random.default_rng(7)
    known = rng.random((5, n)) < 0.6
    return Plots.empty(n)._replace(
        time_ns=(rng.integers(0, DAY_NS, n) // 7_812_500) * 7_812_500,
        range_m=rng.uniform(0, 400_000, n),
        azimuth_rad=rng.uniform(0, math.tau, n),
        range_rate_m_s=np.where(known[0], rng.integers(-500, 500, n), np.nan),
        baro_m=np.where(known[1], rng.integers(-40, 2_000, n) * 25 * 0.3048, np.nan),
        icao24=np.where(known[2], rng.integers(0, 1 << 24, n), -1).astype(np.int32),
        mode_a=np.where(known[3], rng.integers(0, 1 << 12, n), -1).astype(np.int16),
        callsign=np.where(known[4], pack_callsign("SWR123"), 0),
    )


def test_encoded_plots_come_back_from_libasterix_and_from_our_decoder() -> None:
    sent = polar_plots(300)
    data = encode_048(sent, SAC, SIC)
    blocks = oracle.RawDatablock.parse(Bits.from_bytes(data))
    assert not isinstance(blocks, ValueError)
    assert all(block.get_length() <= 1_400 for block in blocks)
    records = [record for block in blocks for record in parse(48, block.get_raw_records().to_bytes()) or []]
    assert len(records) == 300
    for i, record in enumerate(records):
        range_nm, azimuth_deg = (value for _, value in flatten(item(record, "040")))
        assert range_nm * 1852 == pytest.approx(sent.range_m[i], abs=1852 / 512 + 1e-9)
        turn = (math.radians(azimuth_deg) - sent.azimuth_rad[i] + math.pi) % math.tau - math.pi
        assert abs(turn) <= math.tau / 65_536 / 2 + 1e-12
        assert (item(record, "070") is None) == (sent.mode_a[i] < 0)
        assert (item(record, "090") is None) == math.isnan(sent.baro_m[i])
        assert expected_address(record, "220") == sent.icao24[i]
        assert (item(record, "240") is None) == (sent.callsign[i] == 0)
    decoder = open_decoder(FeedFormat.ASTERIX, (sensor(),))
    back = decoder.feed(data, NOON_NS).plots
    np.testing.assert_array_equal(back.time_ns, sent.time_ns)
    np.testing.assert_allclose(back.range_m, sent.range_m, atol=1852 / 512 + 1e-9)
    for name in ("range_rate_m_s", "icao24", "mode_a", "callsign"):
        np.testing.assert_array_equal(getattr(back, name), getattr(sent, name), err_msg=name)
    np.testing.assert_allclose(back.baro_m, sent.baro_m, atol=1e-9)
    assert set(back.kind.tolist()) == {PlotKind.POLAR}


def test_encoded_service_messages_come_back_from_libasterix() -> None:
    data = encode_034_north(3 * DAY_NS + 1_500_000_000, SAC, SIC) + encode_034_sector(
        DAY_NS - 1, SAC, SIC, 32
    )
    blocks = oracle.RawDatablock.parse(Bits.from_bytes(data))
    assert not isinstance(blocks, ValueError)
    north, sector = [(parse(34, block.get_raw_records().to_bytes()) or [None])[0] for block in blocks]
    assert flatten(item(north, "010")) == [(SAC, None), (SIC, None)]
    assert item(north, "000").as_uint() == 1
    assert flatten(item(north, "030"))[0][1] == 1.5
    assert item(sector, "000").as_uint() == 2
    assert flatten(item(sector, "030"))[0][1] == 0  # the nearest 1/128 s is midnight
    assert flatten(item(sector, "020"))[0][1] == 45.0
