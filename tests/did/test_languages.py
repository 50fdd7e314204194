"""A pair of texts is shown in the language asked for; a further language is a catalogue whose keys are the pairs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from did.languages import Catalogue, in_language, language_name, language_tag, languages
from tests.texts import AddLanguage, compiled

TIBETAN = {("出示", "show"): "སྟོན་པ།", ("中文", "English"): "བོད་ཡིག"}


def test_without_catalogues_there_are_two_languages_and_english_is_for_strangers() -> None:
    assert languages() == ("zh", "en")
    assert [in_language("出示", "show", language) for language in ("zh", "en", "fr", "")] == [
        "出示",
        "show",
        "show",
        "show",
    ]


def test_a_catalogue_adds_a_language_and_what_it_lacks_is_chinese(add_language: AddLanguage) -> None:
    add_language("bo", TIBETAN)
    assert languages() == ("zh", "en", "bo")
    assert in_language("出示", "show", "bo") == "སྟོན་པ།"
    assert in_language("出示", "present", "bo") == "出示"  # another pair: English words repeat
    assert in_language("收回", "take back", "bo") == "收回"
    assert [language_name(language) for language in languages()] == ["中文", "English", "བོད་ཡིག"]
    assert [language_tag(language) for language in languages()] == ["zh-CN", "en", "bo"]


def test_a_text_with_values_is_found_by_its_pattern() -> None:
    catalogue = Catalogue({("剩余 {0} 秒，共 {1}", "{0} s of {1} left"): "{1} / {0}"})
    assert catalogue.text("剩余 12 秒，共 300", "12 s of 300 left") == "300 / 12"
    assert catalogue.text("剩余 12 秒，共 300", "13 s of 300 left") is None  # other values are another text
    assert catalogue.text("剩余 12 秒", "12 s left") is None


def test_a_value_may_stand_twice_and_holds_no_pattern_of_its_own() -> None:
    catalogue = Catalogue({("{0}：{0}", "{0}: {0}"): "<{0}>"})
    assert catalogue.text("{1}：{1}", "{1}: {1}") == "<{1}>"
    assert catalogue.text("a：b", "a: b") is None


def test_an_entry_that_is_not_translated_yet_counts_as_missing() -> None:
    assert Catalogue({("出示", "show"): ""}).text("出示", "show") is None


@pytest.mark.parametrize("content", [b"", b"no catalogue", b"\xde\x12\x04\x95" + b"\xff" * 40])
def test_a_file_that_is_no_catalogue_adds_nothing(
    tmp_path: Path, use_folder: Callable[[Path], None], content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "bo.mo").write_bytes(content)
    (tmp_path / "zh.mo").write_bytes(compiled({("出示", "show"): "x"}))
    (tmp_path / "Not a tag.mo").write_bytes(compiled(TIBETAN))
    use_folder(tmp_path)
    assert languages() == ("zh", "en")
    assert in_language("出示", "show", "zh") == "出示"
    assert "can't be used" in caplog.text
