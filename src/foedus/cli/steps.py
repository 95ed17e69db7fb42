"""A journal run again, step by step, by a command that looks at the node after each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from foedus.errors import JournalError
from foedus.journal import Store
from foedus.wire import Batch, decode_batch

if TYPE_CHECKING:
    from foedus.station import Station


def steps(station: "Station", store: Store) -> Iterator[Batch]:
    """Every batch after its step; JournalError where a step gives other effects than recorded."""
    for entry in store.entries():
        where = f"{store.where}: entry {entry.number}"
        batch = decode_batch(entry.batch, where=where)
        if station.advance(batch).effects != entry.effects:
            raise JournalError(f"{where} replays to other effects than recorded; `foedus replay` says more")
        yield batch
