from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from gateway.uploads.content import Content
from gateway.uploads.refusal import FileRefused

Inspected = Callable[[bytes], tuple[Content, bytes]]
MakePdf = Callable[..., bytes]


def name(text: str) -> NameObject:
    return NameObject(text)


def action(kind: str, **more: Any) -> DictionaryObject:
    entries = {name(f"/{key}"): value for key, value in more.items()}
    return DictionaryObject({name("/S"): name(kind), **entries})


def on_opening(kind: str, **more: Any) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        writer._root_object[name("/OpenAction")] = writer._add_object(action(kind, **more))

    return change


def in_a_button(writer: PdfWriter) -> None:
    button = DictionaryObject(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Widget"),
            name("/AA"): DictionaryObject({name("/U"): action("/Launch")}),
        }
    )
    writer.pages[0][name("/Annots")] = ArrayObject([writer._add_object(button)])


def a_form_with_xfa(writer: PdfWriter) -> None:
    form = DictionaryObject({name("/XFA"): TextStringObject("<xdp/>")})
    writer._root_object[name("/AcroForm")] = form


def among_the_names(writer: PdfWriter) -> None:
    """Where a document's scripts stand that run when it is opened."""
    script = writer._add_object(action("/JavaScript", JS=TextStringObject("app.alert(1)")))
    scripts = {name("/Names"): ArrayObject([TextStringObject("x"), script])}
    tree = DictionaryObject({name("/JavaScript"): DictionaryObject(scripts)})
    writer._root_object[name("/Names")] = writer._add_object(tree)


def behind_a_chain(writer: PdfWriter) -> None:
    """The script is the 500th action after the first."""
    following = writer._add_object(action("/JavaScript", JS=TextStringObject("app.alert(1)")))
    for _ in range(500):
        following = writer._add_object(
            action("/GoTo", D=NumberObject(0), Next=ArrayObject([following]))
        )
    writer._root_object[name("/OpenAction")] = following


def test_a_pdf_is_kept_as_it_is(pdf: MakePdf, inspected: Inspected) -> None:
    sent = pdf(pages=3)
    content, kept = inspected(sent)
    assert content == Content("application/pdf")
    assert kept == sent


def test_passive_contents_are_let_be(pdf: MakePdf, inspected: Inspected) -> None:
    def change(writer: PdfWriter) -> None:
        on_opening("/GoTo", D=NumberObject(0))(writer)
        writer.add_uri(0, "https://shop.example/", (0, 0, 50, 50))
        writer.add_attachment("factur-x.xml", b"<invoice/>")
        writer.add_metadata({"/Title": "/JavaScript as a word"})

    inspected(pdf(change))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (on_opening("/JavaScript", JS=TextStringObject("app.alert(1)")), "script"),
        (on_opening("/Launch"), "Launch"),
        (on_opening("/ImportData"), "ImportData"),
        (among_the_names, "script"),
        (in_a_button, "Launch"),
        (a_form_with_xfa, "form with scripts"),
        (behind_a_chain, "script"),
        (lambda writer: writer.add_attachment("invoice.exe", b"MZ"), "another file"),
    ],
)
def test_active_contents_are_refused(
    change: Callable[[PdfWriter], None], found: str, pdf: MakePdf, inspected: Inspected
) -> None:
    with pytest.raises(FileRefused, match=found) as caught:
        inspected(pdf(change))
    assert caught.value.code == "file_type"


def test_a_name_cannot_be_hidden_by_its_spelling(pdf: MakePdf, inspected: Inspected) -> None:
    sent = pdf(on_opening("/Launch")).replace(b"/S /Launch", b"/S /L#61unch", 1)
    assert b"#61" in sent
    with pytest.raises(FileRefused):
        inspected(sent)


def test_a_pdf_with_a_password_is_refused(pdf: MakePdf, inspected: Inspected) -> None:
    with pytest.raises(FileRefused, match="password") as caught:
        inspected(pdf(lambda writer: writer.encrypt("secret", algorithm="RC4-128")))
    assert caught.value.code == "file_broken"


@pytest.mark.parametrize(
    "data", [b"%PDF-", b"%PDF-1.7\nhello\n%%EOF", b"%PDF-1.4\n" + b"1 0 obj\n<<" * 1_000]
)
def test_what_only_begins_like_a_pdf_is_refused(data: bytes, inspected: Inspected) -> None:
    with pytest.raises(FileRefused) as caught:
        inspected(data)
    assert caught.value.code == "file_broken"


def test_half_a_pdf_and_one_without_pages_are_refused(pdf: MakePdf, inspected: Inspected) -> None:
    for sent in (pdf(pages=0), pdf(pages=20)[:400]):
        with pytest.raises(FileRefused) as caught:
            inspected(sent)
        assert caught.value.code == "file_broken"
