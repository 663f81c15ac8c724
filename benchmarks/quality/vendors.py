# ruff: noqa: E501, D102, PLR0911 - a line of headings a file, a return a form of value
"""Exports of one small bank as eight vendors write them, with what each of their columns means.

Every vendor delivers seven systems: queue machine, core transactions, device monitor,
smart-counter sessions, attendance, customers and complaints. They differ in headings (traditional
and simplified Chinese, pinyin in full and by initials, English in full and abbreviated), in form
(CSV, TSV, fixed width, Excel, JSON lines, Parquet), encoding, calendar, the way amounts and codes
are written, and in whether date and time share a column. The headings were written down before the
catalogue of names that the guess uses, and are not taken from it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BRANCHES = ("00317", "00322", "00405", "00518")
FIRST = dt.date(2026, 3, 9)
DAYS = 6
Row = dict[str, str]

# What the columns of each system mean: role -> the canonical columns that must read it.
MEANING: dict[str, dict[str, tuple[str, ...]]] = {
    "queue": {
        "branch": ("visit.branch_id",), "ticket": ("visit.ticket_number",),
        "queue": ("visit.queue_code",), "day": ("visit.arrived_at",),
        "drawn": ("visit.arrived_at",), "called": ("visit.called_at",),
        "begun": ("visit_step.started_at",), "ended": ("visit.left_at",),
        "window": ("visit_step.station",), "teller": ("visit_step.staff_id",),
        "status": ("visit.outcome",), "level": ("visit.tier",), "rating": ("visit.satisfaction",),
    },
    "core": {
        "serial": ("transaction.transaction_id",), "day": ("transaction.posted_at",),
        "time": ("transaction.posted_at",), "branch": ("transaction.branch_id",),
        "teller": ("transaction.staff_id",), "code": ("transaction.code",),
        "channel": ("transaction.channel",), "amount": ("transaction.amount_minor",),
        "currency": ("transaction.currency",), "cash": (),
        "authoriser": ("transaction.authorised_by_staff_id",),
        "reversal": ("transaction.is_reversal",), "account": (),
    },
    "device": {
        "device": ("device_event.device_id",), "module": ("device_event.module",),
        "state": ("device_event.state",), "code": ("device_event.code",),
        "from": ("device_event.started_at",), "to": ("device_event.ended_at",),
        "cause": ("device_event.cause",),
    },
    "session": {
        "session": ("visit.visit_id",), "branch": ("visit.branch_id",),
        "service": ("visit.service_id",), "day": ("visit.arrived_at",),
        "begun": ("visit_step.started_at",), "submitted": ("visit_step.review_requested_at",),
        "returned": ("visit_step.review_returned_at",), "ended": ("visit_step.ended_at",),
        "helper": ("visit_step.staff_id",), "result": ("visit.outcome",),
    },
    "attendance": {
        "staff": ("shift.staff_id",), "post": ("shift.post",), "day": ("shift.starts_at",),
        "spell": (), "in": ("shift.starts_at",), "out": ("shift.ends_at",),
        "punch": ("shift.starts_at", "shift.ends_at"), "leave": ("shift.leave_kind",),
        "support": ("shift.branch_id",),
    },
    "crm": {
        "customer": ("customer.customer_id",), "born": ("customer.birth_year",),
        "star": ("customer.tier",), "aum": ("customer.aum_minor",),
        "job": ("customer.occupation",), "consent": ("customer.has_marketing_consent",),
        "opened": ("customer.opened_on",),
    },
    "complaint": {
        "case": ("complaint.complaint_id",), "source": ("complaint.source",),
        "at": ("complaint.received_at",), "branch": ("complaint.branch_id",),
        "category": ("complaint.category",), "content": ("complaint.content",),
        "blame": ("complaint.responsibility",), "closed": ("complaint.closed_at",),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One file of a vendor: its path, and the canonical columns that must read each heading."""

    system: str
    path: str
    truth: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """How one vendor writes: headings by system and role, a style of values, a form by system."""

    name: str
    headings: dict[str, dict[str, str]]
    files: dict[str, str]
    encoding: str = "utf-8"
    is_roc: bool = False
    day_style: str = "%Y%m%d"
    moment_style: str = "%Y%m%d %H:%M:%S"
    clock_style: str = "%H:%M:%S"
    words: str = "hant"


