def test_smoke(instance, builder, user, stranger, client, anonymous):
    photo = builder.add_photo(user)
    for path in ("/api/albums/date/list/", "/api/albums/date/list/?public=1", f"/api/albums/date/{photo.day_id}", "/api/photos/",
        f"/api/photos/{photo.uuid}/", f"/api/photos/{photo.image_hash}/summary", f"/api/photos/{photo.uuid}/albums/",
        f"/media/thumbnails_big/{photo.image_hash}", f"/media/photos/{photo.image_hash}.jpg"):
        answer = client.get(path)
        print(path, answer.status_code, answer.text[:1600], dict(answer.headers))
        assert answer.status_code == 200, instance.log()
        print(anonymous.get(path).status_code)
