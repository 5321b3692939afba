"""Renders a video's poster and its two clips in one pass over its first seconds, and tells what the video is.

The poster is the first picture of the first second that shows something: neither black nor of one colour. Runs in a
process of the pool, with one thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import av
import msgspec
import pyvips  # type: ignore[import-untyped, unused-ignore]
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from librephotos.media import thumbnails
from librephotos.media.errors import NeedsTurn, UnreadableMedia
from librephotos.media.picture_hashes import HASH_EDGE_PX, dominant_colour, perceptual_hash
from librephotos.media.thumbhash import MAX_EDGE_PX, thumbhash
from librephotos.media.thumbnails import BIG, SMALL, SQUARE, WEBP_EDGE_PX, Looks, clip_path
from librephotos.media.video.clips import FRAMES_A_SECOND, TICKS, Clip
from librephotos.media.video.containers import main_stream, open_video, reason_of
from librephotos.media.video.facts import VideoFacts
from librephotos.media.video.probing import Walk, pixel_aspect, probe
from librephotos.media.video.scaling import Scaler, upright_size
from librephotos.media.video.upright import Orientation

CLIP_SECONDS: Final = 5.0
POSTER_SECONDS: Final = 1.0

WORK_SECONDS: Final = 90.0
"""After so long, on a slow machine or in a video that never gets on, the clips end where they are."""

DECODED_PICTURES: Final = 8
"""How many pictures a decoder holds at once: those that others refer to, and those on their way."""

_MOST_FRAMES: Final = 2_400
_MOST_DAMAGED: Final = 500
_BYTES_PER_PIXEL: Final = 3
_BLACK: Final = 16.0
_ONE_COLOUR: Final = 4.0
_SAMPLE_EDGE_PX: Final = 32


class Source(msgspec.Struct):
    """A video to read: its bytes or an open descriptor, its type and the demuxer for it."""

    data: bytes | int
    mime: str
    demuxer: str


class Rendered(msgspec.Struct):
    looks: Looks
    facts: VideoFacts


def render_video(
    source: Source, folder: bytes, name: str, *, decode_bytes: int, beside_bytes: int
) -> Rendered:
    """Write the poster (WebP) and both clips (MP4) called `name` below `folder`; each appears whole or not at all.

    Raises UnreadableMedia, and NeedsTurn when decoding takes more than `beside_bytes`.
    """
    container = open_video(
        source.data, source.demuxer, most_pixels=decode_bytes // (_BYTES_PER_PIXEL * DECODED_PICTURES)
    )
    with container:
        stream = main_stream(container)
        stream.codec_context.thread_count = 1
        stream.codec_context.thread_type = "NONE"
        _check_budget(stream, decode_bytes, beside_bytes)
        try:
            return _Pass(container, stream, source.mime, folder, name).run()
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise  # The disk, not the video.
            raise UnreadableMedia(reason_of(error)) from error
        except pyvips.Error as error:
            raise UnreadableMedia("The video's poster cannot be made.") from error


def _check_budget(stream: VideoStream, decode_bytes: int, beside_bytes: int) -> None:
    """Refuse or postpone by the claimed size. 16-bit samples are counted for all: more than eight are common."""
    width, height = stream.codec_context.width, stream.codec_context.height
    needed = width * height * _BYTES_PER_PIXEL * DECODED_PICTURES
    if needed > decode_bytes:
        raise UnreadableMedia(
            f"The video is too large: {width} by {height} pixels would need {needed / 1024**3:.1f} GiB of memory,"
            f" {decode_bytes / 1024**3:.1f} GiB are allowed."
        )
    if needed > beside_bytes:
        raise NeedsTurn


class _Pass:
    """One reading of the beginning of an open video."""

    def __init__(
        self, container: InputContainer, stream: VideoStream, mime: str, folder: bytes, name: str
    ) -> None:
        self._container = container
        self._stream = stream
        self._mime = mime
        self._folder = folder
        self._name = name
        self._poster: VideoFrame | None = None
        self._poster_is_blank = True

    def run(self) -> Rendered:
        walk = Walk(self._container, self._stream)
        pictures = _timed_pictures(walk, self._stream)
        started = time.monotonic()
        first = next(pictures, None)
        if first is None:
            raise UnreadableMedia("No picture of the video can be decoded.")
        orientation = Orientation.of(first[1])
        size = upright_size(first[1], pixel_aspect(self._stream))
        square, small = size.within(SQUARE.height_px).even(), size.within(SMALL.height_px).even()
        with (
            Clip(clip_path(self._folder, SQUARE, self._name), square) as square_clip,
            Clip(clip_path(self._folder, SMALL, self._name), small) as small_clip,
        ):
            to_square = Scaler(square, "yuv420p", orientation, self._folder)
            to_small = Scaler(small, "yuv420p", Orientation(), self._folder)
            for seconds, frame in _chained(first, pictures):
                self._consider(seconds, frame)
                frame.pts, frame.time_base = round(seconds * TICKS), Fraction(1, TICKS)
                _write(to_square.scale(frame), square_clip, to_small, small_clip)
                if time.monotonic() - started > WORK_SECONDS:
                    break
            _write(to_square.flush(), square_clip, to_small, small_clip)
            for last in to_small.flush():
                small_clip.write(last)
            assert self._poster is not None
            # A walk to the end for the duration comes last: there is no way back.
            facts = probe(self._container, self._stream, self._poster, self._mime, walk)
            square_clip.finish()
            small_clip.finish()
            looks = self._write_poster(orientation)
            square_clip.publish()
            small_clip.publish()
        return Rendered(looks, facts)

    def _consider(self, seconds: float, frame: VideoFrame) -> None:
        """Keep the picture as the poster if there is no better one yet."""
        if not self._poster_is_blank or (self._poster is not None and seconds > POSTER_SECONDS):
            return
        sample = frame.reformat(_SAMPLE_EDGE_PX, _SAMPLE_EDGE_PX, "rgb24").to_ndarray().max(axis=2)
        is_blank = float(sample.mean()) < _BLACK or float(sample.std()) < _ONE_COLOUR
        if self._poster is None or not is_blank:
            self._poster, self._poster_is_blank = frame, is_blank

    def _write_poster(self, orientation: Orientation) -> Looks:
        assert self._poster is not None
        size = upright_size(self._poster, pixel_aspect(self._stream))
        shown = size.within(BIG.height_px, most_width_px=WEBP_EDGE_PX)
        scaler = Scaler(shown, "rgb24", orientation, self._folder, is_still=True)
        frame = [*scaler.scale(self._poster), *scaler.flush()][0]
        big = pyvips.Image.new_from_array(frame.to_ndarray())
        data = bytes(big.webpsave_buffer(Q=BIG.quality, effort=2, keep="none"))
        thumbnails.write_whole(thumbnails.thumbnail_path(self._folder, BIG, self._name), data)
        return _look_at(big, size.width, size.height)


def _timed_pictures(walk: Walk, stream: VideoStream) -> Iterator[tuple[float, VideoFrame]]:
    """Yield (seconds from the first, picture) of the clip's time, as many a second as a clip shows, in order."""
    first: float | None = None
    last = -1.0
    for count, frame in enumerate(_pictures(walk)):
        told = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else None
        if first is None:
            first = told or 0.0
        # Without a clock, as in bare MPEG streams, pictures follow at their rate.
        seconds = told - first if told is not None else count / float(stream.average_rate or 25)
        if seconds >= CLIP_SECONDS or count >= _MOST_FRAMES:
            return
        if last < 0 or seconds - last >= 0.9 / FRAMES_A_SECOND:
            last = max(seconds, 0.0)
            yield last, frame


