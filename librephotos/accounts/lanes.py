"""Argon2 with fewer threads than lanes: the same bytes, from as many cores as one likes."""

from argon2 import Parameters
from argon2.exceptions import HashingError
from argon2.low_level import core, error_to_str, ffi, hash_secret_raw

# Both of argon2.h: ARGON2_OK, and ARGON2_DEFAULT_FLAGS.
_OK = 0
_NO_FLAGS = 0


def derive(secret: bytes, salt: bytes, parameters: Parameters, threads: int | None) -> bytes:
    """Return the hash (RFC 9106). `threads` work off the lanes, one a lane for None. Raises HashingError."""
    p = parameters
    if threads is None:
        return hash_secret_raw(
            secret, salt, p.time_cost, p.memory_cost, p.parallelism, p.hash_len, p.type, p.version
        )
    out = ffi.new("uint8_t[]", p.hash_len)
    # Named, since a pointer in a struct keeps nothing alive.
    kept_secret, kept_salt = ffi.new("uint8_t[]", secret), ffi.new("uint8_t[]", salt)
    context = ffi.new(
        "argon2_context *",
        {
            "out": out,
            "outlen": p.hash_len,
            "version": p.version,
            "pwd": kept_secret,
            "pwdlen": len(secret),
            "salt": kept_salt,
            "saltlen": len(salt),
            "secret": ffi.NULL,
            "secretlen": 0,
            "ad": ffi.NULL,
            "adlen": 0,
            "t_cost": p.time_cost,
            "m_cost": p.memory_cost,
            "lanes": p.parallelism,
            "threads": min(threads, p.parallelism),
            "allocate_cbk": ffi.NULL,
            "free_cbk": ffi.NULL,
            "flags": _NO_FLAGS,
        },
    )
    status = core(context, p.type.value)
    if status != _OK:
        raise HashingError(error_to_str(status))
    return bytes(ffi.buffer(out))
