"""A small Windows image in a scratch directory, and the program run on it. The image and the data for it are made by
the unit test of images, which has a writer of registry files; no domain is needed."""
import base64
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from e2e import JOINERY, Done, Result, check

MAKER = Path(JOINERY).resolve().parent / "tests/unit/test_apply_image"
GENERALIZED, COMPLETE = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE", "IMAGE_STATE_COMPLETE"
PANTHER = "Windows/Panther/unattend.xml"
URN = "urn:schemas-microsoft-com:unattend"
CANARY = "canary-Pa55word~"  # the machine's password in the data


class Image:
    def __init__(self, state=GENERALIZED):
        self.home = Path(tempfile.mkdtemp(prefix="joinery-image."))
        self.home.chmod(0o755)
        self.root = self.home / "img"
        self.root.mkdir()
        subprocess.run([MAKER, "--image", self.root, state], check=True)
        self.data = self.home / "data.odj"
        self.log = self.home / "log"
        # As in an answer file, and as in djoin's text.
        self.text = base64.b64encode(self.data.read_bytes()).decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.home, ignore_errors=True)

    def answers(self, **more):
        settings = {"enrollment.operation": "apply", "offline.input": self.data, "offline.image": self.root,
                    **{k.replace("__", "."): v for k, v in more.items()}}
        return [a for k, v in settings.items() if v is not None for a in ("--set", f"{k}={v}")]

    def run(self, *args, before=(), env=None, input=None, **more):
        json = [] if "--recover" in args else ["--json"]
        argv = [*before, JOINERY, *(args or ("--unattended",)), *json, "--config", "/dev/null", "--log", self.log,
                *self.answers(**more)]
        start = time.monotonic()
        p = subprocess.run([str(a) for a in argv], env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}, input=input,
                           stdin=subprocess.DEVNULL if input is None else None, capture_output=True, timeout=60)
        return Done(Result(p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace"),
                           time.monotonic() - start))

    def verdicts(self, **more):
        """Of --check: (check, verdict, status) in their order."""
        done = self.run("--check", **more)
        return [(e["check"], e["verdict"], e.get("status", 0)) for e in done.events if e.get("event") == "check"]

    def put(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def picture(self):
        """Every file with mode, owner and contents."""
        rows = {}
        for path in sorted(self.root.rglob("*")):
            st = path.lstat()
            contents = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            rows[str(path.relative_to(self.root))] = (st.st_mode, st.st_uid, contents)
        return rows

    def changed(self, before):
        now = self.picture()
        return sorted(p for p in {*before, *now} if before.get(p) != now.get(p))

    def holders(self):
        """The files that hold the password, in any of the forms it has in the data."""
        needles = [CANARY.encode(), CANARY.encode("utf-16-le"), self.text[:400].encode(),
                   self.text[:400].encode("utf-16-le")]
        return sorted(str(p.relative_to(self.home)) for p in self.home.rglob("*")
                      if p.is_file() and any(n in p.read_bytes() for n in needles))


def in_mounts(script):
    """The words before a command that runs it in a mount name space of its own after this script."""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script + '\nexec "$@"', "sh"]


def unchanged(image, before):
    check(image.picture() == before, "the image has changed:", image.changed(before))
