"""All SQL of the room, a file a subject."""
