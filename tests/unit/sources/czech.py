"""A Czech bank of two branches small enough to check by hand, in the files of the real one."""

from __future__ import annotations

import gzip
from pathlib import Path

FILES = {
    "district.asc": (
        "A1;A2;A3;A4;A5;A6;A7;A8;A9;A10;A11;A12;A13;A14;A15;A16\r\n"
        '1;"Hl.m. Praha";"Prague";1000;0;0;0;1;1;100.0;12541;0.29;0.43;167;85677;99107\r\n'
        '69;"Jesenik";"north Moravia";500;0;0;0;1;1;46.7;8173;?;7.01;124;?;1358\r\n'
    ),
    "account.asc": (
        '"account_id";"district_id";"frequency";"date"\r\n'
        '7;1;"POPLATEK MESICNE";930101\r\n'
        '8;69;"POPLATEK TYDNE";930102\r\n'
    ),
    "client.asc": (
        '"client_id";"birth_number";"district_id"\r\n'
        '1;"706213";69\r\n2;"450204";1\r\n3;"451304";1\r\n4;"810101";1\r\n'
    ),
    "disp.asc": (
        '"disp_id";"client_id";"account_id";"type"\r\n'
        '1;1;7;"OWNER"\r\n2;2;8;"OWNER"\r\n3;3;7;"DISPONENT"\r\n'
    ),
    "loan.asc": (
        '"loan_id";"account_id";"date";"amount";"duration";"payments";"status"\r\n'
        '5;7;930705;96396;12;8033.00;"B"\r\n6;8;930711;1000;36;33.50;"D"\r\n'
    ),
    "card.asc": '"card_id";"disp_id";"type";"issued"\r\n9;1;"gold";931107 00:00:00\r\n',
    "order.asc": (
        '"order_id";"account_id";"bank_to";"account_to";"amount";"k_symbol"\r\n'
        '1;7;"YZ";"87144583";2452.50;"SIPO"\r\n2;7;"ST";"89597016";10.00;" "\r\n'
    ),
    "trans.asc": (
        '"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";'
        '"account"\r\n'
        '11;7;930101;"PRIJEM";"VKLAD";3100.50;3100.50;"";;\r\n'
        '12;8;930116;"PRIJEM";"PREVOD Z UCTU";62.00;62.00;"DUCHOD";"YZ";1\r\n'
        '13;7;930131;"VYDAJ";"VYBER";14.60;3085.90;"SLUZBY";;\r\n'
        '14;7;930131;"VYBER";"VYBER";31.00;3054.90;"";;\r\n'
        '15;7;930201;"VYDAJ";"VYBER KARTOU";100.00;2954.90;"";;\r\n'
        '16;7;930201;"PRIJEM";"";1.00;2955.90;"UROK";;\r\n'
        '17;7;930201;"PRIJEM";"";1.00;2956.90;"UROK";;\r\n'
        '18;7;930201;"PRIJE'
    ),
    "trans_reformatted.csv": (
        "account_id,type,operation,amount,balance,k_symbol,bank,account,year,month,day,dayofweek\n"
        "A0000000007,credit,deposit,3100,3100,,,,1993,1,1,4\n"
        "A0000000008,credit,collection_from_another_bank,62,62,pension,YZ,1,1993,1,16,5\n"
        "A0000000007,debit,withdraw_cash,14,3085,service,,,1993,1,31,6\n"
        "A0000000007,cash_withdraw,withdraw_cash,31,3054,,,,1993,1,31,6\n"
        "A0000000007,debit,credit_card_withdrawal,100,2954,,,,1993,2,1,0\n"
        "A0000000007,credit,interest_pmt,1,2955,interest_pmt,,,1993,2,1,0\n"
        "A0000000007,credit,interest_pmt,1,2956,interest_pmt,,,1993,2,1,0\n"
        "A0000000007,credit,interest_pmt,1,2956,interest_pmt,,,1993,2,1,0\n"
        "A0000000008,debit,transer_to_another_bank,5,57,household,YZ,1,1993,2,3,2\n"
    ),
}


def write_bank(folder: Path, **changed: str | bytes | None) -> Path:
    """Write the bank's files; `changed` gives other content by stem, None leaves a file out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        content = changed.get(name.partition(".")[0], text)
        if content is None:
            continue
        raw = content if isinstance(content, bytes) else content.encode("ascii")
        (folder / name).write_bytes(raw)
    return folder


def pack(path: Path) -> None:
    """Replace a file by its gzip."""
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
