"""TOML text into closed structs, with file, line and path of whatever is wrong.

`parse_document` is pure; `read_document` reads the named file and is the only function here that does I/O.
The schema is closed for every struct, whether or not the struct itself forbids unknown fields: a misspelt
key must never be read as an absent one. Numbers must be finite. An `IntEnum` is written by its name in lower
case (`kind = "radar"`), a date where an instant is asked for means 00:00 UTC of that day.

Paths count from one, as a person counts: `clause[3].form` is the form of the third `[[clause]]`.
"""

import difflib
import functools
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import msgspec.inspect

from foedus.errors import DocumentError
from foedus.limits import DOCUMENT_BYTES_MAX, DOCUMENT_KEY_PARTS_MAX

T = TypeVar("T")

Place = tuple[str | int, ...]
"""A path inside a document: keys, and indices from zero."""

_FOUND_CHARACTERS_MAX: Final = 60
_ALLOWED_SHOWN_MAX: Final = 40
_NAME: Final = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY: Final = re.compile(rf"(?<![\w-])(?:{_NAME}[ \t]*+\.[ \t]*+){{{DOCUMENT_KEY_PARTS_MAX}}}")
"""tomllib takes quadratic time for a key of very many parts."""
_SYNTAX_PLACE: Final = re.compile(r"^(.*) \(at (?:line (\d+), column \d+|end of document)\)$", re.DOTALL)
_INVALID_PLACE: Final = re.compile(r"^(.*?)(?: - at `\$([^`]*)`)?$", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def read_document(path: Path, kind: type[T]) -> T:
    """The document in that file as a struct of that kind; DocumentError for all that can be wrong with it."""
    return parse_document(read_text(path), kind, file=str(path))


def read_text(path: Path) -> str:
    """The text of a document file, at most DOCUMENT_BYTES_MAX bytes of UTF-8."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(DOCUMENT_BYTES_MAX + 1)
    except OSError as error:
        found = (error.strerror or type(error).__name__).lower()
        raise DocumentError(file=file, line=0, path="", found=found, expected="a readable file") from None
    _check_size(len(data), file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02x}"
        raise DocumentError(file=file, line=line, path="", found=found, expected="UTF-8 text") from None


def parse_document(text: str, kind: type[T], *, file: str) -> T:
    """The TOML text as a struct of that kind; DocumentError with line and path for the first mistake."""
    data = _parse_toml(text, file)
    try:
        data = _prepare(data, _type_info(kind), ())  # type: ignore[arg-type] # mypy: a type[T] is hashable
        return msgspec.convert(data, kind)
    except _Mistake as mistake:
        place, found, expected = mistake.place, mistake.found, mistake.expected
    except msgspec.ValidationError as error:
        place, found, expected = _explain(str(error), data, kind)
    raise error_at(text, place, file=file, found=found, expected=expected)


@functools.cache
def _type_info(kind: type) -> msgspec.inspect.Type:
    """The description of a document kind; it takes as long as reading a small document, so it is kept."""
    return msgspec.inspect.type_info(kind)


def error_at(text: str, place: Place, *, file: str, found: str, expected: str) -> DocumentError:
    """A DocumentError for a place in a text that parses as TOML, with the line on which that place stands."""
    return DocumentError(
        file=file, line=line_of(text, place), path=spell_place(place), found=found, expected=expected
    )


def spell_place(place: Place) -> str:
    """A path as people read it: keys joined by dots, indices counted from one."""
    spelt = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in place)
    return spelt.removeprefix(".")


def line_of(text: str, place: Place) -> int:
    """The 1-based line of a place, else of the nearest thing that holds it; 0 where nothing of it stands."""
    try:
        lines = _Lines(text).lines
    except (RecursionError, IndexError):
        return 0
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 0)


def name_found(value: object) -> str:
    """A value from a document as it is shown in an error: short, on one line."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    if isinstance(value, date | time):
        shown = value.isoformat()
    if len(shown) > _FOUND_CHARACTERS_MAX:
        shown = shown[:_FOUND_CHARACTERS_MAX] + "..."
    return shown


def name_id(word: str) -> str:
    """An id as it is shown in an error, with the name of its first character that no id may have."""
    strange = next((character for character in word if not character.isascii()), None)
    if strange is None:
        return name_found(word)
    name = unicodedata.name(strange, "a character without a name")
    return f"{name_found(word)} with U+{ord(strange):04X} {name}"


def suggest(word: str, words: Iterable[str]) -> str:
    """The allowed words in order, at most _ALLOWED_SHOWN_MAX, and the one nearest to the mistaken word."""
    allowed = list(words)
    near = difflib.get_close_matches(word[:_FOUND_CHARACTERS_MAX], allowed, n=1, cutoff=0.5)
    shown = ", ".join(allowed[:_ALLOWED_SHOWN_MAX])
    more = len(allowed) - _ALLOWED_SHOWN_MAX
    listed = f"one of {shown}" + (f" and {more} more" if more > 0 else "") if allowed else "nothing here"
    return f"{listed} (did you mean {near[0]}?)" if near else listed


# ---------------------------------------------------------------- TOML


def _check_size(size: int, file: str) -> None:
    if size > DOCUMENT_BYTES_MAX:
        found = f"more than {DOCUMENT_BYTES_MAX} bytes"
        expected = f"at most {DOCUMENT_BYTES_MAX} bytes"
        raise DocumentError(file=file, line=0, path="", found=found, expected=expected)


def _parse_toml(text: str, file: str) -> dict[str, Any]:
    _check_size(len(text), file)
    long_key = _LONG_KEY.search(text)
    if long_key:
        line = text.count("\n", 0, long_key.start()) + 1
        found = f"a key of more than {DOCUMENT_KEY_PARTS_MAX} parts"
        raise DocumentError(file=file, line=line, path="", found=found, expected="a short key")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, file) from None
    except RecursionError:
        found = "values nested too deeply"
        raise DocumentError(file=file, line=0, path="", found=found, expected="a flat document") from None
    except ValueError:  # an integer of thousands of digits
        raise DocumentError(
            file=file,
            line=0,
            path="",
            found="a number that is too long",
            expected="numbers of up to 18 digits",
        ) from None


