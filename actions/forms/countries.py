"""Country names as customers type them, in English and Chinese, and their ISO 3166-1 codes."""

import re

from knowledge_base.passages import Language

_NAMES = {
    "NL": "netherlands, the netherlands, holland, nederland, 荷兰",
    "BE": "belgium, belgië, belgique, 比利时",
    "DE": "germany, deutschland, 德国",
    "FR": "france, 法国",
    "LU": "luxembourg, 卢森堡",
    "AT": "austria, österreich, 奥地利",
    "CH": "switzerland, schweiz, suisse, 瑞士",
    "IT": "italy, italia, 意大利",
    "ES": "spain, españa, 西班牙",
    "PT": "portugal, 葡萄牙",
    "DK": "denmark, danmark, 丹麦",
    "SE": "sweden, sverige, 瑞典",
    "NO": "norway, norge, 挪威",
    "FI": "finland, suomi, 芬兰",
    "IS": "iceland, 冰岛",
    "IE": "ireland, éire, 爱尔兰",
    "GB": "united kingdom, uk, great britain, england, scotland, wales, 英国",
    "PL": "poland, polska, 波兰",
    "CZ": "czech republic, czechia, 捷克",
    "SK": "slovakia, 斯洛伐克",
    "HU": "hungary, 匈牙利",
    "SI": "slovenia, 斯洛文尼亚",
    "HR": "croatia, 克罗地亚",
    "RO": "romania, 罗马尼亚",
    "BG": "bulgaria, 保加利亚",
    "GR": "greece, 希腊",
    "CY": "cyprus, 塞浦路斯",
    "MT": "malta, 马耳他",
    "EE": "estonia, 爱沙尼亚",
    "LV": "latvia, 拉脱维亚",
    "LT": "lithuania, 立陶宛",
    "US": "united states, usa, us, united states of america, america, 美国",
    "CA": "canada, 加拿大",
    "AU": "australia, 澳大利亚, 澳洲",
    "NZ": "new zealand, 新西兰",
    "JP": "japan, 日本",
    "KR": "south korea, korea, 韩国",
    "CN": "china, 中国, 中国大陆",
    "HK": "hong kong, 香港, 中国香港",
    "TW": "taiwan, 台湾, 中国台湾",
    "SG": "singapore, 新加坡",
    "MY": "malaysia, 马来西亚",
    "TR": "turkey, türkiye, 土耳其",
    "IL": "israel, 以色列",
    "BR": "brazil, 巴西",
    "MX": "mexico, 墨西哥",
    "IN": "india, 印度",
    "ZA": "south africa, 南非",
}
_CODES = {
    name.strip(): code
    for code, names in _NAMES.items()
    for name in (*names.split(","), code.lower())
}


def country_code(text: str) -> str | None:
    """The code of the country that ``text`` names and nothing else, or None.

    Example:
        >>> country_code("The Netherlands."), country_code("德国"), country_code("Main Street")
        ('NL', 'DE', None)
    """
    return _CODES.get(re.sub(r"[\s.。!！]+", " ", text).strip().casefold())


def country_name(code: str, language: Language) -> str:
    """The name of a country for a customer; the code itself where it is none of these.

    Example:
        >>> country_name("NL", "en"), country_name("NL", "zh"), country_name("XK", "en")
        ('Netherlands', '荷兰', 'XK')
    """
    names = [name.strip() for name in _NAMES.get(code, "").split(",") if name.strip()]
    if language == "zh":
        return next((name for name in names if not name.isascii() and name[0] > "\u4dff"), code)
    return names[0].title() if names else code
