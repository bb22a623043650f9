/**
 * Where every box and line of a picture stands. Each open scope is laid out alone, from the inside out; lines
 * from outside enter it at ports on its border. Pure: numbers in, numbers out, so that it can run in a worker.
 */
import { type Drawing, type Link, layered, type Node } from './layered';

export type Direction = 'down' | 'right';

/** A box to be placed: closed ones bring their size, open ones what they hold. */
export interface Item {
  id: string;
  width: number;
  height: number;
  /** What an open scope holds; null for a closed box. */
  items: Item[] | null;
}

export interface Wire {
  id: string;
  source: string;
  target: string;
}

export interface Point {
  x: number;
  y: number;
}

export interface Frame extends Point {
  width: number;
  height: number;
}

/** One stretch of lines, between two boxes of one scope or between a box and the scope's border. */
export interface Segment {
  points: Point[];
  /** The wires that take this way. */
  wires: string[];
  /** True where a wire ends here, so that it gets its arrow. */
  ends: boolean;
  /** True for the stretch that is labelled: the one outside of all nested scopes. */
  isMain: boolean;
}

export interface Layout {
  width: number;
  height: number;
  /** Upper left corner and size of every box, by id. */
  frames: Record<string, Frame>;
  segments: Segment[];
}

const HEADER = 24; // of an open scope
const PADDING = 14;
const PORT = 10;
const MOST_PORTS = 12; // on one side of a scope; more lines share the last one
const LEAST_WIDTH = 90; // of an open scope, for its name

/** An open scope while it is laid out: numbers of its items and ports, and its own drawing. */
interface Room {
  item: Item;
  numbers: Map<string, number>;
  nodes: Node[];
  links: Map<string, Way>;
  rooms: Map<string, Room>;
  drawing: Drawing;
  ports: { in: string[]; out: string[] };
}

interface Way extends Link {
  from: string;
  to: string;
  /** Ports on the borders of `from` and `to`, '' for boxes. */
  out: string;
  into: string;
  wires: string[];
}

export function layout(items: Item[], wires: Wire[], direction: Direction): Layout {
  const root = roomFor({ id: '', width: 0, height: 0, items });
  const path = new Map<string, string[]>();
  tracePaths(root.item, [], path);
  for (const wire of wires) {
    route(wire, root, path);
  }
  arrange(root, direction);
  const whole: Layout = { width: 0, height: 0, frames: {}, segments: [] };
  const size = sizeOf(root, direction);
  whole.width = size.width;
  whole.height = size.height;
  collect(root, { x: 0, y: 0 }, direction, whole);
  return whole;
}

function roomFor(item: Item): Room {
  const room: Room = {
    item,
    numbers: new Map(),
    nodes: [],
    links: new Map(),
    rooms: new Map(),
    drawing: { nodes: [], links: [], across: 0, along: 0 },
    ports: { in: [], out: [] }
  };
  for (const inner of item.items ?? []) {
    room.numbers.set(inner.id, room.nodes.length);
    room.nodes.push({ across: inner.width, along: inner.height });
    if (inner.items !== null) {
      room.rooms.set(inner.id, roomFor(inner));
    }
  }
  return room;
}

/** For each box the ids from the outermost scope down to itself. */
function tracePaths(item: Item, above: string[], path: Map<string, string[]>): void {
  for (const inner of item.items ?? []) {
    const own = [...above, inner.id];
    path.set(inner.id, own);
    tracePaths(inner, own, path);
  }
}

function route(wire: Wire, root: Room, path: Map<string, string[]>): void {
  const from = path.get(wire.source);
  const to = path.get(wire.target);
  if (from === undefined || to === undefined) {
    return;
  }
  let room = root;
  let depth = 0;
  while (depth < from.length - 1 && depth < to.length - 1 && from[depth] === to[depth]) {
    room = room.rooms.get(from[depth] as string) as Room;
    depth++;
  }
  const leaving = inward(room, from, depth, wire, 'out');
  const arriving = inward(room, to, depth, wire, 'in');
  link(room, from[depth] as string, to[depth] as string, wire, leaving, arriving);
}

/** Links from the border of each nested scope to what the wire comes from or goes to; returns the outer port. */
function inward(room: Room, path: string[], depth: number, wire: Wire, side: 'in' | 'out'): string {
  let outer = '';
  let inner = room;
  for (let level = depth; level < path.length - 1; level++) {
    inner = inner.rooms.get(path[level] as string) as Room;
    const port = portOf(inner, side, side === 'in' ? wire.source : wire.target);
    outer ||= port;
    const next = path[level + 1] as string;
    const nested = inner.rooms.get(next);
    const nestedPort =
      nested !== undefined && level + 2 < path.length
        ? portOf(nested, side, side === 'in' ? wire.source : wire.target)
        : '';
    if (side === 'in') {
      link(inner, port, next, wire, '', nestedPort);
    } else {
      link(inner, next, port, wire, nestedPort, '');
    }
  }
  return outer;
}

