"""Films inside photos, as Google and Samsung put them there."""

from io import BytesIO
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from librephotos.media.motion import clip_name, find_clip, write_clip
from tests.library.pictures import film

RDF = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
    ' xmlns:Container="http://ns.google.com/photos/1.0/container/"'
    ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/"{attributes}>{inner}'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
ITEM = (
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="{mime}" Item:Semantic="{semantic}"'
    ' Item:Length="{length}"/></rdf:li>'
)


def jpeg(xmp: str = "", seed: int = 1) -> bytes:
    written = BytesIO()
    image = Image.new("RGB", (64, 48), (seed * 40 % 256, 90, 160))
    image.save(written, "JPEG", xmp=xmp.encode()) if xmp else image.save(written, "JPEG")
    return written.getvalue()


def micro_video(clip: bytes) -> bytes:
    """A photo of the older kind, which counts from its end."""
    attributes = f' GCamera:MicroVideo="1" GCamera:MicroVideoOffset="{len(clip)}"'
    return jpeg(RDF.format(attributes=attributes, inner="")) + clip


def motion_photo(clip: bytes, *, after: bytes = b"") -> bytes:
    """A photo of the newer kind, whose items stand at its end in order."""
    items = ITEM.format(mime="image/jpeg", semantic="Primary", length=0)
    items += ITEM.format(mime="video/mp4", semantic="MotionPhoto", length=len(clip))
    if after:
        items += ITEM.format(mime="image/jpeg", semantic="GainMap", length=len(after))
    inner = f"<Container:Directory><rdf:Seq>{items}</rdf:Seq></Container:Directory>"
    return jpeg(RDF.format(attributes=' GCamera:MotionPhoto="1"', inner=inner)) + clip + after


def samsung(clip: bytes) -> bytes:
    trailer = b"\x00\x00\x30\x0a\x10\x00\x00\x00MotionPhoto_Data"
    return jpeg() + trailer + clip + b"SEFH\x6b\x00\x00\x00\x01\x00\x00\x00SEFT"


def test_all_makers_are_understood() -> None:
    clip = film(1, "mp4")
    for photo in (micro_video(clip), motion_photo(clip), motion_photo(clip, after=jpeg()), samsung(clip)):
        assert find_clip(photo) == clip


def test_a_film_that_nothing_speaks_of_is_found_by_its_first_bytes() -> None:
    clip = film(1, "mp4")
    assert clip[4:12] in (b"ftypisom", b"ftypmp42", b"ftypiso2")
    assert find_clip(jpeg() + clip) == clip


def test_heic_holds_it_in_a_box() -> None:
    clip = film(1, "mp4")
    head = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
    box = (len(clip) + 8).to_bytes(4, "big") + b"mpvd" + clip
    assert find_clip(head + b"\x00\x00\x00\x10mdat12345678" + box) == clip


def test_a_real_samsung_photo_holds_a_film(sample_photos: Path) -> None:
    clip = find_clip((sample_photos / "formats" / "motionphoto" / "samsung-one-ui-6.heic").read_bytes())
    assert clip is not None
    assert (len(clip), clip[4:12]) == (3_226_469, b"ftypmp42")


def test_what_is_claimed_counts_only_if_a_film_begins_there() -> None:
    clip = film(1, "mp4")
    assert find_clip(jpeg()) is None
    assert find_clip(micro_video(b"no film at all, just text" * 10)) is None
    assert find_clip(jpeg() + b"MotionPhoto_Data" + b"x" * 400) is None
    assert find_clip(jpeg() + clip[: len(clip) // 2]) is None
    lying = RDF.format(attributes=' GCamera:MicroVideoOffset="999999999"', inner="")
    assert find_clip(jpeg(lying)) is None
    assert find_clip(clip) is None
    assert find_clip(b"") is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_damaged_files_never_raise(noise: bytes, cut: int) -> None:
    find_clip(b"\xff\xd8\xff" + noise)
    find_clip(noise[:4] + b"ftypheic" + noise)
    whole = motion_photo(film(1, "mp4"))
    find_clip(whole[:cut] + noise + whole[cut:])


def test_a_clip_is_written_whole_into_its_place(tmp_path: Path) -> None:
    write_clip(b"a film", bytes(tmp_path), "abc1")
    path = tmp_path / clip_name("abc1")
    assert path == tmp_path / "embedded_media" / "ab" / "abc1_motion.mp4"
    assert path.read_bytes() == b"a film"
    assert [each.name for each in path.parent.iterdir()] == ["abc1_motion.mp4"]
