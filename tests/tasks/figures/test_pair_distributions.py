import numpy as np

from tasks.figures.pair_distributions import Distribution, distributions_figure


def test_lines_are_shares_of_their_own_pairs():
    edges = np.array([0.1, 0.2, 0.4])
    figure = distributions_figure(
        {
            "norm": [
                Distribution("other", edges, np.array([30.0, 10.0])),
                Distribution("positive", edges, np.array([0.0, 2.0])),
            ],
            "share": [Distribution("other", edges, np.array([1.0, 0.0]))],
        }
    )
    norm, share = figure.axes
    assert [list(one.get_data().values) for one in norm.patches] == [[75, 25], [0, 100]]
    assert [text.get_text() for text in norm.get_legend().get_texts()] == [
        "all other pairs (40)",
        "matches (2)",
    ]
    assert norm.get_xscale() == "log"
    assert norm.get_title() == "norm"
    assert list(share.patches[0].get_data().edges) == list(edges)
