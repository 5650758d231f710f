"""The promises P1 to P7 and P15, recounted from the books of one period: SQL and the journal, nothing else. Pure.

Every check takes the books and returns what it found broken; an empty list is the promise kept. None of them trusts a
counter, a constraint or a copy: each counts the rows itself. Where rows cannot tell exactly (instants of several
hosts), a check allows for it and says by how much.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from evidence.books import Books, BrokenPromise, SubmissionRow, TokenRow, found
from evidence.money.recount_money import money_adds_up
from evidence.money.recount_released import released_once
from evidence.money.recount_supplements import supplements_add_up
from evidence.promises import Promise
from evidence.recount_draw import drawn_order
from evidence.recount_exempt import outside_kept_apart
from evidence.recount_files import files_stand
from evidence.recount_signatures import signatures_kept
from evidence.recount_stores import stores_agree, submissions_lost
from foundation.outbox import TaskState
from quota.pace import LAPSE_GRACE_MS
from quota.states import PeriodState, TokenState
from submission.states import SubmissionStatus
from waitingroom.line.states import JournalKind

SKEW_MS = 2_000
"""Instants in rows were read by several processes, before their commits; by so much their order may be another."""

RECORDING_MS = 10_000
"""A submission received in time may be recorded so much later: a queue at the lock, a slow disk (P5)."""

NUMBERS = frozenset({JournalKind.JOIN, JournalKind.RESTORE, JournalKind.DRAWN, JournalKind.LEAVE})
"""Kinds of journal entries that are about numbers; the others are about entries in mode draw."""


def repeated(values: Iterable[object]) -> list[str]:
    """The values that are there more than once, and how often."""
    return [f"{value}: {times} times" for value, times in Counter(values).items() if times > 1]


def numbers_given_once(books: Books) -> list[BrokenPromise]:
    """P1: joins give rising numbers, over all epochs; none is given twice; none is above the mark."""
    joins = sorted(
        (e for e in books.entries if e.kind == JournalKind.JOIN), key=lambda e: (e.epoch, e.at, e.step)
    )
    by_number = sorted(joins, key=lambda e: e.first)
    mark = books.period.mark
    numbers = [e for e in books.entries if e.kind in NUMBERS]
    rows = [
        ("call" if token.call else "leave", token.number)
        for token in books.tokens
        if not 0 < token.number <= mark
    ]
    return [
        *found(
            Promise.P1,
            "numbers were given twice",
            [f"{a} and {b}" for a, b in pairwise(by_number) if b.first <= a.last],
        ),
        *found(
            Promise.P1,
            "a later join has a lower number",
            [f"{a}, then {b}" for a, b in pairwise(joins) if b.first <= a.last],
        ),
        *found(
            Promise.P1,
            "an entry of the journal is no range",
            [e for e in books.entries if not 1 <= e.first <= e.last],
        ),
        *found(
            Promise.P1, f"numbers above the mark of {mark} were given", [e for e in numbers if e.last > mark]
        ),
        *found(Promise.P1, f"tokens have numbers outside 1 to {mark}", rows),
        *found(Promise.P1, "a number has two rows", repeated(token.number for token in books.tokens)),
        *found(
            Promise.P1,
            f"the journal has entries of an epoch after {books.period.epoch}",
            [e for e in books.entries if e.epoch > books.period.epoch],
        ),
    ]


def places_counted(books: Books) -> list[BrokenPromise]:
    """P2: accepted is the number of submissions, never above the cap; ranks are 1 to accepted; held adds up."""
    period, broken = books.period, []
    accepted = len(books.submissions)
    live = sum(token.state == TokenState.LIVE for token in books.tokens)
    figures = f"cap {period.cap}, held {period.held}, accepted {period.accepted}; {accepted} submissions, {live} live"
    if accepted > period.cap:
        broken.append(BrokenPromise(Promise.P2, "more were accepted than the cap", [figures]))
    if period.accepted != accepted:
        broken.append(
            BrokenPromise(Promise.P2, "the count of accepted is not the number of submissions", [figures])
        )
    if period.held != accepted + live:
        broken.append(BrokenPromise(Promise.P2, "held is not accepted plus live tokens", [figures]))
    if accepted + live > period.cap:
        broken.append(BrokenPromise(Promise.P6, "more places are held than the cap has", [figures]))
    wrong = sorted(set(range(1, accepted + 1)) ^ {row.rank for row in books.submissions})
    return [
        *broken,
        *found(Promise.P2, f"ranks are not exactly 1 to {accepted}", wrong),
        *found(Promise.P2, "a rank was given twice", repeated(row.rank for row in books.submissions)),
    ]


def submissions_kept(books: Books) -> list[BrokenPromise]:
    """P3: every submission has its used token, and every used token its submission, with the same receipt."""
    used = {token.number: token for token in books.tokens if token.state == TokenState.USED}
    made = {row.number: row for row in books.submissions}
    unproved = [row for number, row in made.items() if number not in used]
    lost = [token for number, token in used.items() if number not in made]
    both = [(made[number], used[number]) for number in made.keys() & used.keys()]
    return [
        *found(Promise.P3, "a submission has no used token", map(_named, unproved)),
        *found(Promise.P3, "a used token has no submission: it is lost", lost),
        *found(
            Promise.P3,
            "a receipt is not the one of its token",
            [_named(s) for s, t in both if s.receipt != t.receipt],
        ),
        *found(
            Promise.P5,
            "a submission is of another account than its token",
            [_named(s) for s, t in both if s.account != t.account],
        ),
        *found(Promise.P3, "a receipt was given twice", repeated(row.receipt for row in books.submissions)),
    ]


def work_done_once(books: Books) -> list[BrokenPromise]:
    """P3: every submission has its tasks; every done task that makes a document has made exactly one; no other has."""
    tasks = {(task.submission, task.kind): task for task in books.tasks}
    kinds = set(books.makes.values())
    papers = Counter((paper.submission, paper.kind) for paper in books.documents if paper.kind in kinds)
    missing = [
        f"{_named(row)}: {kind}"
        for row in books.submissions
        for kind in books.makes
        if (row.id, kind) not in tasks
    ]
    wrong, early = [], []
    for (submission, kind), task in tasks.items():
        paper = books.makes.get(kind, "")
        count = papers.pop((submission, paper), 0) if paper else 0
        if task.state == TaskState.DONE and paper and count != 1:
            wrong.append(f"{task}: {count} documents")
        elif task.state != TaskState.DONE and count:
            early.append(f"{task}: {count} documents")
    return [
        *found(Promise.P3, "a submission lacks a job", missing),
        *found(
            Promise.P3,
            "a submission has a job twice",
            repeated((task.submission, task.kind) for task in books.tasks if task.kind in books.makes),
        ),
        *found(Promise.P3, "a done job has not made exactly one document", wrong),
        *found(Promise.P3, "a job that is not done has made a document", early),
        *found(Promise.P3, "a document was made by no job", papers),
        *found(
            Promise.P3,
            "a job was set aside: its work was not done",
            [task for task in books.tasks if task.state == TaskState.SET_ASIDE],
        ),
    ]


def late_tasks(books: Books, now_ms: int, patience_ms: int = 60_000) -> list[BrokenPromise]:
    """P3: work is done within a minute. Whether a late task breaks the promise is for the caller to say."""
    late = [
        task
        for task in books.tasks
        if task.state == TaskState.STAGED and now_ms - max(task.staged_at, task.due_at) > patience_ms
    ]
    return found(Promise.P3, f"a job has been waiting for more than {patience_ms // 1000} s", late)


def annulled_whole(books: Books) -> list[BrokenPromise]:
    """P2 of an annulled period: nothing of it counts, nobody holds a place, and `voided` says how many were accepted;
    of any other period nothing is void."""
    annulled = books.period.state == PeriodState.ANNULLED
    void = [row for row in books.submissions if row.status == SubmissionStatus.ANNULLED]
    standing = [row for row in books.submissions if row.status != SubmissionStatus.ANNULLED]
    counted = f"voided {books.period.voided}; {len(void)} of {len(books.submissions)} submissions are void"
    return [
        *found(
            Promise.P2,
            "a submission still counts in an annulled period"
            if annulled
            else "a submission is void in a period that stands",
            map(_named, standing if annulled else void),
        ),
        *found(
            Promise.P2,
            "a token still lives in an annulled period"
            if annulled
            else "a token was cancelled in a period that stands",
            [t for t in books.tokens if t.state == (TokenState.LIVE if annulled else TokenState.CANCELLED)],
        ),
        *found(
            Promise.P2,
            "the count of void submissions is another",
            [counted] if books.period.voided != len(void) else [],
        ),
    ]


def one_each(books: Books) -> list[BrokenPromise]:
    """P4: one submission an account and a person; one live token an account."""
    live = [
        token.account
        for token in books.tokens
        if token.state == TokenState.LIVE and token.account is not None
    ]
    persons = defaultdict(list)
    for row in books.submissions:
        persons[row.person].append(row.id)
    return [
        *found(
            Promise.P4,
            "an account has submitted twice",
            repeated(f"account {row.account}" for row in books.submissions),
        ),
        *found(
            Promise.P4,
            "a person has submitted twice",
            [f"submissions {ids}" for ids in persons.values() if len(ids) > 1],
        ),
        *found(
            Promise.P4, "an account has two live tokens", repeated(f"account {account}" for account in live)
        ),
    ]


def alike_persons(books: Books) -> list[BrokenPromise]:
    """P4, to be looked at: one passport, or one name and date of birth, in two submissions. No breach: one person's
    identity is what they are compared by, spelled alike, and only a person can tell a slip from a namesake."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, first, second in books.alike:
        pairs[first, second].append(kind)
    rows = [f"{first} and {second}: the same {', '.join(kinds)}" for (first, second), kinds in pairs.items()]
    count = "1 pair of submissions" if len(rows) == 1 else f"{len(rows)} pairs of submissions"
    return found(Promise.P4, f"remark, no breach: {count} may be of one person", rows)


