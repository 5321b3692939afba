"""Stacks of shots that belong together, and photos that may be one too many."""
