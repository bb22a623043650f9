/** From a scene to a job for the layout: how large each box is, and what is written in it. */
import { subtitle } from './captions';
import type { Box } from './hierarchy';
import type { Direction, Item, Wire } from './layout';
import type { GraphModel } from './model';
import type { Scene } from './scene';

export interface Job {
  items: Item[];
  wires: Wire[];
  direction: Direction;
}

/** Two lines and, in small letters, the hubs that the box takes from. */
export interface Words {
  title: string;
  subtitle: string;
  hubs: string;
}

const LONGEST = 26; // letters in a line; longer names lose their middle
const LETTER = 6.9; // pixels of a letter of 12 px, on the large side
const SMALL_LETTER = 5.7;
const LID = 5; // of the drum that is a variable

export function wordsOf(box: Box, scene: Scene): Words {
  const hubs = scene.hubs.get(box) ?? [];
  return {
    title: shortened(box.label),
    subtitle: shortened(subtitle(box)),
    hubs: hubs.length === 0 ? '' : shortened(`← ${hubs.map(hub => hub.label).join(', ')}`)
  };
}

export function shortened(text: string): string {
  if (text.length <= LONGEST) {
    return text;
  }
  const half = Math.floor((LONGEST - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}

export function sizeOf(box: Box, words: Words): { width: number; height: number } {
  const small = Math.max(words.subtitle.length, words.hubs.length) * SMALL_LETTER;
  const lines = Number(words.subtitle !== '') + Number(words.hubs !== '');
  return {
    width: Math.ceil(Math.max(44, words.title.length * LETTER, small) + 22),
    height: 26 + 13 * lines + (box.kind === 'variable' ? LID : 0)
  };
}

export function jobFor(model: GraphModel, direction: Direction): Job {
  const { scene } = model;
  const leaves = new Set(scene.leaves);
  const open = new Set(scene.open);
  const itemsIn = (box: Box): Item[] =>
    box.children
      .filter(child => leaves.has(child) || open.has(child))
      .sort((a, b) => (a.nodes[0]?.id ?? 0) - (b.nodes[0]?.id ?? 0))
      .map(child =>
        open.has(child)
          ? { id: child.id, width: 0, height: 0, items: itemsIn(child) }
          : { id: child.id, ...sizeOf(child, wordsOf(child, scene)), items: null }
      );
  const wires = scene.edges.map(({ id, source, target }) => ({ id, source: source.id, target: target.id }));
  return { items: itemsIn(scene.root), wires, direction };
}
