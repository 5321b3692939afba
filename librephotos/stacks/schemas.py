"""Stacks and duplicate groups on the wire. Key order and types are the published ones."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Numbered(msgspec.Struct, Generic[T]):
    """A page by its number; `page` repeats what was asked, also past the end."""

    results: list[T]
    count: int
    num_pages: int
    page: int
    page_size: int
    has_next: bool
    has_previous: bool


class Preview(msgspec.Struct, gc=False):
    image_hash: str
    thumbnail_url: str | None


class StackItem(msgspec.Struct):
    id: str
    stack_type: str
    stack_type_display: str
    photo_count: int
    sequence_start: str | None
    sequence_end: str | None
    created_at: str
    primary_photo: Preview | None
    preview_photos: list[Preview]


class Variant(msgspec.Struct):
    hash: str
    path: str
    type: str
    is_main: bool
    filename: str | None


class StackMember(msgspec.Struct):
    id: str
    image_hash: str
    width: int | None
    height: int | None
    size: int
    camera: str | None
    exif_timestamp: str | None
    is_primary: bool
    file_path: str | None
    file_type: str | None
    file_variants: list[Variant] | None
    thumbnail_url: str | None
    thumbnail_big_url: str | None


class Stack(msgspec.Struct):
    id: str
    stack_type: str
    stack_type_display: str
    photo_count: int
    sequence_start: str | None
    sequence_end: str | None
    created_at: str
    updated_at: str
    primary_photo_hash: str | None
    photos: list[StackMember]


class Unlinked(msgspec.Struct):
    unlinked_count: int
    status: str = "deleted"


class PrimaryChosen(msgspec.Struct):
    primary_photo_hash: str
    status: str = "updated"


class Added(msgspec.Struct):
    added_count: int
    total_count: int
    status: str = "updated"


class Removed(msgspec.Struct):
    removed_count: int
    total_count: int
    status: str = "updated"


class Dissolved(msgspec.Struct):
    removed_count: int
    message: str = "Stack deleted because fewer than 2 photos remain"
    status: str = "deleted"


class Stacked(msgspec.Struct):
    stack_id: str
    photo_count: int
    status: str = "created"


class Merged(msgspec.Struct):
    stack_id: str
    photo_count: int
    merged_count: int
    status: str = "merged"


class NothingToMerge(msgspec.Struct):
    stack_id: str
    photo_count: int
    message: str = "Only one stack found, nothing to merge"
    status: str = "no_merge_needed"


class BurstOptions(msgspec.Struct):
    detect_bursts: bool


class BurstsQueued(msgspec.Struct):
    options: BurstOptions
    status: str = "queued"
    message: str = "Stack detection started"


class StackKindCounts(msgspec.Struct):
    burst: int = 0
    bracket: int = 0
    manual: int = 0
    raw_jpeg: int = 0
    live_photo: int = 0


class StackStats(msgspec.Struct):
    total_stacks: int
    by_type: StackKindCounts
    photos_in_stacks: int
    total_photos: int


# --- duplicates


class DuplicateItem(msgspec.Struct):
    id: str
    duplicate_type: str
    duplicate_type_display: str
    review_status: str
    review_status_display: str
    photo_count: int
    potential_savings: int
    similarity_score: float | None
    created_at: str
    kept_photo: Preview | None
    preview_photos: list[Preview]


class DuplicateMember(msgspec.Struct):
    id: str
    image_hash: str
    width: int | None
    height: int | None
    size: int
    camera: str | None
    exif_timestamp: str | None
    is_kept: bool
    file_path: str | None
    file_type: str | None
    thumbnail_url: str | None
    thumbnail_big_url: str | None


class DuplicateGroup(msgspec.Struct):
    id: str
    duplicate_type: str
    duplicate_type_display: str
    review_status: str
    review_status_display: str
    photo_count: int
    potential_savings: int
    similarity_score: float | None
    created_at: str
    updated_at: str
    kept_photo_hash: str | None
    suggested_photo_hash: str | None
    photos: list[DuplicateMember]


class Resolved(msgspec.Struct):
    kept_photo: str
    trashed_count: int
    status: str = "resolved"


class Dismissed(msgspec.Struct):
    status: str = "dismissed"


class Reverted(msgspec.Struct):
    restored_count: int
    status: str = "reverted"


class DuplicateOptions(msgspec.Struct):
    detect_exact_copies: bool
    detect_visual_duplicates: bool
    visual_threshold: int
    clear_pending: bool
    batch_size: int


class DuplicatesQueued(msgspec.Struct):
    options: DuplicateOptions
    status: str = "queued"
    message: str = "Duplicate detection started"


class DuplicateKindCounts(msgspec.Struct):
    exact_copy: int = 0
    visual_duplicate: int = 0


class DuplicateStats(msgspec.Struct):
    total_duplicates: int
    pending_duplicates: int
    resolved_duplicates: int
    dismissed_duplicates: int
    by_type: DuplicateKindCounts
    photos_in_duplicates: int
    total_photos: int
    potential_savings_bytes: int
    potential_savings_mb: float
