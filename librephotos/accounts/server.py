"""What handlers may need beside the database: settings, sessions, cookies and where requests come from."""

from collections.abc import Awaitable, Callable
from typing import cast

from librephotos.accounts.authenticator import Authenticator
from librephotos.accounts.cookies import CookiePolicy
from librephotos.accounts.defaults import AccountDefaults
from librephotos.accounts.events import Origin, trace
from librephotos.accounts.hashing import HashingPool
from librephotos.accounts.keys.ring import KeyRing
from librephotos.accounts.limiter import Limiter
from librephotos.accounts.limits import SessionLimits
from librephotos.accounts.reset_mail import ResetMailer
from librephotos.accounts.secret_key import KeySource
from librephotos.accounts.sessions import Sessions
from librephotos.accounts.tokens import TokenSigner
from librephotos.accounts.vault import Vault
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.remembered import Remembered
from librephotos.errors import BadSetting
from librephotos.http.binding import ApiRequest
from librephotos.http.bookmarks import Bookmarks
from librephotos.http.caching import Key, ListCache
from librephotos.http.origin import Proxies
from librephotos.kit import clock
from librephotos.settings import Settings

# Answers that hold until anybody writes anything, and the largest that is kept: 4 MB of them at most.
UNWRITTEN = 64
UNWRITTEN_BYTES = 64 * 1024


class Server:
    """One API process's services over one database. `key` signs tokens; `defaults` are what new accounts have.

    `keys`, where given, are those that sign: `key` is the first of them, and stays what it was when they change.
    """

    def __init__(
        self,
        settings: Settings,
        db: Database,
        key: str,
        defaults: AccountDefaults | None = None,
        keys: KeySource | None = None,
    ) -> None:
        self.settings = settings
        self.defaults = defaults or AccountDefaults()
        self.db = db
        self.pool = HashingPool(lambda: self.limiter.turns.length)
        self.lists = ListCache()
        self.bookmarks = Bookmarks()
        self._unwritten: Remembered[Key, bytes] = Remembered(UNWRITTEN)
        self.vault = Vault(settings.data)
        self.reset_mailer = ResetMailer(settings, db, self.vault)
        self.signer = TokenSigner(
            key,
            settings.secret_key_previous,
            source=keys,
            refresh_days=settings.refresh_token_days,
            int_user_id=settings.jwt_user_id == "int",
        )
        try:
            self.proxies = Proxies(settings.trusted_proxies)
        except ValueError as error:
            raise BadSetting(f"LIBREPHOTOS_TRUSTED_PROXIES cannot be used: {error}.") from error
        self.limits = SessionLimits(
            settings.session_idle_hours * clock.HOUR, settings.session_absolute_days * clock.DAY
        )
        self.limiter = Limiter(db, settings.network_failures, settings.password_reset_throttle_rate)
        self.sessions = Sessions(db, self.signer, self.pool, self.limiter, self.limits)
        ring = KeyRing(db, self.proxies, self.limiter)
        self.authenticator = Authenticator(
            db, self.signer, self.pool, self.proxies, ring, self.limiter, self.limits
        )
        self.cookies = CookiePolicy(settings.cookie_parity, settings.cookie_samesite)

    async def unwritten(self, key: Key, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return what `make` gives out of the database, made anew unless that is as it was.

        For small answers that depend on more than a caller's lists have versions for.
        """
        version = self.db.version()
        body = self._unwritten.at(version).get(key)
        if body is None:
            body = await make()
            if len(body) <= UNWRITTEN_BYTES:
                # Whatever was written while it was made has given the database another version.
                self._unwritten.at(version)[key] = body
        return body

    def close(self) -> None:
        self.pool.close()
        self.reset_mailer.close()
        self.db.close()


def origin_of(request: ApiRequest, method: str = "") -> Origin:
    """Return who asks, how and from where, for the audit log; `method` where it is not the viewer's."""
    return trace(request.scope, server_of(request).proxies, viewer_of(request), method)


def viewer_of(request: ApiRequest) -> Viewer:
    """Return the caller; routes that are polled take this way, because dependencies cost 6 µs and more a request."""
    return cast("Viewer", request.scope["viewer"])  # type: ignore[typeddict-item]


def server_of(request: ApiRequest) -> Server:
    """Return the services; see `viewer_of`."""
    return cast("Server", request.scope["services"])  # type: ignore[typeddict-item]
