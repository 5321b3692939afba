"""Whether the hours are quiet now, when long jobs rest."""

from typing import Final

from librephotos.kit import clock
from librephotos.settings import Settings

RESTS: Final = "Quiet hours: "
"""How the step of a queued job begins that waits for the end of the quiet hours."""


def quiet_until(settings: Settings) -> str | None:
    """Return a sentence that tells how long the quiet lasts, None when it is over."""
    end = settings.quiet.end_after(clock.local_now()) if settings.quiet else None
    return None if end is None else f"{RESTS}waits until {end:%H:%M}"
