"""What a file is, by its first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from librephotos.media.formats import FORMATS, RAW_EXTENSIONS, extension_for, identify, reason_not_read, sniff

HEADS = {
    "JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "PNG": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "WebP": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "GIF": b"GIF89a\x01\x00\x01\x00",
    "TIFF": b"II*\x00\x08\x00\x00\x00",
    "HEIC": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    "AVIF": b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf",
    "JPEG XL": b"\xff\x0a\xfa\x7f",
    "JPEG 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    "BMP": b"BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00",
    "Photoshop": b"8BPS\x00\x01",
    "MP4": b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42",
    "QuickTime": b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ",
    "3GP": b"\x00\x00\x00\x14ftyp3gp4\x00\x00\x00\x003gp4",
    "Matroska": b"\x1aE\xdf\xa3\x93\x42\x82\x88matroska",
    "WebM": b"\x1aE\xdf\xa3\x93\x42\x82\x84webm",
    "AVI": b"RIFF\x10\x00\x00\x00AVI LIST",
    "Windows Media": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    "Flash Video": b"FLV\x01",
    "MPEG": b"\x00\x00\x01\xba",
    "MPEG transport stream": (b"G" + bytes(187)) * 3,
    "Ogg video": b"OggS" + bytes(24) + b"\x80theora",
    "RAW": b"IIU\x00\x18\x00\x00\x00",
    "XMP": b'<?xpacket begin="\xef\xbb\xbf"?><x:xmpmeta xmlns:x="adobe:ns:meta/">',
}


@pytest.mark.parametrize("name", HEADS)
def test_every_format_on_the_list_is_recognised_by_its_first_bytes(name):
    found = sniff(HEADS[name])
    assert found is not None and found.name == name


def test_the_list_of_heads_covers_the_list_of_formats():
    assert {known.name for known in FORMATS} == set(HEADS)


def test_all_but_sidecars_are_decoded():
    assert all(known.decodable for known in FORMATS if known.kind != "sidecar")


@pytest.mark.parametrize(
    "head",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<?xml version='1.0'?><svg><rdf xmlns='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/></svg>",
        b"%PDF-1.7",
        b"<!DOCTYPE html><html>",
        b"<html><x:xmpmeta>",
        b"",
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00",
        b"BMnot a bitmap at all, just text",
        b"MZ\x90\x00",
    ],
)
def test_drawings_documents_pages_sounds_and_programs_are_never_media(head):
    for path in ("a.jpg", "a.svg", "a.html", "a"):
        assert identify(path, head) is None
        assert reason_not_read(path, head)


@pytest.mark.parametrize("extension", sorted(RAW_EXTENSIONS))
def test_a_tiff_with_a_raw_name_is_raw_and_not_a_plain_tiff(extension):
    found = identify(f"/p/IMG.{extension.upper()}", b"MM\x00*\x00\x00\x00\x08")
    assert found is not None and found.kind == "raw" and found.decodable
    assert reason_not_read(f"a.{extension}", b"MM\x00*\x00\x00\x00\x08") is None


def test_a_jpeg_with_a_raw_name_is_a_jpeg():
    found = identify("x.dng", HEADS["JPEG"])
    assert found is not None and found.name == "JPEG"


def test_a_page_with_a_raw_name_is_not_raw():
    assert identify("x.raw", b"<html><body>" + bytes(40)) is None


def test_canon_raw_is_raw_whatever_its_name():
    for head in (b"II*\x00\x10\x00\x00\x00CR\x02\x00", b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom"):
        found = identify("x.tif", head)
        assert found is not None and found.kind == "raw"


def test_the_name_of_a_jpeg_does_not_matter():
    found = identify(b"/p/strange.\xff\xfe", HEADS["JPEG"])
    assert found is not None and found.mime == "image/jpeg"


def test_reasons_are_sentences_for_people():
    assert reason_not_read("a.mp4", HEADS["MP4"]) is None
    assert reason_not_read("a", b"") == "The file is empty."
    assert reason_not_read("a.txt", b"hello") == "This is a text file, which is not a photo or video."
    assert reason_not_read("a.jpg", HEADS["JPEG"]) is None


def test_extensions_follow_from_types():
    assert extension_for("image/jpeg") == "jpg"
    assert extension_for("image/x-nikon-nef") == "nef"
    assert extension_for("text/html") is None


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("avif", "AVIF"),
        ("heic", "HEIC"),
        ("jxl", "JPEG XL"),
        ("jpg", "JPEG"),
        ("png", "PNG"),
        ("webp", "WebP"),
    ],
)
def test_real_files_are_what_their_folder_says(sample_photos: Path, folder, name):
    for path in (sample_photos / "formats" / folder).iterdir():
        found = sniff(path.read_bytes()[:4096])
        assert found is not None and found.name == name


def test_real_sidecars_and_videos_are_recognised(sample_photos: Path):
    for path in (sample_photos / "metadata" / "xmp" / "dates").iterdir():
        found = sniff(path.read_bytes()[:4096])
        assert found is not None and found.kind == "sidecar"
    for path in (sample_photos / "formats" / "video").iterdir():
        found = sniff(path.read_bytes()[:4096])
        assert found is not None and found.kind == "video"


@settings(deadline=None)
@given(st.binary(max_size=500), st.binary(max_size=30))
def test_no_bytes_and_no_name_make_it_raise(head, name):
    found = identify(name, head)
    assert (reason_not_read(name, head) is None) == (found is not None and found.decodable)


@settings(deadline=None)
@given(st.sampled_from(sorted(HEADS)), st.integers(0, 60), st.binary(max_size=80))
def test_damaged_heads_do_not_make_it_raise(name, cut, rest):
    sniff(HEADS[name][:cut] + rest)
