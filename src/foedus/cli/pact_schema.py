"""`foedus pact schema`: the JSON Schema of a pact text, for editors."""

import json

import click

from foedus.pact.schema import json_schema


@click.command("schema")
def schema() -> None:
    """Print the JSON Schema of a pact text, for editors that check TOML while you write.

    Example: foedus pact schema > pact.schema.json
    """
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
