"""docs/account-settings.md names every setting that can be sent, and no other."""

import re

from librephotos.site.settings_form import FIELDS
from librephotos.users.inputs import ManageInput, ProfileInput
from tests.instance import REPOSITORY


def test_the_page_of_settings_tells_of_all_of_them() -> None:
    told: list[set[str]] = []
    for part in (
        (REPOSITORY / "docs" / "account-settings.md").read_text().split("| --- | --- | --- | --- |")[1:]
    ):
        rows = [line for line in part.splitlines() if line.startswith("| `")]
        assert all(row.rstrip().endswith(("| server |", "| clients |", "| later |")) for row in rows)
        told.append({name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])})
    of_account, of_admins, of_server = told
    assert of_account == set(ProfileInput.model_fields)
    assert of_account | of_admins >= set(ManageInput.model_fields)
    assert not of_account & of_admins
    assert of_server == set(FIELDS)
