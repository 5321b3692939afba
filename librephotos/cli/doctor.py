"""`doctor`: looks at everything a running server needs; each line says what to do."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

import librephotos.followers  # noqa: F401  # what is counted
from librephotos.accounts.secret_key import FILE_NAME, PREVIOUS_NAME, read_previous
from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.vault import FILE_NAME as VAULT_KEY
from librephotos.cli import accounts
from librephotos.cli.output import answers
from librephotos.db.database import Database
from librephotos.db.migrate import read_position
from librephotos.db.text_search import has_text_index
from librephotos.errors import LibrePhotosError
from librephotos.kit import clock
from librephotos.kit.disks import free_bytes, reason_full
from librephotos.library.queries.roots import list_roots
from librephotos.media.exiftool import locate_exiftool
from librephotos.media.video.ffmpeg import locate_ffmpeg
from librephotos.photos.changes import recount_all
from librephotos.settings import Settings, list_ignored, list_unknown

OLDEST_PYTHON = (3, 11)
NAMED = 10
TIGHT_BYTES = 2 * 1024**3
_MARKS = {"good": "[green]ok  [/]", "doubtful": "[yellow]warn[/]", "bad": "[red]FAIL[/]"}


class Finding(msgspec.Struct, frozen=True):
    verdict: str
    text: str


def examine(settings: Settings) -> int:
    """Print what is found; return 0, or 1 when something must be done before the server can work."""
    findings = [finding for check in CHECKS for finding in check(settings)]
    for finding in findings:
        answers.print(_MARKS[finding.verdict], end=" ")
        answers.print(finding.text, markup=False)
    return 1 if any(finding.verdict == "bad" for finding in findings) else 0


def _good(text: str) -> Finding:
    return Finding("good", text)


def _doubtful(text: str) -> Finding:
    return Finding("doubtful", text)


def _bad(text: str) -> Finding:
    return Finding("bad", text)


def _python(_: Settings) -> Iterator[Finding]:
    version = sys.version.split()[0]
    if sys.version_info < OLDEST_PYTHON:
        yield _bad(f"Python {version} is too old; install 3.11 or newer.")
    else:
        yield _good(f"Python {version}")


def _metadata_tools(_: Settings) -> Iterator[Finding]:
    if shutil.which("perl") is None:
        yield _bad("Perl is missing, which ExifTool runs on; install the package `perl`.")
    command = locate_exiftool()
    if command is None:
        yield _bad("ExifTool is missing; install the package `libimage-exiftool-perl` or `exiftool`.")
        return
    done = subprocess.run([*command, "-ver"], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        yield _bad(f"ExifTool does not run ({done.stderr.strip()[:200]}); install it again.")
    else:
        yield _good(f"ExifTool {done.stdout.strip()}")


def _pictures(_: Settings) -> Iterator[Finding]:
    try:
        import pyvips  # 0.1 s that no other command needs
    except (ImportError, OSError) as error:
        yield _bad(f"libvips cannot be loaded ({error}); install the package with its dependencies again.")
        return
    yield _good(f"libvips {'.'.join(str(pyvips.version(part)) for part in range(3))}")


def _videos(settings: Settings) -> Iterator[Finding]:
    if settings.feature_video:
        try:
            import av  # As above.
        except (ImportError, OSError) as error:
            yield _bad(f"PyAV cannot be loaded ({error}); install the package with its dependencies again.")
            return
        yield _good(f"PyAV {av.__version__}")
    if not settings.transcoding:
        return
    program = locate_ffmpeg(settings.ffmpeg)
    if program is None:
        given = f"is not at {settings.ffmpeg}" if settings.ffmpeg else "is missing"
        yield _doubtful(f"FFmpeg {given}; videos are played as they are, and some browsers cannot play some.")
    else:
        yield _good(f"FFmpeg at {program}")


def _database(settings: Settings) -> Iterator[Finding]:
    if (
        settings.database.startswith("sqlite")
        and not Path(settings.database.removeprefix("sqlite:///")).exists()
    ):
        yield _doubtful("The database does not exist yet; `librephotos serve` makes it.")
        return
    try:
        position, last = read_position(settings.database)
    except LibrePhotosError as error:
        yield _bad(error.message)
        return
    if position == last:
        yield _good(f"Database reachable, schema step {position}")
        db = Database(settings.database)
        try:
            yield from _passwords(settings, db)
            yield from _scan_directories(settings, db)
            yield from _counts(db)
            yield from _search(db)
        finally:
            db.close()
    else:
        yield _doubtful(
            f"Database at step {position or 'nothing'} of {last}; the next start or `librephotos migrate` updates it."
        )


def _counts(db: Database) -> Iterator[Finding]:
    """Count days and albums anew, whatever is stored: a recount of what was right changes nothing."""
    with db.snapshot() as tx:
        owners = [one.user_id for one in accounts.list_accounts(tx)]
    for owner in owners:
        db.commit(recount_all, owner)
    yield _good(f"Days, albums and their covers counted anew for {len(owners)} accounts")


def _search(db: Database) -> Iterator[Finding]:
    with db.snapshot() as tx:
        is_indexed = has_text_index(tx)
    if is_indexed:
        yield _good("Searches are helped by an index")
    else:
        yield _doubtful(
            "Searches read every text, because this PostgreSQL server did not allow the extension pg_trgm. Have its "
            "admin run, in this database: CREATE EXTENSION pg_trgm; CREATE INDEX ix_photo_search_text ON photo_search "
            "USING gin (text gin_trgm_ops);"
        )


def _passwords(settings: Settings, db: Database) -> Iterator[Finding]:
    """Look into a database of this version: how passwords are stored, and which new ones are taken."""
    with db.snapshot() as tx:
        weak = accounts.list_weak(tx)
        policy = get_site_settings(tx, settings).policy(settings)
    if weak:
        names = ", ".join(weak[:NAMED]) + (f" and {len(weak) - NAMED} more" if len(weak) > NAMED else "")
        yield _doubtful(
            f"Passwords stored too weakly ({len(weak)}): {names}. Signing in once with the password stores it anew, "
            "and so does `librephotos user password NAME`."
        )
    else:
        yield _good("All passwords are stored as Argon2id of today's strength")
    if policy == "published":
        reached = "while other machines can reach the server" if settings.is_public else "as published"
        yield (_doubtful if settings.is_public else _good)(
            f"Passwords of three characters are accepted {reached}; set LIBREPHOTOS_PASSWORD_POLICY=strict."
        )
    else:
        yield _good("New passwords follow the strict policy")


def _scan_directories(settings: Settings, db: Database) -> Iterator[Finding]:
    """Tell which scan directories were found away, and which cannot be watched."""
    with db.snapshot() as tx:
        roots = list_roots(tx, None)
    for root in roots:
        if root.offline_since:
            yield _doubtful(
                f"{root.path} of {root.username} is offline since {root.offline_since}: {root.reason} If the files "
                f"are gone for good, run `librephotos scan --user {root.username} --accept-losses`."
            )
        elif root.reason:
            yield _doubtful(f"{root.path} of {root.username}: {root.reason}")
        if root.watching == "limited" and settings.watch:
            also = "" if settings.rescan_minutes else " Set LIBREPHOTOS_RESCAN_MINUTES, which is off."
            yield _doubtful(f"{root.path} cannot be watched. {root.watching_reason}{also}")
    if roots and not any(root.offline_since or root.reason for root in roots):
        yield _good(f"Scan directories as the last scans found them ({len(roots)})")


def _data_folder(settings: Settings) -> Iterator[Finding]:
    data = settings.data
    if not data.is_dir():
        yield _doubtful(f"The data folder {data} does not exist yet; `librephotos serve` makes it.")
        return
    if not os.access(data, os.W_OK | os.X_OK):
        yield _bad(f"The data folder {data} cannot be written by this user; change its owner.")
    elif data.stat().st_mode & 0o077:
        yield _doubtful(f"Other users of this machine can look into {data}; run `chmod 700 {data}`.")
    else:
        yield _good(f"Data folder {data}")
    free = free_bytes(data)
    if reason := reason_full(data):
        yield _bad(reason)
    elif free < TIGHT_BYTES:
        yield _doubtful(
            f"Only {free // 1024**2} MiB are free on the disk of {data}; make room for thumbnails."
        )


def _vault(settings: Settings) -> Iterator[Finding]:
    path = settings.data / VAULT_KEY
    if path.exists() and path.stat().st_mode & 0o077:
        yield _bad(f"Others can read the key of stored secrets {path}; run `chmod 600 {path}`.")


def _key(settings: Settings) -> Iterator[Finding]:
    if settings.secret_key:
        yield _good("The key that signs tokens is given by a setting")
        return
    paths = [path for name in (FILE_NAME, PREVIOUS_NAME) if (path := settings.data / name).exists()]
    for path in paths:
        if path.stat().st_mode & 0o077:
            yield _bad(
                f"Others can read the key {path}; run `chmod 600 {path}`, and `librephotos secret rotate --now` "
                "if they may have done so."
            )
            return
    if paths:
        yield _good("The key that signs tokens is readable by its owner only")
    try:
        previous = read_previous(settings.data)
    except LibrePhotosError as error:
        yield _bad(error.message)
        return
    if previous and clock.now_seconds() < previous[1]:
        yield _good(f"The key before it counts until {clock.iso(previous[1] * clock.SECOND)}")


def _library(settings: Settings) -> Iterator[Finding]:
    if not settings.roots:
        yield _doubtful("No library root is set; give folders with LIBREPHOTOS_LIBRARY_ROOTS or --library.")
    for root in settings.roots:
        if not root.is_dir():
            yield _bad(
                f"The library root {root} is not there; mount it or correct LIBREPHOTOS_LIBRARY_ROOTS."
            )
        elif not os.access(root, os.R_OK | os.X_OK):
            yield _bad(f"The library root {root} cannot be read by this user; change its permissions.")
        else:
            yield _good(f"Library root {root}")


def _network(settings: Settings) -> Iterator[Finding]:
    if settings.is_public and settings.debug:
        yield _doubtful("DEBUG is on while other machines can reach the server; unset LIBREPHOTOS_DEBUG.")
    if settings.is_public and not settings.trusted_proxies:
        yield _doubtful(
            "No proxy is trusted: behind a reverse proxy every caller has its address, and links say http. "
            "Set LIBREPHOTOS_TRUSTED_PROXIES to the proxy's address."
        )
    if "0.0.0.0/0" in settings.trusted_proxies or "::/0" in settings.trusted_proxies:
        yield _bad(
            "LIBREPHOTOS_TRUSTED_PROXIES trusts everybody: any caller can forge an address. Name the proxy only."
        )


def _names(_: Settings) -> Iterator[Finding]:
    for name in list_ignored():
        yield _doubtful(f"{name} has no meaning here; remove it.")
    for name in list_unknown():
        yield _doubtful(f"{name} is no setting; correct its name (docs/settings.md lists all).")


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python,
    _metadata_tools,
    _pictures,
    _videos,
    _database,
    _data_folder,
    _key,
    _vault,
    _library,
    _network,
    _names,
)
