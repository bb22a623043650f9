/** Which input elements made the chosen element: one small map for each input, and the same in words. */

import type { ContributingInput, Contribution } from '../contract/contribution';
import { bytesOf } from '../elements/base64';
import { element } from '../elements/element';
import { say, sayCount } from '../elements/words';

const CELL = 12; // pixels of one element, at most
const SIDE = 220;
const COLOURS = ['', 'rgba(255, 183, 77, 1)', 'rgba(230, 81, 0, 1)'];

export function explained(found: Contribution): HTMLElement {
  const holder = element('section', 'minitf-contribution');
  holder.setAttribute('aria-label', say('What made %1', found.output));
  const head = element('p');
  head.append(
    element('b', '', `${found.output} = ${found.value}`),
    ` ${say('was made by %1 (%2) from', found.op, found.origin)}`
  );
  const inputs = element('div', 'minitf-inputs');
  inputs.append(...found.inputs.map(lit));
  if (found.later) {
    const note = say(
      'What this table shows was computed earlier: variables, feeds or random numbers are others now, and so are these values.'
    );
    holder.append(element('p', 'minitf-note', note));
  }
  holder.append(head, inputs);
  return holder;
}

function lit(input: ContributingInput): HTMLElement {
  const figure = element('figure');
  const canvas = element('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', say('Lit in %1: %2', input.name, input.where));
  paint(canvas, input);
  const elements = sayCount('%n element', '%n elements', input.lit);
  const count = input.complete ? elements : say('%1 or more', elements);
  const still = input.lit - input.moving;
  const resting = still > 0 && input.moving > 0 ? say(', %1 of them with derivative 0 now', still) : '';
  const caption = element('figcaption');
  caption.append(element('code', '', input.where), element('br'), `${count}${resting}`);
  const values = input.values.slice(0, 6).map(({ index, value }) => `${index} = ${value}`);
  if (input.lit > values.length) {
    values.push('…');
  }
  const listed = element('ul');
  listed.append(...values.map(text => element('li', '', text)));
  figure.append(caption, canvas, listed);
  return figure;
}

function paint(canvas: HTMLCanvasElement, { map }: ContributingInput): void {
  const levels = new Uint8Array(bytesOf(map.levels));
  const cell = Math.max(1, Math.min(CELL, Math.floor(SIDE / Math.max(map.rows, map.columns, 1))));
  canvas.width = map.columns * cell + 1;
  canvas.height = map.rows * cell + 1;
  const context = canvas.getContext('2d');
  if (context === null) {
    return;
  }
  context.strokeStyle = 'rgba(128, 128, 128, 0.5)';
  for (let place = 0; place < map.rows * map.columns; place += 1) {
    const x = (place % map.columns) * cell;
    const y = Math.floor(place / map.columns) * cell;
    const colour = COLOURS[levels[place] ?? 0];
    if (colour) {
      context.fillStyle = colour;
      context.fillRect(x, y, cell, cell);
    }
    if (cell > 3) {
      context.strokeRect(x + 0.5, y + 0.5, cell, cell);
    }
  }
  context.strokeRect(0.5, 0.5, canvas.width - 1, canvas.height - 1);
}