_SYNTAX_HINTS: Final = {
    "Cannot overwrite a value": "each key at most once in a table",
    "Cannot declare": "each [table] at most once; [[clause]] with two brackets begins one more clause",
    "Expected '='": "key = value",
    "Invalid statement": "key = value, [table] or [[table]]",
    "Invalid value": 'a value: "text", a number, true, false, a date or [an, array]',
    "Expected newline": "one key = value per line",
    "Unclosed array": "a closing ]",
    "Unescaped": 'a text in "quotes" with \\ written as \\\\',
    "Illegal character": "text without control characters; a text ends with a quote on the same line",
}


def _syntax_error(message: str, text: str, file: str) -> DocumentError:
    match = _SYNTAX_PLACE.match(message)
    what, number = (match[1], match[2]) if match else (message, None)
    line = int(number) if number else text.rstrip().count("\n") + 1
    expected = "TOML: " + next(
        (hint for start, hint in _SYNTAX_HINTS.items() if what.startswith(start)), what.lower()
    )
    lines = text.split("\n")
    source = lines[line - 1].strip() if line <= len(lines) else ""
    found = f"{name_found(source)} ({what})" if source else what
    return DocumentError(file=file, line=line, path="", found=found, expected=expected)


# ---------------------------------------------------------------- the closed schema


class _Mistake(Exception):  # noqa: N818 - carries a finding to parse_document, which raises the error
    def __init__(self, place: Place, found: str, expected: str) -> None:
        self.place = place
        self.found = found
        self.expected = expected
        super().__init__(found)


