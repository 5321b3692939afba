"""Videos: what they are, a poster, two short silent clips, and a version that every browser plays; knows no rows."""
