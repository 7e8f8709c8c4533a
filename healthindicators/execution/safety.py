"""Whether a process may be copied: a copy has one thread, and would wait for locks of the others."""

from __future__ import annotations

import os
import sys
import threading

HARMLESS_THREADS = ("TMonitor",)
"""Threads that a copy does not miss: tqdm's, which papermill starts, only watches progress bars."""

UNSAFE_MODULES = ("duckdb", "polars")
"""Libraries whose threads a copy would wait for without end (tried in November 2026)."""


def why_unsafe() -> str:
    """Return why this process must not be copied; an empty text where it may."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return f"copies of a process are safe on Linux only, not on {sys.platform}"
    if threading.current_thread() is not threading.main_thread():
        return "it runs in a thread"
    others = [
        thread.name
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and type(thread).__name__ not in HARMLESS_THREADS
    ]
    if others:
        return f"the process has other threads: {', '.join(others)}"
    loaded = [name for name in UNSAFE_MODULES if name in sys.modules]
    return f"{loaded[0]} is loaded, which hangs in a copy" if loaded else ""
