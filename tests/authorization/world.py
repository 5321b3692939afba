"""The cast of the authorization matrix: a victim with one of everything, and everybody who is not the victim."""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import bindparam, delete, null, select, update

from librephotos.accounts.events import Origin
from librephotos.accounts.keys.queries import revoke_anybodys
from librephotos.accounts.queries import Device, create_session
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import duplicate_group, job, metadata_edit, photo_stack, place_album, session
from librephotos.downloads.kinds import PACK
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import clock, ids
from librephotos.photos.changes import photos_changed
from librephotos.photos.paths import archive_path
from librephotos.stacks.queries.detecting import store_groups
from librephotos.stacks.queries.resolving import resolve
from librephotos.stacks.queries.stack_edits import insert_stack
from tests.builders import Builder, Photo, add_row, stored
from tests.instance import Account, Instance
from tests.keys import add_key
from tests.places.arranging import LISBON, locate

_JOB = Statement(select(job.c.id).where(job.c.job_id == bindparam("of")), scalar)
_PLACE = Statement(
    select(place_album.c.id)
    .where(place_album.c.owner_id == bindparam("owner"))
    .order_by(place_album.c.id)
    .limit(1),
    scalar,
)
_REVIVE = statement(update(session).where(session.c.sid == bindparam("of_sid")).values(ended_at=null()))


_STACK = Statement(select(photo_stack.c.uuid).where(photo_stack.c.id == bindparam("row_id")), scalar)
_GROUP = Statement(
    select(duplicate_group.c.uuid)
    .where(duplicate_group.c.owner_id == bindparam("owner"))
    .order_by(duplicate_group.c.id.desc())
    .limit(1),
    scalar,
)
_NO_GROUPS = statement(delete(duplicate_group).where(duplicate_group.c.owner_id == bindparam("owner")))


@dataclass
class World:
    """`victim` owns what the rows' paths name; nobody shares anything with `unrelated`.

    `situations` are further photos of the victim's, by what was done with each; `faces` the pictures of the face on
    each photo by its uuid. `others` are those with whom something was shared: `sharee` a photo, `member` an album of
    the victim's, `misled` an album of the unrelated user's that holds a photo of the victim's.
    """

    instance: Instance
    builder: Builder
    victim: Account
    unrelated: Account
    admin: Account
    photo: Photo
    avatar: str
    # Somebody to share with, who does nothing.
    target: Account
    faces: dict[str, str] = field(default_factory=dict)
    situations: dict[str, Photo] = field(default_factory=dict)
    others: dict[str, Account] = field(default_factory=dict)
    spare_key: int = 0
    pair: list[Photo] = field(default_factory=list)

    def new_stack(self) -> str:
        """A fresh manual stack of two photos of the victim's that nothing else is done with."""
        photo_ids = [each.photo_id for each in self.two_photos()]
        with self.instance.db.transaction() as tx:
            stack_id = insert_stack(tx, self.victim.user_id, "manual", photo_ids)
            photos_changed(tx, self.victim.user_id, photo_ids)
            uuid: str = tx.one(_STACK, row_id=stack_id)
        return uuid

    def new_group(self, *, is_resolved: bool = False) -> str:
        """A fresh group of duplicates of those two."""
        photo_ids = [each.photo_id for each in self.two_photos()]
        with self.instance.db.transaction() as tx:
            tx.execute(_NO_GROUPS, owner=self.victim.user_id)
            store_groups(tx, self.victim.user_id, "visual_duplicate", [photo_ids])
            uuid: str = tx.one(_GROUP, owner=self.victim.user_id)
            if is_resolved:
                viewer = Viewer(user_id=self.victim.user_id)
                resolve(tx, viewer, uuid, self.pair[0].uuid, Origin(), trash_others=True)
        return uuid

    def two_photos(self) -> list[Photo]:
        if not self.pair:
            self.pair = [self.builder.add_photo(self.victim, with_files=False) for _ in range(2)]
        for each in self.pair:
            self.builder.change_photo(self.victim, each, is_trashed=False)
        return self.pair

    def new_album(self) -> int:
        """A fresh album of the victim's, with their photo in it, that may be changed or deleted."""
        return self.builder.add_album(self.victim, self.photo)

    def linked_album(self) -> tuple[str, Photo]:
        """The slug of a public link that works, of a fresh album of the victim's, and the photo in it."""
        slug, photo = ids.new_token(), self.builder.add_photo(self.victim)
        self.builder.link_album(self.builder.add_album(self.victim, photo), slug=slug)
        return slug, photo

    def photo_slug(self) -> str:
        """The slug of the public link of the victim's photo."""
        return self.builder.link_photo(self.photo)

    def new_event(self) -> int:
        """A fresh event of the victim's, with their photo in it."""
        return self.builder.add_event(self.victim, self.photo)

    def new_tag(self) -> int:
        """A fresh tag of the victim's, on their photo."""
        return self.builder.add_tag(self.victim, self.photo)

    def new_thing(self) -> int:
        """A thing that the victim's photo shows."""
        return self.builder.add_thing(self.victim, self.photo)

    def new_person(self) -> int:
        """A fresh person of the victim's, with a face on their photo."""
        person_id = self.builder.add_person(self.victim, f"Person {secrets.token_hex(4)}")
        self.builder.add_face(self.photo, person_id=person_id)
        return person_id

    def new_face(self) -> int:
        """A fresh face of nobody on the victim's photo."""
        return self.builder.add_face(self.photo)

    def place(self) -> int:
        """One of the victim's places, with their photo in it."""
        with self.instance.db.snapshot() as tx:
            place_id: int = tx.one(_PLACE, owner=self.victim.user_id)
        return place_id

    def new_job(self) -> int:
        """A waiting job of the victim's, different from all before."""
        with self.instance.db.transaction() as tx:
            job_id = enqueue_job(tx, self.victim.user_id, 1, "test", {"nonce": secrets.token_hex(8)})
            row_id: int = tx.one(_JOB, of=job_id)
        return row_id

    def new_archive_job(self) -> str:
        """The job of an archive of the victim's, which no worker does."""
        with self.instance.db.transaction() as tx:
            return enqueue_job(tx, self.victim.user_id, 9, PACK, {"archive": ids.new_uuid(), "photos": []})

    def new_archive(self) -> str:
        """A packed archive of the victim's."""
        name = ids.new_uuid()
        path = archive_path(self.instance.data, name, self.victim.user_id)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"PK\x05\x06" + bytes(18))
        return name

    def new_key(self) -> int:
        """A fresh API key of the victim's; the one before is used up, and only so many may work."""
        if self.spare_key:
            self.instance.db.commit(revoke_anybodys, self.spare_key, Origin())
        self.spare_key = add_key(self.instance, self.victim, "photos:read").key_id
        return self.spare_key

    def new_edit(self) -> str:
        """An edit of the victim's photo's title."""
        uuid = ids.new_uuid()
        with self.instance.db.transaction() as tx:
            columns = {
                "photo_id": self.photo.photo_id,
                "user_id": self.victim.user_id,
                "created_at": clock.now(),
            }
            add_row(tx, metadata_edit, uuid=uuid, field_name="title", new_value='"Tram"', **columns)
        return uuid

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
    target = instance.add_user()
    avatar = f"{secrets.token_hex(6)}.png"
    (instance.data / "avatars").mkdir(exist_ok=True)
    (instance.data / "avatars" / avatar).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(32))
    photo = builder.add_photo(victim, gps_lat=38.71, gps_lon=-9.14)
    world = World(instance, builder, victim, unrelated, admin, photo, avatar, target)
    add_parts(world, world.photo)
    locate(instance, victim, LISBON)
    return world


