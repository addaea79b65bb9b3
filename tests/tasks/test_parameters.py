import pytest
from pydantic import TypeAdapter, ValidationError

from ilime_core.errors import InputError
from ilime_core.faithfulness.registry import METRICS
from tasks.spec.faithfulness import MetricName
from tasks.spec.reading import parse_specification

SPEC = "corpus: {annotations: a.json, images: i}\nmodel: {name: conse}\noutput: o\n"


def test_a_name_of_the_registry_is_kept_and_another_one_is_refused():
    names = TypeAdapter(MetricName)
    assert names.validate_python("aid") == "aid"
    with pytest.raises(ValidationError, match="'insertion_deletion', 'aid'"):
        names.validate_python("fidelty")


@pytest.mark.parametrize(
    ("change", "nearest"),
    [
        ("estimators=[banzaf]", "banzhaf"),
        ("perturbation.image_baseline=blurr", "blur"),
        ("perturbation.design=foldovr", "foldover"),
        ("segmentation.image.method=slick", "slic"),
        ("model.name=open_clipp", "open_clip"),
        ("opaque.scorer=sigmoidal", "sigmoid"),
        ("selection.methods=[smdel]", "smdl"),
        ("faithfulness.metrics=[fidelty]", "fidelity"),
    ],
)
def test_a_wrong_name_is_told_the_nearest(change, nearest):
    with pytest.raises(InputError, match=f"did you mean '{nearest}'"):
        parse_specification(SPEC, [change])


def test_the_json_schema_offers_every_name():
    assert TypeAdapter(MetricName).json_schema() == {"type": "string", "enum": list(METRICS.names)}
