"""How people call the columns that vendors call otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

_USER = ("externalid", "userid", "customerid", "memberid", "accountid", "contactid", "subscriberid")

_ALIKE: tuple[tuple[str, ...], ...] = (
    _USER,
    ("email", "emailaddress", "mail"),
    ("phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "telephone"),
    ("firstname", "givenname", "forename"),
    ("lastname", "surname", "familyname"),
    ("homecity", "city", "town"),
    ("dob", "dateofbirth", "birthdate", "birthday"),
    ("gender", "sex"),
    ("country", "countrycode", "countryiso"),
    ("language", "languagecode", "lang"),
    ("timezone", "tz", "timezonename"),
    ("currentlocationlatitude", "latitude", "lat"),
    ("currentlocationlongitude", "longitude", "lng", "lon"),
    ("imageurl", "avatarurl", "photourl", "pictureurl"),
    ("signupdate", "signedupat", "signupat", "registeredat", "createdat"),
    ("ip", "ipaddress"),
    ("time", "createdat", "occurredat", "happenedat", "orderedat", "purchasedat", "eventtime", "eventat"),
    ("name", "eventname", "event", "eventtype"),
    ("productid", "sku", "productsku", "itemid"),
    ("currency", "currencycode"),
    ("price", "unitprice", "amount"),
    ("quantity", "qty", "units"),
    ("total", "totalamount", "amount", "ordertotal"),
)
"""Names that mean the same, without case, underscores and dots."""


def normal(name: str) -> str:
    """The name without what people spell differently.

    >>> normal("First_Name")
    'firstname'
    """
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def spellings(field: str) -> Iterator[str]:
    """What a column for this field may be called, in `normal` form, the likeliest first."""
    own = normal(field)
    yield own
    for alike in _ALIKE:
        if own in alike:
            yield from (name for name in alike if name != own)
