/** Which boxes stand aside: those that are switched off, and those that only serve training or boxes aside. */
import type { Box } from './hierarchy';
import type { Choice, Scene } from './scene';

/** True for a box none of whose nodes are shown, unless the reader brought it back. */
export function isSwitchedOff(box: Box, choice: Choice): boolean {
  return !choice.broughtBack.has(box.id) && !box.nodes.some(choice.isShown);
}

/** Constants and variables that only serve what trains, or what is not drawn, are not drawn either. */
export function setServantsAside(scene: Scene, wanted: ReadonlySet<string>): void {
  const users = new Map<Box, Box[]>();
  for (const { source, target } of scene.edges) {
    users.set(source, [...(users.get(source) ?? []), target]);
  }
  const serves = (box: Box) =>
    box.main !== null &&
    box.main.role !== 'forward' &&
    !wanted.has(box.id) &&
    (box.kind === 'constant' || box.kind === 'variable') &&
    (users.get(box) ?? []).every(user => user.kind === 'training');
  const servants = new Set(scene.leaves.filter(serves));
  scene.aside.push(...servants);
  scene.leaves = scene.leaves.filter(box => !servants.has(box));
  scene.edges = scene.edges.filter(edge => !servants.has(edge.source) && !servants.has(edge.target));
}
