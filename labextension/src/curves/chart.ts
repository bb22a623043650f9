/** One panel: the curves of a tag on a canvas, with axes, a cross under the pointer, zoom and pan. */

import { element } from '../elements/element';
import { say } from '../elements/words';
import { decimate, firstFrom } from './decimate';
import { inShort, type Range, type TrainingModel } from './model';
import { type Scale, scale } from './scale';
import type { Series } from './series';

const LEFT = 56;
const BOTTOM = 22;
const TOP = 8;
const HEIGHT = 200;
const UNSEEN = 420; // pixels, where nothing is laid out (yet)
/** Distinct on light and on dark grounds. */
export const COLOURS = [
  '#1f77b4',
  '#d95f02',
  '#2a9d5c',
  '#a46bd0',
  '#d6336c',
  '#8a7a00',
  '#0090a0',
  '#9a6a55'
];

export interface ChartEvents {
  /** The cross stands at this place of the horizontal axis, or nowhere. */
  at: (x: number | null) => void;
  /** A step was chosen, by click or Enter. */
  chosen: (step: number) => void;
}

export class Chart {
  readonly node = element('div', 'minitf-chart');
  private readonly canvas = element('canvas');
  private cross: number | null = null;
  private drag: { from: number; to: number; view: Range; pans: boolean } | null = null;

