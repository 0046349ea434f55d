"""Personal data in text: what it looks like, where it stands, and how it is masked.

Every room may ask here; what is found is told by kind and place, never by content. The text of interview
notes is read in `klktools.notes` alone, which no room that makes reports can import.
"""

from klktools.privacy.find import (
    Found,
    addresses,
    find_personal,
    full_names,
    is_full_name,
    mask_cells,
    mask_text,
)
from klktools.privacy.names import Names, load_names, own_names
from klktools.privacy.patterns import (
    CPR,
    CPR_RE2,
    MASK,
    PLATE,
    RESTRICTED,
    SURE_PHONES,
    USER_NAME,
    contact_in,
    has_cpr,
    is_cpr,
    looks_like_user,
)
from klktools.privacy.plain import Plain, make_plain, plain_digits

__all__ = [
    "CPR",
    "CPR_RE2",
    "MASK",
    "PLATE",
    "RESTRICTED",
    "SURE_PHONES",
    "USER_NAME",
    "Found",
    "Names",
    "Plain",
    "addresses",
    "contact_in",
    "find_personal",
    "full_names",
    "has_cpr",
    "is_cpr",
    "is_full_name",
    "load_names",
    "looks_like_user",
    "mask_cells",
    "make_plain",
    "mask_text",
    "own_names",
    "plain_digits",
]
