"""A client that uploads as published clients do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.instance import Account, Instance


@dataclass
class Sender:
    """One account's client. `headers` replace its Bearer token."""

    instance: Instance
    account: Account
    headers: Mapping[str, str] | None = None

    def client(self) -> httpx.Client:
        return self.instance.client(self.account.bearer if self.headers is None else self.headers)

    def chunk(
        self,
        content: bytes,
        *,
        start: int = 0,
        upload_id: str | None = "",
        span: str | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        data = dict(fields or {})
        if upload_id is not None:
            data["upload_id"] = upload_id
        # As the web client does: the total is that of the chunk.
        told = span if span is not None else f"bytes {start}-{start + len(content) - 1}/{len(content)}"
        with self.client() as client:
            return client.post(
                "/api/upload/",
                data=data,
                files={"file": ("blob", content)},
                headers={"Content-Range": told} if told else {},
            )

    def chunks(self, content: bytes, size: int) -> str:
        """Send all of it in chunks and return the upload's id."""
        upload_id = ""
        for start in range(0, max(len(content), 1), size):
            answer = self.chunk(content[start : start + size], start=start, upload_id=upload_id)
            assert answer.status_code == 200, answer.text
            upload_id = answer.json()["upload_id"]
        return upload_id

    def complete(
        self, upload_id: str, content: bytes, name: str, *, md5: str | None = None, **fields: str
    ) -> httpx.Response:
        told = hashlib.md5(content, usedforsecurity=False).hexdigest() if md5 is None else md5
        with self.client() as client:
            return client.post(
                "/api/upload/complete/",
                data={"upload_id": upload_id, "md5": told, "filename": name, "user": "1", **fields},
            )

    def upload(self, content: bytes, name: str, *, size: int = 1_000_000, **fields: str) -> httpx.Response:
        return self.complete(self.chunks(content, size), content, name, **fields)

    def exists(self, content: bytes) -> bool:
        with self.client() as client:
            answer: dict[str, Any] = client.get(f"/api/exists/{self.hash_of(content)}").json()
        return bool(answer["exists"])

    def hash_of(self, content: bytes) -> str:
        return f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}{self.account.user_id}"
