"""Instants as the formats spell them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(time_ns: int) -> str:
    """RFC 3339 in UTC to the millisecond, rounded down, such as 2018-08-01T11:30:00.000Z."""
    moment = _EPOCH + timedelta(milliseconds=time_ns // 1_000_000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
