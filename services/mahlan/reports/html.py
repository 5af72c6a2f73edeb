"""HTML as text, escaped: a few elements that the report is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def element(tag: str, *inside: str, **attributes: object) -> str:
    """``<tag …>inside</tag>``. ``inside`` is HTML; values of attributes are escaped.

    In their names ``_`` stands for ``-``, and one at the end for nothing (``class_``).
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{''.join(inside)}</{tag}>"


def text(tag: str, said: str, **attributes: object) -> str:
    """An element that holds text alone."""
    return element(tag, escape(said), **attributes)


def paragraphs(said: Iterable[str]) -> str:
    """One ``<p>`` each."""
    return "".join(text("p", one) for one in said)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], **attributes: object) -> str:
    """A table with a header row and header cells at the start of each row. Cells are HTML, the rest is text.

    Each cell carries its column's name, so that on a phone a row can be read as a list.
    """
    columns = "".join(text("th", name, scope="col") for name in head)
    body = "".join(element("tr", *_cells(head, row)) for row in rows)
    return element(
        "table",
        text("caption", caption),
        element("thead", element("tr", columns)),
        element("tbody", body),
        **attributes,
    )


def _cells(head: Sequence[str], row: Sequence[str]) -> list[str]:
    first, *others = row
    named = zip(head[1:], others, strict=True)
    return [element("th", first, scope="row"), *(element("td", cell, data_label=name) for name, cell in named)]
