"""Words of a caption, and how new ones are put in their place."""

from ilime_core.edits.caption import EditableCaption, like_written, same_words


def test_words_have_classes_and_a_plain_form():
    caption = EditableCaption.of("A RED dog isn\u2019t here", frozenset({"cat"}))
    assert caption.classes == ("function", "colour", "content", "negation", caption.classes[4])
    assert [caption.word(1), caption.normal(1), caption.normal(3)] == ["RED", "red", "isn't"]
    assert caption.beside >= {"a", "red", "dog", "cat"}


def test_an_empty_word_takes_one_space_along():
    caption = EditableCaption.of("no dog is, not here")
    assert caption.with_words({0: ""}) == "dog is, not here"
    assert caption.with_words({3: ""}) == "no dog is, here"
    assert caption.with_words({0: "some", 4: "there"}) == "some dog is, not there"
    assert caption.with_words({}) == caption.text


def test_a_word_takes_the_capital_of_its_place():
    assert like_written("blue", "Red") == "Blue"
    assert like_written("Red", "blue") == "red"
    assert like_written("TV", "dog") == "TV"
    assert like_written("", "dog") == ""


def test_texts_of_the_same_words_are_the_same_whatever_their_case():
    assert same_words("A dog.", "a DOG")
    assert not same_words("a dog", "dog a")
