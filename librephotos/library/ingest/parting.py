"""A RAW file leaves the picture that it was joined with, once its owner wants RAW files by themselves.

The photo stays with its main file and keeps all that people did to it. What leaves is read again, as a new file.
"""

from librephotos.library.file_kinds import RAW
from librephotos.library.ingest.group import Group
from librephotos.library.queries import files
from librephotos.library.queries.files import Part
from librephotos.people.queries import region_faces
from librephotos.photos import storing
from librephotos.photos.storing import StoredPhoto


def part(group: Group, photo_id: int) -> None:
    """Have the files of a photo that its owner does not want joined with its main file read as new ones.

    What cannot be shown by itself stays, and so does everything while the photo is hidden or in the trash: what left
    would be in sight.
    """
    owner = group.owner
    if owner.stack_raw_jpeg or owner.skip_raw_files:
        return
    known = storing.get_stored(group.tx, photo_id)
    parts = files.list_parts(group.tx, photo_id)
    main = next((each for each in parts if each.file_id == known.main_file_id), None)
    if main is None or not main.has_looks:
        return
    leaving = [each for each in parts if _leaves(each, main)]
    if not leaving or known.is_trashed or files.is_hidden(group.tx, photo_id):
        return
    files.detach(group.tx, [each.file_id for each in leaving])
    if any(each.content_hash == known.image_hash for each in leaving):
        _call_anew(group, known, main)


def _leaves(each: Part, main: Part) -> bool:
    is_other = each.content_hash != main.content_hash
    return is_other and each.has_looks and RAW in (each.kind, main.kind)


def _call_anew(group: Group, known: StoredPhoto, main: Part) -> None:
    """Call a photo by its main file: the file that it is called by becomes a photo, which will have that name."""
    old, new = known.image_hash, main.content_hash
    storing.set_image_hash(group.tx, known.photo_id, new)
    group.stored.face_renames += region_faces.rename_faces(group.tx, known.photo_id, old, new)
    group.stored.renames.append((old, new))
    group.stored.clip_renames.append((old, new))
    # The film inside is known by the name, too; and what a crash leaves unmoved is made again.
    files.want_again(group.tx, main.file_id)
