"""Iterable's user endpoints.

Source: https://api.iterable.com/api/docs, read 2026-11-22.
"""

from __future__ import annotations

from typing import Any

from roo_dbt.sandbox.exchange import Refusal, Reply, Request
from roo_dbt.sandbox.iterable.answers import (
    USER,
    RowRefused,
    Tally,
    Unidentified,
    check_envelope,
    refuse,
    reply,
    success,
)
from roo_dbt.sandbox.iterable.profiles import Profile, hashed
from roo_dbt.sandbox.iterable.rows import (
    Mode,
    Rows,
    invalid_email,
    is_email,
    not_found,
)

_SUBSCRIPTIONS = ("unsubscribedChannelIds", "unsubscribedMessageTypeIds", "subscribedMessageTypeIds")
_ONE_USER = {"email": "string", "userId": "string"}
_SUBSCRIPTION_REQUEST = {
    **_ONE_USER,
    "emailListIds": "array",
    **dict.fromkeys(_SUBSCRIPTIONS, "array"),
    "campaignId": "number",
    "templateId": "number",
    "validateChannelAlignment": "boolean",
}


class Users:
    """Writing, reading, renaming and deleting users.

    Args:
        rows: the users and how entries change them.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.profiles = rows.profiles
        self.settings = rows.settings

    def update(self, request: Request, body: Any) -> Reply:
        """POST /api/users/update."""
        user = check_envelope(request, body, {**USER, "createNewFields": "boolean"})
        try:
            self.rows.apply(user, request, Mode(new_fields=self._new_fields(user)))
        except RowRefused as row:
            raise Refusal(row.single) from row
        except Unidentified as nobody:
            raise refuse(400, "BadParams", "Either email or userId is required") from nobody
        return success("User was created or updated")

    def bulk_update(self, request: Request, body: Any) -> Reply:
        """POST /api/users/bulkUpdate: 200 however many rows fail."""
        known = {"users": "array", "createNewFields": "boolean", "updateOnly": "boolean"}
        check_envelope(request, body, known, required=("users",))
        for index, user in enumerate(body["users"]):
            check_envelope(request, user, USER, at=f"obj.users[{index}]")
        update_only = body.get("updateOnly") is True
        if update_only and not self.settings.iterable_update_only:
            request.warn("updateOnly is not enabled for this account; it was ignored")
            update_only = False
        mode = Mode(new_fields=self._new_fields(body), creates=not update_only)
        return self._apply_all(body["users"], request, mode).reply()

    def _apply_all(self, users: list[Any], request: Request, mode: Mode) -> Tally:
        if self.settings.iterable_mismatch == "request":
            self._refuse_mismatches(users, mode)
        tally = Tally()
        for user in users:
            with tally.row():
                change = self.rows.apply(user, request, mode)
                tally.created_fields.update(dict.fromkeys(change.created_fields))
                tally.filtered_fields.update(dict.fromkeys(change.filtered_fields))
                if not change.existed:
                    identity = self.rows.identity(user)
                    place = "noOpEmails" if identity.name == "email" else "noOpUserIds"
                    tally.unchanged.setdefault(place, []).append(identity.value)
        return tally

    def _refuse_mismatches(self, users: list[Any], mode: Mode) -> None:
        """Raise the 400 that some projects answer for a whole bulk request with one wrong type."""
        for user in users:
            values = {k: v for k, v in (user.get("dataFields") or {}).items() if k not in ("email", "userId")}
            if not mode.new_fields:
                values, _ = self.rows.schema.known(values)
            mismatches, _ = self.rows.schema.check(values)
            if mismatches:
                errors = {found.field: found.as_json() for found in mismatches}
                raise refuse(
                    400,
                    "RequestFieldsTypesMismatched",
                    "The request does not have the same data types as the project",
                    {"validationErrors": errors},
                )

    def _new_fields(self, body: dict[str, Any]) -> bool:
        choice = body.get("createNewFields")
        return self.settings.iterable_new_fields if choice is None else bool(choice)

    def by_email(self, request: Request, _: Any) -> Reply:
        """GET /api/users/getByEmail and /api/users/{email}: `{}` for an absent user."""
        email = request.query.get("email") if request.segments[-1] == "getByEmail" else request.segments[-1]
        if not email or not is_email(email):
            raise Refusal(invalid_email(email))
        return self._read(self.profiles.with_email(email))

    def by_user_id(self, request: Request, _: Any) -> Reply:
        """GET /api/users/byUserId, by query or by path: `{}` for an absent user."""
        user_id = request.query.get("userId") if request.segments[-1] == "byUserId" else request.segments[-1]
        if not user_id or not user_id.strip():
            raise refuse(400, "BadParams", "userId is required")
        return self._read(self.profiles.with_user_id(user_id))

    def _read(self, found: list[Profile]) -> Reply:
        return Reply(200, {"user": self.profiles.read(found[0])} if found else {}, objects=1)

    def delete_by_email(self, request: Request, _: Any) -> Reply:
        """DELETE /api/users/{email}: 200 also for an absent user."""
        email = request.segments[-1]
        if self.settings.iterable_project_type == "user_id":
            raise refuse(400, "BadParams", "Users of a userID-based project are deleted by userId")
        if not is_email(email):
            raise Refusal(invalid_email(email))
        found = self.profiles.with_email(email)
        if not found:
            request.warn(f"no such user, though answered with success: {email}")
        for profile in found:
            self.profiles.delete(profile)
        return success(f"{email} was successfully deleted")

    def delete_by_user_id(self, request: Request, _: Any) -> Reply:
        """DELETE /api/users/byUserId/{userId}: every user who has it; 400 when nobody does."""
        user_id = request.segments[-1]
        found = self.profiles.with_user_id(user_id)
        if not found:
            raise Refusal(not_found(None, user_id))
        for profile in found:
            self.profiles.delete(profile)
        return success(f"All users associated with {user_id} were successfully deleted")

    def update_email(self, request: Request, body: Any) -> Reply:
        """POST /api/users/updateEmail: in e-mail projects only."""
        known = {"currentEmail": "string", "currentUserId": "string", "newEmail": "string"}
        check_envelope(request, body, {**known, "merge": "boolean"}, required=("newEmail",))
        if self.settings.iterable_project_type != "email":
            raise refuse(400, "BadParams", "updateEmail works in email-based projects only")
        current, user_id, new = body.get("currentEmail"), body.get("currentUserId"), body["newEmail"]
        if current is not None and not is_email(current):
            raise refuse(400, "InvalidEmailAddressError", f"Invalid currentEmail {current}")
        if not is_email(new):
            raise refuse(400, "InvalidEmailAddressError", f"Invalid newEmail {new}")
        if new.lower() in self.profiles.forgotten_emails:
            raise refuse(409, "ForgottenUserError", "User has been forgotten")
        if current is not None:
            found = self.profiles.with_email(current)
        else:
            found = self.profiles.with_user_id(user_id or "")
        if not found:
            raise Refusal(not_found(current, user_id))
        if new.lower() != found[0].email and self.profiles.with_email(new):
            raise refuse(400, "EmailAlreadyExists", f"The email {new} already exists")
        self.profiles.identify(found[0], email=new)
        self.profiles.touch(found[0], self.settings.clock())
        return success("The email was updated")

    def forget(self, request: Request, body: Any) -> Reply:
        """POST /api/users/forget: removes the user and refuses its identifiers from then on."""
        check_envelope(request, body, _ONE_USER)
        email, user_id = body.get("email"), body.get("userId")
        found = self.profiles.with_email(email) if email else self.profiles.with_user_id(user_id or "")
        for profile in found:
            self.profiles.forget(profile)
        if email:
            self.profiles.forgotten_emails.add(email.lower())
        elif user_id:
            self.profiles.forgotten_user_ids.add(user_id)
        else:
            raise refuse(400, "BadParams", "Either email or userId is required")
        return reply(202, "Success", "The user will be forgotten", objects=1)

    def unforget(self, request: Request, body: Any) -> Reply:
        """POST /api/users/unforget: the identifiers may be used again."""
        check_envelope(request, body, _ONE_USER)
        self.profiles.forgotten_emails.discard((body.get("email") or "").lower())
        self.profiles.forgotten_user_ids.discard(body.get("userId") or "")
        return success("The user can be used again")

    def forgotten(self, _request: Request, _: Any) -> Reply:
        """GET /api/users/forgotten: hashed addresses."""
        return Reply(200, {"hashedEmails": sorted(map(hashed, self.profiles.forgotten_emails))})

    def forgotten_user_ids(self, _request: Request, _: Any) -> Reply:
        """GET /api/users/forgottenUserIds: hashed user ids."""
        return Reply(200, {"hashedUserIds": sorted(map(hashed, self.profiles.forgotten_user_ids))})

    def fields(self, _request: Request, _: Any) -> Reply:
        """GET /api/users/getFields: dotted names and their types."""
        return Reply(200, {"fields": dict(self.rows.schema.types)})

    def update_subscriptions(self, request: Request, body: Any) -> Reply:
        """POST /api/users/updateSubscriptions: every array that is not null overwrites."""
        check_envelope(request, body, _SUBSCRIPTION_REQUEST)
        try:
            self._overwrite(body, request)
        except RowRefused as row:
            raise Refusal(row.single) from row
        except Unidentified as nobody:
            raise refuse(400, "BadParams", "Either email or userId is required") from nobody
        return success("The subscriptions were updated")

    def bulk_update_subscriptions(self, request: Request, body: Any) -> Reply:
        """POST /api/users/bulkUpdateSubscriptions: 200 however many rows fail."""
        rows = "updateSubscriptionsRequests"
        check_envelope(request, body, {rows: "array"}, required=(rows,))
        for index, row in enumerate(body[rows]):
            check_envelope(request, row, _SUBSCRIPTION_REQUEST, at=f"obj.{rows}[{index}]")
        tally = Tally()
        for row in body[rows]:
            with tally.row():
                self._overwrite(row, request)
        invalid = {name: tally.refused.get(name, []) for name in ("invalidEmails", "invalidUserIds")}
        others = {"Emails": "validEmailFailures", "UserIds": "validUserIdFailures"}
        failures = {
            name: [
                value
                for place, values in tally.refused.items()
                if place.endswith(suffix) and place not in invalid
                for value in values
            ]
            for suffix, name in others.items()
        }
        counts = {"successCount": tally.succeeded, "failCount": tally.failed}
        return Reply(200, {**counts, **invalid, **failures}, objects=len(body[rows]))

    def _overwrite(self, body: dict[str, Any], request: Request) -> None:
        user = {name: body.get(name) for name in ("email", "userId")}
        (profile, *_) = self.rows.apply(user, request, Mode()).profiles
        for name in _SUBSCRIPTIONS:
            if body.get(name) is not None:
                profile.subscriptions[name] = body[name]
        if body.get("emailListIds") is not None:
            self._overwrite_lists(profile, body["emailListIds"])

    def _overwrite_lists(self, profile: Profile, numbers: list[Any]) -> None:
        for users in self.profiles.lists.values():
            if users.number in numbers:
                users.members[profile.number] = profile
            else:
                users.members.pop(profile.number, None)
