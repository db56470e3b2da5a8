"""Completion in bash, for names that hold a colon: bash takes `tag:crm` for three words, we for one."""

from __future__ import annotations

import os

from click.shell_completion import BashComplete, add_completion_class, split_arg_string

_SOURCE = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local response completion type value before=""
    local line="${COMP_LINE:0:$COMP_POINT}"
    local word="${line##*[[:space:]]}"

    # Of a word with colons bash replaces what follows the last one, if it breaks words there at all.
    if [[ "$word" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
        before="${word%%"${word##*:}"}"
    fi
    response=$(env COMP_WORDS="$line" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete $1)

    for completion in $response; do
        IFS=',' read type value <<< "$completion"
        if [[ $type == 'dir' ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $type == 'plain' ]]; then
            COMPREPLY+=("${value#"$before"}")
        fi
    done

    return 0
}

%(complete_func)s_setup() {
    complete -o nosort -F %(complete_func)s %(prog_name)s
}

%(complete_func)s_setup;
"""


class Bash(BashComplete):
    """Asks about the line as it was typed."""

    source_template = _SOURCE

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one to complete, and that one."""
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)
        incomplete = "" if line[-1:].isspace() or not words else words.pop()
        return words[1:], incomplete


def register() -> None:
    """Let click use it."""
    add_completion_class(Bash, "bash")
