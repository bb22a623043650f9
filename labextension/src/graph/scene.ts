/** What is in the picture when these boxes stand open: visible boxes, those set aside, and edges between them. */
import type { GraphNode, Source } from '../contract/columns';
import { isSwitchedOff, setServantsAside } from './aside';
import type { Box } from './hierarchy';
import { elements } from './shapes';

export interface Edge {
  id: string;
  source: Box;
  target: Box;
  /** The tensors that flow; none where the target only waits. */
  tensors: Source[];
  /** The most elements that one of them has. */
  size: number;
}

export interface Scene {
  root: Box;
  /** Closed boxes and operations, in order of making. */
  leaves: Box[];
  /** Open boxes, outer ones first; without the root. */
  open: Box[];
  /** What stands beside the picture: initializers, savers, summaries, layers that are switched off. */
  aside: Box[];
  edges: Edge[];
  /** Boxes that so many take from that no line is drawn: their names stand in the boxes that take. */
  hubs: Map<Box, Box[]>;
}

export interface Choice {
  isOpen(box: Box): boolean;
  /** Nodes of layers that are switched on, and not set aside. */
  isShown(node: GraphNode): boolean;
  /** Box ids that the reader brought back from the side. */
  broughtBack: ReadonlySet<string>;
}

/** More lines than this from one box are not drawn. */
const MOST_LINES = 12;

export function sceneOf(root: Box, nodes: GraphNode[], choice: Choice): Scene {
  const scene: Scene = { root, leaves: [], open: [], aside: [], edges: [], hubs: new Map() };
  place(root, choice, scene);
  scene.leaves.sort((a, b) => firstId(a) - firstId(b));
  const homes = new Map<number, Box>();
  for (const leaf of scene.leaves) {
    for (const node of leaf.nodes) {
      homes.set(node.id, leaf);
    }
  }
  scene.edges = edgesBetween(homes, nodes);
  setServantsAside(scene, choice.broughtBack);
  simplifyTraining(scene);
  extractHubs(scene);
  return scene;
}

function firstId(box: Box): number {
  return box.nodes[0]?.id ?? 0;
}

function place(open: Box, choice: Choice, scene: Scene): void {
  for (const child of open.children) {
    if (isSwitchedOff(child, choice)) {
      scene.aside.push(child);
    } else if (child.children.length > 0 && choice.isOpen(child)) {
      scene.open.push(child);
      place(child, choice, scene);
    } else {
      scene.leaves.push(child);
    }
  }
}

function edgesBetween(homes: Map<number, Box>, nodes: GraphNode[]): Edge[] {
  const found = new Map<Box, Map<Box, { edge: Edge; taken: Set<number> }>>();
  const between = (source: Box, target: Box) => {
    let from = found.get(source);
    if (from === undefined) {
      from = new Map();
      found.set(source, from);
    }
    let known = from.get(target);
    if (known === undefined) {
      const edge = { id: `${source.id}\n${target.id}`, source, target, tensors: [], size: 0 };
      known = { edge, taken: new Set() };
      from.set(target, known);
    }
    return known;
  };
  for (const [id, target] of homes) {
    const node = nodes[id] as GraphNode;
    for (const input of node.inputs) {
      const source = homes.get(input.node);
      if (source !== undefined && source !== target) {
        const { edge, taken } = between(source, target);
        const tensor = input.node * 4096 + input.output;
        if (!taken.has(tensor)) {
          taken.add(tensor);
          edge.tensors.push(input);
          edge.size = Math.max(edge.size, elements(nodes[input.node]?.outputs[input.output] ?? ''));
        }
      }
    }
    for (const before of node.controls) {
      const source = homes.get(before);
      if (source !== undefined && source !== target) {
        between(source, target);
      }
    }
  }
  return [...found.values()].flatMap(from => [...from.values()].map(({ edge }) => edge));
}

/** A closed box of gradients takes from everything; one line, from the last thing it takes, says as much. */
function simplifyTraining(scene: Scene): void {
  const last = new Map<Box, Box>();
  const simple = (edge: Edge) => edge.target.kind !== 'training' || edge.source.kind === 'training';
  for (const { source, target } of scene.edges.filter(edge => !simple(edge))) {
    const before = last.get(target);
    if (source.kind !== 'variable' && (before === undefined || firstId(source) > firstId(before))) {
      last.set(target, source);
    }
  }
  scene.edges = scene.edges.filter(edge => simple(edge) || last.get(edge.target) === edge.source);
}

function extractHubs(scene: Scene): void {
  const counts = new Map<Box, number>();
  for (const { source } of scene.edges) {
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  const isHub = (edge: Edge) => (counts.get(edge.source) ?? 0) > MOST_LINES;
  for (const { source, target } of scene.edges.filter(isHub)) {
    scene.hubs.set(target, [...(scene.hubs.get(target) ?? []), source]);
  }
  scene.edges = scene.edges.filter(edge => !isHub(edge));
}

/** The boxes around `box` in the picture, inner ones first, up to `root`. */
export function around(box: Box, root: Box): Box[] {
  const found: Box[] = [];
  for (let outer = box.parent; outer !== null && outer !== root; outer = outer.parent) {
    found.push(outer);
  }
  return found;
}
