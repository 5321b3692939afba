"""Uploads, through a real server and worker."""
