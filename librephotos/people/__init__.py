"""Persons and the faces of photos: whose they are, and who appears together."""
