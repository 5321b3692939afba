"""CORS, hosts and forwarding headers."""

import httpx

OBTAIN = "/api/auth/token/obtain/"
PROTECTED = "/api/rqavailable/"
ALLOWED = "https://photos.example"
ASK = {"Access-Control-Request-Method": "GET"}


def cors(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


def test_a_preflight_of_an_allowed_origin_passes_without_credentials(new_instance):
    serving = new_instance(cors_origins=f"{ALLOWED}, https://other.example")
    account = serving.add_user(password="secret")
    with serving.client() as client:
        answer = client.options(PROTECTED, headers={"Origin": ALLOWED, **ASK})
        assert answer.status_code == 200
        assert answer.content == b""
        found = cors(answer)
        assert found["access-control-allow-origin"] == ALLOWED
        assert found["access-control-allow-credentials"] == "true"
        assert found["access-control-max-age"] == "86400"
        assert found["access-control-allow-methods"] == "DELETE, GET, OPTIONS, PATCH, POST, PUT"
        # Chunks of uploads say with `Content-Range` what they are.
        for name in (
            "authorization",
            "content-type",
            "content-range",
            "x-csrftoken",
            "withcredentials",
            "dnt",
        ):
            assert name in found["access-control-allow-headers"]
        for path in (PROTECTED, "/media/thumbnails_big/x"):
            refused = client.options(path, headers={"Origin": "https://evil.example", **ASK})
            assert refused.status_code == 200
            assert cors(refused) == {}
        normal = client.get(PROTECTED, headers={"Origin": ALLOWED, **account.bearer})
        assert normal.status_code == 200
        assert cors(normal) == {
            "access-control-allow-origin": ALLOWED,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": "x-media-error",
        }
        foreign = client.get(PROTECTED, headers={"Origin": "https://evil.example", **account.bearer})
        assert foreign.status_code == 200
        assert cors(foreign) == {}
        obtained = client.post(
            OBTAIN, json={"username": account.username, "password": "secret"}, headers={"Origin": ALLOWED}
        )
        assert obtained.headers.get_list("access-control-allow-credentials") == ["true"]


def test_no_origin_is_allowed_unless_a_setting_names_it(anonymous: httpx.Client):
    answer = anonymous.options(PROTECTED, headers={"Origin": "http://localhost:3000", **ASK})
    assert answer.status_code == 200
    assert cors(answer) == {}


def test_debug_allows_the_development_server_of_the_web_client(new_instance):
    debugging = new_instance(debug="1")
    with debugging.client() as client:
        answer = client.options(PROTECTED, headers={"Origin": "http://localhost:3000", **ASK})
        assert cors(answer)["access-control-allow-origin"] == "http://localhost:3000"


def test_other_hosts_get_a_json_400_when_hosts_are_named(new_instance):
    serving = new_instance(allowed_hosts="photos.example,127.0.0.1")
    with serving.client() as client:
        assert client.get("/api/firsttimesetup/").status_code == 200
        assert client.get("/api/firsttimesetup/", headers={"Host": "photos.example:8000"}).status_code == 200
        answer = client.get("/api/firsttimesetup/", headers={"Host": "evil.example"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "detail"


def test_https_of_a_trusted_proxy_makes_the_cookie_secure_and_a_forged_one_does_not(new_instance):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
    for trusted, expected in (("127.0.0.1", True), ("", False)):
        serving = new_instance(trusted_proxies=trusted)
        account = serving.add_user(password="secret")
        with serving.client() as client:
            answer = client.post(
                OBTAIN, json={"username": account.username, "password": "secret"}, headers=forwarded
            )
            assert ("; Secure" in answer.headers["set-cookie"]) is expected
