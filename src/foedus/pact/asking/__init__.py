"""Questions to a text: explain, expect, cases, matrix."""
