"""Public web tables: only on a recorded basis, as robots.txt allows, slowly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.faulty import Asked, Reply, Server, serving

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import DuckDBEngine, open_duckdb
from branchwise.sources.feeds import http
from branchwise.sources.feeds.model import Asking
from branchwise.sources.model import Delivery
from branchwise.sources.web.feed import WebFeed
from branchwise.sources.web.html import decoded, tables_of

BASIS = """
who = "Network planning"
why = "branches of competitors"
licence = "Open Government Data Licence, 2026"
contact = "data@bank.example"
"""
MAPPING = """
[web]
{basis}
[[page]]
name = "branches"
url = "{url}/list.html"
{page}
[[table]]
into = "branch"
from = "branches"
[table.columns]
branch_id = "代碼"
name = "名稱"
"""
PAGE = """<!DOCTYPE html><html><head><meta charset="big5"><script>if (a < b) "<table>"</script>
<table><tr><td>navigation</td></tr></table>
<table><caption>網點</caption><thead><tr><th>代碼</th><th>名稱</th><th>電話</th></tr></thead>
<tbody><tr><td rowspan=2>001</td><td>東門<br>分行</td><td>1&amp;2</td></tr>
<tr><td>西門</td><td><table><tr><td>inner</td></tr></table></td></tr>
<tr><td>003<td>南門<td>3
</tbody></table></html>"""


def answering(asked: Asked, _: int) -> Reply:
    """Answer for a site with one list and no rules."""
    if asked.path == "/robots.txt":
        return Reply(status=404, body=b"")
    return Reply(body=PAGE.encode("big5"), media_type="text/html")


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    with open_duckdb() as opened:
        yield opened


@pytest.fixture(autouse=True)
def waits(monkeypatch) -> list[float]:
    """Note how long a client would have waited, and do not wait."""
    noted: list[float] = []
    plain = http.Client.__init__

    def quick(self, *given, **named):
        plain(self, *given, **{**named, "sleep": noted.append})

    monkeypatch.setattr(http.Client, "__init__", quick)
    return noted


@pytest.fixture
def site() -> Iterator[Server]:
    with serving(answering) as server:
        yield server


def ask(
    site: Server, engine: DuckDBEngine, folder: Path, page: str = "number = 2", basis: str = BASIS
) -> Delivery:
    mapping = folder / "web.toml"
    text = MAPPING.format(url=site.url, page=page, basis=basis)
    mapping.write_text(text, encoding="utf-8")
    asking = Asking(address=None, mapping=mapping, kept=folder / "feeds")
    return WebFeed().read(asking, engine, scratch=folder / "scratch")


def rows(engine: DuckDBEngine, delivery: Delivery) -> list[dict]:
    query = f"SELECT * FROM {delivery.tables[0].relation} ORDER BY source_row"
    return engine.table(query).to_pylist()


def test_a_table_of_a_page(site, engine, tmp_path):
    """The second table of a Big5 page: merged cells, entities, line breaks, open tags."""
    delivery = ask(site, engine, tmp_path)
    found = [(row["branch_id"], row["name"]) for row in rows(engine, delivery)]
    assert found == [("001", "東門 分行"), ("001", "西門"), ("003", "南門")]
    assert site.pages() == ["/robots.txt", "/list.html"]
    assert site.asked[1].headers["user-agent"] == "branchwise (+data@bank.example)"


def test_the_basis_is_recorded(site, engine, tmp_path):
    """Who, why and licence stand with the source and in the remarks of the load."""
    delivery = ask(site, engine, tmp_path)
    source = delivery.tables[0].data_source
    assert source.owner == "Network planning"
    assert source.purpose == "branches of competitors · Open Government Data Licence, 2026"
    (note,) = (note for note in delivery.notes if note.code == "BW-SRC-097")
    assert note.values["licence"] == "Open Government Data Licence, 2026"


@pytest.mark.parametrize("lacking", ["who", "why", "licence", "contact"])
def test_without_a_basis_nothing_is_asked(site, engine, tmp_path, lacking):
    """Each part of the basis is needed, and an empty one is none."""
    basis = "\n".join(
        f'{lacking} = " "' if line.startswith(lacking) else line for line in BASIS.splitlines()
    )
    with pytest.raises(BranchwiseError) as refused:
        ask(site, engine, tmp_path, basis=basis)
    assert [bad.code for bad in refused.value.problems] == ["BW-SRC-094"]
    assert not site.asked


@pytest.mark.parametrize(
    ("robots", "is_read"),
    [
        (Reply(body=b"User-agent: *\nDisallow: /list", media_type="text/plain"), False),
        (Reply(body=b"User-agent: branchwise\nDisallow: /", media_type="text/plain"), False),
        (Reply(body=b"User-agent: other\nDisallow: /", media_type="text/plain"), True),
        (Reply(body=b"\xef\xbb\xbfUser-agent: *\nDisallow: /private"), True),
        (Reply(status=403, body=b""), True),
        (Reply(status=500, body=b""), False),
        (Reply(status=301, headers={"Location": "https://elsewhere/robots.txt"}), False),
        (Reply(fault="reset"), False),
    ],
)
def test_robots_are_respected(site, engine, tmp_path, robots, is_read):
    """What the site forbids is not asked for, nor anything while its rules cannot be had."""
    site.answering = lambda asked, n: robots if asked.path == "/robots.txt" else answering(asked, n)
    if is_read:
        assert ask(site, engine, tmp_path).files
        return
    with pytest.raises(BranchwiseError) as refused:
        ask(site, engine, tmp_path)
    assert [bad.code for bad in refused.value.problems] == ["BW-SRC-025", "BW-SRC-095"]
    assert "/list.html" not in site.pages()


def test_requests_are_as_far_apart_as_the_site_asks(site, engine, tmp_path, waits):
    """A crawl delay of 7 s is kept between the rules and the page; 2 s where none is said."""
    ask(site, engine, tmp_path)
    assert max(waits) == pytest.approx(2.0, abs=0.1)
    delay = Reply(body=b"User-agent: *\nCrawl-delay: 7\nDisallow:", media_type="text/plain")
    site.answering = lambda asked, n: delay if asked.path == "/robots.txt" else answering(asked, n)
    ask(site, engine, tmp_path)
    assert max(waits) == pytest.approx(7.0, abs=0.1)


def test_a_file_that_lies_openly_on_the_web(site, engine, tmp_path):
    """A CSV is read as a file would be."""
    content = "代碼,名稱\n007,北門\n".encode("gb18030")
    site.answering = lambda asked, n: (
        answering(asked, n) if asked.path == "/robots.txt" else Reply(body=content)
    )
    delivery = ask(site, engine, tmp_path, page='format = "csv"\nencoding = "gb18030"')
    assert [row["name"] for row in rows(engine, delivery)] == ["北門"]


@pytest.mark.parametrize(
    ("page", "body", "code"),
    [
        ("number = 4", PAGE.encode("big5"), "BW-SRC-096"),
        ("number = 1", b"<p>built by script</p>", "BW-SRC-096"),
        ("number = 1", PAGE.encode("big5"), "BW-SRC-013"),
        ("number = 1", b"", "BW-SRC-096"),
        ("number = 1", b"<table></table>", "BW-SRC-017"),
    ],
)
def test_pages_without_the_table(site, engine, tmp_path, page, body, code):  # noqa: PLR0917
    """A table that is not there, is another one or is empty is told."""
    site.answering = lambda asked, n: (
        answering(asked, n)
        if asked.path == "/robots.txt"
        else Reply(body=body, media_type="text/html")
    )
    with pytest.raises(BranchwiseError) as refused:
        ask(site, engine, tmp_path, page=page)
    assert refused.value.problems[1].code == code


def test_spans_fill_a_grid():
    """Rows and columns that cells span repeat their text, however far the page says they reach."""
    text = (
        "<table><tr><td rowspan=3>a<td colspan=2>b<tr><td>c<td rowspan=9999999>d<tr><td>e</table>"
    )
    assert tables_of(text) == [[["a", "b", "b"], ["a", "c", "d"], ["a", "e", "d"]]]


def test_encodings_of_pages():
    """The server's word counts first, then the page's, then UTF-8; a wrong word costs nothing."""
    assert decoded("東門".encode("big5"), "big5") == "東門"
    assert decoded("東門".encode(), "nonsense") == "東門"
    assert "東門" in decoded('<meta charset="gbk">東門'.encode("gbk"), None)
