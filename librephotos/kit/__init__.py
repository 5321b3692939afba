"""Small tools, each named by its subject; they know nothing of photos."""