def _prepare(data: Any, kind: msgspec.inspect.Type, place: Place) -> Any:
    """The data with names of IntEnum members as numbers and dates as instants; _Mistake for unknown keys."""
    kind = _choose(kind, data)
    if isinstance(data, float) and not math.isfinite(data):
        raise _Mistake(place, name_found(data), "a finite number")
    if isinstance(kind, msgspec.inspect.StructType):
        return _prepare_table(data, kind, place) if isinstance(data, dict) else data
    if isinstance(data, list):
        return [_prepare(item, _item_type(kind, i), (*place, i)) for i, item in enumerate(data)]
    if isinstance(kind, msgspec.inspect.DictType) and isinstance(data, dict):
        return {key: _prepare(value, kind.value_type, (*place, key)) for key, value in data.items()}
    if isinstance(kind, msgspec.inspect.EnumType | msgspec.inspect.UnionType):
        return _prepare_name(data, kind, place)
    if isinstance(kind, msgspec.inspect.DateTimeType) and isinstance(data, date):
        return _instant(data, place)
    return data


def _prepare_name(data: Any, kind: msgspec.inspect.EnumType | msgspec.inspect.UnionType, place: Place) -> Any:
    """The number of a name of an IntEnum, which may stand beside a word in quotes (`Form | Literal[...]`)."""
    types = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    numbered = [
        one for one in types if isinstance(one, msgspec.inspect.EnumType) and issubclass(one.cls, IntEnum)
    ]
    if not numbered:
        return data
    names = {member.name.lower(): member.value for one in numbered for member in one.cls}
    words = [
        str(word) for one in types if isinstance(one, msgspec.inspect.LiteralType) for word in one.values
    ]
    if not isinstance(data, str) or data not in (*names, *words):
        raise _Mistake(place, name_found(data), suggest(str(data), (*names, *words)))
    return names.get(data, data)


def _prepare_table(data: dict[str, Any], kind: msgspec.inspect.StructType, place: Place) -> dict[str, Any]:
    fields = {field.encode_name: field for field in kind.fields}
    known = [kind.tag_field, *fields] if kind.tag_field else list(fields)
    for key in data:
        if key not in known:
            raise _Mistake((*place, key), f"unknown key {name_found(key)}", suggest(key, known))
    for name in known:
        if name not in data and (name not in fields or fields[name].required):
            wanted = fields[name].type if name in fields else msgspec.inspect.StrType()
            raise _Mistake(place, f"no key {name_found(name)}", f"{name} = {_describe(wanted)}")
    return {
        key: _prepare(value, fields[key].type, (*place, key)) if key in fields else value
        for key, value in data.items()
    }


def _instant(data: date, place: Place) -> datetime:
    if not isinstance(data, datetime):
        return datetime.combine(data, time(), UTC)
    if data.tzinfo is None:
        raise _Mistake(place, name_found(data), "an offset from UTC at its end, such as 2018-08-01T00:00:00Z")
    return data


def _choose(kind: msgspec.inspect.Type, data: Any) -> msgspec.inspect.Type:
    """The type that the data claims to be, where several are allowed; a wrong tag leaves them all."""
    while isinstance(kind, msgspec.inspect.Metadata):
        kind = kind.type
    if not isinstance(kind, msgspec.inspect.UnionType):
        return kind
    types = [one for one in kind.types if not isinstance(one, msgspec.inspect.NoneType)]
    if len(types) == 1:
        return _choose(types[0], data)
    for one in types:
        if not isinstance(one, msgspec.inspect.StructType) or not isinstance(data, dict):
            continue
        if data.get(str(one.tag_field)) == one.tag:
            return one
    return kind


def _item_type(kind: msgspec.inspect.Type, index: int) -> msgspec.inspect.Type:
    if isinstance(kind, msgspec.inspect.TupleType):
        return kind.item_types[index] if index < len(kind.item_types) else msgspec.inspect.AnyType()
    if isinstance(kind, msgspec.inspect.CollectionType):
        return kind.item_type
    return msgspec.inspect.AnyType()


