"""How long a session may last, as settings say: unused, and altogether. Decisions only."""

import math

import msgspec

from librephotos.kit import clock

# Parallel refreshes with the old token succeed for so long after it was exchanged.
GRACE = 60 * clock.SECOND


class SessionLimits(msgspec.Struct, frozen=True):
    """Microseconds; 0 is no limit beside that of the refresh tokens themselves."""

    idle: int = 0
    absolute: int = 0

    def end_of(self, created_at: int) -> int | None:
        """Return the instant at which a session is over whatever happens, None for never."""
        return created_at + self.absolute if self.absolute else None

    def end_of_use(self, expires_at: int | None, used_at: int | None, created_at: int | None = None) -> float:
        """Return the instant at which a session is over unless it is used; infinite where there is no session.

        `created_at` counts where it is known: a limit may have been shortened since.
        """
        ends = [math.inf if expires_at is None else expires_at]
        if self.idle and used_at is not None:
            ends.append(used_at + self.idle)
        if self.absolute and created_at is not None:
            ends.append(created_at + self.absolute)
        return min(ends)

    def is_over(self, expires_at: int | None, used_at: int | None, created_at: int | None = None) -> bool:
        return self.end_of_use(expires_at, used_at, created_at) <= clock.now()


def is_reused(rotated_at: int | None) -> bool:
    """Whether a token was exchanged for another one so long ago that no honest client still holds it."""
    return rotated_at is not None and clock.now() - rotated_at > GRACE
