/** Draws a scene and its layout as SVG. The boxes are the items of an ARIA tree. */
import { say } from '../elements/words';
import { svg } from './dom';
import type { Box } from './hierarchy';
import type { Direction, Frame, Layout, Point, Segment } from './layout';
import type { GraphModel } from './model';
import { wordsOf } from './picture';
import { around, type Edge } from './scene';
import { shortShape, thickness } from './shapes';

export interface Drawn {
  root: SVGElement;
  boxes: Map<Box, SVGElement>;
  lines: { element: SVGElement; edges: Edge[] }[];
}

export const MARGIN = 12;

export function draw(model: GraphModel, layout: Layout, direction: Direction): Drawn {
  const { scene } = model;
  const drawn: Drawn = { root: svg('svg'), boxes: new Map(), lines: [] };
  const tree = svg('g', { role: 'tree', 'aria-label': say('Graph') });
  const lines = svg('g', { 'aria-hidden': 'true' });
  const edges = new Map(scene.edges.map(edge => [edge.id, edge]));
  for (const box of scene.open) {
    tree.append(openBox(box, layout, model, drawn));
  }
  tree.append(lines);
  for (const segment of layout.segments) {
    lines.append(line(segment, edges, drawn, direction === 'down'));
  }
  for (const box of scene.leaves) {
    tree.append(closedBox(box, layout, model, drawn));
  }
  tree.append(labels(layout, edges, model, drawn, direction === 'down'));
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  drawn.root.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${width} ${height}`);
  drawn.root.setAttribute('class', 'minitf-graph-svg');
  drawn.root.append(tree);
  return drawn;
}

function treeItem(box: Box, model: GraphModel, drawn: Drawn, className: string, ...parts: SVGElement[]) {
  const made = svg(
    'g',
    {
      class: `${className} minitf-${box.kind}`,
      role: 'treeitem',
      'aria-level': around(box, model.root).length + 1
    },
    svg('title', {}, box.id),
    ...parts
  );
  if (box.children.length > 0) {
    made.setAttribute('aria-expanded', String(model.isOpen(box)));
  }
  drawn.boxes.set(box, made);
  return made;
}

function openBox(box: Box, layout: Layout, model: GraphModel, drawn: Drawn): SVGElement {
  const frame = layout.frames[box.id] as Frame;
  const depth = around(box, model.root).length % 2;
  const name = svg('text', { x: frame.x + 24, y: frame.y + 16, class: 'minitf-scope-name' }, box.label);
  const fold = knob(frame.x + 12, frame.y + 12, true);
  return treeItem(box, model, drawn, `minitf-open minitf-depth-${depth}`, outline(frame, 8), fold, name);
}

function closedBox(box: Box, layout: Layout, model: GraphModel, drawn: Drawn): SVGElement {
  const frame = layout.frames[box.id] as Frame;
  const words = wordsOf(box, model.scene);
  const middle = frame.x + frame.width / 2;
  const parts = [...silhouette(box, frame)];
  const lines = [words.title, words.subtitle, words.hubs].filter(text => text !== '');
  lines.forEach((text, i) => {
    const y = frame.y + (box.kind === 'variable' ? 20 : 17) + 13 * i;
    parts.push(svg('text', { x: middle, y, class: i === 0 ? 'minitf-name' : 'minitf-subtitle' }, text));
  });
  if (box.children.length > 0) {
    parts.push(knob(frame.x + frame.width, frame.y, false));
  }
  parts.push(svg('text', { x: frame.x + 3, y: frame.y - 3, class: 'minitf-count' }));
  return treeItem(box, model, drawn, 'minitf-closed', ...parts);
}

function outline({ x, y, width, height }: Frame, radius: number): SVGElement {
  return svg('rect', { x, y, width, height, rx: radius });
}

/** Variables are drums, constants and placeholders are round, scopes and series are stacks. */
function silhouette(box: Box, frame: Frame): SVGElement[] {
  const { x, y, width, height } = frame;
  if (box.kind === 'constant' || box.kind === 'placeholder') {
    return [outline(frame, height / 2)];
  }
  if (box.kind === 'variable') {
    const lid = 4;
    const right = x + width;
    const body = `M${x} ${y + lid}V${y + height - lid}A${width / 2} ${lid} 0 0 0 ${right} ${y + height - lid}V${y + lid}`;
    const top = `A${width / 2} ${lid} 0 0 0 ${x} ${y + lid}A${width / 2} ${lid} 0 0 0 ${right} ${y + lid}`;
    return [svg('path', { d: `${body}${top}` })];
  }
  if (box.kind === 'operation') {
    return [outline(frame, 5)];
  }
  const back = outline({ x: x + 3, y: y - 3, width, height }, 5);
  return [back, outline(frame, 5)];
}

/** The knob that opens or closes a box. */
function knob(x: number, y: number, isOpen: boolean): SVGElement {
  const bars = isOpen ? `M${x - 4} ${y}h8` : `M${x - 4} ${y}h8M${x} ${y - 4}v8`;
  return svg(
    'g',
    { class: 'minitf-knob' },
    svg('circle', { cx: x, cy: y, r: 7.5 }),
    svg('path', { d: bars })
  );
}

function line(segment: Segment, edges: Map<string, Edge>, drawn: Drawn, upright: boolean): SVGElement {
  const own = segment.wires.flatMap(id => edges.get(id) ?? []);
  const waits = own.every(edge => edge.tensors.length === 0);
  const toTraining = own.every(edge => edge.target.kind === 'training');
  const size = Math.max(...own.map(edge => edge.size), 1);
  const path = svg('path', {
    d: curve(segment.points, upright),
    'stroke-width': waits ? 1 : thickness(size).toFixed(2)
  });
  const made = svg(
    'g',
    { class: `minitf-line${waits ? ' minitf-waits' : ''}${toTraining ? ' minitf-quiet' : ''}` },
    path
  );
  if (segment.ends) {
    made.append(arrow(segment.points, waits ? 1 : thickness(size), upright));
  }
  drawn.lines.push({ element: made, edges: own });
  return made;
}

/** The shapes beside the lines, above everything else; one that finds no free place is left out. */
function labels(
  layout: Layout,
  edges: Map<string, Edge>,
  model: GraphModel,
  drawn: Drawn,
  upright: boolean
): SVGElement {
  const made = svg('g', { 'aria-hidden': 'true' });
  const taken = model.scene.leaves.map(box => layout.frames[box.id] as Frame);
  for (const segment of layout.segments.filter(each => each.isMain)) {
    const own = segment.wires.flatMap(id => edges.get(id) ?? []);
    const text = labelOf(own, model);
    const place = text === '' ? null : freePlace(segment.points, text, upright, taken);
    if (place !== null) {
      taken.push(place);
      const element = svg('text', { x: place.x, y: place.y + place.height - 3, class: 'minitf-shape' }, text);
      made.append(element);
      drawn.lines.push({ element, edges: own });
    }
  }
  return made;
}

const LABEL = 12; // pixels high
const LETTER = 5.6;

/** Where a label beside a line covers no box and no other label: from the middle of the line to its ends. */
function freePlace(points: Point[], text: string, upright: boolean, taken: Frame[]): Frame | null {
  const width = LETTER * text.length;
  if (points.length < 2) {
    return null;
  }
  for (const part of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
    const { x, y } = along(points, part);
    const corner = upright ? { x: x + 4, y: y - LABEL / 2 } : { x: x - width / 2, y: y - LABEL - 2 };
    const place = { x: round(corner.x), y: round(corner.y), width, height: LABEL };
    if (!taken.some(other => overlap(place, other))) {
      return place;
    }
  }
  return null;
}

function overlap(a: Frame, b: Frame): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function labelOf(edges: Edge[], model: GraphModel): string {
  const tensors = new Set(edges.flatMap(edge => edge.tensors.map(({ node, output }) => `${node}:${output}`)));
  if (tensors.size > 1) {
    return say('%1 tensors', tensors.size);
  }
  const edge = edges.find(({ tensors: some }) => some.length > 0);
  const source = edge?.tensors[0];
  if (
    edge === undefined ||
    source === undefined ||
    edge.source.kind === 'variable' ||
    edge.source.kind === 'constant'
  ) {
    return ''; // whose box tells the shape
  }
  return shortShape(model.nodes[source.node]?.outputs[source.output] ?? '');
}

/** A smooth line through the points, which leaves and arrives along the flow. */
function curve(points: Point[], upright: boolean): string {
  const [first] = points;
  if (first === undefined) {
    return '';
  }
  const parts = [`M${round(first.x)} ${round(first.y)}`];
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point];
    const [dx, dy] = [(b.x - a.x) / 2, (b.y - a.y) / 2];
    const [c, d] = upright
      ? [
          { x: a.x, y: a.y + dy },
          { x: b.x, y: b.y - dy }
        ]
      : [
          { x: a.x + dx, y: a.y },
          { x: b.x - dx, y: b.y }
        ];
    parts.push(`C${[c.x, c.y, d.x, d.y, b.x, b.y].map(round).join(' ')}`);
  }
  return parts.join('');
}

function arrow(points: Point[], width: number, upright: boolean): SVGElement {
  const end = points.at(-1) as Point;
  const before = points.at(-2) as Point;
  const size = 4 + width / 2;
  const sign = upright ? Math.sign(end.y - before.y) || 1 : Math.sign(end.x - before.x) || 1;
  const corners = upright
    ? [
        [end.x, end.y],
        [end.x - size * 0.6, end.y - sign * size * 1.4],
        [end.x + size * 0.6, end.y - sign * size * 1.4]
      ]
    : [
        [end.x, end.y],
        [end.x - sign * size * 1.4, end.y - size * 0.6],
        [end.x - sign * size * 1.4, end.y + size * 0.6]
      ];
  return svg('polygon', {
    points: corners.map(corner => corner.map(n => round(n ?? 0)).join(',')).join(' ')
  });
}

/** The point at a part, from 0 to 1, of the line's stretches. */
function along(points: Point[], part: number): Point {
  const place = part * (points.length - 1);
  const before = Math.min(Math.floor(place), points.length - 2);
  const [a, b] = [points[before] as Point, points[before + 1] as Point];
  const rest = place - before;
  return { x: a.x + (b.x - a.x) * rest, y: a.y + (b.y - a.y) * rest };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
