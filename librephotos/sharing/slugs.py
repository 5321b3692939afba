"""The last part of a public link: what people may choose for it, and how the server makes one."""

import hashlib
import re
from typing import Final

import msgspec

from librephotos.accounts.vault import Sealed, Vault
from librephotos.kit import ids

# A short one is found by trying.
MIN_CHARS: Final = 8
MAX_CHARS: Final = 100
BAD_CHARS: Final = "Use only letters without accents, digits, - and _."
_SLUG = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_CHARS}}}", re.ASCII)


def is_slug(text: str) -> bool:
    """Whether a link could end so."""
    return _SLUG.fullmatch(text) is not None


class PhotoSlug(msgspec.Struct, frozen=True):
    """The slug of a photo's link as it is stored: visitors are known by the digest, the owner reads the sealed one."""

    digest: str
    sealed: str

    def text(self, vault: Vault) -> str | None:
        """Return the slug; None when the key that it was sealed with is lost."""
        try:
            return vault.open(self.sealed, _place(self.digest))
        except Sealed:
            return None


def digest_of(slug: str) -> str:
    """Without a key: of 128 random bits nothing can be found by trying."""
    return hashlib.blake2b(slug.encode(), digest_size=32, person=b"photo link").hexdigest()


def new_photo_slug(vault: Vault) -> PhotoSlug:
    slug = ids.new_token()
    digest = digest_of(slug)
    return PhotoSlug(digest, vault.seal(slug, _place(digest)))


def _place(digest: str) -> str:
    # Of two photos that become one, the kept one inherits the link: its place is not the photo's.
    return f"photo_link {digest}"
