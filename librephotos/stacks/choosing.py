"""Which photo stands for a group, how alike its photos are and what throwing the others away would save; no I/O."""

from collections.abc import Sequence

import msgspec

from librephotos.stacks.kinds import EXACT, MANUAL, RESOLVED, VISUAL

HASH_BITS = 64


class Member(msgspec.Struct, frozen=True):
    """A photo of a group with what choosing asks about. `is_live` is false for hidden and trashed ones."""

    group_id: int
    photo_id: int
    is_live: bool
    is_trashed: bool
    is_gone: bool
    taken_local: str | None
    added_at: int
    pixels: int
    size_bytes: int
    path: str
    perceptual_hash: str | None

    @property
    def moment(self) -> tuple[bool, str, int, int]:
        """By capture time; those without one stand behind, in the order in which they came."""
        return (self.taken_local is None, self.taken_local or "", self.added_at, self.photo_id)


def choose_primary(kind: str, members: Sequence[Member]) -> Member | None:
    """Return the middle one by time of a sequence, the one with most pixels of a manual stack."""
    ordered = sorted(members, key=lambda each: each.moment)
    if not ordered:
        return None
    return best_picture(ordered) if kind == MANUAL else ordered[len(ordered) // 2]


def best_picture(members: Sequence[Member]) -> Member:
    """Return the one with most pixels, of equals the largest file, of equals the first."""
    return min(members, key=lambda each: (-each.pixels, -each.size_bytes, each.photo_id))


def suggest_kept(kind: str, members: Sequence[Member]) -> Member | None:
    """Return the exact copy with the shortest path, or the best of pictures that look alike."""
    if not members:
        return None
    if kind == EXACT:
        return min(members, key=lambda each: (len(each.path), each.path, each.photo_id))
    return best_picture(members)


def likeness(kind: str, kept: Member | None, members: Sequence[Member]) -> float | None:
    """Return how much of the least alike picture is as in the suggested one, from 0 to 1; None where none is compared.

    Source: bits of 64 in which their perceptual hashes agree.
    """
    if kind != VISUAL or kept is None or not kept.perceptual_hash:
        return None
    own = int(kept.perceptual_hash, 16)
    distances = [
        (own ^ int(each.perceptual_hash, 16)).bit_count() for each in members if each.perceptual_hash
    ]
    return round(1 - max(distances, default=0) / HASH_BITS, 4)


def counted(status: str, member: Member) -> bool:
    """Whether a group's list is about this photo: of a resolved group also when it is hidden or in the trash."""
    return not member.is_gone if status == RESOLVED else member.is_live
