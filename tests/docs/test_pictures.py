"""The pictures of the pages in docs/ show the pages as they are now."""

from __future__ import annotations

import re

import pytest
from tests.docs.pages import DOCS
from tests.docs.screenshots import HEIGHTS, MADE_FROM, WIDTH, fingerprint

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_pictures_were_made_of_the_templates_of_today() -> None:
    assert MADE_FROM.read_text().strip() == fingerprint(), "make them anew: python -m tests.docs.screenshots"


@pytest.mark.parametrize("name", HEIGHTS)
def test_a_picture_is_a_whole_png_of_its_size(name: str) -> None:
    drawn = (DOCS / "images" / f"{name}.png").read_bytes()
    assert drawn.startswith(PNG)
    assert drawn.endswith(b"IEND\xaeB`\x82")
    size = int.from_bytes(drawn[16:20], "big"), int.from_bytes(drawn[20:24], "big")
    assert size == (WIDTH, HEIGHTS[name])


def test_every_picture_of_a_page_is_there() -> None:
    pages = [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]
    shown = {
        page.parent / target
        for page in pages
        for target in re.findall(r"!\[[^]]*\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    }
    assert shown
    assert all(picture.is_file() for picture in shown)
