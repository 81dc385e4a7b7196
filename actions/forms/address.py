"""Send an order to another address."""

import re
import unicodedata

from actions.forms.countries import country_code, country_name
from actions.forms.draft import Draft, Outcome
from actions.forms.moves import says_no, says_yes
from actions.forms.order import OrderSkill, take_yes_no
from actions.forms.skill import Voice
from actions.phrasing import plain
from actions.turn import Turn
from commerce.commerce import Address, Order

_PARTS = ("street", "postcode", "city", "country")
_LONGEST = {"street": 120, "postcode": 12, "city": 60, "country": 40}

# "3011 WN Rotterdam", "10437 Berlin", "SW1A 1AA London"; in Chinese the code stands last.
_CODE = (
    r"(?:[A-Z]{1,2}-)?(?:\d{4} ?[A-Z]{2}|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{4,6}|"
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})"
)
_CODE_AND_CITY = re.compile(rf"({_CODE})\s+(\D.*)", re.IGNORECASE)
_CITY_AND_CODE = re.compile(rf"(\D+?)\s+({_CODE})", re.IGNORECASE)
_CHINESE = re.compile(r"(?:邮编[:：]?)?\s*(\d{6})")
_CHINESE_CITY = re.compile(r"^((?:\S{2,8}?(?:省|自治区))?\S{1,8}?市)")
_SAYING = re.compile(
    r"^\s*((please )?(send|ship|deliver|change) (it|this|that)? ?(to)?|"
    r"(my|the) (new )?(address|street|postcode|zip( code)?|city|country) is( now)?|it'?s|to)"
    r"\s*:?\s+|"
    r"^\s*(新?地址(是|改成|改为)?|寄到|送到|改成|改为|邮编(是)?|城市(是)?)\s*[:：]?\s*",
    re.IGNORECASE,
)

_IS = r"(\s+(is|should be|has to be)(\s+now)?|\s*(应该)?(是|改成|改为))\s*:?\s*"
_NAMING = {
    part: re.compile(rf"\b({english}){_IS}|({chinese}){_IS}", re.IGNORECASE)
    for part, english, chinese in (
        ("street", "street|house number", "街道"),
        ("postcode", "postcode|postal code|zip( code)?", "邮编"),
        ("city", "city|town", "城市"),
        ("country", "country", "国家"),
    )
}


class ChangeAddress(OrderSkill):
    """Changes where an order goes, while it is not being packed yet."""

    form = "change_address_form"
    intent = "change_address"
    free_text = frozenset({"street", "city"})

    def take_detail(self, draft: Draft, turn: Turn) -> bool:
        text = _SAYING.sub("", unicodedata.normalize("NFKC", turn.words)).strip(" .。,，")
        if draft.asked == "confirm":
            return _put_right(draft, turn) or take_yes_no(draft, turn)
        if draft.asked not in _PARTS or not text or says_yes(turn) or says_no(turn):
            return False
        if draft.asked == "street" and (whole := read_address(text)):
            draft.details.update(whole)
            return True
        return _take_part(draft, str(draft.asked), text)

    def forget(self, draft: Draft, answer: str) -> None:
        # A whole address came as the street; what was asked after it hangs on it as well.
        for part in _PARTS[_PARTS.index(answer) :] if answer in _PARTS else ():
            draft.details.pop(part, None)

    async def with_order(self, order: Order, draft: Draft, voice: Voice) -> Outcome:
        number = plain(order.number)
        if order.status != "received":
            draft.details.clear()
            return voice.offer(
                f"too_late_for_address_{order.status}", "unsupported_request", number=number
            )
        details = draft.details
        for part in ("street", "postcode", "city"):
            if part not in details:
                return voice.ask(part, f"ask_{part}", number=number)
        address = Address(
            order.customer,
            details["street"],
            details["postcode"],
            details["city"],
            details.get("country") or order.country,
        )
        if "confirm" not in details:
            country = country_name(address.country, voice.turn.language)
            shown = plain(
                f"{address.name}, {address.street}, {address.postcode} {address.city}, {country}"
            )
            buttons = (
                voice.button("button_right", "/affirm"),
                voice.button("button_wrong", "/deny"),
            )
            return voice.ask(
                "confirm", "confirm_address", number=number, address=shown, buttons=buttons
            )
        if not details["confirm"]:
            details.clear()
            return voice.ask("street", "ask_street_again", number=number)
        proof = self.proof(draft, voice.turn)
        await self._shop.change_address(order.number, proof, address, key=voice.turn.key)
        # The postcode that was shown before is the old one now: it opens the order no longer.
        if draft.proof.startswith("postcode:"):
            draft.proof = f"postcode:{address.postcode}"
        return voice.done("address_changed", number=number)


