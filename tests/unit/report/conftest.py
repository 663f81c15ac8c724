"""The example report and its page."""

import importlib.util
from pathlib import Path

import pytest

from branchwise.report.page import render

SPEC = importlib.util.spec_from_file_location("example", Path(__file__).with_name("example.py"))
example = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(example)


@pytest.fixture(scope="session")
def make_report():
    return example.make_report


@pytest.fixture(scope="session")
def report():
    return example.make_report()


@pytest.fixture(scope="session")
def page(report):
    return render(report, "en")


PLANNED = importlib.util.spec_from_file_location(
    "plan_example", Path(__file__).with_name("plan_example.py")
)
plan_example = importlib.util.module_from_spec(PLANNED)
PLANNED.loader.exec_module(plan_example)


@pytest.fixture(scope="session")
def plans():
    return plan_example


@pytest.fixture(scope="session")
def plan():
    return plan_example.make_plan()


BENEFITS = importlib.util.spec_from_file_location(
    "benefit_example", Path(__file__).with_name("benefit_example.py")
)
benefit_example = importlib.util.module_from_spec(BENEFITS)
BENEFITS.loader.exec_module(benefit_example)


@pytest.fixture(scope="session")
def benefits():
    return benefit_example.make_benefits()
