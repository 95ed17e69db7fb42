"""`foedus drill report`: the after-action report of kept runs."""

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from foedus.errors import InputError, LimitError, SetupError


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was written."""

    file: str
    bytes: int


@click.command("report")
@click.argument("source", metavar="RUN_OR_FOLDER", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", metavar="DIR", type=click.Path(path_type=Path), required=True, help="Folder to write to."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file written.")
def report_command(source: Path, out: Path, as_json: bool) -> None:
    """Write the after-action report of a run, or of every run in a folder: HTML, PDF, JSON and Parquet.

    Runs are what `foedus drill run --out` keeps. Each has its own HTML and PDF; numbers.json and the Parquet
    tables hold the numbers of all. Needs foedus[report].

    Example: foedus drill report run/gulf -o run/gulf-report
    """
    from foedus.drill.keeping import read_run

    try:
        from foedus.report.files import report_files
    except ModuleNotFoundError as error:
        raise SetupError(f"the package {error.name} is not here; `pip install foedus[report]`") from error
    runs = [(path.stem, read_run(path)) for path in _runs_in(source)]
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in report_files(runs):
            (out / name).write_bytes(data)
            _say(Written(file=str(out / name), bytes=len(data)), as_json=as_json)
    except OSError as error:
        raise SetupError(f"{out} cannot be written ({error.strerror}); name another with -o") from error


def _runs_in(source: Path) -> Iterator[Path]:
    from foedus.limits import REPORT_RUNS_MAX

    if not source.is_dir():
        yield source
        return
    found = sorted(source.glob("*.run"))
    if not found:
        raise InputError(where=str(source), found="no run", expected="files that end in .run")
    if len(found) > REPORT_RUNS_MAX:
        raise LimitError(name="REPORT_RUNS_MAX", limit=REPORT_RUNS_MAX, asked=len(found))
    yield from found


def _say(written: Written, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(written).decode())
    else:
        click.echo(f"{written.file}: {written.bytes:,} bytes")
