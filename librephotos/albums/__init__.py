"""User albums, and albums made from events, places and things; tags and folders."""
