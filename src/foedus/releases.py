"""What a node gives its partners: from a tracker per release group, at a hub from a fuser per recipient."""

import numpy as np

from foedus.model import I8, Form, Plots, Sensor, TrackClass, Tracks, take
from foedus.outflow import Outflow, count_verdicts, picture_of
from foedus.pact.clauses import Pact
from foedus.pact.compile import PactTables, groups, route_between
from foedus.pact.release import (
    Decisions,
    clause_name,
    decide,
    decide_onward,
    degrade,
    onward,
    plot_mask,
    zones_of,
)
from foedus.pact.rules import DENY
from foedus.partners import Partner
from foedus.track import Fuser, Placer, Tracker, reports_to_tracks
from foedus.view import ReleaseView
from foedus.wire import Evidence, Send, Verdicts, pack_columns


class MemberReleases:
    """Releases of a member with sensors.

    outflows: by party; they outlive a change of tables, so that no number is given twice.

    Partners that may have every plot are served from the node's own tracker. Each group of partners that may
    not has a tracker of its own, which never sees a plot that they may not have.
    """

    def __init__(self, tables: PactTables, outflows: dict[str, Outflow], sensors: tuple[Sensor, ...]) -> None:
        self.outflows = outflows
        self._tables = tables
        self._placer = Placer(sensors)
        self._trackers = {
            group.partners: Tracker(sensors) for group in groups(tables) if not group.every_plot
        }
        self._counted: dict[int, int] = {}  # own track -> newest time counted as released or withheld

    def tick(self, plots: Plots, own: Tracks, partners: dict[str, Partner], *, now_ns: int) -> list[Send]:
        """One picture for each partner; `own` are the tracks of the node's own tracker after `plots`."""
        tables = self._tables
        withheld = self._count_withheld(own)
        sends = []
        for group in groups(tables):
            tracker = self._trackers.get(group.partners)
            tracks = own if tracker is None else self._restricted(tracker, group.partners, plots, now_ns)
            zones = zones_of(tables, tracks.lat_rad, tracks.lon_rad, tracks.height_m)
            decisions = decide(tables, tracks.track_class, zones)
            for recipient in group.partners:
                forms = None
                if tables.parties.index(recipient) == tables.hub_index:
                    forms = onward(tables, tracks.track_class, zones)
                    # What a party is given directly it is not given through the hub as well.
                    forms[decisions.form >= forms] = Form.NONE
                sends.append(
                    give(
                        tables,
                        self.outflows[recipient],
                        tracks,
                        decisions,
                        withheld=withheld[recipient],
                        now_ns=now_ns,
                        onward_forms=forms,
                    )
                )
        return sends

    def _restricted(self, tracker: Tracker, group: tuple[str, ...], plots: Plots, now_ns: int) -> Tracks:
        """The tracks of a release group, after those of the plots that it may have."""
        if len(plots.time_ns):
            lat_rad, lon_rad, height_m = self._placer.place(plots)
            zones = zones_of(self._tables, lat_rad, lon_rad, height_m)
            answers = (plots.icao24 >= 0) | (plots.mode_a >= 0)
            track_class = np.where(answers, TrackClass.COOPERATIVE, TrackClass.UNIDENTIFIED).astype(np.int8)
            plots = take(plots, plot_mask(self._tables, group, track_class, zones))
        tracker.step(plots, now_ns=now_ns)
        return tracker.tracks()

    def _count_withheld(self, own: Tracks) -> dict[str, tuple[Verdicts, ...]]:
        """For each party the rows of own tracks that it is not given, by clause; each update counts once."""
        numbers, times = own.number.tolist(), own.time_ns.tolist()
        fresh = np.array(
            [self._counted.get(number, -1) < time_ns for number, time_ns in zip(numbers, times, strict=True)],
            bool,
        )
        self._counted = dict(zip(numbers, times, strict=True))
        tracks = take(own, fresh)
        tables = self._tables
        zones = zones_of(tables, tracks.lat_rad, tracks.lon_rad, tracks.height_m)
        decisions = decide(tables, tracks.track_class, zones)
        found = {}
        for index, party in enumerate(tables.parties):
            if index != tables.me:
                held = decisions.form[:, index] == Form.NONE
                found[party] = count_verdicts(
                    decisions.form[held, index], decisions.clause[held, index], tables.clauses
                )
                if party not in tables.partners:
                    self.outflows[party].count(found[party])
        return found

    def views(self, own: Tracks, number: int) -> tuple[ReleaseView, ...]:
        """What each party is given of one's own track, and by which clause."""
        tables = self._tables
        tracks = take(own, own.number == number)
        if len(tracks.number) == 0:
            return ()
        zones = zones_of(tables, tracks.lat_rad, tracks.lon_rad, tracks.height_m)
        decisions = decide(tables, tracks.track_class, zones)
        return tuple(
            ReleaseView(
                party=party,
                form=Form(int(decisions.form[0, index])).name.lower(),
                clause=clause_name(tables, int(decisions.clause[0, index])),
            )
            for index, party in enumerate(tables.parties)
            if index != tables.me
        )


