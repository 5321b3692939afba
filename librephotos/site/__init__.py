"""Server settings, storage, health and the help pages."""
