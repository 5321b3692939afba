"""Every environment setting: its name, unit, default and meaning. Nothing else reads the environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from librephotos.errors import BadSetting


class Settings(BaseSettings):
    """Settings of one installation; each is `LIBREPHOTOS_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="LIBREPHOTOS_", env_parse_none_str="", extra="ignore")

    data: Path = Field(
        Path("data"), description="Data folder: database, keys, derived files. Never scanned or served."
    )
    library_roots: str = Field("", description="Folders with photos, separated by ':' (library roots).")
    database_url: str = Field("", description="Database address; empty means SQLite in the data folder.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    api_processes: int = Field(1, ge=1, le=64, description="API processes.")
    worker_processes: int = Field(0, ge=0, le=256, description="Decoding processes; 0 means one per core.")
    debug: bool = Field(
        False, description="Adds the API document pages and hints; never on a public address."
    )
    secret_key: str = Field(
        "", description="Key that signs tokens; empty means the generated one in the data folder."
    )
    secret_key_previous: str = Field(
        "", description="Previous key, accepted until its last token has expired."
    )
    jwt_user_id: Literal["string", "int"] = Field(
        "string", description="Type of the `user_id` claim; `int` for clients of 2024."
    )
    refresh_token_days: int = Field(7, ge=1, le=3650, description="Life of a refresh token in days.")
    cookie_parity: bool = Field(
        False, description="Send the media cookie as the original does, without flags."
    )
    cookie_samesite: Literal["lax", "strict", "none"] = Field(
        "lax", description="SameSite of the media cookie."
    )
    cors_origins: str = Field("", description="Origins allowed to call from a browser, separated by commas.")
    allowed_hosts: str = Field("*", description="Host names answered, separated by commas; `*` means any.")
    trusted_proxies: str = Field(
        "", description="Networks whose forwarding headers are believed, separated by commas."
    )
    public_url: str = Field("", description="Public address for mails and redirects.")
    offer_basic: bool = Field(False, description="Offer Basic as a second challenge with a 401.")
    password_policy: Literal["published", "strict"] = Field("published", description="Rules for passwords.")
    max_body_bytes: int = Field(32 * 1024 * 1024, ge=65536, description="Largest request body in bytes.")
    admin_username: str = Field("", description="First admin, made at the start when no account exists.")
    admin_password: str = Field("", description="Password of the first admin.")
    admin_email: str = Field("", description="E-mail address of the first admin.")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data.absolute() / 'librephotos.sqlite'}"

    @property
    def origins(self) -> frozenset[str]:
        given = {origin.strip().rstrip("/") for origin in self.cors_origins.split(",") if origin.strip()}
        if self.debug:
            given.add("http://localhost:3000")
        return frozenset(given)

    @property
    def hosts(self) -> frozenset[str]:
        given = frozenset(host.strip().lower() for host in self.allowed_hosts.split(",") if host.strip())
        return frozenset() if "*" in given else given


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment. Raises BadSetting with a sentence naming the variable."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        name = "LIBREPHOTOS_" + str(detail["loc"][0]).upper().removeprefix("LIBREPHOTOS_")
        raise BadSetting(f"{name} cannot be used: {detail['msg']}.") from None
