"""All SQL of stacks and duplicate groups."""
