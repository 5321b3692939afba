"""An answer without a body says nothing of a type."""

from tests.instance import Account, Instance


def test_empty_refusals_have_no_content_type(instance: Instance, user: Account, admin: Account) -> None:
    staff = instance.add_user(is_staff=True)
    nobody = "00000000-0000-4000-8000-000000000000"
    for method, path, account, status in (
        ("GET", f"/api/photos/{nobody}/summary/", user, 404),
        ("GET", f"/api/photos/{nobody}/albums/", user, 404),
        ("DELETE", f"/api/delete/user/{admin.user_id}/", admin, 400),
        ("DELETE", f"/api/delete/user/{user.user_id}/", staff, 401),
        ("GET", f"/media/photos/{nobody}", user, 404),
    ):
        with instance.client(account.bearer) as client:
            answer = client.request(method, path)
        assert (answer.status_code, answer.content) == (status, b""), path
        assert "content-type" not in answer.headers, path
        assert answer.headers["content-length"] == "0"
        assert answer.headers["x-content-type-options"] == "nosniff"
