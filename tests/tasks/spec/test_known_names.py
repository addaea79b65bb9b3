import pytest
from pydantic import TypeAdapter, ValidationError

from ilime_core.faithfulness.registry import METRICS
from tasks.spec.faithfulness import MetricName


def test_a_name_of_the_registry_is_kept_and_another_one_is_told_the_nearest():
    names = TypeAdapter(MetricName)
    assert names.validate_python("aid") == "aid"
    with pytest.raises(ValidationError, match="called 'fidelty'; did you mean 'fidelity'"):
        names.validate_python("fidelty")


def test_the_json_schema_offers_every_name():
    assert TypeAdapter(MetricName).json_schema() == {"type": "string", "enum": list(METRICS.names)}
