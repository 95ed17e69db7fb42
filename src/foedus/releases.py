"""What a node gives its partners: from a tracker per release group, at a hub from a fuser per recipient."""

from typing import Final, NamedTuple

import numpy as np

from foedus.knowledge import fuse_onward
from foedus.model import I8, I16, I64, Bool, Form, Plots, Sensor, TrackClass, Tracks, concatenate, take
from foedus.outflow import Held, Outflow, count_verdicts, picture_of
from foedus.pact.clauses import Pact
from foedus.pact.tables.compile import PactTables, ReleaseGroup, groups, route_between
from foedus.pact.tables.onward import PlotMask
from foedus.pact.tables.release import (
    Decisions,
    clause_name,
    decide,
    decide_onward,
    degrade,
    delays,
    onward,
    plot_mask,
    zones_of,
)
from foedus.pact.tables.rules import DENY
from foedus.partners import Partner
from foedus.track import Fuser, Placer, Tracker
from foedus.view import ReleaseView
from foedus.watch.identity import classes_at
from foedus.wire import Evidence, Send, Verdicts, pack_columns

EVERYBODY: Final = -1
"""All parties as bits: a row of the hub may rest on anybody's that may go on as a row."""


class MemberReleases:
    """Releases of a member with sensors.

    outflows: by party; they outlive a change of tables, so that no number is given twice.

    Partners that may have every plot are served from the node's own tracker. Each group of partners that may
    not has a tracker of its own, which never sees a plot that they may not have.
    """

    def __init__(self, tables: PactTables, outflows: dict[str, Outflow], sensors: tuple[Sensor, ...]) -> None:
        self.outflows = outflows
        self._sensors = sensors
        self._placer = Placer(sensors)
        self._trackers: dict[PlotMask, Tracker] = {}  # for the groups that may not have every plot
        self._sources: dict[str, Tracker | None] = {}  # recipient -> whose tracks it is given, None: own
        self._counted: dict[int, int] = {}  # own track -> newest time counted as released or withheld
        self.change(tables, {})

    def change(self, tables: PactTables, partners: dict[str, Partner]) -> None:
        """Go by new tables from now on. A group whose plots stay the same keeps its tracker.

        A recipient whose plots do not starts anew: it gets other numbers, and what waited for it is dropped.
        """
        before, sources = self._sources, {}
        trackers: dict[PlotMask, Tracker] = {}
        for group in groups(tables):
            mask = self._mask(tables, group)
            if not group.every_plot:
                trackers[mask] = self._trackers.get(mask) or Tracker(self._sensors)
            for recipient in group.partners:
                sources[recipient] = trackers.get(mask)
        for recipient in before:
            if recipient not in sources or sources[recipient] is not before[recipient]:
                self.outflows[recipient].start_anew()
        self._tables, self._trackers, self._sources = tables, trackers, sources

    @staticmethod
    def _mask(tables: PactTables, group: ReleaseGroup) -> PlotMask:
        return tables.plot_masks[tables.parties.index(group.partners[0])]

    def tick(self, plots: Plots, own: Tracks, partners: dict[str, Partner], *, now_ns: int) -> list[Send]:
        """One picture for each partner; `own` are the tracks of the node's own tracker after `plots`."""
        tables = self._tables
        withheld = self._count_withheld(own)
        sends = []
        for group in groups(tables):
            tracker = self._trackers.get(self._mask(tables, group))
            tracks = own if tracker is None else self._restricted(tracker, group.partners, plots, own, now_ns)
            decisions = self._decide(tracks)
            for recipient in group.partners:
                column = tables.parties.index(recipient)
                outflow = self.outflows[recipient]
                due = outflow.take_due(now_ns)
                given = choose(
                    tables,
                    outflow,
                    Candidates(tracks, _column(decisions, column)),
                    Candidates(due.tracks, _column(self._decide(due.tracks), column)),
                    now_ns=now_ns,
                )
                onward_forms = self._onward(given.tracks, column)
                sends.append(
                    give(
                        tables,
                        outflow,
                        given,
                        withheld=withheld[recipient],
                        now_ns=now_ns,
                        onward_forms=onward_forms,
                    )
                )
                outflow.forget_absent(tracks)
        return sends

    def _decide(self, tracks: Tracks) -> Decisions:
        tables = self._tables
        zones = zones_of(tables, tracks.lat_rad, tracks.lon_rad, tracks.height_m)
        return decide(tables, tracks.track_class, zones)

    def _onward(self, tracks: Tracks, column: int) -> I8 | None:
        """In rows for the hub: what it may pass on, (n, parties), by the tables of this tick."""
        tables = self._tables
        if column != tables.hub_index:
            return None
        zones = zones_of(tables, tracks.lat_rad, tracks.lon_rad, tracks.height_m)
        forms = onward(tables, tracks.track_class, zones)
        # What a party is given directly it is not given through the hub as well.
        forms[decide(tables, tracks.track_class, zones).form >= forms] = Form.NONE
        return forms

    def _restricted(
        self, tracker: Tracker, group: tuple[str, ...], plots: Plots, own: Tracks, now_ns: int
    ) -> Tracks:
        """The tracks of a release group, after those of the plots that it may have.

        A class that own tracks have by declaration or by their motion holds for the plots and for the tracks.
        """
        if len(plots.time_ns):
            lat_rad, lon_rad, height_m = self._placer.place(plots)
            zones = zones_of(self._tables, lat_rad, lon_rad, height_m)
            answers = (plots.icao24 >= 0) | (plots.mode_a >= 0)
            track_class = np.where(answers, TrackClass.COOPERATIVE, TrackClass.UNIDENTIFIED).astype(np.int8)
            track_class = classes_at(
                own, lat_rad=lat_rad, lon_rad=lon_rad, time_ns=plots.time_ns, track_class=track_class
            )
            plots = take(plots, plot_mask(self._tables, group, track_class, zones))
        tracker.step(plots, now_ns=now_ns)
        tracks = tracker.tracks()
        return tracks._replace(
            track_class=classes_at(
                own,
                lat_rad=tracks.lat_rad,
                lon_rad=tracks.lon_rad,
                time_ns=tracks.time_ns,
                track_class=tracks.track_class,
            )
        )

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

    def may_go_on(self, own: Tracks, *, now_ns: int) -> Decisions:
        """In which form, and by which clause, each own track as it stands may be given to each party now.

        To a party that is served from a tracker of its own only where that tracker has the very same
        estimate: any other rests on plots that the party may not have. Not before the delay of the clause.
        """
        tables = self._tables
        form, clause = self._decide(own)
        hub = tables.hub_index
        if hub >= 0:
            zones = zones_of(tables, own.lat_rad, own.lon_rad, own.height_m)
            through_hub = onward(tables, own.track_class, zones)
            farther = through_hub > form
            form = np.where(farther, through_hub, form)
            clause = np.where(farther, clause[:, hub, None], clause)
        ripe = now_ns - own.time_ns[:, None] >= delays(tables, clause)
        form = np.where(ripe, form, np.int8(Form.NONE))
        for party, tracker in self._sources.items():
            if tracker is not None:
                same = _same_estimates(own, tracker.tracks())
                form[~same, tables.parties.index(party)] = Form.NONE
        return Decisions(form, np.where(form > Form.NONE, clause, np.int16(DENY)))

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
        self._pact = pact
        self._fusers: dict[str, Fuser] = {}
        self.change(tables, {})

    def change(self, tables: PactTables, partners: dict[str, Partner]) -> None:
        """Go by new tables from now on: what came or waits under the old ones goes no further."""
        self._tables = tables
        self._routed = {
            recipient: [
                party
                for party in tables.parties
                if route_between(self._pact, party, recipient, tables.edition) != DENY
            ]
            for recipient in tables.partners
        }
        self._fusers = {partner: self._fusers.get(partner) or Fuser() for partner in tables.partners}
        for partner in partners.values():
            partner.seal()
        for outflow in self.outflows.values():
            outflow.drop_pending()

    def tick(self, plots: Plots, own: Tracks, partners: dict[str, Partner], *, now_ns: int) -> list[Send]:
        """One picture for each partner, from the rows that partners gave the hub."""
        assert len(plots.time_ns) == 0
        assert len(own.number) == 0
        sends = []
        for recipient in self._tables.partners:
            column = self._tables.parties.index(recipient)
            outflow = self.outflows[recipient]
            tracks, lowest = fuse_onward(
                self._fusers[recipient],
                self._tables,
                recipient,
                partners,
                least=Form.REGION,
                behind=EVERYBODY,
                now_ns=now_ns,
            )
            withheld = self._count_withheld(recipient, partners)
            due = outflow.take_due(now_ns)
            given = choose(
                self._tables,
                outflow,
                Candidates(tracks, self._decide(tracks, lowest, column), lowest),
                Candidates(due.tracks, self._decide(due.tracks, due.forms_in, column), due.forms_in),
                now_ns=now_ns,
            )
            sends.append(
                give(
                    self._tables,
                    outflow,
                    given,
                    withheld=withheld,
                    now_ns=now_ns,
                    forms_in=given.forms_in,
                )
            )
            outflow.forget_absent(tracks)
        return sends

    def _decide(self, tracks: Tracks, lowest: I8, column: int) -> Decisions:
        """Form and clause, (n,), of fused rows for one recipient; lowest: the onward forms behind them."""
        tables = self._tables
        forms_in = np.zeros((len(lowest), len(tables.parties)), np.int8)
        forms_in[:, column] = lowest
        zones = zones_of(tables, tracks.lat_rad, tracks.lon_rad, tracks.height_m)
        return _column(decide_onward(tables, forms_in, tracks.track_class, zones), column)

    def _count_withheld(self, recipient: str, partners: dict[str, Partner]) -> tuple[Verdicts, ...]:
        """Rows since the last tick that reach the recipient through the hub or not at all, and may not."""
        column = self._tables.parties.index(recipient)
        rows = sum(
            int((news.onward[:, column] < Form.REGION).sum())
            for party in self._routed[recipient]
            if party in partners
            for news in partners[party].news
        )
        return (Verdicts(clause_name(self._tables, self._tables.caveat), Form.NONE, rows),) if rows else ()

    def may_go_on(self, own: Tracks, *, now_ns: int) -> Decisions:
        """Nothing: a hub has no tracks of its own."""
        shape = (len(own.number), len(self._tables.parties))
        return Decisions(np.zeros(shape, np.int8), np.full(shape, DENY, np.int16))

    def views(self, own: Tracks, number: int) -> tuple[ReleaseView, ...]:
        """Nothing: a hub has no tracks of its own."""
        return ()


