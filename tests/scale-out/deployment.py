"""What deploy/compose.yaml puts together, as processes of this machine on the files of deploy/.

Every replica has an address of its own, so that all listen on the ports that an image has: it takes a
network namespace with nothing but a loopback device (run.sh makes one).
"""
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from name_server import NameServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["ACTIUM_BUILD"])
MODEL = "relu"
ENVOY = "127.0.0.1:8001"
ENVOY_ADMIN = "http://127.0.0.1:9901"
PROMETHEUS = "http://127.0.0.1:9090"
START_TIMEOUT = 120  # s; a machine that compiles beside it is slow.


def get(url: str, timeout: float = 5) -> tuple[int, str]:
    """Status and body; status 0 if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def wait_until(holds, what: str, timeout: float = START_TIMEOUT, process=None):
    """Polls; fails after the timeout, or at once if the process that it waits for has ended."""
    until = time.monotonic() + timeout
    while not holds():
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what}: the process ended with {process.returncode}")
        if time.monotonic() > until:
            raise RuntimeError(f"{what}: not after {timeout} s")
        time.sleep(0.02)


@functools.cache
def name_server() -> NameServer:
    return NameServer("server")


class Replica:
    """One server. cpus: share of a core that it may use, as with `docker run --cpus`; None: all."""

    def __init__(self, number: int, folder: pathlib.Path, cpus: float | None):
        self.address = f"127.0.0.{10 + number}"
        self.folder = folder
        self.log = folder / f"server-{number}.log"
        self.group = limited_group(f"{number}", cpus) if cpus else None
        self.process = None

    def start(self):
        command = [BUILD / "bin/actium-server", "--model-repository", self.folder / "models",
                   "--grpc-address", self.address, "--http-address", self.address,
                   "--threads", "1", "--strict-readiness"]
        if self.group:
            command = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', self.group, *command]
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(command, stderr=log)

    def ready(self) -> bool:
        return get(f"http://{self.address}:8000/readyz")[0] == 200

    def wait_ready(self):
        wait_until(self.ready, f"replica {self.address} is ready ({self.log})", process=self.process)

    def kill(self):
        """Ends it as a crash would; returns when its connections are closed."""
        self.process.kill()
        self.process.wait(timeout=30)

    def terminate(self) -> int:
        """Ends it as an orchestrator would; returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def limited_group(name: str, cpus: float) -> pathlib.Path:
    """A control group, of version 2 or 1, whose processes may use this share of a core."""
    period = 10_000  # us; short, so that a limited server stalls for milliseconds only.
    base = pathlib.Path(os.environ["ACTIUM_CGROUP"])
    group = base / name
    group.mkdir(exist_ok=True)
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text(f"{int(cpus * period)} {period}")
    else:
        (group / "cpu.cfs_period_us").write_text(f"{period}")
        (group / "cpu.cfs_quota_us").write_text(f"{int(cpus * period)}")
    return group


AS_SHIPPED = None  # Of envoy.yaml's retry_on.
NEVER = "''"
NOT_SENT = "connect-failure"  # Only what no replica has received.


def envoy_config(retry_on: str | None) -> str:
    """deploy/envoy/envoy.yaml for this namespace: the replicas have port 8001 of their addresses, so
    Envoy cannot have it of all. retry_on: what stands there instead of the file's own."""
    text = (ROOT / "deploy/envoy/envoy.yaml").read_text()
    text, count = re.subn(r"address: 0\.0\.0\.0,", "address: 127.0.0.1,", text)
    assert count == 1, "envoy.yaml listens on another address"
    if retry_on is not AS_SHIPPED:
        text, count = re.subn(r"retry_on: [a-z,-]+", f"retry_on: {retry_on}", text)
        assert count == 1, "envoy.yaml has another retry policy"
    return text


class Deployment:
    """Replicas, all ready; behind Envoy if wanted. Ends with its `with`."""

    def __init__(self, replicas: int, retry_on: str | None = AS_SHIPPED,
                 cpus: float | None = None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="actium-scale-out-"))
        shutil.copytree(ROOT / "models/repository" / MODEL, self.folder / "models" / MODEL)
        self.replicas = [Replica(i + 1, self.folder, cpus) for i in range(replicas)]
        self.others = []
        self.retry_on = retry_on

    def __enter__(self):
        try:
            self._name_replicas()
            for replica in self.replicas:
                replica.start()
            for replica in self.replicas:
                replica.wait_ready()
            self._start_envoy()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in [replica.process for replica in self.replicas] + self.others:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait(timeout=30)
        shutil.rmtree(self.folder)

    def _name_replicas(self):
        name_server().addresses = [replica.address for replica in self.replicas]

    def add(self):
        """One more replica, ready, though nobody may have noticed it yet."""
        replica = Replica(len(self.replicas) + 1, self.folder, cpus=None)
        self.replicas.append(replica)
        self._name_replicas()
        replica.start()
        replica.wait_ready()

    def remove_first(self) -> int:
        """Ends a replica for good; returns its exit status."""
        replica = self.replicas.pop(0)
        self._name_replicas()
        return replica.terminate()

    def run(self, name: str, command: list) -> subprocess.Popen:
        with open(self.folder / f"{name}.log", "w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self.others.append(process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _start_envoy(self):
        config = self.folder / "envoy.yaml"
        config.write_text(envoy_config(self.retry_on))
        admin = {"admin": {"address": {"socket_address": {"address": "127.0.0.1",
                                                          "port_value": 9901}}}}
        envoy = self.run("envoy", [os.environ["ACTIUM_ENVOY"], "--config-path", config,
                                   "--config-yaml", json.dumps(admin), "--disable-hot-restart",
                                   "--concurrency", "2", "--log-level", "warning"])
        try:
            self.wait_healthy(envoy)
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{self.log('envoy')}") from error

    def wait_healthy(self, envoy=None):
        """Until Envoy sends requests to all replicas."""
        wait_until(lambda: self.healthy() == len(self.replicas), "Envoy finds all healthy",
                   timeout=30, process=envoy)

    def healthy(self) -> int:
        """How many replicas Envoy sends requests to."""
        _, hosts = get(f"{ENVOY_ADMIN}/clusters")
        return hosts.count("::health_flags::healthy")

    def envoy_counters(self) -> dict[str, int]:
        """Envoy's counters of its cluster, without "cluster.servers."."""
        _, text = get(f"{ENVOY_ADMIN}/stats?filter=cluster.servers")
        return {name.removeprefix("cluster.servers."): int(value) for name, value
                in re.findall(r"^(\S+): (\d+)$", text, re.MULTILINE)}
