"""The pact as people write it: TOML in, a checked `Pact` out. docs/pact.md is its reference.

A clause kind that foedus does not know, a key it does not know and a value outside its list are errors:
nothing of a pact is ever read past. A text that is `based_on` another is read with it.
"""

from pathlib import Path
from typing import NamedTuple

from foedus.document import Place, error_at, name_found, name_id, parse_document, read_text, suggest
from foedus.limits import BASED_ON_DEPTH_MAX
from foedus.pact.clauses import Pact
from foedus.pact.reading.inherit import Row, find_copy_mistake, merge
from foedus.pact.reading.validate import Locate, validate

__all__ = ["Pact", "parse_pact", "read_pact", "read_upstream"]


def parse_pact(text: str, *, file: str, upstream: Pact | None = None) -> Pact:
    """The pact in a TOML text, checked in itself; DocumentError with line and path for the first mistake.

    upstream: the resolved text that this one is based on; a copy cannot be read without it.
    """
    copy = parse_document(text, Pact, file=file)
    name = "" if copy.based_on is None else copy.based_on.file
    return _resolve(copy, text, file, None if upstream is None else _Read(upstream, "", name, None)).pact


def read_pact(path: Path) -> Pact:
    """The pact in a file, with all that it takes over from the files that it is based on."""
    return _read_chain(path, ()).pact


def read_upstream(path: Path, pact: Pact) -> Pact | None:
    """The resolved text on which the pact in that file is based; None if it is no copy."""
    if pact.based_on is None:
        return None
    return read_pact(path.parent / pact.based_on.file)


class _Read(NamedTuple):
    """A checked pact, its own text and file, and where its rows stand; None: all in that text."""

    pact: Pact
    text: str
    file: str
    locate: Locate | None


def _read_chain(path: Path, before: tuple[Path, ...]) -> _Read:
    """The pact in a file. before: the copies that led here, the first one first."""
    file = str(path)
    text = read_text(path)
    copy = parse_document(text, Pact, file=file)
    if copy.based_on is None:
        return _resolve(copy, text, file, None)
    chain = (*before, path)
    place: Place = ("based_on", "file")
    above = path.parent / copy.based_on.file
    if Path(copy.based_on.file).is_absolute():
        found = name_found(copy.based_on.file)
        raise error_at(text, place, file=file, found=found, expected="a path from the folder of this file")
    if above.resolve() in [one.resolve() for one in chain]:
        found = " -> ".join(one.name for one in (*chain, above))
        raise error_at(text, place, file=file, found=found, expected="a chain of copies with a beginning")
    if len(chain) >= BASED_ON_DEPTH_MAX:
        found = f"a chain of more than {BASED_ON_DEPTH_MAX} texts"
        raise error_at(text, place, file=file, found=found, expected="a copy of a text nearer the beginning")
    if not above.is_file():
        expected = "a readable file"
        raise error_at(
            text, place, file=file, found=f"{name_found(copy.based_on.file)}, no file", expected=expected
        )
    return _resolve(copy, text, file, _read_chain(above, chain))


def _resolve(copy: Pact, text: str, file: str, upstream: _Read | None) -> _Read:
    """The copy with what it takes over, checked; an error if it needs an upstream text and has none."""
    if copy.based_on is None:
        validate(copy, text=text, file=file)
        return _Read(copy, text, file, None)
    if upstream is None:
        found = f"a copy of {name_found(copy.based_on.file)}"
        expected = "a text that stands alone, or to be read from its file together with the other"
        raise error_at(text, ("based_on", "file"), file=file, found=found, expected=expected)
    mistake = find_copy_mistake(copy, upstream.pact)
    if mistake is not None:
        expected = suggest(mistake.wrong, mistake.known)
        raise error_at(text, mistake.place, file=file, found=name_id(mistake.wrong), expected=expected)
    pact, rows = merge(copy, upstream.pact)
    locate = _locator(text, file, upstream, rows)
    validate(pact, text=text, file=file, locate=locate)
    return _Read(pact, text, file, locate)


def _locator(text: str, file: str, upstream: _Read, rows: dict[str, tuple[Row, ...]]) -> Locate:
    """Where a place of the resolved copy stands: in its own text, or in that of its upstream."""

    def locate(place: Place) -> tuple[str, str, Place]:
        if len(place) < 2 or place[0] not in rows or not isinstance(place[1], int):
            return text, file, place
        row = rows[place[0]][place[1]]
        there: Place = (place[0], row.place, *place[2:])
        if not row.upstream:
            return text, file, there
        if upstream.locate is not None:
            return upstream.locate(there)
        return upstream.text, upstream.file, there

    return locate
