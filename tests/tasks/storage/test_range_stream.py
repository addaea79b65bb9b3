"""A stream of ranges reads what a file in memory reads."""

import io

import pytest

from tasks.storage.range_stream import RangeStream

DATA = bytes(range(100))


@pytest.fixture
def opened():
    asked = []

    def fetch(start, end):
        asked.append((start, end))
        return DATA[start:end]

    return RangeStream(len(DATA), fetch), asked


def test_reads_and_seeks_are_those_of_a_file(opened):
    stream, asked = opened
    file = io.BytesIO(DATA)
    for offset, whence, size in [(0, 0, 10), (5, 1, 3), (-7, 2, 20), (98, 0, 1), (3, 0, 0), (200, 0, 4)]:
        assert stream.seek(offset, whence) == file.seek(offset, whence)
        assert stream.read(size) == file.read(size)
        assert stream.tell() == file.tell()
    assert asked == [(0, 10), (15, 18), (93, 100), (98, 99)]


def test_the_rest_is_one_call(opened):
    stream, asked = opened
    stream.seek(7)
    assert stream.read() == DATA[7:]
    assert stream.read() == b""
    assert asked == [(7, 100)]
