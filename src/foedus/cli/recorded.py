"""What commands on recorded files share: the sensor file, and the day that a clock leaves out."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.document import read_document
from foedus.model import SECOND_NS, Sensor


class SensorFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sensor file: one [[sensor]] table per sensor."""

    sensor: tuple[Sensor, ...]


def read_sensors(path: str) -> tuple[Sensor, ...]:
    """The sensors of a sensor file; DocumentError says what is wrong in it, and where."""
    return read_document(Path(path), SensorFile).sensor


def start_ns(context: click.Context, parameter: click.Parameter, text: str) -> int:
    """Nanoseconds of a day or instant; 0 where none is given."""
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text}: expected a day or an instant such as 2020-10-02") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND_NS