def _put_right(draft: Draft, turn: Turn) -> bool:
    """Take what is put right when the address is shown: "the postcode is ...", "no, Germany"."""
    text = unicodedata.normalize("NFKC", turn.words).strip(" .。!！")
    said = re.sub(r"^\W*((no|sorry)\W+|不(是|对)?\W+)", "", text, flags=re.IGNORECASE)
    if whole := read_address(_SAYING.sub("", said)):
        draft.details.update(whole)
        return True
    # "No" is also Norway's code, "it" Italy's: two letters alone are an answer, not a country.
    if len(said) > 2 and (country := country_code(_SAYING.sub("", said))):
        draft.details["country"] = country
        return True
    for part, naming in _NAMING.items():
        if found := naming.search(said):
            return _take_part(draft, part, said[found.end() :].strip(" .。,，"))
    return False


def _take_part(draft: Draft, part: str, text: str) -> bool:
    if part == "postcode":
        found = re.search(_CODE, text, re.IGNORECASE)
        text = found[0] if found else text
        if not any(c.isdigit() for c in text):
            return False
    if part == "country":
        if country := country_code(text):
            draft.details["country"] = country
        return bool(country)
    if part == "city":
        town, _, rest = text.replace("，", ",").rpartition(",")
        if town and (country := country_code(rest)):
            draft.details["country"], text = country, town
    if not 1 < len(text) <= _LONGEST[part]:
        return False
    if part == "street" and not any(c.isalpha() for c in text):
        return False
    draft.details[part] = " ".join(text.split())
    return True


def read_address(text: str) -> dict[str, str] | None:
    """A whole address that was written at once; None where it lacks the postcode or the city.

    Example:
        >>> read_address("Hoogstraat 50, 3012 BR Rotterdam, Netherlands")
        {'street': 'Hoogstraat 50', 'postcode': '3012 BR', 'city': 'Rotterdam', 'country': 'NL'}
    """
    if any("\u4e00" <= c <= "\u9fff" for c in text) and (code := _CHINESE.search(text)):
        rest = (text[: code.start()] + text[code.end() :]).strip(" ,，。")
        city = _CHINESE_CITY.match(rest)
        if city and len(rest) > len(city[1]):
            street = rest[len(city[1]) :].strip(" ,，")
            # Written like this, with a code of six digits, it is in China.
            found = {"street": street, "postcode": code[1], "city": city[1], "country": "CN"}
            return _checked(found)
    parts = [part.strip() for part in re.split(r"[,，;；\n]+", text) if part.strip()]
    found = {}
    if len(parts) > 1 and (country := country_code(parts[-1])):
        found["country"] = country
        parts.pop()
    for place, part in enumerate(parts):
        if match := _CODE_AND_CITY.fullmatch(part):
            code_, city_ = match[1], match[2]
        elif place and (match := _CITY_AND_CODE.fullmatch(part)):
            code_, city_ = match[2], match[1]
        else:
            continue
        if place:
            address = {"street": ", ".join(parts[:place]), "postcode": code_, "city": city_}
            return _checked({**address, **found})
    return None


def _checked(address: dict[str, str]) -> dict[str, str] | None:
    fits = all(1 < len(value) <= _LONGEST[part] for part, value in address.items())
    return address if fits else None
