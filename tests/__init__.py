"""The tests mirror the rooms of `librephotos/`: one test file per source file."""
