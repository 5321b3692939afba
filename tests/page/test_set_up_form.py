"""The form for the first account leaves passwords to people and their password managers."""

from html.parser import HTMLParser

from tests.conftest import NewInstance


class Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.scripted: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "input":
            self.found[of.get("name") or ""] = of
        self.scripted += [name for name in of if name.startswith("on")]


def test_the_password_is_hidden_and_may_be_pasted_or_come_from_a_manager(new_instance: NewInstance):
    one = new_instance()
    inputs = Inputs()
    with one.client() as client:
        inputs.feed(client.get("/", headers={"Accept": "text/html"}).text)
        script = client.get("/setup.js").text
    password, username = inputs.found["password"], inputs.found["username"]
    assert (password["type"], password["autocomplete"], password["maxlength"]) == (
        "password",
        "new-password",
        "128",
    )
    assert username["autocomplete"] == "username"
    assert not {"readonly", "disabled", "pattern"} & set(password)
    # Whoever wants to stop pasting or typing needs an event of it.
    assert inputs.scripted == []
    assert "addEventListener" in script
    assert not any(word in script for word in ("paste", "keydown", "keypress", "beforeinput", "contextmenu"))
