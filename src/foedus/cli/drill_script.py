"""`foedus drill script`: the script of a drill, written out as CSV or as TOML tables."""

from pathlib import Path

import click
import msgspec


@click.command("script")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--to", "form", type=click.Choice(["csv", "toml"]), default="csv", show_default=True, help="Form."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per inject and line, instead.")
def script_command(file: Path, form: str, as_json: bool) -> None:
    """Print the script of FILE, a drill or a CSV script: every inject, and who gives it to whom.

    What is printed reads in again to the same script.

    Example: foedus drill script drills/gulf.toml --to csv
    """
    from foedus.document import read_text
    from foedus.drill.reading import read_drill
    from foedus.drill.script import parse_csv, write_csv, write_toml

    beside = file.suffix == ".csv"
    injects = parse_csv(read_text(file), file=str(file)) if beside else read_drill(file).inject
    if as_json:
        for one in injects:
            click.echo(msgspec.json.encode(one).decode())
        return
    click.echo(write_csv(injects) if form == "csv" else write_toml(injects), nl=False)
