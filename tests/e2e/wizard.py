"""The wizard in a terminal, line by line: questions are answered by their words."""
import contextlib
import os
import re
import select
import signal
import subprocess
import time

from e2e import JOINERY, Failed, Live, check, equal

PROMPT = re.compile(r"(?:^|\n)([^\n]*?)(?: \[[^\n]*\])?: $")
CHOICE = re.compile(r"^ *(\d+)\) (.*)$", re.M)
WAIT_S = 40


class Wizard:
    """Answers by the words of the questions and choices; what is not named is taken as it stands in brackets."""

    def __init__(self, root):
        host = root.host
        self.text, self.at = "", 0
        self.master, slave = os.openpty()
        where = [] if isinstance(root, Live) else ["--root", root.path]
        argv = [JOINERY, "--plain", *where, "--log", root.log, "--config", "/dev/null"]
        env = {**host.env, "LC_ALL": "C.UTF-8", "LANGUAGE": "en", "TERM": "dumb"}
        self.process = subprocess.Popen(host.command(argv), env=env, stdin=slave, stdout=slave, stderr=slave, cwd="/",
                                        start_new_session=True)
        os.close(slave)

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        os.close(self.master)

    def question(self):
        """Reads up to the next question; None at the end."""
        until = time.monotonic() + WAIT_S
        while True:
            left = until - time.monotonic()
            check(left > 0, "no question came:", self.text[-1500:])
            ready, _, _ = select.select([self.master], [], [], left)
            data = b""
            with contextlib.suppress(OSError):  # the terminal's other end is closed
                data = os.read(self.master, 65536) if ready else b"\0"
            if not data:
                return None
            self.text += data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\0", "")
            found = PROMPT.search(self.text, self.at)
            if found:
                return found.group(1)

    def answer(self, words):
        choices = dict((label.lstrip("+ ").split(" (")[0], n) for n, label in CHOICE.findall(self.text[self.at:]))
        self.at = len(self.text)
        os.write(self.master, (choices.get(words, words) + "\n").encode())

    def run(self, answers, actions):
        """answers: question -> words, or a list of them for one that comes again; actions: the buttons, one after the
        other. The exit status."""
        actions = list(actions)
        answers = {q: list(a) if isinstance(a, list) else a for q, a in answers.items()}
        for _ in range(80):
            asked = self.question()
            if asked is None:
                equal(actions, [], f"actions that were never asked for\n{self.text[-3000:]}\n")
                return self.process.wait(10)
            if asked == "Action" and not actions:
                break
            words = next((a for q, a in answers.items() if asked == q or asked.startswith(q + " (1 yes")), "")
            if isinstance(words, list):
                words = words.pop(0) if words else ""
            self.answer(actions.pop(0) if asked == "Action" else words)
        raise Failed("the questions do not end: " + self.text[-3000:])


def wizard(root, mode, actions, **answers):
    w = Wizard(root)
    try:
        rc = w.run({"What to do": mode, **{k.replace("_", " "): v for k, v in answers.items()}}, actions)
    finally:
        w.close()
    return rc, w.text
