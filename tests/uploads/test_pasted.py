"""The upload in docs/api.md runs as it is pasted."""

import re
import subprocess
from pathlib import Path

from tests.instance import REPOSITORY
from tests.library.scanning import Library
from tests.uploads.conftest import Draw
from tests.uploads.sending import Sender

DOCUMENT = (REPOSITORY / "docs" / "api.md").read_text()


def test_an_upload_in_chunks_runs_when_pasted(
    idle: Library, idle_sender: Sender, picture: Draw, tmp_path: Path
):
    section = DOCUMENT.partition("## Uploading\n")[2].partition("\n## ")[0]
    pasted = "\n".join(re.findall(r"^```bash\n(.*?)^```$", section, re.DOTALL | re.MULTILINE))
    assert pasted.count("curl") == 4
    # Three chunks: what follows a picture does not spoil it.
    content = picture(1) + bytes(2_100_000)
    photo = tmp_path / "a summer.jpg"
    photo.write_bytes(content)
    variables = {
        "BASE": idle.instance.base_url,
        "ACCESS": idle.owner.access,
        "USER_ID": str(idle.owner.user_id),
        "PHOTO": str(photo),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    watched = 'set -euo pipefail\ncurl() { command curl -sS --fail "$@"; }\n'
    done = subprocess.run(
        ["bash", "-c", watched + pasted],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('{"exists":false}{}{"photo_summary":')
    assert '"processing":true' in done.stdout
    assert (idle.folder / "uploads" / "web" / "a_summer.jpg").read_bytes() == content
    assert idle_sender.exists(content)
