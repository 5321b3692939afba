"""Photos and their files: who may see what, the timeline, details, media."""
