"""Records of ASTERIX as people read them: each item with its fields, raw value, scaled value and unit."""

from typing import Any, NamedTuple

from foedus.feeds.asterix_layout import Code, Field, Item, Shape
from foedus.feeds.asterix_tables import CATEGORIES
from foedus.model import unpack_callsign


class Value(NamedTuple):
    """One field of one item of a record."""

    item: str  # "040", or "380/ADR" for a subitem
    title: str
    field: str
    raw: int
    value: int | float | str
    unit: str


def describe(data: bytes, category: int, items: list[tuple[int, int]]) -> list[Value]:
    """All fields of a record found by asterix.record_spans; category: index into CATEGORIES."""
    values: list[Value] = []
    for slot, offset in items:
        item = CATEGORIES[category].items[slot]
        _read_item(data, offset, item, item.reference, values)
    return values


def as_json(category: int, values: list[Value]) -> dict[str, Any]:
    """The record as one JSON object."""
    items: dict[str, dict[str, Any]] = {}
    for value in values:
        entry = items.setdefault(value.item, {"title": value.title, "fields": []})
        field: dict[str, Any] = {"name": value.field, "raw": value.raw, "value": value.value}
        if value.unit:
            field["unit"] = value.unit
        entry["fields"].append(field)
    return {"category": CATEGORIES[category].number, "items": items}


def _read_item(data: bytes, offset: int, item: Item, path: str, values: list[Value]) -> int:
    """Append the fields of the item at `offset`; the offset after it."""
    if item.shape is Shape.COMPOUND:
        return _read_compound(data, offset, item, path, values)
    if item.shape is Shape.EXPLICIT:
        length = data[offset]
        content = data[offset + 1 : offset + length]
        values.append(Value(path, item.title, "content", length, content.hex(), ""))
        return offset + length
    if item.shape is Shape.REPEATED:
        count = data[offset]
        offset += 1
        for _ in range(count):
            offset = _read_part(data, offset, item, item.parts[0], path, values)
        return offset
    part = 0
    while True:
        offset = _read_part(data, offset, item, item.parts[part], path, values)
        if item.shape is Shape.FIXED or not data[offset - 1] & 1:
            return offset
        part += item.shape is Shape.EXTENDED


def _read_compound(data: bytes, offset: int, item: Item, path: str, values: list[Value]) -> int:
    present: list[int] = []
    slot = 0
    while True:
        octet = data[offset]
        present.extend(slot + bit for bit in range(7) if octet >> (7 - bit) & 1)
        slot += 7
        offset += 1
        if not octet & 1:
            break
    for slot in present:
        subitem = item.subitems[slot]
        offset = _read_item(data, offset, subitem, f"{path}/{subitem.reference}", values)
    return offset


def _read_part(
    data: bytes, offset: int, item: Item, fields: tuple[Field, ...], path: str, values: list[Value]
) -> int:
    extension = item.shape in (Shape.EXTENDED, Shape.CHAIN)
    bits = sum(field.bits for field in fields) + extension
    content = int.from_bytes(data[offset : offset + bits // 8], "big")
    left = bits
    for field in fields:
        left -= field.bits
        raw = content >> left & ((1 << field.bits) - 1)
        if field.name != ".":
            values.append(Value(path, item.title, field.name, raw, _scale(raw, field), field.unit))
    return offset + bits // 8


def _scale(raw: int, field: Field) -> int | float | str:
    if field.code is Code.OCTAL:
        return f"{raw:0{(field.bits + 2) // 3}o}"
    if field.code is Code.ICAO:
        return unpack_callsign(raw)
    if field.code is Code.ASCII:
        return raw.to_bytes(field.bits // 8, "big").decode("ascii", "replace").rstrip()
    number = raw - (1 << field.bits) if field.code is Code.SIGNED and raw >> (field.bits - 1) else raw
    return number * field.scale if field.scale else number