Releases = MemberReleases | HubReleases

_ESTIMATE = (
    "time_ns", "lat_rad", "lon_rad", "height_m", "velocity_east_m_s", "velocity_north_m_s",
    "velocity_up_m_s", "position_sigma_m", "height_sigma_m", "velocity_sigma_m_s",
    "icao24", "mode_a", "callsign", "sources",
)  # fmt: skip


def _same_estimates(own: Tracks, others: Tracks) -> Bool:
    """Which own tracks another tracker holds bit for bit, whatever it numbers them."""
    held = frozenset(_estimates(others))
    return np.array([row in held for row in _estimates(own)], bool)


def _estimates(tracks: Tracks) -> list[bytes]:
    """What a tracker knows of each of its tracks, as bytes."""
    octets = [
        np.ascontiguousarray(getattr(tracks, name)).view(np.uint8).reshape(len(tracks.number), -1)
        for name in _ESTIMATE
    ]
    return [row.tobytes() for row in np.hstack(octets)]


class Candidates(NamedTuple):
    """Rows that might go to one recipient: their tracks, and form and clause by the tables of this tick."""

    tracks: Tracks
    decisions: Decisions  # of shape (n,)
    forms_in: I8 | None = None  # at the hub: the lowest onward form behind each row


class Given(NamedTuple):
    """The rows that go to one recipient now, and what of the rows that were due does not after all."""

    tracks: Tracks
    form: I8
    clause: I16
    forms_in: I8 | None
    withheld: tuple[Verdicts, ...]


