/**
 * A drawing that arrives in a notebook may come from anybody, and this renderer also draws in notebooks
 * that the reader has not trusted. So nothing of it is kept but what is named here: shapes, text, and
 * attributes that can neither run a script, fetch an address, nor dress up as a part of JupyterLab.
 */

const SVG = 'http://www.w3.org/2000/svg';

const ELEMENTS = new Set('g path polygon polyline ellipse circle rect line text tspan title desc'.split(' '));
const HOLDS_TEXT = new Set('text tspan title desc'.split(' '));
const ATTRIBUTES = new Set(
  (
    'viewBox width height preserveAspectRatio transform d points x y x1 y1 x2 y2 cx cy r rx ry dx dy ' +
    'fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap ' +
    'stroke-linejoin opacity font-family font-size font-style font-weight text-anchor text-decoration ' +
    'dominant-baseline'
  ).split(' ')
);
/** The classes Graphviz gives to groups; any other could borrow a style from JupyterLab. */
const CLASSES = new Set('graph cluster node edge'.split(' '));

/** A clean copy of the drawing in `source`, or null if it is not a well-formed SVG. */
export function safeSvg(source: string): SVGElement | null {
  const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
  const root = parsed.documentElement;
  if (root.namespaceURI !== SVG || root.localName !== 'svg' || parsed.querySelector('parsererror')) {
    return null;
  }
  return cleanCopy(root);
}

function cleanCopy(original: Element): SVGElement {
  const copy = document.createElementNS(SVG, original.localName) as SVGElement;
  for (const { name, value } of original.attributes) {
    if (name === 'class') {
      copy.setAttribute(name, drawingClasses(value));
    } else if (ATTRIBUTES.has(name) && isPlain(value)) {
      copy.setAttribute(name, value);
    }
  }
  copyChildren(original, copy);
  return copy;
}

function copyChildren(from: Element, to: SVGElement): void {
  for (const child of from.childNodes) {
    if (child instanceof Element && child.namespaceURI === SVG) {
      if (child.localName === 'a') {
        copyChildren(child, to); // a link loses its address, not what it shows
      } else if (ELEMENTS.has(child.localName)) {
        to.append(cleanCopy(child));
      }
    } else if (child.nodeType === Node.TEXT_NODE && HOLDS_TEXT.has(from.localName)) {
      to.append(child.textContent ?? '');
    }
  }
}

/** No `url(...)`, nor an escape that could spell one: these attributes are read as CSS. */
function isPlain(value: string): boolean {
  return !/url\s*\(|\\|\/\*/i.test(value);
}

function drawingClasses(value: string): string {
  const words = value.split(/\s+/);
  return words.filter(word => CLASSES.has(word)).join(' ');
}
