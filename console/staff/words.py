"""What pages of the staff call their roles."""

from accounts.roles import Role

ROLES_FR = {
    Role.AGENT: "Agente ou agent",
    Role.CLERK: "Commis au courrier",
    Role.OPERATOR: "Conduite des périodes",
    Role.APPROVER: "Approbation",
    Role.AUDITOR: "Vérification",
    Role.ADMINISTRATOR: "Administration des accès",
}
"""Role -> what the page calls it."""
