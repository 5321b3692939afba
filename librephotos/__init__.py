"""LibrePhotos: a self-hosted photo library that speaks the LibrePhotos HTTP API."""

__version__ = "0.1.0"
