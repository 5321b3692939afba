"""What can go wrong with one file: each error carries a sentence that its owner may read."""

from typing import Final

VIDEOS_OFF: Final = "Videos are switched off on this server (LIBREPHOTOS_FEATURE_VIDEO)."


class MediaError(Exception):
    """One file could not be handled; `reason` is a sentence without paths or stack traces."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreadableMedia(MediaError):
    """The pixels cannot be had: cut short, damaged, too large or of a kind not read here."""


class UnreadableMetadata(MediaError):
    """The facts beside the pixels cannot be had."""


CHANGED: Final = "The file changed while it was being read."


class FileChanged(MediaError):
    """The file was written to while it was being read; a later scan finds it at rest."""


class CannotStore(MediaError):
    """What was made of the file cannot be written: the disk is full or failing, which is not the file's fault."""


class NeedsTurn(Exception):
    """No failure: the work takes so much memory that nothing else of its kind may run beside it; ask for it alone."""


class WorkerLost(MediaError):
    """The process that worked on the file hung, died or used up its memory."""


class UnwritableMetadata(MediaError):
    """Tags cannot be written into this file so that everything else in it stays as it is."""
