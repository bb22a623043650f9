/** What a graph view shows, without a page: which boxes stand open, what is chosen, found, traced and dimmed. */
import type { GraphNode, Role } from '../contract/columns';
import type { Graph, Kept } from '../contract/graph';
import { COLOURINGS, type ColourBy, type Colouring, colouring, type Facts } from './colours';
import { type Box, type Hierarchy, hierarchyOf, isOneThing, structureOf } from './hierarchy';
import type { Direction } from './layout';
import { type Scene, sceneOf } from './scene';
import { type Predicate, parse } from './search';

/** What a reader did to the picture; kept when the cell runs again, and with the notebook. */
export interface State {
  open: string[];
  broughtBack: string[];
  layers: Record<Role, boolean>;
  colourBy: ColourBy;
  /** null: whatever fits the frame better. */
  direction: Direction | null;
  hidesStale: boolean;
}

/** How a box stands out, or does not. */
export interface Marks {
  isStale: boolean;
  /** Of a run: false where nothing inside will run; null where nobody asked. */
  runs: boolean | null;
  /** Outside what is traced or found. */
  isFaded: boolean;
  /** How many operations inside were found. */
  found: number;
}

export type Trace = 'ancestors' | 'descendants';

const ROOMY = 24; // boxes that a picture may have before it stops opening scopes by itself

export class GraphModel {
  readonly hierarchy: Hierarchy;
  readonly root: Box;
  readonly stale: ReadonlySet<number>;
  readonly facts: Facts;
  state: State;
  selected: Box | null = null;
  query = '';
  found: GraphNode[] = [];
  readonly traces = new Set<Trace>();

  constructor(
    readonly graph: Graph,
    readonly nodes: GraphNode[]
  ) {
    this.hierarchy = hierarchyOf(nodes);
    this.root = this.hierarchy.boxes.get(graph.scope === '' ? '' : `${graph.scope}/`) ?? this.hierarchy.root;
    this.stale = new Set(graph.stale);
    this.facts = {
      costs: new Map((graph.costs ?? []).map(([id, micros, bytes]) => [id, { micros, bytes }])),
      changes: new Map(graph.changes),
      structures: new Map()
    };
    const layers = { forward: true, backward: true, update: true, auxiliary: false };
    const colourBy = graph.costs !== null ? 'time' : graph.changes.length > 0 ? 'change' : 'kind';
    this.state = { open: [], broughtBack: [], layers, colourBy, direction: null, hidesStale: false };
    this.openWhatFits(graph.depth);
  }

  /** Calls `listener` after each change; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get scene(): Scene {
    this.cachedScene ??= this.makeScene();
    return this.cachedScene;
  }

  get colours(): Colouring {
    this.cachedColours ??= this.makeColours();
    return this.cachedColours;
  }

  isOpen(box: Box): boolean {
    return this.state.open.includes(box.id);
  }

  // -- what the reader does ------------------------------------------------------------------------

  toggle(box: Box, open = !this.isOpen(box)): void {
    if (box.children.length > 0 && open !== this.isOpen(box)) {
      const others = this.state.open.filter(id => id !== box.id);
      this.change({ open: open ? [...others, box.id] : others });
    }
  }

  openAll(): void {
    this.change({ open: [] });
    this.openWhatFits(null, 10 * ROOMY, true);
    this.notify();
  }

  closeAll(): void {
    this.change({ open: [] });
  }

  select(box: Box | null): void {
    this.selected = box;
    this.notify();
  }

  /** Opens what stands around `box`, brings it back from the side, and selects it. */
  reveal(box: Box): void {
    const open = new Set(this.state.open);
    const back = new Set(this.state.broughtBack);
    for (let outer = box.parent; outer !== null && outer !== this.root; outer = outer.parent) {
      open.add(outer.id);
    }
    for (let inner: Box | null = box; inner !== null; inner = inner.parent) {
      back.add(inner.id);
    }
    this.selected = box;
    this.change({ open: [...open], broughtBack: [...back] });
  }

  bringBack(box: Box): void {
    this.change({ broughtBack: [...this.state.broughtBack, box.id] });
  }

  setLayer(role: Role, on: boolean): void {
    this.change({ layers: { ...this.state.layers, [role]: on }, broughtBack: [] });
  }

  colour(colourBy: ColourBy): void {
    this.change({ colourBy });
  }

  turn(direction: Direction | null): void {
    this.change({ direction });
  }

  hideStale(hidesStale: boolean): void {
    this.change({ hidesStale });
  }

  search(query: string): void {
    this.query = query;
    const test: Predicate | null = parse(query);
    this.found = test === null ? [] : this.root.nodes.filter(test);
    this.foundIds = test === null ? null : new Set(this.found.map(node => node.id));
    this.notify();
  }

  trace(kind: Trace, on = !this.traces.has(kind)): void {
    this.traces[on ? 'add' : 'delete'](kind);
    this.notify();
  }

  /** The operations that a line of a cell made stand out as if they were searched for. */
  highlightOrigin(origin: string): void {
    this.search(`cell:^${origin.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s/g, '\\s')}$`);
  }

  /** What the reader did so far, to be kept with the notebook. */
  get kept(): Kept {
    return { ...this.state, selected: this.selected?.id ?? '' };
  }

  restore({ selected, ...state }: Kept): void {
    const open = state.open.filter(id => this.hierarchy.boxes.has(id));
    const colourBy = COLOURINGS.find(([known]) => known === state.colourBy)?.[0] ?? this.state.colourBy;
    this.selected = this.hierarchy.boxes.get(selected) ?? null;
    this.change({ ...state, open, colourBy });
  }

  // -- what it tells about boxes -------------------------------------------------------------------

