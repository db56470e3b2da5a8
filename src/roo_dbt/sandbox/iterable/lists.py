"""Iterable's lists.

Source: https://api.iterable.com/api/docs, read 2026-11-22. Nothing published says that list names are
unique, so they are not.
"""

from __future__ import annotations

from typing import Any

from roo_dbt.sandbox.exchange import Refusal, Reply, Request
from roo_dbt.sandbox.iterable.answers import USER, Tally, check_envelope, refuse, reply, success
from roo_dbt.sandbox.iterable.profiles import UserList
from roo_dbt.sandbox.iterable.rows import Mode, Rows

MAX_DESCRIPTION = 140


class Lists:
    """Making, filling, emptying and reading lists.

    Args:
        rows: the users and how entries change them.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.lists = rows.profiles.lists

    def all(self, _request: Request, _: Any) -> Reply:
        """GET /api/lists."""
        return Reply(200, {"lists": [users.as_json() for users in self.lists.values()]})

    def create(self, request: Request, body: Any) -> Reply:
        """POST /api/lists: the list can be used at once."""
        check_envelope(request, body, {"name": "string", "description": "string"}, required=("name",))
        description = body.get("description") or ""
        if not body["name"].strip() or len(description) > MAX_DESCRIPTION:
            raise refuse(400, "BadParams", f"A name, and at most {MAX_DESCRIPTION} characters of description")
        now = self.rows.settings.clock()
        made = self.rows.profiles.create_list(body["name"], now, description=description)
        return Reply(200, {"listId": made.number}, objects=1)

    def delete(self, request: Request, _: Any) -> Reply:
        """DELETE /api/lists/{id}."""
        users = self._list(request.segments[-1])
        del self.lists[users.number]
        return success(f"The list {users.number} was deleted")

    def size(self, request: Request, _: Any) -> Reply:
        """GET /api/lists/{id}/size: a number as plain text."""
        return _text(str(len(self._list(request.segments[-2]).members)))

    def users(self, request: Request, _: Any) -> Reply:
        """GET /api/lists/getUsers: one identifier per line as plain text."""
        members = self._list(request.query.get("listId", "")).members.values()
        kind = self.rows.settings.iterable_project_type
        by_user_id = kind == "user_id" or (
            kind == "hybrid" and request.query.get("preferUserId", "").lower() == "true"
        )
        ids = [profile.user_id if by_user_id else profile.email for profile in members]
        return _text("\n".join(value for value in ids if value))

    def subscribe(self, request: Request, body: Any) -> Reply:
        """POST /api/lists/subscribe: users who are unknown are made, unless the call says not to."""
        known = {"listId": "number", "subscribers": "array", "updateExistingUsersOnly": "boolean"}
        users = self._target(request, body, known, USER)
        existing_only = body.get("updateExistingUsersOnly") is True
        if existing_only and self.rows.settings.iterable_project_type == "email":
            request.warn("updateExistingUsersOnly is ignored in email-based projects")
            existing_only = False
        mode = Mode(new_fields=self.rows.settings.iterable_new_fields, creates=not existing_only)
        tally = Tally()
        for row in body["subscribers"]:
            with tally.row():
                if existing_only:
                    self.rows.existing(row, request)
                change = self.rows.apply(row, request, mode)
                tally.created_fields.update(dict.fromkeys(change.created_fields))
                tally.filtered_fields.update(dict.fromkeys(change.filtered_fields))
                users.members.update((profile.number, profile) for profile in change.profiles)
        return tally.reply()

    def unsubscribe(self, request: Request, body: Any) -> Reply:
        """POST /api/lists/unsubscribe: somebody who is not a member counts as a success."""
        known = {"listId": "number", "subscribers": "array", "campaignId": "number"}
        member = {"email": "string", "userId": "string"}
        users = self._target(request, body, {**known, "channelUnsubscribe": "boolean"}, member)
        if body.get("channelUnsubscribe") is None:
            request.warn("channelUnsubscribe is left out; say false, since its default is not certain")
        tally = Tally()
        for row in body["subscribers"]:
            with tally.row():
                for profile in self.rows.existing(row, request):
                    users.members.pop(profile.number, None)
        return tally.reply()

    def _target(self, request: Request, body: Any, known: dict[str, str], member: dict[str, str]) -> UserList:
        check_envelope(request, body, known, required=("listId", "subscribers"))
        for index, row in enumerate(body["subscribers"]):
            check_envelope(request, row, member, at=f"obj.subscribers[{index}]")
        users = self._list(body["listId"])
        if not users.is_static:
            raise refuse(400, "BadParams", f"The list {users.number} is dynamic and cannot be written")
        return users

    def _list(self, number: Any) -> UserList:
        users = self.lists.get(int(number)) if str(number).isdecimal() else None
        if users is None:
            # The code really says "Success" here: the status decides.
            params = {"projectId": 1, "listId": number}
            raise Refusal(reply(400, "Success", f"error.lists.invalidListId({number})", params))
        return users


def _text(body: str) -> Reply:
    return Reply(200, body, content_type="text/plain; charset=utf-8")
