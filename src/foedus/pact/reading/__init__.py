"""From TOML to a checked pact and back: copies, references, contradictions, the schema for editors."""
