from dataclasses import replace

from tasks.report.overview import Aggregate, DirectionRecall, MetricValue, read_overview
from tasks.report.retrieval_words import direction_sentence, interval, level_sentence

METRICS = {
    "map_at_r": MetricValue(0.4, 0.3, 0.5),
    "auroc": MetricValue(0.75, None, None),
    "threshold": MetricValue(0.271, 0.25, 0.3),
    "balanced_accuracy": MetricValue(0.7, 0.6, 0.8),
    "hubness": MetricValue(1.234, -0.5, 2.0),
    "modality_gap": MetricValue(0.8, 0.7, 0.9),
    "modality_gap_share": MetricValue(0.62, 0.5, 0.7),
    "random_score_mean": MetricValue(0.1, 0.09, 0.11),
    "random_score_p95": MetricValue(0.2, 0.19, 0.21),
}


def recall(metrics):
    return DirectionRecall("left_to_right", "caption asks", None, None, None, None, 3, 4, metrics)


def test_a_direction_is_told_with_its_intervals():
    assert direction_sentence(recall(METRICS)) == (
        "mAP@R 0.400 (0.300 to 0.500); AUROC of matches against the hardest wrong candidates 0.750; "
        "best threshold 0.271 (0.250 to 0.300), balanced accuracy 70.0%; hubness 1.23 (-0.50 to 2.00)"
    )


def test_what_is_not_known_is_left_out():
    assert direction_sentence(recall({"auroc": MetricValue(None), "hubness": METRICS["hubness"]})) == (
        "hubness 1.23 (-0.50 to 2.00)"
    )
    assert direction_sentence(recall({})) == ""


def test_levels_are_told_beside_one_another(pictured):
    empty = Aggregate("banzhaf", "all", "f_empty", 0.05, None, None, None, 2)
    overview = replace(read_overview(pictured.run), recalls=(recall(METRICS),), aggregates=(empty,))
    assert level_sentence(overview) == (
        "gap between mean image and mean caption 0.800 (0.700 to 0.900), 62% of the spread of embeddings; "
        "random pairs score 0.100, 95% of them below 0.200; empty pairs score 0.050"
    )
    assert level_sentence(replace(overview, aggregates=())).endswith("below 0.200")
    assert level_sentence(replace(overview, recalls=())) == ""


def test_an_interval_is_in_brackets_or_absent():
    assert interval(MetricValue(0.5, 0.25, 0.75), 1, percent=True) == "(25.0 to 75.0)"
    assert interval(MetricValue(3.0, 1.0, 4.0), 0) == "(1 to 4)"
    assert interval(MetricValue(3.0)) == interval(None) == ""
