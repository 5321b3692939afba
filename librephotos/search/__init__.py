"""Finding photos by what is known of them: the language of searches, the texts that are searched, the answers."""
