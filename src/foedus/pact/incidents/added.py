"""A pact with clauses more: what the same text would say if these had stood in it."""

from typing import Annotated

import msgspec

from foedus.document import Place, parse_document
from foedus.pact.clauses import Clause, Pact
from foedus.pact.reading.validate import validate


class _Clauses(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    clause: Annotated[tuple[Clause, ...], msgspec.Meta(min_length=1, max_length=64)]


def with_clauses(pact: Pact, text: str, *, file: str) -> Pact:
    """The pact with the `[[clause]]` tables of a TOML text, checked together; its version says so."""
    added = parse_document(text, _Clauses, file=file).clause
    before = len(pact.clause)
    names = ", ".join(clause.id for clause in added)
    longer = msgspec.structs.replace(
        pact, clause=(*pact.clause, *added), version=f"{pact.version} with {names}"
    )

    def locate(place: Place) -> tuple[str, str, Place]:
        """Where an added clause stands; what is wrong with another is so because of the added ones."""
        if len(place) > 1 and place[0] == "clause" and isinstance(place[1], int) and place[1] >= before:
            return text, file, ("clause", place[1] - before, *place[2:])
        return text, file, ()

    validate(longer, text=text, file=file, locate=locate)
    return longer