def _describe(kind: msgspec.inspect.Type) -> str:  # noqa: PLR0911, PLR0912 - one line per kind
    """What a type allows, in words for a person."""
    kind = _choose(kind, None)
    match kind:
        case msgspec.inspect.EnumType():
            named = issubclass(kind.cls, IntEnum)
            return "one of " + ", ".join(
                member.name.lower() if named else str(member.value) for member in kind.cls
            )
        case msgspec.inspect.LiteralType():
            return "one of " + ", ".join(str(value) for value in kind.values)
        case msgspec.inspect.NoneType():
            return "nothing"
        case msgspec.inspect.StrType():
            span = f" of {kind.min_length or 0} to {kind.max_length} characters" if kind.max_length else ""
            return f"text that matches {kind.pattern}" if kind.pattern else f"text{span}"
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            noun = "a whole number" if isinstance(kind, msgspec.inspect.IntType) else "a number"
            bounds = {"above": kind.gt, "at least": kind.ge, "below": kind.lt, "at most": kind.le}
            return " ".join(
                [noun, *(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)]
            )
        case msgspec.inspect.DateTimeType() | msgspec.inspect.DateType():
            return "a date such as 2018-08-01 (no quotes)"
        case msgspec.inspect.TupleType():
            return f"an array of {len(kind.item_types)}: " + ", ".join(map(_describe, kind.item_types))
        case msgspec.inspect.CollectionType():
            least = f" at least {kind.min_length}" if kind.min_length else ""
            most = f" at most {kind.max_length}" if kind.max_length else ""
            return f"an array of{least}{most} items, each {_describe(kind.item_type)}"
        case msgspec.inspect.StructType():
            return "a table with " + ", ".join(field.encode_name for field in kind.fields if field.required)
        case msgspec.inspect.UnionType():
            tags = [str(one.tag) for one in kind.types if isinstance(one, msgspec.inspect.StructType)]
            if not tags:
                return " or ".join(_describe(one) for one in kind.types)
            return "a table whose kind is one of " + ", ".join(tags)
        case msgspec.inspect.DictType():
            return f"a table of names, each with {_describe(kind.value_type)}"
    return "another value"


def _explain(message: str, data: Any, kind: type) -> tuple[Place, str, str]:
    """(place, found, expected) of a complaint by msgspec about prepared data."""
    match = _INVALID_PLACE.match(message)
    assert match is not None
    place: Place = tuple(
        int(step[2]) if step[2] is not None else step[1] for step in _STEP.finditer(match[2] or "")
    )
    wanted = _type_info(kind)
    value = data
    for step in place:
        wanted = _choose(wanted, value)
        if isinstance(wanted, msgspec.inspect.UnionType) and isinstance(value, dict):  # no such tag
            tags = [str(one.tag) for one in wanted.types if isinstance(one, msgspec.inspect.StructType)]
            return place, name_found(value[str(step)]), suggest(str(value[str(step)]), tags)
        wanted, value = _step_into(wanted, value, step)
    expected = _describe(wanted)
    if isinstance(wanted, msgspec.inspect.UnionType) and isinstance(value, dict):
        tag = next(one.tag_field for one in wanted.types if isinstance(one, msgspec.inspect.StructType))
        return place, f"no key {name_found(tag)}", expected
    if isinstance(value, str) and expected.startswith("one of "):
        expected = suggest(value, expected.removeprefix("one of ").split(", "))
    if isinstance(value, str) and expected.startswith("text that matches "):
        return place, name_id(value), expected
    return place, name_found(value), expected


