"""Pictures from files of every still format: one decoder a file, one chain to thumbnails and looks for all.

Imported in the processes of the pool only: its libraries are large, and what they read comes from strangers.
"""
