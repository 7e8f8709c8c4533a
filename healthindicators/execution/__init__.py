"""Notebooks run in fresh copies of a process that is warm already.

A real ipykernel without sockets runs the cells; each run is a fork with limits of its own, so that
nothing leaks from one to the next and whatever goes wrong costs only that one. Knows nothing of
health indicators. This module imports nothing: papermill loads `engine` whenever it is imported.
"""
