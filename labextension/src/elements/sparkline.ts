/** A curve as small as a word: a line in a box, with a gap where a value is not finite. */
import { drawn } from './element';

const WIDTH = 120;
const HEIGHT = 28;

export function sparkline(steps: number[], values: (number | null)[], label: string): SVGElement {
  const finite = values.filter(value => value !== null);
  const [left, right] = [Math.min(...steps), Math.max(...steps)];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const x = (step: number) => 1 + ((step - left) / (right - left || 1)) * (WIDTH - 2);
  const y = (value: number) => HEIGHT - 2 - ((value - low) / (high - low || 1)) * (HEIGHT - 4);
  let path = '';
  values.forEach((value, i) => {
    const joins = i > 0 && values[i - 1] !== null;
    path += value === null ? '' : `${joins ? 'L' : 'M'}${x(steps[i] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`;
  });
  const made = drawn('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', class: 'minitf-sparkline' });
  made.setAttribute('aria-label', label);
  made.append(drawn('path', { d: path }));
  return made;
}
