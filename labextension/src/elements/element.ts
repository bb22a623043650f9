/** Making parts of a page. Text is always text: nothing here reads HTML. */
import { say } from './words';

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = ''
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') {
    made.className = className;
  }
  made.textContent = text;
  return made;
}

export function button(label: string, press: () => void, title = ''): HTMLButtonElement {
  const made = element('button', 'minitf-button', label);
  made.type = 'button';
  made.title = title;
  made.addEventListener('click', press);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

export function drawn(tag: string, attributes: Record<string, string | number>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  made.textContent = text;
  return made;
}

/** What holds a view: keys pressed inside belong to it, not to JupyterLab's shortcuts. */
export function viewFrame(className: string): HTMLElement {
  const made = element('figure', className);
  made.dataset.lmSuppressShortcuts = 'true';
  made.addEventListener('keydown', event => {
    if (event.key !== 'Escape' && event.key !== 'Tab') {
      event.stopPropagation(); // the notebook takes the arrows away from sliders
    }
  });
  return made;
}

/** The plain-text twin, folded. */
export function textTwin(text: string): HTMLElement {
  const details = element('details', 'minitf-twin');
  const shown = element('pre', '', text);
  shown.tabIndex = 0; // it scrolls, by key as well
  details.append(element('summary', '', say('As text')), shown);
  return details;
}

let ids = 0;

/** An id that no other part of the page has. */
export function freshId(stem: string): string {
  ids += 1;
  return `minitf-${stem}-${ids}`;
}

/** Puts `text` on the clipboard, also where the page is not served securely. */
export async function copy(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text);
  }
  const holder = element('textarea', '', '');
  holder.value = text;
  document.body.append(holder);
  holder.select();
  document.execCommand('copy');
  holder.remove();
}