def _step_into(wanted: msgspec.inspect.Type, value: Any, step: str | int) -> tuple[msgspec.inspect.Type, Any]:
    if isinstance(step, int):
        return _item_type(wanted, step), value[step]
    if isinstance(wanted, msgspec.inspect.DictType):
        return wanted.value_type, value[step]
    assert isinstance(wanted, msgspec.inspect.StructType)
    fields: Mapping[str, msgspec.inspect.Type] = {field.encode_name: field.type for field in wanted.fields}
    return fields[step], value[step]


# ---------------------------------------------------------------- where things stand


class _Lines:
    """The line of every key and array item of a text that tomllib has accepted; `lines` is complete."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {}
        self._text = text.replace("\r\n", "\n") + "\n\0"
        self._at = 0
        self._line = 1
        self._tables: dict[Place, int] = {}
        self._scan()

    def _scan(self) -> None:
        table: Place = ()
        while self._skip_blank() != "\0":
            if self._text.startswith("[[", self._at):
                self._at += 2
                *parent, name = self._key()
                array = (*self._resolve(tuple(parent)), name)
                self._tables[array] = self._tables.get(array, 0) + 1
                table = (*array, self._tables[array] - 1)
                self._note(array)
                self._note(table)
                self._at += 2
            elif self._text[self._at] == "[":
                self._at += 1
                table = self._resolve(tuple(self._key()))
                self._note(table)
                self._at += 1
            else:
                self._pair(table)

    def _resolve(self, key: tuple[str, ...]) -> Place:
        """The place that a header means: the newest table wherever it passes through an array of tables."""
        place: Place = ()
        for part in key:
            place = (*place, part)
            self._note(place)
            if place in self._tables:
                place = (*place, self._tables[place] - 1)
        return place

    def _note(self, place: Place) -> None:
        self.lines.setdefault(place, self._line)

    def _skip_blank(self) -> str:
        """The next character that is neither blank, line end nor comment."""
        while True:
            character = self._text[self._at]
            if character == "#":
                self._at = self._text.index("\n", self._at)
            elif character == "\n":
                self._line += 1
                self._at += 1
            elif character in " \t":
                self._at += 1
            else:
                return character

    def _skip_spaces(self) -> str:
        while self._text[self._at] in " \t":
            self._at += 1
        return self._text[self._at]

    def _key(self) -> list[str]:
        parts = []
        while True:
            quote = self._skip_spaces()
            start = self._at
            if quote in "\"'":
                self._string()
                parts.append(self._text[start + 1 : self._at - 1])
            else:
                while self._text[self._at] not in " \t.=]":
                    self._at += 1
                parts.append(self._text[start : self._at])
            if self._skip_spaces() != ".":
                return parts
            self._at += 1

    def _pair(self, table: Place) -> None:
        place = table
        for part in self._key():
            place = (*place, part)
            self._note(place)
        self._at += 1  # the equals sign
        self._skip_spaces()
        self._value(place)

    def _value(self, place: Place) -> None:
        opening = self._text[self._at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._array(place)
        elif opening == "{":
            self._inline_table(place)
        else:
            while self._text[self._at] not in ",]}#\n":
                self._at += 1

    def _array(self, place: Place) -> None:
        self._at += 1
        index = 0
        while self._skip_blank() != "]":
            self._note((*place, index))
            self._value((*place, index))
            index += 1
            if self._skip_blank() == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, place: Place) -> None:
        self._at += 1
        while self._skip_blank() != "}":
            self._pair(place)
            if self._skip_blank() == ",":
                self._at += 1
        self._at += 1

    def _string(self) -> None:
        quote = self._text[self._at]
        long = self._text.startswith(quote * 3, self._at)
        closing = quote * 3 if long else quote
        start = self._at
        self._at += len(closing)
        while not self._text.startswith(closing, self._at):
            self._at += 2 if quote == '"' and self._text[self._at] == "\\" else 1
        self._at += len(closing)
        while long and self._text[self._at] == quote:  # up to two quotes may stand before the closing three
            self._at += 1
        self._line += self._text.count("\n", start, self._at)
