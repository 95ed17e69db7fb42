"""The judge: re-reads every message and every duty of a run from the pact's text and the truth.

It is written from docs/pact.md and shares nothing with what it judges: no table, no verdict, no geometry and
no threat measure of the nodes or of the guard. An import contract holds that.
"""
