"""Pages of the site that are made from the code while it is built: settings, commands, destinations."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DESTINATIONS = ROOT / "src" / "roo_dbt" / "destinations"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that no file holds."""
    files.append(File.generated(config, "index.md", content=quickstart()))
    files.append(File.generated(config, "configuration.md", content=configuration()))
    for folder in sorted(DESTINATIONS.iterdir()):
        if (folder / "README.md").is_file():
            page = File.generated(config, f"destinations/{folder.name}.md", content=destination(folder))
            files.append(page)
    return files


def quickstart() -> str:
    """The README up to its reference part, whose tables have a page of their own."""
    text = README.read_text(encoding="utf-8")
    return _on_site(text.partition("\n## Reference\n")[0])


def configuration() -> str:
    """The reference part of the README: commands, settings, exit codes, files."""
    text = README.read_text(encoding="utf-8").partition("\n## Reference\n")[2]
    text = text.partition("\n## License\n")[0]
    return _on_site("# Configuration and commands\n" + text)


def destination(folder: Path) -> str:
    """A destination's own page, which stands beside its code."""
    return _on_site((folder / "README.md").read_text(encoding="utf-8"), up="../")


def _on_site(text: str, up: str = "") -> str:
    """Links between the files of the repository become links between pages, or plain text."""

    def replaced(match: re.Match[str]) -> str:
        words, target = match["words"], match["target"]
        if target.startswith(("http", "#", "mailto:")):
            return match[0]
        path, _, anchor = target.partition("#")
        page = re.search(r"destinations/(\w+)/README\.md$", path)
        if page:
            return f"[{words}]({up}destinations/{page[1]}.md{'#' + anchor if anchor else ''})"
        if path.endswith(".md") and "docs/" in path:
            return f"[{words}]({up}{path.partition('docs/')[2]}{'#' + anchor if anchor else ''})"
        return f"{words} (`{path.lstrip('./')}` in the repository)"

    return re.sub(r"(?<!!)\[(?P<words>[^\]]+)\]\((?P<target>[^)\s]+)\)", replaced, text)
