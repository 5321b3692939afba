"""Pictures by name: who gets which, and how they are delivered."""

import os
import socket
import time

import pytest
from sqlalchemy import delete

from librephotos.db.statements import statement
from librephotos.db.tables import album_share, photo_share
from librephotos.kit import clock
from librephotos.photos.paths import avatar_path
from tests.builders import ORIGINAL, stored

BIG = "thumbnails_big"
DERIVED = (BIG, "square_thumbnails", "square_thumbnails_small")
UNKNOWN_HASH = "0123456789abcdef0123456789abcdef1"
ALL_SHARED = {"share_location": True, "share_camera_info": True, "share_timestamps": True}


def status(caller, photo, kind=BIG, **options):
    return caller.get(f"/media/{kind}/{photo.image_hash}", **options).status_code


def is_refused_as_anonymous(answer):
    return (answer.status_code, answer.content, answer.headers.get("x-media-error")) == (
        403,
        b"",
        "authentication",
    )


def is_unknown(answer):
    return (answer.status_code, answer.content, answer.headers.get("x-media-error")) == (404, b"", None)


@pytest.fixture
def outsider(instance, stranger):
    """A client signed in as somebody without any right."""
    with instance.client(stranger.bearer) as caller:
        yield caller


def test_the_owner_gets_derived_kinds_by_every_credential_and_spelling(instance, builder):
    owner = instance.add_user(password="mypassword")
    photo = builder.add_photo(owner)
    with instance.client() as caller:
        for headers in (owner.bearer, owner.cookie, {"Cookie": f"a=b; jwt={owner.access}; c=d"}):
            for kind in (*DERIVED, BIG.upper()):
                for name in (
                    photo.image_hash,
                    f"{photo.image_hash}.webp",
                    f"{photo.image_hash}_1.mp4",
                    photo.uuid,
                ):
                    answer = caller.get(f"/media/{kind}/{name}?v=2", headers=headers)
                    assert answer.status_code == 200, (kind, name)
                    assert answer.headers["content-type"] == "image/webp"
                    assert answer.content == builder.thumbnail(kind.lower(), photo.image_hash).read_bytes()
        assert caller.get(f"/media/{BIG}/{photo.image_hash}", auth=owner.basic).status_code == 200
        # A Basic header does not hide a usable cookie, and a stale cookie does not hide a good header.
        assert status(caller, photo, headers={"Cookie": "jwt=stale", **owner.bearer}) == 200
        bad_basic = {"Authorization": "Basic bm9ib2R5OnB3"}
        assert status(caller, photo, headers={**owner.cookie, **bad_basic}) == 200
        assert status(caller, photo, headers=bad_basic) == 401


def test_the_role_matrix(instance, builder, user, stranger, anonymous, outsider):
    sharee, member = instance.add_user(), instance.add_user()
    private, shared, in_album, public, linked, expired, disabled = (builder.add_photo(user) for _ in range(7))
    builder.change_photo(user, public, is_public=True)
    builder.share_photo(shared, sharee)
    builder.share_album(builder.add_album(user, in_album), member)
    foreign_album = builder.add_album(stranger, private)
    builder.share_album(foreign_album, member)
    builder.link_album(foreign_album)
    builder.link_album(builder.add_album(user, linked), expires_at=clock.now() + clock.HOUR)
    builder.link_album(builder.add_album(user, expired), expires_at=clock.now() - clock.SECOND)
    builder.link_album(builder.add_album(user, disabled), is_enabled=False)
    callers = [instance.client(account.cookie) for account in (user, sharee, member)]
    callers += [outsider, anonymous, instance.client({"Cookie": "jwt=stale"})]
    matrix = {
        private: (200, 404, 404, 404, 403, 403),
        shared: (200, 200, 404, 404, 403, 403),
        in_album: (200, 404, 200, 404, 403, 403),
        public: (200, 200, 200, 200, 200, 200),
        linked: (200, 200, 200, 200, 200, 200),
        expired: (200, 404, 404, 404, 403, 403),
        disabled: (200, 404, 404, 404, 403, 403),
    }
    for photo, statuses in matrix.items():
        for kind in (*DERIVED, "photos", "video"):
            assert tuple(status(caller, photo, kind) for caller in callers) == statuses
    for column in ("is_hidden", "is_trashed"):
        for photo in (shared, in_album, public, linked):
            builder.change_photo(user, photo, **{column: True})
            assert [status(caller, photo) for caller in callers] == [200, 404, 404, 404, 403, 403]
            builder.change_photo(user, photo, **{column: False})


