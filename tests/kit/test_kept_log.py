"""The log that is kept in the data folder."""

import logging
from pathlib import Path

from librephotos.kit.kept_log import KeptLog, read_kept
from librephotos.kit.logs import json_formatter


def log_line(handler: KeptLog, text: str) -> None:
    handler.handle(logging.LogRecord("test", logging.INFO, "", 0, text, None, None))


def test_two_processes_write_one_file_and_set_it_aside_once(tmp_path: Path) -> None:
    writers = [KeptLog(tmp_path, limit_bytes=300), KeptLog(tmp_path, limit_bytes=300)]
    for number in range(60):
        log_line(writers[number % 2], f"line {number:02}")
    for each in writers:
        each.close()
    files = sorted((tmp_path / "logs").iterdir())
    assert [(file.name, file.stat().st_mode & 0o777) for file in files] == [
        ("server.log", 0o600),
        ("server.log.1", 0o600),
    ]
    assert all(file.stat().st_size <= 308 for file in files)
    kept = (read_kept(tmp_path) or b"").decode().splitlines()
    # The last ones, without a gap.
    assert kept == [f"line {number:02}" for number in range(60 - len(kept), 60)]
    assert len(kept) > 30


def test_what_cannot_be_written_costs_the_line_only(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("not a folder")
    handler = KeptLog(tmp_path)
    log_line(handler, "lost")
    assert (tmp_path / "logs").read_text() == "not a folder"


def test_no_log_is_none(tmp_path: Path) -> None:
    assert read_kept(tmp_path) is None


def test_a_line_is_one_object_without_credentials(tmp_path: Path) -> None:
    handler = KeptLog(tmp_path)
    handler.setFormatter(json_formatter())
    log_line(handler, "two\nlines, Bearer abcdefghijklmnop and postgresql://ann:secret@host/x")
    handler.close()
    text = (read_kept(tmp_path) or b"").decode()
    assert text.count("\n") == 1
    assert "abcdefghijklmnop" not in text and "secret" not in text
