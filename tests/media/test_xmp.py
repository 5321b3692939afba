"""The few XMP properties read without ExifTool."""

from __future__ import annotations

import pytest

from librephotos.media.errors import UnreadableMetadata
from librephotos.media.xmp import read_xmp

PACKET = """<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:ps="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmp:Rating="4" ps:DateCreated="2022-03-31T11:31:56.018" exif:GPSLatitude="10,30.0S" exif:GPSLongitude="3,15,36E">
 <dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>boat</rdf:li></rdf:Bag></dc:subject>
 <dc:description><rdf:Alt><rdf:li xml:lang="de">Hallo</rdf:li><rdf:li xml:lang="x-default">Hello</rdf:li></rdf:Alt>
 </dc:description></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_attributes_bags_and_languages_are_read(encoding):
    assert read_xmp(PACKET.encode(encoding)) == {
        "XMP:Rating": "4",
        "XMP:DateCreated": "2022:03:31 11:31:56.018",
        "XMP:GPSLatitude": "-10.5",
        "XMP:GPSLongitude": "3.26",
        "XMP:Subject": ["sea", "boat"],
        "XMP:Description": "Hello",
    }


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<x",
        b"\xff\xfe\x00",
        b"<a>" * 100_000,
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b" " * (4 * 1024 * 1024 + 1),
    ],
)
def test_what_is_broken_large_or_has_entities_is_refused(packet):
    with pytest.raises(UnreadableMetadata):
        read_xmp(packet)


def test_real_sidecars_are_well_formed(sample_photos):
    for path in (sample_photos / "metadata/xmp/dates").iterdir():
        assert isinstance(read_xmp(path.read_bytes()), dict)
