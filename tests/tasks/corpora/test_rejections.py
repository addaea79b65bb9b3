from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.rejections import Rejection, Rejections, rejected_line


def test_a_guard_keeps_the_reason_of_an_item_and_calls_other_refusals_malformed():
    rejections = Rejections("a.json")
    with rejections.guard():
        raise ItemError(FailureReason.EMPTY, "a.json[3]: no characters")
    with rejections.guard("b.jpg"):
        raise InputError("a.json[4]: got null")
    with rejections.guard():
        pass
    assert rejections.found == (
        Rejection(FailureReason.EMPTY, "a.json[3]: no characters", "a.json"),
        Rejection(FailureReason.MALFORMED, "a.json[4]: got null", "b.jpg"),
    )


def test_messages_and_uris_are_one_short_printable_line():
    rejections = Rejections("a\nb.json")
    rejections.add(FailureReason.MALFORMED, "got 'x\ud83d\x1b[31m\u202e'\n" + "y" * 1000)
    [found] = rejections.found
    assert found.uri == "a\\nb.json"
    assert found.message.startswith("got 'x\\ud83d\\x1b[31m\\u202e'\\nyyy")
    assert len(found.message) == 400
    assert (found.message + found.uri).isprintable()


def test_a_line_counts_reasons_and_names_the_first_three():
    empty = Rejection(FailureReason.EMPTY, "a[0]: null", "a")
    twice = Rejection(FailureReason.DUPLICATE, "a[1]: again", "a")
    assert rejected_line([]) == ""
    assert (
        rejected_line([twice]) == "1 entry of the corpus cannot be used: 1 duplicate; the first: a[1]: again"
    )
    assert rejected_line([empty, twice, empty, twice, empty]) == (
        "5 entries of the corpus cannot be used: 3 empty, 2 duplicate; "
        "the first: a[0]: null; a[1]: again; a[0]: null"
    )