class HubReleases:
    """Releases of the hub: for each recipient a fusion of nothing but what that recipient may have.

    The recipient's own data are left out, so that nothing comes back to its owner or is counted twice.
    """

    def __init__(self, tables: PactTables, outflows: dict[str, Outflow], pact: Pact) -> None:
        self.outflows = outflows
        self._tables = tables
        self._routed = {
            recipient: [party for party in tables.parties if route_between(pact, party, recipient) != DENY]
            for recipient in tables.partners
        }
        self._fusers = {partner: Fuser() for partner in tables.partners}

    def tick(self, plots: Plots, own: Tracks, partners: dict[str, Partner], *, now_ns: int) -> list[Send]:
        """One picture for each partner, from the rows that partners gave the hub."""
        assert len(plots.time_ns) == 0
        assert len(own.number) == 0
        sends = []
        for recipient in self._tables.partners:
            tracks, forms_in = self._fuse_for(recipient, partners, now_ns)
            zones = zones_of(self._tables, tracks.lat_rad, tracks.lon_rad, tracks.height_m)
            decisions = decide_onward(self._tables, forms_in, tracks.track_class, zones)
            withheld = self._count_withheld(recipient, partners)
            sends.append(
                give(
                    self._tables,
                    self.outflows[recipient],
                    tracks,
                    decisions,
                    withheld=withheld,
                    now_ns=now_ns,
                    forms_in=forms_in,
                )
            )
        return sends

    def _fuse_for(self, recipient: str, partners: dict[str, Partner], now_ns: int) -> tuple[Tracks, I8]:
        """One recipient's tracks, and per track and party the lowest onward form among the rows behind it."""
        column = self._tables.parties.index(recipient)
        sources: list[tuple[int, Tracks]] = []
        forms: dict[tuple[int, int], int] = {}
        for party, partner in partners.items():
            rows = take(partner.reports, partner.reports.onward[:, column] > Form.NONE)
            if party == recipient or len(rows.number) == 0:
                continue
            bit = self._tables.parties.index(party)
            sources.append((bit, reports_to_tracks(rows)))
            for number, form in zip(rows.number.tolist(), rows.onward[:, column].tolist(), strict=True):
                forms[bit, number] = form
        fuser = self._fusers[recipient]
        tracks = fuser.update(sources, now_ns=now_ns)
        lowest = dict.fromkeys(tracks.number.tolist(), int(Form.SOURCE))
        for bit, theirs, number in fuser.pairs():
            lowest[number] = min(lowest[number], forms[bit, theirs])
        forms_in = np.zeros((len(tracks.number), len(self._tables.parties)), np.int8)
        forms_in[:, column] = list(lowest.values())
        return tracks, forms_in

    def _count_withheld(self, recipient: str, partners: dict[str, Partner]) -> tuple[Verdicts, ...]:
        """Rows since the last tick that reach the recipient through the hub or not at all, and may not."""
        column = self._tables.parties.index(recipient)
        rows = sum(
            int((news.onward[:, column] == Form.NONE).sum())
            for party in self._routed[recipient]
            for news in partners[party].news
        )
        return (Verdicts(clause_name(self._tables, self._tables.caveat), Form.NONE, rows),) if rows else ()

    def views(self, own: Tracks, number: int) -> tuple[ReleaseView, ...]:
        """Nothing: a hub has no tracks of its own."""
        return ()


Releases = MemberReleases | HubReleases


def give(
    tables: PactTables,
    outflow: Outflow,
    tracks: Tracks,
    decisions: Decisions,
    *,
    withheld: tuple[Verdicts, ...],
    now_ns: int,
    onward_forms: I8 | None = None,
    forms_in: I8 | None = None,
) -> Send:
    """The picture for one recipient: what is new to it, cut to its form, with the evidence for the guard.

    onward_forms: (n, parties), what the hub may pass on, in a picture for the hub. forms_in: (n, parties),
    the lowest onward form behind each row, in a picture from the hub.
    """
    column = tables.parties.index(outflow.recipient)
    rows = np.flatnonzero(outflow.fresh(tracks, decisions.form[:, column]))
    given = take(tracks, rows)
    form = np.ascontiguousarray(decisions.form[rows, column])
    clause = np.ascontiguousarray(decisions.clause[rows, column])
    reports = degrade(
        given,
        form,
        clause,
        tables,
        numbers=outflow.number(given),
        onward=None if onward_forms is None else onward_forms[rows],
    )
    verdicts = count_verdicts(form, clause, tables.clauses) + withheld
    outflow.count(verdicts)
    outflow.forget_absent(tracks)
    evidence = Evidence(pack_columns(given), b"" if forms_in is None else forms_in[rows, column].tobytes())
    return picture_of(
        reports,
        recipient=outflow.recipient,
        time_ns=now_ns,
        pact=tables.digest,
        clauses=tables.clauses,
        evidence=evidence,
        verdicts=verdicts,
    )