def tokens_in_time(books: Books) -> list[BrokenPromise]:
    """P5: a token is used once, and within its time.

    A row keeps the service clock of its use, so no host's clock has a say. Rows of before 0003 do not: there the last
    call before the instant of the use shows a clock that had been reached by then.
    """
    called = [token for token in books.tokens if token.call is not None]
    late, clock = [], 0
    clocks = sorted((token.called_at or 0, token.called_clock or 0) for token in called)
    at = 0
    for token in sorted((t for t in called if t.state == TokenState.USED), key=lambda t: t.ended_at or 0):
        while at < len(clocks) and clocks[at][0] <= (token.ended_at or 0) - SKEW_MS:
            clock = max(clock, clocks[at][1])
            at += 1
        reached = clock if token.ended_clock is None else token.ended_clock
        if reached > (token.ends or 0) + LAPSE_GRACE_MS + RECORDING_MS:
            late.append(f"{token}: the clock had reached {reached}")
    return [
        *found(Promise.P5, "a token was used after its end", late),
        *found(Promise.P5, "two tokens have one id", repeated(t.jti for t in called)),
        *found(Promise.P5, "a call has no token id", [t for t in called if not t.jti]),
        *found(Promise.P5, "a token is live or used that was never called", [
            t for t in books.tokens if t.call is None and t.state != TokenState.LEFT
        ]),
    ]  # fmt: skip