function portOf(room: Room, side: 'in' | 'out', partner: string): string {
  const ports = room.ports[side];
  const wanted = `${side}:${partner}`;
  if (room.numbers.has(wanted)) {
    return wanted;
  }
  const last = ports.at(-1);
  if (ports.length >= MOST_PORTS && last !== undefined) {
    return last;
  }
  ports.push(wanted);
  room.numbers.set(wanted, room.nodes.length);
  room.nodes.push({ across: PORT, along: 0, rank: side === 'in' ? 'first' : 'last' });
  return wanted;
}

/** One link in `room`, shared by all wires with the same ends. */
function link(room: Room, from: string, to: string, wire: Wire, out: string, into: string): void {
  const key = JSON.stringify([from, to, out, into]);
  const source = room.numbers.get(from) ?? 0;
  const target = room.numbers.get(to) ?? 0;
  const known = room.links.get(key) ?? { source, target, from, to, out, into, wires: [] };
  room.links.set(key, known);
  known.wires.push(wire.id);
}

/** Lays out the rooms inside, then this one: their sizes and the places of their ports are known by then. */
function arrange(room: Room, direction: Direction): void {
  for (const item of room.item.items ?? []) {
    const inner = room.rooms.get(item.id);
    if (inner !== undefined) {
      arrange(inner, direction);
    }
    const size = inner === undefined ? item : sizeOf(inner, direction);
    Object.assign(room.nodes[room.numbers.get(item.id) as number] as Node, oriented(size, direction));
  }
  for (const way of room.links.values()) {
    way.leaves = portShift(room.rooms.get(way.from), way.out, direction);
    way.arrives = portShift(room.rooms.get(way.to), way.into, direction);
  }
  room.drawing = layered(room.nodes, [...room.links.values()]);
}

/** How far a port stands from the middle of its scope's side. */
function portShift(room: Room | undefined, port: string, direction: Direction): number {
  const place = room?.drawing.nodes[room.numbers.get(port) ?? -1];
  if (room === undefined || place === undefined) {
    return 0;
  }
  const size = oriented(sizeOf(room, direction), direction);
  return place.across + offset(room, direction).across - size.across / 2;
}

function oriented(size: { width: number; height: number }, direction: Direction) {
  return direction === 'down'
    ? { across: size.width, along: size.height }
    : { across: size.height, along: size.width };
}

/** Where the drawing of a room begins inside its frame. */
function offset(room: Room, direction: Direction): { across: number; along: number } {
  if (room.item.id === '') {
    return { across: 0, along: 0 };
  }
  const wide = direction === 'down' ? room.drawing.across : room.drawing.along;
  const slack = Math.max(0, LEAST_WIDTH - wide - 2 * PADDING) / 2;
  return direction === 'down'
    ? { across: PADDING + slack, along: HEADER }
    : { across: HEADER, along: PADDING + slack };
}

function sizeOf(room: Room, direction: Direction): { width: number; height: number } {
  const { across, along } = room.drawing;
  const [width, height] = direction === 'down' ? [across, along] : [along, across];
  if (room.item.id === '') {
    return { width, height };
  }
  return { width: Math.max(LEAST_WIDTH, width + 2 * PADDING), height: height + HEADER + PADDING };
}

function collect(room: Room, corner: Point, direction: Direction, whole: Layout): void {
  const start = offset(room, direction);
  const point = (place: { across: number; along: number }): Point => {
    const across = place.across + start.across;
    const along = place.along + start.along;
    return direction === 'down'
      ? { x: corner.x + across, y: corner.y + along }
      : { x: corner.x + along, y: corner.y + across };
  };
  for (const item of room.item.items ?? []) {
    const number = room.numbers.get(item.id) as number;
    const middle = point(room.drawing.nodes[number] as { across: number; along: number });
    const inner = room.rooms.get(item.id);
    const { width, height } = inner === undefined ? item : sizeOf(inner, direction);
    const frame = { x: middle.x - width / 2, y: middle.y - height / 2, width, height };
    whole.frames[item.id] = frame;
    if (inner !== undefined) {
      collect(inner, frame, direction, whole);
    }
  }
  const isPort = (id: string) => room.ports.in.includes(id) || room.ports.out.includes(id);
  [...room.links.values()].forEach(({ from, to, into, wires }, i) => {
    const points = (room.drawing.links[i] ?? []).map(point);
    toBorder(points, isPort(from), isPort(to), direction, corner, sizeOf(room, direction));
    const ends = !isPort(to) && into === '';
    whole.segments.push({ points, wires, ends, isMain: !isPort(from) && !isPort(to) });
  });
}

/** A stretch that starts or ends at a port runs on to the border of the scope. */
function toBorder(
  points: Point[],
  leaves: boolean,
  arrives: boolean,
  direction: Direction,
  corner: Point,
  size: { width: number; height: number }
): void {
  const axis = direction === 'down' ? 'y' : 'x';
  const length = direction === 'down' ? size.height : size.width;
  const [first, last] = [points[0], points.at(-1)];
  if (leaves && first !== undefined) {
    points.unshift({ ...first, [axis]: corner[axis] });
  }
  if (arrives && last !== undefined) {
    points.push({ ...last, [axis]: corner[axis] + length });
  }
}
