"""Conversations with loopback services, of which one answer is spoiled."""

import json
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from healthindicators.errors import HealthIndicatorsError
from healthindicators.protocols import Reply
from tests.formats import slowly
from tests.fuzz.cases import Tally, count, draws, told
from tests.fuzz.spoil import members_spoiled, spoiled


@dataclass
class Talk:
    """A whole conversation; `figures` says whether a request is for figures."""

    protocol: ModuleType
    question: Any
    answered: dict
    figures: Any

    def read(self, given):
        """Return cells by the names of their dimensions, with one answer in place of the true one."""
        request, body = given
        changed = {**self.answered, request: Reply(body, self.answered[request].status)}
        self.protocol.requests(self.question, changed)
        cube = self.protocol.read(self.question, changed, where="x")
        return by_name(cube.dimensions, told(cube))

    def bodies(self, given):
        """Return the bodies of all figures, with one in place of the true one."""
        request, body = given
        changed = {**self.answered, request: Reply(body)}
        return [changed[one].body for one in self.answered if self.figures(one)]

    def truth(self):
        request = next(iter(self.answered))
        return self.read((request, self.answered[request].body))


def by_name(names, cells):
    folded = [name.casefold() for name in names]
    return {tuple(sorted(zip(folded, key, strict=True))): cell for key, cell in cells.items()}


def spoil(body, chance):
    """Return a body spoiled as bytes, or in its members where it is JSON."""
    if chance.random() < 0.5 and body.removeprefix(b"\xef\xbb\xbf")[:1] in (b"{", b"["):
        return members_spoiled(json.loads(body.decode("utf-8-sig")), chance)
    return spoiled(body, chance)


def fuzz_figures(name, talk, slow):
    """Spoil answers with figures: what is read must be what `slow` says of all bodies."""
    assert talk.truth() == slow([r.body for q, r in talk.answered.items() if talk.figures(q)])
    requests = [request for request in talk.answered if talk.figures(request)]
    tally = Tally(talk.read, lambda given: slow(talk.bodies(given)))
    for chance in draws(name):
        request = chance.choice(requests)
        tally.judge((request, spoil(talk.answered[request].body, chance)))
    tally.close(count(name))


def fuzz_the_rest(name, talk):
    """Spoil answers about the figures: what is read of a cell is true, or that nothing is known."""
    truth = talk.truth()
    requests = [request for request in talk.answered if not talk.figures(request)]
    outcomes = {"read": 0, "refused": 0}
    for chance in draws(name):
        request = chance.choice(requests)
        given = request, spoil(talk.answered[request].body, chance)
        try:
            found = talk.read(given)
        except HealthIndicatorsError:
            outcomes["refused"] += 1
            continue
        except Exception as error:
            error.add_note(f"the case: {given!r}"[:20_000])
            raise
        outcomes["read"] += 1
        for key, (value, mark) in found.items():
            assert value is None or (value, mark) == truth[key], given
    assert sum(outcomes.values()) == count(name)
    assert min(outcomes.values()) >= 0.02 * count(name), outcomes


def slow_json_stat(bodies):
    """Return all cells of data sets by the names of their dimensions, each cell once."""
    found = {}
    for body in bodies:
        said = slowly.dataset(slowly.tree(body))
        names = said["id"] if "id" in said else said["dimension"]["id"]
        cells = by_name(names, slowly.cells(said))
        assert not set(cells) & set(found), "a cell came twice"
        found |= cells
    return found
