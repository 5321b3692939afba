"""Where thumbnails lie, and that they appear whole."""

from __future__ import annotations

import os

import pytest

from librephotos.media.thumbnails import BIG, SIZES, thumbnail_path, write_thumbnails
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


@pytest.mark.parametrize("name", ["../x", "", "a/b", "ä", "a.b"])
def test_a_thumbnail_name_cannot_leave_the_folder(tmp_path, jpeg, name):
    with pytest.raises(ValueError, match="cannot name"):
        write_thumbnails(render(jpeg), os.fsencode(tmp_path), name)
