"""Holds the plan of the house: which room may import which, and the rules a reader relies on.

The rooms stand in import order: a module imports only from rooms above its own, and inside a room the
furniture goes upward too. Imports are read from the syntax tree, so one hidden in a function counts like any
other.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "librephotos"

ROOMS = (
    "errors",
    "settings",
    "kit",
    "storage",
    "media",
    "ml",
    "db",
    "http",
    "accounts",
    "jobs",
    "photos",
    "stacks",
    "people",
    "places",
    "albums",
    "sharing",
    "search",
    "users",
    "library",
    "uploads",
    "nextcloud",
    "downloads",
    "sync",
    "site",
    "page",
    "followers",
    "pipeline",
    "app",
    "cli",
    "__main__",
)

# Inside a room, from the first to the last; any other name is a subject, between schemas and queries.
# A room's `__init__` may gather its names for other rooms, so it comes last.
FURNITURE = {"schemas": 0, "queries": 2, "jobs": 4, "routes": 5, "__init__": 6, "__main__": 7}
SUBJECT = 1
ACTING_SUBJECT = 3

# Subjects that do more than decide: they ask the room's queries, and jobs and routes ask them. With the reason.
ACTING_SUBJECTS = {
    "accounts/account_facts": "gathers what several subjects of the room know of one account",
    "accounts/account_routes": "the room's routes for a person's own account",
    "accounts/authenticator": "turns a header into a viewer, by a look at the database on each request",
    "accounts/confirmation": "asks for the password again, for several routes",
    "accounts/keys": "API keys from their text to their routes, in a folder of their own",
    "accounts/event_routes": "the room's routes for the audit log",
    "accounts/limiter": "asks and counts in the table of attempts, and says what it does in the log",
    "accounts/open_sessions": "ending a session is a row and an event, for a person and for admins",
    "accounts/password_resets": "using a link up is a row, a password, the end of sessions and an event",
    "accounts/reset_mail": "a thread that looks up who asked, mails them and records it",
    "accounts/reset_routes": "the room's routes for a forgotten password",
    "accounts/server": "holds the authenticator and the sessions of one running process",
    "accounts/sessions": "signing in is hashing, a row and a token together, for several routes",
    "jobs/housekeeping": "clears old rows of the queue",
    "jobs/running": "starts, follows and ends one job by its rows",
    "jobs/worker": "takes jobs from the queue",
    "library/edit_routes": "the room's routes for what people say of a photo's time and place",
    "library/edits": "an edit is the photo's row, the rules of time and a write, in this order",
    "library/metadata": "an edit of metadata is a comparison, rows and a log, and so is taking it back",
    "library/metadata_routes": "the room's routes for structured metadata",
    "library/guard": "compares what a folder has lost with what is known of it",
    "library/ingest": "turns what was read of a file into rows, file by file",
    "people/drawing": "a drawn face is a look at its photo, a picture and a row, in this order",
    "photos/deletion": "claims photos, deletes their files and ends the claim, in that order",
    "library/watching": "asks whose folders there are, and queues scans of those that changed",
    "photos/media": "answers a picture's address below the router: grant, file, range",
    "site/diagnostics_routes": "the room's routes for why a file cannot be served",
    "site/service_routes": "the room's routes for how the server is, for admins",
    "site/statistics_routes": "the room's routes for counts and drawings of a library",
    "nextcloud/entered": "turns what an account entered, once read, into its server and folder, for jobs and routes",
    "nextcloud/fetching": "one file is fetched, checked, put into the library and made known, in that order",
    "uploads/callers": "turns the credentials of an upload into a viewer, and looks whether uploads are allowed",
    "uploads/completing": "a whole file is checked, moved into the library and made known, in that order",
    "uploads/receiving": "a chunk is written, then counted, under one lock",
    "users/creation": "making an account is a check, a hash, a folder and a row, for two routes",
    "users/credentials": "a new password is held against the policy in force and the stored hash",
    "users/editing": "a change is checked before it is hashed and drawn, and again in its transaction",
    "users/manage_routes": "the admins' half of the room's routes",
    "users/session_routes": "the room's routes for somebody's sessions",
}

LINES_MAX = 400
VAGUE_NAMES = {"utils", "util", "helpers", "misc", "common"}

# Who reads the environment, and why.
ENVIRONMENT_READERS = {
    "settings/values.py": "the one place where settings are read",
    "kit/processes.py": "children get a scrubbed copy, or take over what their parent sends; neither reads a setting",
}


@dataclass(frozen=True)
class Module:
    """One source file of the package: `path` below the package, and what its imports name."""

    path: Path
    tree: ast.Module
    line_count: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The dotted name below the package, `__init__` included: ('photos', 'queries')."""
        return (*self.path.parent.parts, self.path.stem)

    @property
    def room(self) -> str:
        return self.parts[0]

    @property
    def furniture(self) -> str:
        return self.parts[1] if len(self.parts) > 1 else ""


