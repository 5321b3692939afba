"""Albums and tags."""
