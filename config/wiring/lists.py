"""Lists of documents and decisions: their rules beside the programmes, and what works with them."""

from casework.checklists.files import load_checklists
from casework.checklists.services import checklist_services
from casework.decisions.files import load_decision_rules
from casework.decisions.services import DecisionServices, decision_services
from config.settings import Settings
from config.wiring.parts import Parts


def list_services(parts: Parts, settings: Settings) -> DecisionServices:
    """The services of both, with the rules in the folders `checklists` and `decisions` beside the programmes; a folder
    of programmes without them has no lists and no decisions."""
    folder, programmes = settings.programmes_dir, parts.programmes
    rules = load_checklists(folder / "checklists", programmes, parts.submissions.forms)
    lists = checklist_services(
        rules, programmes, parts.submissions.forms, settings.secret_keys, settings.public_url
    )
    return decision_services(load_decision_rules(folder / "decisions", programmes), lists)
