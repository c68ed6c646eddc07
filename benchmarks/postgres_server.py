"""A PostgreSQL server of our own in a temporary folder, for tests and soaks that need the real thing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil


def binaries() -> Path | None:
    """The folder of initdb and postgres, or None where there is no server installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return places[-1].parent if places else None


class Server:
    """A running server; as root it runs as the user 'postgres', since it refuses to run as root."""

    def __init__(self) -> None:
        found = binaries()
        if found is None:
            raise RuntimeError("no PostgreSQL server is installed; on Debian or Ubuntu: apt install postgresql")
        self.bin = found
        self.folder = Path(tempfile.mkdtemp(prefix="casework-pg-", dir="/tmp"))
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-D", str(self.data), "-U", "casework", "--auth=trust", "-E", "UTF8", "--locale=C")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, name: str, *args: str) -> None:
        done = subprocess.run([str(self.bin / name), *args], user=self.user, cwd="/", capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr}")

    def start(self) -> None:
        """Returns once the server takes connections, recovery included."""
        options = ["-p", str(self.port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        # A server killed by force leaves its lock behind; the process is gone, so it may go too.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data), *options], user=self.user, cwd="/", stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        ready = [str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        for _ in range(600):
            if subprocess.run(ready).returncode == 0:
                return
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.05)
        raise RuntimeError("the PostgreSQL server did not start within 30 seconds")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://casework@127.0.0.1:{self.port}/{database}"

    def create(self, name: str) -> str:
        """The address of a new, empty database."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "casework", name)
        return self.url(name)

    def kill(self) -> None:
        """Kills the server and all its processes at once, as a power cut would."""
        assert self.process is not None
        every = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for process in every:
            process.kill()
        psutil.wait_procs(every, 10)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
