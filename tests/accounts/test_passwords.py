"""Password texts as they are stored."""

from librephotos.accounts.passwords import decoy_hash, hash_password, needs_rehash, verify_password


def test_a_decoy_is_tried_in_earnest_and_never_verifies():
    decoy, real = decoy_hash(), hash_password("mypassword")
    # The same variant, cost, and lengths of salt and digest: trying it takes as long.
    assert decoy.split("$")[:4] == real.split("$")[:4]
    assert [len(part) for part in decoy.split("$")] == [len(part) for part in real.split("$")]
    assert not needs_rehash(decoy)
    assert not verify_password("mypassword", decoy)
    assert decoy_hash() != decoy