def moved_ends(books: Books) -> list[BrokenPromise]:
    """P5, to be looked at: ends that are not the period's time after the call.

    Nothing in the service writes such an end. A hand in the row does, to help somebody or to try what happens at the
    end; whether that broke the promise, the rows cannot say.
    """
    moved = [
        f"{token}: {(token.ends or 0) - (token.called_clock or 0)} ms instead of {' or '.join(map(str, due))}"
        for token in books.tokens
        if token.call is not None
        and (token.ends or 0) - (token.called_clock or 0) not in (due := _promised_ms(books, token))
    ]
    return found(Promise.P5, "the end of a token was moved in its row", moved)


def _promised_ms(books: Books, token: TokenRow) -> list[int]:
    """What the time of a token may be: the period's, lengthened once by the factor of the account it was given to.

    Of a factor that was granted after the call, the one until then too: which it was is not in the rows.
    """
    base = books.period.token_seconds * 1000
    factors = {1.0 if token.account is None else books.factors.get(token.account, 1.0)}
    factors |= {
        before
        for at, account, before in books.grants
        if account == token.account and at + SKEW_MS >= (token.called_at or 0)
    }
    return sorted(base + max(0, round((factor - 1.0) * base)) for factor in factors)


def places_held(books: Books) -> list[BrokenPromise]:
    """P6: at no moment were more places held than the cap has, replayed from the service clock in the rows.

    Rows of before 0003 have an instant only, which several hosts wrote: there a place counts as free from two seconds
    before it. A place that was used after its time may have lapsed and been taken back: it counts until its time was
    over, and again from its use.
    """
    called = [token for token in books.tokens if token.call is not None and token.called_at is not None]
    by_clock = all(token.ended_clock is not None for token in called if token.state != TokenState.LIVE)
    moves: list[tuple[int, int, int]] = []
    for token in called:
        began, over, ended = _span_of(token, by_clock)
        moves.append((began, 1, token.number))
        if token.state in (TokenState.LAPSED, TokenState.LEFT, TokenState.CANCELLED):
            moves.append((max(began, ended - (0 if by_clock else SKEW_MS)), -1, token.number))
        elif token.state == TokenState.USED and ended > over:
            moves += [(over, -1, token.number), (ended, 1, token.number)]
    held, above = 0, []
    for at, change, number in sorted(moves):
        held += change
        if change > 0 and held > books.period.cap:
            above.append(f"{held} held of {books.period.cap} at {at}, with number {number}")
    return found(Promise.P6, "somebody was called without a place", above)


