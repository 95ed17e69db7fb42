"""XML that is canonical as it is written: elements without attributes, one default namespace, no comments.

Such bytes are their own Exclusive XML Canonicalization 1.0 (W3C, 18 July 2002), so that a signature covers
exactly what stands in the file (signature.py); tests compare with another implementation.
"""

import re
from typing import Final

DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0, production 2, does not know; no escape brings them in."""


def text_of(value: str) -> str:
    """The value as text of an element: C14N's escapes, and U+FFFD for what XML cannot carry."""
    value = _NO_XML.sub("\ufffd", value)
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def attribute_of(value: str) -> str:
    """The value inside the quotes of an attribute."""
    value = _NO_XML.sub("\ufffd", value).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return value.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


def leaf(name: str, value: str, *, depth: int = 1) -> str:
    """An element with text, on a line of its own."""
    return f"{'  ' * depth}<{name}>{text_of(value)}</{name}>\n"


def branch(name: str, children: str, *, depth: int = 1) -> str:
    """An element with these lines in it."""
    return f"{'  ' * depth}<{name}>\n{children}{'  ' * depth}</{name}>\n"


def document(name: str, namespace: str, children: str) -> bytes:
    """The whole document in UTF-8."""
    root = f'<{name} xmlns="{namespace}">\n{children}</{name}>\n'
    return DECLARATION + root.encode()
