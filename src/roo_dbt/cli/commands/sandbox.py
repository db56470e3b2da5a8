"""`roo-dbt sandbox`."""

from __future__ import annotations

from typing import Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode

DEFAULT_PORT = 8911


@make("sandbox", "roo-dbt sandbox", "roo-dbt sandbox --port 9000 --latency 0.1")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--latency",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="How long every request waits before it is handled.",
)
@click.option(
    "--project-type",
    type=click.Choice(["email", "user_id", "hybrid"]),
    default="email",
    show_default=True,
    help="What identifies a user in its Iterable project.",
)
@talk_options
def command(*, port: int, latency: float, project_type: str, **_: Any) -> int:
    """Run a local Braze and Iterable, with a page that shows what arrives.

    Both vendors share one address, open to this machine only. They take any API key but `wrong`, which
    is answered with 401, and `no-permission`, which is answered with 403.
    """
    from roo_dbt.sandbox import Settings, serve

    output = current_session().output

    def ready(url: str) -> None:
        if output.json:
            output.event("ready", {"url": url})
            return
        output.lines(
            [
                f"Braze and Iterable are at {url}: open it in a browser to see what arrives.",
                f"  BRAZE_REST_ENDPOINT={url} BRAZE_API_KEY=any",
                f"  ITERABLE_BASE_URL={url} ITERABLE_API_KEY=any",
                "Ctrl-C ends them; nothing is kept.",
            ]
        )

    serve(port, Settings(latency=latency, iterable_project_type=project_type), on_ready=ready)  # type: ignore[arg-type]
    return ExitCode.SUCCESS
