"""``ilime doctor`` looks at the machine and tells no secret.

Proves flows.actions.doctor_engine, flows.actions.doctor_machine, flows.commands.doctor,
flows.console.findings.
"""

import http.server
import threading

import pytest

from flows.actions import doctor_engine, doctor_machine
from flows.console.findings import Level


@pytest.fixture
def health():
    """A server that answers as Prefect's does, with the status that the test sets."""

    class Handler(http.server.BaseHTTPRequestHandler):
        status = 200

        def do_GET(self):
            found = self.path == "/api/health"
            self.send_response(Handler.status if found else 404)
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api", Handler
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def test_the_whole_of_it_for_a_spec_and_its_output(call, benchmark, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    status, out, _ = call("doctor", "--spec", spec)
    assert status == 0, out
    names = [line[9:21].strip() for line in out.splitlines()]
    assert names == ["versions", "device", "memory", "engine", "proxies", "storage", "disk"]
    assert "runner inline needs no Prefect server" in out
    assert f"{tmp_path / 'tables'}: written, read, deleted" in out
    assert [path for path in (tmp_path / "tables").rglob("*") if path.is_file()] == []


def test_an_output_that_cannot_be_written_is_wrong(call, monkeypatch, tmp_path, health):
    monkeypatch.setenv("PREFECT_API_URL", health[0])
    (tmp_path / "file").write_text("")
    status, out, _ = call("doctor", "--root", tmp_path / "file" / "tables")
    assert status == 2
    assert "wrong    storage" in out


def test_a_server_by_its_url(monkeypatch, health):
    url, handler = health
    monkeypatch.setenv("PREFECT_API_URL", url)
    finding = doctor_engine.engine("threads")
    assert (finding.level, finding.text) == (Level.OK, f"the Prefect server {url} answers")
    handler.status = 401
    assert "wants the credentials" in doctor_engine.engine("threads").text
    monkeypatch.setenv("PREFECT_API_URL", url.removesuffix("/api"))
    finding = doctor_engine.engine("threads")
    assert finding.level is Level.WRONG
    assert "does the URL end in /api?" in finding.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/api", "ftp://somewhere/api", "nonsense", "http://[bad"])
def test_a_server_that_is_not_there(monkeypatch, url):
    monkeypatch.setenv("PREFECT_API_URL", url)
    assert doctor_engine.engine("threads").level is Level.WRONG


@pytest.mark.parametrize("runner", ["dask", "ray"])
def test_clusters_need_a_server_of_the_users(runner):
    finding = doctor_engine.engine(runner)
    assert finding.level is Level.WRONG
    assert "prefect server start" in finding.text


def test_no_secret_is_told(monkeypatch, call, tmp_path):
    monkeypatch.setenv("PREFECT_API_URL", "http://someone:hunter2@127.0.0.1:9/api")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@proxy.example:8080")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("PREFECT_API_KEY", "hunter2")
    status, out, err = call("doctor", "--root", tmp_path)
    assert status == 2
    assert "http://127.0.0.1:9/api does not answer" in out
    assert "HTTPS_PROXY set" in out
    assert "hunter2" not in out + err


def test_a_proxy_before_a_local_server_is_told_with_its_cure(monkeypatch):
    assert doctor_engine.proxies().text == "none set"
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:8080")
    assert doctor_engine.proxies().level is Level.OK
    monkeypatch.setenv("PREFECT_API_URL", "http://localhost:4200/api")
    finding = doctor_engine.proxies()
    assert finding.level is Level.WARNING
    assert "export NO_PROXY=127.0.0.1,localhost" in finding.text
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    assert doctor_engine.proxies().level is Level.OK


def test_little_room_is_a_warning(monkeypatch, tmp_path):
    assert (
        f"output {doctor_machine.shutil.disk_usage(tmp_path).free / 2**30:.1f}"[:9]
        in doctor_machine.disk(str(tmp_path / "not" / "there" / "yet")).text
    )
    monkeypatch.setattr(doctor_machine, "_DISK", 2**70)
    finding = doctor_machine.disk(None)
    assert finding.level is Level.WARNING
    assert "little room for state and temporary files" in finding.text
    monkeypatch.setattr(doctor_machine, "_MEMORY", 2**70)
    assert doctor_machine.memory().level is Level.WARNING
    monkeypatch.setattr(doctor_machine, "_MEMORY", 0)
    monkeypatch.setattr(doctor_machine, "_container_limit", lambda: 3 * 2**29)
    assert "1.5 GiB left to this container" in doctor_machine.memory().text


@pytest.mark.slow
def test_a_server_of_our_own_starts_and_ends(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    finding = doctor_engine.engine("threads")
    assert finding.level is Level.OK
    assert "starts in" in finding.text
