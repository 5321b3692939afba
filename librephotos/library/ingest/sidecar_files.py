"""Sidecars of a photo's files: which belong to it, and that its main file is read with all of them."""

from librephotos.library.ingest.group import Group
from librephotos.library.queries import files
from librephotos.library.sidecars import sidecar_names, stem_of
from librephotos.photos import storing


def attach_sidecars(group: Group, path: bytes, photo_id: int) -> None:
    """Give a new photo the sidecars that were met before it; their content was read together with it."""
    beside = files.list_sidecars_beside(group.tx, group.owner.user_id, stem_of(path))
    names = sidecar_names(path)
    files.attach_files(group.tx, [file_id for file_id, name in beside if name in names], photo_id)


def read_sidecars_of_halves(group: Group, photo_id: int) -> None:
    """Have the main file read with the sidecars of a photo's other files: `a.cr2.xmp` speaks of `a.jpg` too."""
    main = storing.get_stored(group.tx, photo_id).main_file_id
    path = files.get_path(group.tx, main) if main is not None else None
    sidecars = files.list_sidecars_of(group.tx, [photo_id]).get(photo_id, [])
    if main is not None and path is not None and not set(sidecars) <= set(sidecar_names(path)):
        files.want_metadata(group.tx, [main])
