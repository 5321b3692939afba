"""What is found inside a file besides its picture: faces that its regions tell of, and the film of a motion photo."""

from librephotos.library.ingest import pairs
from librephotos.library.ingest.group import Group, Reading
from librephotos.media.motion import clip_name
from librephotos.people.face_boxes import Box
from librephotos.people.queries.region_faces import RegionFace, store_regions
from librephotos.photos import storing


def store_faces(group: Group, reading: Reading, photo_id: int, name: str) -> None:
    """Store the faces of a photo's main file; their pictures are written once the transaction is committed."""
    faces = reading.outcome.faces
    if not faces:
        return
    regions = [RegionFace(Box(face.left, face.top, face.right, face.bottom), face.name) for face in faces]
    images = store_regions(group.tx, group.owner.user_id, photo_id, name, regions)
    pictures = zip(images, (face.jpeg for face in faces), strict=True)
    group.stored.face_pictures += [(image, jpeg) for image, jpeg in pictures if image]


def store_clip(group: Group, reading: Reading, photo_id: int, name: str) -> None:
    """Store the film inside a photo's main file, if it was looked for. Files that are just this film give way."""
    if reading.outcome.motion.state != "done":
        return
    clip = reading.outcome.clip
    clip_hash = f"{clip.md5}{group.owner.user_id}" if clip is not None else None
    storing.set_clip(group.tx, photo_id, clip_hash, clip_name(name))
    if clip_hash is not None:
        if reading.clip_name != name:
            group.stored.clip_renames.append((reading.clip_name, name))
        pairs.set_clip_apart(group, photo_id, clip_hash)
