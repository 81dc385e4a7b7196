from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from gateway.uploads import pictures
from gateway.uploads.content import Content
from gateway.uploads.refusal import FileRefused

Inspected = Callable[[bytes], tuple[Content, bytes]]


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/png"),
    ],
)
def test_pictures_are_told_by_content(
    format: str, media_type: str, picture: Callable[..., bytes], inspected: Inspected
) -> None:
    content, kept = inspected(picture(format, (8, 6), colour=(200, 30, 60)))
    assert content == Content(media_type, 8, 6)  # type: ignore[arg-type]
    with Image.open(BytesIO(kept)) as image:
        red, green, blue = image.convert("RGB").getpixel((4, 3))  # type: ignore[misc]
    assert abs(red - 200) < 8
    assert abs(green - 30) < 8
    assert abs(blue - 60) < 8


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_nothing_but_the_pixels_is_kept(
    format: str, picture: Callable[..., bytes], inspected: Inspected
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    options = {"exif": exif}
    if format == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", "SECRETNOTE")
        options["pnginfo"] = notes  # type: ignore[assignment]
    if format == "JPEG":
        options["comment"] = b"SECRETNOTE"  # type: ignore[assignment]
    sent = picture(format, **options) + b"SECRET<script>alert(1)</script>PK\x03\x04"
    assert b"SECRET" in sent
    _, kept = inspected(sent)
    assert b"SECRET" not in kept
    assert b"<script" not in kept
    with Image.open(BytesIO(kept)) as image:
        assert not image.getexif()


def test_a_picture_is_turned_as_its_camera_says(inspected: Inspected) -> None:
    image = Image.new("RGB", (8, 6))
    image.paste((255, 255, 255), (0, 0, 8, 3))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95)
    content, kept = inspected(out.getvalue())
    assert (content.width, content.height) == (6, 8)
    with Image.open(BytesIO(kept)) as turned:
        assert turned.convert("L").getpixel((5, 4)) > 200  # type: ignore[operator]
        assert turned.convert("L").getpixel((0, 4)) < 50  # type: ignore[operator]


def test_a_photograph_neither_grows_nor_fades(inspected: Inspected) -> None:
    noise = Image.effect_noise((400, 300), 60).convert("RGB")
    for quality in (40, 75, 95):
        out = BytesIO()
        noise.save(out, "JPEG", quality=quality)
        _, kept = inspected(out.getvalue())
        assert len(kept) <= 1.05 * len(out.getvalue())


def test_a_wide_colour_space_becomes_the_web_s(inspected: Inspected) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = BytesIO()
    Image.new("RGB", (8, 6), (10, 200, 30)).save(out, "PNG", icc_profile=lab)
    _, kept = inspected(out.getvalue())
    with Image.open(BytesIO(kept)) as image:
        assert "icc_profile" not in image.info
        assert image.getpixel((1, 1)) == pytest.approx((10, 200, 30), abs=2)
    out = BytesIO()
    Image.new("RGB", (8, 6), (10, 200, 30)).save(out, "PNG", icc_profile=b"no profile")
    inspected(out.getvalue())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png(mode: str, inspected: Inspected) -> None:
    base = {"RGBA": (255, 0, 0, 0), "LA": (120, 0), "I;16": 40_000}.get(mode, 1)
    out = BytesIO()
    Image.new(mode, (5, 5), base).save(out, "PNG")  # type: ignore[arg-type]
    _, kept = inspected(out.getvalue())
    with Image.open(BytesIO(kept)) as image:
        if mode in ("LA", "RGBA"):
            assert image.convert("RGBA").getpixel((2, 2))[3] == 0  # type: ignore[index]
        if mode == "I;16":
            assert image.getpixel((2, 2)) == pytest.approx(156, abs=1)


def test_other_colour_models_become_rgb(
    picture: Callable[..., bytes], inspected: Inspected
) -> None:
    content, kept = inspected(picture("JPEG", mode="CMYK", colour=(0, 255, 255, 0)))
    assert content.media_type == "image/jpeg"
    with Image.open(BytesIO(kept)) as image:
        assert image.mode == "RGB"


def test_an_animation_is_kept_as_its_first_picture(inspected: Inspected) -> None:
    frames = [Image.new("RGB", (5, 5), colour) for colour in ("red", "blue", "green")]
    for format in ("GIF", "WEBP", "PNG"):
        out = BytesIO()
        frames[0].save(out, format, save_all=True, append_images=frames[1:], lossless=True)
        _, kept = inspected(out.getvalue())
        with Image.open(BytesIO(kept)) as image:
            assert getattr(image, "n_frames", 1) == 1
            assert image.convert("RGB").getpixel((2, 2)) == pytest.approx((255, 0, 0), abs=3)


def test_a_telephone_s_several_pictures_are_one(inspected: Inspected) -> None:
    image = Image.new("RGB", (8, 6), "red")
    out = BytesIO()
    image.save(out, "MPO", save_all=True, append_images=[image])
    with Image.open(BytesIO(out.getvalue())) as opened:
        assert opened.format == "MPO"
    content, kept = inspected(out.getvalue())
    assert content.media_type == "image/jpeg"
    assert len(kept) < len(out.getvalue())


def test_a_picture_that_is_too_large_when_decoded_is_refused(
    picture: Callable[..., bytes], inspected: Inspected, monkeypatch: pytest.MonkeyPatch
) -> None:
    for side in (6_400, 14_000):  # the second is what Pillow itself refuses
        bomb = picture("PNG", (side, side), mode="1")
        assert len(bomb) < 100_000
        with pytest.raises(FileRefused, match="more than 40 megapixels") as caught:
            inspected(bomb)
        assert caught.value.code == "file_too_large"
    monkeypatch.setattr(pictures, "MOST_PIXELS", 48)
    inspected(picture(size=(8, 6)))
    with pytest.raises(FileRefused):
        inspected(picture(size=(7, 7)))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_broken_picture_is_refused(format: str, inspected: Inspected) -> None:
    out = BytesIO()
    Image.effect_noise((200, 200), 60).convert("RGB").save(out, format)
    whole = out.getvalue()
    with pytest.raises(FileRefused) as caught:
        inspected(whole[: len(whole) // 2])
    assert caught.value.code == "file_broken"


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00 a program",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"\x89PNG but not",
        b"GIF89a",
        b"BM" + bytes(200),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"II*\x00" + bytes(100),
        b" %PDF-1.7 not at its beginning",
        b"PK\x03\x04 a zip",
        b"\x00",
    ],
)
def test_what_is_neither_picture_nor_pdf_is_refused(data: bytes, inspected: Inspected) -> None:
    with pytest.raises(FileRefused, match="no PNG, JPEG, WebP or GIF") as caught:
        inspected(data)
    assert caught.value.code == "file_type"
