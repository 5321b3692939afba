"""Where thumbnails lie, and that they appear whole."""

from __future__ import annotations

import os

import pytest

from librephotos.media.thumbnails import (
    BIG,
    SIZES,
    draft_thumbnails,
    drop_drafts,
    publish_drafts,
    thumbnail_path,
    write_thumbnails,
)
from tests.media.stills.rendering import render


def test_files_lie_fanned_out_and_whole(tmp_path, jpeg):
    folder = os.fsencode(tmp_path)
    rendering = render(jpeg)
    write_thumbnails(rendering, folder, "abcd1")
    write_thumbnails(rendering, folder, "abcd1")
    assert thumbnail_path(folder, BIG, "abcd1") == folder + b"/thumbnails_big/ab/abcd1.webp"
    for size, image in zip(SIZES, rendering.images, strict=True):
        with open(thumbnail_path(folder, size, "abcd1"), "rb") as file:
            assert file.read() == image
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3


def test_drafts_are_no_thumbnails_until_they_are_published_and_a_lost_one_is_told(tmp_path, jpeg):
    folder = os.fsencode(tmp_path)
    rendering = render(jpeg)
    kept, lost, dropped = (draft_thumbnails(rendering, folder, name) for name in ("aa1", "bb2", "cc3"))
    assert list(tmp_path.rglob("*.webp")) == []
    os.unlink(lost[0].path)
    drop_drafts(dropped)
    assert publish_drafts([*kept, *lost]) == {thumbnail_path(folder, BIG, "bb2")}
    for size, image in zip(SIZES, rendering.images, strict=True):
        with open(thumbnail_path(folder, size, "aa1"), "rb") as file:
            assert file.read() == image
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 5


@pytest.mark.parametrize("name", ["../x", "", "a/b", "ä", "a.b"])
def test_a_thumbnail_name_cannot_leave_the_folder(tmp_path, jpeg, name):
    with pytest.raises(ValueError, match="cannot name"):
        write_thumbnails(render(jpeg), os.fsencode(tmp_path), name)
