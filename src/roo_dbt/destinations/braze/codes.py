"""Codes that Braze knows; it stores nothing, without a word, for those it does not."""

from __future__ import annotations

import re
from typing import Final


def _codes(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


COUNTRIES: Final = _codes(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS "
    "BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE "
    "EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC "
    "LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA "
    "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO "
    "TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
    "XK"
)
"""ISO 3166-1 alpha-2, and XK, which is in common use for Kosovo."""

LANGUAGES: Final = _codes(
    "af agq ak am ar as asa ay az bas be bem bez bg bm bn bo br brx bs ca cgg chr cs cy da dav de dje "
    "dua dyo dz ebu ee el en eo es et eu ewo fa ff fi fil fo fr ga gd gl gn gsw gu guz gv ha haw he "
    "hi hr hu hy id ig ii is it iu ja jmc jv ka kab kam kde kea khq ki kk kl kln km kn ko kok ks ksb "
    "ksf ku kw ky la lb lg ln lo lt lu luo luy lv mas mer mfe mg mgh mk ml mn mo mr ms mt mua my naq "
    "nb nd ne nl nn nus nyn om or pa pl ps pt qu rm rn ro rof ru rw rwk sa saq sbp sd se seh ses shi "
    "si sk sl sn so sq sr su sv sw swc ta te teo tg th ti tk tl to tr tt twq tzm ug uk ur uz vai vi "
    "vun xh xog yav yi yo zh zu "
)
"""Mostly ISO 639-1, as on https://www.braze.com/docs/user_guide/data/unification/user_data/language_codes
(read 2026-11-22). Norwegian is `nb` or `nn` there, not `no`."""

US_TIME_ZONES: Final = frozenset(
    f"{part} Time (US & Canada)" for part in ("Eastern", "Central", "Mountain", "Pacific")
)
"""Names that `user_attributes_object` accepts beside those of the IANA database."""

GENDERS: Final = frozenset("MFONP")

SUBSCRIPTION_STATES: Final = ("opted_in", "subscribed", "unsubscribed")

CURRENCIES: Final = _codes(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CLF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW "
    "KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE "
    "SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND "
    "VUV WST XAF XAG XAU XCD XCG XOF XPD XPF XPT YER ZAR ZMW ZWG ZWL "
)
"""ISO 4217, with precious metals and with codes given up since 2021, because purchases have a past."""
