/**
 * Draws one graph in layers, after Sugiyama, Tagawa and Toda, *Methods for visual understanding of hierarchical
 * system structures* (1981): break cycles, give each node a rank (`ranks.ts`), order the ranks so that few lines
 * cross, and give each node a place (`rows.ts`). The same input gives the same picture.
 *
 * Ranks run downwards; `across` is the direction along a rank. Parts that nothing connects stand side by side.
 */
import { ranksOf, withoutCycles } from './ranks';
import { BEND, type Cell, GAP, order, position } from './rows';

export interface Node {
  /** Size across the flow and along it. */
  across: number;
  along: number;
  /** Ports stay in the first or the last rank. */
  rank?: 'first' | 'last';
}

export interface Link {
  source: number;
  target: number;
  /** Where the line leaves and arrives, seen from the middle of the node. */
  leaves?: number;
  arrives?: number;
}

export interface Drawing {
  /** Middle of each node. */
  nodes: { across: number; along: number }[];
  /** Where each link runs, from the source's lower side to the target's upper side. */
  links: { across: number; along: number }[][];
  across: number;
  along: number;
}

const RANK_GAP = 34;
const MOST_BENDS = 800; // the links that pass most ranks then run straight

export function layered(nodes: Node[], links: Link[]): Drawing {
  const parts = connectedParts(nodes, links);
  const drawn = parts.map(part => {
    const number = new Map(part.nodes.map((node, i) => [node, i]));
    const inside = part.links.map(i => links[i] as Link);
    return layers(
      part.nodes.map(i => nodes[i] as Node),
      inside.map(link => ({
        ...link,
        source: number.get(link.source) ?? 0,
        target: number.get(link.target) ?? 0
      }))
    );
  });
  return sideBySide(nodes.length, links.length, parts, drawn);
}

interface Part {
  nodes: number[];
  links: number[];
}

/** Nodes that links connect; ports count as connected with each other, for they stand on one border. */
function connectedParts(nodes: Node[], links: Link[]): Part[] {
  const leader = nodes.map((_, i) => i);
  const find = (i: number): number => {
    let top = i;
    while (leader[top] !== top) {
      top = leader[top] = leader[leader[top] as number] as number;
    }
    return top;
  };
  const join = (a: number, b: number) => {
    const [low, high] = [Math.min(find(a), find(b)), Math.max(find(a), find(b))];
    leader[high] = low;
  };
  for (const { source, target } of links) {
    join(source, target);
  }
  const ports = nodes.flatMap((node, i) => (node.rank === undefined ? [] : [i]));
  for (const port of ports) {
    join(ports[0] as number, port);
  }
  const parts = new Map<number, Part>();
  nodes.forEach((_, i) => {
    const top = find(i);
    const part = parts.get(top) ?? { nodes: [], links: [] };
    parts.set(top, part);
    part.nodes.push(i);
  });
  links.forEach(({ source }, i) => {
    parts.get(find(source))?.links.push(i);
  });
  return [...parts.values()].sort((a, b) => b.nodes.length - a.nodes.length);
}

/** Shelves: the widest part tells how long one is, unless that would make it much longer than deep. */
function sideBySide(nodeCount: number, linkCount: number, parts: Part[], drawn: Drawing[]): Drawing {
  const area = drawn.reduce((sum, { across, along }) => sum + (across + GAP) * (along + GAP), 0);
  const limit = Math.max(1.5 * Math.sqrt(area), ...drawn.map(({ across }) => across));
  const whole: Drawing = { nodes: Array(nodeCount), links: Array(linkCount), across: 0, along: 0 };
  let [across, along, depth] = [0, 0, 0];
  parts.forEach((part, n) => {
    const drawing = drawn[n] as Drawing;
    if (across > 0 && across + drawing.across > limit) {
      [across, along, depth] = [0, along + depth + GAP, 0];
    }
    const moved = (p: { across: number; along: number }) => ({
      across: p.across + across,
      along: p.along + along
    });
    part.nodes.forEach((node, i) => {
      whole.nodes[node] = moved(drawing.nodes[i] as { across: number; along: number });
    });
    part.links.forEach((link, i) => {
      whole.links[link] = (drawing.links[i] ?? []).map(moved);
    });
    whole.across = Math.max(whole.across, across + drawing.across);
    depth = Math.max(depth, drawing.along);
    whole.along = Math.max(whole.along, along + depth);
    across += drawing.across + GAP;
  });
  return whole;
}

