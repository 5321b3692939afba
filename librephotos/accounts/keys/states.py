"""Whether a key still works, and why not."""

from typing import Final, Literal

State = Literal["active", "overlapping", "replaced", "expired", "revoked"]

WHY_NOT: Final[dict[State, str]] = {
    "revoked": "API key is revoked",
    "expired": "API key is expired",
    "replaced": "API key was replaced",
}


def state_of(
    *, revoked_at: int | None, expires_at: int | None, overlap_ends_at: int | None, now: int
) -> State:
    """Return the state at `now`; `overlapping` is a rotated key that works for a while beside the new one."""
    if revoked_at is not None:
        return "revoked"
    if expires_at is not None and expires_at <= now:
        return "expired"
    if overlap_ends_at is not None:
        return "overlapping" if overlap_ends_at > now else "replaced"
    return "active"
