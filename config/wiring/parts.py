"""What a web process is made of: opened by `config/app.py`, handed to the wiring of each slice."""

from collections.abc import Mapping
from typing import NamedTuple

from redis.asyncio import Redis

from accounts.services import AccountServices
from config.readiness import Surroundings
from foundation import metrics
from foundation.heartbeat import Heartbeat
from foundation.sql.database import Database
from quota.programmes import Programme
from server.problems import Problems
from server.response_defaults import ResponseDefaults
from submission.services import SubmissionServices
from waitingroom.feed.feed import Feed
from waitingroom.feed.socket_counts import SocketCounts
from waitingroom.parts import WaitingRoom


class Parts(NamedTuple):
    """What a web process is made of, in the order of the folders."""

    events: metrics.Metrics
    db: Database
    redis: Redis
    pulse: Heartbeat
    problems: Problems
    defaults: ResponseDefaults
    programmes: Mapping[str, Programme]
    accounts: AccountServices
    room: WaitingRoom
    counts: SocketCounts
    feed: Feed
    submissions: SubmissionServices
    serving: Surroundings
