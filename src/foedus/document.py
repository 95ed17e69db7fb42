"""TOML text into closed structs, with the line of whatever is wrong (see docs/decisions)."""
