"""`python -m librephotos.cli` is the command `librephotos`."""

from librephotos.cli import main

if __name__ == "__main__":
    main()
