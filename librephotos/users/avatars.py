"""Pictures of people: decoded from an allow-list of formats, drawn anew without metadata, kept in the data folder."""

import io
import os
from pathlib import Path
from typing import Final

from librephotos.errors import BadInput
from librephotos.kit import ids
from librephotos.photos.paths import AVATARS, avatar_path

EDGE_PX: Final = 512
MAX_PIXELS: Final = 50_000_000
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
EMPTY: Final = "The submitted file is empty."
UNREADABLE: Final = (
    "Upload a valid image. The file you uploaded was either not an image or a corrupted image."
)
TOO_LARGE: Final = f"The picture has too many pixels; at most {MAX_PIXELS // 1_000_000} million are accepted."


def render_avatar(content: bytes) -> bytes:
    """Return an upright WebP of at most 512 pixels on its longer edge. Raises BadInput on `avatar`."""
    if not content:
        raise BadInput.of("avatar", EMPTY)
    # 6 MB that every API process would hold for the rare picture.
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadInput.of("avatar", TOO_LARGE)
            image.draft("RGB", (EDGE_PX, EDGE_PX))
            upright = ImageOps.exif_transpose(image)
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            drawn = upright.convert(mode)
        drawn.thumbnail((EDGE_PX, EDGE_PX))
        answer = io.BytesIO()
        drawn.save(answer, "WEBP", quality=85, exif=b"", icc_profile=b"")
    except BadInput:
        raise
    # Pillow's decoders raise many kinds for hostile bytes; each means the same to the person who sent them.
    except (
        OSError,
        ValueError,
        SyntaxError,
        TypeError,
        IndexError,
        KeyError,
        OverflowError,
        MemoryError,
        EOFError,
    ):
        raise BadInput.of("avatar", UNREADABLE) from None
    except Image.DecompressionBombError:
        raise BadInput.of("avatar", TOO_LARGE) from None
    return answer.getvalue()


def store_avatar(data: Path, user_id: int, content: bytes) -> str:
    """Draw and write a picture under a new name; return the name. Old ones stay until their row is changed."""
    rendered = render_avatar(content)
    folder = data / AVATARS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A new name a picture, so that no cache shows the old one.
    name = f"{user_id}-{ids.new_token()}.webp"
    draft = folder / f".{name}"
    draft.write_bytes(rendered)
    os.replace(draft, folder / name)
    return name


def remove_avatar(data: Path, name: str | None) -> None:
    """Remove a picture that no row names any more."""
    if name and os.path.basename(name) == name:
        avatar_path(data, name).unlink(missing_ok=True)
