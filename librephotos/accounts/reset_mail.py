"""Mails links to people who forgot their password, in a thread of its own: no answer waits for it or tells of it.

What went wrong stands in the log and among the events that admins see.
"""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec
import structlog

from librephotos.accounts.events import REFUSED, Event, Origin, record
from librephotos.accounts.mail import Mail, NotSent, send_mail
from librephotos.accounts.mail_settings import MailSettings, get_mail_settings
from librephotos.accounts.password_resets import LIFE, Person, create_link, list_people
from librephotos.accounts.vault import Vault
from librephotos.db.database import Database
from librephotos.kit import clock
from librephotos.settings import Settings

log = structlog.get_logger()

PATH: Final = "/password-reset/confirm"
# A mail server that hangs must not collect threads or memory: what comes on top is dropped, and the log says so.
MAX_WAITING: Final = 100
_MINUTES: Final = LIFE // clock.MINUTE


class Words(msgspec.Struct, frozen=True):
    subject: str
    text: str


ENGLISH: Final = Words(
    "Reset your LibrePhotos password",
    "Hello {name},\n\n"
    "somebody asked for a new password for your account on {base}.\n"
    "To choose one, open this link within {minutes} minutes; it works once:\n\n{link}\n\n"
    "Your devices will have to sign in again. If it was not you who asked, do nothing: your password stays as it is.\n",
)
GERMAN: Final = Words(
    "Neues Passwort für LibrePhotos",
    "Hallo {name},\n\n"
    "jemand hat für dein Konto auf {base} um ein neues Passwort gebeten.\n"
    "Um eines zu wählen, öffne innerhalb von {minutes} Minuten diesen Link; er gilt einmal:\n\n{link}\n\n"
    "Deine Geräte müssen sich danach neu anmelden. "
    "Warst du es nicht, dann tu nichts: Dein Passwort bleibt, wie es ist.\n",
)


class Asked(msgspec.Struct, frozen=True):
    """Somebody typed an address; `language` is the first that their browser prefers."""

    email: str
    language: str
    origin: Origin


class ResetMailer:
    """One thread, which looks up who asked and mails them."""

    def __init__(self, settings: Settings, db: Database, vault: Vault) -> None:
        self.settings = settings
        self.db = db
        self.vault = vault
        self._room = threading.BoundedSemaphore(MAX_WAITING)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reset-mail")

    def is_offered(self, mail: MailSettings) -> bool:
        """Whether links can be mailed: they lead to the public address alone, never to where a request says it went."""
        return mail.is_configured and bool(self.settings.public_url)

    def post(self, asked: Asked) -> None:
        """Have it mailed, whether or not it is anybody's address."""
        if not self._room.acquire(blocking=False):
            log.warning("password reset dropped", reason="too many are waiting for the mail server")
            return
        self._thread.submit(self._work, asked)

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _work(self, asked: Asked) -> None:
        try:
            self._answer(asked)
        except Exception:  # nobody waits for this thread, so that nobody else would say so
            log.exception("password reset failed")
        finally:
            self._room.release()

    def _answer(self, asked: Asked) -> None:
        with self.db.snapshot() as tx:
            mail, people = get_mail_settings(tx), list_people(tx, asked.email.strip())
        if not self.is_offered(mail):
            reason = "LIBREPHOTOS_PUBLIC_URL is not set" if mail.is_configured else "mail is not configured"
            log.error("password reset not mailed", reason=reason)
            self._record(asked, None, {"reason": reason})
        elif not people:
            self._record(asked, None, {"reason": "unknown"})
        else:
            for person in people:
                self._mail(asked, mail, person)

    def _mail(self, asked: Asked, mail: MailSettings, person: Person) -> None:
        uid, token = self.db.commit(create_link, person)
        try:
            send_mail(mail, self.vault, self._letter(person, asked.language, f"{PATH}/{uid}/{token}"))
        except NotSent as error:
            # What a mail server says may repeat what it was told.
            reason = str(error).replace(token, "…")
            log.warning("password reset not mailed", user=person.user_id, reason=reason)
            self._record(asked, person, {"reason": "mail", "answer": reason})
        else:
            self._record(asked, person, {})

    def _letter(self, person: Person, language: str, path: str) -> Mail:
        base = self.settings.public_url
        words = GERMAN if language == "de" else ENGLISH
        name = person.first_name or person.username
        # Two accounts of one address are told apart by their user names.
        named = name if name == person.username else f"{name} ({person.username})"
        text = words.text.format(
            name=" ".join(named.split()), base=base, minutes=_MINUTES, link=f"{base}{path}"
        )
        return Mail(person.email, words.subject, text)

    def _record(self, asked: Asked, person: Person | None, detail: Mapping[str, Any]) -> None:
        event = Event(
            kind="password_reset_asked",
            origin=asked.origin,
            subject_id=person.user_id if person else None,
            target=person.username if person else "",
            detail=detail,
        )
        self.db.commit(record, msgspec.structs.replace(event, result=REFUSED) if detail else event)
