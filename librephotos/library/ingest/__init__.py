"""From what was read of a file to rows: which photo it belongs to, and what that photo becomes.

Identity is content. A path only says where it lies; the same content under another path is the same photo.
"""
