"""All skills, and the forms that run them."""

from collections.abc import Callable
from datetime import date

from actions.cards import ProductCards
from actions.forms.address import ChangeAddress
from actions.forms.attempts import Attempts
from actions.forms.cancelling import CancelOrder
from actions.forms.form import SkillForm
from actions.forms.products import FindProduct
from actions.forms.returning import ReturnItem
from actions.forms.skill import Skill
from actions.forms.status import OrderStatus
from actions.knowledge import Knowledge
from actions.phrasing import Phrases
from commerce.commerce import Commerce
from commerce.returns import ReturnPolicy


def make_forms(
    shop: Commerce,
    knowledge: Knowledge,
    phrases: Phrases,
    returns: ReturnPolicy,
    today: Callable[[], date] = date.today,
) -> tuple[SkillForm, ...]:
    """One form a skill.

    Args:
        shop: where orders and products are.
        knowledge: answers questions in between.
        returns: what the shop promises about returns.
        today: the day on which it is asked.
    """
    attempts = Attempts()
    skills: tuple[Skill, ...] = (
        OrderStatus(shop, attempts),
        ReturnItem(shop, attempts, returns, today),
        CancelOrder(shop, attempts),
        ChangeAddress(shop, attempts),
        FindProduct(shop),
    )
    cards = ProductCards(shop)
    return tuple(SkillForm(skill, skills, knowledge, cards, phrases) for skill in skills)
