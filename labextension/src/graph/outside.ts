/** Says how many boxes the frame does not show, and shows them all when it is pressed. */

import { element } from '../elements/element';
import { say } from '../elements/words';
import type { Camera } from './camera';
import { MARGIN } from './draw';
import type { Layout } from './layout';
import type { Scene } from './scene';

export function outsideButton(overview: () => void): HTMLButtonElement {
  const made = element('button', 'minitf-outside');
  made.type = 'button';
  made.title = say('Show the whole picture (0)');
  made.hidden = true;
  made.addEventListener('click', overview);
  return made;
}

/** `covered` pixels at the right of the frame are hidden, by the panel. */
export function tellOutside(
  button: HTMLButtonElement,
  camera: Camera,
  scene: Scene,
  layout: Layout | null,
  covered: number
): void {
  const count = scene.leaves.filter(({ id }) => {
    const frame = layout?.frames[id];
    return frame !== undefined && camera.isOutside({ ...frame, x: frame.x + MARGIN, y: frame.y + MARGIN });
  }).length;
  button.hidden = count === 0;
  button.textContent = say('%1 more outside', count);
  button.style.right = `${covered + 6}px`;
}
