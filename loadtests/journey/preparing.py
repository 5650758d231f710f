"""What a candidate does in the weeks before: register, confirm the address, fill in the form, meet a conflict.

A generator like the way through the intake (`candidate.py`), by the contract alone. It ends as `prepared`: with an
account whose draft is complete, ready for its turn. The message with the code is read where a demo shows its mail.
"""

import re
from collections.abc import Generator
from typing import Any

import msgspec

from loadtests.journey.answers import ServedForm, ServedSection, completed, first_answers
from loadtests.journey.client import ContractClient
from loadtests.journey.plan import Plan, PlannedPerson
from loadtests.journey.promises import PromiseViolation
from loadtests.journey.states import JourneyEnd, Pledge, RefusalCode, StepName
from loadtests.journey.steps import Clock, Journey, JourneyAnswer, Outcome, Reply, Sleep, Step

CODE = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b")

MOST_ROUNDS = 8
"""An answer may bring up further questions; a form that goes on and on is none."""

MAIL_SECONDS = 120.0

PASSWORD = "quatre bouleaux sur la colline {}"


class _Stopped(Exception):
    """The preparation ended before its time."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome


def newcomer(name: str) -> PlannedPerson:
    """A person without an account, who will have this user name."""
    return PlannedPerson(name, PASSWORD.format(name), ("Le Petit Prince", "rue des Érables", "Mistigri"))


def preparation(person: PlannedPerson, plan: Plan, clock: Clock, *, programme: str, origin: str) -> Journey:
    """From nothing to a complete draft, or to where the service says no."""
    applicant = _Applicant(person, plan, clock, programme, origin)
    try:
        yield from applicant.go()
    except _Stopped as stopped:
        return stopped.outcome
    except PromiseViolation as broken:
        return Outcome(kind=JourneyEnd.FAILED, reason=str(broken))
    return Outcome(kind=JourneyEnd.PREPARED)


def saving(
    person: PlannedPerson, plan: Plan, clock: Clock, *, programme: str, origin: str, times: int
) -> Journey:
    """Somebody with an account who saves this often in the last hour, a pause of `plan.typing` between two."""
    applicant = _Applicant(person, plan, clock, programme, origin)
    try:
        yield from applicant.save_often(times)
    except _Stopped as stopped:
        return stopped.outcome
    except PromiseViolation as broken:
        return Outcome(kind=JourneyEnd.FAILED, reason=str(broken))
    return Outcome(kind=JourneyEnd.PREPARED)


class _Applicant(ContractClient):
    """One person before the day; every method with a `yield` is a stretch of the way."""

    def __init__(self, person: PlannedPerson, plan: Plan, clock: Clock, programme: str, origin: str) -> None:
        super().__init__(msgspec.structs.replace(plan, cookies=True), clock, origin)
        self.person, self.programme = person, programme
        self.email = f"{person.username}@exemple.invalid"
        self.draft = f"/api/v1/drafts/{programme}"
        self.versions: dict[str, int] = {}
        self.answers: dict[str, dict[str, Any]] = {}

    def go(self) -> Generator[Step, Reply, None]:
        yield from self.register()
        yield from self.confirm()
        yield from self.sign_in()
        form = yield from self.form()
        missing = yield from self.fill_in(form)
        if missing:
            raise PromiseViolation(Pledge.CONTRACT, f"a form that cannot be completed: {missing[:3]}")
        if self.plan.second_tab:
            yield from self.conflict(form.sections[0])
        yield from self.read_back()

    def register(self) -> Generator[Step, Reply, None]:
        who, seed = self.person, self.plan.seed
        body = {
            "programme": self.programme, "username": who.username, "email": self.email, "password": who.password,
            "answers": [{"question": f"Ma question {n} ?", "answer": one} for n, one in enumerate(who.answers, 1)],
            "identity": {"family_name": f"Essai {who.username}", "given_name": "Camille",
                         "birth_date": f"{1950 + seed % 50}-0{1 + seed % 9}-1{seed % 10}",
                         "birth_country": "FR", "passport": f"{seed % 10**9:09d}{who.username}"[:40]},
            "address": {"lines": ["1, rue des Exemples", "Montréal"], "country": "CA"},
            "terms": True,
        }  # fmt: skip
        answer = yield from self.ask(StepName.REGISTER, "POST", "/api/v1/accounts", body)
        self.expect(answer, 202)

    def confirm(self) -> Generator[Step, Reply, None]:
        """The code is in the message; confirming twice is confirming once."""
        began = self.clock()
        while True:
            answer = yield from self.ask(StepName.MAIL, "GET", f"/demo/courriels.json?to={self.email}")
            self.expect(answer, 200)
            codes = [code for mail in answer.body for code in CODE.findall(mail["text"])]
            if codes:
                break
            if self.clock() - began > MAIL_SECONDS:
                raise PromiseViolation(Pledge.CONTRACT, f"no message within {MAIL_SECONDS:.0f} s")
            yield Sleep(self.rng.uniform(0.5, 1.5))
        for _ in range(2):
            answer = yield from self.ask(
                StepName.CONFIRM, "POST", "/api/v1/accounts/confirm", {"code": codes[0]}
            )
            self.expect(answer, 200)

    def sign_in(self) -> Generator[Step, Reply, None]:
        who = self.person
        body = {"username": who.username, "password": who.password, "answers": list(who.answers)}
        answer = yield from self.ask(StepName.SIGN_IN, "POST", "/api/v1/session", body)
        self.expect(answer, 200)

    def form(self) -> Generator[Step, Reply, ServedForm]:
        answer = yield from self.ask(StepName.FORM, "GET", f"/api/v1/programmes/{self.programme}/form")
        self.expect(answer, 200)
        return msgspec.convert(answer.body, ServedForm)

    def fill_in(self, form: ServedForm) -> Generator[Step, Reply, list[str]]:
        """Section by section, then what is still missing; what is missing at the end."""
        missing: list[str] = []
        for section in form.sections:
            yield Sleep(self.plan.typing / len(form.sections))
            missing = yield from self.save(section.id, first_answers(section, self.plan.seed))
        for _ in range(MOST_ROUNDS):
            if not missing:
                break
            for section in form.sections:
                mine = [path for path in missing if path.partition(".")[0] == section.id]
                if mine:
                    filled = completed(section, self.answers.get(section.id, {}), mine, self.plan.seed)
                    missing = yield from self.save(section.id, filled)
        return missing

    def save(self, section: str, answers: dict[str, Any]) -> Generator[Step, Reply, list[str]]:
        """Save a section; what the draft lacks since."""
        body = {"version": self.versions.get(section, 0), "answers": answers}
        answer = yield from self.ask(StepName.SAVE, "PUT", f"{self.draft}/sections/{section}", body)
        self.expect(answer, 200)
        if answer.body["version"] != self.versions.get(section, 0) + 1:
            raise PromiseViolation(Pledge.P12, f"a save made version {answer.body['version']} of {section}")
        self.versions[section], self.answers[section] = answer.body["version"], answers
        missing: list[str] = answer.body["missing"]
        return missing

    def conflict(self, section: ServedSection) -> Generator[Step, Reply, None]:
        """A second tab saves by an older version: it gets both texts, and nothing is overwritten (P12)."""
        stale = {
            "version": self.versions[section.id] - 1,
            "answers": first_answers(section, self.plan.seed + 1),
        }
        answer = yield from self.ask(StepName.SAVE, "PUT", f"{self.draft}/sections/{section.id}", stale)
        if answer.status != 409 or answer.body["code"] != RefusalCode.DRAFT_CHANGED:
            raise PromiseViolation(Pledge.P12, f"a stale save was answered with {answer.status}")
        if "current" not in answer.body:
            raise PromiseViolation(Pledge.P12, "a conflict without the text that stands")

    def read_back(self) -> Generator[Step, Reply, None]:
        """What was saved is there, word for word (P12)."""
        answer = yield from self.ask(StepName.DRAFT, "GET", self.draft)
        self.expect(answer, 200)
        for section, answers in self.answers.items():
            kept = answer.body["sections"].get(section, {}).get("answers", {})
            lost = [field for field, value in answers.items() if value and kept.get(field) != value]
            if lost and "members" not in answers:
                raise PromiseViolation(Pledge.P12, f"{section} lost what was saved in {lost[0]}")

    def save_often(self, times: int) -> Generator[Step, Reply, None]:
        """The first section again and again, each time with another text; the last one is read back."""
        yield from self.sign_in()
        form = yield from self.form()
        answer = yield from self.ask(StepName.DRAFT, "GET", self.draft)
        if answer.status == 200:
            self.versions = {id: one["version"] for id, one in answer.body["sections"].items()}
        plain = [section for section in form.sections if section.repeats is None]
        section = next((one for one in plain if one.id in self.versions), plain[0])
        for turn in range(times):
            yield Sleep(self.plan.typing * self.rng.uniform(0.5, 1.5))
            yield from self.save(section.id, first_answers(section, self.plan.seed + turn))
        yield from self.read_back()

    def expect(self, answer: JourneyAnswer, status: int) -> None:
        """Any other answer ends the preparation: an expected "no" by its code."""
        if answer.status == status:
            return
        code = (answer.body or {}).get("code", str(answer.status))
        raise _Stopped(Outcome(kind=JourneyEnd.REFUSED, code=code))
