"""Labels of regions are one short line in lower case."""

from tasks.corpora.regions.region_label import region_label


def test_a_label_is_one_line_of_lower_case_and_bounded():
    assert region_label("Traffic \n Light") == "traffic light"
    assert region_label("x" * 500) == "x" * 80
    assert region_label(" \n") is None
