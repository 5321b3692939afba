"""What a client may send at most, in bytes and in time, on raw sockets."""

import json
import resource
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.instance import Instance
from tests.needs import lack

PING = b"GET /api/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
POST = (
    b"POST /api/auth/token/obtain/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\n"
)
STALLING = 50
# What others may be delayed, by what a busy machine may add.
DELAY_SECONDS = 2 * 5
# Longer than the server waits for a silent client, by what a busy machine may add.
PATIENCE_SECONDS = 40


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as one:
        yield one


def connected(instance: Instance) -> socket.socket:
    return socket.create_connection(("127.0.0.1", instance.port), timeout=PATIENCE_SECONDS)


def send(instance: Instance, data: bytes) -> tuple[int, str]:
    """Return status and body of the answer to raw bytes; the server may answer before it has read them all."""
    with connected(instance) as connection:
        with suppress(OSError):
            connection.sendall(data)
        return answer_on(connection)


def answer_on(connection: socket.socket) -> tuple[int, str]:
    received = b""
    try:
        while block := connection.recv(65536):
            received += block
    except ConnectionResetError:
        # What was sent beyond the answer was not read; the answer came before.
        pass
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def message_of(body: str) -> str:
    [error] = json.loads(body)["errors"]
    assert error["field"] == "detail"
    return str(error["message"])


def header(size: int) -> bytes:
    return b"X-Long: " + b"a" * size + b"\r\n\r\n"


def test_headers_up_to_64_kib_are_read(instance: Instance):
    assert send(instance, PING + header(60 * 1024))[0] == 200


@pytest.mark.parametrize("size", [65 * 1024, 90 * 1024, 1024 * 1024])
def test_larger_headers_are_refused_with_431(instance: Instance, size: int):
    assert send(instance, PING + header(size))[0] == 431


def test_many_small_headers_are_counted_together(instance: Instance):
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(80))
    status, body = send(instance, PING + lines + b"\r\n")
    assert status == 431
    assert message_of(body) == "The request headers are too large."


def test_an_endless_address_is_refused(instance: Instance):
    assert send(instance, b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")[0] == 414


def test_a_body_announced_too_large_is_refused_before_it_is_sent(instance: Instance):
    status, body = send(instance, POST + b"Content-Length: 999999999\r\n\r\n{")
    assert status == 413
    assert message_of(body) == "The request body is too large."


def test_a_body_without_length_is_refused_where_it_becomes_too_large(instance: Instance):
    block = b"a" * 65536
    chunks = (b"%x\r\n%s\r\n" % (len(block), block)) * 520
    status, body = send(instance, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert status == 413
    assert message_of(body) == "The request body is too large."


def test_a_chunked_body_of_fair_size_is_read(instance: Instance):
    chunked = b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    status, body = send(instance, POST + chunked)
    assert status == 400
    assert "This field is required." in body


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"-1\r\n{}\r\n", b"2\r\n{}X"])
def test_chunks_that_cannot_be_read_are_the_clients_mistake(instance: Instance, chunks: bytes):
    status, body = send(instance, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert status == 400
    assert not body or message_of(body) == "The request body ended early."


def test_a_client_that_leaves_in_the_middle_of_a_body_costs_nothing(instance: Instance):
    with connected(instance) as connection:
        connection.sendall(POST + b"Content-Length: 100\r\n\r\n{")
        connection.shutdown(socket.SHUT_WR)
    assert send(instance, PING + b"\r\n")[0] == 200
    assert "request failed" not in instance.log()


@pytest.mark.parametrize(
    "half",
    [b"", POST[:40], POST + b"Content-Length: 100\r\n\r\n{"],
    ids=["nothing", "half a head", "half a body"],
)
def test_clients_that_stall_do_not_keep_others_waiting(instance: Instance, stack: ExitStack, half: bytes):
    for _ in range(STALLING):
        stack.enter_context(connected(instance)).sendall(half)
    started = time.monotonic()
    for _ in range(5):
        assert send(instance, PING + b"\r\n")[0] == 200
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("count", [600, 2000])
@pytest.mark.parametrize(
    "half", [POST[:40], POST + b"Content-Length: 100\r\n\r\n{"], ids=["half heads", "half bodies"]
)
def test_nor_do_thousands_of_them(instance: Instance, stack: ExitStack, half: bytes, count: int):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 500:
        lack(f"{count} connections need more descriptors than {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 500), hard))
    stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
    stalling = [stack.enter_context(connected(instance)) for _ in range(count)]
    for connection in stalling:
        connection.sendall(half)
    started = time.monotonic()
    assert send(instance, PING + b"\r\n")[0] == 200
    assert time.monotonic() - started < DELAY_SECONDS
    poll = select.poll()
    for connection in stalling:
        poll.register(connection, select.POLLIN)
    # The answer did not wait until these were cut off.
    assert poll.poll(0) == []


def test_large_bodies_have_a_bounded_room_and_small_ones_always_fit(instance: Instance):
    size = 31 * 1024 * 1024
    # One byte of each is kept back.
    large = POST + b"Content-Length: %d\r\n\r\n" % (size + 1) + b" " * size
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(connected(instance)).sendall(large)
        status, body = send(instance, large)
        assert status == 503
        assert message_of(body) == "The server is busy. Try again in a moment."
        assert send(instance, POST + b"Content-Length: 2\r\n\r\n{}")[0] == 400
    deadline = time.monotonic() + PATIENCE_SECONDS
    while send(instance, large + b" ")[0] == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    # Read as a whole, and no JSON.
    assert send(instance, large + b" ")[0] == 400


def test_a_body_that_never_comes_is_ended(instance: Instance):
    started = time.monotonic()
    status, body = send(instance, POST + b"Content-Length: 100\r\n\r\n{")
    assert status == 408
    assert message_of(body) == "The request body did not arrive in time."
    assert time.monotonic() - started < PATIENCE_SECONDS


def test_a_head_that_never_ends_is_cut_off(instance: Instance):
    with connected(instance) as connection:
        connection.sendall(POST[:40])
        assert connection.recv(4096) == b""
