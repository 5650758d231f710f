"""What the functions of the exempt streams work with."""

from collections.abc import Sequence

import msgspec

from foundation.sql.database import Database
from submission.exempt.claims import ProofSeals, proof_seals
from submission.services import SubmissionServices


class ExemptServices(msgspec.Struct, frozen=True):
    """Made once a process, in `config/app.py`: what a submission needs, and what seals proof numbers."""

    submissions: SubmissionServices
    seals: ProofSeals

    @property
    def db(self) -> Database:
        return self.submissions.db


def exempt_services(submissions: SubmissionServices, secret_keys: Sequence[str]) -> ExemptServices:
    """The services with the seals of these keys."""
    return ExemptServices(submissions, proof_seals(secret_keys))
