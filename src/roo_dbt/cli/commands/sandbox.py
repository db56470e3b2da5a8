"""`roo-dbt sandbox`."""

from __future__ import annotations

from typing import Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode, UsageProblem

DEFAULT_PORT = 8911


@make(
    "sandbox",
    "roo-dbt sandbox",
    "roo-dbt sandbox --port 9000 --latency 0.1",
    "roo-dbt sandbox --fault 'status path=/users/track status=503 count=2' --fault 'html count=1'",
)
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
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="'KIND SETTING=VALUE…'",
    help="What goes wrong, such as 'status path=/users/track status=503 count=2'; may be given more than "
    "once. A kind that there is not prints those that there are.",
)
@talk_options
def command(*, port: int, latency: float, project_type: str, faults: tuple[str, ...], **_: Any) -> int:
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

    settings = Settings(
        latency=latency,
        iterable_project_type=project_type,  # type: ignore[arg-type]
        faults=tuple(map(_fault, faults)),
    )
    serve(port, settings, on_ready=ready)
    return ExitCode.SUCCESS


def _fault(text: str) -> dict[str, Any]:
    """A fault as the control endpoint takes it."""
    import yaml

    kind, *settings = text.split() or [""]
    pairs = [setting.partition("=") for setting in settings]
    wrong = next((name for name, equals, _ in pairs if not equals), None)
    if wrong is not None:
        raise UsageProblem(f"--fault: {wrong} has no value.", hint=f"Type {wrong}=VALUE.")
    values = {name: value.split(",") if name == "ids" else yaml.safe_load(value) for name, _, value in pairs}
    return {"kind": kind, **values}
