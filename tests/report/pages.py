"""Reads a page as a browser would, as far as tests need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr"}
REFERENCES = {"src", "href", "srcset", "poster", "data", "action", "xlink:href"}


@dataclass
class Page:
    """What a page holds: its text, its tags in order, and whatever it would load."""

    text: str = ""
    tags: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)


def read(html: str) -> Page:
    """The page of an HTML text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.page.unbalanced += reader.open
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in REFERENCES and value:
                self.page.references.append(value)
            if name.startswith("on"):
                self.page.handlers.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        self.page.text += " " if tag in ("td", "th", "p", "h2", "div", "header", "span") else ""
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.page.unbalanced.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.page.text += data
