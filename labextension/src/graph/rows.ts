/** The ranks of a layered drawing: their order, so that few lines cross, and the place of each cell. */

/** A node, or the bend of a link that passes a rank. */
export interface Cell {
  across: number;
  along: number;
  rank: number;
  place: number;
  position: number;
  /** What the order of its rank is sorted by. */
  key: number;
  up: Tie[];
  down: Tie[];
  isBend: boolean;
}

export interface Tie {
  cell: Cell;
  /** How far to the side of this cell's middle the line wants to have the other's middle. */
  shift: number;
  weight: number;
}

export const GAP = 18; // between neighbours in a rank
export const BEND = 6; // the room of a line that passes
const SWEEPS = 8;

/** Sorts each rank by the mean place of what it is tied to, down and up again, and keeps the best order. */
export function order(rows: Cell[][]): void {
  let best = crossings(rows);
  let kept = rows.map(row => [...row]);
  for (let sweep = 0; sweep < SWEEPS && best > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      sortBy(row, cell => mean(down ? cell.up : cell.down, cell.place));
    }
    const found = crossings(rows);
    if (found < best) {
      best = found;
      kept = rows.map(row => [...row]);
    }
  }
  kept.forEach((row, rank) => {
    rows[rank] = row;
    row.forEach((cell, place) => {
      cell.place = place;
    });
  });
}

function mean(ties: Tie[], otherwise: number): number {
  return ties.length === 0 ? otherwise : ties.reduce((sum, { cell }) => sum + cell.place, 0) / ties.length;
}

function sortBy(row: Cell[], key: (cell: Cell) => number): void {
  for (const cell of row) {
    cell.key = key(cell);
  }
  row.sort((a, b) => a.key - b.key || a.place - b.place);
  row.forEach((cell, place) => {
    cell.place = place;
  });
}

/** How many pairs of lines cross, counted with a tree of sums (Barth, Jünger and Mutzel, 2002). */
function crossings(rows: Cell[][]): number {
  let count = 0;
  for (let rank = 0; rank + 1 < rows.length; rank++) {
    const size = rows[rank + 1]?.length ?? 0;
    const tree = new Int32Array(size + 1);
    let seen = 0;
    for (const cell of rows[rank] ?? []) {
      const places = cell.down.map(({ cell: lower }) => lower.place).sort((a, b) => a - b);
      for (const place of places) {
        count += seen;
        for (let i = place + 1; i > 0; i -= i & -i) {
          count -= tree[i] ?? 0;
        }
      }
      for (const place of places) {
        seen++;
        for (let i = place + 1; i <= size; i += i & -i) {
          tree[i] = (tree[i] ?? 0) + 1;
        }
      }
    }
  }
  return count;
}

/** Moves each rank towards what it is tied to, as far as neighbours allow. */
export function position(rows: Cell[][]): void {
  for (const row of rows) {
    let edge = 0;
    for (const cell of row) {
      cell.position = edge + cell.across / 2;
      edge += cell.across + GAP;
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      settle(row, cell => {
        const ties = sweep < SWEEPS - 2 ? (down ? cell.up : cell.down) : [...cell.up, ...cell.down];
        return ties.length > 0 ? ties : [...cell.up, ...cell.down];
      });
    }
  }
}

/**
 * The positions with the least sum of squared distances to where the ties pull, in this order and without
 * overlap. Less what the cells before it take up, each position must not fall below the last one: blocks that
 * would are merged into their mean (pool adjacent violators; Ayer and others, 1955).
 */
function settle(row: Cell[], tiesOf: (cell: Cell) => Tie[]): void {
  const taken: number[] = [];
  const blocks: { mean: number; weight: number; count: number }[] = [];
  row.forEach((cell, i) => {
    const before = row[i - 1];
    taken.push(before === undefined ? 0 : (taken[i - 1] ?? 0) + distance(before, cell));
    const { mean: wanted, weight } = pull(cell, tiesOf(cell));
    let block = { mean: wanted - (taken[i] ?? 0), weight, count: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      blocks.pop();
      const both = last.weight + block.weight;
      const mean = (last.mean * last.weight + block.mean * block.weight) / both;
      block = { mean, weight: both, count: last.count + block.count };
    }
    blocks.push(block);
  });
  let i = 0;
  for (const { mean, count } of blocks) {
    for (const end = i + count; i < end; i++) {
      (row[i] as Cell).position = mean + (taken[i] ?? 0);
    }
  }
}

/** Where the ties of a cell pull it, and how strongly; without any it wants to stay. */
function pull(cell: Cell, ties: Tie[]): { mean: number; weight: number } {
  let [sum, weight] = [0, 0];
  for (const tie of ties) {
    sum += tie.weight * (tie.cell.position + tie.shift);
    weight += tie.weight;
  }
  return weight === 0 ? { mean: cell.position, weight: 0.01 } : { mean: sum / weight, weight };
}

function distance(left: Cell, right: Cell): number {
  return (left.across + right.across) / 2 + (left.isBend && right.isBend ? BEND : GAP);
}
