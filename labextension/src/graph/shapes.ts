/** Shapes as the contract writes them: `float32 (?, 10)`. */
import { say } from '../elements/words';

export function shapeOf(output: string): string {
  return output.slice(output.indexOf('(') + 1, output.lastIndexOf(')'));
}

export function dtypeOf(output: string): string {
  return output.slice(0, output.indexOf(' '));
}

/** `?×10` for an edge; `scalar` for none. */
export function shortShape(output: string): string {
  const shape = shapeOf(output);
  return shape === 'unknown'
    ? say('unknown shape')
    : shape === ''
      ? say('scalar')
      : shape.split(', ').join('×');
}

/** How many elements a tensor has; sizes that are not known count as one. */
export function elements(output: string): number {
  const sizes = shapeOf(output)
    .split(', ')
    .map(Number)
    .filter(size => size > 0);
  return sizes.reduce((product, size) => product * size, 1);
}

/** 1 for a scalar, a little more for each factor of ten. */
export function thickness(size: number): number {
  return Math.min(6, 1 + 0.6 * Math.log10(Math.max(1, size)));
}