def headings(text: str) -> dict[str, dict[str, str]]:
    """Read ``system: role=heading …`` lines."""
    found = {}
    for line in text.strip().splitlines():
        system, _, rest = line.strip().partition(": ")
        found[system] = dict(part.split("=", 1) for part in rest.split(" "))
    return found


VENDORS = (
    Vendor(  # the headings of practice
        name="traditional", encoding="big5",
        headings=headings("""
queue: branch=網點號 ticket=號票 queue=隊列 drawn=取號 called=叫號 begun=開始 ended=結束 window=窗口 teller=柜員 status=狀態 level=客戶級 rating=評價
core: serial=流水號 day=交易日 time=時間 branch=機構 teller=柜員 code=交易碼 channel=渠道 amount=金額分 currency=幣種 cash=現轉 authoriser=授權柜員 reversal=沖正 account=賬號
device: device=設備號 module=模塊 state=狀態 code=碼 from=起 to=止 cause=原因
session: session=會話 branch=網點 service=交易 day=日期 begun=開始 submitted=提交審核 returned=返回 ended=結束 helper=協助員工 result=結果
attendance: staff=工號 post=崗位 day=日期 spell=班次 punch=打卡 leave=請假 support=支援網點
crm: customer=客戶號 born=生日 star=星級 aum=AUM月均 job=職業 consent=營銷授權 opened=開戶日期
complaint: case=工單 source=來源 at=時間 branch=網點 category=類別 content=內容 blame=責任 closed=辦結
"""),
        files={"queue": "叫號/{branch}/{month}.csv", "core": "核心流水/TRANS_{day}.csv", "device": "自助監控/事件.csv",
               "session": "STM/會話.jsonl", "attendance": "考勤/考勤_202603.xlsx", "crm": "CRM/客戶.csv",
               "complaint": "客訴/工單.csv"},
    ),
    Vendor(  # the same in simplified characters, another machine's words
        name="simplified", encoding="gb18030", words="hans", moment_style="%Y-%m-%d %H:%M:%S",
        headings=headings("""
queue: branch=机构编号 ticket=排队号码 queue=业务队列 drawn=取票时间 called=呼叫时间 begun=开始办理时间 ended=办理结束时间 window=柜台号 teller=操作员 status=票状态 level=客户等级 rating=满意度
core: serial=交易流水号 day=交易日期 time=交易时间 branch=交易机构 teller=操作柜员 code=交易代码 channel=渠道标识 amount=交易金额 currency=币种 cash=现转标志 authoriser=授权柜员号 reversal=冲正标志 account=卡号
device: device=终端编号 module=模块名称 state=设备状态 code=故障代码 from=发生时间 to=恢复时间 cause=故障原因
session: session=会话编号 branch=网点号 service=业务种类 day=业务日期 begun=开始时间 submitted=提交审核时间 returned=审核返回时间 ended=结束时间 helper=协助人员 result=办理结果
attendance: staff=员工编号 post=岗位名称 day=考勤日期 spell=班次 in=上班打卡 out=下班打卡 leave=请假类型 support=支援网点
crm: customer=客户编号 born=出生日期 star=客户星级 aum=月日均AUM job=职业代码 consent=营销授权标志 opened=开户日
complaint: case=工单编号 source=投诉渠道 at=受理时间 branch=被投诉网点 category=投诉类别 content=投诉内容 blame=责任认定 closed=办结时间
"""),
        files={"queue": "pdj/{branch}_{month}.csv", "core": "hx/{day}.csv", "device": "atmp/gz.csv",
               "session": "stm/session.csv", "attendance": "hr/考勤明细.xlsx", "crm": "crm/cust.csv",
               "complaint": "ts/投诉工单.xlsx"},
    ),
    Vendor(  # initials of pinyin
        name="initials", words="hans",
        headings=headings("""
queue: branch=WDH ticket=HP queue=DL drawn=QHSJ called=JHSJ begun=KSSJ ended=JSSJ window=CKH teller=GYH status=ZT level=KHJB rating=PJ
core: serial=LSH day=JYRQ time=JYSJ branch=JGH teller=GYH code=JYM channel=QD amount=JYJE currency=BZ cash=XZBZ authoriser=SQGY reversal=CZBZ account=ZH
device: device=SBH module=MK state=ZT code=GZM from=KSSJ to=HFSJ cause=YY
session: session=HHH branch=WDH service=YWLX day=RQ begun=KSSJ submitted=TJSJ returned=FHSJ ended=JSSJ helper=XZYG result=JG
attendance: staff=GH post=GW day=RQ spell=BC in=SBSJ out=XBSJ leave=QJ support=ZYWD
crm: customer=KHH born=CSRQ star=XJ aum=YJAUM job=ZY consent=YXSQ opened=KHRQ
complaint: case=GDH source=LY at=SLSJ branch=WDH category=LB content=NR blame=ZR closed=BJSJ
"""),
        files={"queue": "PDJ_{month}_{branch}.csv", "core": "HXLS_{day}.csv", "device": "SBJK.csv", "session": "STMHH.csv",
               "attendance": "KQ.xlsx", "crm": "KH.csv", "complaint": "TS.csv"},
    ),
    Vendor(  # pinyin in full
        name="pinyin", words="hans", moment_style="%Y/%m/%d %H:%M:%S", day_style="%Y/%m/%d",
        headings=headings("""
queue: branch=wangdian ticket=piaohao queue=duilie drawn=quhao_shijian called=jiaohao_shijian begun=kaishi_shijian ended=jieshu_shijian window=chuangkou teller=guiyuan status=zhuangtai level=kehu_dengji rating=pingjia
core: serial=liushuihao day=jiaoyi_riqi time=jiaoyi_shijian branch=jigouhao teller=guiyuanhao code=jiaoyima channel=qudao amount=jine currency=bizhong cash=xianzhuan authoriser=shouquan_guiyuan reversal=chongzheng account=zhanghao
device: device=shebeihao module=mokuai state=zhuangtai code=guzhangma from=kaishi_shijian to=huifu_shijian cause=yuanyin
session: session=huihua_id branch=wangdian_hao service=yewu day=riqi begun=kaishi submitted=tijiao_shenhe returned=shenhe_fanhui ended=jieshu helper=xiezhu_yuangong result=jieguo
attendance: staff=gonghao post=gangwei day=riqi spell=banci in=shangban out=xiaban leave=qingjia support=zhiyuan_wangdian
crm: customer=kehuhao born=shengri star=xingji aum=aum_yuejun job=zhiye consent=yingxiao_shouquan opened=kaihu_riqi
complaint: case=gongdan source=laiyuan at=shijian branch=wangdian category=leibie content=neirong blame=zeren closed=banjie_shijian
"""),
        files={"queue": "queue/{branch}/{month}.csv", "core": "core/{day}.csv", "device": "monitor.csv",
               "session": "sessions.jsonl", "attendance": "kaoqin.xlsx", "crm": "kehu.csv", "complaint": "tousu.jsonl"},
    ),
    Vendor(  # English in full
        name="english", words="en", moment_style="%Y-%m-%dT%H:%M:%S", day_style="%Y-%m-%d",
        headings=headings("""
queue: branch=Branch_Code ticket=Ticket_No queue=Queue_ID drawn=Issue_Time called=Call_Time begun=Service_Start ended=Service_End window=Counter_No teller=Teller_ID status=Ticket_Status level=Customer_Class rating=Feedback
core: serial=Journal_No day=Transaction_Date time=Transaction_Time branch=Branch teller=Teller code=Transaction_Code channel=Channel amount=Amount currency=Currency cash=Cash_Flag authoriser=Supervisor_ID reversal=Reversal_Flag account=Account_No
device: device=Terminal_ID module=Component state=Status code=Error_Code from=Start_Time to=End_Time cause=Reason
session: session=Session_ID branch=Branch_ID service=Service_Type day=Business_Date begun=Start_Time submitted=Review_Submitted returned=Review_Returned ended=End_Time helper=Assisted_By result=Result
attendance: staff=Employee_No post=Position day=Work_Date spell=Shift in=Clock_In out=Clock_Out leave=Leave_Type support=Support_Branch
crm: customer=Customer_ID born=Date_of_Birth star=Star_Level aum=Average_AUM job=Occupation consent=Marketing_Consent opened=Account_Opened
complaint: case=Case_No source=Source at=Received_Time branch=Branch category=Category content=Description blame=Responsible_Party closed=Closed_Time
"""),
        files={"queue": "qms/{branch}-{month}.csv", "core": "core/txn_{day}.tsv", "device": "atm/events.parquet",
               "session": "vtm/sessions.csv", "attendance": "hr/attendance.xlsx", "crm": "crm/customers.parquet",
               "complaint": "complaints.csv"},
    ),
    Vendor(  # English abbreviations of database columns
        name="abbreviated", words="en", moment_style="%Y%m%d%H%M%S", clock_style="%H%M%S",
        headings=headings("""
queue: branch=BRNO ticket=TKT_NO queue=Q_CD day=BIZ_DT drawn=GET_TM called=CALL_TM begun=BGN_TM ended=END_TM window=WIN_NO teller=TLR_NO status=TKT_STS level=CUST_LVL rating=EVAL_SCR
core: serial=TXN_SEQ_NO day=TXN_DT time=TXN_TM branch=BR_CD teller=TLR_ID code=TXN_CD channel=CHNL_CD amount=TXN_AMT currency=CCY_CD cash=CASH_TRF_FLG authoriser=AUTH_TLR_ID reversal=REV_FLG account=ACCT_NO
device: device=DEV_NO module=MOD_NM state=DEV_STS code=ERR_CD from=STRT_TS to=RCVR_TS cause=FLT_RSN
session: session=SESS_ID branch=BR_NO service=TXN_TYP day=TXN_DT begun=STRT_TM submitted=AUDIT_SBMT_TM returned=AUDIT_RTN_TM ended=FIN_TM helper=ASST_EMP_NO result=RSLT
attendance: staff=EMP_NO post=POST_NM day=ATTD_DT spell=SHIFT_CD in=IN_TM out=OUT_TM leave=LV_TYP support=SUPT_BR
crm: customer=CUST_NO born=BIRTH_DT star=STAR_LVL aum=AUM_MTH_AVG job=OCCP_CD consent=MKT_AUTH_FLG opened=OPEN_DT
complaint: case=WO_NO source=SRC_CHNL at=ACPT_TM branch=BR_NO category=CMPL_TYP content=CMPL_CONT blame=RESP_DEPT closed=CLS_TM
"""),
        files={"queue": "QMS_TKT_{month}_{branch}.csv", "core": "CORE_{day}.csv", "device": "DEV_EVT.csv",
               "session": "STM_SESS.csv", "attendance": "ATTD.xlsx", "crm": "CUST_INFO.csv", "complaint": "WORK_ORDER.csv"},
    ),
    Vendor(  # Taiwan: Big5, ROC years, its own words
        name="taiwan", encoding="big5", is_roc=True, moment_style="%Y/%m/%d %H:%M:%S", day_style="%Y/%m/%d",
        headings=headings("""
queue: branch=分行代號 ticket=號碼牌 queue=業務別 day=營業日期 drawn=抽號時間 called=叫號時間 begun=受理時間 ended=完成時間 window=櫃檯號碼 teller=櫃員代號 status=處理狀態 level=顧客等級 rating=服務評分
core: serial=交易序號 day=交易日期 time=交易時間 branch=分行別 teller=經辦代號 code=交易代號 channel=通路別 amount=交易金額 currency=幣別 cash=現轉別 authoriser=授權主管 reversal=更正註記 account=帳號
device: device=機台編號 module=模組 state=機台狀態 code=錯誤代碼 from=故障時間 to=修復時間 cause=故障原因
session: session=作業序號 branch=分行代號 service=業務項目 day=作業日期 begun=起始時間 submitted=送審時間 returned=審畢時間 ended=結束時間 helper=協助行員 result=處理結果
attendance: staff=員工代號 post=職務 day=出勤日期 spell=班別 in=上班時間 out=下班時間 leave=假別 support=支援分行
crm: customer=客戶代號 born=出生年月日 star=顧客等級 aum=平均資產餘額 job=職業別 consent=行銷同意 opened=開戶日期
complaint: case=案件編號 source=申訴管道 at=受理日期時間 branch=分行 category=申訴類別 content=申訴內容 blame=權責單位 closed=結案時間
"""),
        files={"queue": "叫號系統/{branch}_{month}.csv", "core": "帳務/{day}.csv", "device": "自動化設備/異常.csv",
               "session": "智能櫃檯/作業.csv", "attendance": "人資/出勤.xlsx", "crm": "顧客/顧客.csv",
               "complaint": "客服/申訴.csv"},
    ),
    Vendor(  # JSON of a modern vendor, and English in camel case
        name="camel", words="en", moment_style="%Y-%m-%d %H:%M:%S", day_style="%Y-%m-%d",
        headings=headings("""
queue: branch=branchNo ticket=ticketNumber queue=queueCode drawn=takenAt called=firstCalledAt begun=serveStartAt ended=serveEndAt window=deskNo teller=staffNo status=ticketState level=vipLevel rating=score
core: serial=txnId day=postingDate time=postingTime branch=orgCode teller=operatorId code=txnCode channel=channelType amount=txnAmount currency=currencyCode cash=cashOrTransfer authoriser=authorizerId reversal=isReversed account=maskedAccount
device: device=deviceId module=moduleName state=state code=faultCode from=faultStart to=faultEnd cause=faultCause
session: session=sessionNo branch=branchCode service=businessType day=bizDate begun=beginTime submitted=submitReviewTime returned=reviewReplyTime ended=finishTime helper=assistantId result=outcome
attendance: staff=staffCode post=jobTitle day=date spell=shiftName in=checkIn out=checkOut leave=absenceType support=secondedBranch
crm: customer=custId born=birthday star=starRating aum=avgAum job=profession consent=allowMarketing opened=openDate
complaint: case=ticketId source=sourceChannel at=createdAt branch=branchNo category=complaintType content=complaintText blame=accountability closed=resolvedAt
"""),
        files={"queue": "queue-{branch}-{month}.jsonl", "core": "ledger-{day}.jsonl", "device": "device-faults.jsonl",
               "session": "kiosk-sessions.jsonl", "attendance": "attendance.xlsx", "crm": "customers.jsonl",
               "complaint": "complaints.jsonl"},
    ),
)  # fmt: skip

