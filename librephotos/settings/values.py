"""Every environment setting: its name, unit, default and meaning. Nothing else reads the environment.

A setting is `LIBREPHOTOS_` and the field's name in capitals. Names of the original LibrePhotos are understood too, so
that people keep their compose files; ours win. `docs/settings.md` lists all of them.
"""

import os
from collections.abc import Mapping
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from librephotos.errors import BadSetting
from librephotos.settings.hours import QuietHours, parse_quiet_hours
from librephotos.settings.old_names import (
    IGNORED_NAMES,
    old_values,
    parts_of,
)

PREFIX = "LIBREPHOTOS_"


class Settings(BaseSettings):
    """Settings of one installation; each is `LIBREPHOTOS_` and the field's name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_parse_none_str="", extra="ignore", env_ignore_empty=True
    )

    data: Path = Field(
        Path("data"), description="Data folder: database, keys, derived files. Never scanned or served."
    )
    library_roots: str = Field("", description="Folders with photos (library roots), separated by `:`.")
    database_url: str = Field(
        "", description="`postgresql://…` or `sqlite:///…`; empty means SQLite in the data folder."
    )
    host: str = Field("127.0.0.1", description="Address to listen on; `0.0.0.0` or `::` means all.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    api_processes: int = Field(1, ge=1, le=64, description="API processes.")
    scan_processes: int = Field(
        0, ge=0, le=256, description="Processes that read files during a scan; 0 means one per core."
    )
    scan_memory: int = Field(
        2560, ge=512, le=65_536, description="MiB that each of these processes may take, for large pictures."
    )
    watch: bool = Field(True, description="Scan by itself when files in a scan directory change.")
    rescan_minutes: int = Field(
        60,
        ge=0,
        le=525_600,
        description="Minutes between scans of what cannot be watched, such as network folders; 0 means none.",
    )
    settle_seconds: int = Field(
        2, ge=0, le=60, description="Seconds for which a file must have been left alone before it is read."
    )
    quiet_hours: str = Field(
        "",
        description="Hours of local time when disks stay silent, such as `22:00-06:00`: scans rest meanwhile.",
    )
    debug: bool = Field(
        False, description="Adds the API document pages and hints; never on a public address."
    )
    secret_key: str = Field(
        "", description="Key that signs tokens; empty means the generated one in the data folder."
    )
    secret_key_previous: str = Field(
        "",
        description="Key before a changed `LIBREPHOTOS_SECRET_KEY`; unset it when its last token has expired.",
    )
    jwt_user_id: Literal["string", "int"] = Field(
        "string", description="Type of the `user_id` claim; `int` for clients of 2024."
    )
    refresh_token_days: int = Field(7, ge=1, le=3650, description="Life of a refresh token in days.")
    session_idle_hours: int = Field(
        0, ge=0, le=87_600, description="Hours after which an unused session is over; 0 means none."
    )
    session_absolute_days: int = Field(
        0, ge=0, le=3650, description="Days after which a session is over, used or not; 0 means none."
    )
    audit_days: int = Field(365, ge=1, le=36_500, description="Days for which the audit log keeps an event.")
    cookie_parity: bool = Field(
        False, description="Send the media cookie as the original does, without flags."
    )
    cookie_samesite: Literal["lax", "strict", "none"] = Field(
        "lax", description="SameSite of the media cookie; `none` needs HTTPS and an origin list."
    )
    cors_origins: str = Field(
        "", description="Origins allowed to call from a browser, separated by commas; never `*`."
    )
    allowed_hosts: str = Field("*", description="Host names answered, separated by commas; `*` means any.")
    trusted_proxies: str = Field(
        "", description="Addresses and networks whose forwarding headers are believed, separated by commas."
    )
    public_url: str = Field(
        "", description="Public address for mails and redirects, such as `https://photos.example.org`."
    )
    offer_basic: bool = Field(False, description="Offer Basic as a second challenge with a 401.")
    password_policy: Literal["published", "strict"] = Field(
        "published",
        description="Rules for passwords: 3 to 128 characters, or 8 and more and not easily guessed.",
    )
    network_failures: int = Field(
        10,
        ge=1,
        le=1_000_000,
        description="Failed sign-ins of an address (of IPv6: a /64 network) in an hour that cost no waiting.",
    )
    password_reset_throttle_rate: str = Field(
        "5/hour",
        pattern=r"^[1-9][0-9]*/(s|m|h|d|sec|second|min|minute|hour|day)$",
        description="Password resets a client may ask for.",
    )
    max_body_bytes: int = Field(32 * 1024 * 1024, ge=65536, description="Largest request body in bytes.")
    unread_seconds: int = Field(
        60,
        ge=1,
        le=86_400,
        description="Seconds after which a connection is ended whose client reads nothing of its answer.",
    )
    admin_username: str = Field("", description="First admin, made at the start when no account exists.")
    admin_password: str = Field("", description="Password of the first admin.")
    admin_email: str = Field("", description="E-mail address of the first admin.")
    allow_upload: bool = Field(True, description="First value of the site setting: people may upload.")
    upload_free_bytes: int = Field(
        1024**3, ge=0, description="Free space that uploads and archives leave on a disk, in bytes."
    )
    upload_quota_bytes: int = Field(
        0, ge=0, description="What an account's library may grow to by uploads, in bytes; 0 means no limit."
    )
    upload_chunk_bytes: int = Field(
        512 * 1024**2, ge=65536, description="Largest chunk of an upload in bytes; files may be larger."
    )
    open_uploads: int = Field(
        100, ge=1, le=100_000, description="Unfinished uploads that an account may have at a time."
    )
    skip_patterns: str = Field(
        "", description="First value of the site setting: parts of paths not scanned, by commas."
    )
    map_api_provider: str = Field(
        "offline", description="First value of the site setting: who answers address searches."
    )
    map_api_url: str = Field("", description="Own server of the online address search, not the public one.")
    mapbox_api_key: str = Field(
        "", description="First value of the site setting: key of the online address search."
    )
    map_tile_provider: str = Field(
        "photoprism", description="First value of the site setting: tiles of the page's maps."
    )
    default_favorite_min_rating: int = Field(
        4, ge=0, le=5, description="Rating from which new accounts see favorites."
    )
    private_hosts: str = Field(
        "", description="Hosts in private networks that users may connect to, by commas."
    )
    feature_face_detection: bool = Field(True, description="Find faces.")
    feature_face_cluster: bool = Field(True, description="Group faces into persons.")
    feature_image_captioning: bool = Field(True, description="Write captions, where a model is installed.")
    feature_scene_classification: bool = Field(True, description="Tag scenes and things.")
    feature_reverse_geocoding: bool = Field(True, description="Name the places of photos.")
    feature_process_embedded_media: bool = Field(True, description="Take motion clips out of photos.")
    feature_video: bool = Field(True, description="Read videos.")
    transcoding: bool = Field(
        True, description="Convert videos while they are played, for whoever asks for it."
    )
    ffmpeg: str = Field(
        "", description="Path of the program FFmpeg; empty means the one on PATH, then the installed one."
    )
    transcode_cache_bytes: int = Field(
        10 * 1024**3, ge=0, description="Converted videos kept, in bytes; those watched longest ago go first."
    )
    transcode_free_bytes: int = Field(
        2 * 1024**3, ge=0, description="Free space that converting leaves on the disk, in bytes."
    )
    transcodes_at_once: int = Field(2, ge=1, le=64, description="Videos converted at once, for all who play.")
    transcode_idle_seconds: float = Field(
        5, ge=0, le=3600, description="Seconds after which a conversion ends that nobody watches any more."
    )

    @field_validator("data", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("library_roots")
    @classmethod
    def _absolute_roots(cls, value: str) -> str:
        for part in parts_of(value, os.pathsep):
            if not Path(part).is_absolute():
                raise ValueError(f"{part} is not an absolute path")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value:
            return value
        # 0.2 s that a start on the embedded database need not wait for.
        from sqlalchemy import exc, make_url

        try:
            address = make_url(value)
            backend = address.get_backend_name()
        except (exc.ArgumentError, ValueError):
            raise ValueError(
                "it is no database address; write postgresql://user:password@host/name"
            ) from None
        if backend not in ("sqlite", "postgresql"):
            raise ValueError("it must begin with sqlite:/// or postgresql://")
        if not address.database:
            raise ValueError("it names no database")
        return value

    @field_validator("host")
    @classmethod
    def _plain_host(cls, value: str) -> str:
        bare = value.strip().removeprefix("[").removesuffix("]")
        if not bare or any(char in bare for char in "/ @") or (":" in bare and not _is_address(bare)):
            raise ValueError("it must be an address or a host name without scheme and port, such as 0.0.0.0")
        return bare

    @field_validator("quiet_hours")
    @classmethod
    def _a_part_of_the_day(cls, value: str) -> str:
        parse_quiet_hours(value)
        return value.strip()

    @field_validator("cors_origins")
    @classmethod
    def _plain_origins(cls, value: str) -> str:
        for part in parts_of(value, ","):
            if part == "*":
                raise ValueError("`*` would let every site act for your users; list the origins instead")
            _refuse_bad_origin(part, allow_path=False)
        return value

    @field_validator("public_url", "map_api_url")
    @classmethod
    def _plain_url(cls, value: str) -> str:
        if value:
            _refuse_bad_origin(value, allow_path=True)
        return value.rstrip("/")

    @field_validator("allowed_hosts")
    @classmethod
    def _plain_hosts(cls, value: str) -> str:
        for part in parts_of(value, ","):
            if "/" in part or (part != "*" and "*" in part):
                raise ValueError(
                    f"{part} is not a host name; write names such as photos.example.org, or * for any"
                )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _plain_networks(cls, value: str) -> str:
        for part in parts_of(value, ","):
            try:
                ip_network(part)
            except ValueError:
                raise ValueError(f"{part} is neither an address nor a network such as 10.0.0.0/8") from None
        return value

    @model_validator(mode="after")
    def _agreeing(self) -> "Settings":
        if self.cookie_samesite == "none" and not self.cors_origins:
            raise _Disagreeing(
                "cookie_samesite",
                "`none` needs LIBREPHOTOS_CORS_ORIGINS to name the sites that may use the cookie",
            )
        if bool(self.admin_username) != bool(self.admin_password):
            missing = "admin_password" if self.admin_username else "admin_username"
            raise _Disagreeing(missing, "the first admin needs both a user name and a password")
        data = self.data.resolve()
        for root in self.roots:
            if root.resolve().is_relative_to(data):
                raise _Disagreeing(
                    "library_roots", f"{root} lies inside the data folder {self.data}, which is never scanned"
                )
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data.absolute() / 'librephotos.sqlite'}"

    @cached_property
    def roots(self) -> tuple[Path, ...]:
        """The library roots in the order given, each once."""
        return tuple(dict.fromkeys(Path(part) for part in parts_of(self.library_roots, os.pathsep)))

    @property
    def origins(self) -> frozenset[str]:
        given = {origin.rstrip("/") for origin in parts_of(self.cors_origins, ",")}
        if self.debug:
            given.add("http://localhost:3000")
        return frozenset(given)

    @property
    def hosts(self) -> frozenset[str]:
        given = frozenset(host.lower() for host in parts_of(self.allowed_hosts, ","))
        return frozenset() if "*" in given else given

    @cached_property
    def quiet(self) -> QuietHours | None:
        """The part of the day when disks stay silent; None when there is none."""
        return parse_quiet_hours(self.quiet_hours)

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach the address that the server listens on."""
        return self.host != "localhost" and not (_is_address(self.host) and ip_address(self.host).is_loopback)


