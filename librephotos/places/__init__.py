"""Where photos were taken: the names of their positions, and the map."""
