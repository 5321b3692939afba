"""Names of the tags that a scan reads, in ExifTool's words (family 0 group, colon, tag)."""

from __future__ import annotations

from typing import Final

FACT_TAGS: Final = (
    *("EXIF:FNumber", "EXIF:FocalLength", "EXIF:ISO", "EXIF:ExposureTime", "EXIF:Make", "EXIF:Model"),
    *("EXIF:LensModel", "EXIF:FocalLengthIn35mmFormat", "EXIF:SubjectDistance", "EXIF:DigitalZoomRatio"),
    *("EXIF:SubSecTimeOriginal", "EXIF:ImageNumber", "EXIF:Orientation", "ImageWidth", "ImageHeight"),
    *("XMP:Orientation", "Composite:ImageSize"),
    *("QuickTime:Duration", "QuickTime:Make", "QuickTime:Model", "Rating", "XMP:Rating", "EXIF:Rating"),
    *("XMP:RatingPercent", "EXIF:RatingPercent", "XMP:Subject", "IPTC:Keywords", "XMP:HierarchicalSubject"),
    *("XMP:TagsList", "XMP:LastKeywordXMP", "XMP:Description", "IPTC:Caption-Abstract"),
    *("XMP:RegionInfo", "XMP:RegionInfoMP"),
    *("MakerNotes:ContentIdentifier", "QuickTime:ContentIdentifier"),
    *("Composite:GPSLatitude", "Composite:GPSLongitude", "XMP:GPSLatitude", "XMP:GPSLongitude"),
)

TIME_TAGS: Final = (
    *("EXIF:DateTimeOriginal", "EXIF:ModifyDate", "EXIF:OffsetTimeOriginal", "EXIF:OffsetTime"),
    *("XMP:DateCreated", "QuickTime:CreateDate", "QuickTime:CreationDate", "Composite:GPSDateTime"),
    *("H264:DateTimeOriginal", "RIFF:DateTimeOriginal", "Matroska:DateTimeOriginal"),
)
"""What the predefined date rules read, and what tells their offsets."""

BURST_TAGS: Final = ("MakerNotes:BurstMode", "MakerNotes:ContinuousDrive", "MakerNotes:SequenceNumber")

DETAIL_TAGS: Final = (
    *("EXIF:ExposureCompensation", "EXIF:Flash", "EXIF:MeteringMode", "EXIF:WhiteBalance", "EXIF:ColorSpace"),
    *(
        "EXIF:BitsPerSample",
        "EXIF:LensMake",
        "EXIF:SerialNumber",
        "EXIF:Orientation",
        "EXIF:SubSecTimeOriginal",
    ),
    *("Composite:GPSAltitude", "XMP:Title", "IPTC:ObjectName", "EXIF:Copyright", "XMP:Rights", "EXIF:Artist"),
    *("XMP:Creator", "XMP:Description"),
)
"""What only the editor of a photo's metadata shows."""

KEPT_TAGS: Final = (*TIME_TAGS, *BURST_TAGS, *DETAIL_TAGS)
"""What `Facts.tags` hands on as text, beside the tags named by the user's own rules."""
