"""Turns a WebP of ours by quarters and mirrors it: pixels in, pixels out."""

import io
from typing import Final

from librephotos.media.errors import UnreadableMedia

_EFFORT: Final = 2


def fresh_name(image_hash: str, content: str) -> str:
    """Return what the thumbnails of a file that a turn went into are called until they take the place of the photo's.

    `content` is what the photo's row says of its file from then on (MD5 and owner's id): until the row does, nobody
    looks for them.
    """
    return f"{image_hash}t{content}"


def turn_webp(data: bytes, *, quarters: int, is_mirrored: bool, height_px: int, quality: int) -> bytes:
    """Return the picture mirrored left to right if asked, then turned clockwise, then at most so high.

    Raises UnreadableMedia for what is no WebP or damaged.
    """
    # Loaded by the first picture that is turned: nobody else in the API needs it.
    from PIL import Image

    turns = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}
    try:
        with Image.open(io.BytesIO(data), formats=["WEBP"]) as opened:
            image: Image.Image = opened.copy()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableMedia("The thumbnail cannot be read.") from error
    if is_mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if quarters % 4:
        image = image.transpose(turns[quarters % 4])
    if image.height > height_px:
        width = max(1, round(image.width * height_px / image.height))
        image = image.resize((width, height_px), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    image.save(written, "WEBP", quality=quality, method=_EFFORT)
    return written.getvalue()
