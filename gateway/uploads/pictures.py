"""Pictures: decoded and written anew, so that nothing of the file but its pixels is kept.

What goes with the rest: where the picture was taken, the thumbnail of what was cut away, and
whatever else stands in a file that is a picture and something else at once.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, JpegImagePlugin, UnidentifiedImageError

from gateway.uploads.content import Content, MediaType
from gateway.uploads.refusal import FileRefused

MOST_PIXELS = 40_000_000
"""A picture of 10 MB may decode to any size; this much takes half a gigabyte to work on."""

_QUALITY = 90
# MPO is what telephones make: a JPEG with more pictures behind it.
_WRITTEN_AS: dict[str, tuple[str, MediaType]] = {
    "JPEG": ("JPEG", "image/jpeg"),
    "MPO": ("JPEG", "image/jpeg"),
    "PNG": ("PNG", "image/png"),
    "GIF": ("PNG", "image/png"),
    "WEBP": ("WEBP", "image/webp"),
}


def rewrite(source: Path, target: Path) -> Content:
    """Decode the picture in ``source`` and write it to ``target``, upright and in sRGB.

    Of an animation the first picture is kept; a GIF becomes a PNG.

    Raises:
        FileRefused: it is no PNG, JPEG, WebP or GIF, has too many pixels, or cannot be decoded.
    """
    try:
        with Image.open(source, formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_many_pixels()
            image.load()
            written_as, media_type = _WRITTEN_AS[str(image.format)]
            options = _options(image, written_as)
            pixels = _only_pixels(image, transparency=written_as != "JPEG")
            pixels.save(target, written_as, **options)
    except FileRefused:
        raise
    except UnidentifiedImageError as error:
        raise FileRefused(
            "file_type", "the content is no PNG, JPEG, WebP or GIF picture and no PDF"
        ) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except Exception as error:
        # A decoder that is given nonsense raises whatever it happens to trip over.
        raise FileRefused(
            "file_broken", f"the picture cannot be decoded ({type(error).__name__})"
        ) from error
    return Content(media_type, pixels.width, pixels.height)


def _too_many_pixels() -> FileRefused:
    megapixels = MOST_PIXELS // 1_000_000
    return FileRefused("file_too_large", f"the picture has more than {megapixels} megapixels")


def _options(image: Image.Image, written_as: str) -> dict[str, Any]:
    """How to write it: a JPEG as finely as it was, so that it neither grows nor loses more."""
    if written_as == "JPEG" and image.mode in ("L", "RGB"):
        assert isinstance(image, JpegImagePlugin.JpegImageFile)  # noqa: S101 - for the type alone
        sampling = JpegImagePlugin.get_sampling(image)
        return {"qtables": image.quantization, "subsampling": sampling}
    return {} if written_as == "PNG" else {"quality": _QUALITY}


def _only_pixels(image: Image.Image, *, transparency: bool) -> Image.Image:
    """The picture without its metadata, and turned as its camera said."""
    upright = _in_srgb(ImageOps.exif_transpose(image))
    if upright.mode.startswith("I"):
        # 16 bits of grey: converted as they are, all that is not black would turn white.
        upright = upright.point(lambda value: value / 256).convert("L")
    see_through = transparency and upright.has_transparency_data
    mode = "RGBA" if see_through else "L" if upright.mode in ("1", "L") else "RGB"
    pixels = upright.convert(mode)
    pixels.info.clear()
    return pixels


def _in_srgb(image: Image.Image) -> Image.Image:
    """Without its profile, a picture from a telephone would look pale."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        converted = ImageCms.profileToProfile(
            image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image
