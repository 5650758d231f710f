"""People of the exempt streams for tests: a claim, its decision, and a submission outside the quota."""

from starlette.applications import Starlette

from accounts.pages import SignInPages
from accounts.sessions import SignedIn
from casework.pages import DESTINATIONS
from config.assets import renderer
from foundation.clock import now_ms
from server.problems import Problems
from submission.exempt import claims, submitting
from submission.exempt.api import ExemptApi
from submission.exempt.claims import ExemptClaim, ProofSeals, proof_seals
from submission.exempt.pages import ExemptPages
from submission.exempt.services import exempt_services
from submission.exempt.states import ExemptClaimAct
from submission.states import Capacity
from submission.submit import Accepted, Signing
from tests.support.candidates.files import FilePlace
from tests.support.desks import PERSONAL, Desk, visit
from tests.support.rooms import KEYS

STREAM = "offre_emploi_validee"

SEALS: ProofSeals = proof_seals(KEYS)

SIGNED = Signing(declaration=True, capacity=Capacity.CANDIDATE)


async def declare(
    desk: Desk, account: int, proof: str = "VEO-2016-0001", stream: str = STREAM
) -> ExemptClaim:
    """A claim that waits for an agent."""
    programme = desk.programmes["demo"]
    return await desk.db.write(
        lambda conn: claims.claim(conn, SEALS, account, programme, stream, proof, now_ms())
    )


async def decide(desk: Desk, claim: ExemptClaim, act: ExemptClaimAct, by: str = "lucie") -> ExemptClaim:
    """An agent's decision on the claim as it is now."""
    now = await desk.db.read(lambda conn: claims.find(conn, claim.id))
    return await desk.db.write(
        lambda conn: claims.decide(
            conn, PERSONAL, claim.id, act, "Preuve vérifiée.", now.version, by, now_ms()
        )
    )


async def accepted_claim(desk: Desk, account: int, proof: str = "VEO-2016-0001") -> ExemptClaim:
    """A claim that an agent has accepted."""
    return await decide(desk, await declare(desk, account, proof), ExemptClaimAct.ACCEPT)


async def submit_outside(
    desk: Desk, signed_in: SignedIn, signing: Signing = SIGNED, stream: str = STREAM
) -> Accepted:
    """A submission outside the quota, of whoever is signed in."""
    return await submitting.submit(desk, visit({}, signed_in), "demo", stream, signing)


def with_streams(place: FilePlace) -> None:
    """The pages and the API of the exempt streams, in the place of a candidate's other pages."""
    problems = Problems("http://guichet.test", renderer())
    sign_in = SignInPages(place.desk.accounts, renderer(), problems.tell, DESTINATIONS)
    services = exempt_services(place.desk, KEYS)
    assert isinstance(place.app, Starlette)
    place.app.router.routes[:0] = [
        *ExemptPages(services, sign_in, renderer(), problems.tell).routes(),
        *ExemptApi(services).routes(),
    ]
