"""Pictures of a video to a size, upright, in the colours of every screen: one graph of FFmpeg's filters.

SDR in, SDR out by BT.709; HDR through a table of `tone_mapping.py`, after scaling, where there are fewer pixels.
"""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Final

import av
import msgspec
from av.filter import Graph
from av.video.frame import VideoFrame

from librephotos.media.video import tone_mapping
from librephotos.media.video.probing import transfer_of
from librephotos.media.video.upright import Orientation

MATRICES: Final = {
    1: "bt709",
    4: "fcc",
    5: "bt470",
    6: "smpte170m",
    7: "smpte240m",
    9: "bt2020",
    10: "bt2020",
}
"""Colour matrices that FFmpeg's scaler knows, by their numbers in ITU-T H.273."""

_HD_HEIGHT_PX: Final = 720
_FULL_RANGE: Final = 2
_NO_MORE: Final = (av.error.BlockingIOError, av.error.EOFError)


class Size(msgspec.Struct, frozen=True):
    """Of the upright picture with square pixels."""

    width: int
    height: int

    def within(self, height_px: int, *, most_width_px: int = 16_383) -> Size:
        """Return the size at most so high, never enlarged."""
        scale = min(1.0, height_px / self.height, most_width_px / self.width)
        return Size(max(1, round(self.width * scale)), max(1, round(self.height * scale)))

    def even(self) -> Size:
        """Return the next smaller size that 4:2:0 pixels can have, at least 2 by 2."""
        return Size(max(2, self.width // 2 * 2), max(2, self.height // 2 * 2))


def upright_size(frame: VideoFrame, pixel_aspect: Fraction) -> Size:
    """Return how large a picture is shown: wider for wide pixels, turned as its matrix says."""
    width = max(1, round(frame.width * pixel_aspect))
    return Size(frame.height, width) if Orientation.of(frame).is_swapped else Size(width, frame.height)


class Scaler:
    """Turns pictures of any size and format into upright ones of `size` in `pixel_format`.

    `orientation` is that of the first picture; one graph serves until pictures change in kind. `tables` is the folder
    of the tone mapping tables. A single picture `is_still`. Raises av.FFmpegError.
    """

    def __init__(
        self,
        size: Size,
        pixel_format: str,
        orientation: Orientation,
        tables: bytes,
        *,
        is_still: bool = False,
    ) -> None:
        self.size = size
        self._format = pixel_format
        self._orientation = orientation
        self._tables = tables
        self._is_still = is_still
        self._kind: tuple[object, ...] = ()
        self._graph: Graph | None = None

    def scale(self, frame: VideoFrame) -> list[VideoFrame]:
        """Return the pictures that are ready; one that has interlaced lines waits for the next."""
        kind = (
            *(frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range),
            *(frame.color_trc, frame.interlaced_frame),
        )
        ready: list[VideoFrame] = []
        if self._graph is None or kind != self._kind:
            ready = self.flush()
            self._kind = kind
            self._graph = self._build(frame)
        self._graph.push(frame)
        return ready + self._pull()

    def flush(self) -> list[VideoFrame]:
        """Return what is still to come; the next picture begins anew."""
        if self._graph is None:
            return []
        self._graph.push(None)
        rest = self._pull()
        self._graph = None
        return rest

    def _pull(self) -> list[VideoFrame]:
        assert self._graph is not None
        ready = []
        while True:
            try:
                ready.append(self._graph.vpull())
            except _NO_MORE:
                return ready

    def _build(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        graph.threads = 1
        last = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=frame.time_base or Fraction(1, 90_000),
        )
        for step in self._steps(frame):
            name, _, arguments = step.partition("=")
            following = graph.add(name, arguments)
            last.link_to(following)
            last = following
        last.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def _steps(self, frame: VideoFrame) -> list[str]:
        stored = Size(self.size.height, self.size.width) if self._orientation.is_swapped else self.size
        transfer = transfer_of(frame)
        table = os.fsdecode(tone_mapping.table_path(self._tables, transfer)) if transfer else ""
        steps = scaling_steps(frame, stored, escaped(table), is_still=self._is_still)
        return [*steps, *self._orientation.filters, "setsar=1", f"format={self._format}"]


def scaling_steps(frame: VideoFrame, size: Size, table: str, *, is_still: bool = False) -> list[str]:
    """Return the filters that bring pictures like this one to a size and to BT.709, not yet turned.

    `table` is the escaped path of a tone mapping table, empty for SDR.
    """
    steps: list[str] = []
    if frame.interlaced_frame:
        # What lies before and after tells which lines are old; a single picture has only its own edges.
        steps = ["estdif=mode=frame" if is_still else "bwdif=mode=send_frame:deint=interlaced"]
    scale = f"scale=w={size.width}:h={size.height}:flags=area+accurate_rnd"
    source = f":in_color_matrix={matrix_of(frame)}:in_range={_range(frame)}"
    target = "out_color_matrix=bt709:out_range=tv"
    if not table:
        return [*steps, f"{scale}{source}:{target}"]
    return [*steps, scale + source, "format=gbrp10le", f"lut3d=file={table}", f"scale={target}"]


def matrix_of(frame: VideoFrame) -> str:
    """Return the colour matrix of a picture; where it says nothing, what players take for its height."""
    named = MATRICES.get(int(frame.colorspace or 0))
    return named or ("bt709" if frame.height >= _HD_HEIGHT_PX else "smpte170m")


def escaped(text: str) -> str:
    """Return a text as one option of a filter."""
    return text.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\:")


def _range(frame: VideoFrame) -> str:
    is_full = int(frame.color_range or 0) == _FULL_RANGE or frame.format.name.startswith("yuvj")
    return "pc" if is_full else "tv"
