"""Lists the sentences that the server says to people: `python tools/list_sentences.py`.

The page says them in every language that it speaks. `tools/check_page.py` writes the list as a type,
`web/src/lib/sentences.d.ts`, so that a language which lacks one of them, or has one that nobody says any more, is a
type error.

A sentence is found by its look: it begins with a capital or ends with a full stop, and has more words than one; what
is raised as an error may begin small. What differs each time stands as `{1}`, `{2}`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "librephotos"
TARGET = Path(__file__).resolve().parent.parent / "web" / "src" / "lib" / "sentences.d.ts"

# Said to who runs the server, to who writes programs, or in answers that no screen of the page asks for.
ELSEWHERE = (
    *("cli/", "settings/", "kit/", "page/", "http/openapi/", "http/direct.py"),
    *("db/guards.py", "db/migrate.py", "db/migrations/", "db/snapshots.py", "db/transactions.py"),
    *("accounts/key_rotation.py", "accounts/secret_key.py", "accounts/server.py", "accounts/reset_mail.py"),
    # What is wrong with credentials the page says in its own words.
    *("accounts/authenticator.py", "accounts/basic.py", "accounts/sessions.py", "accounts/tokens.py"),
    *("accounts/keys/ring.py", "accounts/keys/states.py", "accounts/keys/text.py"),
    *("accounts/event_routes.py", "accounts/mail.py", "accounts/mail_settings.py", "accounts/devices.py"),
    *("jobs/lock.py", "jobs/supervisor.py", "site/", "stacks/", "sync/", "nextcloud/routes.py"),
    *(
        "albums/events.py",
        "library/date_rules.py",
        "library/metadata_fields.py",
        "library/metadata_routes.py",
    ),
    *("library/problem_ids.py", "library/queries/metadata.py", "media/tags.py", "media/thumbhash.py"),
    *("people/drawing.py", "people/face_filters.py", "people/routes/", "people/queries/"),
    *("photos/kinds.py", "photos/routes/turns.py", "photos/routes/variants.py", "photos/queries/variants.py"),
    *("photos/routes/captions.py", "places/names_file.py", "search/answers.py", "uploads/routes.py"),
    *("users/avatars.py", "jobs/schemas.py"),
)
# Look like sentences and are none, or are mistakes of a program that nobody is told of.
NO_SENTENCES = frozenset(
    {
        *("Windows Media", "Flash Video", "MPEG transport stream", "Ogg video", "Insufficient Storage"),
        *("a name stands twice", "it must hold {1} bytes in base64", "names do not end", "wrong format"),
        *("file was shortened while it was being sent", "the conversion ended before the video did"),
        *("ExifTool is given absolute paths only", "an ExifTool argument is one line"),
        *("{1} cannot name a thumbnail", "Quiet hours: ", "Scan directory", "Upload directory"),
        *("'The file is gone.'", "status {1}"),
        "The route {1} names no scope.",
        "The route {1} names the unknown scope {2}.",
        "LIBREPHOTOS_DATABASE_URL is not a database address.",
        "LIBREPHOTOS_DATABASE_URL must begin with sqlite:/// or postgresql://.",
        "This process writes photos without having loaded what follows them (followers.py).",
    }
)
# Are sentences and do not look like it.
SENTENCES = frozenset({"image_hashes required", "md5 checksum does not match", "photo not found"})
# What these are told is for the log or the API's document.
SILENT_KEYWORDS = frozenset({"default", "description", "summary"})

BEGINS_LIKE_ONE = re.compile(r"[\"'A-Z{]")
WORDS = re.compile(r"[a-z]{2,} [\w\"'{(]|[\w}\"'] [a-z]{2,}")
CODE = re.compile(r"(PRAGMA|CREATE|INSERT|SELECT|UPDATE|DELETE|NOT|OLD|POST|Basic|Bearer)\b")
GAP = re.compile(r"\{\}")


def list_sentences(package: Path = PACKAGE) -> list[str]:
    """Return all sentences in order."""
    found: set[str] = set()
    for path in package.rglob("*.py"):
        if not path.relative_to(package).as_posix().startswith(ELSEWHERE):
            found.update(sentences_of(path.read_text("utf-8")))
    return sorted(found - NO_SENTENCES)


def sentences_of(source: str) -> Iterator[str]:
    """Yield what looks like a sentence in a module."""
    tree = ast.parse(source)
    constants = dict(_constants(tree))
    silent = {id(each) for part in _silent_parts(tree) for each in ast.walk(part)}
    raised = {id(each) for part in _raised_parts(tree) for each in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) not in silent:
            text = _text(node, constants)
            if _is_sentence(text, is_raised=id(node) in raised):
                yield text


def _is_sentence(text: str, *, is_raised: bool) -> bool:
    if text in SENTENCES:
        return True
    if not WORDS.search(text) or "\n" in text or CODE.match(text):
        return False
    return is_raised or text.endswith(".") or BEGINS_LIKE_ONE.match(text) is not None


def _text(node: ast.AST, constants: dict[str, str]) -> str:
    """Return the text of a literal with its gaps numbered, an empty one for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(_part(each, constants) for each in node.values)
    else:
        return ""
    numbers = iter(range(1, 100))
    return GAP.sub(lambda _: f"{{{next(numbers)}}}", text)


def _part(node: ast.expr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
        return constants.get(node.value.id, "{}")
    return "{}"


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the texts of a module that have names."""
    for node in tree.body:
        target = (
            node.target
            if isinstance(node, ast.AnnAssign)
            else node.targets[0]
            if isinstance(node, ast.Assign)
            else None
        )
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield target.id, value.value


def _silent_parts(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from node.values
        elif isinstance(node, ast.Call):
            yield from (each.value for each in node.keywords if each.arg in SILENT_KEYWORDS)
            if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "log":
                yield node


def _raised_parts(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield node.exc
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
            yield node


def as_type(sentences: list[str]) -> str:
    """Return the list as TypeScript."""
    lines = "".join(f"\n  | {json.dumps(each, ensure_ascii=False)}" for each in sentences)
    return f"// Made by tools/list_sentences.py.\nexport type Sentence ={lines};\n"


def write_type() -> None:
    TARGET.write_text(as_type(list_sentences()), "utf-8")


if __name__ == "__main__":
    write_type()
