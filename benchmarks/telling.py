"""Whether the time of an answer tells if an account exists: of a forgotten password, of a mailed link, of a sign-in.

`python benchmarks/telling.py [asks]` starts a server with a mail server beside it and asks it in turns, in an order of
chance, for accounts that exist and for some that do not. Printed for each question: the ratio of the two medians, and
how often an answer for an existing account took longer than one for a missing one, as a share of all pairs, beside
three standard deviations of what chance alone gives. One half says that time tells nothing; that holds on a busy
machine too.
"""

import base64
import math
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from librephotos.accounts.mail_settings import change_mail_settings
from tests.instance import Instance
from tests.site.test_email import MailServer

ASKS = 400
PEOPLE = 20
RESET = "/api/auth/password/reset/"


def pairs(existing, missing):
    """Return the share of pairs in which the first is longer, and three standard deviations of it by chance alone."""
    order = sorted([(each, 1) for each in existing] + [(each, 0) for each in missing])
    ranks = sum(place for place, (_, is_first) in enumerate(order, 1) if is_first)
    n, m = len(existing), len(missing)
    return (ranks - n * (n + 1) / 2) / (n * m), 3 * math.sqrt((n + m + 1) / (12 * n * m))


def measure(client, asks, ask):
    """Ask `ask(number, exists)` for the path and body of each question; return the seconds of both kinds."""
    order = [True, False] * asks
    random.Random(3).shuffle(order)
    spent = {True: [], False: []}
    for number, exists in enumerate(order):
        path, body = ask(number, exists)
        started = time.perf_counter()
        client.post(path, json=body)
        spent[exists].append(time.perf_counter() - started)
    return spent[True], spent[False]


def questions(ids):
    def address(number, exists):
        name = f"person-{number % PEOPLE}" if exists else f"nobody-{number % PEOPLE}"
        return RESET, {"email": f"{name}@example.org"}

    def link(number, exists):
        uid = ids[number % PEOPLE] if exists else 10_000 + number
        text = base64.urlsafe_b64encode(str(uid).encode()).decode().rstrip("=")
        body = {"uid": text, "token": "x" * 43, "new_password": "never to be stored 17"}
        return "/api/auth/password/reset/confirm/", body

    def sign_in(number, exists):
        name = f"person-{number % PEOPLE}" if exists else f"nobody-{number % PEOPLE}"
        return "/api/auth/token/obtain/", {"username": name, "password": f"wrong {number}"}

    return {"a link that is wrong": (link, 1), "asking for a link": (address, 1), "signing in": (sign_in, 8)}


def main(asks=ASKS):
    with tempfile.TemporaryDirectory() as folder, MailServer() as post:
        threading.Thread(target=post.serve_forever, daemon=True).start()
        data = Path(folder) / "data"
        environment = {
            "LIBREPHOTOS_NETWORK_FAILURES": "1000000",
            "LIBREPHOTOS_PASSWORD_RESET_THROTTLE_RATE": "1000000/hour",
            "LIBREPHOTOS_PUBLIC_URL": "https://photos.example.org",
        }
        instance = Instance(
            data,
            Path(folder) / "library",
            f"sqlite:///{data / 'librephotos.sqlite'}",
            environment,
            whole=True,
        )
        instance.start()
        try:
            people = [
                instance.add_user(f"person-{number}", "a password", email=f"person-{number}@example.org")
                for number in range(PEOPLE)
            ]
            settings = {"provider": "own", "host": "127.0.0.1", "port": post.port, "use_tls": False}
            instance.db.commit(change_mail_settings, {**settings, "from_email": "photos@example.org"})
            with instance.client() as client:
                # Everybody has a link that works, so that a wrong one is compared with it.
                for number in range(PEOPLE):
                    client.post(RESET, json={"email": f"person-{number}@example.org"})
                for name, (ask, cost) in questions([each.user_id for each in people]).items():
                    existing, missing = measure(client, max(20, asks // cost), ask)
                    share, error = pairs(existing, missing)
                    ratio = statistics.median(existing) / statistics.median(missing)
                    print(
                        f"{name}: {ratio:.3f} times as long, longer in {share:.3f} of pairs (0.5 ± {error:.3f})"
                    )
        finally:
            instance.stop()


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
