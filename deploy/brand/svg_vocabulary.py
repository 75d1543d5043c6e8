"""Which elements and attributes of SVG draw a logo. What is not here gets into no page. Pure data.

No filters, patterns, markers and animations: a few of them can keep a browser busy for minutes.
"""

from __future__ import annotations

MOST_USES = 50

_DRAWING = """
svg g defs symbol use path rect circle ellipse line polyline polygon text tspan
linearGradient radialGradient stop clipPath mask style
"""
# Where, how large, and how it looks.
_ATTRIBUTES = """
id class style x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy d points width height viewBox
preserveAspectRatio transform pathLength offset rotate textLength lengthAdjust
gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits
fill-opacity fill-rule clip-rule stroke-width stroke-opacity stroke-linecap stroke-linejoin
stroke-miterlimit stroke-dasharray stroke-dashoffset stop-opacity opacity display visibility
overflow paint-order vector-effect shape-rendering text-rendering color-interpolation
font-family font-size font-style font-weight font-stretch font-variant letter-spacing
word-spacing text-anchor text-decoration dominant-baseline alignment-baseline baseline-shift
direction unicode-bidi writing-mode fill stroke color stop-color clip-path mask
"""

DRAWING = frozenset(_DRAWING.split())
WITH_TEXT = frozenset({"text", "tspan"})
# What is for programs and people that read the file.
LEFT_OUT = frozenset({"title", "desc", "metadata"})
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