def test_an_ended_session_and_a_withdrawn_share_close_at_once(instance, builder, user, stranger, anonymous):
    public = builder.add_photo(user)
    album_id = builder.add_album(user, public)
    builder.link_album(album_id)
    assert status(anonymous, public) == 200
    builder.change_link(album_id, is_enabled=False)
    assert status(anonymous, public) == 403
    builder.change_link(album_id, is_enabled=True, expires_at=clock.now() + clock.SECOND // 2)
    assert status(anonymous, public) == 200


def test_a_grant_that_is_known_ends_with_what_it_stands_on(instance, builder, user, stranger, outsider):
    """The server remembers it for as long as nobody writes: every way to end it but time is a write."""
    sharee = instance.add_user()
    shared, in_album, public = (builder.add_photo(user) for _ in range(3))
    builder.share_photo(shared, sharee)
    album_id = builder.add_album(user, in_album)
    builder.share_album(album_id, sharee)
    builder.change_photo(user, public, is_public=True)
    with instance.client(sharee.cookie) as caller, instance.client(user.cookie) as owner:
        photos = (shared, in_album, public)
        for _ in range(3):
            assert [status(caller, photo) for photo in photos] == [200, 200, 200]
            # Nobody has what another one was granted.
            assert [status(outsider, photo) for photo in photos] == [404, 404, 200]
        with instance.db.transaction() as tx:
            tx.execute(statement(delete(photo_share).where(photo_share.c.photo_id == shared.photo_id)))
        assert [status(caller, photo) for photo in photos] == [404, 200, 200]
        with instance.db.transaction() as tx:
            tx.execute(statement(delete(album_share).where(album_share.c.album_id == album_id)))
        assert [status(caller, photo) for photo in photos] == [404, 404, 200]
        builder.change_photo(user, public, is_public=False)
        assert [status(caller, photo) for photo in photos] == [404, 404, 404]
        assert [status(owner, photo) for photo in photos] == [200, 200, 200]
        builder.change_photo(user, shared, is_removed=True)
        assert [status(owner, photo) for photo in photos] == [404, 200, 200]


def test_a_link_ends_by_itself_while_nobody_writes(instance, builder, user, anonymous):
    photo = builder.add_photo(user)
    ends_at = clock.now() + 3 * clock.SECOND // 2
    builder.link_album(builder.add_album(user, photo), expires_at=ends_at)
    assert status(anonymous, photo) == 200
    while clock.now() <= ends_at:
        status(anonymous, photo)
        time.sleep(0.05)
    assert status(anonymous, photo) == 403


def test_a_bad_header_is_401_whatever_else_is_sent(instance, builder, user):
    photo = builder.add_photo(user, is_public=True)
    with instance.client() as caller:
        for header in ("Bearer", "Bearer x", "bearer a b", f"Bearer {user.refresh}", "Basic ???"):
            for name in (photo.image_hash, UNKNOWN_HASH):
                answer = caller.get(
                    f"/media/{BIG}/{name}",
                    headers={"Authorization": header, **user.cookie}
                    if header.lower().startswith("bearer")
                    else {"Authorization": header},
                )
                assert answer.status_code == 401, header
                assert "errors" in answer.json()
                assert answer.headers["www-authenticate"].startswith('Bearer realm="api"')
        two = [("Authorization", f"Bearer {user.access}"), ("Authorization", f"Bearer {user.access}")]
        assert caller.get(f"/media/{BIG}/{photo.image_hash}", headers=two).status_code == 401


def test_only_reading_is_allowed(client, anonymous, builder, user):
    photo = builder.add_photo(user)
    for caller in (client, anonymous):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = caller.request(method, f"/media/{BIG}/{photo.image_hash}")
            assert answer.status_code == 405
            assert answer.json() == {
                "errors": [{"field": "detail", "message": f'Method "{method}" not allowed.'}]
            }
            assert answer.headers["allow"] == "GET, HEAD"


def test_unknown_and_foreign_names_get_the_same_answer(anonymous, outsider, builder, user):
    photo = builder.add_photo(user, with_files=False)
    names = [
        photo.image_hash,
        photo.uuid,
        UNKNOWN_HASH,
        "17",
        "x",
        "a%00b",
        f"{photo.image_hash}%5c",
    ]
    for caller, check in ((anonymous, is_refused_as_anonymous), (outsider, is_unknown)):
        seen = set()
        for kind in (
            *DERIVED,
            "photos",
            "video",
            "faces",
            "embedded_media",
            "zip",
            "protected_media",
            "nothing",
        ):
            for name in names:
                answer = caller.get(f"/media/{kind}/{name}")
                assert check(answer), (kind, name, answer.status_code)
                seen.add(tuple((k, v) for k, v in answer.headers.items() if k != "date"))
        assert len(seen) == 1
        assert check(caller.get(f"/media/{BIG}"))
        assert check(caller.get("/media/"))


def raw_status(instance, path, headers):
    """Ask without a client that would tidy the path up."""
    with socket.create_connection(("127.0.0.1", instance.port), timeout=10) as connection:
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return int(answer.split(b" ", 2)[1]), answer


def test_no_path_leads_out_of_its_folder(instance, builder, user):
    photo = builder.add_photo(user)
    secret = instance.data / "derived" / BIG / "secret.webp"
    secret.write_bytes(b"secret")
    (instance.data / "secret").write_bytes(b"secret")
    tail = f"{photo.image_hash[:2]}/{photo.image_hash}.webp"
    for path in (
        f"/media/{BIG}/../{BIG}/{tail}",
        f"/media/{BIG}/..%2f{BIG}%2f{photo.image_hash}",
        f"/media/{BIG}/%2e%2e%2f%2e%2e%2fsecret",
        f"/media/{BIG}/%252e%252e%252fsecret",
        f"/media/{BIG}/..\\..\\secret",
        f"/media/{BIG}/..%5c..%5csecret",
        f"/media/{BIG}//{photo.image_hash}",
        f"/media//{BIG}/{photo.image_hash}",
        f"/media/{BIG}/{tail}",
        f"/media/{BIG}/%2fetc%2fpasswd",
        f"/media/{BIG}/secret.webp",
        f"/media/avatars/..%2f{BIG}%2fsecret.webp",
        "/media/avatars/../../secret",
        "/media/avatars/.secret",
        f"/media/faces/..%2f{photo.image_hash}_0.jpg",
        "/media/../data/secret",
        "/media/%2e%2e/secret",
    ):
        code, answer = raw_status(instance, path, user.bearer)
        assert code == 404, path
        assert b"secret" not in answer.split(b"\r\n\r\n", 1)[1]


def test_the_original_comes_byte_for_byte_with_its_name_to_owner_and_sharee(
    instance, builder, user, stranger
):
    member = instance.add_user()
    photo = builder.add_photo(
        user, name='Übung "1"; x=\\\r\n.jpg', content=b"\xff\xd8\xff" + os.urandom(5000)
    )
    builder.share_photo(photo, stranger)
    builder.share_album(builder.add_album(user, photo), member)
    name = (
        'inline; filename="_bung _1_; x=___.jpg"; '
        "filename*=UTF-8''%C3%9Cbung%20%221%22%3B%20x%3D%5C%0D%0A.jpg"
    )
    for account, disposition in ((user, name), (stranger, name), (member, None)):
        with instance.client(account.cookie) as caller:
            for spelling in ("", ".jpg", ".anything"):
                answer = caller.get(f"/media/photos/{photo.image_hash}{spelling}")
                assert answer.status_code == 200
                assert answer.content == photo.path.read_bytes()
                assert answer.headers["content-type"] == "image/jpeg"
                assert answer.headers.get("content-disposition") == disposition


def test_names_that_are_no_utf8_are_sent_too(instance, builder, user, client):
    photo = builder.add_photo(user)
    strange = os.fsencode(photo.path.parent) + b"/\xff\xfe.jpg"
    large = os.urandom(700_000)
    os.rename(photo.path, strange)
    with open(strange, "wb") as file:
        file.write(large)
    from librephotos.db.tables import file as file_table
    from tests.builders import change_row

    with instance.db.transaction() as tx:
        change_row(tx, file_table, photo.file_id, path_bytes=strange)
    answer = client.get(f"/media/photos/{photo.image_hash}")
    assert answer.content == large
    assert answer.headers["content-disposition"].startswith('inline; filename="__.jpg"')


def test_types_that_are_not_ours_are_attachments(client, builder, user):
    photo = builder.add_photo(user, name="page.html", content=b"<script>", mime="text/html")
    answer = client.get(f"/media/photos/{photo.image_hash}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="page.html"'
    for path in (
        f"/media/photos/{photo.image_hash}",
        f"/media/{BIG}/{photo.image_hash}",
        "/media/photos/none",
    ):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["cache-control"] == "private, no-cache"


def test_visitors_get_the_original_only_while_all_of_it_is_shared(instance, builder, anonymous, outsider):
    owner = instance.add_user()
    public, linked, both = (builder.add_photo(owner) for _ in range(3))
    for photo in (public, both):
        builder.change_photo(owner, photo, is_public=True)
    album_id = builder.add_album(owner, linked, both)
    builder.link_album(album_id)
    for photo in (public, linked, both):
        builder.add_clip(photo)

    def original(photo):
        answers = [caller.get(f"/media/photos/{photo.image_hash}.jpg") for caller in (anonymous, outsider)]
        clips = [caller.get(f"/media/embedded_media/{photo.image_hash}") for caller in (anonymous, outsider)]
        rendition = builder.thumbnail(BIG, photo.image_hash).read_bytes()
        assert all(answer.status_code == 200 for answer in answers)
        assert all("content-disposition" not in answer.headers for answer in answers)
        is_original = answers[0].content == ORIGINAL
        assert all(answer.content == (ORIGINAL if is_original else rendition) for answer in answers)
        assert [clip.status_code for clip in clips] == ([200, 200] if is_original else [403, 404])
        return is_original

    assert [original(photo) for photo in (public, linked, both)] == [False, False, False]
    builder.change_user(owner, public_sharing_defaults=stored({**ALL_SHARED, "share_camera_info": False}))
    assert [original(photo) for photo in (public, linked, both)] == [False, False, False]
    builder.change_link(album_id, share_camera_info=True)
    assert [original(photo) for photo in (public, linked, both)] == [False, True, True]
    builder.change_user(owner, public_sharing_defaults=stored(ALL_SHARED))
    builder.change_link(album_id, share_location=False)
    assert [original(photo) for photo in (public, linked, both)] == [True, False, True]


def test_faces_need_a_grant_and_for_visitors_the_owners_word(instance, builder, anonymous, outsider):
    from librephotos.db.tables import face
    from tests.builders import change_row

    owner = instance.add_user()
    photo = builder.add_photo(owner)
    face_id = builder.add_face(photo, with_file=True)
    with instance.client(owner.bearer) as caller:
        url = caller.get(f"/api/photos/{photo.uuid}/").json()["people"][0]["face_url"]
        answer = caller.get(url)
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (
            200,
            "image/jpeg",
            ORIGINAL,
        )
        assert is_refused_as_anonymous(anonymous.get(url))
        assert is_unknown(outsider.get(url))
        assert caller.get(f"/media/faces/{photo.image_hash}_999999.jpg").status_code == 404
        builder.change_photo(owner, photo, is_public=True)
        assert is_refused_as_anonymous(anonymous.get(url))
        builder.change_user(owner, public_sharing_defaults=stored({"share_faces": True}))
        assert anonymous.get(url).status_code == 200
        with instance.db.transaction() as tx:
            change_row(tx, face, face_id, is_deleted=True)
        assert caller.get(url).status_code == 404


def test_motion_clips_are_videos_with_ranges(client, builder, user):
    photo = builder.add_photo(user)
    path = builder.add_clip(photo, os.urandom(3000))
    for name in (photo.image_hash, photo.uuid):
        answer = client.get(f"/media/embedded_media/{name}", headers={"Range": "bytes=10-19"})
        assert (answer.status_code, answer.headers["content-type"]) == (206, "video/mp4")
        assert answer.content == path.read_bytes()[10:20]
    assert client.get(f"/media/embedded_media/{builder.add_photo(user).image_hash}").status_code == 404


def test_avatars_are_for_signed_in_users(instance, client, anonymous):
    folder = avatar_path(instance.data, "any").parent
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ann_1.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 50)
    (folder / "evil.png").write_bytes(b"<svg onload=alert(1)>")
    answer = client.get("/media/avatars/ann_1.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert is_unknown(client.get("/media/avatars/evil.png"))
    assert is_unknown(client.get("/media/avatars/none.png"))
    assert is_refused_as_anonymous(anonymous.get("/media/avatars/ann_1.png"))
    assert is_refused_as_anonymous(anonymous.get("/media/avatars/none.png"))


def test_square_thumbnails_of_videos_are_clips(client, builder, user):
    video = builder.add_photo(user, is_video=True, mime="video/mp4", content=b"\x00\x00\x00\x18ftypmp42")
    builder.write_thumbnails(video.image_hash, "mp4")
    for kind in DERIVED[1:]:
        for name in (video.image_hash, f"{video.image_hash}.mp4", f"{video.image_hash}.webp"):
            assert client.get(f"/media/{kind}/{name}").headers["content-type"] == "video/mp4"
    assert client.get(f"/media/{BIG}/{video.image_hash}").headers["content-type"] == "image/webp"
    assert client.get(f"/media/video/{video.image_hash}").headers["content-type"] == "video/mp4"


SIZE = 600_001


@pytest.mark.parametrize("size", [1000, SIZE])
def test_ranges(client, builder, user, size):
    content = os.urandom(size)
    photo = builder.add_photo(user, content=content)
    path = f"/media/photos/{photo.image_hash}"
    for text, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=500-", 500, size),
        ("bytes=-300", size - 300, size),
        (f"bytes=-{size * 2}", 0, size),
        (f"bytes=0-{size * 9}", 0, size),
        (f"bytes={size - 1}-", size - 1, size),
        ("Bytes = 5 - 9", 5, 10),
    ):
        answer = client.get(path, headers={"Range": text})
        assert answer.status_code == 206, text
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert answer.headers["content-length"] == str(end - start)
        assert answer.content == content[start:end]
    for text in (f"bytes={size}-", "bytes=-0", f"bytes={size + 5}-{size + 9}"):
        answer = client.get(path, headers={"Range": text})
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == f"bytes */{size}"
    for text in (
        "bytes=9-3",
        "bytes=-",
        "bytes=a-b",
        "lines=0-3",
        "bytes=0-1,4-5",
        "bytes",
        "bytes=" + "9" * 40 + "-",
    ):
        answer = client.get(path, headers={"Range": text})
        assert (answer.status_code, answer.content) == (200, content), text


def test_conditional_requests(client, builder, user):
    photo = builder.add_photo(user, content=os.urandom(2000))
    path = f"/media/photos/{photo.image_hash}"
    first = client.get(path)
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    assert first.headers["accept-ranges"] == "bytes"
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-None-Match": "*"}):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert client.get(path, headers={"If-Modified-Since": modified}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": "nonsense"}).status_code == 200
    assert (
        client.get(path, headers={"If-Modified-Since": modified, "If-None-Match": '"x"'}).status_code == 200
    )
    part = {"Range": "bytes=0-9"}
    for fresh in (etag, modified):
        assert client.get(path, headers={**part, "If-Range": fresh}).status_code == 206
    for stale in ('"x"', f"W/{etag}", "Mon, 01 Jan 2001 00:00:00 GMT", "nonsense"):
        assert client.get(path, headers={**part, "If-Range": stale}).status_code == 200
    os.utime(photo.path, (1, 1))
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("size", [0, 1000, SIZE])
def test_head_says_what_get_would_send(client, builder, user, size):
    photo = builder.add_photo(user, content=os.urandom(size))
    for kind in ("photos", BIG):
        path = f"/media/{kind}/{photo.image_hash}"
        get, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert len(get.content) == int(head.headers["content-length"])
        for name in ("content-type", "etag", "last-modified", "accept-ranges"):
            assert head.headers[name] == get.headers[name]
    assert client.head("/media/photos/none").status_code == 404
    # A range means nothing to HEAD.
    assert client.head(path, headers={"Range": "bytes=0-1"}).status_code == 200


