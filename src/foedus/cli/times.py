"""Times as people type them."""

from datetime import datetime

import click

from foedus.pact.tables.compile import time_ns_of


def parse_time(text: str, *, option: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 time or a date; without an offset UTC is meant."""
    return time_ns_of(parse_instant(text, option=option))


def parse_instant(text: str, *, option: str) -> datetime:
    """The instant of an RFC 3339 time or a date; without an offset UTC is meant."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time such as 2018-08-01T12:00:00Z", param_hint=option
        ) from None
    return instant if instant.tzinfo else datetime.fromisoformat(instant.isoformat() + "+00:00")
