"""Writes the next step of the schema's history: the difference between `db/tables` and the steps so far.

python tools/revise_schema.py "Add quotas"     the next step, to be read and completed by a person
python tools/revise_schema.py --initial        the first step anew; only until the first release
"""

import argparse
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.autogenerate import api, produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import Connection, create_engine

from librephotos.db.guards import GUARDS
from librephotos.db.migrate import VERSIONS, list_steps, migrate
from librephotos.db.tables import metadata
from librephotos.db.text_search import is_text_index

HEAD = '''"""{title}"""

import sqlalchemy as sa
from alembic import op
{imports}
revision = "{revision}"
down_revision = {previous}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {body}
'''
SEED = """
    for text in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(text)
    _seed()


def _seed() -> None:
    \"\"\"The epoch of this database: another one after it was restored or made anew.\"\"\"
    text = sa.column("value", sa.Text()), sa.column("name", sa.Text())
    op.bulk_insert(sa.table("fact", *text), [{"name": "epoch", "value": secrets.token_urlsafe(16)}])


# What keeps the audit log append-only.
GUARDS = {
{guards}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("title", nargs="?", default="")
    parser.add_argument("--initial", action="store_true")
    given = parser.parse_args()
    if given.initial:
        (VERSIONS / "0001_initial.py").write_text(initial_step())
        return
    steps = list_steps(VERSIONS)
    number = f"{len(steps) + 1:04d}"
    name = re.sub(r"[^a-z0-9]+", "_", given.title.lower()).strip("_")
    (VERSIONS / f"{number}_{name}.py").write_text(next_step(given.title, number, steps[-1]))


def initial_step() -> str:
    changes = ops.UpgradeOps([])
    for table in metadata.sorted_tables:
        changes.ops.append(ops.CreateTableOp.from_table(table))
        changes.ops += [
            ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=lambda i: str(i.name))
        ]
    # Rendered for PostgreSQL, whose `true` and `false` SQLite understands as well.
    body = render(changes, MigrationContext.configure(dialect_name="postgresql"))
    text = HEAD.format(
        title="The first schema.",
        imports="",
        revision="0001",
        previous="None",
        body=body.rstrip() + "\n" + SEED.strip("\n"),
    )
    text = text.replace("{guards}", guards_text())
    return text.replace("\nimport sqlalchemy", "\nimport secrets\n\nimport sqlalchemy")


def guards_text() -> str:
    """Return the triggers as the step carries them: complete, so that it stays what it was."""
    lines = []
    for dialect, texts in GUARDS.items():
        lines += [f'    "{dialect}": [', *(f'        """{text}""",' for text in texts), "    ],"]
    return "\n".join(lines) + "\n"


def next_step(title: str, number: str, previous: str) -> str:
    with migrated() as connection:
        options = {"compare_type": True, "render_as_batch": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        changes = produce_migrations(context, metadata).upgrade_ops
        if changes is None or changes.is_empty():
            raise SystemExit("Nothing differs.")
        body = render(changes, context)
    return HEAD.format(title=title, imports="", revision=number, previous=f'"{previous}"', body=body)


def is_ours(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
    """What indexes texts stands in no table of ours; its step wrote it by hand."""
    return not is_text_index(name)


def render(changes: ops.UpgradeOps, context: MigrationContext) -> str:
    body = api.render_python_code(changes, render_as_batch=True, migration_context=context)
    return "\n".join(
        line
        for line in body.splitlines()
        if "commands auto generated" not in line and "end Alembic" not in line
    ).strip()


@contextmanager
def migrated() -> Iterator[Connection]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/revise.sqlite"
        migrate(url, Path(folder))
        engine = create_engine(url)
        with engine.connect() as connection:
            yield connection
        engine.dispose()


if __name__ == "__main__":
    main()
