"""The hashtags of a caption; no I/O."""

from typing import Final

HASHTAG_TYPE: Final = "hashtag_attribute"
_ENDS_BEFORE: Final = ".,;:!?)]}\"'"
_LONGEST: Final = 512


def find_hashtags(caption: str) -> list[str]:
    """Return the words that start with `#` and go on, each once, without the punctuation behind them."""
    words = (word.rstrip(_ENDS_BEFORE)[:_LONGEST] for word in caption.split() if word.startswith("#"))
    return list(dict.fromkeys(word for word in words if len(word) > 1))


def listed_types(tagging_model: str) -> frozenset[str]:
    """The types of things that are shown: hashtags, and what the tagging model in force found."""
    return frozenset({HASHTAG_TYPE, f"{tagging_model}_tag"})
