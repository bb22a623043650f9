/** Tables as small bitmaps, and pictures as pictures: side by side along the last leading axis. */

import { element } from '../elements/element';
import { say } from '../elements/words';
import type { Bitmap, TensorModel } from './model';
import { inWords } from './numbers';

const SIDE = 200; // pixels that one picture may have
const SMALL = 96;
const LOST = [214, 39, 40];

export function gallery(model: TensorModel, panel: HTMLElement): () => void {
  const holder = element('div', 'minitf-gallery');
  holder.tabIndex = 0;
  holder.setAttribute('role', 'group');
  holder.setAttribute('aria-label', say('Pictures'));
  const fill = () => {
    const side = model.pictures.length > 2 ? SMALL : SIDE;
    holder.replaceChildren(...model.pictures.map(picture => framed(picture, side)));
    if (model.pictures.length === 0) {
      holder.append(element('p', '', say('Nothing here can be drawn.')));
    }
  };
  fill();
  panel.append(holder);
  return model.onChange(fill);
}

function framed(picture: Bitmap, side: number): HTMLElement {
  const figure = element('figure');
  const canvas = element('canvas');
  const where = `[${picture.index.join(', ')}]`;
  const range =
    picture.low === undefined || picture.high === undefined
      ? ''
      : say('%1 to %2', inWords(picture.low), inWords(picture.high));
  canvas.width = picture.width;
  canvas.height = picture.height;
  const scale = side / Math.max(picture.width, picture.height, 1);
  canvas.style.width = `${Math.max(2, picture.width * scale)}px`;
  canvas.style.height = `${Math.max(2, picture.height * scale)}px`;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', say('Picture %1 %2', where, range).trim());
  paint(canvas, picture);
  const caption = [picture.index.length > 0 ? where : '', range].filter(text => text !== '').join(': ');
  figure.append(canvas, element('figcaption', '', caption));
  return figure;
}

function paint(canvas: HTMLCanvasElement, picture: Bitmap): void {
  const context = canvas.getContext('2d');
  if (context === null || picture.width === 0 || picture.height === 0) {
    return;
  }
  const image = context.createImageData(picture.width, picture.height);
  image.data.set(colours(picture));
  context.putImageData(image, 0, 0);
}

/** Red, green, blue and opacity of each point. */
export function colours(picture: Bitmap): Uint8ClampedArray {
  const { bytes, channels } = picture;
  const points = picture.width * picture.height;
  const out = new Uint8ClampedArray(points * 4);
  const levels = picture.low !== undefined && picture.high !== undefined;
  for (let i = 0; i < points; i += 1) {
    const [red, green, blue, opacity] = levels
      ? level(bytes[i] ?? 255, picture.low as number, picture.high as number)
      : channels === 1
        ? [bytes[i], bytes[i], bytes[i], 255]
        : [
            bytes[i * channels],
            bytes[i * channels + 1],
            bytes[i * channels + 2],
            channels === 4 ? bytes[i * 4 + 3] : 255
          ];
    out.set([red ?? 0, green ?? 0, blue ?? 0, opacity ?? 255], i * 4);
  }
  return out;
}

/** White at 0, blue above and orange below; where all have one sign, from white to blue or to orange. */
function level(byte: number, low: number, high: number): number[] {
  if (byte === 255) {
    return [...LOST, 255];
  }
  const value = low + ((high - low) * byte) / 254;
  const largest = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const strength = Math.abs(value) / largest;
  const end = value >= 0 ? [23, 78, 166] : [190, 90, 0];
  return [...end.map(part => 255 + (part - 255) * strength), 255];
}
