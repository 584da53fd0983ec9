"""The first boot's command line, as its unit has it, in a pseudo-terminal of a client host."""
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

from e2e import JOINERY, Failed, check

UNIT = Path(JOINERY).parent / "joinery-firstboot.service"
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?>]*[@-~]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78cDEHM])|[\x00-\x08\x0b-\x1f\x7f]")
ENTER, NEXT = b"\r", b"\x0e"


def unit_command():
    line = next(l for l in UNIT.read_text().splitlines() if l.startswith("ExecStart="))
    return line.removeprefix("ExecStart=").split()[1:]


def squash(text):
    """Without what only places it: a terminal program leaves blanks out and writes what has changed."""
    return re.sub(r"\s+", "", ESCAPES.sub("", text))


class Screen:
    def __init__(self, root, password=None, lines=False, kill=None, **more):
        self.root, self.said = root, ""
        credentials = root.path.with_name(root.path.name + ".cred")
        credentials.mkdir(mode=0o700, exist_ok=True)
        for name, value in {"joinery.password": password, **more}.items():
            path = credentials / name.replace("_", ".")
            path.unlink(missing_ok=True)
            if value:
                path.write_text(value + "\n")
                path.chmod(0o400)
        argv = [JOINERY, *unit_command(), "--root", root.path, "--log", root.log, "--config", root.ini,
                *(["--plain"] if lines else [])]
        env = {**root.host.env, "TERM": "linux", "LC_ALL": "C.UTF-8", "LANGUAGE": "en",
               "CREDENTIALS_DIRECTORY": str(credentials), **({"JOINERY_TEST_KILL": kill} if kill else {})}
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(root.host.command(argv), env=env, stdin=slave, stdout=slave,
                                        stderr=subprocess.PIPE, cwd="/", start_new_session=True)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.process.stderr.close()
        os.close(self.master)

    def _read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        with contextlib.suppress(OSError):
            data = os.read(self.master, 65536)
            self.said += data.decode("utf-8", "replace")
            return bool(data)
        return False

    def wait_for(self, text, seconds=20):
        until = time.monotonic() + seconds
        while not self.shows(text):
            left = until - time.monotonic()
            check(left > 0, f"'{text}' does not come:", self._last())
            if not self._read(left) and not self.shows(text):
                raise Failed(f"it ends without '{text}': {self.end()} {self._last()}")

    def shows(self, text):
        """Since it was started."""
        return squash(text) in squash(self.said)

    def _last(self):
        return ESCAPES.sub(" ", self.said[-3000:])

    def press(self, keys):
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode())

    def end(self, seconds=20):
        """The exit status, and what went to the journal."""
        until = time.monotonic() + seconds
        while self._read(0.2) and self.process.poll() is None:
            check(time.monotonic() < until, "it does not end:", self._last())
        rc = self.process.wait(5)
        return rc, self.process.stderr.read().decode()
