"""Failed items are named at the end of a run, whatever their names hold."""

from flows.console.failure_lines import failure_lines


def rows(n, uri="a.jpg", message="a.jpg: no picture"):
    return [{"uri": uri, "reason": "undecodable", "message": message}] * n


def test_each_item_is_named_with_its_reason_and_the_table_with_all():
    assert failure_lines([], "t") == []
    assert failure_lines(rows(1), "t/failures") == [
        "failed: a.jpg: undecodable (no picture); table failures: t/failures"
    ]
    assert failure_lines(rows(5), "t")[0] == "failed: a.jpg: undecodable (no picture)"
    assert len(failure_lines(rows(5), "t")) == 5
    assert failure_lines(rows(1207), "t")[5:] == ["failed: 1,202 more; table failures names all: t"]


def test_no_name_steers_the_terminal():
    [line] = failure_lines(rows(1, "a\x1b[2J\n.jpg", "it\x07 is\nlost"), "t")
    assert line == "failed: a\ufffd[2J\ufffd.jpg: undecodable (it\ufffd is lost); table failures: t"
