/** The picture as a file of its own: SVG, PNG or an HTML page, which need nothing of JupyterLab. */

import { element } from '../elements/element';
import { say } from '../elements/words';
import { asText, summary } from './captions';
import { svg } from './dom';
import type { GraphModel } from './model';

/** Style properties that a drawing takes from the style sheet, and needs with it elsewhere. */
const INLINED = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'paint-order',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor'
];

/** The drawing as SVG text, with its colours written into it. `picture` must stand in the page. */
export function asSvg(picture: SVGElement, background = ''): string {
  const copy = picture.cloneNode(true) as SVGElement;
  const [originals, copies] = [picture, copy].map(root => [...root.querySelectorAll<SVGElement>('*')]) as [
    SVGElement[],
    SVGElement[]
  ];
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    const target = copies[i] as SVGElement;
    target.removeAttribute('style');
    target.removeAttribute('tabindex');
    if (original.localName !== 'title' && original.localName !== 'g') {
      for (const name of INLINED) {
        const value = style.getPropertyValue(name);
        if (value !== '' && !DEFAULTS.has(`${name}:${value}`)) {
          target.setAttribute(name, value);
        }
      }
    } else if (style.opacity !== '1') {
      target.setAttribute('opacity', style.opacity);
    }
  });
  const [x, y, width, height] = (picture.getAttribute('viewBox') ?? '').split(' ');
  if (background !== '') {
    copy.prepend(
      svg('rect', { x: x ?? 0, y: y ?? 0, width: width ?? 0, height: height ?? 0, fill: background })
    );
  }
  copy.removeAttribute('style');
  copy.setAttribute('width', width ?? '100');
  copy.setAttribute('height', height ?? '100');
  return new XMLSerializer().serializeToString(copy);
}

const DEFAULTS = new Set([
  'stroke:none',
  'stroke-dasharray:none',
  'opacity:1',
  'paint-order:normal',
  'text-anchor:start',
  'font-weight:400',
  'stroke-width:1px'
]);

export function asHtml(model: GraphModel, picture: SVGElement, background: string): string {
  const page = document.implementation.createHTMLDocument(summary(model));
  page.head.append(
    Object.assign(page.createElement('meta'), {
      httpEquiv: 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'"
    })
  );
  const style = page.createElement('style');
  style.textContent = `body { font: 14px system-ui, sans-serif; margin: 1em; background: ${background}; } svg { max-width: 100%; height: auto; } pre { overflow: auto; }`;
  page.head.append(style);
  const heading = page.createElement('h1');
  heading.textContent = summary(model);
  const text = page.createElement('pre');
  text.textContent = asText(model);
  const drawing = page.createElement('div');
  drawing.append(
    page.importNode(new DOMParser().parseFromString(asSvg(picture), 'image/svg+xml').documentElement, true)
  );
  page.body.append(heading, drawing, text);
  return `<!DOCTYPE html>\n${page.documentElement.outerHTML}`;
}

/** A PNG at twice the size of the drawing, on `background`. */
export async function asPng(picture: SVGElement, background: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(asSvg(picture))}`;
  await image.decode();
  const factor = Math.min(2, 8000 / Math.max(image.width, image.height));
  const canvas = element('canvas');
  canvas.width = Math.ceil(image.width * factor);
  canvas.height = Math.ceil(image.height * factor);
  const context = canvas.getContext('2d');
  if (context === null) {
    throw new Error(say('This browser cannot draw a PNG.'));
  }
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(blob =>
      blob === null ? reject(new Error(say('This browser cannot draw a PNG.'))) : resolve(blob)
    );
  });
}

/** Downloads the picture as it is seen, or `onPaper`: in light colours, whatever the theme. */
export function save(
  kind: 'svg' | 'png' | 'html',
  model: GraphModel,
  picture: SVGElement,
  onPaper = false
): Promise<void> {
  return onPaper ? inLight(() => write(kind, model, picture)) : write(kind, model, picture);
}

/** Does what reads colours from the page, before it first waits, in the light theme of the views. */
export function inLight<T>(read: () => T): T {
  const { classList } = document.body;
  const before = [...classList];
  classList.remove('minitf-theme-dark');
  classList.add('minitf-theme-light');
  try {
    return read();
  } finally {
    classList.value = before.join(' ');
  }
}

async function write(kind: 'svg' | 'png' | 'html', model: GraphModel, picture: SVGElement): Promise<void> {
  const background = getComputedStyle(picture.parentElement ?? picture).backgroundColor || 'white';
  if (kind === 'png') {
    download(await asPng(picture, background), 'graph.png');
  } else if (kind === 'svg') {
    download(new Blob([asSvg(picture, background)], { type: 'image/svg+xml' }), 'graph.svg');
  } else {
    download(new Blob([asHtml(model, picture, background)], { type: 'text/html' }), 'graph.html');
  }
}

function download(content: Blob, name: string): void {
  const link = element('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
