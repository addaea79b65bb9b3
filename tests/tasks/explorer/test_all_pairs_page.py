import numpy as np

from tasks.explorer.all_pairs_page import distributions_picture


class Answers:
    """A database of three bins, with a gap between the second and the third."""

    def query(self, sql):
        assert "slice = 'all'" in sql
        return self

    def read_all(self):
        return self

    @property
    def num_rows(self):
        return 3

    def to_pylist(self):
        common = {"measure": "norm", "relation": "positive"}
        return [common | {"low": low, "high": 2 * low, "n": n} for low, n in ((1.0, 5), (2.0, 1), (8.0, 2))]


def test_bins_without_a_pair_are_drawn_as_empty(monkeypatch):
    drawn = {}
    monkeypatch.setattr("tasks.explorer.all_pairs_page.distributions_figure", drawn.update)
    monkeypatch.setattr("tasks.explorer.all_pairs_page.webp_bytes", lambda _: b"picture")
    assert distributions_picture(Answers()) == b"picture"
    [[one], *rest] = drawn.values()
    assert rest == [[], []]
    assert one.edges.tolist() == [1.0, 2.0, 4.0, 8.0, 16.0]
    np.testing.assert_array_equal(one.n, [5, 1, 0, 2])