def _pictures(walk: Walk) -> Iterator[VideoFrame]:
    """Yield the pictures that decode, damaged ones left out. Raises av.FFmpegError when none does."""
    damage: av.FFmpegError | None = None
    count = damaged = 0
    while damaged < _MOST_DAMAGED:
        try:
            packet = next(walk, None)
            if packet is None:
                break
            frames = packet.decode()
        except (av.EOFError, av.InvalidDataError) as error:
            damage = error
            damaged += 1
            continue
        for frame in frames:
            if not frame.is_corrupt:
                count += 1
                yield frame
    if not count and damage is not None:
        raise damage


def _chained(
    first: tuple[float, VideoFrame], rest: Iterator[tuple[float, VideoFrame]]
) -> Iterator[tuple[float, VideoFrame]]:
    yield first
    yield from rest


def _write(frames: list[VideoFrame], square: Clip, to_small: Scaler, small: Clip) -> None:
    for frame in frames:
        square.write(frame)
        for smaller in to_small.scale(frame):
            small.write(smaller)


def _look_at(big: Any, width: int, height: int) -> Looks:
    small = big.thumbnail_image(WEBP_EDGE_PX, height=SMALL.height_px, size="down").copy_memory()
    grey = small.colourspace("b-w").thumbnail_image(HASH_EDGE_PX, height=HASH_EDGE_PX, size="force")
    tiny = small.thumbnail_image(MAX_EDGE_PX, height=MAX_EDGE_PX, size="down").bandjoin(255)
    return Looks(
        width=width,
        height=height,
        aspect_ratio=max(0.01, round(big.width / big.height, 2)),
        dominant_colour=dominant_colour(small.numpy()),
        perceptual_hash=perceptual_hash(grey.numpy().reshape(HASH_EDGE_PX, HASH_EDGE_PX)),
        thumbhash=thumbhash(tiny.cast("uchar").numpy()),
    )
