def test_a_user_signs_in(instance):
    account = instance.add_user(password="mypassword")
    with instance.client() as client:
        answer = client.post(
            "/api/auth/token/obtain/", json={"username": account.username, "password": "mypassword"}
        )
        assert answer.status_code == 200
        assert client.post("/api/auth/token/refresh/", json={"refresh": account.refresh}).status_code == 200
