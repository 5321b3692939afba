"""How mail leaves this server: stored by an admin, with the password of the mail server sealed (`vault.py`).

A password is kept for the server that it was given for: whoever changes where mail goes must know it.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from librephotos.accounts.facts import SETTINGS_VERSION, count_fact
from librephotos.accounts.vault import Vault
from librephotos.db.statements import Statement, scalar, statement, upsert
from librephotos.db.tables import site_setting
from librephotos.db.transactions import Tx
from librephotos.kit import json

DISABLED: Final = "disabled"
_NAME: Final = "mail"
_PLACE: Final = "site setting mail secret"
_STORED = Statement(
    select(site_setting.c.value).where(site_setting.c.name == bindparam("setting_name")), scalar
)
_SET = statement(upsert(site_setting, key=["name"], update=["value"]))


class Preset(msgspec.Struct, frozen=True):
    """A service whose server is known; one without `host` has another in each region."""

    label: str
    help_url: str
    host: str = ""
    default_username: str = ""


PRESETS: Final[Mapping[str, Preset]] = {
    "sendgrid": Preset(
        "SendGrid",
        "https://www.twilio.com/docs/sendgrid/for-developers/sending-email",
        "smtp.sendgrid.net",
        "apikey",
    ),
    "mailgun": Preset(
        "Mailgun", "https://documentation.mailgun.com/docs/mailgun/user-manual", "smtp.mailgun.org"
    ),
    "postmark": Preset("Postmark", "https://postmarkapp.com/developer/user-guide", "smtp.postmarkapp.com"),
    "brevo": Preset("Brevo", "https://help.brevo.com/hc/en-us", "smtp-relay.brevo.com"),
    "smtp2go": Preset("SMTP2GO", "https://support.smtp2go.com/hc/en-gb", "mail.smtp2go.com"),
    "ses": Preset("Amazon SES", "https://docs.aws.amazon.com/ses/latest/dg/send-email-smtp.html"),
}


class MailSettings(msgspec.Struct, frozen=True):
    provider: str = DISABLED
    from_email: str = ""
    host: str = ""
    port: int = 587
    use_tls: bool = True
    use_ssl: bool = False
    username: str = ""
    sealed_secret: str = ""

    @property
    def server(self) -> str:
        """The host that mail goes to: the one that was typed, or the service's."""
        preset = PRESETS.get(self.provider)
        return self.host or (preset.host if preset else "")

    @property
    def is_configured(self) -> bool:
        return self.provider != DISABLED and bool(self.server and self.from_email)

    def changed(self, changes: Mapping[str, Any]) -> "MailSettings":
        """Return these settings with what was sent; another server knows nothing of the old one's password."""
        new = msgspec.structs.replace(self, **changes)
        if new.server != self.server and "sealed_secret" not in changes:
            new = msgspec.structs.replace(new, sealed_secret="")
        return new

    def secret(self, vault: Vault) -> str:
        """Raises Sealed, Unavailable."""
        return vault.open(self.sealed_secret, _PLACE) if self.sealed_secret else ""


def seal_secret(vault: Vault, text: str) -> str:
    return vault.seal(text, _PLACE) if text else ""


def get_mail_settings(tx: Tx) -> MailSettings:
    stored = tx.first(_STORED, setting_name=_NAME)
    return msgspec.convert(json.loads(stored), MailSettings) if stored else MailSettings()


def change_mail_settings(tx: Tx, changes: Mapping[str, Any]) -> MailSettings:
    """Store what changes and count the version of the settings, which tell whether mail can be sent."""
    tx.lock("site settings")
    new = get_mail_settings(tx).changed(changes)
    tx.execute(_SET, name=_NAME, value=json.dumps(msgspec.to_builtins(new)))
    count_fact(tx, SETTINGS_VERSION)
    return new
