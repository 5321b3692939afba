"""The command line."""

import os
import sys

from sqlalchemy import create_engine

from librephotos.db.tables import metadata
from librephotos.settings import load_settings


def main() -> None:
    settings = load_settings()
    engine = create_engine(settings.database.replace("postgresql://", "postgresql+psycopg://"))
    metadata.create_all(engine)
    engine.dispose()
    port = sys.argv[sys.argv.index("--port") + 1]
    command = ["granian", "--interface", "asgi", "--factory", "--port", port, "librephotos.app:create"]
    os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606


if __name__ == "__main__":
    main()
