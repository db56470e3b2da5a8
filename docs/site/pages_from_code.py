"""Pages of the site that are made while it is built, from files that are written for the repository."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
STYLE = Path(__file__).with_name("site.css")
DESTINATIONS = ROOT / "src" / "roo_dbt" / "destinations"
REFERENCE = "\n## Reference\n"
"""Where the README's second half begins, which has a page of its own."""
PAGES = {
    "README.md": "index.md",
    "dbt_project_example/README.md": "example.md",
    "macros/README.md": "dbt-package.md",
    **{
        path.relative_to(ROOT).as_posix(): f"destinations/{path.parent.name}.md"
        for path in sorted(DESTINATIONS.glob("*/README.md"))
    },
}
"""The page that a file of the repository becomes."""

_LINK = re.compile(r"(?P<image>!?)\[(?P<words>[^\]]+)\]\((?P<target>[^)\s]+)\)")
_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that no file of this folder holds."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        if source == "README.md":
            text, _, reference = text.partition(REFERENCE)
            reference = "# Configuration and commands\n" + reference.partition("\n## License\n")[0]
            files.append(_generated(config, "configuration.md", source, reference))
        files.append(_generated(config, page, source, text))
    files.append(File.generated(config, "assets/site.css", content=STYLE.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead the links of the pages of this folder to pages, too."""
    if page.file.generated_by:
        return markdown
    return _on_site(markdown, f"docs/{page.file.src_uri}", page.file.src_uri)


def _generated(config: MkDocsConfig, page: str, source: str, text: str) -> File:
    return File.generated(config, page, content=_on_site(text, source, page))


def _on_site(text: str, source: str, page: str) -> str:
    """Links between files of the repository become links between pages, or plain text."""

    def replaced(match: re.Match[str]) -> str:
        words, target = match["words"], match["target"]
        if target.startswith(("http", "#", "mailto:")):
            return match[0]
        path, _, anchor = target.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        to = _page(file, anchor)
        if to is None:
            return f"{words} (`{file}` in the repository)"
        link = posixpath.relpath(to, posixpath.dirname(page) or ".")
        return f"{match['image']}[{words}]({link}{'#' + anchor if anchor else ''})"

    parts = _FENCED.split(text)
    return "".join(part if number % 2 else _LINK.sub(replaced, part) for number, part in enumerate(parts))


def _page(file: str, anchor: str) -> str | None:
    """The page that shows a file, or a part of it."""
    if file.startswith("docs/"):
        return file.removeprefix("docs/")
    if file == "README.md" and anchor:
        reference = (ROOT / file).read_text(encoding="utf-8").partition(REFERENCE)[2]
        headings = re.findall(r"^#+ (.*)$", reference, re.MULTILINE)
        return "configuration.md" if anchor in {_anchor(one) for one in headings} else "index.md"
    return PAGES.get(file)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