  constructor(
    private readonly model: TrainingModel,
    readonly tag: string,
    private readonly events: ChartEvents
  ) {
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'img');
    this.canvas.style.height = `${HEIGHT}px`;
    this.node.append(element('div', 'minitf-chart-title', tag), this.canvas);
    this.canvas.addEventListener('pointerdown', event => this.down(event));
    this.canvas.addEventListener('pointermove', event => this.move(event));
    this.canvas.addEventListener('pointerup', event => this.up(event));
    this.canvas.addEventListener('pointerleave', () => this.point(null));
    this.canvas.addEventListener('dblclick', () => this.model.set({ view: null }));
    this.canvas.addEventListener('wheel', event => this.wheel(event), { passive: false });
    this.canvas.addEventListener('keydown', event => this.press(event));
  }

  /** The cross of all panels stands at the same place. */
  showCross(x: number | null): void {
    this.cross = x;
    this.draw();
  }

  draw(): void {
    const context = this.fitted();
    const shown = this.model.shown(this.tag);
    this.canvas.setAttribute(
      'aria-label',
      `${this.tag}: ${shown.map(series => this.inWords(series)).join('; ')}`
    );
    if (context === null) {
      return;
    }
    const [x, y] = this.scales(shown);
    const style = getComputedStyle(this.node);
    const ink = style.color || '#333';
    context.clearRect(0, 0, this.width, HEIGHT);
    context.font = '11px sans-serif';
    axes(context, x, y, this.width, ink, value => this.xInWords(value));
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, this.width - LEFT, HEIGHT - BOTTOM);
    context.clip();
    const runs = this.model.runs;
    for (const series of shown) {
      this.curve(context, series, x, y, COLOURS[runs.indexOf(series.run) % COLOURS.length] as string);
    }
    this.overlay(context, x, ink);
    context.restore();
  }

  private curve(context: CanvasRenderingContext2D, series: Series, x: Scale, y: Scale, colour: string): void {
    const pixelOf = (place: number) => x.toPixel(this.model.x(series, place)) - LEFT;
    const smooths = this.model.smoothing > 0;
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.globalAlpha = smooths ? 0.3 : 1;
    context.lineWidth = smooths ? 1 : 1.6;
    const columns = decimate(series.raw, pixelOf, this.width - LEFT);
    stroke(context, columns, y);
    context.globalAlpha = 1;
    for (const column of columns) {
      if (column.lost > 0) {
        context.fillRect(LEFT + column.pixel - 1, HEIGHT - BOTTOM - 8, 3, 8); // NaN and infinity stand below
      }
    }
    if (smooths) {
      context.lineWidth = 2;
      if (this.model.isWhole) {
        stroke(context, decimate(series.smoothed(this.model.smoothing), pixelOf, this.width - LEFT), y);
      } else {
        this.savedMean(context, series, x, y);
      }
    }
  }

  /** The mean of all points, of which the notebook kept some. */
  private savedMean(context: CanvasRenderingContext2D, series: Series, x: Scale, y: Scale): void {
    context.beginPath();
    for (let place = 0; place < series.length; place += 1) {
      context.lineTo(x.toPixel(this.model.x(series, place)), y.toPixel(this.model.smoothAt(series, place)));
    }
    context.stroke();
  }

  private overlay(context: CanvasRenderingContext2D, x: Scale, ink: string): void {
    context.strokeStyle = ink;
    context.lineWidth = 1;
    if (this.cross !== null) {
      const pixel = Math.round(x.toPixel(this.cross)) + 0.5;
      context.globalAlpha = 0.6;
      context.beginPath();
      context.moveTo(pixel, 0);
      context.lineTo(pixel, HEIGHT - BOTTOM);
      context.stroke();
    }
    if (this.drag !== null && !this.drag.pans) {
      context.globalAlpha = 0.15;
      context.fillStyle = ink;
      context.fillRect(this.drag.from, 0, this.drag.to - this.drag.from, HEIGHT);
    }
    context.globalAlpha = 1;
  }

  private scales(shown: Series[]): [Scale, Scale] {
    const [left, right] = this.model.xRange();
    const x = scale(left, right, LEFT, this.width - 4, this.model.logX);
    const [low, high] = this.yRange(shown, left, right);
    return [x, scale(low, high, HEIGHT - BOTTOM - 2, TOP, this.model.logY && low > 0)];
  }

  private yRange(shown: Series[], left: number, right: number): Range {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const series of shown) {
      const from = firstFrom(series.length, place => this.model.x(series, place) >= left);
      const to = firstFrom(series.length, place => this.model.x(series, place) > right);
      const found = series.raw.extremes(from, to);
      low = Math.min(low, this.model.logY && found.low <= 0 ? smallestAbove0(series, from, to) : found.low);
      high = Math.max(high, found.high);
    }
    if (!Number.isFinite(low) || !Number.isFinite(high)) {
      return [0, 1];
    }
    const margin = this.model.logY ? 0 : (high - low) * 0.04 || Math.abs(high) * 0.1 || 1;
    return this.model.logY ? [low, high > low ? high : low * 10] : [low - margin, high + margin];
  }

  private fitted(): CanvasRenderingContext2D | null {
    const sharp = window.devicePixelRatio || 1;
    const width = Math.round(this.width * sharp);
    if (this.canvas.width !== width || this.canvas.height !== HEIGHT * sharp) {
      this.canvas.width = width;
      this.canvas.height = HEIGHT * sharp;
    }
    const context = this.canvas.getContext('2d');
    context?.setTransform(sharp, 0, 0, sharp, 0, 0);
    return context;
  }

  private get width(): number {
    return this.canvas.clientWidth || UNSEEN;
  }

  private inWords(series: Series): string {
    const run = series.run === '' ? '' : `${series.run} `;
    return `${run}${say('%1 points, last %2', series.length, inShort(series.raw.at(series.length - 1)))}`;
  }

  private xInWords(value: number): string {
    if (this.model.xAxis === 'wall') {
      return new Date(value * 1000).toLocaleTimeString();
    }
    return this.model.xAxis === 'relative' ? `${inShort(value)} s` : inShort(value);
  }

  // -- pointer and keys ----------------------------------------------------------------------------------

  private point(x: number | null): void {
    this.events.at(x);
  }

  private xAt(event: MouseEvent): number {
    const [left, right] = this.model.xRange();
    return scale(left, right, LEFT, this.width - 4, this.model.logX).toValue(Math.max(LEFT, event.offsetX));
  }

  private down(event: PointerEvent): void {
    this.canvas.setPointerCapture?.(event.pointerId);
    this.drag = { from: event.offsetX, to: event.offsetX, view: this.model.xRange(), pans: event.shiftKey };
  }

  private move(event: PointerEvent): void {
    if (this.drag === null) {
      this.point(this.xAt(event));
      return;
    }
    this.drag.to = event.offsetX;
    if (this.drag.pans) {
      const { view, from, to } = this.drag;
      const shift = ((from - to) / (this.width - LEFT)) * (view[1] - view[0]);
      this.model.set({ view: [view[0] + shift, view[1] + shift] });
    } else {
      this.draw();
    }
  }

  private up(event: PointerEvent): void {
    const drag = this.drag;
    this.drag = null;
    if (drag === null || drag.pans) {
      return;
    }
    if (Math.abs(drag.to - drag.from) < 4) {
      this.choose(this.xAt(event));
      return;
    }
    const [left, right] = this.model.xRange();
    const x = scale(left, right, LEFT, this.width - 4, this.model.logX);
    const [from, to] = [drag.from, drag.to].sort((a, b) => a - b) as Range;
    this.model.set({ view: [x.toValue(from), x.toValue(to)] });
  }

  /** With Ctrl the wheel zooms; without, the page scrolls. */
  private wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.xAt(event));
    }
  }

  private zoom(factor: number, around: number): void {
    const [left, right] = this.model.xRange();
    const view: Range = [around - (around - left) * factor, around + (right - around) * factor];
    this.model.set({ view: this.model.logX ? [Math.max(view[0], 1e-9), view[1]] : view });
  }

  private choose(x: number): void {
    const near = this.nearest(x);
    if (near !== null) {
      this.events.chosen(near.series.steps.at(near.place));
    }
  }

  private press(event: KeyboardEvent): void {
    const [left, right] = this.model.xRange();
    const here = this.cross ?? left;
    const part = (right - left) / 50;
    const actions: Record<string, () => void> = {
      ArrowRight: () => (event.shiftKey ? this.pan(part * 5) : this.point(Math.min(right, here + part))),
      ArrowLeft: () => (event.shiftKey ? this.pan(-part * 5) : this.point(Math.max(left, here - part))),
      '+': () => this.zoom(0.8, here),
      '-': () => this.zoom(1.25, here),
      0: () => this.model.set({ view: null }),
      Enter: () => this.choose(here)
    };
    const action = actions[event.key];
    if (action !== undefined) {
      event.preventDefault();
      action();
    }
  }

  private pan(shift: number): void {
    const [left, right] = this.model.xRange();
    this.model.set({ view: [left + shift, right + shift] });
  }

  /** The point of each run nearest to a place of the horizontal axis. */
  valuesAt(x: number): { series: Series; place: number }[] {
    return this.model.shown(this.tag).map(series => {
      const after = Math.min(
        firstFrom(series.length, at => this.model.x(series, at) >= x),
        series.length - 1
      );
      const before = Math.max(0, after - 1);
      const isNearer = x - this.model.x(series, before) < this.model.x(series, after) - x;
      return { series, place: isNearer ? before : after };
    });
  }

  private nearest(x: number): { series: Series; place: number } | null {
    const all = this.valuesAt(x);
    const distance = (each: { series: Series; place: number }) =>
      Math.abs(this.model.x(each.series, each.place) - x);
    return all.sort((a, b) => distance(a) - distance(b))[0] ?? null;
  }
}