  marks(box: Box): Marks {
    const found = this.foundIds;
    const traced = this.tracedIds();
    const inside = (ids: ReadonlySet<number>) => box.nodes.some(node => ids.has(node.id));
    return {
      isStale: this.stale.size > 0 && box.nodes.every(node => this.stale.has(node.id)),
      runs: this.graph.run === null ? null : box.nodes.some(node => this.graph.run?.why[node.id] === 0),
      isFaded: (found !== null && !inside(found)) || (traced !== null && !inside(traced)),
      found: found === null ? 0 : box.nodes.filter(node => found.has(node.id)).length
    };
  }

  /** The box of the picture in which an operation is, or null where it stands aside. */
  visibleBox(id: number): Box | null {
    const inPicture = new Set([...this.scene.leaves, ...this.scene.open]);
    for (let box: Box | null = this.hierarchy.homes[id] ?? null; box !== null; box = box.parent) {
      if (inPicture.has(box)) {
        return box;
      }
    }
    return null;
  }

  /** Operations that read an output of `node`, or wait for it. */
  consumersOf(node: GraphNode): GraphNode[] {
    this.consumers ??= consumersIn(this.nodes);
    return this.consumers[node.id] ?? [];
  }

  isShown = (node: GraphNode): boolean =>
    this.state.layers[node.role] &&
    !(this.state.hidesStale && this.stale.has(node.id)) &&
    !this.graph.aside.some(
      scope => node.name.startsWith(`${scope}/`) && !this.state.broughtBack.includes(`${scope}/`)
    );

  // -- within --------------------------------------------------------------------------------------

  private change(some: Partial<State>): void {
    this.state = { ...this.state, ...some };
    this.notify();
  }

  private notify(): void {
    this.cachedScene = this.cachedColours = this.traced = undefined;
    for (const listener of this.listeners) {
      listener();
    }
  }

  private makeScene(): Scene {
    const open = new Set(this.state.open);
    return sceneOf(this.root, this.nodes, {
      isOpen: box => open.has(box.id),
      isShown: this.isShown,
      broughtBack: new Set(this.state.broughtBack)
    });
  }

  private makeColours(): Colouring {
    const { leaves } = this.scene;
    if (this.state.colourBy === 'structure') {
      this.facts.structures = repeated(leaves);
    }
    return colouring(this.state.colourBy, leaves, this.facts);
  }

  /** Small scopes first, level by level, while the picture stays small; or exactly `depth` levels. */
  private openWhatFits(depth: number | null, room = ROOMY, everything = false): void {
    const open: string[] = [];
    let level: Box[] = [this.root];
    let drawn = this.shownChildren(this.root);
    for (let left = depth ?? 99; left > 0 && level.length > 0; left--) {
      const next: Box[] = [];
      const candidates = level.flatMap(box => box.children).filter(box => box.children.length > 0);
      for (const box of candidates.sort((a, b) => this.shownChildren(a) - this.shownChildren(b))) {
        const more = this.shownChildren(box);
        const invites = box.kind === 'scope' && more >= 3 && drawn + more <= room;
        if (
          depth !== null
            ? !isOneThing(box)
            : invites || (everything && !isOneThing(box) && drawn + more <= room)
        ) {
          drawn += more - 1;
          open.push(box.id);
          next.push(box);
        }
      }
      level = next;
    }
    this.state = { ...this.state, open };
  }

  private shownChildren(box: Box): number {
    return box.children.filter(child => child.nodes.some(this.isShown)).length;
  }

  private tracedIds(): ReadonlySet<number> | null {
    if (this.selected === null || this.traces.size === 0) {
      return null;
    }
    this.traced ??= reach(this.selected.nodes, this.traces, this);
    return this.traced;
  }

  private readonly listeners = new Set<() => void>();
  private cachedScene: Scene | undefined;
  private cachedColours: Colouring | undefined;
  private traced: ReadonlySet<number> | undefined;
  private foundIds: ReadonlySet<number> | null = null;
  private consumers: GraphNode[][] | undefined;
}

function consumersIn(nodes: GraphNode[]): GraphNode[][] {
  const found: GraphNode[][] = nodes.map(() => []);
  for (const node of nodes) {
    for (const id of new Set([...node.inputs.map(input => input.node), ...node.controls])) {
      found[id]?.push(node);
    }
  }
  return found;
}

/** All that the start depends on (ancestors), and all that depends on it (descendants). */
function reach(start: GraphNode[], traces: ReadonlySet<Trace>, model: GraphModel): Set<number> {
  const found = new Set(start.map(node => node.id));
  const follow = (next: (node: GraphNode) => number[]) => {
    const seen = new Set(start.map(node => node.id));
    const pending = [...start];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      for (const id of next(node)) {
        const other = model.nodes[id];
        if (other !== undefined && !seen.has(id)) {
          seen.add(id);
          found.add(id);
          pending.push(other);
        }
      }
    }
  };
  if (traces.has('ancestors')) {
    follow(node => [...node.inputs.map(input => input.node), ...node.controls]);
  }
  if (traces.has('descendants')) {
    follow(node => model.consumersOf(node).map(consumer => consumer.id));
  }
  return found;
}

/** A number for each structure that several boxes have. */
function repeated(leaves: Box[]): Map<Box, number> {
  const alike = new Map<string, Box[]>();
  for (const box of leaves) {
    const key = structureOf(box);
    alike.set(key, [...(alike.get(key) ?? []), box]);
  }
  const several = [...alike.values()].filter(boxes => boxes.length > 1);
  return new Map(several.flatMap((boxes, number) => boxes.map(box => [box, number + 1] as const)));
}
