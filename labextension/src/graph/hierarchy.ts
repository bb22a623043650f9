/**
 * The boxes that a graph can be drawn with: a tree of operations, name scopes and series.
 *
 * A *series* is what a loop in the program built: `cell_1 … cell_100`. Only siblings of equal structure form
 * one, operation for operation and input for input.
 */
import type { GraphNode } from '../contract/columns';

export type Kind = 'operation' | 'variable' | 'constant' | 'placeholder' | 'scope' | 'training' | 'series';

export interface Box {
  /** `dense/MatMul` for an operation, `dense/` for a scope, `dense/add_*` for a series. */
  id: string;
  kind: Kind;
  label: string;
  parent: Box | null;
  /** All operations inside, in order of making. */
  nodes: GraphNode[];
  children: Box[];
  /** The operation that the box stands for; null for a scope that is no single thing. */
  main: GraphNode | null;
}

export interface Hierarchy {
  root: Box;
  boxes: Map<string, Box>;
  /** The innermost box of each operation, by its number. */
  homes: Box[];
}

/** Fewer than this many equal siblings are drawn one by one. */
const SHORTEST_SERIES = 4;

const VARIABLES = new Set(['Variable', 'VariableV2', 'VarHandleOp', 'TemporaryVariable']);

export function hierarchyOf(nodes: GraphNode[]): Hierarchy {
  const root: Box = scopeBox('', null);
  const scopes = new Map([['', root]]);
  const homes: Box[] = [];
  for (const node of nodes) {
    const parent = scopeAt(node.scope, scopes);
    const box = operationBox(node, parent);
    parent.children.push(box);
    homes.push(box);
    for (let outer: Box | null = parent; outer !== null; outer = outer.parent) {
      outer.nodes.push(node);
    }
  }
  adoptOwners(scopes, new Map(homes.map(box => [box.id, box])));
  for (const scope of scopes.values()) {
    gatherSeries(scope);
  }
  for (const scope of scopes.values()) {
    classify(scope);
  }
  const boxes = new Map<string, Box>();
  const collect = (box: Box) => {
    boxes.set(box.id, box);
    box.children.forEach(collect);
  };
  collect(root);
  return { root, boxes, homes };
}

function scopeBox(path: string, parent: Box | null): Box {
  const label = path.slice(path.lastIndexOf('/') + 1);
  return {
    id: path === '' ? '' : `${path}/`,
    kind: 'scope',
    label,
    parent,
    nodes: [],
    children: [],
    main: null
  };
}

function scopeAt(path: string, scopes: Map<string, Box>): Box {
  const known = scopes.get(path);
  if (known !== undefined) {
    return known;
  }
  const parent = scopeAt(path.slice(0, Math.max(0, path.lastIndexOf('/'))), scopes);
  const made = scopeBox(path, parent);
  parent.children.push(made);
  scopes.set(path, made);
  return made;
}

function operationBox(node: GraphNode, parent: Box): Box {
  const label = node.name.slice(node.name.lastIndexOf('/') + 1);
  return { id: node.name, kind: kindOf(node), label, parent, nodes: [node], children: [], main: node };
}

function kindOf(node: GraphNode): Kind {
  if (VARIABLES.has(node.op)) {
    return 'variable';
  }
  return node.op === 'Const' ? 'constant' : node.op.startsWith('Placeholder') ? 'placeholder' : 'operation';
}

/** A variable `w` moves into the scope `w/` that holds its initial value; so does `mul` with its `mul/y`. */
function adoptOwners(scopes: Map<string, Box>, owners: Map<string, Box>): void {
  const moved = new Set<Box>();
  for (const [path, scope] of scopes) {
    const parent = scope.parent;
    const owner = owners.get(path);
    if (parent === null || owner === undefined) {
      continue;
    }
    moved.add(owner);
    moved.add(parent);
    owner.parent = scope;
    scope.children.unshift(owner);
    scope.nodes = [...owner.nodes, ...scope.nodes].sort((a, b) => a.id - b.id);
    scope.main = owner.main;
  }
  for (const box of scopes.values()) {
    if (moved.has(box)) {
      box.children = box.children.filter(child => !moved.has(child) || child.parent === box);
    }
  }
}

