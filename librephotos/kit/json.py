"""JSON as stored in text columns and sent as it is: no blanks, non-ASCII left as it is."""

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


def dumps(value: object) -> str:
    return _encoder.encode(value).decode()


def dump_bytes(value: object) -> bytes:
    return _encoder.encode(value)


def loads(text: str | bytes) -> Any:  # JSON is any value
    """Return the value of trusted `text` out of our own tables. Raises `msgspec.DecodeError`."""
    return _decoder.decode(text)
