"""Whether the hours are quiet now, when long jobs rest."""

from librephotos.kit import clock
from librephotos.settings import Settings


def quiet_until(settings: Settings) -> str | None:
    """Return a sentence that tells how long the quiet lasts, None when it is over."""
    end = settings.quiet.end_after(clock.local_now()) if settings.quiet else None
    return None if end is None else f"Quiet hours: waits until {end:%H:%M}"
