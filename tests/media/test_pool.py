"""A child that hangs, dies or eats memory costs one file."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from librephotos.media.errors import WorkerLost
from librephotos.media.pool import AHEAD, Pool, PoolBroken
from tests.media.misbehaving_tasks import Answer, Order

TASKS = "tests.media.misbehaving_tasks"


@pytest.fixture
def pool():
    with Pool(2, tasks=TASKS) as opened:
        yield opened


def ask(pool: Pool, deed: str, seconds: float = 30) -> str:
    return pool.call("do", Order(deed), Answer, seconds=seconds).text


def work_through(pool: Pool, orders: list[Order], seconds: float = 30) -> dict[int, str]:
    results = pool.map_unordered(
        "do",
        orders,
        Answer,
        seconds=lambda order: seconds,
        blame=lambda order, reason: Answer(order.number, reason),
    )
    return {answer.number: answer.text for answer in results}


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("die", "ended its process (signal SIGKILL)"),
        ("segfault", "ended its process (signal SIGSEGV)"),
        ("leave", "ended its process (exit status 7)"),
        ("eat", "more memory than one file may take"),
        ("raise", "failed unexpectedly (KeyError)"),
        ("hang", "took longer than 1 seconds"),
    ],
)
def test_a_mishap_blames_just_one_file(pool, deed, reason):
    orders = [Order(deed if number == 5 else "work", number) for number in range(20)]
    answers = work_through(pool, orders, seconds=1 if deed == "hang" else 30)
    assert set(answers) == set(range(20))
    assert reason in answers.pop(5)
    assert set(answers.values()) == {""}


def test_reasons_do_not_repeat_what_an_error_says(pool):
    with pytest.raises(WorkerLost) as caught:
        ask(pool, "raise")
    assert "secret" not in caught.value.reason


def test_a_hanging_task_is_killed_with_what_it_started(pool):
    with pytest.raises(WorkerLost, match="longer than"):
        ask(pool, "hang with child", seconds=1)
    time.sleep(0.2)
    sleeping = [child for child in psutil.Process().children(recursive=True) if child.name() == "sleep"]
    assert sleeping == []


def test_a_process_killed_while_idle_is_replaced_and_nothing_is_blamed():
    with Pool(1, tasks=TASKS) as pool:
        first = int(ask(pool, "pid"))
        os.kill(first, signal.SIGKILL)
        time.sleep(0.2)
        assert int(ask(pool, "pid")) != first


def test_children_are_reused(pool):
    assert len(set(work_through(pool, [Order("pid", number) for number in range(30)]).values())) <= 2


def test_a_process_that_has_done_its_part_is_replaced_and_no_file_is_lost():
    others = set(psutil.Process().children())
    with Pool(2, tasks=TASKS, most_calls=5) as pool:
        answers = work_through(pool, [Order("pid", number) for number in range(40)])
        remaining = set(psutil.Process().children()) - others
    assert set(answers) == set(range(40))
    shares = Counter(answers.values())
    assert all(pid.isdigit() for pid in shares) and len(shares) >= 8 and max(shares.values()) == 5
    assert len(remaining) <= 2


def test_a_process_whose_memory_has_grown_is_replaced_and_its_answer_counts():
    with Pool(1, tasks=TASKS, most_growth_bytes=64 * 1024**2) as pool:
        first = ask(pool, "pid")
        assert [ask(pool, "pid"), ask(pool, "keep 20"), ask(pool, "keep 20")] == [first] * 3
        assert ask(pool, "keep 80") == first
        assert ask(pool, "pid") != first


def test_failures_and_postponed_files_count_as_work_too():
    with Pool(1, tasks=TASKS, most_calls=2) as pool:
        answers = work_through(
            pool, [Order(deed, number) for number, deed in enumerate(["raise", "large sleep"] * 5)]
        )
    assert set(answers) == set(range(10))
    assert all("KeyError" in answers[number] for number in range(0, 10, 2))
    assert all(answers[number].endswith("True") for number in range(1, 10, 2))


def test_children_see_no_secret_and_have_no_rights_to_gain(pool, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("LIBREPHOTOS_DATABASE_URL", "x")
    no_new_privileges, core, ignores_interrupt, *names = ask(pool, "look").split("\n")
    assert (no_new_privileges, core, ignores_interrupt) == ("1", "0", "True")
    assert not [name for name in names if "SECRET" in name or "DATABASE" in name or "LIBREPHOTOS" in name]


def test_a_child_cannot_write_more_than_allowed(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Pool(1, tasks=TASKS, written_file_bytes=1024**2) as pool, pytest.raises(WorkerLost, match="OSError"):
        ask(pool, "write")
    assert (tmp_path / "large").stat().st_size <= 1024**2


def test_payloads_are_drawn_only_a_little_ahead(pool):
    drawn = []

    def orders():
        for number in range(6 * AHEAD):
            drawn.append(number)
            yield Order("work", number)

    results = pool.map_unordered(
        "do", orders(), Answer, seconds=lambda order: 30, blame=lambda order, reason: Answer(0)
    )
    next(results)
    assert len(drawn) <= 2 * AHEAD + 2
    results.close()


def spans(answers: dict[int, str]) -> list[tuple[float, float, str]]:
    return sorted(
        (float(begun), float(ended), alone) for begun, ended, alone in map(str.split, answers.values())
    )


def test_large_tasks_run_one_after_the_other_and_no_small_one_waits_for_them():
    with Pool(3, tasks=TASKS) as pool:
        orders = [Order("large sleep" if number % 2 else "sleep", number) for number in range(12)]
        answers = work_through(pool, orders)
    large = spans({number: text for number, text in answers.items() if number % 2})
    small = spans({number: text for number, text in answers.items() if not number % 2})
    assert len(large) == len(small) == 6
    assert all(alone == "True" for _, _, alone in large)
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(large))
    # Not one of the small ones waited for the last large one to begin.
    assert small[-1][0] < large[-1][0]


def test_a_small_task_runs_beside_a_large_one(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Pool(2, tasks=TASKS) as pool:
        answers = work_through(pool, [Order("large meet", 0), Order("meet", 1)])
    assert answers == {0: "met", 1: "met"}


def test_threads_that_share_the_pool_share_the_turn():
    with Pool(2, tasks=TASKS) as pool, ThreadPoolExecutor(3) as threads:
        orders = [[Order("large sleep", number)] for number in range(3)]
        answers: dict[int, str] = {}
        for some in threads.map(lambda order: work_through(pool, order), orders):
            answers |= some
        single = threads.submit(ask, pool, "large sleep")
        assert single.result().endswith("True")
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(spans(answers)))


def test_a_large_task_that_dies_gives_its_turn_on_and_waiting_costs_no_time_of_its_own():
    with Pool(2, tasks=TASKS) as pool:
        orders = [Order("large die" if number == 1 else "large sleep", number) for number in range(6)]
        # Six of 0.4 seconds one after the other take longer than any one may.
        answers = work_through(pool, orders, seconds=1.5)
    assert "SIGKILL" in answers.pop(1)
    assert len(spans(answers)) == 5


def test_a_pool_whose_tasks_cannot_be_imported_blames_no_file():
    with (
        Pool(1, tasks="librephotos.no_such_module") as pool,
        pytest.raises(PoolBroken, match="did not start"),
    ):
        ask(pool, "work")


def test_closing_ends_every_process():
    pool = Pool(2, tasks=TASKS)
    pids = {int(pid) for pid in work_through(pool, [Order("pid", number) for number in range(10)]).values()}
    pool.close()
    assert not any(map(psutil.pid_exists, pids))


def test_children_end_when_their_parent_is_killed():
    program = (
        "import time\n"
        "from librephotos.media.pool import Pool\n"
        "from tests.media.misbehaving_tasks import Answer, Order\n"
        f"pool = Pool(1, tasks={TASKS!r})\n"
        "print(pool.call('do', Order('pid'), Answer, seconds=30).text, flush=True)\n"
        "try: pool.call('do', Order('hang'), Answer, seconds=600)\n"
        "finally: pass\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while (
        psutil.pid_exists(child)
        and psutil.Process(child).status() != "zombie"
        and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie"
