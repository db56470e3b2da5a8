"""The kit finds mistakes: a destination that passes, spoilt in one place, fails the case that is about it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.testing.guide import parcel_contract, run_case

from roo_dbt.errors import RooError


@dataclass(frozen=True)
class Mistake:
    """A text of the guide's destination, what stands there by mistake, and the case that must fail."""

    name: str
    case: str
    old: str
    new: str


MISTAKES = (
    Mistake(
        "a field is named twice",
        "test_no_field_is_named_twice",
        '        Field("email", "string", "The address.", important=True),\n',
        '        Field("email", "string", "The address."),\n        Field("Email", "string", "Again."),\n',
    ),
    Mistake(
        "a setting has no description",
        "test_every_setting_says_what_it_means",
        'Setting(description="A key with the right to write, from Settings > API.")',
        "Setting()",
    ),
    Mistake(
        "the key is not declared as a secret",
        "test_the_key_shows_in_nothing_that_is_printed",
        "    def check(self",
        "    def secrets(self):\n        return ()\n\n    def check(self",
    ),
    Mistake(
        "a limit without a day",
        "test_limits_have_a_number_a_unit_a_source_and_a_day",
        '"2026-11-22", per_seconds=60',
        '"lately", per_seconds=60',
    ),
    Mistake(
        "a fixed endpoint",
        "test_the_endpoint_is_scheme_and_host",
        "return self.base_url",
        'return "https://api.parcel.example"',
    ),
    Mistake(
        "a random number in the body",
        "test_the_same_change_makes_the_same_request",
        '"fields": fields}, customer)',
        '"fields": fields, "nonce": __import__("uuid").uuid4().hex}, customer)',
    ),
    Mistake(
        "an operation that is needed is not named",
        "test_a_call_needs_no_operation_that_it_does_not_name",
        '    """POST /v1/customers/upsert creates and updates, with the fields that are sent."""\n',
        '    operations = frozenset({"update"})\n',
    ),
    Mistake(
        "a change is altered",
        "test_a_change_is_left_as_it_is",
        "            values = fields_to_send(change)",
        "            values = dict(change.new)\n            change.new.clear()",
    ),
    Mistake(
        "a connection while a request is built",
        "test_building_a_request_asks_nobody",
        "    text = json.dumps(body, ensure_ascii=False)\n",
        '    with __import__("socket").socket() as s:\n        s.connect(("127.0.0.1", 9))\n    text = json.dumps(body, ensure_ascii=False)\n',
    ),
    Mistake(
        "a name twice in a body",
        "test_no_name_stands_twice_in_an_object_of_a_body",
        "b'{\"%s\":[%s]}' % (self.array.encode(),",
        'b\'{"at":1,"at":2,"%s":[%s]}\' % (self.array.encode(),',
    ),
    Mistake(
        "updates send the whole record",
        "test_an_update_leaves_the_other_fields_alone",
        "            values = fields_to_send(change)",
        "            values = dict(change.new)",
    ),
    Mistake(
        "nulls are left out",
        "test_a_field_that_became_null_is_cleared",
        "            values = fields_to_send(change)",
        "            values = {n: v for n, v in fields_to_send(change).items() if v is not None}",
    ),
    Mistake(
        "a changed id goes unnoticed",
        "test_a_changed_identifier_leads_to_a_user_with_the_whole_record",
        'change.old.get("id") != change.new.get("id")',
        "False",
    ),
    Mistake(
        "clearing deletes",
        "test_clearing_on_removal_keeps_the_user",
        '        if change.operation != "delete" or change.clears:\n',
        '        if change.operation != "delete":\n',
    ),
    Mistake(
        "who is gone cannot be deleted",
        "test_a_user_who_is_gone_already_counts_as_deleted",
        'error == "not found"',
        'error == "gone"',
    ),
    Mistake(
        "nobody leaves a list",
        "test_a_record_leaves_a_group",
        'move.joins is (self.name == "join")',
        'move.joins and self.name == "join"',
    ),
    Mistake(
        "lists are made again by every destination",
        "test_what_groups_need_is_made_once",
        'self.app.once(("list", name), partial(self.list_id, send, name))',
        'str(parsed(send(Request("POST", "/v1/lists", json.dumps({"name": name}).encode())))["id"])',
    ),
    Mistake(
        "a blank id is sent",
        "test_a_record_without_its_identifier_is_refused",
        "        if not customer:\n",
        "        if value is None:\n",
    ),
    Mistake(
        "NaN is sent as its mark",
        "test_a_number_that_json_cannot_say_never_leaves",
        "if json.dumps(NOT_FINITE)[1:-1] in text:",
        "if not text:",
    ),
    Mistake(
        "text that is no Unicode raises",
        "test_text_that_is_not_unicode_is_refused",
        "except UnicodeEncodeError:",
        "except KeyError:",
    ),
    Mistake(
        "errors of single records are not read",
        "test_wrong_values_fail_alone",
        "self.outcome(results[item.match])",
        "ACCEPTED",
    ),
    Mistake(
        "more records a request than the vendor takes",
        "test_a_full_request",
        "batch_size = CUSTOMERS.number",
        "batch_size = CUSTOMERS.number + 1",
    ),
    Mistake(
        "the last record is lost in the request",
        "test_a_request_holds_every_record_once",
        "for item in items))",
        "for item in items[: max(1, len(items) - 1)]))",
    ),
    Mistake(
        "an outcome is missing",
        "test_every_change_gets_one_outcome",
        "else None for item in items]",
        "else None for item in items[1:]]",
    ),
    Mistake(
        "rate limits are not read",
        "test_a_rate_limit_is_waited_for",
        "    def outcomes(self",
        "    def judge(self, answer):\n        return None\n\n    def outcomes(self",
    ),
    Mistake(
        "a refused batch counts as accepted",
        "test_a_record_that_spoils_its_request_is_found",
        '            raise Splittable(f"Parcel refuses the request (HTTP {answer.status})")',
        "            return [ACCEPTED] * len(items)",
    ),
    Mistake(
        "what the answer leaves out counts as accepted",
        "test_an_answer_that_names_nobody_is_no_success",
        "else None for item in items]",
        "else ACCEPTED for item in items]",
    ),
    Mistake(
        "a page counts as an answer",
        "test_a_page_instead_of_an_answer_is_no_success",
        "        results = {str",
        '        if b"html" in answer.body:\n            return [ACCEPTED] * len(items)\n        results = {str',
    ),
    Mistake(
        "check always says yes",
        "test_check_says_whether_the_key_is_good",
        "status == 200, said)]",
        "True, said)]",
    ),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_fails_the_case_that_is_about_it(mistake: Mistake) -> None:
    run_case(parcel_contract(), mistake.case)

    with pytest.raises((AssertionError, RooError, ValueError)) as caught:
        run_case(parcel_contract(mistake.old, mistake.new), mistake.case)

    assert str(caught.value)
