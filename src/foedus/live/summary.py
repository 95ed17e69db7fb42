"""What a session did, member by member: the table at the end of a run."""

import msgspec

from foedus.live.member import LiveMember
from foedus.live.output import OutputCounts
from foedus.live.session import Session
from foedus.view import LinkView, WarningView


class LinkSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What passed between a member and one party."""

    party: str
    via: str
    released_rows: int
    withheld: dict[str, int]  # rows by clause; "default deny" where no clause speaks
    received_rows: int
    warnings_sent: int
    warnings_stored: int  # of those sent: on the party's disk
    warnings_shown: int  # on its screen
    warnings_acknowledged: int  # by a person there
    warnings_received: int


class MemberSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What one member's node did."""

    member: str
    plots: int
    plots_refused: dict[str, int]
    tracks_confirmed: int
    tracks_held: int  # own tracks at the end
    tracks_in_picture: int
    links: tuple[LinkSummary, ...]
    warnings_raised: int  # to others and to itself
    warnings_sent: int
    warnings_stored: int  # of those sent: on the recipient's disk
    warnings_shown: int  # on its screen
    warnings_acknowledged: int  # by a person there
    dropped: dict[str, int]  # messages, warnings and rows that came and were not taken, by reason
    guard_refusals: dict[str, int]  # one's own messages, by reason
    latency_p50_s: float | None  # from a partner's plot intake to this picture
    latency_p99_s: float | None
    outputs: tuple[OutputCounts, ...]
    steps: int
    journal: str


def summarise(session: Session) -> tuple[MemberSummary, ...]:
    """One summary per member, in the order of the network file."""
    return tuple(_member(member) for member in session.members.values())


def _member(member: LiveMember) -> MemberSummary:
    node = member.station.node
    view = node.view()
    counts = node.tracker_counts
    held, pictured = node.tracks_held
    sent = [warning for warning in view.warnings if warning.direction == "sent"]
    latency = member.latencies.percentiles_s()
    refused = dict(counts.refused)
    for feed in view.feeds:
        for reason, count in feed.refused:
            refused[reason] = refused.get(reason, 0) + count
    return MemberSummary(
        member=node.member,
        plots=sum(feed.plots for feed in view.feeds),
        plots_refused=refused,
        tracks_confirmed=counts.confirmed,
        tracks_held=held,
        tracks_in_picture=pictured,
        links=tuple(_link(link, sent) for link in view.links),
        warnings_raised=sum(warning.direction != "received" for warning in view.warnings),
        warnings_sent=len(sent),
        warnings_stored=sum(warning.stored_ns > 0 for warning in sent),
        warnings_shown=sum(warning.shown_ns > 0 for warning in sent),
        warnings_acknowledged=sum(warning.acknowledged_ns > 0 for warning in sent),
        dropped=node.dropped(),
        guard_refusals={
            f"{one.recipient}: {one.reason}": count for one, count in sorted(member.refusals.items())
        },
        latency_p50_s=latency[0] if latency else None,
        latency_p99_s=latency[1] if latency else None,
        outputs=member.outputs.counts(),
        steps=member.store.entries_count,
        journal=member.store.where,
    )


def _link(link: LinkView, sent: list[WarningView]) -> LinkSummary:
    sent = [warning for warning in sent if warning.party == link.party]
    return LinkSummary(
        party=link.party,
        via=link.via,
        released_rows=link.released_rows,
        withheld={clause or "default deny": rows for clause, rows in link.withheld},
        received_rows=link.received_rows,
        warnings_sent=link.warnings_sent,
        warnings_stored=sum(warning.stored_ns > 0 for warning in sent),
        warnings_shown=sum(warning.shown_ns > 0 for warning in sent),
        warnings_acknowledged=sum(warning.acknowledged_ns > 0 for warning in sent),
        warnings_received=link.warnings_received,
    )
