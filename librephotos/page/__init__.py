"""Serves the built web page and the API document viewers."""
