"""The catalogues of services, machines and products that the synthetic bank draws on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from branchwise.core.languages import Text

SKILLS = ("teller", "foreign_exchange", "wealth", "loan", "corporate", "machine")
MACHINE = SKILLS.index("machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoService:
    """A service: see ``tables/catalogues/services.toml`` for the meaning of the numbers."""

    service_id: str
    name: Text
    business_line: str
    family: str
    skill: str
    is_migratable: bool
    authorised_share: float
    counter_median_seconds: float
    counter_log_sd: float
    machine_median_seconds: float
    weight_under_60: float
    weight_60_plus: float
    core_code: str
    amount_median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoModel:
    """A model of machine: see ``tables/catalogues/device_models.toml``."""

    device_model_id: str
    name: Text
    kind: str
    vendor: str
    price_minor: int
    annual_maintenance_minor: int
    currency: str
    life_years: float
    power_watts: float
    footprint_m2: float
    mean_days_between_failures: float
    mean_hours_to_repair: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProduct:
    """A product: see ``tables/catalogues/products.toml``."""

    product_id: str
    name: Text
    family: str
    fee_percent: float
    risk_grade: int | None = None


@cache
def services() -> tuple[DemoService, ...]:
    """Return the services of the catalogue, in order of their code."""
    return tuple(DemoService(service_id=code, **entry) for code, entry in _read("services"))


@cache
def device_models() -> tuple[DemoModel, ...]:
    """Return the models of machines, in order of their code."""
    return tuple(DemoModel(device_model_id=code, **entry) for code, entry in _read("device_models"))


@cache
def products() -> tuple[DemoProduct, ...]:
    """Return the products, in order of their code."""
    return tuple(DemoProduct(product_id=code, **entry) for code, entry in _read("products"))


def _read(name: str) -> list[tuple[str, dict[str, Any]]]:
    file = files("branchwise.tables").joinpath("catalogues", f"{name}.toml")
    entries = tomllib.loads(file.read_text(encoding="utf-8"))
    return [
        (code, {**entry, "name": Text.parse(entry["name"])})
        for code, entry in sorted(entries.items())
    ]
