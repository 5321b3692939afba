"""Normal forms of texts."""

from hypothesis import example, given
from hypothesis import strategies as st

from librephotos.kit.text import normalize_username


@given(st.text(max_size=20))
@example("T\u0308")
@example("J\u030c")
@example("\u1e9e")
@example("\u0130")
def test_the_normal_form_of_a_user_name_is_its_own_normal_form(text: str):
    assert normalize_username(normalize_username(text)) == normalize_username(text)


def test_a_name_is_one_however_it_was_composed():
    assert normalize_username("Rene\u0301") == normalize_username("REN\u00c9") == "ren\u00e9"
    assert normalize_username("T\u0308") == normalize_username("\u1e97")
