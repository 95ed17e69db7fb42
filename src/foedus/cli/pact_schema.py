"""`foedus pact schema`: the JSON Schema of a pact text, for editors."""

import json

import click

from foedus.pact.reading.schema import json_schema


@click.command("schema")
@click.option("--json", "as_json", is_flag=True, help="On one line; else indented. It is JSON either way.")
def schema(as_json: bool) -> None:
    """Print the JSON Schema of a pact text, for editors that check TOML while you write.

    Example: foedus pact schema > pact.schema.json
    """
    click.echo(json.dumps(json_schema(), indent=None if as_json else 2, ensure_ascii=False))
