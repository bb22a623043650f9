/** What the colour of a box tells, and the legend of it. */

import type { GraphNode } from '../contract/columns';
import { say } from '../elements/words';
import type { Box } from './hierarchy';
import { dtypeOf } from './shapes';

export type ColourBy =
  | 'kind'
  | 'structure'
  | 'device'
  | 'dtype'
  | 'cell'
  | 'role'
  | 'time'
  | 'memory'
  | 'change';

export const COLOURINGS: [ColourBy, () => string][] = [
  ['kind', () => say('kind')],
  ['structure', () => say('structure')],
  ['device', () => say('device')],
  ['dtype', () => say('dtype')],
  ['cell', () => say('cell')],
  ['role', () => say('role')],
  ['time', () => say('compute time')],
  ['memory', () => say('memory')],
  ['change', () => say('change')]
];

/** What a graph knows of its operations beyond the graph itself. */
export interface Facts {
  costs: Map<number, { micros: number; bytes: number }>;
  changes: Map<number, string>;
  structures: Map<Box, number>;
}

/** A colour: a hue with its strength (0 to 1), or null for none. The style sheet knows light from dark. */
export type Colour = { hue: number; strength: number } | null;

export interface Colouring {
  of(box: Box): Colour;
  legend: { label: string; colour: Colour }[];
}

const GOLDEN_ANGLE = 137.508; // neighbours in the legend get colours far apart
const COST_HUE = 12;
const LONGEST_LEGEND = 8;

export function colouring(by: ColourBy, leaves: Box[], facts: Facts): Colouring {
  if (by === 'kind') {
    return { of: () => null, legend: [] };
  }
  if (by === 'time' || by === 'memory') {
    return byCost(leaves, box => cost(box, facts, by), by === 'time' ? shortTime : shortBytes);
  }
  return byGroup(leaves, box => group(box, by, facts));
}

function group(box: Box, by: ColourBy, facts: Facts): string {
  const one = (value: (node: GraphNode) => string) => {
    const all = new Set(box.nodes.map(value));
    return all.size === 1 ? ([...all][0] as string) : 'mixed';
  };
  switch (by) {
    case 'device':
      return one(node => node.device || 'no device asked for');
    case 'dtype':
      return box.main === null ? one(dtype) : dtype(box.main);
    case 'cell':
      return one(node => (node.cell === 0 ? 'no cell' : `cell [${node.cell}]`));
    case 'role':
      return one(node => node.role);
    case 'change':
      return box.nodes.some(node => facts.changes.has(node.id)) ? 'changed' : 'as before';
    default:
      return facts.structures.has(box) ? `structure ${facts.structures.get(box)}` : 'found once';
  }
}

function dtype(node: GraphNode): string {
  return dtypeOf(node.outputs[0] ?? '') || 'no output';
}

const PLAIN = new Set(['mixed', 'no device asked for', 'no cell', 'as before', 'found once', 'no output']);

function byGroup(leaves: Box[], nameOf: (box: Box) => string): Colouring {
  const names = new Map(leaves.map(box => [box, nameOf(box)]));
  const sorted = [...new Set(names.values())].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const colours = new Map<string, Colour>();
  let number = 0;
  for (const name of sorted) {
    colours.set(
      name,
      PLAIN.has(name) ? null : { hue: (210 + GOLDEN_ANGLE * number++) % 360, strength: 0.75 }
    );
  }
  const legend = sorted.map(label => ({ label, colour: colours.get(label) ?? null }));
  return {
    of: box => colours.get(names.get(box) ?? '') ?? null,
    legend: legend.length > LONGEST_LEGEND ? legend.slice(0, LONGEST_LEGEND) : legend
  };
}

function cost(box: Box, facts: Facts, by: 'time' | 'memory'): number {
  return box.nodes.reduce((sum, node) => {
    const known = facts.costs.get(node.id);
    return sum + (known === undefined ? 0 : by === 'time' ? known.micros : known.bytes);
  }, 0);
}

function byCost(leaves: Box[], costOf: (box: Box) => number, worded: (cost: number) => string): Colouring {
  const most = Math.max(1, ...leaves.map(costOf));
  const colour = (value: number): Colour =>
    value === 0 ? null : { hue: COST_HUE, strength: Math.sqrt(value / most) };
  return {
    of: box => colour(costOf(box)),
    legend: [0, most / 10, most].map(value => ({ label: worded(value), colour: colour(value) }))
  };
}

export function shortTime(micros: number): string {
  return micros < 1000 ? `${Math.round(micros)} µs` : `${(micros / 1000).toPrecision(3)} ms`;
}

export function shortBytes(bytes: number): string {
  if (bytes < 1000) {
    return `${Math.round(bytes)} bytes`;
  }
  return bytes < 1e6 ? `${(bytes / 1e3).toPrecision(3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
}
