"""Pids and ports: what a stale pid file or a taken port must not fool."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from script import cluster as cluster_module
from script import front, web_server
from script.cluster import Cluster, Keys
from script.processes import PORT_RANGE, end, free_port, pid_in, pids_working_in, port_is_free, wait_until


@pytest.fixture
def sleeper(tmp_path):
    """A process of ours that works in a folder of its own."""
    folder = tmp_path / "home of the sleeper"
    folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "marker"], cwd=folder) as process:
        yield process, folder
        process.kill()


def test_pid_in_reads_the_first_line_only(tmp_path):
    file = tmp_path / "postmaster.pid"
    assert pid_in(file) is None
    file.write_text("4711\n/data\n1700000000\n")
    assert pid_in(file) == 4711
    file.write_text("")
    assert pid_in(file) is None


def test_processes_are_found_by_the_folder_they_work_in(sleeper, tmp_path):
    process, folder = sleeper
    assert pids_working_in(folder) == [process.pid]
    assert pids_working_in(tmp_path) == []
    link = tmp_path / "another way there"
    link.symlink_to(folder)
    assert pids_working_in(link) == [process.pid]


def test_a_missing_folder_has_no_processes(tmp_path):
    assert pids_working_in(tmp_path / "nowhere") == []


def test_a_pid_file_naming_another_live_process_means_not_running(sleeper, tmp_path):
    process, _ = sleeper
    cluster = Cluster(tmp_path / "cluster")
    cluster.data.mkdir(parents=True)
    (cluster.data / "postmaster.pid").write_text(f"{process.pid}\n{cluster.data}\n")
    assert not cluster.running
    cluster._clear_stale_pid_file()
    assert not (cluster.data / "postmaster.pid").exists()
    assert process.poll() is None


def test_a_pid_file_is_kept_while_a_process_works_in_the_data(tmp_path, monkeypatch):
    cluster = Cluster(tmp_path / "cluster")
    cluster.data.mkdir(parents=True)
    (cluster.data / "postmaster.pid").write_text("1\n")
    monkeypatch.setattr(cluster_module, "wait_until", lambda condition, _seconds: condition())
    with (
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], cwd=cluster.data) as backend,
        pytest.raises(cluster_module.ClusterError, match="earlier run"),
    ):
        try:
            cluster._clear_stale_pid_file()
        finally:
            backend.kill()
    assert (cluster.data / "postmaster.pid").exists()


def test_end_asks_first_and_then_insists(tmp_path):
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        end(lambda: [process.pid] if process.poll() is None else [], 0.3)
    assert process.returncode == -signal.SIGKILL


def test_wait_until_gives_up():
    assert wait_until(lambda: True, 0)
    assert not wait_until(lambda: False, 0.1)


def test_ports():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not port_is_free(listener.getsockname()[1])
    assert free_port() in PORT_RANGE


def test_the_web_server_is_known_by_name_and_folder(sleeper, monkeypatch):
    process, folder = sleeper
    monkeypatch.setattr(web_server, "ROOT", folder)
    assert web_server.server_pids() == []
    monkeypatch.setattr(web_server, "NAME", "marker")
    monkeypatch.setattr(web_server, "BIND", "import")
    assert web_server.server_pids() == [process.pid]


def test_a_taken_port_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(web_server, "served_port", lambda: None)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(SystemExit, match="--port"):
            web_server.require_port(port)
        monkeypatch.setattr(web_server, "served_port", lambda: port)
        web_server.require_port(port)


def test_a_copied_checkout_does_not_share_the_cluster_of_root(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(cluster_module, "SYSTEM_FOLDER", tmp_path / "system")
    monkeypatch.setattr(cluster_module, "FOLDER_NAME", tmp_path / "var/cluster.path")
    original, copy = tmp_path / "original", tmp_path / "copy"
    original.mkdir()
    named = Cluster(tmp_path / "system/aaa")
    named.folder.mkdir(parents=True)
    named.keys_file.write_text(f'{{"checkout": "{original}", "port": 1, "superuser": "", "owner": "", "web": ""}}')
    assert named.keys == Keys(str(original), 1, "", "", "")
    (tmp_path / "var").mkdir()

    def found_from(checkout):
        (tmp_path / "var/cluster.path").write_text(str(named.folder))
        monkeypatch.setattr(cluster_module, "ROOT", checkout)
        return cluster_module.cluster_of_this_checkout().folder

    assert found_from(original) == named.folder
    assert found_from(copy) != named.folder
    original.rmdir()  # moved, not copied
    assert found_from(copy) == named.folder


@pytest.mark.skipif(not front.NGINX.exists(), reason="nginx is not installed here")
def test_what_was_searched_for_stands_in_no_log_of_the_front(tmp_path, monkeypatch):
    """The application is away, which nginx takes for an error and would tell with the address and the page before."""
    (tmp_path / "log").mkdir()
    for name, path in (("VAR", ""), ("FOLDER", "nginx"), ("CONFIGURATION", "nginx/nginx.conf")):
        monkeypatch.setattr(front, name, tmp_path / path)
    port = free_port()
    front.write(port, free_port(), behind_proxy=False)
    with subprocess.Popen(front.command()) as nginx:
        try:
            assert wait_until(lambda: not port_is_free(port), 10)
            address = f"http://127.0.0.1:{port}/search?q=Bui+Van+Canary"
            asked = urllib.request.Request(address, b"x" * 100_000, {"Referer": address})
            with pytest.raises(urllib.error.HTTPError) as answered:
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=10)
            assert answered.value.code == 503
            assert answered.value.headers["Retry-After"]
            assert "Máy chủ chưa trả lời được" in answered.value.read().decode()
        finally:
            nginx.terminate()
    assert "Canary" not in (tmp_path / "log/nginx.log").read_text()