def choose(tables: PactTables, outflow: Outflow, now: Candidates, due: Candidates, *, now_ns: int) -> Given:
    """What goes to one recipient now; what is not old enough is held.

    A row leaves at the first tick at which its estimate (`time_ns`, the newest look behind it) is as old as
    its clause asks, in the form and by the clause of the tables of that tick: what has been withheld or
    revoked meanwhile stays. Of several rows of one track the newest goes.
    """
    rows = Candidates(
        concatenate([due.tracks, now.tracks]),
        Decisions(
            np.concatenate([due.decisions.form, now.decisions.form]),
            np.concatenate([due.decisions.clause, now.decisions.clause]),
        ),
        None if now.forms_in is None else np.concatenate([_forms(due), now.forms_in]),
    )
    form, clause = rows.decisions
    fresh = outflow.fresh(rows.tracks, form)
    old_enough = now_ns - rows.tracks.time_ns >= delays(tables, clause)
    waited = np.arange(len(form)) < len(due.tracks.number)
    later = fresh & ~old_enough
    later[~waited] &= outflow.unheld(take(rows.tracks, ~waited))
    due_ns = rows.tracks.time_ns + delays(tables, clause)
    outflow.hold(Held(due_ns[later], _forms(rows)[later], take(rows.tracks, later)))
    leaving = _newest_of_each(rows.tracks, fresh & old_enough)
    stopped = waited & (form == Form.NONE)
    return Given(
        take(rows.tracks, leaving),
        np.ascontiguousarray(form[leaving]),
        np.ascontiguousarray(clause[leaving]),
        None if rows.forms_in is None else rows.forms_in[leaving],
        count_verdicts(form[stopped], clause[stopped], tables.clauses),
    )


