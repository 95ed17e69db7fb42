"""The table at the end of a run."""

import click
import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from foedus.live.session import Session
from foedus.live.summary import LinkSummary, MemberSummary, summarise

COLUMNS = ("member", "plots", "tracks", "party", "released", "withheld", "received", "warned", "ms")
CAPTION = """\
plots     taken in
tracks    own tracks held at the end / tracks in the picture
released  rows given to the party; received: rows that it gave
withheld  rows not given, and the clause by which
warned    warnings sent / on its disk / on its screen / acknowledged by a person
ms        from a partner's plot intake to this picture: median / 99th percentile"""
LEFT = ("member", "party", "withheld")


def print_summary(session: Session, *, as_json: bool) -> None:
    """One table for people, or the same as one JSON array."""
    summaries = summarise(session)
    if as_json:
        click.echo(msgspec.json.encode(summaries).decode())
        return
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in COLUMNS:
        table.add_column(
            name, justify="left" if name in LEFT else "right", overflow="fold", min_width=len(name)
        )
    for summary in summaries:
        for index, link in enumerate(summary.links):
            table.add_row(*_row(summary, link, first=index == 0))
        table.add_section()
    console = Console()
    console.print(f"{session.network.title}: what each member's node did", highlight=False)
    console.print(table)
    console.print(CAPTION, highlight=False)
    for summary in summaries:
        for line in (*_outputs(summary), *_refusals(summary)):
            click.echo(line)


def _outputs(summary: MemberSummary) -> list[str]:
    """One line for every output to another system."""
    return [
        f"{summary.member}: output {one.output} ({one.kind}): {one.sent:,} sent, {one.skipped:,} skipped,"
        f" {one.lost:,} lost; {one.state}"
        for one in summary.outputs
    ]


def _refusals(summary: MemberSummary) -> list[str]:
    """One line for everything that was refused, by whom and why."""
    kinds = (
        ("messages held back by the guard", summary.guard_refusals),
        ("dropped", summary.dropped),
        ("plots or records refused", summary.plots_refused),
    )
    return [
        f"{summary.member}: {count:,} {kind}: {reason}"
        for kind, counts in kinds
        for reason, count in counts.items()
    ]


def _row(summary: MemberSummary, link: LinkSummary, *, first: bool) -> tuple[str, ...]:
    withheld = ", ".join(f"{rows:,} {clause}" for clause, rows in link.withheld.items())
    return (
        summary.member if first else "",
        f"{summary.plots:,}" if first else "",
        f"{summary.tracks_held}/{summary.tracks_in_picture}" if first else "",
        f"{link.party} ({link.via})" if link.via else link.party,
        f"{link.released_rows:,}",
        withheld or "-",
        f"{link.received_rows:,}",
        _warned(link),
        _latency(summary) if first else "",
    )


def _warned(link: LinkSummary) -> str:
    if not link.warnings_sent:
        return "-"
    steps = (link.warnings_sent, link.warnings_stored, link.warnings_shown, link.warnings_acknowledged)
    return "/".join(str(step) for step in steps)


def _latency(summary: MemberSummary) -> str:
    if summary.latency_p50_s is None or summary.latency_p99_s is None:
        return "-"
    return f"{1000 * summary.latency_p50_s:.0f}/{1000 * summary.latency_p99_s:.0f}"