WORDS: dict[str, dict[str, Sequence[str]]] = {
    "hant": {
        "status": ("1已辦", "2過號", "3棄號"), "state": ("故障",), "cause": ("卡鈔", "清機加鈔", "網路中斷"),
        "service": ("開卡", "改密", "轉賬", "掛失"), "result": ("成功", "退回", "轉柜"),
        "post": ("綜合柜員", "大堂經理", "運營主管"), "leave": ("年假", "病假"), "job": ("其他", "教師", "退休"),
        "source": ("熱線", "網點"), "category": ("服務效率", "服務態度", "設備故障"),
        "content": ("等太久", "機器故障，沒有人處理", "櫃員態度不好"), "blame": ("待定", "有責"),
        "channel": ("TLR", "STM", "ATM"), "module": ("CDM", "CIM", "IDC"),
    },
    "hans": {
        "status": ("已办", "过号", "弃号"), "state": ("故障", "离线"), "cause": ("卡钞", "清机加钞", "网络中断"),
        "service": ("开卡", "改密", "转账", "挂失"), "result": ("成功", "退回", "转柜"),
        "post": ("综合柜员", "大堂经理", "运营主管"), "leave": ("年假", "病假"), "job": ("其他", "教师", "退休"),
        "source": ("热线", "网点"), "category": ("服务效率", "服务态度", "设备故障"),
        "content": ("等太久", "机器故障，没有人处理", "柜员态度不好"), "blame": ("待定", "有责"),
        "channel": ("柜面", "智能柜台", "自助"), "module": ("CDM", "CIM", "IDC"),
    },
    "en": {
        "status": ("FINISHED", "NO_SHOW", "CANCELLED"), "state": ("FAULT", "OFFLINE"),
        "cause": ("note jam", "cash replenishment", "network down"),
        "service": ("card opening", "PIN change", "transfer", "loss report"),
        "result": ("SUCCESS", "REJECTED", "TO_COUNTER"), "post": ("Teller", "Lobby Manager", "Supervisor"),
        "leave": ("Annual", "Sick"), "job": ("other", "teacher", "retired"), "source": ("hotline", "branch"),
        "category": ("waiting time", "staff attitude", "device fault"),
        "content": ("waited far too long", "the machine was broken", "the teller was rude"),
        "blame": ("pending", "bank"), "channel": ("COUNTER", "STM", "ATM"), "module": ("CDM", "CIM", "IDC"),
    },
}  # fmt: skip