def _forms(rows: Candidates) -> I8:
    return np.zeros(len(rows.tracks.number), np.int8) if rows.forms_in is None else rows.forms_in


def _newest_of_each(tracks: Tracks, mask: Bool) -> I64:
    """The rows of the mask, of each track only the newest, in the order of the rows."""
    newest: dict[int, int] = {}
    for row in np.flatnonzero(mask).tolist():
        known = newest.get(int(tracks.number[row]))
        if known is None or tracks.time_ns[known] <= tracks.time_ns[row]:
            newest[int(tracks.number[row])] = row
    return np.array(sorted(newest.values()), np.int64)


def _column(decisions: Decisions, column: int) -> Decisions:
    """The decisions on one recipient, of shape (n,)."""
    return Decisions(decisions.form[:, column], decisions.clause[:, column])


def give(
    tables: PactTables,
    outflow: Outflow,
    given: Given,
    *,
    withheld: tuple[Verdicts, ...],
    now_ns: int,
    onward_forms: I8 | None = None,
    forms_in: I8 | None = None,
) -> Send:
    """The picture for one recipient: the rows cut to their form, with the evidence for the guard.

    onward_forms: (n, parties), what the hub may pass on, in a picture for the hub. forms_in: (n,), the lowest
    onward form behind each row, in a picture from the hub.
    """
    reports = degrade(
        given.tracks,
        given.form,
        given.clause,
        tables,
        numbers=outflow.number(given.tracks),
        onward=onward_forms,
    )
    verdicts = count_verdicts(given.form, given.clause, tables.clauses) + given.withheld + withheld
    outflow.count(verdicts)
    evidence = Evidence(pack_columns(given.tracks), b"" if forms_in is None else forms_in.tobytes())
    return picture_of(
        reports,
        recipient=outflow.recipient,
        time_ns=now_ns,
        pact=tables.digest,
        clauses=tables.clauses,
        evidence=evidence,
        verdicts=verdicts,
    )
