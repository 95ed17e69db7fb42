"""What a node keeps of each partner: message order, and the newest row of every track that it was given."""

from typing import Final

import numpy as np

from foedus.errors import WireError
from foedus.limits import TRACKS_MAX
from foedus.model import SECOND_NS, Bool, Form, Reports, TrackClass, Tracks, concatenate, take
from foedus.track import reports_to_tracks
from foedus.wire import Picture, unpack_columns

ROW_AGE_MAX_NS: Final = 60 * SECOND_NS
"""A row that was not renewed for this long is no longer shown: six updates of a 10 s receiver."""

AHEAD_MAX_NS: Final = 10 * SECOND_NS
"""How far a partner's clock may be ahead of ours before its picture is refused."""


class Partner:
    """One party that sends to this node."""

    def __init__(self, party: str, *, parties: int) -> None:
        self.party = party
        self._parties = parties
        self._sequence = 0
        self.repeated = 0
        self.missing = 0
        self.rows_count = 0
        self.newest_ns = 0
        self.reports = Reports.empty(0, parties)
        self.tracks = Tracks.empty()  # the same rows, ready to be fused
        self.news: list[Reports] = []  # rows that came since the last tick

    def is_new(self, sequence: int) -> bool:
        """Whether a message is to be processed; counts repeated and missing ones."""
        if sequence <= self._sequence:
            self.repeated += 1
            return False
        self.missing += sequence - self._sequence - 1
        self._sequence = sequence
        return True

    def take_picture(self, picture: Picture, *, pact: str, clauses: tuple[str, ...], now_ns: int) -> Reports:
        """The rows of a picture, checked and kept; WireError says which row is impossible and why.

        pact: digest of the pact in force here. clauses: its clause ids; the rows that come back and the rows
        kept point into them.
        """
        where = f"picture from {self.party}"
        self.forget_old(now_ns)
        if picture.pact != pact:
            raise WireError(
                where=where, found=f"pact {picture.pact[:12]}", expected=f"pact {pact[:12]}, in force here"
            )
        if picture.time_ns > now_ns + AHEAD_MAX_NS:
            raise WireError(
                where=where, found="a time ahead of this node's clock", expected="a clock within 10 s"
            )
        reports = unpack_columns(picture.reports, Reports, parties=self._parties, where=where)
        _check_rows(reports, picture, where)
        reports = reports._replace(clause=_translate(reports, picture, clauses, where))
        others = ~np.isin(self.reports.number, reports.number)
        if int(others.sum()) + len(reports.number) > TRACKS_MAX:
            found = f"{int(others.sum()) + len(reports.number)} tracks within a minute"
            raise WireError(where=where, found=found, expected=f"at most {TRACKS_MAX}")
        self.newest_ns = picture.time_ns
        self.rows_count += len(reports.number)
        self._keep(reports, others)
        return reports

    def forget_old(self, now_ns: int) -> None:
        """Drop the rows that were not renewed in time."""
        fresh = self.reports.time_ns >= now_ns - ROW_AGE_MAX_NS
        if not fresh.all():
            self.reports = take(self.reports, fresh)
            self.tracks = reports_to_tracks(self.reports)

    def seal(self) -> None:
        """Let none of the rows kept go onward: their marks were set before the pact said something else."""
        self.reports = self.reports._replace(onward=np.zeros_like(self.reports.onward))

    def _keep(self, reports: Reports, others: Bool) -> None:
        """Put rows in the place of older ones of the same tracks; `others` are the kept rows that stay."""
        if len(reports.number) == 0:
            return
        self.news.append(reports)
        self.reports = concatenate([take(self.reports, others), reports])
        self.tracks = reports_to_tracks(self.reports)


def _check_rows(reports: Reports, picture: Picture, where: str) -> None:
    """WireError unless every row is one that an honest partner could send."""
    with np.errstate(invalid="ignore"):
        checks = (
            ("number", reports.number >= 1, "1 or more"),
            ("time_ns", reports.time_ns <= picture.time_ns, "no later than the picture"),
            ("form", (reports.form >= Form.ALERT) & (reports.form <= Form.TRACK), "alert to track"),
            (
                "clause",
                (reports.clause >= 0) & (reports.clause < len(picture.clauses)),
                "a clause of the message",
            ),
            ("lat_rad", np.abs(reports.lat_rad) <= np.pi / 2, "-pi/2 to pi/2"),
            ("lon_rad", np.abs(reports.lon_rad) <= np.pi, "-pi to pi"),
            ("height_m", ~(np.abs(reports.height_m) > 1e6), "unknown or within 1,000 km"),
            ("velocity_east_m_s", ~(np.abs(reports.velocity_east_m_s) > 2e4), "unknown or within 20 km/s"),
            ("velocity_north_m_s", ~(np.abs(reports.velocity_north_m_s) > 2e4), "unknown or within 20 km/s"),
            ("velocity_up_m_s", ~(np.abs(reports.velocity_up_m_s) > 2e4), "unknown or within 20 km/s"),
            (
                "position_sigma_m",
                (reports.position_sigma_m > 0) & (reports.position_sigma_m < 1e6),
                "above 0",
            ),
            ("track_class", (reports.track_class >= 0) & (reports.track_class < len(TrackClass)), "a class"),
            ("icao24", (reports.icao24 >= -1) & (reports.icao24 < 1 << 24), "24 bits or -1"),
        )
    for column, good, expected in checks:
        if not good.all():
            row = int(np.flatnonzero(~good)[0])
            found = getattr(reports, column)[row]
            raise WireError(where=f"{where}: row {row}: {column}", found=str(found), expected=expected)
    if len(np.unique(reports.number)) != len(reports.number):
        raise WireError(where=f"{where}: number", found="one number twice", expected="one row per track")


def _translate(
    reports: Reports, picture: Picture, clauses: tuple[str, ...], where: str
) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """The clause column, pointing into this node's clause ids instead of the message's."""
    index = []
    for clause in picture.clauses:
        if clause not in clauses:
            raise WireError(
                where=f"{where}: clauses", found=clause, expected="clause ids of the pact in force"
            )
        index.append(clauses.index(clause))
    return np.array(index, np.int16)[reports.clause] if index else reports.clause
