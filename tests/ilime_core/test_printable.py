from ilime_core.printable import printable


def test_control_characters_and_line_breaks_are_replaced():
    assert printable("a \x1b[31mcat\n\u202e!") == "a \ufffd[31mcat\ufffd\ufffd!"
    assert printable("un café, 猫") == "un café, 猫"