/** True for a variable or an operation with its constants, which are read as one thing. */
export function isOneThing(box: Box): boolean {
  const { main } = box;
  return main !== null && (VARIABLES.has(main.op) || box.nodes.every(n => n === main || n.op === 'Const'));
}

function classify(scope: Box): void {
  const kind = scope.main === null ? 'operation' : kindOf(scope.main);
  if (kind !== 'operation') {
    scope.kind = kind;
  } else if (scope.nodes.length > 0 && scope.nodes.every(n => n.role === 'backward' || n.role === 'update')) {
    scope.kind = 'training';
  } else if (scope.main !== null) {
    scope.kind = kind;
  }
}

function gatherSeries(scope: Box): void {
  const families = new Map<string, Box[]>();
  for (const child of scope.children) {
    const stem = child.label.replace(/_\d+$/, '');
    const family = families.get(stem);
    if (family === undefined) {
      families.set(stem, [child]);
    } else {
      family.push(child);
    }
  }
  for (const [stem, family] of families) {
    if (family.length >= SHORTEST_SERIES) {
      const alike = new Map<string, Box[]>();
      for (const child of family) {
        const key = structureOf(child);
        const members = alike.get(key);
        if (members === undefined) {
          alike.set(key, [child]);
        } else {
          members.push(child);
        }
      }
      let number = 0;
      for (const members of alike.values()) {
        if (members.length >= SHORTEST_SERIES && members.length < scope.children.length) {
          replaceBySeries(scope, stem, members, number++);
        }
      }
    }
  }
}

function replaceBySeries(scope: Box, stem: string, members: Box[], number: number): void {
  const series: Box = {
    id: `${scope.id}${stem}_*${number === 0 ? '' : number}`,
    kind: 'series',
    label: `${stem}_*`,
    parent: scope,
    nodes: members.flatMap(member => member.nodes).sort((a, b) => a.id - b.id),
    children: members,
    main: null
  };
  const inside = new Set(members);
  const first = scope.children.indexOf(members[0] as Box);
  scope.children[first] = series;
  scope.children = scope.children.filter(child => !inside.has(child));
  for (const member of members) {
    member.parent = series;
  }
}

/** A text that is equal for boxes of equal structure: types, shapes, attributes and wiring, not names. */
export function structureOf(box: Box): string {
  const first = box.nodes[0]?.id ?? 0;
  const last = box.nodes.at(-1)?.id ?? 0;
  const isWhole = last - first + 1 === box.nodes.length; // made in one go, so that distances tell the wiring
  const place = isWhole ? null : new Map(box.nodes.map((node, index) => [node.id, index]));
  const path = box.id.endsWith('/') ? box.id.length : -1;
  let text = '';
  for (const node of box.nodes) {
    text += `${path < 0 ? '' : node.name.slice(path)},${looksOf(node)}`;
    for (const { node: from, output } of node.inputs) {
      const inside =
        place === null ? (from >= first && from <= last ? from - first : undefined) : place.get(from);
      text += inside === undefined ? ',outside' : `,${inside}.${output}`;
    }
    text += ';';
  }
  return text;
}

const looks = new WeakMap<GraphNode, string>();

/** Type, shapes and attributes of an operation, but for the value of a constant. */
function looksOf(node: GraphNode): string {
  let known = looks.get(node);
  if (known === undefined) {
    const attrs = node.attrs.filter(attr => !attr.startsWith('value='));
    known = `${node.op},${node.outputs.join()},${attrs.join()}`;
    looks.set(node, known);
  }
  return known;
}
