"""Run a command that must not outlive whoever started it.

    python tether.py COMMAND...

A worker that is killed outright cannot stop what it has started, and nobody would ever look at that
work. Its end of our standard input closes with it, though, and then the command is killed with all its
children. Run by path and with the standard library only, since it starts before every chunk.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    """Run the command and return its exit code; 128 and more if a signal ended it."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603

    def end(*_: object) -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def watch() -> None:
        while os.read(0, 4096):
            pass
        end()

    # Ctrl-C reaches all that share a terminal; whoever started us decides, and then closes its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=watch, daemon=True).start()
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