def read_modules(package: Path) -> list[Module]:
    modules = []
    for path in sorted(package.rglob("*.py")):
        text = path.read_text()
        modules.append(Module(path.relative_to(package), ast.parse(text, str(path)), text.count("\n")))
    return modules


def find_faults(package: Path) -> list[str]:
    """Return a sentence for every breach of the plan below the folder `package`."""
    modules = read_modules(package)
    known = {module.parts for module in modules}
    imports = {module.parts: list_imports(module, known) for module in modules}
    faults = []
    for module in modules:
        faults += check_place(module)
        faults += check_environment(module)
        faults += check_typing_imports(module)
        for line, target in imports[module.parts]:
            faults += check_import(module, line, target)
    return faults + check_cycles({name: {target for _, target in found} for name, found in imports.items()})


def list_imports(module: Module, known: set[tuple[str, ...]]) -> list[tuple[int, tuple[str, ...]]]:
    """Return (line, module parts) for each import of our own package, wherever in the file it stands."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = resolve_base(module, node)
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and name_of(node.func).endswith(("import_module", "__import__")):
            names = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        else:
            continue
        for name in names:
            target = find_target(name, known)
            if target and target not in ((), ("__init__",)):
                found.append((node.lineno, target))
    return found


def resolve_base(module: Module, node: ast.ImportFrom) -> str:
    """Return the absolute name before `import`, relative dots resolved."""
    if node.level == 0:
        return node.module or ""
    package = (PACKAGE, *module.path.parent.parts)
    above = package[: len(package) - node.level + 1]
    return ".".join((*above, *([node.module] if node.module else [])))


def find_target(name: str, known: set[tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the parts of the module that the dotted `name` leads to, or None if it is not ours.

    The last words may be names inside a module: the longest part that is a file wins. A file that does not
    exist still tells its room.
    """
    first, *rest = name.split(".")
    if first != PACKAGE:
        return None
    for length in range(len(rest), -1, -1):
        parts = tuple(rest[:length])
        if parts in known:
            return parts
        if (*parts, "__init__") in known and length:
            return (*parts, "__init__")
    return tuple(rest[:1]) if rest and rest[0] in ROOMS else ("__init__",)


def check_place(module: Module) -> list[str]:
    faults = []
    if module.room not in ROOMS and module.parts != ("__init__",):
        faults.append(f"{module.path}: the plan has no room {module.room}")
    if module.path.stem in VAGUE_NAMES:
        faults.append(f"{module.path}: name the file by its subject")
    if module.line_count > LINES_MAX and "migrations" not in module.parts:
        faults.append(f"{module.path}: {module.line_count} lines; split it at {LINES_MAX} into a folder")
    return faults


def check_import(module: Module, line: int, target: tuple[str, ...]) -> list[str]:
    place = f"{module.path}:{line}"
    name = ".".join(target)
    if module.parts == ("__init__",):
        return [f"{place}: the package itself imports nothing of its own, not {name}"]
    if module.room not in ROOMS or target[0] not in ROOMS:
        return []
    if module.room != target[0]:
        if ROOMS.index(target[0]) > ROOMS.index(module.room):
            return [f"{place}: {module.room} stands above {target[0]} and must not import {name}"]
        return []
    if len(target) < 2 or not module.furniture:
        return []
    if rank(module.room, target[1]) > rank(module.room, module.furniture):
        return [f"{place}: inside {module.room}, {module.furniture} comes before {target[1]}"]
    return []


def rank(room: str, furniture: str) -> int:
    if f"{room}/{furniture}" in ACTING_SUBJECTS:
        return ACTING_SUBJECT
    return FURNITURE.get(furniture, SUBJECT)


def check_environment(module: Module) -> list[str]:
    if module.path.as_posix() in ENVIRONMENT_READERS:
        return []
    names = {"environ", "environb", "getenv", "getenvb"}
    faults = []
    for node in ast.walk(module.tree):
        is_attribute = isinstance(node, ast.Attribute) and node.attr in names and name_of(node.value) == "os"
        is_import = isinstance(node, ast.ImportFrom) and node.module == "os"
        if is_attribute or (is_import and names & {alias.name for alias in node.names}):
            faults.append(f"{module.path}:{node.lineno}: only settings/values.py reads the environment")
    return faults


def check_typing_imports(module: Module) -> list[str]:
    """Litestar resolves a handler's annotations at run time, when what only the checker sees is missing."""
    if "routes" not in module.parts:
        return []
    return [
        f"{module.path}:{node.lineno}: routes import their types for real, not under TYPE_CHECKING"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.If) and name_of(node.test).endswith("TYPE_CHECKING")
    ]


def check_cycles(imports: dict[tuple[str, ...], set[tuple[str, ...]]]) -> list[str]:
    """Find circles among the modules, the subjects of one room included, which have no order of their own."""
    done: set[tuple[str, ...]] = set()
    faults: list[str] = []

    def visit(name: tuple[str, ...], way: list[tuple[str, ...]]) -> None:
        if name in way:
            circle = [*way[way.index(name) :], name]
            faults.append("imports go in a circle: " + " -> ".join(".".join(parts) for parts in circle))
        elif name not in done:
            for target in sorted(imports.get(name, ())):
                visit(target, [*way, name])
            done.add(name)

    for name in sorted(imports):
        visit(name, [])
    return faults


