/** What stands in boxes, captions and the panel: words for what the model knows. */

import type { GraphNode } from '../contract/columns';
import { say, sayCount } from '../elements/words';
import { shortBytes, shortTime } from './colours';
import type { Box } from './hierarchy';
import type { GraphModel } from './model';
import { shortShape } from './shapes';

/** Why an operation runs or does not, by the numbers of the contract. */
function reason(why: number): string {
  switch (why) {
    case 0:
      return say('will run');
    case 1:
      return say('will not run: not an ancestor, no fetched value depends on it');
    case 2:
      return say('will not run: cut by feed, a fed value takes its place');
    default:
      return say('will not run: folded, others wait for it but nobody takes what it computes');
  }
}

/** `120 operations in 4 name scopes, 3 of them stale` and what the kernel noted. */
export function summary(model: GraphModel): string {
  const { graph, nodes, root } = model;
  const scopes = root.children.filter(box => box.id.endsWith('/') && box.kind !== 'variable').length;
  const placed = scopes === 0 ? '' : sayCount(' in %n name scope', ' in %n name scopes', scopes);
  const stale =
    model.stale.size === 0 ? '' : say(', %1 of them stale (from an earlier run of a cell)', model.stale.size);
  const missing = graph.count > nodes.length ? say('; the first %1 are shown', nodes.length) : '';
  const runs =
    graph.run === null ? '' : say('; %1 of them will run', graph.run.why.filter(why => why === 0).length);
  const within = graph.scope === '' ? '' : `${graph.scope}/: `;
  const count = graph.scope === '' ? graph.count : root.nodes.length;
  return `${within}${operations(count)}${placed}${stale}${missing}${runs}`;
}

function operations(count: number): string {
  return sayCount('%n operation', '%n operations', count);
}

/** The second line in a box. */
export function subtitle(box: Box): string {
  const output = box.main?.outputs[0];
  switch (box.kind) {
    case 'series':
      return say('%1 of equal structure', box.children.length);
    case 'scope':
      return operations(box.nodes.length);
    case 'training': {
      const updates = new Set(
        box.nodes.filter(n => n.role === 'update' && n.partner >= 0).map(n => n.partner)
      );
      return updates.size > 0
        ? sayCount('updates %n variable', 'updates %n variables', updates.size)
        : operations(box.nodes.length);
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
    box.main !== null
      ? box.main.op
      : box.kind === 'series'
        ? say('series, %1', subtitle(box))
        : subtitle(box);
  const gives = box.main?.outputs[0];
  const parts = [
    `${box.label}: ${what}`,
    gives,
    isStale ? say('stale') : '',
    runs === false ? say('will not run') : ''
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
  /** True where it changes its partner, false where it is its gradient. */
  updates: boolean;
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
      [say('Holds'), operations(box.nodes.length)],
      [
        say('Variables'),
        variables.length === 0
          ? say('none')
          : variables
              .map(v => v.name)
              .slice(0, 8)
              .join(', ')
      ]
    ];
    const title = box.id.replace(/\/$/, '');
    return {
      title,
      rows: [...rows, ...costRow(box, model)],
      ...common,
      partner: null,
      updates: false,
      origin: ''
    };
  }
  const why = model.graph.run?.why[node.id];
  const rows: [string, string][] = [
    [say('Operation'), node.op],
    [say('Gives'), node.outputs.join('\n') || say('nothing')],
    [say('Attributes'), node.attrs.join('\n')],
    [say('Device'), node.device],
    [say('Role'), say(node.role)],
    [say('Run'), why === undefined ? '' : reason(why)],
    [say('Changed'), model.facts.changes.get(node.id) ?? ''],
    [say('Stale'), model.stale.has(node.id) ? say('yes: its cell ran again later') : '']
  ];
  const partner = model.nodes[node.partner];
  return {
    title: node.name,
    rows: [...rows.filter(([, text]) => text !== ''), ...costRow(box, model)],
    ...common,
    partner: partner === undefined ? null : { text: partner.name, node: partner },
    updates: node.role === 'update',
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
  return [[say('Took'), say('%1, made %2', shortTime(micros), shortBytes(bytes))]];
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
        found.set(`^${id}`, { text: say('waits for %1', from.name), node: from });
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
      const taken = from.length === 0 ? '' : say(', from %1', from.join(', '));
      lines.push(`${'  '.repeat(depth)}${spoken(child, model)}${taken}`);
      walk(child, depth + 1);
    }
  };
  walk(scene.root, 0);
  const aside = scene.aside.filter(box => box.kind !== 'constant');
  if (aside.length > 0) {
    lines.push(say('aside: %1', aside.map(box => box.id).join(', ')));
  }
  return lines.join('\n');
}
