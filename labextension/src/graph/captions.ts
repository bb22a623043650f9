/** What stands in boxes, captions and the panel: words for what the model knows. */
import type { GraphNode } from '../contract/columns';
import { shortBytes, shortTime } from './colours';
import type { Box } from './hierarchy';
import type { GraphModel } from './model';
import { shortShape } from './shapes';

export const REASONS = [
  'will run',
  'will not run: not an ancestor, no fetched value depends on it',
  'will not run: cut by feed, a fed value takes its place',
  'will not run: folded, others wait for it but nobody takes what it computes'
];

/** `120 operations in 4 name scopes, 3 of them stale` and what the kernel noted. */
export function summary(model: GraphModel): string {
  const { graph, nodes, root } = model;
  const scopes = root.children.filter(box => box.id.endsWith('/') && box.kind !== 'variable').length;
  const placed = scopes === 0 ? '' : ` in ${counted(scopes, 'name scope')}`;
  const stale =
    model.stale.size === 0 ? '' : `, ${model.stale.size} of them stale (from an earlier run of a cell)`;
  const missing = graph.count > nodes.length ? `; the first ${nodes.length} are shown` : '';
  const runs =
    graph.run === null ? '' : `; ${graph.run.why.filter(why => why === 0).length} of them will run`;
  const within = graph.scope === '' ? '' : `${graph.scope}/: `;
  const count = graph.scope === '' ? graph.count : root.nodes.length;
  return `${within}${counted(count, 'operation')}${placed}${stale}${missing}${runs}`;
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** The second line in a box. */
export function subtitle(box: Box): string {
  const output = box.main?.outputs[0];
  switch (box.kind) {
    case 'series':
      return `${box.children.length} of equal structure`;
    case 'scope':
      return counted(box.nodes.length, 'operation');
    case 'training': {
      const updates = new Set(
        box.nodes.filter(n => n.role === 'update' && n.partner >= 0).map(n => n.partner)
      );
      return updates.size > 0
        ? `updates ${counted(updates.size, 'variable')}`
        : counted(box.nodes.length, 'operation');
    }
    case 'constant':
      return constantOf(box.main) ?? (output === undefined ? '' : shortShape(output));
    case 'variable':
    case 'placeholder':
      return output === undefined ? '' : shortShape(output);
    default: {
      const type = box.main?.op ?? '';
      const stem = box.label.toLowerCase().replace(/[_0-9]+$/, '');
      return stem === type.toLowerCase().replace(/v2$/, '') ? '' : type;
    }
  }
}

function constantOf(node: GraphNode | null): string | undefined {
  const value = node?.attrs.find(attr => attr.startsWith('value='))?.slice('value='.length);
  return value !== undefined && value.length <= 18 ? value : undefined;
}

/** One line about a box, for screen readers and the status line. */
export function spoken(box: Box, model: GraphModel): string {
  const { isStale, runs } = model.marks(box);
  const what =
    box.main !== null ? box.main.op : box.kind === 'series' ? `series, ${subtitle(box)}` : subtitle(box);
  const gives = box.main?.outputs[0];
  const parts = [
    `${box.label}: ${what}`,
    gives,
    isStale ? 'stale' : '',
    runs === false ? 'will not run' : ''
  ];
  return parts.filter(Boolean).join(', ');
}

export interface Reference {
  text: string;
  node: GraphNode;
}

export interface Details {
  title: string;
  rows: [string, string][];
  inputs: Reference[];
  outputs: Reference[];
  partner: Reference | null;
  origin: string;
}

const MOST_REFERENCES = 40;

/** What is known of a box: an operation in full, or what a scope holds. */
export function details(box: Box, model: GraphModel): Details {
  const node = box.main;
  const common = { inputs: takenFrom(box, model), outputs: givenTo(box, model) };
  if (node === null) {
    const variables = box.nodes.filter(each => each.op.startsWith('Variable'));
    const rows: [string, string][] = [
      ['Holds', counted(box.nodes.length, 'operation')],
      [
        'Variables',
        variables.length === 0
          ? 'none'
          : variables
              .map(v => v.name)
              .slice(0, 8)
              .join(', ')
      ]
    ];
    const title = box.id.replace(/\/$/, '');
    return { title, rows: [...rows, ...costRow(box, model)], ...common, partner: null, origin: '' };
  }
  const why = model.graph.run?.why[node.id];
  const rows: [string, string][] = [
    ['Operation', node.op],
    ['Gives', node.outputs.join('\n') || 'nothing'],
    ['Attributes', node.attrs.join('\n')],
    ['Device', node.device],
    ['Role', node.role],
    ['Run', why === undefined ? '' : (REASONS[why] ?? '')],
    ['Changed', model.facts.changes.get(node.id) ?? ''],
    ['Stale', model.stale.has(node.id) ? 'yes: its cell ran again later' : '']
  ];
  const partner = model.nodes[node.partner];
  return {
    title: node.name,
    rows: [...rows.filter(([, text]) => text !== ''), ...costRow(box, model)],
    ...common,
    partner: partner === undefined ? null : { text: partner.name, node: partner },
    origin: node.origin
  };
}

function costRow(box: Box, model: GraphModel): [string, string][] {
  const known = box.nodes.flatMap(node => model.facts.costs.get(node.id) ?? []);
  if (known.length === 0) {
    return [];
  }
  const micros = known.reduce((sum, cost) => sum + cost.micros, 0);
  const bytes = known.reduce((sum, cost) => sum + cost.bytes, 0);
  return [['Took', `${shortTime(micros)}, made ${shortBytes(bytes)}`]];
}

function takenFrom(box: Box, model: GraphModel): Reference[] {
  const inside = new Set(box.nodes.map(node => node.id));
  const found = new Map<string, Reference>();
  for (const node of box.nodes) {
    for (const { node: id, output } of node.inputs) {
      const from = model.nodes[id];
      if (from !== undefined && !inside.has(id)) {
        const shape = from.outputs[output] ?? '';
        found.set(`${id}:${output}`, { text: `${from.name}:${output}  ${shape}`, node: from });
      }
    }
    for (const id of node.controls) {
      const from = model.nodes[id];
      if (from !== undefined && !inside.has(id)) {
        found.set(`^${id}`, { text: `waits for ${from.name}`, node: from });
      }
    }
  }
  return [...found.values()].slice(0, MOST_REFERENCES);
}

function givenTo(box: Box, model: GraphModel): Reference[] {
  const inside = new Set(box.nodes.map(node => node.id));
  const users = new Set(box.nodes.flatMap(node => model.consumersOf(node)));
  const outside = [...users].filter(node => !inside.has(node.id));
  return outside.slice(0, MOST_REFERENCES).map(node => ({ text: node.name, node }));
}

/** The picture in lines: the plain-text twin. */
export function asText(model: GraphModel): string {
  const { scene } = model;
  const visible = new Set([...scene.leaves, ...scene.open]);
  const sources = new Map<Box, string[]>();
  for (const { source, target } of scene.edges) {
    sources.set(target, [...(sources.get(target) ?? []), source.id]);
  }
  const lines: string[] = [];
  const walk = (box: Box, depth: number) => {
    for (const child of box.children.filter(each => visible.has(each))) {
      const from = [...(sources.get(child) ?? []), ...(scene.hubs.get(child) ?? []).map(hub => hub.id)];
      const taken = from.length === 0 ? '' : `, from ${from.join(', ')}`;
      lines.push(`${'  '.repeat(depth)}${spoken(child, model)}${taken}`);
      walk(child, depth + 1);
    }
  };
  walk(scene.root, 0);
  const aside = scene.aside.filter(box => box.kind !== 'constant');
  if (aside.length > 0) {
    lines.push(`aside: ${aside.map(box => box.id).join(', ')}`);
  }
  return lines.join('\n');
}
