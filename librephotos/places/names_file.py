"""Writes GeoNames' towns to a file that names are looked up in, in a process of its own that ends with it.

Run as `python -m librephotos.places.names_file <path>`. The file appears under its name when it is whole.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from librephotos.places.gazetteer import Town, read_countries, read_towns
from librephotos.places.geolocation import describe_town
from librephotos.places.names import fold_name


def write_names(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        with closing(sqlite3.connect(draft)) as file:
            file.execute("PRAGMA journal_mode=OFF")
            file.execute(
                "CREATE TABLE town (name TEXT, population INTEGER, around TEXT, display TEXT, latitude REAL, "
                "longitude REAL, PRIMARY KEY (name, population, display, latitude, longitude)) WITHOUT ROWID"
            )
            file.executemany("INSERT OR IGNORE INTO town VALUES (?, ?, ?, ?, ?, ?)", _rows())
            file.commit()
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _rows() -> Iterator[tuple[str, int, str, str, float, float]]:
    countries = read_countries()
    for town in read_towns():
        country = countries.get(town.country_code, "")
        place = describe_town(town, country)
        if place is not None:
            around = fold_name(f"{town.state} {country} {town.country_code}")
            yield (
                _name(town),
                town.population,
                around,
                place.address,
                town.latitude,
                town.longitude,
            )


def _name(town: Town) -> str:
    """The name as a search spells it: words with one blank between them."""
    return " ".join(fold_name(town.city).replace(",", " ").split())


if __name__ == "__main__":
    write_names(Path(sys.argv[1]))