def test_a_file_that_is_gone_is_404_even_to_visitors(client, anonymous, builder, user):
    photo = builder.add_photo(user, is_public=True)
    builder.thumbnail(BIG, photo.image_hash).unlink()
    photo.path.unlink()
    for kind in (BIG, "photos"):
        assert is_unknown(client.get(f"/media/{kind}/{photo.image_hash}"))
    assert is_unknown(anonymous.get(f"/media/{BIG}/{photo.image_hash}"))


def test_an_original_that_leads_out_of_the_library_is_not_served(instance, client, builder, user, tmp_path):
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(ORIGINAL)
    outside = builder.add_photo(user)
    outside.path.unlink()
    outside.path.symlink_to(secret)
    assert status(client, outside, "photos") == 404
    in_data = builder.add_photo(user)
    in_data.path.unlink()
    in_data.path.symlink_to(builder.thumbnail(BIG, outside.image_hash))
    assert status(client, in_data, "photos") == 404
    folder = builder.add_photo(user, name="real/one.jpg")
    link = folder.path.parent.parent / "linked"
    link.symlink_to(tmp_path, target_is_directory=True)
    through = builder.add_photo(user, name="linked/secret.jpg", with_files=False)
    assert status(client, through, "photos") == 404
    # A link that stays inside the library is no trick.
    inside = builder.add_photo(user)
    inside.path.unlink()
    inside.path.symlink_to(folder.path)
    assert status(client, inside, "photos") == 200
    thumbnail = builder.thumbnail(BIG, inside.image_hash)
    thumbnail.unlink()
    thumbnail.symlink_to(secret)
    assert status(client, inside) in (403, 404)
    pipe = builder.add_photo(user)
    pipe.path.unlink()
    os.mkfifo(pipe.path)
    assert status(client, pipe, "photos") == 404
    directory = builder.add_photo(user)
    directory.path.unlink()
    directory.path.mkdir()
    assert status(client, directory, "photos") == 404


def test_of_several_photos_with_one_hash_the_callers_own_then_a_shared_then_a_public_one_is_taken(
    instance, builder, user, stranger
):
    mine = builder.add_photo(user, content=ORIGINAL + b"mine")
    same = {"image_hash": mine.image_hash}
    builder.add_photo(instance.add_user(), content=ORIGINAL + b"public", is_public=True, **same)
    shared = builder.add_photo(instance.add_user(), content=ORIGINAL + b"shared", **same)
    builder.share_photo(shared, stranger)
    for account, ending in ((user, b"mine"), (stranger, b"shared")):
        with instance.client(account.bearer) as caller:
            assert caller.get(f"/media/photos/{mine.image_hash}").content.endswith(ending)
    builder.change_photo(user, mine, is_removed=True)
    with instance.client(user.bearer) as caller:
        # Another's public photo: the large rendition, as nothing is shared beside it.
        assert caller.get(f"/media/photos/{mine.image_hash}").headers["content-type"] == "image/webp"


def test_a_removed_photo_is_nobodys(client, builder, user):
    photo = builder.add_photo(user, is_removed=True)
    assert status(client, photo) == status(client, photo, "photos") == 404
