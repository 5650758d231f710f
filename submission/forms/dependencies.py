"""What is seen depends on what was answered before: which question must be decided before which.

A node is a section (`languages`), or a field of one that is not repeated (`languages.french_test`). A repeated section
is one node with all its fields; among those a second, local order holds.
"""

from collections.abc import Iterable, Mapping

from submission.forms.conditions import (
    AfterTerm,
    AllOf,
    AnyOf,
    BeforeTerm,
    Condition,
    CountTerm,
    DatesTerm,
    NotTerm,
    SomeTerm,
    walk,
)
from submission.forms.model import Form, FormSection


class FormCircleError(Exception):
    """Questions wait for each other; `nodes` are those of one circle, in its order."""

    def __init__(self, nodes: list[str]) -> None:
        super().__init__(" → ".join(nodes))
        self.nodes = nodes


def references(condition: Condition) -> list[str]:
    """The fields that a condition names, as it names them; not what `some` asks of members."""
    found: list[str] = []
    for term in walk(condition):
        if isinstance(term, AllOf | AnyOf | NotTerm | CountTerm | SomeTerm | DatesTerm):
            continue
        found.append(term.field)
        if isinstance(term, BeforeTerm | AfterTerm) and term.other is not None:
            found.append(term.other)
    return found


def sections_asked(condition: Condition) -> list[str]:
    """The repeated sections that a condition counts or searches, and the fields that it searches them by."""
    found: list[str] = []
    for term in walk(condition):
        if isinstance(term, CountTerm | SomeTerm):
            found.append(term.section)
        if isinstance(term, SomeTerm):
            found += [name for name in references(term.where) if "." in name] + sections_asked(term.where)
    return found


def sections_behind(form: Form) -> dict[str, tuple[str, ...]]:
    """By each section those whose answers decide what follows from its own: itself, those that its conditions and rules
    ask, and those that these depend on. What is not there is passed over."""
    direct = {section.id: _sections_of(section) for section in form.sections}
    found: dict[str, tuple[str, ...]] = {}
    for name in direct:
        seen: dict[str, None] = {}
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in direct and one not in seen:
                seen[one] = None
                waiting += direct[one]
        found[name] = tuple(seen)
    return found


def _sections_of(section: FormSection) -> set[str]:
    conditions = [section.when]
    for field in section.fields:
        conditions += [field.when, field.required_when, *(rule.holds for rule in field.rules)]
    names = [
        name
        for condition in conditions
        if condition is not None
        for name in (*references(condition), *sections_asked(condition))
    ]
    return {name.partition(".")[0] for name in names if "." in name} | {
        name for name in names if "." not in name
    }


def in_order(form: Form) -> list[str]:
    """The nodes, each after those that it depends on, otherwise as the form has them. Raises FormCircleError."""
    repeated = {section.id for section in form.sections if section.repeats is not None}
    graph: dict[str, set[str]] = {}
    for section in form.sections:
        needs = graph.setdefault(section.id, set())
        if section.when is not None:
            needs |= _nodes(section.when, section.id, repeated)
        for field in section.fields:
            theirs = (
                needs
                if section.id in repeated
                else graph.setdefault(f"{section.id}.{field.id}", {section.id})
            )
            if field.when is not None:
                theirs |= _nodes(field.when, section.id, repeated, within=section.id in repeated)
    return _sorted(graph)


def fields_in_order(section: FormSection) -> list[str]:
    """The fields of a repeated section, each after those of the same member that it depends on."""
    graph = {
        field.id: set()
        if field.when is None
        else {name for name in references(field.when) if "." not in name}
        for field in section.fields
    }
    return _sorted(graph)


def _nodes(condition: Condition, section: str, repeated: Iterable[str], *, within: bool = False) -> set[str]:
    """The nodes that a condition of this section asks. `within`: its own names are those of the same member."""
    found = set(sections_asked(condition))
    for name in references(condition):
        if "." not in name:
            if within:
                continue
            name = f"{section}.{name}"
        owner = name.partition(".")[0]
        found.add(owner if owner in repeated else name)
    return {owner if (owner := name.partition(".")[0]) in repeated else name for name in found}


def _sorted(graph: Mapping[str, set[str]]) -> list[str]:
    """The nodes after what they need, stably. What a need names that is no node is passed over."""
    done: dict[str, None] = {}
    trail: dict[str, None] = {}

    def visit(node: str) -> None:
        if node in done or node not in graph:
            return
        if node in trail:
            nodes = list(trail)
            raise FormCircleError([*nodes[nodes.index(node) :], node])
        trail[node] = None
        for need in sorted(graph[node], key=order.__getitem__):
            visit(need)
        del trail[node]
        done[node] = None

    order = {node: place for place, node in enumerate(graph)}
    order |= {need: len(order) for needs in graph.values() for need in needs if need not in order}
    for node in graph:
        visit(node)
    return list(done)
