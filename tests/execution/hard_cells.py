"""Cells whose outputs a kernel has to take pains over, and notebooks made of cells."""

import nbformat

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

HARD = (
    "1",
    "print('a')\nprint('b')\n3",
    "import sys\nprint('o')\nprint('e', file=sys.stderr)\nprint('o2')",
    "from IPython.display import HTML, JSON, SVG, Latex, Markdown\n"
    "from IPython.display import clear_output, display, update_display\n"
    "handle = display(HTML('one'), display_id='x')",
    "update_display(HTML('two'), display_id='x')\nprint('updated')",
    "display(HTML('again'), display_id='x')",
    "display('gone')\nclear_output()\ndisplay('stays')",
    "display('first')\nclear_output(wait=True)\ndisplay('second')",
    "class Bundle:\n"
    "    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        data = {'text/plain': 'b', 'application/json': {'a': [1, 2.5, None, (1, 2)]}}\n"
    "        return data, {'application/json': {'expanded': True}}\n"
    "Bundle()",
    "class Shows:\n    def _ipython_display_(self):\n        display('one', 'two')\nShows()",
    "%%capture out\nprint('hidden')\ndisplay(1)",
    "out.stdout",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "asyncio.get_running_loop().is_running()",
    "import threading\n"
    "t = threading.Thread(target=lambda: print('from a thread'))\nt.start()\nt.join()",
    "x = 5;",
    "x;",
    "x",
    "_, __, In[1], Out[1]",
    "%who_ls int",
    "!echo from a shell",
    "import os\n_ = os.system('echo from a system call')",
    "import subprocess\nsubprocess.run(['echo', 'from a process']).returncode",
    "type(get_ipython()).__name__, __name__, get_ipython().kernel is not None",
    "display(Markdown('**b**'), Latex('$x$'), JSON({'k': 1}), SVG('<svg xmlns=\"s\"/>'))",
    "print('x', end='')\nsys.stdout.flush()\nprint('y')",
    "for i in range(3):\n    display(i)",
    "sys.argv[0].endswith('ipykernel_launcher.py'), sys.path[0].endswith('.zip'), '' in sys.path",
    "import comm\nc = comm.create_comm('t', data={'state': {'_model_name': 'M', 'v': 1}}, comm_id='c')",
    "c.send({'state': {'v': 2}})",
    "",
    "   \n",
    "import multiprocessing\n"
    "multiprocessing.current_process().name, multiprocessing.parent_process()",
    "os.environ['MPLBACKEND'], os.environ['PAGER'], os.environ['TERM']",
    "float('nan'), [float('inf')]",
    "display({'text/plain': 'n', 'application/json': {'n': float('nan')}}, raw=True)",
    "get_ipython().set_next_input('never seen')",
    "print('é ☃ 𝄞', repr(chr(0)))",
    "import logging\nlogging.warning('to standard error')",
    "sys.stdout.isatty(), sys.stdin.read(1)",
    "def broken():\n    return 1 / 0\nbroken()",
    "input('asked')",
    "assert x == 6, 'not six'",
    "get_ipython().run_cell('y = 7')\ny",
)

FAILING = ("broken()", "input(", "assert x")
"""How the cells begin or end that fail and are tagged so that the notebook goes on."""


def notebook(*sources, tags=None):
    """Return a notebook of code cells; `tags` are those of a cell that has this source."""
    cells = [nbformat.v4.new_code_cell(s, id=f"cell-{n}") for n, s in enumerate(sources)]
    for cell in cells:
        if tags and cell.source in tags:
            cell.metadata.tags = tags[cell.source]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def hard_notebook():
    """Return all hard cells, a text between them, and at the end an error that stops the notebook."""
    fails = [s for s in HARD if s.endswith(FAILING) or s.startswith(FAILING)]
    made = notebook(
        *HARD, "skipped = True", "raise ValueError('the end')", "print('never')",
        tags={s: ["raises-exception"] for s in fails} | {"skipped = True": ["skip-execution"]},
    )  # fmt: skip
    made.cells.insert(3, nbformat.v4.new_markdown_cell("text", id="text"))
    return made
