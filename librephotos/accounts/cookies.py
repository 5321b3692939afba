"""The cookies of the token endpoints (RFC 6265bis): for media, for the device and, on request, the refresh token."""

import msgspec
from litestar.datastructures import Cookie

from librephotos.accounts.tokens import ACCESS_SECONDS

REFRESH_COOKIE = "lp_refresh"
REFRESH_PATH = "/api/auth/token/"
DEVICE_COOKIE = "lp_device"
DEVICE_PATH = "/api/auth/"
# As long as browsers keep a cookie at all.
DEVICE_SECONDS = 400 * 86_400


class CookiePolicy(msgspec.Struct, frozen=True):
    """`parity` sends the media cookie bare, as the original does."""

    parity: bool = False
    same_site: str = "lax"

    def media(self, access: str, *, is_https: bool) -> str:
        if self.parity:
            return f"jwt={access}; Path=/"
        # SameSite=None is refused by browsers without Secure.
        secure = "; Secure" if is_https or self.same_site == "none" else ""
        return f"jwt={access}; Path=/; HttpOnly; SameSite={self.same_site.title()}; Max-Age={ACCESS_SECONDS}{secure}"

    def remembered(self, refresh: str, max_age_seconds: int, *, is_https: bool) -> str:
        secure = "; Secure" if is_https else ""
        return (
            f"{REFRESH_COOKIE}={refresh}; Path={REFRESH_PATH}; HttpOnly; SameSite=Strict; "
            f"Max-Age={max_age_seconds}{secure}"
        )

    def device(self, token: str, *, is_https: bool) -> str | None:
        """Return the cookie by which a browser is known at its next sign-in; it signs nobody in. None with parity."""
        if self.parity:
            return None
        secure = "; Secure" if is_https else ""
        return (
            f"{DEVICE_COOKIE}={token}; Path={DEVICE_PATH}; HttpOnly; SameSite=Strict; "
            f"Max-Age={DEVICE_SECONDS}{secure}"
        )


FORGET_MEDIA = "jwt=; Path=/; Max-Age=0"
FORGET_REFRESH = f"{REFRESH_COOKIE}=; Path={REFRESH_PATH}; HttpOnly; SameSite=Strict; Max-Age=0"


class RawCookie(Cookie):
    """A `Set-Cookie` value sent exactly as written; the framework's own order and spelling differ."""

    def __init__(self, text: str) -> None:
        super().__init__(key=text.partition("=")[0])
        self.text = text

    def to_encoded_header(self) -> tuple[bytes, bytes]:
        return b"set-cookie", self.text.encode("latin-1")
