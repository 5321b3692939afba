"""The published shape of folders on another server, and the refusals of this room."""

from typing import Final

import msgspec

from librephotos.errors import LibrePhotosError, Refusal

SWITCHED_OFF: Final = "Importing from Nextcloud is switched off on this server."


class RemoteFolder(msgspec.Struct):
    """A folder; `children` is always empty, what it holds is asked for by its path."""

    absolute_path: str
    title: str
    children: list["RemoteFolder"]


class Trouble(LibrePhotosError):
    """What another server did not do, in a sentence. `is_away`: it was not reached, or the line broke."""

    status = 400
    code = "remote_server"

    def __init__(self, message: str, *, is_away: bool = False) -> None:
        super().__init__(message)
        self.is_away = is_away


def refused(status: int, message: str) -> Refusal:
    return Refusal(status, {"status": False, "message": message})
