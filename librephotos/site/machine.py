"""What machine the server runs on, read from the kernel; where it does not tell, the answer is shorter."""

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from librephotos.settings import Settings
from librephotos.site.schemas import Storage

CPU_INFO: Final = Path("/proc/cpuinfo")
MEMORY_INFO: Final = Path("/proc/meminfo")
MIB: Final = 1024**2


def to_mib(size_bytes: int) -> int:
    return size_bytes // MIB


def measure_storage(settings: Settings) -> Storage:
    """Ask the first library root that is there, else the data folder."""
    folder = next((root for root in settings.roots if root.is_dir()), Path(settings.data))
    usage = shutil.disk_usage(folder)
    return Storage(usage.total, usage.used, usage.free)


def describe_cpu() -> dict[str, Any]:
    """Return a free-form object by the published names; `brand_raw` only where the kernel tells it."""
    known: dict[str, Any] = {
        "arch": platform.machine(),
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "count": os.cpu_count() or 1,
        "python_version": platform.python_version(),
    }
    fields = _fields(CPU_INFO)
    if brand := fields.get("model name") or fields.get("Model"):
        known["brand_raw"] = brand
    if megahertz := fields.get("cpu MHz"):
        known["hz_advertised_friendly"] = f"{float(megahertz) / 1000:.4f} GHz"
    return known


def available_memory_mib() -> int | None:
    """Return what programs can still have without swapping, None where the kernel does not tell."""
    words = _fields(MEMORY_INFO).get("MemAvailable", "").split()
    return int(words[0]) // 1024 if words else None


def _fields(path: Path) -> dict[str, str]:
    """Return the first value of each `name: value` of one of the kernel's files (proc_cpuinfo(5), proc_meminfo(5))."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return {}
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator:
            found.setdefault(name.strip(), value.strip())
    return found
