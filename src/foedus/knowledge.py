"""What the warnings of a node may rest on: at a member its own tracks, at the hub what may serve each party.

The hub warns a party from a fusion of nothing but rows that may go on to that party, in whatever form: an
alert is enough. The fusers are others than those of the rows that the hub gives, so that a row that may only
serve a warning touches none of those. What came from the party itself is left out: it knows that already.
"""

from typing import NamedTuple

import numpy as np

from foedus.model import I8, Form, Tracks, take
from foedus.pact.tables.compile import PactTables
from foedus.partners import Partner
from foedus.track import Fuser, reports_to_tracks


class Knowledge(NamedTuple):
    """Tracks on which warnings may rest."""

    source: str  # names it, the same at every tick; numbers of tracks are unique within one source
    tracks: Tracks
    onward: I8  # (n,), at the hub the lowest onward form behind each row; SOURCE for one's own tracks


def own_knowledge(source: str, tracks: Tracks) -> Knowledge:
    """A member's own tracks, of which it may tell whatever its duties ask."""
    return Knowledge(source, tracks, np.full(len(tracks.number), Form.SOURCE, np.int8))


class HubKnowledge:
    """What the hub knows for each party that it must warn; nothing at any other member."""

    def __init__(self, tables: PactTables) -> None:
        self._fusers: dict[str, Fuser] = {}
        self.change(tables)

    def change(self, tables: PactTables) -> None:
        """Go by new tables from now on."""
        self._tables = tables
        wanted = {
            hub_source(duty.to, duty.behind): (duty.to, duty.behind) for duty in tables.duties if tables.hub
        }
        self._wanted = wanted
        self._fusers = {source: self._fusers.get(source) or Fuser() for source in wanted}

    def tick(self, partners: dict[str, Partner], *, now_ns: int) -> list[Knowledge]:
        """One piece of knowledge for each party to be warned and set of parties whose data may serve."""
        found = []
        for source, (to, behind) in self._wanted.items():
            tracks, lowest = fuse_onward(
                self._fusers[source],
                self._tables,
                to,
                partners,
                least=Form.ALERT,
                behind=behind,
                now_ns=now_ns,
            )
            found.append(Knowledge(source, tracks, lowest))
        return found


def hub_source(to: str, behind: int) -> str:
    """The name of what the hub knows for a party from the data of these parties (bits)."""
    return f"{to}:{behind:x}"


def fuse_onward(
    fuser: Fuser,
    tables: PactTables,
    recipient: str,
    partners: dict[str, Partner],
    *,
    least: Form,
    behind: int,
    now_ns: int,
) -> tuple[Tracks, I8]:
    """One recipient's tracks at the hub, and for each the lowest onward form among the rows behind it.

    least: rows that may go on to the recipient in a lower form than this stay out. behind: parties whose rows
    may be used, as bits; the recipient's never are.
    """
    column = tables.parties.index(recipient)
    sources: list[tuple[int, Tracks]] = []
    forms: dict[tuple[int, int], int] = {}
    for party, partner in partners.items():
        bit = tables.parties.index(party)
        rows = take(partner.reports, partner.reports.onward[:, column] >= least)
        if party == recipient or not behind >> bit & 1 or len(rows.number) == 0:
            continue
        sources.append((bit, reports_to_tracks(rows)))
        for number, form in zip(rows.number.tolist(), rows.onward[:, column].tolist(), strict=True):
            forms[bit, number] = form
    tracks = fuser.update(sources, now_ns=now_ns)
    lowest = dict.fromkeys(tracks.number.tolist(), int(Form.SOURCE))
    for bit, theirs, number in fuser.pairs():
        lowest[number] = min(lowest[number], forms[bit, theirs])
    return tracks, np.array(list(lowest.values()), np.int8)
