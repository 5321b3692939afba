"""Import of photos from the Nextcloud, or any other WebDAV server, that an account names."""