function layers(nodes: Node[], links: Link[]): Drawing {
  const forward = withoutCycles(nodes.length, links);
  const ranks = ranksOf(nodes, forward);
  const cells: Cell[] = nodes.map((node, i) => cellOf(node.across, node.along, ranks[i] ?? 0, false));
  const mostPassed = mostRanksPassed(forward, ranks);
  const bends = links.map((link, i) => tie(link, forward[i] as Link, cells, mostPassed));
  const rows = rowsOf([...cells, ...bends.flat()]);
  order(rows);
  position(rows);
  const middles = stack(rows);
  const least = Math.min(0, ...rows.flat().map(cell => cell.position - cell.across / 2));
  const placed = (cell: Cell) => ({ across: cell.position - least, along: middles[cell.rank] ?? 0 });
  const lines = links.map((link, i) => lineOf(link, cells, bends[i] ?? [], placed));
  return {
    nodes: cells.map(placed),
    links: lines,
    across: Math.max(0, ...rows.flat().map(cell => cell.position - least + cell.across / 2)),
    along: rows.reduce((sum, row) => sum + tallest(row) + RANK_GAP, rows.length > 0 ? -RANK_GAP : 0)
  };
}

function cellOf(across: number, along: number, rank: number, isBend: boolean): Cell {
  return { across, along, rank, place: 0, position: 0, key: 0, up: [], down: [], isBend };
}

/** Links that pass more ranks than this have no bends, lest there be too many. */
function mostRanksPassed(links: Link[], ranks: number[]): number {
  const passed = links.map(({ source, target }) => (ranks[target] ?? 0) - (ranks[source] ?? 0) - 1);
  let room = MOST_BENDS;
  for (const count of passed.sort((a, b) => a - b)) {
    room -= Math.max(0, count);
    if (room < 0) {
      return count - 1;
    }
  }
  return Number.POSITIVE_INFINITY;
}

/** Ties the two ends of a link, through a bend in each rank that it passes; returns the bends, top down. */
function tie(link: Link, forward: Link, cells: Cell[], mostPassed: number): Cell[] {
  const isTurned = forward.source !== link.source;
  const upper = cells[forward.source] as Cell;
  const lower = cells[forward.target] as Cell;
  const bends: Cell[] = [];
  const passed = lower.rank - upper.rank - 1;
  const passes = passed > mostPassed ? 0 : passed;
  let before = upper;
  let shift = (isTurned ? link.arrives : link.leaves) ?? 0;
  for (let rank = upper.rank + 1; rank <= upper.rank + passes; rank++) {
    const bend = cellOf(BEND, 0, rank, true);
    connect(before, bend, shift, before.isBend ? 8 : 2);
    bends.push(bend);
    before = bend;
    shift = 0;
  }
  if (lower.rank > upper.rank) {
    connect(before, lower, shift - ((isTurned ? link.leaves : link.arrives) ?? 0), bends.length > 0 ? 2 : 1);
  }
  return bends;
}

function connect(upper: Cell, lower: Cell, shift: number, weight: number): void {
  upper.down.push({ cell: lower, shift: -shift, weight });
  lower.up.push({ cell: upper, shift, weight });
}

function rowsOf(cells: Cell[]): Cell[][] {
  const rows: Cell[][] = [];
  for (const cell of cells) {
    while (rows.length <= cell.rank) {
      rows.push([]);
    }
    rows[cell.rank]?.push(cell);
  }
  const kept = rows.filter(row => row.length > 0);
  kept.forEach((row, rank) => {
    row.forEach((cell, place) => {
      cell.rank = rank;
      cell.place = place;
    });
  });
  return kept;
}

function tallest(row: Cell[]): number {
  return Math.max(...row.map(cell => cell.along));
}

/** The middle of each rank. */
function stack(rows: Cell[][]): number[] {
  let edge = 0;
  return rows.map(row => {
    const height = tallest(row);
    const middle = edge + height / 2;
    edge += height + RANK_GAP;
    return middle;
  });
}

function lineOf(
  link: Link,
  cells: Cell[],
  bends: Cell[],
  placed: (cell: Cell) => { across: number; along: number }
) {
  const source = cells[link.source] as Cell;
  const target = cells[link.target] as Cell;
  const runsDown = source.rank < target.rank;
  const start = placed(source);
  const end = placed(target);
  const side = runsDown ? 1 : -1;
  return [
    { across: start.across + (link.leaves ?? 0), along: start.along + (side * source.along) / 2 },
    ...(runsDown ? bends : [...bends].reverse()).map(placed),
    { across: end.across + (link.arrives ?? 0), along: end.along - (side * target.along) / 2 }
  ];
}
