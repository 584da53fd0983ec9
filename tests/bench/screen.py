#!/usr/bin/python3
"""screen.py PROGRAM ARGS...: what PROGRAM costs a vt220 of 80x24: time and bytes to the first page, and
bytes for each character typed into the domain name's field on the second page, for a move in a list, and
while nobody types. The pages behind them are measured by tests/pty/test_pty_budget, whose figures bench prints too."""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from statistics import median

RUNS = 7
MAX_START_MS, MAX_START_BYTES, MAX_KEY_BYTES, MAX_MOVE_BYTES, MAX_IDLE_BYTES = 30, 1500, 40, 200, 0
IDLE_SECONDS = 10
CTRL_N, DOWN = b"\x0e", b"\x1b[B"
TYPED = "corp.example"


class Terminal:
    def __init__(self, argv):
        environment = dict(os.environ, TERM="vt220", LC_ALL="C.UTF-8", LANGUAGE="en")
        environment.pop("COLORTERM", None)
        self.begin = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execve(argv[0], argv, environment)

    def read(self, quiet, limit=20.0):
        """What comes until nothing has for `quiet` seconds: the bytes, and when the last came."""
        data, last, end = b"", None, time.monotonic() + limit
        while time.monotonic() < end:
            if not select.select([self.fd], [], [], quiet)[0]:
                if data:
                    break
                continue
            try:
                chunk = os.read(self.fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            data, last = data + chunk, time.monotonic()
        return data, last

    def press(self, keys, quiet):
        os.write(self.fd, keys)
        return self.read(quiet)[0]

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def start(argv):
    terminal = Terminal(argv)
    data, last = terminal.read(0.3)
    terminal.close()
    if not data:
        sys.exit("screen.py: the program showed nothing")
    return (last - terminal.begin) * 1000, len(data)


def type_into_field(argv):
    terminal = Terminal(argv)
    terminal.read(0.3)
    terminal.press(CTRL_N, 1.0)
    sizes = []
    terminal.press(b"x", 0.15)  # replaces the domain that is proposed, and what was found out about it
    for character in TYPED:
        data = terminal.press(character.encode(), 0.15)
        if character.encode() not in data:
            sys.exit(f"screen.py: typed {character!r}, it was not shown: {data!r}")
        sizes.append(len(data))
    terminal.close()
    return sizes


def move_in_list(argv):
    """Bytes for each move in the list of the first page, and those of a time without keys."""
    terminal = Terminal(argv)
    terminal.read(1.0)
    sizes = [len(terminal.press(DOWN, 0.15)) for _ in range(4)]
    idle = len(terminal.read(IDLE_SECONDS, IDLE_SECONDS)[0])
    terminal.close()
    if not min(sizes):
        sys.exit("screen.py: a move in the list showed nothing")
    return sizes, idle


def verdict(what, value, limit, unit):
    good = value <= limit
    print(f"{'ok' if good else 'not ok'} - {what}: {value:.0f} {unit}, at most {limit}")
    return not good


def main():
    argv = sys.argv[1:]
    starts = [start(argv) for _ in range(RUNS + 1)][1:]
    times, sizes = zip(*starts)
    keys = type_into_field(argv)
    moves, idle = move_in_list(argv)
    print(f"start to first page: {median(times):.1f} ms ({min(times):.1f}..{max(times):.1f}), "
          f"{max(sizes)} bytes; typing: {median(keys):.0f} bytes a character "
          f"({min(keys)}..{max(keys)})")
    bad = verdict("start to first page, median", median(times), MAX_START_MS, "ms")
    bad += verdict("first page", max(sizes), MAX_START_BYTES, "bytes")
    bad += verdict("a character typed, most", max(keys), MAX_KEY_BYTES, "bytes")
    bad += verdict("a move in a list, most", max(moves), MAX_MOVE_BYTES, "bytes")
    bad += verdict(f"{IDLE_SECONDS} seconds without a key", idle, MAX_IDLE_BYTES, "bytes")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
