"""Reference data as head office keeps it: branches, hours, people, machines, services, targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from branchwise.core.randomness import stream
from branchwise.sources.demo.catalogues import device_models, products, services
from branchwise.sources.demo.customers import Customers
from branchwise.sources.demo.devices import Fleet, installed_on
from branchwise.sources.demo.floors import Floor, rectangle, size_of
from branchwise.sources.demo.network import SATURDAY, Branch, regions
from branchwise.sources.demo.settings import DemoSettings
from branchwise.sources.demo.staff import Person

Rows = list[dict[str, str]]
INCOME_BANDS = ((70_000.0, "低"), (180_000.0, "中"), (float("inf"), "高"))
POSTS = {
    "teller": "綜合柜員", "corporate_teller": "對公柜員", "advisor": "理財經理",
    "lobby_manager": "大堂經理", "supervisor": "運營主管", "manager": "網點負責人",
    "guard": "保安", "assistant": "大堂助理",
}  # fmt: skip
ZONE_OF_DEVICE = {
    "smart_counter": "smart_counter", "cash_recycler": "self_service", "atm": "self_service",
    "ticket_machine": "guide", "passbook_printer": "self_service",
}  # fmt: skip
TARGETS = (  # measure, goal, baseline, target, guard-rail, its limit
    ("queues.wait_p90_seconds", "efficiency", 780.0, 600.0, "queues.abandoned_share", 0.08),
    ("queues.service_mean_seconds", "efficiency", 450.0, 400.0, "customers.csat_share", 0.75),
    ("queues.abandoned_share", "experience", 0.07, 0.05, "queues.wait_p90_seconds", 900.0),
    ("customers.csat_share", "experience", 0.72, 0.80, "queues.wait_p90_seconds", 900.0),
    ("customers.nps", "experience", 10.0, 20.0, "", None),
    ("channels.diversion_ratio", "cost", 1.0, 1.3, "queues.failback_share", 0.10),
    ("economics.cost_per_visit", "cost", 40.0, 36.0, "customers.csat_share", 0.70),
    ("devices.availability_share", "efficiency", 0.97, 0.985, "", None),
    ("economics.deposits_per_head", "growth", None, 9_000_000.0, "", None),
)


def region_rows(settings: DemoSettings) -> Rows:
    """Return the regions."""
    return [
        {"區域代碼": code, "區域名稱": f"{name}分行", "國家": "CN"}
        for code, name, _, _ in regions(settings)
    ]


def branch_rows(settings: DemoSettings, branches: Sequence[Branch]) -> Rows:
    """Return the branches."""
    rows = []
    for branch in branches:
        width, depth = size_of(branch)
        age = int(stream(settings.seed, "opened", branch.branch_id).integers(1500, 9000))
        rows.append(
            {
                "網點號": branch.branch_id,
                "區域代碼": branch.region_id,
                "網點名稱": branch.name,
                "類型": branch.branch_type,
                "緯度": f"{branch.latitude}",
                "經度": f"{branch.longitude}",
                "地址": f"{branch.name}（虛構地址）",
                "面積": f"{branch.form.floor_area_m2:.0f}",
                "輪廓": rectangle((0, 0, width, depth)),
                "開業日期": (settings.starts_on - timedelta(days=age)).isoformat(),
            }
        )
    return rows


def hours_rows(branches: Sequence[Branch]) -> Rows:
    """Return the opening hours by branch, business line and weekday."""
    rows = []
    for branch in branches:
        form = branch.form
        lunch = form.lunch or ("", "")
        for line in ("對私", "對公") if form.corporate_windows else ("對私",):
            last = min(form.open_days, SATURDAY - 1) if line == "對公" else form.open_days
            rows += [
                {
                    "網點號": branch.branch_id,
                    "業務線": line,
                    "星期": f"{weekday}",
                    "開門": _clock(form.opens_minute),
                    "關門": _clock(form.closes_minute),
                    "午休起": _clock(lunch[0]),
                    "午休止": _clock(lunch[1]),
                }
                for weekday in range(1, last + 1)
            ]
    return rows


def _clock(minute: int | str) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}" if isinstance(minute, int) else minute


def service_rows() -> Rows:
    """Return the services."""
    return [
        {
            "業務代碼": service.service_id,
            "業務名稱": service.name.zh_hant,
            "業務線": service.business_line,
            "類別": service.family,
            "技能": service.skill,
            "可遷移": "1" if service.is_migratable else "0",
            "需授權": "1" if service.authorised_share else "0",
        }
        for service in services()
    ]


def product_rows() -> Rows:
    """Return the products."""
    return [
        {
            "產品代碼": product.product_id,
            "產品名稱": product.name.zh_hant,
            "類別": product.family,
            "風險等級": f"R{product.risk_grade}" if product.risk_grade else "",
        }
        for product in products()
    ]


def model_rows() -> Rows:
    """Return the models of machines."""
    return [
        {
            "型號": model.device_model_id,
            "類型": model.kind,
            "廠商": model.vendor,
            "名稱": model.name.zh_hant,
            "單價分": f"{model.price_minor}",
            "年維保分": f"{model.annual_maintenance_minor}",
            "幣種": model.currency,
            "折舊年限": f"{model.life_years}",
            "功率": f"{model.power_watts}",
            "佔地": f"{model.footprint_m2}",
        }
        for model in device_models()
    ]


def device_rows(settings: DemoSettings, fleet: Fleet, floor: Floor) -> Rows:
    """Return the machines of a branch."""
    zone = {row["功能區類型"]: row["功能區代碼"] for row in floor.zones}
    return [
        {
            "設備號": device.device_id,
            "網點號": device.branch_id,
            "型號": device.model.device_model_id,
            "功能區": zone[ZONE_OF_DEVICE[device.kind]],
            "類型": device.kind,
            "服務時間": "7x24" if device.kind in {"atm", "cash_recycler"} else "營業時間",
            "安裝日期": installed_on(settings, device),
            "位置": f"POINT ({1.0 + 1.2 * number:.2f} 2.00)",
        }
        for number, device in enumerate(fleet.devices)
    ]


def staff_rows(settings: DemoSettings, people: Sequence[Person]) -> Rows:
    """Return the people of a branch."""
    rows = []
    for person in people:
        days = int(stream(settings.seed, "hired", person.staff_id).integers(90, 7000))
        rows.append(
            {
                "工號": person.staff_id,
                "網點號": person.branch_id,
                "崗位": POSTS[person.post],
                "用工": "外包" if person.employment == "outsourced" else "在編",
                "入職日期": (settings.starts_on - timedelta(days=days)).isoformat(),
            }
        )
    return rows


def skill_rows(people: Sequence[Person]) -> Rows:
    """Return the skills of people."""
    return [
        {"工號": person.staff_id, "技能": skill, "等級": f"{2 + number}"}
        for person in people
        for number, skill in enumerate(person.skills)
    ]


def customer_rows(settings: DemoSettings, branch: Branch, customers: Customers) -> Rows:
    """Return the customers of a branch, as the CRM keeps them."""
    birthday = stream(settings.seed, "birthdays", branch.branch_id).integers(
        1, 29, size=(2, len(customers.codes))
    )
    return [
        {
            "客戶號": code,
            "開戶網點": branch.branch_id,
            "生日": f"{customers.birth_year[n]}{1 + birthday[0, n] % 12:02d}{birthday[1, n]:02d}",
            "星級": f"{customers.star[n]}",
            "存款月均": f"{customers.deposit[n]:.2f}",
            "AUM月均": f"{customers.aum[n]:.2f}",
            "收入檔": next(name for limit, name in INCOME_BANDS if customers.income[n] < limit),
            "職業": customers.occupation[n],
            "手機銀行": "Y" if customers.has_mobile[n] else "N",
            "營銷授權": "Y" if customers.has_consent[n] else "N",
            "開戶日期": (settings.starts_on - timedelta(days=int(customers.since[n]))).isoformat(),
        }
        for n, code in enumerate(customers.codes)
    ]


def target_rows(settings: DemoSettings) -> Rows:
    """Return the targets set for the bank, two or more for each of the four goals' measures."""
    due = settings.calendar[-1].replace(month=12, day=31)
    return [
        {
            "目標代碼": f"T{number:02d}",
            "指標": measure,
            "目標類別": goal,
            "基準": "" if baseline is None else f"{baseline}",
            "目標": f"{target}",
            "到期日": due.isoformat(),
            "負責人": "渠道管理部",
            "護欄指標": guard,
            "護欄限值": "" if limit is None else f"{limit}",
        }
        for number, (measure, goal, baseline, target, guard, limit) in enumerate(TARGETS, start=1)
    ]
