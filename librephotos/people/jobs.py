"""What scanning and grouping faces do: pictures that are missing are cut again. Both may run twice.

Faces come from regions in files and from people's hands. Without a model that recognises faces nothing else is found,
and the jobs say so.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from librephotos.db.database import Database
from librephotos.jobs.registry import Report, Run
from librephotos.media.errors import MediaError
from librephotos.media.face_cutting_calls import CutFace
from librephotos.media.pool import Pool
from librephotos.people import pictures
from librephotos.people.queries.pictured import Pictured, count_faces, list_pictured, list_pictured_of

log = structlog.get_logger()

AT_ONCE: Final = 200
NO_DETECTOR: Final = "No model that finds faces is installed."
NO_EMBEDDER: Final = "No model that compares faces is installed."


def scan_faces(run: Run) -> Report:
    """Cut the pictures of faces anew that are not in the data folder."""
    if not run.settings.feature_face_detection:
        return Report(result={"skipped": "LIBREPHOTOS_FEATURE_FACE_DETECTION is off."})
    told: dict[str, Any] = run.step("pictures", lambda: _cut_missing(run))
    errors = told.pop("errors")
    result = {**told, "detected": 0, "not_installed": NO_DETECTOR}
    return Report(target=told["faces"], error_count=len(errors), errors=errors, result=result)


def group_faces(run: Run) -> Report:
    """Tell how many faces there are to be grouped; nothing groups them yet."""
    if not run.settings.feature_face_cluster:
        return Report(result={"skipped": "LIBREPHOTOS_FEATURE_FACE_CLUSTER is off."})
    told: dict[str, Any] = run.step("count", lambda: _count(run))
    return Report(result={**told, "grouped": 0, "not_installed": NO_EMBEDDER})


def _count(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        labelled, unlabelled = count_faces(tx, run.user_id)
    return {"labelled": labelled, "unlabelled": unlabelled}


def _cut_missing(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        count = sum(count_faces(tx, run.user_id))
    run.progress(current=0, target=count, step="Cutting out faces")
    seen, cut, after = 0, 0, 0
    errors: list[str] = []
    with pictures.open_pool() as pool:
        while True:
            with run.db.snapshot() as tx:
                faces = list_pictured(tx, run.user_id, after, AT_ONCE)
            if not faces:
                return {"faces": seen, "pictures": cut, "errors": errors}
            for face in faces:
                if pictures.picture_path(run.settings.data, face.image).exists():
                    continue
                try:
                    cut_picture(pool, run.settings.data, face)
                    cut += 1
                except MediaError as error:
                    errors.append(f"{face.image_hash}: {error.reason}")
            after = faces[-1].face_id
            seen += len(faces)
            run.progress(current=seen, target=max(count, seen))


# --- one by one


def cut_again(db: Database, data: Path, photo_ids: Sequence[int]) -> None:
    """Cut the faces of these photos out of their thumbnails of now; one that cannot be cut keeps its picture."""
    faces: list[Pictured] = []
    for photo_id in photo_ids:
        with db.snapshot() as tx:
            faces += list_pictured_of(tx, photo_id)
    if not faces:
        return
    with pictures.open_pool() as pool:
        for face in faces:
            try:
                cut_picture(pool, data, face)
            except MediaError as error:
                log.warning("face not cut again", face=face.face_id, reason=error.reason)


def cut_picture(pool: Pool, data: Path, face: Pictured) -> None:
    """Raises MediaError."""
    asked = CutFace("", face.left, face.top, face.right, face.bottom, in_pixels=True)
    made = pictures.cut(pool, data, face.image_hash, asked)
    if made.jpeg:
        pictures.write_picture(data, face.image, made.jpeg)
