"""How mail leaves the server, for admins: reading it, changing it, and trying it."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.handlers import BaseRouteHandler
from pydantic import BeforeValidator, Field, StringConstraints

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.guard import admin
from librephotos.accounts.mail import Mail, NotSent, send_mail
from librephotos.accounts.mail_settings import (
    PRESETS,
    MailSettings,
    Preset,
    change_mail_settings,
    get_mail_settings,
    seal_secret,
)
from librephotos.accounts.scopes import SERVER_READ
from librephotos.accounts.server import Server, origin_of
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.fields import CHECKS, Input, RawText
from librephotos.http.refusals import Errors, Failed
from librephotos.site.schemas import EmailConfig, EmailPreset
from librephotos.users.field_types import Email, whole_number
from librephotos.users.queries import get_managed

NOT_CONFIGURED = "Email is not configured."
NO_RECIPIENT = "No recipient: give an address, or your account one."
SUBJECT = "Test of LibrePhotos"
TEXT = "This server can send mail.\n"

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), *CHECKS]
Port = Annotated[int, BeforeValidator(whole_number), Field(ge=0, le=65535)]


class EmailConfigInput(Input):
    """What is not sent stays. A `secret` that is empty stays too; `clear_secret` takes it away."""

    provider: Annotated[ShortText, StringConstraints(min_length=1)] = "disabled"
    from_email: Email = ""
    host: ShortText = ""
    port: Port = 587
    use_tls: bool = True
    use_ssl: bool = False
    username: ShortText = ""
    secret: RawText = ""
    clear_secret: bool = False


class EmailTestInput(Input):
    to: Email = ""


@get("/api/email-config/", who=admin, scope=SERVER_READ)
async def get_email_config(db: Database) -> EmailConfig:
    """The mail server and the services whose servers are known; never the password."""
    return _answer(await db.read(get_mail_settings))


@post("/api/email-config/", who=admin, scope="server:manage", status_code=200, body=EmailConfigInput)
async def update_email_config(request: ApiRequest, server: Server) -> EmailConfig:
    """Change how mail is sent. Another server without a new secret forgets the old one's."""
    data = bind(EmailConfigInput, await read_fields(request))
    changes: dict[str, Any] = data.model_dump(exclude_unset=True, exclude={"secret", "clear_secret"})
    if data.secret:
        changes["sealed_secret"] = await asyncio.to_thread(seal_secret, server.vault, data.secret)
    elif data.clear_secret:
        changes["sealed_secret"] = ""
    return _answer(await server.db.write(_store, changes, origin_of(request)))


def _store(tx: Tx, changes: dict[str, Any], origin: Origin) -> MailSettings:
    new = change_mail_settings(tx, changes)
    if changes:
        record(tx, Event(kind="settings_changed", origin=origin, detail={"mail": sorted(changes)}))
    return new


def _answer(settings: MailSettings) -> EmailConfig:
    return EmailConfig(
        provider=settings.provider,
        from_email=settings.from_email,
        host=settings.host,
        port=settings.port,
        use_tls=settings.use_tls,
        use_ssl=settings.use_ssl,
        username=settings.username,
        has_secret=bool(settings.sealed_secret),
        is_configured=settings.is_configured,
        presets={name: _preset(each) for name, each in PRESETS.items()},
    )


def _preset(of: Preset) -> EmailPreset:
    defaults = MailSettings()
    return EmailPreset(
        of.label,
        defaults.port,
        defaults.use_tls,
        defaults.use_ssl,
        of.help_url,
        of.host or msgspec.UNSET,
        of.default_username or msgspec.UNSET,
    )


@post(
    "/api/email-config/test/",
    who=admin,
    scope="server:manage",
    status_code=200,
    body=EmailTestInput,
    refusals={400: (Errors, Failed)},
)
async def send_test_mail(request: ApiRequest, viewer: Viewer, server: Server) -> Failed:
    """Send a mail to an address, or to the caller's own; whether the mail server took it stands in `status`."""
    data = bind(EmailTestInput, await read_fields(request))
    settings = await server.db.read(get_mail_settings)
    if not settings.is_configured:
        raise Refusal(400, {"status": False, "message": NOT_CONFIGURED})
    to = data.to or (await server.db.read(get_managed, viewer.user_id)).email
    if not to:
        raise Refusal(400, {"status": False, "message": NO_RECIPIENT})
    try:
        await asyncio.to_thread(send_mail, settings, server.vault, Mail(to, SUBJECT, TEXT))
    except NotSent as reason:
        return Failed(status=False, message=str(reason))
    return Failed(status=True, message=f"Test email sent to {to}.")


ROUTES: list[BaseRouteHandler] = [get_email_config, update_email_config, send_test_mail]
