"""The pact: text, tables, release decisions, explanations, checks."""
