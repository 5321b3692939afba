"""Which faces a list is to show: of whom, labelled or suggested, by which method and how likely; no I/O."""

import math
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from librephotos.errors import BadInput
from librephotos.kit.ids import parse_int

Method = Literal["clustering", "classification"]
Order = Literal["confidence", "date"]
METHODS: Final[tuple[Method, ...]] = ("clustering", "classification")
ORDERS: Final[tuple[Order, ...]] = ("confidence", "date")


class Suggesting(msgspec.Struct, frozen=True):
    """Whose suggestions count, and from which probability on."""

    method: Method = "clustering"
    min_confidence: float = 0.0


class FaceFilter(msgspec.Struct, frozen=True):
    """`person_id` is 0 for faces of nobody."""

    person_id: int = 0
    is_labelled: bool = False
    order: Order = "confidence"
    suggesting: Suggesting = Suggesting()


def parse_suggesting(query: Mapping[str, str]) -> Suggesting:
    """Raises BadInput for an unknown method and for what is no number."""
    name = query.get("analysis_method") or METHODS[0]
    method = next((each for each in METHODS if each == name), None)
    if method is None:
        raise BadInput.of("analysis_method", f'"{name}" is not a valid choice.')
    return Suggesting(method, _number(query.get("min_confidence")))


def parse_filter(query: Mapping[str, str]) -> FaceFilter:
    """Read the parameters of a list of faces. Raises BadInput."""
    text = query.get("person") or "0"
    person_id = parse_int(text)
    if person_id is None:
        raise BadInput.of("person", "A valid integer is required.")
    name = query.get("order_by") or ORDERS[0]
    order = next((each for each in ORDERS if each == name), None)
    if order is None:
        raise BadInput.of("order_by", f'"{name}" is not a valid choice.')
    is_labelled = person_id != 0 and query.get("inferred", "").lower() == "false"
    return FaceFilter(person_id, is_labelled, order, parse_suggesting(query))


def _number(text: str | None) -> float:
    if not text:
        return 0.0
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput.of("min_confidence", "A valid number is required.")
    return number
