"""The JSON Schema accepts every pact of the repository and refuses what the reader refuses by its form."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from foedus.errors import DocumentError
from foedus.pact.reading.schema import json_schema
from foedus.pact.reading.text import read_pact

HERE = Path(__file__).parents[1]
BAD = HERE / "bad" / "pact"
SCHEMA = json_schema()
FILES = sorted(
    [
        HERE / "good_pact.toml",
        HERE / "good_draft.toml",
        *(path for path in (HERE.parent / "pacts").rglob("*.toml") if "\n[[party]]" in path.read_text()),
    ]
)
REFUSED = (
    "bracket_of_one_choice",
    "caveat_on_nothing",
    "cooperation_without_type",
    "direct_allowed",
    "empty_text",
    "event_unknown",
    "format_of_the_future",
    "key_of_another_kind",
    "latitude_out_of_range",
    "look_alike_id",
    "no_clause_text",
    "no_kind",
    "probability_in_percent",
    "sharing_without_data",
    "step_unknown",
    "two_vertices",
    "unit_of_minutes",
    "unknown_class",
    "unknown_data",
    "unknown_form",
    "unknown_key",
    "unknown_kind",
    "unknown_role",
    "untyped_cooperation",
    "vertex_of_three",
)
"""Broken files whose mistake a schema can see; all others make sense only to a reader of the whole."""

CHECKED = {
    "$schema", "$defs", "title", "description", "discriminator", "format", "$ref", "anyOf", "enum", "type",
    "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems",
    "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum",
}  # fmt: skip


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value fits; the part of JSON Schema that json_schema uses, and no more."""
    assert not schema.keys() - CHECKED, schema.keys() - CHECKED
    referred = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")] if "$ref" in schema else {}
    return (
        (not referred or fits(value, referred))
        and ("anyOf" not in schema or any(fits(value, one) for one in schema["anyOf"]))
        and ("enum" not in schema or value in schema["enum"])
        and TYPES[schema.get("type", "any")](value, schema)
    )


def fits_number(value: Any, schema: dict[str, Any]) -> bool:
    low, high = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and low <= value <= high
        and value > schema.get("exclusiveMinimum", float("-inf"))
    )


def fits_object(value: Any, schema: dict[str, Any]) -> bool:
    if not isinstance(value, dict):
        return False
    known = schema.get("properties", {})
    more = schema.get("additionalProperties", True)
    return all(key in value for key in schema.get("required", ())) and all(
        fits(item, known[key]) if key in known else more is True or (more and fits(item, more))
        for key, item in value.items()
    )


def fits_array(value: Any, schema: dict[str, Any]) -> bool:
    if not isinstance(value, list):
        return False
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return False
    first = schema.get("prefixItems", [])
    rest = schema.get("items", {})
    return all(map(fits, value, first)) and all(
        rest is not False and fits(one, rest) for one in value[len(first) :]
    )


def fits_string(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, date):
        return schema.get("format") in ("date", "date-time")
    if not isinstance(value, str) or "format" in schema:
        return False  # TOML has dates of its own
    long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    return long_enough and bool(re.search(schema.get("pattern", ""), value))


TYPES = {
    "any": lambda _value, _schema: True,
    "array": fits_array,
    "boolean": lambda value, _schema: isinstance(value, bool),
    "integer": fits_number,
    "number": fits_number,
    "object": fits_object,
    "string": fits_string,
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_pact_of_the_repository_fits_the_schema(path: Path) -> None:
    assert fits(tomllib.loads(path.read_text()), SCHEMA)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_broken_by_its_form_does_not_fit(name: str) -> None:
    assert not fits(tomllib.loads((BAD / f"{name}.toml").read_text()), SCHEMA)


def test_the_schema_refuses_no_text_that_the_reader_accepts_by_its_form() -> None:
    """Every broken file that fits is refused for its sense: its error names a place and no type."""
    for path in sorted(BAD.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError:
            continue
        assert fits(data, SCHEMA) is (path.stem not in REFUSED), path.stem
        with pytest.raises(DocumentError):
            read_pact(path)


def test_the_schema_is_closed_everywhere() -> None:
    tables = [one for one in SCHEMA["$defs"].values() if one.get("type") == "object"]
    assert len(tables) >= 20 + 10
    assert all(one["additionalProperties"] is False for one in tables)


def test_a_person_writes_names_where_the_code_has_numbers() -> None:
    assert SCHEMA["$defs"]["DataKind"]["enum"][:2] == ["tracks", "plots"]
    assert SCHEMA["$defs"]["Form"]["enum"] == ["none", "alert", "region", "coarse", "track", "source"]
    numbers = [
        value
        for one in SCHEMA["$defs"].values()
        for value in one.get("enum", ())
        if not isinstance(value, str)
    ]
    assert numbers == []


def test_a_date_is_a_date_of_toml_and_nothing_is_null() -> None:
    since = SCHEMA["$defs"]["Party"]["properties"]["since"]
    assert since == {
        "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]
    }
    assert SCHEMA["$defs"]["Done"]["properties"]["on"] == since
    assert "null" not in str(SCHEMA)


def test_every_kind_of_clause_is_offered() -> None:
    clauses = SCHEMA["$defs"]["Pact"]["properties"]["clause"]["items"]
    assert len(clauses["anyOf"]) == len(clauses["discriminator"]["mapping"]) == 20
