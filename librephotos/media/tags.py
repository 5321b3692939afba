"""Names of the tags that a scan reads, in ExifTool's words (family 0 group, colon, tag)."""

from __future__ import annotations

from typing import Final

FACT_TAGS: Final = (
    *("EXIF:FNumber", "EXIF:FocalLength", "EXIF:ISO", "EXIF:ExposureTime", "EXIF:Make", "EXIF:Model"),
    *("EXIF:LensModel", "EXIF:FocalLengthIn35mmFormat", "EXIF:SubjectDistance", "EXIF:DigitalZoomRatio"),
    *("EXIF:SubSecTimeOriginal", "EXIF:ImageNumber", "EXIF:Orientation", "ImageWidth", "ImageHeight"),
    "Composite:ImageSize",
    *("QuickTime:Duration", "QuickTime:Make", "QuickTime:Model", "Rating", "XMP:Rating", "EXIF:Rating"),
    *("XMP:Subject", "IPTC:Keywords", "XMP:Description"),
    *("Composite:GPSLatitude", "Composite:GPSLongitude", "XMP:GPSLatitude", "XMP:GPSLongitude"),
)

TIME_TAGS: Final = (
    *("EXIF:DateTimeOriginal", "EXIF:ModifyDate", "EXIF:OffsetTimeOriginal", "EXIF:OffsetTime"),
    *("XMP:DateCreated", "QuickTime:CreateDate", "Composite:GPSDateTime"),
)
"""What the predefined date rules read, and the offsets that belong to it."""

BURST_TAGS: Final = ("MakerNotes:BurstMode", "MakerNotes:ContinuousDrive", "MakerNotes:SequenceNumber")

KEPT_TAGS: Final = (*TIME_TAGS, *BURST_TAGS)
"""What `Facts.tags` hands on as text, beside the tags named by the user's own rules."""
