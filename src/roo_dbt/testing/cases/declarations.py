"""What a destination says about itself."""

from __future__ import annotations

import datetime as dt
import re

from roo_dbt.config.fields import FieldNames
from roo_dbt.config.problems import Place
from roo_dbt.destinations.protocol import Choice
from roo_dbt.testing.bench import SECRET, Bench
from roo_dbt.testing.declared import Declared, applies, has_modes

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class DeclarationCases(Declared):
    """The app, the object and their data, without a change."""

    def test_the_app_has_a_type_a_title_and_the_object(self) -> None:
        """Names that users write are lower case."""
        assert _NAME.fullmatch(self.app_type.type), "App.type: lower case, digits and _"
        assert self.app_type.title, "App.title: the vendor's name for people"
        assert _NAME.fullmatch(self.object)
        assert self.kind().name == self.object, "Object.name must be its key in App.objects"

    def test_every_setting_says_what_it_means(self) -> None:
        """`describe`, the JSON Schema and templates print it."""
        own = {**self.app_type.model_fields, **self.kind().options.model_fields}
        own.pop("workspace", None)
        silent = [name for name, info in own.items() if not info.description]
        assert silent == [], "settings without a description"

    def test_no_field_is_named_twice(self) -> None:
        """Also not in another case, and not as a field that nobody may map."""
        names = [field.name.casefold() for field in self.kind().known]
        assert sorted({name for name in names if names.count(name) > 1}) == []
        reserved = {name.removesuffix(".*").casefold() for name in self.kind().reserved}
        assert sorted(reserved.intersection(names)) == [], "known and reserved at once"

    def test_every_field_has_a_type_and_a_meaning(self) -> None:
        """Both are shown beside the field."""
        assert [field.name for field in self.kind().known if not (field.type and field.description)] == []

    def test_the_identifier_can_be_mapped(self, bench: Bench) -> None:
        """At least one identifier; the records of the kit have it."""
        assert self.kind().identifiers(bench.app), "identifiers() offers none"
        assert self.identifier().fields, "record() has the fields of no identifier"

    def test_the_mapping_of_the_records_is_allowed(self, bench: Bench) -> None:
        """By the rules for names, by `check_mapping` and by `check_columns`."""
        destination = bench.destination()
        names = FieldNames(self.kind(), bench.app)
        problems = [names.objection(name, Place("kit.yml")) for name in bench.record()]
        problems += self.kind().check_mapping(bench.app, destination)
        problems += bench.object().check_columns(bench.columns)
        assert [str(one) for one in problems if one is not None and one.severity == "error"] == []

    @applies(has_modes)
    def test_the_modes_are_those_that_exist(self) -> None:
        """sync, additive, enrich."""
        assert self.kind().modes <= {"sync", "additive", "enrich"}

    def test_limits_have_a_number_a_unit_a_source_and_a_day(self, bench: Bench) -> None:
        """So that somebody can look them up again."""
        for limit in (*self.app_type.limits, *(call.rate for call in bench.object().calls())):
            assert limit.number > 0, limit.name
            assert limit.unit, limit.name
            assert limit.source, limit.name
            dt.date.fromisoformat(limit.read)

    def test_calls_have_a_name_a_rate_and_sizes(self, bench: Bench) -> None:
        """A batch size of 1 is what a vendor without bulk calls has."""
        calls = bench.object().calls()
        assert calls, "calls() offers none"
        for call in calls:
            assert call.name
            assert call.rate.per_second > 0, f"{call.name}: its rate needs per_seconds"
            assert call.batch_size >= 1, call.name
            assert call.max_bytes >= 1, call.name
        parallelism = self.app_type.parallelism
        assert parallelism is None or parallelism >= 1

    def test_the_endpoint_is_scheme_and_host(self, bench: Bench) -> None:
        """Requests add their path to it."""
        assert bench.app.endpoint == bench.server.url

    def test_the_key_shows_in_nothing_that_is_printed(self, bench: Bench) -> None:
        """A setting that holds a secret is a SecretStr, and `secrets()` has it."""
        assert SECRET in " ".join(bench.app.secrets()), "App.secrets() lacks the key: is it a SecretStr?"
        for text in (repr(bench.app), str(bench.app), repr(bench.object()), bench.app.endpoint):
            assert SECRET not in text

    def test_choices_are_choices(self, bench: Bench) -> None:
        """Each with a value; asked of the vendor over HTTP."""
        with bench.lane() as lane:
            offered = [c for name in self.app_type.model_fields for c in bench.app.choices(name, lane.send)]
            obj = bench.object()
            offered += [c for n in self.kind().options.model_fields for c in obj.choices(n, lane.send)]
        assert all(isinstance(choice, Choice) and choice.value for choice in offered)
