"""The cast of the authorization matrix: a victim with one of everything, and everybody who is not the victim."""

import secrets
from dataclasses import dataclass

from sqlalchemy import bindparam, null, select, update

from librephotos.accounts.queries import Device, create_session
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import job, session
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import clock, ids
from tests.builders import Builder, Photo
from tests.instance import Account, Instance

_JOB = Statement(select(job.c.id).where(job.c.job_id == bindparam("of")), scalar)
_REVIVE = statement(update(session).where(session.c.sid == bindparam("of_sid")).values(ended_at=null()))


@dataclass
class World:
    """`victim` owns what the rows' paths name; `unrelated` shares nothing with anybody."""

    instance: Instance
    builder: Builder
    victim: Account
    unrelated: Account
    admin: Account
    photo: Photo
    face: str
    avatar: str

    def new_job(self) -> int:
        """A waiting job of the victim's, different from all before."""
        with self.instance.db.transaction() as tx:
            job_id = enqueue_job(tx, self.victim.user_id, 1, "test", {"nonce": secrets.token_hex(8)})
            row_id: int = tx.one(_JOB, of=job_id)
        return row_id

    def new_session(self) -> int:
        """An open login of the victim's."""
        with self.instance.db.transaction() as tx:
            session_id: int = create_session(
                tx, self.victim.user_id, ids.new_token(), "test", Device("test", ""), clock.now() + clock.DAY
            )
        return session_id

    def revive_sessions(self) -> None:
        with self.instance.db.transaction() as tx:
            for account in (self.victim, self.unrelated, self.admin):
                tx.execute(_REVIVE, of_sid=account.sid)

    def new_account(self) -> int:
        """A fresh account that may be changed or deleted."""
        return self.instance.add_user().user_id


def make_world(instance: Instance) -> World:
    builder = Builder(instance)
    folder = instance.library / f"victim-{secrets.token_hex(4)}"
    folder.mkdir()
    victim = instance.add_user(password="victim's password", scan_directory=str(folder))
    unrelated = instance.add_user(password="stranger's password", scan_directory=str(folder / "none"))
    admin = instance.add_user(password="admin's password", is_admin=True)
    photo = builder.add_photo(victim)
    builder.add_clip(photo)
    person = builder.add_person(victim, "Bea")
    builder.add_face(photo, person_id=person, with_file=True)
    face = next((instance.data / "derived" / "faces").rglob(f"{photo.image_hash}_*.jpg")).name
    avatar = f"{secrets.token_hex(6)}.png"
    (instance.data / "avatars").mkdir(exist_ok=True)
    (instance.data / "avatars" / avatar).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(32))
    return World(instance, builder, victim, unrelated, admin, photo, face, avatar)
