"""Which commit runs is read from Git's own files, in every way in which a checkout may lie."""

import subprocess
from pathlib import Path

import pytest

from librephotos.kit.revision import find_commit


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init")
    git(folder, "commit", "--allow-empty", "-m", "first")
    return folder


def test_a_branch(checkout: Path):
    assert find_commit(checkout) == git(checkout, "rev-parse", "HEAD")


def test_a_branch_among_the_packed_ones(checkout: Path):
    git(checkout, "pack-refs", "--all")
    assert find_commit(checkout) == git(checkout, "rev-parse", "HEAD")


def test_a_commit_without_a_branch(checkout: Path):
    git(checkout, "checkout", "--detach")
    assert find_commit(checkout) == git(checkout, "rev-parse", "HEAD")


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_worktree(checkout: Path, is_packed: bool):
    tree = checkout.parent / "tree"
    git(checkout, "worktree", "add", "-b", "side", str(tree))
    git(tree, "commit", "--allow-empty", "-m", "second")
    if is_packed:
        git(tree, "pack-refs", "--all")
    assert find_commit(tree) == git(tree, "rev-parse", "HEAD") != git(checkout, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    "head",
    ["", "ref:", "ref: refs/heads/none", "ref: refs/../../../etc/hostname", "ref: /etc/hostname", "x" * 40],
)
def test_what_cannot_be_read_is_not_known(checkout: Path, head: str):
    (checkout / ".git" / "HEAD").write_text(head)
    assert find_commit(checkout) == ""


def test_nor_is_a_folder_that_is_no_checkout(tmp_path: Path):
    assert find_commit(tmp_path) == ""
    (tmp_path / ".git").write_text("gitdir: nowhere")
    assert find_commit(tmp_path) == ""
