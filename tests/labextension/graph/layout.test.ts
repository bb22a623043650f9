import { describe, expect, test } from 'vitest';
import {
  type Direction,
  type Frame,
  type Item,
  layout,
  type Wire
} from '../../../labextension/src/graph/layout';

/** Park and Miller's generator: the same graphs in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

function randomPicture(seed: number): { items: Item[]; wires: Wire[]; leaves: string[] } {
  const next = random(seed + 1);
  const leaves: string[] = [];
  const grow = (depth: number, path: string): Item[] =>
    Array.from({ length: 1 + next(5) }, (_, i) => {
      const id = `${path}${i}`;
      if (depth > 0 && next(3) === 0) {
        return { id: `${id}/`, width: 0, height: 0, items: grow(depth - 1, `${id}/`) };
      }
      leaves.push(id);
      return { id, width: 40 + next(120), height: 20 + next(30), items: null };
    });
  const items = grow(3, 'n');
  const wires = Array.from({ length: next(3 * leaves.length) }, (_, i) => ({
    id: `w${i}`,
    source: leaves[next(leaves.length)] as string,
    target: leaves[next(leaves.length)] as string
  })).filter(({ source, target }) => source !== target);
  return { items, wires, leaves };
}

function overlap(a: Frame, b: Frame): boolean {
  const slack = 0.01;
  return (
    a.x + a.width > b.x + slack &&
    b.x + b.width > a.x + slack &&
    a.y + a.height > b.y + slack &&
    b.y + b.height > a.y + slack
  );
}

function holds(outer: Frame, inner: Frame): boolean {
  const slack = 0.01;
  return (
    inner.x >= outer.x - slack &&
    inner.y >= outer.y - slack &&
    inner.x + inner.width <= outer.x + outer.width + slack &&
    inner.y + inner.height <= outer.y + outer.height + slack
  );
}

function check(items: Item[], outer: Frame, frames: Record<string, Frame>): void {
  items.forEach((item, i) => {
    const frame = frames[item.id] as Frame;
    expect(holds(outer, frame), `${item.id} in its parent`).toBe(true);
    for (const other of items.slice(i + 1)) {
      expect(overlap(frame, frames[other.id] as Frame), `${item.id} over ${other.id}`).toBe(false);
    }
    check(item.items ?? [], frame, frames);
  });
}

describe.each<Direction>(['down', 'right'])('layout %s', direction => {
  test.each(Array.from({ length: 25 }, (_, i) => i))(
    'random picture %i: no overlap, children inside parents',
    seed => {
      const { items, wires } = randomPicture(seed);
      const found = layout(items, wires, direction);
      check(items, { x: 0, y: 0, width: found.width, height: found.height }, found.frames);
    }
  );

  test.each([3, 7])('random picture %i: deterministic', seed => {
    const once = randomPicture(seed);
    const again = randomPicture(seed);
    expect(layout(once.items, once.wires, direction)).toEqual(layout(again.items, again.wires, direction));
  });

  test.each([1, 5, 9])('random picture %i: lifted lines lead without a gap from box to box', seed => {
    const { items, wires } = randomPicture(seed);
    const { frames, segments } = layout(items, wires, direction);
    for (const wire of wires) {
      const own = segments.filter(segment => segment.wires.includes(wire.id));
      const ends = own.flatMap(({ points }) => [points[0], points.at(-1)]) as { x: number; y: number }[];
      const touches = (id: string) => {
        const { x, y, width, height } = frames[id] as Frame;
        return ends.some(p => p.x >= x - 1 && p.x <= x + width + 1 && p.y >= y - 1 && p.y <= y + height + 1);
      };
      expect(touches(wire.source) && touches(wire.target)).toBe(true);
      expect(own.filter(segment => segment.isMain).length).toBe(1);
      expect(own.filter(segment => segment.ends).length).toBe(1);
    }
  });
});

test('what is taken stands before what takes it', () => {
  const item = (id: string): Item => ({ id, width: 60, height: 30, items: null });
  const wires = [
    { id: '1', source: 'a', target: 'b' },
    { id: '2', source: 'b', target: 'c' },
    { id: '3', source: 'a', target: 'c' }
  ];
  const { frames } = layout([item('c'), item('a'), item('b')], wires, 'down');
  expect((frames.a?.y ?? 0) < (frames.b?.y ?? 0) && (frames.b?.y ?? 0) < (frames.c?.y ?? 0)).toBe(true);
});

test('a cycle is drawn, too', () => {
  const items = ['a', 'b'].map(id => ({ id, width: 60, height: 30, items: null }));
  const wires = [
    { id: '1', source: 'a', target: 'b' },
    { id: '2', source: 'b', target: 'a' }
  ];
  expect(layout(items, wires, 'down').segments.length).toBe(2);
});

test('lines into an open scope that come from one box enter at one port', () => {
  const inside = ['s/1', 's/2'].map(id => ({ id, width: 60, height: 30, items: null }));
  const items = [
    { id: 'a', width: 60, height: 30, items: null },
    { id: 's/', width: 0, height: 0, items: inside }
  ];
  const wires = inside.map(({ id }) => ({ id, source: 'a', target: id }));
  const { segments, frames } = layout(items, wires, 'down');
  const [main] = segments.filter(segment => segment.isMain);
  expect(main?.wires).toEqual(['s/1', 's/2']);
  expect(main?.points.at(-1)?.y).toBeCloseTo(frames['s/']?.y ?? -1);
});