def name_of(node: ast.expr) -> str:
    """Return the dotted name of an expression, '' if it has none."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{name_of(value)}.{attr}"
        case _:
            return ""


def test_the_house_keeps_to_its_plan() -> None:
    assert find_faults(ROOT / PACKAGE) == []


def test_the_plan_lists_each_room_once() -> None:
    assert len(ROOMS) == len(set(ROOMS))


def build_house(root: Path, files: dict[str, str]) -> Path:
    for name, text in {"__init__.py": "", "photos/__init__.py": "", **files}.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root / PACKAGE


GOOD_HOUSE = {
    "settings/__init__.py": "from librephotos.settings.values import KEY\n",
    "settings/values.py": "import os\nKEY = os.environ['KEY']\n",
    "kit/__init__.py": "",
    "kit/clock.py": "import time\n",
    "db/__init__.py": "from librephotos.db.engine import Engine\n",
    "db/engine.py": "from librephotos import __version__, settings\n",
    "photos/schemas.py": "from ..kit import clock\n",
    "photos/visibility.py": "from librephotos.kit.clock import now\n",
    "photos/queries.py": "from librephotos.db import Engine\nfrom . import schemas, visibility\n",
    "photos/jobs.py": "from .queries import list_photos\n",
    "photos/routes/__init__.py": "from librephotos.photos.routes.detail import get_photo\n",
    "photos/routes/detail.py": "from librephotos.photos import queries\n",
    "accounts/queries.py": "",
    "accounts/sessions.py": "from librephotos.accounts import queries\n",
    "accounts/routes.py": "from librephotos.accounts import sessions\n",
    "cli.py": "def main():\n    from librephotos.photos.routes import detail\n",
}


def test_a_house_built_to_plan_has_no_faults(tmp_path: Path) -> None:
    assert find_faults(build_house(tmp_path, GOOD_HOUSE)) == []


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"kit/clock.py": "import librephotos.db.engine\n"}, "kit stands above db"),
        (
            {"kit/clock.py": "def f():\n    from librephotos.photos import queries\n"},
            "kit stands above photos",
        ),
        ({"kit/clock.py": "from .. import settings, app\n", "app.py": ""}, "kit stands above app"),
        (
            {"kit/clock.py": "import importlib\nimportlib.import_module('librephotos.db.engine')\n"},
            "above db",
        ),
        ({"kit/clock.py": "from librephotos.ml.faces import detect\n"}, "kit stands above ml"),
        ({"errors.py": "from librephotos.settings import KEY\n"}, "errors stands above settings"),
        ({"photos/schemas.py": "from .queries import x\n"}, "schemas comes before queries"),
        (
            {"photos/visibility.py": "from librephotos.photos.queries import x\n"},
            "visibility comes before queries",
        ),
        ({"photos/queries.py": "from librephotos.photos import routes\n"}, "queries comes before routes"),
        ({"photos/jobs.py": "from .routes.detail import x\n"}, "jobs comes before routes"),
        ({"accounts/queries.py": "from . import sessions\n", "accounts/sessions.py": ""}, "before sessions"),
        ({"db/engine.py": "from librephotos.db import Engine\n"}, "engine comes before __init__"),
        (
            {"photos/dates.py": "from . import trash\n", "photos/trash.py": "from . import dates\n"},
            "in a circle",
        ),
        ({"__init__.py": "from librephotos.settings import KEY\n"}, "imports nothing of its own"),
        ({"attic/__init__.py": ""}, "no room attic"),
        ({"kit/utils.py": ""}, "name the file by its subject"),
        ({"kit/clock.py": "x = 1\n" * 401}, "401 lines"),
        (
            {"kit/clock.py": "import os\nTZ = os.environ.get('TZ')\n"},
            "only settings/values.py reads the environment",
        ),
        ({"kit/clock.py": "from os import getenv\n"}, "only settings/values.py reads the environment"),
        (
            {"cli.py": "import os\ndef main():\n    os.getenv('X')\n"},
            "only settings/values.py reads the environment",
        ),
        (
            {"photos/routes/detail.py": "import typing\nif typing.TYPE_CHECKING:\n    import decimal\n"},
            "not under TYPE_CHECKING",
        ),
    ],
)
def test_a_breach_of_the_plan_is_found(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    faults = find_faults(build_house(tmp_path, GOOD_HOUSE | files))
    assert any(complaint in fault for fault in faults), faults


def test_long_migrations_are_nobodys_fault(tmp_path: Path) -> None:
    files = GOOD_HOUSE | {"db/migrations/0001_begin.py": "x = 1\n" * 1000}
    assert find_faults(build_house(tmp_path, files)) == []
