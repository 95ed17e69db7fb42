"""The vocabulary of ASTERIX tables: categories, items, fields, and the small notation they are written in.

One line per item, in the order of the user application profile:

    040 fixed | Measured position in polar co-ordinates | RHO 16 *1/256 NM, THETA 16 *360/2^16 deg

Shapes: `fixed`; `extended` (parts of seven bits and an extension bit, divided by /); `chain` (the same group
again while its extension bit is set); `repeated` (a count octet, then that many groups); `compound` (its own
field specification; subitems follow, indented); `explicit` (a length octet that counts itself); a line `-` is
an unused slot. A field is NAME BITS, then `s` for two's complement, `octal`, `icao` (6-bit characters) or
`ascii`, then `*` its least significant bit and the unit. The name `.` is a spare.
"""

from enum import Enum, IntEnum
from typing import NamedTuple


class Shape(IntEnum):
    """How the length of an item follows from its bytes."""

    UNUSED = 0
    FIXED = 1
    EXTENDED = 2
    CHAIN = 3
    REPEATED = 4
    COMPOUND = 5
    EXPLICIT = 6


class Code(Enum):
    """How the bits of a field are to be read."""

    RAW = ""
    SIGNED = "s"
    OCTAL = "octal"
    ICAO = "icao"
    ASCII = "ascii"


class Field(NamedTuple):
    """Some bits of an item; a spare has the name `.`."""

    name: str
    bits: int
    code: Code
    scale: float  # value of the least significant bit; 0 where the field is no quantity
    unit: str


class Item(NamedTuple):
    """One data item, or one subitem of a compound item."""

    reference: str  # "040", or the name of a subitem
    shape: Shape
    title: str
    parts: tuple[tuple[Field, ...], ...]  # one group, but several for extended items
    subitems: tuple["Item", ...]  # of compound items

    @property
    def part_octets(self) -> int:
        """Octets of one part, with its extension bit where the shape has one."""
        extension = self.shape in (Shape.EXTENDED, Shape.CHAIN)
        return (sum(field.bits for field in self.parts[0]) + extension) // 8 if self.parts else 0


class Category(NamedTuple):
    """One category in one edition; `items` in the order of the user application profile."""

    number: int
    edition: str
    items: tuple[Item, ...]

    def slot(self, reference: str) -> int:
        """Index of the item in the profile; ValueError when there is none."""
        return [item.reference for item in self.items].index(reference)


UNUSED = Item("-", Shape.UNUSED, "", (), ())


def _number(text: str) -> float:
    numerator, _, denominator = text.partition("/")
    base, _, exponent = denominator.partition("^")
    divisor = float(base) ** int(exponent or 1) if denominator else 1.0
    return float(numerator) / divisor


def _field(text: str) -> Field:
    name, bits, *rest = text.split()
    code = Code(rest.pop(0)) if rest and not rest[0].startswith("*") else Code.RAW
    scale = _number(rest[0][1:]) if rest else 0.0
    return Field(name, int(bits), code, scale, rest[1] if len(rest) > 1 else "")


def _item(line: str) -> Item:
    if line.strip() == "-":
        return UNUSED
    head, title, *fields = (cell.strip() for cell in line.split("|"))
    reference, shape_name = head.split()
    shape = Shape[shape_name.upper()]
    parts = tuple(
        tuple(_field(field) for field in part.split(","))
        for part in (fields[0].split("/ ") if fields else [])
    )
    extension = shape in (Shape.EXTENDED, Shape.CHAIN)
    for part in parts:
        bits = sum(field.bits for field in part) + extension
        assert bits % 8 == 0, f"{line}: {bits} bits"
        assert shape is not Shape.EXTENDED or bits == 8, line
    return Item(reference, shape, title, parts, ())


def parse_category(text: str) -> Category:
    """The category behind the notation; first line `NUMBER EDITION`. Our own tables have no faults."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    number, edition = lines[0].split()
    items: list[Item] = []
    for line in lines[1:]:
        item = _item(line)
        if line.startswith(" "):
            assert items[-1].shape is Shape.COMPOUND, line
            items[-1] = items[-1]._replace(subitems=(*items[-1].subitems, item))
        else:
            items.append(item)
    return Category(int(number), edition, tuple(items))
