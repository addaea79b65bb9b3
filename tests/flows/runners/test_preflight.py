"""What is wrong with workers is said before they get work, in one line that names one and the way out."""

from dataclasses import dataclass, field, replace

import pytest

from flows.runners.choice import opened_cluster
from flows.runners.cluster import WorkerPlace
from flows.runners.preflight import check_workers
from ilime_core.errors import InputError
from tasks.spec import ExplainParameters, RunnerParameters


@dataclass
class Answering:
    """A cluster of two workers that answer as they are told to; the first one as the driver would."""

    second: object = None
    resources: dict = field(default_factory=dict)
    n_workers: int = 2
    start_worker = "dask worker tcp://head:8786"

    def places(self, timeout_s):
        return [WorkerPlace(f"w{number}", self.resources) for number in range(self.n_workers)]

    def ask(self, question, argument, timeout_s):
        self.asked = argument
        good = question(argument)
        if self.second is None:
            return {"w0": good, "w1": good}
        if self.second == "silent":
            return {"w0": good}
        other = self.second if isinstance(self.second, BaseException) else replace(good, **self.second)
        return {"w0": good, "w1": other}


def parameters(output, resource=""):
    return ExplainParameters.model_validate(
        {
            "corpus": {"annotations": "a.json", "images": "images"},
            "model": {"name": "plugin", "factory": "planted_plugin:make"},
            "output": str(output),
            "runner": {"name": "dask", "device_resource": resource},
        }
    )


def test_good_workers_pass_and_no_probe_is_left(tmp_path):
    cluster = Answering()
    assert check_workers(cluster, parameters(tmp_path)) == 2
    assert cluster.asked.probe.startswith("_runs/.probe-")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ("silent", r"w1 does not answer.*`dask worker tcp://head:8786`"),
        ({"ilime": "0.0.9"}, r"w1 has ilime 0.0.9, the driver .*`pip install ilime=="),
        ({"tables": "0.1"}, r"w1 has table schema 0.1, .*`pip install ilime=="),
        ({"numerics": (("score", 99),)}, r"w1 has numbers of stages score=99, the driver embed=1 .*pip"),
        ({"python": "3.9"}, r"w1 runs Python 3.9: start it with 3"),
        (
            {"plugins": ("other",)},
            r"w1 does not allow the plugin planted_plugin: `export ILIME_PLUGINS=other,pl",
        ),
        ({"unreachable": "no such file"}, r"w1 cannot read .*no such file.*s3://"),
        (
            ModuleNotFoundError("No module named 'tasks'"),
            r"w1 cannot run ilime .*No module named 'tasks'.*pip",
        ),
    ],
)
def test_a_worker_that_differs_is_named_with_what_helps(tmp_path, second, says):
    with pytest.raises(InputError, match=says) as error:
        check_workers(Answering(second), parameters(tmp_path))
    assert "\n" not in str(error.value)


def test_no_worker_and_no_resource_are_named_with_the_command(tmp_path):
    with pytest.raises(InputError, match=r"no worker came within 3 s: start one with `dask worker tcp"):
        check_workers(Answering(n_workers=0), parameters(tmp_path), timeout_s=3)
    with pytest.raises(InputError, match=r"none of 2 workers .*declares the resource GPU"):
        check_workers(Answering(), parameters(tmp_path, "GPU"))
    assert check_workers(Answering(resources={"GPU": 1}), parameters(tmp_path, "GPU")) == 2


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_without_a_prefect_server_nothing_is_started(monkeypatch, name):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with (
        pytest.raises(InputError, match=rf"runner {name} .*`prefect server start`.*PREFECT_API_URL="),
        opened_cluster(RunnerParameters(name=name)),
    ):
        pass


@pytest.mark.parametrize("name", ["inline", "threads"])
def test_other_runners_have_no_cluster(name):
    with opened_cluster(RunnerParameters(name=name)) as cluster:
        assert cluster is None


@pytest.mark.slow
def test_a_scheduler_without_workers_then_with_one_of_other_numbers(tmp_path, monkeypatch, prefect_server):
    """A real scheduler at an address, and a real worker whose code is not the driver's."""
    from distributed import LocalCluster

    monkeypatch.setenv("ILIME_PLUGINS", "planted_plugin")
    spec = parameters(tmp_path)
    with LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None) as local:
        runner = RunnerParameters(name="dask", address=local.scheduler_address)
        with opened_cluster(runner) as cluster:
            with pytest.raises(InputError, match=rf"no worker came.*`dask worker {local.scheduler_address} "):
                check_workers(cluster, spec, timeout_s=1)
            local.scale(1)
            assert check_workers(cluster, spec) == 1
            assert cluster.ask(raise_a_number, 99, 30)
            with pytest.raises(InputError, match=r"worker tcp://.* has numbers of stages .*score=99"):
                check_workers(cluster, spec)
            assert cluster.call(len, "four") == 4
        needs = runner.model_copy(update={"device_resource": "GPU"})
        with (
            opened_cluster(needs) as cluster,
            pytest.raises(InputError, match=r'--resources "GPU=1"`'),
        ):
            check_workers(cluster, spec.model_copy(update={"runner": needs}))


def raise_a_number(number):
    from ilime_core.numerics import NUMERICS

    NUMERICS["score"] = number


@pytest.mark.parametrize(
    ("name", "address", "says"),
    [
        ("dask", "tcp://127.0.0.1:9", r"no Dask scheduler answers at tcp://127.0.0.1:9 .*`dask scheduler`"),
        ("ray", "127.0.0.1:9", r"no Ray cluster answers at 127.0.0.1:9 .*refused.*`ray start --head`"),
    ],
)
def test_an_address_where_nothing_answers(monkeypatch, name, address, says):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setattr("flows.runners.dask_cluster.CONNECT_S", 1)
    with (
        pytest.raises(InputError, match=says),
        opened_cluster(RunnerParameters(name=name, address=address)),
    ):
        pass
