"""What commands on recorded files share: the sensor file, and the day that a clock leaves out."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.document import error_at, parse_document, read_text
from foedus.limits import SENSORS_MAX
from foedus.model import SECOND_NS, Sensor
from foedus.network import sensor_fault


class SensorFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sensor file: one [[sensor]] table per sensor."""

    sensor: tuple[Sensor, ...]


def read_sensors(path: str) -> tuple[Sensor, ...]:
    """The sensors of a sensor file; DocumentError says what is wrong in it, and where."""
    text = read_text(Path(path))
    sensors = parse_document(text, SensorFile, file=path).sensor
    if not sensors:
        raise error_at(text, ("sensor",), file=path, found="no [[sensor]]", expected="at least one")
    ids = [sensor.id for sensor in sensors]
    for row, sensor in enumerate(sensors):
        fault = sensor_fault(sensor)
        if sensor.id in ids[:row]:
            fault = ("id", f"{sensor.id!r} a second time", "an id of its own")
        if fault is not None:
            raise error_at(text, ("sensor", row, fault[0]), file=path, found=fault[1], expected=fault[2])
    if len(sensors) > SENSORS_MAX:
        place = ("sensor", SENSORS_MAX)
        raise error_at(
            text, place, file=path, found=f"sensor {len(sensors)}", expected=f"at most {SENSORS_MAX}"
        )
    return sensors


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
