"""Texts beside one another: what changes, which is stronger, how history would code them."""
