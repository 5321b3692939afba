"""The jobs of the room: scans, and the removal of photos whose files are gone."""
