"""The licence check lets permissive terms through, and the rest only by name."""

from __future__ import annotations

from email.message import Message
from pathlib import Path

import pytest

from tools import check_licences


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "Apache-2.0 OR BSD-2-Clause",
        "GPL-3.0-only OR MIT",
        "BSD-3-Clause AND 0BSD AND MIT",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "Apache License,  Version 2.0",
    ],
)
def test_permissive_terms_pass(licence: str) -> None:
    assert check_licences.is_permissive(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-only",
        "AGPL-3.0-or-later",
        "LGPL-3.0-only",
        "MIT AND GPL-2.0-only",
        "(MIT OR GPL-3.0-only) AND GPL-2.0-only",
        "MIT-like",
        "Proprietary",
        "",
    ],
)
def test_other_terms_do_not(licence: str) -> None:
    assert not check_licences.is_permissive(licence)


def install_package(site: Path, name: str, *lines: str) -> None:
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        "\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines])
    )


def test_an_offending_package_is_printed_with_its_terms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_package(tmp_path, "goodpart", "License-Expression: MIT")
    install_package(tmp_path, "viralpart", "License-Expression: AGPL-3.0-only")
    install_package(tmp_path, "mutepart")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert list(check_licences.find_offences(["goodpart", "viralpart", "mutepart", "absentpart"])) == [
        "viralpart 1.0: AGPL-3.0-only",
        "mutepart 1.0: tells no licence",
        "absentpart: locked but not installed; run make setup",
    ]


def test_copyleft_passes_by_name_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_package(tmp_path, "psycopg", "License-Expression: LGPL-3.0-only")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert list(check_licences.find_offences(["psycopg"])) == []


def test_of_several_classifiers_each_has_to_do() -> None:
    metadata = Message()
    metadata["Classifier"] = "License :: OSI Approved :: MIT License"
    metadata["Classifier"] = "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"
    assert check_licences.read_licences(metadata) == [
        "MIT License",
        "GNU General Public License v3 (GPLv3)",
    ]


def test_a_lock_is_read_for_this_platform() -> None:
    text = (
        "a-part==1.0 \\\n    --hash=sha256:00\nb-part==2.0 ; sys_platform == 'plan9' \\\n    # via a-part\n"
    )
    assert check_licences.read_lock(text) == ["a-part"]
