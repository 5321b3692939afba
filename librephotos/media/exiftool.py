"""Reads and writes tags with ExifTool, kept open: one Perl process answers 250 files a second.

Its arguments are lines, so a newline in a path would be an option, and options can run programs. Therefore every
path is absolute, a path that is not plain text is read through a link of our own making, and tag names are checked
against `TAG_NAME`. What the values mean is left to `facts.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import select
import shutil
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from librephotos.media.errors import UnreadableMetadata, UnwritableMetadata

Value = str | list[str]
Tags = dict[str, Value]
"""Tag values by name, `EXIF:FNumber` (ExifTool's family 0) and as requested; numbers are kept as their text."""

TAG_NAME: Final = re.compile(r"[A-Za-z0-9:-]+")
PACKAGED: Final = Path(__file__).parent / "exiftool" / "exiftool"

_ALL_LANGUAGES: Final = "-XMP:Description-*"
"""A description without a default language is only answered when every language is asked for."""

_ANSWER_BYTES: Final = 16 * 1024 * 1024
_COMMON: Final = (
    *("-json", "-n", "-G0:1", "-fast", "-q", "-q"),
    *("-charset", "filename=utf8", "-api", "largefilesupport=1"),
    *(
        "-api",
        "struct=2",
    ),  # structures whole and flattened: only the whole ones keep a face and its name together
)
_WRITING: Final = ("-n", "-charset", "filename=utf8", "-api", "largefilesupport=1")
# What ExifTool says of the file rather than of what stands in it, or works out of other tags.
_NOT_STORED: Final = ("File", "Composite", "ExifTool", "SourceFile")


def locate_exiftool(configured: str | None = None, *, packaged: Path = PACKAGED) -> list[str] | None:
    """Return the command that runs ExifTool: as configured, the packaged copy, or PATH's; None without one."""
    perl = shutil.which("perl")
    for script in (configured, str(packaged)):
        if script and os.path.isfile(script):
            if perl:
                return [perl, os.path.abspath(script)]
            if script == configured and os.access(script, os.X_OK):
                return [os.path.abspath(script)]
    found = shutil.which("exiftool")
    return [found] if found else None


def is_tag_name(name: str) -> bool:
    """Tell whether `name` can be given to ExifTool: letters, digits, colons and inner hyphens only."""
    return TAG_NAME.fullmatch(name) is not None and not name.startswith(("-", ":")) and len(name) <= 100


class ExifTool:
    """One ExifTool process; starts at the first file and anew after a time-out. Not for several threads."""

    def __init__(self, command: list[str], *, timeout_seconds: float = 30.0) -> None:
        self._command = command
        self._timeout_seconds = timeout_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._links: str | None = None
        self._common: tuple[str, ...] = _COMMON
        self._errors = subprocess.DEVNULL

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, path: bytes, tags: Iterable[str]) -> Tags:
        """Return the values of `tags` in the file at the absolute `path`; names that are no tag names are left out.

        Raises UnreadableMetadata when ExifTool cannot read the file, dies, or takes longer than allowed.
        """
        if not os.path.isabs(path):
            raise ValueError("ExifTool is given absolute paths only")
        wanted = [name for name in dict.fromkeys(tags) if is_tag_name(name)]
        argument = _plain_argument(path)
        link = None if argument else self._link_to(path)
        try:
            options = [f"-{name}" for name in wanted] + [_ALL_LANGUAGES, "-Error"]
            answer = self._ask([*options, argument or os.fsdecode(link or b"")])
        finally:
            if link:
                os.unlink(link)
        return _named_values(_parse(answer), wanted)

    def image_data_hash(self, path: bytes) -> str | None:
        """Return a hash of the compressed picture in a file, whatever tags stand beside it; None if there is none.

        ExifTool knows it of JPEG, PNG, WebP, TIFF and others, since version 12.58.
        """
        value = self.read(path, ["ImageDataHash"]).get("ImageDataHash")
        return value if isinstance(value, str) else None

    def stored_names(self, path: bytes) -> set[str]:
        """Return the names of all tags that stand in a file, `EXIF:IFD0:Make` for instance."""
        link = self._link_to(path)
        try:
            found = _parse(self._ask(["-all", os.fsdecode(link)]))
        finally:
            os.unlink(link)
        return {name for name in found if name.split(":")[0] not in _NOT_STORED}

    def close(self) -> None:
        """End the process and remove the links."""
        process, self._process = self._process, None
        if process:
            process.kill()
            for stream in (process.stdin, process.stdout):
                if stream:
                    with contextlib.suppress(OSError):  # What it never read can no longer be written.
                        stream.close()
            process.wait()
        if self._links:
            shutil.rmtree(self._links, ignore_errors=True)
            self._links = None

    def _ask(self, arguments: list[str]) -> bytes:
        ticket = secrets.randbelow(10**9)
        if any("\n" in argument or "\r" in argument or "\0" in argument for argument in arguments):
            raise ValueError("an ExifTool argument is one line")
        lines = "".join(f"{argument}\n" for argument in [*arguments, f"-execute{ticket}"])
        process = self._started()
        try:
            return self._exchange(process, lines.encode(), b"{ready%d}\n" % ticket)
        except (OSError, UnreadableMetadata) as error:
            self.close()
            if isinstance(error, UnreadableMetadata):
                raise
            raise UnreadableMetadata("ExifTool ended while it read this file.") from error

    def _exchange(self, process: subprocess.Popen[bytes], lines: bytes, mark: bytes) -> bytes:
        assert process.stdin and process.stdout
        process.stdin.write(lines)
        process.stdin.flush()
        deadline = time.monotonic() + self._timeout_seconds
        descriptor, answer = process.stdout.fileno(), bytearray()
        while not (answer == mark or answer.endswith(b"\n" + mark)):
            if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise UnreadableMetadata(f"ExifTool took longer than {self._timeout_seconds:g} seconds.")
            chunk = os.read(descriptor, 65536)
            if not chunk:
                raise UnreadableMetadata("ExifTool ended while it read this file.")
            answer += chunk
            if len(answer) > _ANSWER_BYTES:
                raise UnreadableMetadata("The file's metadata is too large.")
        return bytes(answer[: -len(mark)])

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            try:
                self._process = subprocess.Popen(
                    [
                        *self._command,
                        "-config",
                        "",
                        "-stay_open",
                        "True",
                        "-@",
                        "-",
                        "-common_args",
                        *self._common,
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    cwd="/",
                )
            except OSError as error:
                raise UnreadableMetadata("ExifTool cannot be started.") from error
        return self._process

    def _link_to(self, path: bytes, extension: str = "") -> bytes:
        """Return a link of a name that means nothing to ExifTool but its extension."""
        suffix = re.sub(rb"[^A-Za-z0-9]", b"", os.path.splitext(path)[1])[:8]
        name = b"file-%d.%s" % (secrets.randbelow(10**9), extension.encode() or suffix or b"bin")
        link = os.path.join(os.fsencode(self._own_folder()), name)
        os.symlink(path, link)
        return link

    def _own_folder(self) -> str:
        if self._links is None:
            self._links = tempfile.mkdtemp(prefix="librephotos-links-")
        return self._links


class ExifToolWriter(ExifTool):
    """One ExifTool process that writes, always into a new file. Not for several threads."""

    def __init__(self, command: list[str], *, timeout_seconds: float = 60.0) -> None:
        super().__init__(command, timeout_seconds=timeout_seconds)
        self._common = _WRITING
        self._errors = subprocess.STDOUT

    def write(
        self,
        source: bytes | None,
        target: bytes,
        *,
        values: Mapping[str, object],
        cleared: Iterable[str],
        extension: str,
    ) -> None:
        """Write the file at `target`, which must not be there: as `source`, or empty, but with these tags.

        Values are handed over in a file of JSON, in which nothing is an option. Both files are of the kind that
        `extension` says, whatever their names say. Raises UnwritableMetadata with ExifTool's reason.
        """
        folder = self._own_folder()
        asked = os.path.join(folder, f"values-{secrets.randbelow(10**9)}.json")
        beside = os.path.join(folder, f"folder-{secrets.randbelow(10**9)}")
        os.symlink(os.path.dirname(target), beside)
        link = self._link_to(source, extension) if source is not None else None
        new = os.path.join(beside, os.fsdecode(os.path.basename(target)))
        try:
            with open(asked, "w", encoding="utf-8") as file:
                json.dump([{"SourceFile": "*", **values}], file, ensure_ascii=False)
            options = [f"-json={asked}", *(f"-{name}=" for name in cleared)]
            answer = self._ask([*options, *(("-o", new, os.fsdecode(link)) if link else (new,))])
        except UnreadableMetadata as error:
            raise UnwritableMetadata(error.reason) from error
        finally:
            for path in (asked, beside, link):
                if path is not None and os.path.lexists(path):
                    os.unlink(path)
        if not os.path.exists(target):
            raise UnwritableMetadata(_complaint(answer))


def _complaint(answer: bytes) -> str:
    """Return what ExifTool says it did not like, without the paths of our links."""
    lines = answer.decode("utf-8", "replace").splitlines()
    said = next((line for line in lines if line.startswith("Error: ")), "")
    text = said.removeprefix("Error: ").split(" - /")[0].strip().rstrip(".")
    return (
        f"ExifTool does not write this file: {text[:200]}." if text else "ExifTool does not write this file."
    )


def _plain_argument(path: bytes) -> str | None:
    """Return the path as text if nothing in it could mean anything else to a reader of lines."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return None
    odd = any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") for character in text)
    return None if odd or text != text.rstrip() or text.endswith("|") else text


def _parse(answer: bytes) -> Mapping[str, object]:
    """Return the one object of ExifTool's JSON; numbers stay text, so that `018` and `1.50` survive."""
    try:
        found = json.loads(answer.decode("utf-8", "replace"), parse_int=str, parse_float=str, strict=False)
    except (ValueError, RecursionError) as error:
        raise UnreadableMetadata("ExifTool found no metadata that can be read.") from error
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        raise UnreadableMetadata("ExifTool found no metadata that can be read.")
    return found[0]


def _named_values(found: Mapping[str, object], wanted: list[str]) -> Tags:
    values: Tags = {}
    groups: list[tuple[list[str], Value]] = []
    for key, value in found.items():
        parts = key.split(":")
        text = _text(value)
        if parts[-1] == "Error":
            if len(found) <= 2:
                raise UnreadableMetadata(
                    "ExifTool cannot read this file: its structure is damaged or unknown."
                )
        elif len(parts) > 1:
            values.setdefault(f"{parts[0]}:{parts[-1]}", text)
            groups.append((parts, text))
    for name in wanted:
        if name not in values and (match := _find(groups, name.split(":"))) is not None:
            values[name] = match
    return values


def _find(groups: list[tuple[list[str], Value]], wanted: list[str]) -> Value | None:
    """Return the value whose last part is the tag and whose groups hold every group named, in any case."""
    asked = [part.lower() for part in wanted]
    for parts, value in groups:
        given = [part.lower() for part in parts]
        if given[-1] == asked[-1] and set(asked[:-1]) <= set(given[:-1]):
            return value
    return None


def _text(value: object) -> Value:
    if isinstance(value, list):
        return [item if isinstance(item, str) else json.dumps(item) for item in value]
    return value if isinstance(value, str) else json.dumps(value)
