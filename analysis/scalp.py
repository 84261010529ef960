"""Where the measurable skin is: treated area, untreated reference skin, shine.

Skin with dots is sure to be skin: its colour tells the rest of the skin from walls and clothes,
and its border is sought again within that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy import ndimage

from analysis import border, quality, skin, texture
from analysis.arrays import Floats, Mask, Pixels, disc, resized
from analysis.flags import Flag

_WORK_SIDE_PX = 400
_LEAST_PIECE = 0.15
# Natural log units of dark detail over that of most bare skin: hair, beard, brows, seams.
_MOST_ROUGHER = 0.6
_LEAST_SURE_PX = 300
_ISLAND, _ALL_AROUND = 0.03, 0.4
_RIM_PX = 5
_RIM_GAP = 0.06  # of the root of the dotted area: a tenth of a round one's radius
_LEAST_BARE = 0.03
# Of what lies at the photo's edges: a quarter of a disc in a corner does for 2.3 roots of its size,
# a strip or another corner for 2.8 and more.
_MOST_OPEN, _MOST_OF_SKIN = 2.4, 0.15


@dataclass(frozen=True)
class Areas:
    """Masks (H, W): `skin` all of it, `treated`, `reference` untreated skin, `glare` shine.

    Shine that washes everything out is not treated area; dots may show through a veil of it, but
    the colour there is not the skin's.
    """

    skin: Mask
    treated: Mask
    reference: Mask
    glare: Mask
    flags: Flag

    @property
    def glare_share(self) -> float:
        """Share of the treated area that shine hides or veils."""
        shiny = self.glare & self.skin
        return float(shiny.sum()) / max(float((self.treated | shiny).sum()), 1.0)

    @property
    def clear(self) -> Mask:
        """The treated area (H, W) whose colour shows."""
        return self.treated & ~self.glare


@dataclass(frozen=True)
class Surface:
    """A photo as its areas are looked for: itself on a small grid (h, w, 3), its texture's features
    on half of that, and what is washed out (H, W).
    """

    small: Pixels
    features: Floats
    glare: Mask

    @classmethod
    def of(cls, srgb_u8: Pixels) -> Surface:
        """The surface of a photo (H, W, 3)."""
        height, width = srgb_u8.shape[:2]
        factor = _WORK_SIDE_PX / max(height, width)
        size = (round(width * factor), round(height * factor))
        features = texture.features(srgb_u8, (size[0] // 2, size[1] // 2))
        return cls(resized(srgb_u8, size), features, quality.glare(srgb_u8))

    def of_photo(self, size: tuple[int, int]) -> Surface:
        """The same of the photo at another (width, height)."""
        return replace(self, glare=resized(self.glare, size))


def find_areas(surface: Surface, drawn: Mask | None = None) -> Areas:
    """Find the areas by colour and by the texture of fine dark marks.

    `drawn` (H, W), an outline drawn by hand, replaces the treated area found.
    """
    bare, treated, flags = _parts(surface.small, surface.features)
    if drawn is not None:
        treated, flags = resized(drawn, surface.small.shape[1::-1]), Flag.REGION_GIVEN
    found = _areas(surface, bare, treated, flags)
    return found if drawn is None else replace(found, treated=drawn & ~surface.glare)


def areas_with_dots(surface: Surface, dotted: Mask) -> Areas:
    """Find the areas of a whole head by where single dots lie, `dotted` (H, W)."""
    small = resized(dotted, surface.small.shape[1::-1])
    return _areas(surface, *_parts_by_dots(surface.small, small))


def _areas(surface: Surface, bare: Mask, treated: Mask, flags: Flag) -> Areas:
    size = surface.glare.shape[1::-1]
    veil = skin.veil(surface.small, bare)
    reference = _reference(bare, treated, surface.features) & ~veil
    glare = surface.glare | resized(veil, size)
    return Areas(
        skin=resized(bare, size),
        treated=resized(treated, size) & ~surface.glare,
        reference=resized(reference, size) & ~glare,
        glare=glare,
        flags=flags,
    )


def _parts(small: Pixels, features: Floats) -> tuple[Mask, Mask, Flag]:
    """All skin and its treated part (the same where the photo shows no border between two)."""
    found = skin.warm(small)
    dots_size = (features.shape[1], features.shape[0])
    size = (small.shape[1], small.shape[0])
    guess = border.guess(features, resized(found, dots_size))
    likely = skin.largest(guess, np.maximum(features[..., 0], 0))
    sure = ndimage.binary_erosion(_enlarged(likely, size), iterations=_RIM_PX, border_value=1)
    if sure.sum() > _LEAST_SURE_PX:
        found = skin.like(small, np.asarray(sure))
    dotted = border.find(features, resized(found, dots_size))
    if dotted is None:
        return found, found, Flag.NO_BORDER_FOUND
    treated = skin.tidy(ndimage.binary_opening, _enlarged(dotted, size) & found, 3)
    treated = skin.tidy(ndimage.binary_closing, treated, 6) & found
    treated = _main_pieces(np.asarray(ndimage.binary_fill_holes(treated)))
    treated = _with_patches(found, treated)
    return found, treated, Flag.NONE if (found & ~treated).any() else Flag.NO_BORDER_FOUND


def _with_patches(bare: Mask, treated: Mask) -> Mask:
    """The treated part of all skin with small pieces that it all but surrounds: what lacks dots
    there at the photo's edge is a patch, and as red as the rest. At a head's outline it is not.
    """
    labels, n = ndimage.label(bare & ~treated)
    outline = bare & ~ndimage.binary_erosion(bare, border_value=1)
    edge = ~ndimage.binary_erosion(np.ones_like(bare))
    size, at_outline, at_edge = (
        np.bincount(labels[of], minlength=n + 1) for of in (bare, outline, edge)
    )
    held = (at_edge < _MOST_OPEN * np.sqrt(size)) & (size < _MOST_OF_SKIN * bare.sum())
    held &= at_outline == 0
    held[0] = False
    return np.asarray(treated | held[labels])


def _parts_by_dots(small: Pixels, dotted: Mask) -> tuple[Mask, Mask, Flag]:
    """All skin and its treated part, from where dots lie.

    Dots are not resolved at a head's rim: narrow gaps between them and what is no skin are treated
    too, and so are patches that dots surround.
    """
    dotted = _main_pieces(skin.tidy(ndimage.binary_closing, dotted, 3))
    sure = np.asarray(ndimage.binary_erosion(dotted, iterations=_RIM_PX, border_value=1))
    bare = skin.like(small, sure if sure.sum() > _LEAST_SURE_PX else dotted) | dotted
    gap = disc(_RIM_GAP * np.sqrt(dotted.sum()))
    closed = cv2.morphologyEx((dotted | ~bare).astype(np.uint8), cv2.MORPH_CLOSE, gap) > 0
    treated = ndimage.binary_fill_holes(closed & bare) & bare
    labels, n = ndimage.label(treated)
    with_dots = np.bincount(labels[dotted], minlength=n + 1) > 0
    with_dots[0] = False
    treated = np.asarray(with_dots[labels])
    if (bare & ~treated).sum() < _LEAST_BARE * bare.sum():
        return bare, bare, Flag.NO_BORDER_FOUND
    return bare, treated, Flag.NONE


def _enlarged(mask: Mask, size: tuple[int, int]) -> Mask:
    """A mask on a finer grid, its outline interpolated."""
    return np.asarray(
        cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    )


def _main_pieces(mask: Mask) -> Mask:
    """A mask without pieces that are small beside its largest."""
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray((sizes >= max(_LEAST_PIECE * sizes.max(), 1))[labels])


def _reference(bare: Mask, treated: Mask, features: Floats) -> Mask:
    """Smooth untreated skin well clear of the treated area and of the head's rim."""
    clear = ndimage.binary_erosion(bare, iterations=12, border_value=1)
    found = np.asarray(clear & ~ndimage.binary_dilation(treated, iterations=14))
    if found.any():
        rough = cv2.resize(features[..., 1], found.shape[::-1], interpolation=cv2.INTER_LINEAR)
        found &= rough < np.median(rough[found]) + _MOST_ROUGHER
    found = skin.tidy(ndimage.binary_opening, found, 4)
    # A treated island in skin that reaches the photo's edges all around: that skin is a wall.
    wall = _share_of_frame(treated) < _ISLAND and _share_of_frame(bare) > _ALL_AROUND
    return found if found.mean() > 0.01 and not wall else np.zeros_like(found)


def _share_of_frame(mask: Mask) -> float:
    """How much of the photo's outermost line of pixels a mask holds."""
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return float(rim.mean())
