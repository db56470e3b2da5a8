"""The class that the tests of a destination inherit."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from roo_dbt.testing.bench import Bench, open_bench
from roo_dbt.testing.cases.answers import AnswerCases
from roo_dbt.testing.cases.batches import BatchCases
from roo_dbt.testing.cases.declarations import DeclarationCases
from roo_dbt.testing.cases.groups import GroupCases
from roo_dbt.testing.cases.purity import PurityCases
from roo_dbt.testing.cases.values import ValueCases
from roo_dbt.testing.cases.writing import WritingCases


class DestinationContract(
    DeclarationCases, PurityCases, WritingCases, GroupCases, ValueCases, BatchCases, AnswerCases
):
    """What every destination must do. Inherit it under a name that begins with Test, and say the rest.

    Cases that cannot apply are left out by what the object declares: no groups, no modes, no removal. They
    cannot be switched off one by one.

    Raises:
        TypeError: the subclass overrides a case, or does not say what it must.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cases = {name for name in dir(DestinationContract) if name.startswith("test_")}
        overridden = sorted(cases.intersection(vars(cls)))
        if overridden:
            raise TypeError(
                f"{cls.__name__} must not override {', '.join(overridden)}: the contract is for all"
            )
        lacking = [name for name in ("app_type", "text_field", "other_field") if not hasattr(cls, name)]
        if lacking:
            raise TypeError(f"{cls.__name__} must say {', '.join(lacking)}")
        if cls.object not in cls.app_type.objects:
            raise TypeError(f"{cls.app_type.__name__} has no object {cls.object}")
        if cls.kind().groups and not cls.joined():
            raise TypeError(f"{cls.__name__} must say groups: the kit cannot make up ids of groups")
        for name, case in inspect.getmembers(DestinationContract, inspect.isfunction):
            condition = getattr(case, "applies", None)
            if condition is not None and not condition(cls):
                # pytest collects functions only.
                setattr(cls, name, None)

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        """A server with the fake of the vendor, and the destination connected to it."""
        with open_bench(self) as bench:
            yield bench
