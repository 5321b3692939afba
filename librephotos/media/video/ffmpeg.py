"""FFmpeg's command: where it is, and what it is told, to make a video that plays everywhere, while it is being made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

HEIGHT_PX: Final = 720
_TAGGED: Final = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
_BUNDLED: Final = "imageio_ffmpeg"


def locate_ffmpeg(configured: str = "") -> str | None:
    """Return the path of the program: as configured, that on PATH, or the one that was installed with this package."""
    if configured:
        return shutil.which(configured)
    return shutil.which("ffmpeg") or _bundled()


def _bundled() -> str | None:
    """Found without importing its package, which would run it to see whether it works."""
    spec = find_spec(_BUNDLED)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for program in sorted(Path(folder, "binaries").glob("ffmpeg-*")):
            if os.access(program, os.X_OK):
                return str(program)
    return None


def encode_command(
    program: str,
    *,
    descriptor: int,
    demuxer: str,
    stream: int,
    has_sound: bool,
    filters: Sequence[str],
    threads: int,
) -> list[str]:
    """Return the command that writes fragmented MP4 to its output: H.264 and AAC, no metadata, a key frame every 2 s.

    It reads the open file `descriptor` and can open nothing else. FFmpeg turns pictures upright before `filters`.
    """
    sound = (
        ["-map", "0:a:0?", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"]
        if has_sound
        else ["-an"]
    )
    return [
        *(program, "-nostdin", "-hide_banner", "-nostats", "-v", "error", "-threads", str(threads)),
        *("-protocol_whitelist", "file,pipe", "-f", demuxer, "-i", f"file:/dev/fd/{descriptor}"),
        *("-map", f"0:{stream}", *sound, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-vf", ",".join([*filters, _TAGGED, "setsar=1", "format=yuv420p"]), "-fpsmax", "60"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-maxrate", "5M", "-bufsize", "10M"),
        *("-profile:v", "high", "-pix_fmt", "yuv420p", "-threads", str(threads)),
        *("-force_key_frames", "expr:gte(t,n_forced*2)"),
        *("-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"),
    ]
