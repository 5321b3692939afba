"""How commands talk: answers on standard output, refusals as one sentence on standard error."""

import typer
from rich.console import Console

CANNOT = 2

answers = Console(highlight=False, soft_wrap=True)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print `text` as it is; square brackets in it are no markup."""
    answers.print(text, markup=False)


def complain(text: str) -> None:
    complaints.print(text, markup=False)


def give_up(text: str, status: int = CANNOT) -> typer.Exit:
    """Say why nothing can be done; the caller raises what this returns."""
    complain(text)
    return typer.Exit(status)