type Columns = ReturnType<typeof decimate>;

const DENSE = 4; // values in a column of pixels, from which on a curve is a band

/** A line through the values; a band from the lowest to the highest where several share a column of pixels. */
export function stroke(context: CanvasRenderingContext2D, columns: Columns, y: Scale): void {
  const count = columns.reduce((sum, column) => sum + column.count, 0);
  if (count > DENSE * columns.length) {
    band(context, columns, y);
  } else {
    line(context, columns, y);
  }
}

/** Bars of one pixel, each joined to the one before: much less work for the browser than a line that goes up and down. */
function band(context: CanvasRenderingContext2D, columns: Columns, y: Scale): void {
  const pad = context.lineWidth / 2;
  let before = Number.NaN;
  for (const { pixel, first, last, low, high } of columns) {
    if (Number.isFinite(low)) {
      const joined = Number.isFinite(before) && Number.isFinite(first) ? before : first;
      const from = y.toPixel(Number.isFinite(joined) ? Math.max(high, joined) : high);
      const to = y.toPixel(Number.isFinite(joined) ? Math.min(low, joined) : low);
      const top = Number.isFinite(from) ? from : 0;
      const bottom = Number.isFinite(to) ? to : HEIGHT; // below 0, where the axis is logarithmic
      context.fillRect(LEFT + pixel, top - pad, 1, bottom - top + 2 * pad);
    }
    before = last;
  }
}

function line(context: CanvasRenderingContext2D, columns: Columns, y: Scale): void {
  context.beginPath();
  let isOn = false;
  for (const { pixel, first, last, low, high } of columns) {
    const at = LEFT + pixel + 0.5;
    for (const value of [first, low, high, last]) {
      if (Number.isFinite(value) && Number.isFinite(y.toPixel(value))) {
        isOn ? context.lineTo(at, y.toPixel(value)) : context.moveTo(at, y.toPixel(value));
        isOn = true;
      }
    }
    isOn = isOn && Number.isFinite(last); // what is lost leaves a gap
  }
  context.stroke();
}

function axes(
  context: CanvasRenderingContext2D,
  x: Scale,
  y: Scale,
  width: number,
  ink: string,
  xInWords: (value: number) => string
): void {
  context.fillStyle = ink;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.textAlign = 'right';
  for (const value of y.ticks()) {
    const at = Math.round(y.toPixel(value)) + 0.5;
    rule(context, LEFT, at, width, at);
    context.fillText(inShort(value), LEFT - 6, at + 4);
  }
  const ticks = x.ticks();
  const skip = Math.ceil((ticks.length * 62) / Math.max(1, width - LEFT)); // labels do not run into each other
  ticks.forEach((value, i) => {
    const at = Math.round(x.toPixel(value)) + 0.5;
    if (at >= LEFT && at <= width && i % skip === 0) {
      rule(context, at, TOP, at, HEIGHT - BOTTOM);
      context.textAlign = at > width - 24 ? 'right' : 'center';
      context.fillText(xInWords(value), at, HEIGHT - 6);
    }
  });
}

function rule(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.globalAlpha = 0.15;
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
  context.globalAlpha = 1;
}

function smallestAbove0(series: Series, from: number, to: number): number {
  let found = Number.POSITIVE_INFINITY;
  for (let place = from; place < to; place += 1) {
    const value = series.raw.at(place);
    found = value > 0 && value < found ? value : found;
  }
  return found;
}
