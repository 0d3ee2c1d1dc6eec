"""Messages for a user name what is meant."""

from core.errors import nearest_names


def test_without_a_near_name_all_are_listed() -> None:
    assert nearest_names("zzz", ["b", "a"]) == "the valid names are 'a', 'b'"
