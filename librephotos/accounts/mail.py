"""Sends one mail to one person by the mail server that an admin chose; takes as long as that server, in a thread."""

from typing import TYPE_CHECKING, Final

import msgspec

from librephotos.accounts.mail_settings import MailSettings
from librephotos.accounts.vault import Sealed, Vault

if TYPE_CHECKING:
    from email.message import EmailMessage

TIMEOUT_SECONDS: Final = 10


class Mail(msgspec.Struct, frozen=True):
    to: str
    subject: str
    text: str


class NotSent(Exception):
    """The mail server did not take it, for the reason that the text gives."""


def send_mail(settings: MailSettings, vault: Vault, mail: Mail) -> None:
    """Hand a mail to the mail server. Raises NotSent, Unavailable."""
    # A megabyte and more that most processes never need.
    import smtplib
    import ssl

    address, context = (settings.server, settings.port), ssl.create_default_context()
    try:
        message = _message(settings, mail)
        secret = settings.secret(vault)
        connection = (
            smtplib.SMTP_SSL(*address, timeout=TIMEOUT_SECONDS, context=context)
            if settings.use_ssl
            else smtplib.SMTP(*address, timeout=TIMEOUT_SECONDS)
        )
        with connection as server:
            if settings.use_tls and not settings.use_ssl:
                server.starttls(context=context)
            if settings.username:
                server.login(settings.username, secret)
            server.send_message(message)
    except Sealed:
        raise NotSent("The stored password does not open any more; type it anew.") from None
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        raise NotSent(f"{error.smtp_code} {text}"[:500]) from error
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise NotSent(str(error)[:500] or type(error).__name__) from error


def _message(settings: MailSettings, mail: Mail) -> "EmailMessage":
    """Raises ValueError for what would be a header of its own (a line break in an address or a subject)."""
    from email.message import EmailMessage
    from email.utils import formatdate, make_msgid

    message = EmailMessage()
    sender = _in_ascii(settings.from_email)
    message["From"], message["To"], message["Subject"] = sender, _in_ascii(mail.to), mail.subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="quoted-printable" if not mail.text.isascii() else None)
    return message


def _in_ascii(address: str) -> str:
    """Return an address with its domain as name servers know it (RFC 3490), which every mail server takes."""
    local, at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}{at}{domain.encode('idna').decode()}"
