/// <reference lib="dom" />
/** A QR code as a picture: black on white, also on a dark page. */
import { encode } from "uqr";

const SVG = "http://www.w3.org/2000/svg";
/** Light modules around the code, of which a reader needs this many (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** Longest text that has a code a phone still reads from a screen, characters. */
const LONGEST = 500;

/** The QR code of a text; undefined if that is too long. */
export function qrCode(text: string, label: string): SVGSVGElement | undefined {
  if (text.length > LONGEST) return undefined;
  const { data, size } = encode(text, { ecc: "L", border: QUIET_ZONE });
  const dark = data.flatMap((row, y) => {
    return row.flatMap((isDark, x) => isDark ? [`M${x} ${y}h1v1h-1z`] : []);
  });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", dark.join(""));
  svg.append(path);
  return svg;
}