class Bank:
    """The rows of the bank, by system, with moments as `datetime`."""

    def __init__(self, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.days = [FIRST + dt.timedelta(days=number) for number in range(DAYS)]

    def pick(self, choices: Sequence[str], shares: Sequence[float] | None = None) -> str:
        return str(self.chance.choice(list(choices), p=shares))

    def moment(self, day: dt.date) -> dt.datetime:
        start = dt.datetime.combine(day, dt.time(9))
        return start + dt.timedelta(seconds=int(self.chance.integers(0, 27_000)))

    def teller(self, branch: str) -> str:
        return branch[1:] + f"{self.chance.integers(1, 6):02d}"


def spells(at: dt.datetime, *minutes: float) -> list[dt.datetime]:
    """Return moments that follow each other by the minutes given."""
    found = []
    for gap in minutes:
        at += dt.timedelta(seconds=int(60 * gap))
        found.append(at)
    return found


def rows_of(bank: Bank, system: str, vendor: Vendor) -> list[dict[str, object]]:
    """Return the rows of one system; texts, numbers, dates and moments."""
    words = WORDS[vendor.words]
    makers: dict[str, Callable[[], list[dict[str, object]]]] = {
        "queue": lambda: queue_rows(bank, words), "core": lambda: core_rows(bank, words),
        "device": lambda: device_rows(bank, words), "session": lambda: session_rows(bank, words),
        "attendance": lambda: attendance_rows(bank, words), "crm": lambda: crm_rows(bank, words),
        "complaint": lambda: complaint_rows(bank, words),
    }  # fmt: skip
    return makers[system]()


def queue_rows(bank: Bank, words: dict[str, Sequence[str]]) -> list[dict[str, object]]:
    rows = []
    for branch in BRANCHES:
        for day in bank.days:
            moments = sorted(bank.moment(day) for _ in range(25))
            for number, drawn in enumerate(moments, 1):
                gaps = bank.chance.exponential((9, 0.5, 6))
                called, begun, ended = spells(drawn, *gaps)
                kind = int(bank.chance.choice(3, p=(0.85, 0.1, 0.05)))
                level, rating = bank.pick("1234567"), bank.pick("12345 9")
                rows.append({
                    "branch": branch, "ticket": f"A{number:03d}", "queue": bank.pick(("01", "02", "03")),
                    "day": day, "drawn": drawn, "called": called if kind < 2 else None,
                    "begun": begun if kind == 0 else None, "ended": ended if kind == 0 else None,
                    "window": bank.pick("1234") if kind < 2 else None,
                    "teller": bank.teller(branch) if kind < 2 else None, "status": words["status"][kind],
                    "level": level, "rating": rating.strip() or None,
                })  # fmt: skip
    return rows


def core_rows(bank: Bank, words: dict[str, Sequence[str]]) -> list[dict[str, object]]:
    rows = []
    for day in bank.days:
        for number in range(120):
            branch = bank.pick(BRANCHES)
            at = bank.moment(day)
            rows.append({
                "serial": f"{day:%y%m%d}{number:06d}", "day": day, "time": at.time(), "branch": branch,
                "teller": bank.teller(branch), "code": bank.pick(("1011", "1021", "2201", "3105", "4010")),
                "channel": bank.pick(words["channel"]),
                "amount": int(bank.chance.lognormal(12, 1.5)), "currency": bank.pick(("156", "840"), (0.97, 0.03)),
                "cash": bank.pick("12"), "authoriser": branch[1:] + "01" if bank.chance.random() < 0.15 else None,
                "reversal": bank.pick("01", (0.98, 0.02)), "account": f"6222****{bank.chance.integers(1000, 9999)}",
            })  # fmt: skip
    return rows


def device_rows(bank: Bank, words: dict[str, Sequence[str]]) -> list[dict[str, object]]:
    rows = []
    for _ in range(150):
        start = bank.moment(bank.days[int(bank.chance.integers(DAYS))])
        rows.append({
            "device": f"{bank.pick(('STM', 'ATM'))}{bank.pick(BRANCHES)}-{bank.chance.integers(1, 4):02d}",
            "module": bank.pick(words["module"]), "state": bank.pick(words["state"]),
            "code": bank.pick(("3B21", "2D15", "9C00", "4A07")), "from": start,
            "to": start + dt.timedelta(minutes=float(bank.chance.exponential(60))) if bank.chance.random() < 0.9 else None,
            "cause": bank.pick(words["cause"]),
        })  # fmt: skip
    return rows


def session_rows(bank: Bank, words: dict[str, Sequence[str]]) -> list[dict[str, object]]:
    rows = []
    for number in range(240):
        day = bank.days[int(bank.chance.integers(DAYS))]
        begun = bank.moment(day)
        submitted, returned, ended = spells(begun, *bank.chance.exponential((2, 1, 0.5)))
        kind = int(bank.chance.choice(3, p=(0.8, 0.12, 0.08)))
        branch = bank.pick(BRANCHES)
        rows.append({
            "session": str(88_123 + number), "branch": branch, "service": bank.pick(words["service"]), "day": day,
            "begun": begun.time(), "submitted": submitted.time(), "returned": returned.time(),
            "ended": ended.time(), "helper": bank.teller(branch) if bank.chance.random() < 0.05 else None,
            "result": words["result"][kind],
        })  # fmt: skip
    return rows


def attendance_rows(bank: Bank, words: dict[str, Sequence[str]]) -> list[dict[str, object]]:
    rows = []
    for day in bank.days:
        for branch in BRANCHES:
            for number in range(1, 6):
                start = dt.datetime.combine(day, dt.time(8)) + dt.timedelta(
                    minutes=int(bank.chance.integers(0, 30))
                )
                end = start + dt.timedelta(minutes=int(bank.chance.integers(540, 600)))
                away = bank.chance.random() < 0.06
                rows.append({
                    "staff": f"{branch[1:]}{number:02d}", "post": words["post"][number % 3], "day": day,
                    "spell": "早", "in": start.time(), "out": end.time(),
                    "punch": f"{start:%H:%M}/{end:%H:%M}", "leave": bank.pick(words["leave"]) if away else None,
                    "support": bank.pick(BRANCHES) if bank.chance.random() < 0.05 else None,
                })  # fmt: skip
    return rows


def crm_rows(bank: Bank, words: dict[str, Sequence[str]]) -> list[dict[str, object]]:
    rows = []
    for number in range(200):
        born = dt.date(1935, 1, 1) + dt.timedelta(days=int(bank.chance.integers(0, 26_000)))
        opened = dt.date(2009, 1, 1) + dt.timedelta(days=int(bank.chance.integers(0, 6_000)))
        rows.append({
            "customer": f"C{7_000 + number}", "born": born, "star": bank.pick("1234567"),
            "aum": round(float(bank.chance.lognormal(10, 1.5)), 2), "job": bank.pick(words["job"]),
            "consent": bank.pick("YN"), "opened": opened,
        })  # fmt: skip
    return rows


def complaint_rows(bank: Bank, words: dict[str, Sequence[str]]) -> list[dict[str, object]]:
    rows = []
    for number in range(60):
        at = bank.moment(bank.days[int(bank.chance.integers(DAYS))])
        rows.append({
            "case": f"T2603-{number:03d}", "source": bank.pick(words["source"]), "at": at,
            "branch": bank.pick(BRANCHES) if bank.chance.random() < 0.7 else None,
            "category": bank.pick(words["category"]), "content": bank.pick(words["content"]),
            "blame": bank.pick(words["blame"]),
            "closed": at + dt.timedelta(hours=float(bank.chance.exponential(30))) if bank.chance.random() < 0.8 else None,
        })  # fmt: skip
    return rows


def written(value: object, role: str, system: str, vendor: Vendor) -> str:
    """Return a value as the vendor writes it."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        apart = role in ("drawn", "called", "begun", "ended") and "day" in vendor.headings[system]
        clock_only = role != "drawn" and vendor.name == "traditional" and system == "queue"
        if apart or clock_only:
            return value.strftime(vendor.clock_style)
        if vendor.is_roc:
            return f"{value.year - 1911}/{value:%m/%d %H:%M:%S}"
        return value.strftime(vendor.moment_style)
    if isinstance(value, dt.time):
        is_digits = system == "core" and vendor.name in ("traditional", "initials")
        return value.strftime("%H%M%S" if is_digits else vendor.clock_style)
    if isinstance(value, dt.date):
        if system == "attendance" and vendor.name == "traditional":
            return f"{value.month}/{value.day}"
        if vendor.is_roc:
            return f"{value.year - 1911:03d}{value:%m%d}"
        return value.strftime(vendor.day_style)
    if role == "amount" and isinstance(value, int):
        return f"{value:012d}" if "分" in vendor.headings[system][role] else f"{value / 100:.2f}"
    return str(value)


def write_vendor(vendor: Vendor, folder: Path, *, seed: int = 1) -> list[Export]:
    """Write the exports of a vendor and return what they mean."""
    bank = Bank(seed)
    exports = []
    for system, names in vendor.headings.items():
        split: dict[str, list[Row]] = {}
        for row in rows_of(bank, system, vendor):
            path = vendor.files[system].format(
                branch=row.get("branch"), month="202603", day=f"{row['day']:%Y%m%d}" if "day" in row else ""
            )  # fmt: skip
            cells = {name: written(row[role], role, system, vendor) for role, name in names.items()}
            split.setdefault(path, []).append(cells)
        truth = {names[role]: meant for role, meant in MEANING[system].items() if role in names}
        for path, rows in split.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            write_rows(target, rows, vendor)
            exports.append(Export(system=system, path=path, truth=truth))
    return exports


def write_rows(target: Path, rows: list[Row], vendor: Vendor) -> None:
    """Write rows in the form that the suffix names."""
    if target.suffix == ".jsonl":
        lines = [
            json.dumps({k: v or None for k, v in row.items()}, ensure_ascii=False) for row in rows
        ]
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif target.suffix == ".xlsx":
        import xlsxwriter

        with xlsxwriter.Workbook(target) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "2026年3月")
            sheet.write_row(1, 0, list(rows[0]))
            for number, row in enumerate(rows, 2):
                sheet.write_row(number, 0, list(row.values()))
    elif target.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(
            pa.Table.from_pylist([{k: v or None for k, v in row.items()} for row in rows]), target
        )
    else:
        text = io.StringIO()
        writer = csv.DictWriter(
            text,
            list(rows[0]),
            delimiter="\t" if target.suffix == ".tsv" else ",",
            lineterminator="\r\n",
        )
        writer.writeheader()
        writer.writerows(rows)
        target.write_bytes(text.getvalue().encode(vendor.encoding, errors="replace"))
