"""A command that makes tiny reports in the place of the real one, and inputs for it."""

import hashlib
import json

from healthindicators.batch.chunk import PYTHON, Planned, Work
from healthindicators.batch.remote import survey

STEM = "denmark-2021-2030.da"

COMMAND = """
import hashlib, json, os, pathlib, sys, time

def write(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(body)
    beside.replace(path)

home = pathlib.Path(os.environ["HEALTHINDICATORS_HOME"])
play = pathlib.Path(sys.argv[1])
common = hashlib.sha256((home / "data/raw/lock.toml").read_bytes()).hexdigest()
failures = []
for id in sys.argv[2:]:
    with (play / "made.txt").open("a") as log:
        log.write(id + "\\n")
    if (play / f"dies-{id}").exists():
        print("out of memory", flush=True)
        os._exit(9)
    if (play / f"hangs-{id}").exists():
        write(play / "hung.json", json.dumps([os.getpid(), os.getppid()]).encode())
        time.sleep(600)
    if (play / f"fails-{id}").exists():
        failures.append({"municipality": id, "name": id, "cell": "Cell 3", "message": "no figures"})
        continue
    folder = home / "reports/2026/DK" / id
    bodies = {"page.html": f"page of {id}".encode() * 500, "figures.csv": f"{id};1".encode()}
    for name, body in bodies.items():
        write(folder / name, body)
    files = {n: {"sha256": hashlib.sha256(b).hexdigest(), "bytes": len(b)} for n, b in bodies.items()}
    record = {"municipality": id, "common": common, "inputs": id, "files": files}
    write(folder / "denmark-2021-2030.da.made.json", json.dumps(record).encode())
reports = [{"municipality": id, "seconds": 0.5} for id in sys.argv[2:]]
account = {"denmark-2021-2030.da": {"failures": failures, "reports": reports}}
write(home / "reports/2026/DK/batch.json", json.dumps(account).encode())
sys.exit(51 if failures else 0)
"""


class Shelf:
    """Inputs, outputs, scratch and the stand-in for the command, all below one folder."""

    def __init__(self, folder, outputs=""):
        self.folder = folder
        self.inputs = folder / "inputs"
        self.play = folder / "play"
        self.outputs = outputs or str(folder / "outputs")
        for name in ("data/raw/lock.toml", "data/raw/DK/a.csv.gz", "notebooks/n.ipynb"):
            path = self.inputs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{name} as it stands".encode())
        self.play.mkdir()
        (folder / "command.py").write_text(COMMAND, encoding="utf-8")

    def work(self, **changed):
        parts = {
            "inputs": survey(str(self.inputs)),
            "outputs": self.outputs,
            "edition": "2026",
            "command": (PYTHON, str(self.folder / "command.py"), str(self.play)),
            "prepare": (),
            "scratch": str(self.folder / "scratch"),
        }
        return Work(**{**parts, **changed})

    def planned(self, count):
        common = hashlib.sha256((self.inputs / "data/raw/lock.toml").read_bytes()).hexdigest()
        return [
            Planned(f"DK-{n:03}", f"2026/DK/DK-{n:03}/{STEM}.made.json", common)
            for n in range(1, count + 1)
        ]

    def let(self, what, municipality):
        (self.play / f"{what}-{municipality}").touch()

    def let_no_more(self, what, municipality):
        (self.play / f"{what}-{municipality}").unlink()

    def made(self):
        """The municipalities that the command was asked for, in order."""
        log = self.play / "made.txt"
        return log.read_text().split() if log.exists() else []

    def hung(self):
        """Process and parent of a command that hangs, or None."""
        path = self.play / "hung.json"
        return json.loads(path.read_text()) if path.exists() else None


def digests(folder):
    """Path and digest of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
