"""The table at the end of a run."""

import click
import msgspec
from rich.console import Console
from rich.table import Table

from foedus.live.session import Session
from foedus.live.summary import LinkSummary, MemberSummary, summarise

COLUMNS = (
    ("member", "left"),
    ("plots in", "right"),
    ("tracks held", "right"),
    ("in picture", "right"),
    ("party", "left"),
    ("rows released", "right"),
    ("rows withheld, by clause", "left"),
    ("rows received", "right"),
    ("warnings sent", "right"),
    ("latency p50 / p99", "right"),
)


def print_summary(session: Session, *, as_json: bool) -> None:
    """One table for people, or the same as one JSON array."""
    summaries = summarise(session)
    if as_json:
        click.echo(msgspec.json.encode(summaries).decode())
        return
    table = Table(title=f"{session.network.title}: what each member's node did", caption=CAPTION)
    for name, justify in COLUMNS:
        table.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    for summary in summaries:
        for index, link in enumerate(summary.links):
            table.add_row(
                *(_head(summary) if index == 0 else ("", "", "", "")), *_link(summary, link, first=not index)
            )
        table.add_section()
    Console(width=None if Console().is_terminal else 160).print(table)
    for summary in summaries:
        for kind, counts in (
            ("refused by the guard", summary.guard_refusals),
            ("refused", summary.messages_refused),
        ):
            for reason, count in counts.items():
                click.echo(f"{summary.member}: {count} messages {kind}: {reason}")
        for reason, count in summary.plots_refused.items():
            click.echo(f"{summary.member}: {count} plots or records refused: {reason}")


CAPTION = (
    "warnings sent: in all / on the recipient's disk / on its screen / acknowledged by a person there; "
    "latency: from a partner's plot intake to this member's picture, wall clock"
)


def _head(summary: MemberSummary) -> tuple[str, str, str, str]:
    return (
        summary.member,
        f"{summary.plots:,}",
        f"{summary.tracks_held} of {summary.tracks_confirmed:,}",
        str(summary.tracks_in_picture),
    )


def _link(summary: MemberSummary, link: LinkSummary, *, first: bool) -> tuple[str, ...]:
    withheld = ", ".join(f"{rows:,} ({clause})" for clause, rows in link.withheld.items())
    warned = "" if not link.warnings_sent else _warned(summary)
    return (
        link.party + (f" via {link.via}" if link.via else ""),
        f"{link.released_rows:,}",
        withheld or "-",
        f"{link.received_rows:,}",
        warned,
        _latency(summary) if first else "",
    )


def _warned(summary: MemberSummary) -> str:
    return (
        f"{summary.warnings_sent} / {summary.warnings_stored} / "
        f"{summary.warnings_shown} / {summary.warnings_acknowledged}"
    )


def _latency(summary: MemberSummary) -> str:
    if summary.latency_p50_s is None or summary.latency_p99_s is None:
        return "-"
    return f"{1000 * summary.latency_p50_s:.0f} / {1000 * summary.latency_p99_s:.0f} ms"
