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

from e2e import JOINERY, Failed, check, children

UNIT = Path(JOINERY).parent / "joinery-firstboot.service"
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?>]*[@-~]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78cDEHM])|[\x00-\x08\x0b-\x1f\x7f]")
ENTER, NEXT = b"\r", b"\x0e"


def unit_command():
    line = next(l for l in UNIT.read_text().splitlines() if l.startswith("ExecStart="))
    return line.removeprefix("ExecStart=").split()[1:]


def squash(text):
    """Without what only places it: a terminal program leaves blanks out and writes what has changed."""
    return re.sub(r"\s+", "", ESCAPES.sub("", text))


class Terminal:
    """A Linux console of 80x24, as far as sizes and bytes go; and everything that was written to it."""

    def __init__(self):
        self.said = ""
        self.master, self.slave = os.openpty()
        self.name = os.ttyname(self.slave)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def let_go(self):
        """Who uses it has it open."""
        if self.slave >= 0:
            os.close(self.slave)
        self.slave = -1

    def close(self):
        self.let_go()
        os.close(self.master)

    def read(self, seconds):
        """False: nobody has it open any more."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        with contextlib.suppress(OSError):
            data = os.read(self.master, 65536)
            self.said += data.decode("utf-8", "replace")
            return bool(data)
        time.sleep(0.1)
        return False

    def shows(self, text):
        """Since it was started."""
        return squash(text) in squash(self.said)

    def last(self):
        return ESCAPES.sub(" ", self.said[-3000:])

    def press(self, keys):
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode())


class Screen(Terminal):
    """The program in one."""

    def __init__(self, root, password=None, lines=False, kill=None):
        super().__init__()
        self.root = root
        credentials = root.path.with_name(root.path.name + ".cred")
        credentials.mkdir(mode=0o700, exist_ok=True)
        path = credentials / "joinery.password"
        path.unlink(missing_ok=True)
        if password:
            path.write_text(password + "\n")
            path.chmod(0o400)
        argv = [JOINERY, *unit_command(), "--root", root.path, "--log", root.log, "--config", root.ini,
                *(["--plain"] if lines else [])]
        env = {**root.host.env, "TERM": "linux", "LC_ALL": "C.UTF-8", "LANGUAGE": "en",
               "CREDENTIALS_DIRECTORY": str(credentials), **({"JOINERY_TEST_KILL": kill} if kill else {})}
        self.process = subprocess.Popen(root.host.command(argv), env=env, stdin=self.slave, stdout=self.slave,
                                        stderr=subprocess.PIPE, cwd="/", start_new_session=True)
        self.let_go()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.process.stderr.close()
        self.close()

    def wait_for(self, text, seconds=20):
        until = time.monotonic() + seconds
        while not self.shows(text):
            left = until - time.monotonic()
            check(left > 0, f"'{text}' does not come:", self.last())
            if not self.read(left) and not self.shows(text):
                raise Failed(f"it ends without '{text}': {self.end()} {self.last()}")

    def terminate(self):
        """The program itself, not what leads into its host."""
        pid = self.process.pid
        while children(pid):
            pid = children(pid)[0]
        os.kill(int(pid), signal.SIGTERM)

    def end(self, seconds=20):
        """The exit status, and what went to the journal."""
        until = time.monotonic() + seconds
        while self.read(0.2) and self.process.poll() is None:
            check(time.monotonic() < until, "it does not end:", self.last())
        rc = self.process.wait(5)
        return rc, self.process.stderr.read().decode()
