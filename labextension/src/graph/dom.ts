/** Parts that only the graph view makes; the others are in `elements/element.ts`. */
import { element } from '../elements/element';

const SVG = 'http://www.w3.org/2000/svg';

export function svg(
  tag: string,
  attributes: Record<string, string | number> = {},
  ...children: (Node | string)[]
): SVGElement {
  const made = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** A button whose short label is explained by its title, to screen readers as well. */
export function tool(label: string, title: string, press: () => void): HTMLButtonElement {
  const made = element('button', 'minitf-button', label);
  made.type = 'button';
  made.title = title;
  made.setAttribute('aria-label', title);
  made.addEventListener('click', press);
  return made;
}
