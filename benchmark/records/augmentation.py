"""How training images with one class per pixel are augmented."""

from typing import Annotated

from pydantic import Field

from core.errors import UserError
from core.models import StrictModel

Size = tuple[int, int]
Probability = Annotated[float, Field(ge=0, le=1)]
Scale = Annotated[float, Field(ge=0.1, le=10)]
Strength = Annotated[float, Field(ge=0, le=1)]


class Augmentation(StrictModel):
    """Mirror, scale, crop and colour jitter of images with one class per pixel.

    Flip and scales are those of the code that the CroDiNo-KD paper follows, `zifuwan/Sigma`. The
    paper jitters colours without saying how strongly; the strengths here are assumed, those that
    are common where torchvision's ColorJitter is used.

    Attributes:
        crop: height and width of the crop; None for the size of the images.
        flip: probability that an image is mirrored left to right.
        scales: factors of height and width, one of which is drawn for each image.
        brightness: its factor is drawn from 1 - strength to 1 + strength; so are those of
            `contrast` and `saturation`. 0 leaves the images as they are.
        hue: the shift is drawn from -strength to strength, 1 being the whole colour circle.
    """

    crop: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    flip: Probability = 0.5
    scales: Annotated[tuple[Scale, ...], Field(min_length=1)] = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)
    brightness: Strength = 0.4
    contrast: Strength = 0.4
    saturation: Strength = 0.4
    hue: Annotated[float, Field(ge=0, le=0.5)] = 0.1

    @property
    def jitters(self) -> bool:
        """Whether any colour is ever changed."""
        return max(self.brightness, self.contrast, self.saturation, self.hue) > 0

    def crop_size(self, image_size: Size) -> Size:
        """Height and width of the crops of images of this height and width.

        Raises:
            UserError: the crop is larger than the images, so that parts of every crop of an image
                that is not enlarged would be padding.
        """
        if self.crop is None:
            return image_size
        if self.crop[0] > image_size[0] or self.crop[1] > image_size[1]:
            raise UserError(
                f"crop: {self.crop[0]} x {self.crop[1]} pixels, but the images are "
                f"{image_size[0]} x {image_size[1]} (height x width); choose a crop that is no "
                "larger, or none for the size of the images"
            )
        return self.crop
