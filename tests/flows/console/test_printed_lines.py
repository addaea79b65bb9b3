from flows.console.printed_lines import print_lines

LINE = "  espresso  +0.0666  segment 16, upper centre, 2% of the view, box 132 x 59"


def test_programs_get_whole_lines(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    print_lines([LINE, "", "short"])
    assert capsys.readouterr().out == f"{LINE}\n\nshort\n"


def test_people_get_whole_words(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_lines([LINE, "short", "/a/path/that/is/longer/than/the/line/is-wide"])
    shown = capsys.readouterr().out.splitlines()
    assert shown[:3] == [
        "  espresso  +0.0666  segment",
        "      16, upper centre, 2% of",
        "      the view, box 132 x 59",
    ]
    assert shown[3:] == ["short", "/a/path/that/is/longer/than/the/line/is-wide"]
