"""What a notebook calls: `open_page` gives the page of a municipality, part by part."""

from healthindicators import build, countries
from healthindicators.errors import HealthIndicatorsError
from healthindicators.report.page import open_page
from healthindicators.workspace import Workspace

__all__ = ["open_page", "warm_up"]


def warm_up() -> None:
    """Open the figures of the workspace at hand, once, before notebooks run in copies of the process.

    Only what has been built is opened; a notebook builds what it needs itself, and says what is wrong.
    """
    try:
        workspace = Workspace.find()
        for country in countries.load():
            if workspace.processed(country).is_dir():
                build.opened(workspace, country)
    except HealthIndicatorsError:
        return
