"""The name of this room's job, which counts as a scan; names are stored with waiting jobs and never change."""

from typing import Final

NEXTCLOUD: Final = "nextcloud"