def _span_of(token: TokenRow, by_clock: bool) -> tuple[int, int, int]:
    """When a token began, when its time was over, when it ended: by the service clock, or as instants."""
    began, ends = token.called_clock or 0, token.ends or 0
    if by_clock:
        return began, ends, token.ended_clock or 0
    at = token.called_at or 0
    return at, at + ends - began, token.ended_at or 0


def order_of_calls_kept(books: Books) -> list[BrokenPromise]:
    """P7: each lower number than a called one was called before or with it, had left, or was parked.

    For each call, everybody known to be in the line of its epoch before its list was taken: by the journal (strictly
    before, to the millisecond), or because an earlier call of the epoch passed them over as parked.
    """
    called: defaultdict[int, list[TokenRow]] = defaultdict(list)
    left: list[TokenRow] = []
    for token in sorted(books.tokens, key=lambda row: row.id):
        (left if token.call is None else called[token.call]).append(token)
    came = [e for e in books.entries if e.kind in NUMBERS and e.kind != JournalKind.LEAVE]
    entries = sorted(came, key=lambda e: (e.epoch, e.at, e.step))
    known, gone, epoch, at, away = 0, 0, -1, 0, 0
    passed: list[str] = []
    for call in sorted(books.calls, key=lambda row: row.id):
        here = called[call.id]
        if not here:
            continue
        while at < len(entries) and (entries[at].epoch, entries[at].at) < (call.epoch, call.listed_at):
            known = (known if entries[at].epoch == epoch else 0) | _span(entries[at].first, entries[at].last)
            epoch = entries[at].epoch
            at += 1
        if epoch != call.epoch:
            known, epoch = 0, call.epoch
        while away < len(left) and left[away].id < here[0].id:
            gone |= 1 << left[away].number
            away += 1
        for token in here:
            gone |= 1 << token.number
        parked = _bits(call.passed_over)
        known |= parked
        highest = max(token.number for token in here)
        missing = known & ~gone & ~parked & ((1 << highest) - 1)
        if missing:
            passed.append(f"{call.id}: {highest} was called before {_lowest(missing)}")
    return found(Promise.P7, "a call passed over somebody who was present", passed)


def _span(first: int, last: int) -> int:
    return (1 << (last + 1)) - (1 << first)


_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _bits(packed: bytes | None) -> int:
    """The bitmap as an integer whose bit n is number n (in the row it is in the order of Redis SETBIT)."""
    return int.from_bytes(zlib.decompress(packed).translate(_MIRROR), "little") if packed else 0


def _lowest(bits: int, most: int = 5) -> str:
    names: list[str] = []
    while bits and len(names) < most:
        names.append(str((bits & -bits).bit_length() - 1))
        bits &= bits - 1
    return ", ".join(names) + (" and others" if bits else "")


def _named(row: SubmissionRow) -> str:
    """A submission without what is personal in it."""
    return f"submission {row.id}, rank {row.rank}, number {row.number}"


CHECKS: Sequence[Callable[[Books], list[BrokenPromise]]] = (
    numbers_given_once,
    drawn_order,
    places_counted,
    released_once,
    submissions_kept,
    signatures_kept,
    money_adds_up,
    supplements_add_up,
    files_stand,
    work_done_once,
    annulled_whole,
    one_each,
    outside_kept_apart,
    tokens_in_time,
    places_held,
    order_of_calls_kept,
    stores_agree,
    submissions_lost,
)


OF_FILES = (money_adds_up, supplements_add_up, files_stand)
"""Those that hold of files outside the quota too."""


def recount(books: Books) -> list[BrokenPromise]:
    """Every promise that does not hold, in their order."""
    found = [broken for check in CHECKS for broken in check(books)]
    if books.outside_files is not None:
        found += [broken for check in OF_FILES for broken in check(books.outside_files)]
    return sorted(found, key=lambda broken: broken.promise)
