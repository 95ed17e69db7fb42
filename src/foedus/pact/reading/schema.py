"""The JSON Schema of a pact text, for editors that check TOML while a person writes."""

from typing import Any, Final

import msgspec
import msgspec.inspect

from foedus.model import Form, TrackClass
from foedus.pact.clauses import Pact
from foedus.pact.words import DataKind

_NAMED: Final = (DataKind, Form, TrackClass)
"""Enumerations that a person writes by name; msgspec knows them by number."""

_INSTANT: Final = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
"""An instant, or a day for its first one. Editors check the dates of TOML as strings of such a format."""


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12), closed; it knows what can be said, not whether it makes sense."""
    (top,), defined = msgspec.json.schema_components([Pact], ref_template="#/$defs/{name}")
    for kind in _NAMED:
        defined[kind.__name__] = {
            "title": kind.__name__,
            "enum": [member.name.lower() for member in kind],
        }
    for struct, fields in _instants(msgspec.inspect.type_info(Pact)).items():
        for field in fields:
            defined[struct]["properties"][field] = _INSTANT
    defs = {name: _for_toml(defined[name]) for name in sorted(defined)}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **top, "$defs": defs}


def _instants(kind: Any) -> dict[str, list[str]]:
    """The fields that hold an instant, by the name of their struct; msgspec leaves their format out."""
    found: dict[str, list[str]] = {}
    parts = [
        *getattr(kind, "types", ()),
        *getattr(kind, "item_types", ()),
        *(getattr(kind, name, None) for name in ("item_type", "value_type", "type")),
    ]
    if isinstance(kind, msgspec.inspect.StructType):
        for field in kind.fields:
            types = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
            if any(isinstance(one, msgspec.inspect.DateTimeType) for one in types):
                found.setdefault(kind.cls.__name__, []).append(field.encode_name)
            parts.append(field.type)
    for part in parts:
        if isinstance(part, msgspec.inspect.Type):
            found.update(_instants(part))
    return found


def _for_toml(schema: Any) -> Any:
    """A part of the schema as TOML has it: nothing is null, and what is left out is for docs/pact.md."""
    if isinstance(schema, list):
        return [_for_toml(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    part = {key: _for_toml(value) for key, value in schema.items() if key != "default"}
    if "anyOf" in part:
        kinds = [one for one in part["anyOf"] if one != {"type": "null"}]
        return kinds[0] if len(kinds) == 1 else {**part, "anyOf": kinds}
    return part
