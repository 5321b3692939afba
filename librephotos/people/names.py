"""Names of persons: which are refused, and what faces of nobody are called."""

from typing import Final

NOBODY: Final = "Unknown - Other"
USER: Final = "USER"
CLUSTER: Final = "CLUSTER"

TAKEN_BY_GROUP: Final = "A group of unknown faces has this name."
RESERVED: Final = f'"{NOBODY}" is what faces of nobody are called.'


def face_url(image: str | None) -> str | None:
    """Return the address of a face's picture, whose stored name may begin with its folder."""
    return f"/media/faces/{image.rsplit('/', 1)[-1]}" if image else None


def image_number(image: str) -> int:
    """Return the number in `faces/<hash>_<number>.jpg`, -1 for another name."""
    digits = image.rsplit("_", 1)[-1].split(".", 1)[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1
