"""Holds every locked package to the licences we accept: permissive by kind, anything else by name.

Reads the metadata of the packages installed in this environment that `requirements-dev.lock` names, so it tells
of what is really used. Prints each offence and ends with status 1 if there is one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageMetadata, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).resolve().parent.parent / "requirements-dev.lock"

# SPDX names, in lower case. MPL-2.0 is file-wise copyleft: using the unchanged library obliges to nothing more.
PERMISSIVE = {
    "0bsd",
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc0-1.0",
    "hpnd",
    "isc",
    "mit",
    "mit-0",
    "mit-cmu",
    "mpl-2.0",
    "psf-2.0",
    "python-2.0",
    "unlicense",
    "zlib",
}

# Old metadata says it in words: each is read as the SPDX name beside it.
WORDS = {
    "apache": "apache-2.0",
    "apache 2": "apache-2.0",
    "apache 2.0": "apache-2.0",
    "apache license 2.0": "apache-2.0",
    "apache license, version 2.0": "apache-2.0",
    "apache license version 2.0": "apache-2.0",
    "apache software license": "apache-2.0",
    "apache software license 2.0": "apache-2.0",
    "bsd": "bsd-3-clause",
    "bsd license": "bsd-3-clause",
    "3-clause bsd license": "bsd-3-clause",
    "bsd 3-clause": "bsd-3-clause",
    "bsd 3-clause license": "bsd-3-clause",
    "isc license (iscl)": "isc",
    "isc license": "isc",
    "mit license": "mit",
    "the mit license (mit)": "mit",
    "mozilla public license 2.0 (mpl 2.0)": "mpl-2.0",
    "python software foundation license": "psf-2.0",
    "the unlicense (unlicense)": "unlicense",
}

# Packages whose terms are not permissive, or not told in a readable way, each with the reason why it may be used.
# The user installs them as separate, replaceable packages; nothing of them is copied into ours.
BY_NAME = {
}


def main() -> int:
    offences = list(find_offences(read_lock(LOCK.read_text())))
    for offence in offences:
        print(offence)
    print(f"licences: {len(offences)} offences")
    return 1 if offences else 0


def read_lock(text: str) -> list[str]:
    """Return the names in a lock that apply to this Python and platform."""
    lines = [line.removesuffix("\\").strip() for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    requirements = [Requirement(line) for line in lines]
    return [each.name for each in requirements if each.marker is None or each.marker.evaluate()]


def find_offences(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        try:
            found: Distribution = distribution(name)
        except PackageNotFoundError:
            yield f"{name}: locked but not installed; run make setup"
            continue
        licence = read_licence(found.metadata)
        if canonicalize_name(name) not in BY_NAME and not is_permissive(licence):
            yield f"{name} {found.version}: {licence or 'tells no licence'}"


def read_licence(metadata: PackageMetadata) -> str:
    """Return what a package says of its terms: the SPDX expression, else the classifiers, else the free text."""
    if expression := metadata.get("License-Expression"):
        return expression
    prefix = "License :: OSI Approved :: "
    classifiers = [
        line.removeprefix(prefix) for line in metadata.get_all("Classifier") or [] if line.startswith(prefix)
    ]
    if classifiers:
        return " OR ".join(classifiers)
    first_line = (metadata.get("License") or "").strip().split("\n")[0]
    return first_line


def is_permissive(licence: str) -> bool:
    """Say whether one side of each OR, and both sides of each AND, are on the list."""
    alternatives = re.split(r"\s+OR\s+|;|/", licence.replace("(MPL 2.0)", "").strip())
    return any(
        all(is_listed(term) for term in re.split(r"\s+AND\s+", alternative)) for alternative in alternatives
    )


def is_listed(term: str) -> bool:
    word = re.sub(r"\s+", " ", term.strip().strip("()").lower())
    return WORDS.get(word, word) in PERMISSIVE


if __name__ == "__main__":
    sys.exit(main())
