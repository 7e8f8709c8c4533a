"""Reports: what a notebook calls, and how notebooks become pages."""

from healthindicators.report.page import Page, open_page

__all__ = ["Page", "open_page"]