class _Disagreeing(BadSetting):
    """Two settings that do not go together; not a ValueError, so that it keeps the name of the field."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{PREFIX}{field.upper()} cannot be used: {reason}.")


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment. Raises BadSetting with a sentence naming the variable."""
    old, names = old_values(os.environ)
    given = {name: value for name, value in old.items() if not os.environ.get(f"{PREFIX}{name.upper()}")}
    try:
        return Settings(**{**given, **overrides})  # type: ignore[arg-type]
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        field = str(detail["loc"][0]) if detail["loc"] else ""
        uses_old = field in given and field not in overrides
        variable = names[field] if uses_old else f"{PREFIX}{field.upper()}"
        raise BadSetting(f"{variable} cannot be used: {_reason(detail)}.") from None


def list_ignored(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return the names of the original that are set and have no meaning here."""
    return [name for name in IGNORED_NAMES if name in (os.environ if environment is None else environment)]


def list_unknown(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return the names with our prefix that no setting has: most likely misspelled."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {"LIBREPHOTOS_PASSWORD"}
    given = os.environ if environment is None else environment
    return sorted(name for name in given if name.startswith(PREFIX) and name not in known)


def child_environment(overrides: Mapping[str, object]) -> dict[str, str]:
    """Return the environment for a process of ours that shall see the same settings."""
    return {**os.environ, **{f"{PREFIX}{name.upper()}": str(value) for name, value in overrides.items()}}


def password_of_environment() -> str:
    """Return LIBREPHOTOS_PASSWORD: the password that `librephotos user` gives to an account."""
    return os.environ.get("LIBREPHOTOS_PASSWORD", "")


def _reason(detail: Any) -> str:  # pydantic's own mapping
    """Return what is wrong in plain words, without a full stop."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "value_error":
            return str(context["error"]).rstrip(".")
        case "int_parsing" | "int_type" | "int_from_float":
            return f"{detail['input']!r} is not a whole number"
        case "bool_parsing" | "bool_type":
            return f"{detail['input']!r} is neither 1 (yes) nor 0 (no)"
        case "literal_error":
            return f"{detail['input']!r} is none of {context['expected']}"
        case "greater_than_equal":
            return f"{detail['input']} is less than {context['ge']}"
        case "less_than_equal":
            return f"{detail['input']} is more than {context['le']}"
        case "string_pattern_mismatch":
            return f"{detail['input']!r} is not a number and a period, such as 5/hour"
        case _:
            return str(detail["msg"])


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _refuse_bad_origin(text: str, *, allow_path: bool) -> None:
    try:
        parsed = urlsplit(text)
        is_usable = parsed.scheme in ("http", "https") and bool(parsed.hostname) and (parsed.port or 1) > 0
    except ValueError:
        is_usable = False
    if not is_usable or (not allow_path and parsed.path.rstrip("/")) or parsed.query or parsed.fragment:
        raise ValueError(f"{text} is not an address such as https://photos.example.org")
