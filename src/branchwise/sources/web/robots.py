"""What robots.txt lets programs read (RFC 9309), and how often."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from branchwise.core.errors import BranchwiseError
from branchwise.sources.feeds.http import Client, origin

ANSWERS = range(200, 500)
NOT_THERE = 400
UNREACHABLE = "Disallow: /"


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """The rules of one site for us.

    Attributes
    ----------
    rules : RobotFileParser
        The rules.
    agent : str
        Who is asking.
    """

    rules: RobotFileParser
    agent: str

    def allows(self, url: str) -> bool:
        """Say whether a page may be read."""
        return self.rules.can_fetch(self.agent, url)

    @property
    def delay_seconds(self) -> float:
        """How far requests must be apart [s]."""
        delay = self.rules.crawl_delay(self.agent)
        rate = self.rules.request_rate(self.agent)
        each = rate.seconds / rate.requests if rate is not None and rate.requests else 0.0
        return max(float(delay or 0), each)


def read_robots(client: Client, url: str, agent: str) -> Robots:
    """Ask a site for its rules.

    A site that answers that there are none (4xx) allows everything; of one that does not answer,
    points elsewhere or fails (5xx) nothing may be read.

    Parameters
    ----------
    client : Client
        Asks the site.
    url : str
        Any page of it.
    agent : str
        Who is asking.
    """
    scheme, host, _ = origin(url)
    port = urlsplit(url).port
    place = f"{scheme}://{host}{'' if port is None else f':{port}'}/robots.txt"
    try:
        answer = client.get(place, accepted=ANSWERS)
        is_given = answer.status < 300  # noqa: PLR2004
        lines = answer.content.decode("utf-8", errors="replace") if is_given else ""
        if not is_given and answer.status < NOT_THERE:
            lines = f"User-agent: *\n{UNREACHABLE}"
    except BranchwiseError:
        lines = f"User-agent: *\n{UNREACHABLE}"
    rules = RobotFileParser()
    rules.parse(lines.lstrip("\ufeff").splitlines())
    return Robots(rules=rules, agent=agent)
