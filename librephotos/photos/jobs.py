"""Tells what photos are of, as far as that is installed, and says what is not. Both jobs may run twice."""

from typing import Any, Final

from librephotos.jobs.registry import Report, Run
from librephotos.photos.queries.categories import find_screenshots, list_automatic, mark_screenshots

NO_DOCUMENTS: Final = "Documents are not looked for: no model for them is installed."
NO_TEXT_MODEL: Final = "No model for text recognition is installed; no photo was read."


def classify_media(run: Run) -> Report:
    """Look for screenshots among the photos that are nothing yet, or with `full_scan` among all.

    What somebody marked by hand stays.
    """
    told: dict[str, Any] = run.step("classify", lambda: _classify(run))
    return Report(target=told["looked_at"], result={**told, "documents": NO_DOCUMENTS})


def _classify(run: Run) -> dict[str, Any]:
    is_full = run.arguments.get("full_scan") is True
    looked_at, changed, after = 0, 0, 0
    run.progress(current=0, step="Looking for screenshots")
    while True:
        with run.db.snapshot() as tx:
            photo_ids = list_automatic(tx, run.user_id, after, with_marked=is_full)
            screenshots = find_screenshots(tx, photo_ids)
        if not photo_ids:
            return {"looked_at": looked_at, "changed": changed}
        changed += run.commit(mark_screenshots, run.user_id, photo_ids, screenshots)
        after = photo_ids[-1]
        looked_at += len(photo_ids)
        run.progress(current=looked_at, target=looked_at)


def extract_text(run: Run) -> Report:
    """Read the text in photos; without a model it says so."""
    return Report(result={"skipped": NO_TEXT_MODEL})
