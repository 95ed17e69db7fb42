"""A pact as TOML text in one canonical layout, which reads back to an equal pact."""

import json
import re
from datetime import date, datetime
from enum import IntEnum
from typing import Any, Final

import msgspec

from foedus.pact.clauses import Pact

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_TABLES: Final = ("basis", "based_on", "words")
_ROWS: Final = ("source", "party", "state", "adversary", "zone", "bracket", "milestone", "clause")
_WHOLE_MAX: Final = 1e15
"""Up to here a float without fraction is written as a whole number, which is read as the same float."""


def to_toml(pact: Pact) -> str:
    """The text of a pact; what equals its default is left out.

    A resolved copy is written with all that it takes over; `inherit.flatten` first makes it stand alone.
    """
    blocks = [[*(line for line in _lines(pact) if line[0] not in (*_TABLES, *_ROWS))]]
    text = _block("", blocks[0])
    for name in _TABLES:
        table = getattr(pact, name)
        if table is None or table == {}:
            continue
        lines = _lines(table) if isinstance(table, msgspec.Struct) else list(table.items())
        text += _block(f"[{name}]", lines)
    for name in _ROWS:
        for row in getattr(pact, name):
            text += _block(f"[[{name}]]", _lines(row))
    return text.removeprefix("\n")


def _block(head: str, lines: list[tuple[str, Any]]) -> str:
    body = "".join(f"{_key(key)} = {_value(value)}\n" for key, value in lines)
    return f"\n{head}\n{body}" if head else f"\n{body}"


def _lines(struct: msgspec.Struct) -> list[tuple[str, Any]]:
    """(key, value) of the fields that are not at their default; the kind of a clause follows its id."""
    lines: list[tuple[str, Any]] = []
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if value is None or (field.default is not msgspec.NODEFAULT and value == default):
            continue
        if field.default_factory is not msgspec.NODEFAULT and value == default:
            continue
        lines.append((field.encode_name, value))
    tag = struct.__struct_config__.tag
    if tag is not None:
        lines.insert(1, ("kind", tag))
    return lines


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:  # noqa: PLR0911 - one line per kind of value
    match value:
        case bool():
            return "true" if value else "false"
        case IntEnum():
            return _text(value.name.lower())
        case str():
            return _text(value)
        case float() if value.is_integer() and abs(value) < _WHOLE_MAX:
            return str(int(value))
        case int() | float():
            return repr(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case tuple():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return _inline(list(value.items()))
        case msgspec.Struct():
            return _inline(_lines(value))
    raise AssertionError(type(value))


def _inline(lines: list[tuple[str, Any]]) -> str:
    if not lines:
        return "{}"
    return "{ " + ", ".join(f"{_key(key)} = {_value(value)}" for key, value in lines) + " }"
