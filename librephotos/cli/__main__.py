"""`python -m librephotos.cli` is the command `librephotos`."""

from librephotos.cli.commands import main

if __name__ == "__main__":
    main()