def add_parts(world: World, photo: Photo) -> None:
    """Give a photo whatever has a picture of its own: a motion clip and a face."""
    builder = world.builder
    builder.add_clip(photo)
    builder.add_face(photo, person_id=builder.add_person(world.victim, "Bea"), with_file=True)
    faces = world.instance.data / "derived" / "faces"
    world.faces[photo.uuid] = next(faces.rglob(f"{photo.image_hash}_*.jpg")).name


def add_situations(world: World) -> None:
    """Fill `situations` and `others`."""
    builder, victim = world.builder, world.victim
    world.others = {
        name: world.instance.add_user(password=f"{name}'s password")
        for name in ("sharee", "member", "misled")
    }

    def photo(situation: str, **columns: bool) -> Photo:
        made = world.situations[situation] = builder.add_photo(victim, **columns)
        add_parts(world, made)
        return made

    photo("private")
    builder.share_photo(photo("shared directly"), world.others["sharee"])
    album = builder.add_album(victim, photo("in a shared album of the owner"))
    builder.share_album(album, world.others["member"])
    album = builder.add_album(world.unrelated, photo("in a shared and linked album of somebody else"))
    builder.share_album(album, world.others["misled"])
    builder.link_album(album)
    photo("public", is_public=True)
    photo("public, hidden", is_public=True, is_hidden=True)
    photo("public, in the trash", is_public=True, is_trashed=True)
    for situation, link in (
        ("live", {"expires_at": clock.now() + clock.HOUR}),
        ("expired", {"expires_at": clock.now() - clock.SECOND}),
        ("disabled", {"is_enabled": False}),
    ):
        album = builder.add_album(victim, photo(f"in an album with {article(situation)} link"))
        builder.link_album(album, **link)


def article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def share_all_with_visitors(world: World, shares: bool) -> None:
    """Let visitors learn everything of the victim's public photos and links, or nothing."""
    names = ("share_location", "share_camera_info", "share_timestamps", "share_faces")
    world.builder.change_user(world.victim, public_sharing_defaults=stored(dict.fromkeys(names, shares)))
