/** What a training view shows, worked out without a page: curves, ranges, what the kernel adds. */

import { aligned, type Channel } from '../contract/channel';
import {
  type Caption,
  isPoints,
  isRecorded,
  type Points,
  type Progress,
  type Recorded,
  type Training
} from '../contract/training';
import { bytesOf } from '../elements/base64';
import { say } from '../elements/words';
import { Series } from './series';

export type XAxis = 'step' | 'relative' | 'wall';
export type Range = [number, number];

const REST = 1000; // milliseconds without a change of a setting, after which the notebook keeps it

export class TrainingModel {
  readonly series: Series[] = [];
  captions: Caption[];
  progress: Progress | null;
  smoothing: number;
  logY: boolean;
  logX = false;
  xAxis: XAxis = 'step';
  /** What is in view of the horizontal axis; null for all. */
  view: Range | null = null;
  readonly hidden = new Set<string>();

  constructor(readonly training: Training) {
    this.captions = training.captions;
    this.progress = training.progress;
    this.smoothing = training.smoothing;
    this.logY = training.log;
    training.series.forEach(curve => {
      const series = this.seriesOf(curve.run, curve.tag);
      const steps = new Float64Array(whole(bytesOf(curve.steps), 8));
      const walls = new Float32Array(whole(bytesOf(curve.walls), 4));
      const values = new Float32Array(whole(bytesOf(curve.values), 4));
      steps.forEach((step, i) => {
        series.push(step, curve.start + (walls[i] ?? 0), values[i] ?? Number.NaN);
      });
      this.saved.set(series, new Float32Array(whole(bytesOf(curve.smooth), 4)));
    });
    this.isWhole = training.series.every(curve => curve.count === this.seriesOf(curve.run, curve.tag).length);
  }

  /** True where all points are here, so that they can be smoothed anew. */
  isWhole: boolean;

  connect(channel: Channel | null): void {
    this.stop();
    this.channel = channel;
    if (channel !== null) {
      this.stop = channel.listen((content, buffers) => this.hear(content, buffers));
      if (!this.isWhole) {
        this.askAll();
      }
    }
    this.tell();
  }

  get isLive(): boolean {
    return this.channel !== null;
  }

  onChange(heard: () => void): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  get tags(): string[] {
    return [...new Set(this.series.map(series => series.tag))];
  }

  get runs(): string[] {
    return [...new Set(this.series.map(series => series.run))];
  }

  shown(tag: string): Series[] {
    return this.series.filter(
      series => series.tag === tag && !this.hidden.has(series.run) && series.length > 0
    );
  }

  /** Changes a setting that the notebook keeps. */
  set(change: Partial<Pick<TrainingModel, 'smoothing' | 'logX' | 'logY' | 'xAxis' | 'view'>>): void {
    Object.assign(this, change.xAxis === undefined ? change : { ...change, view: null });
    this.tell();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.channel?.ask('keep', { smoothing: this.smoothing, log: this.logY }).catch(ignored);
    }, REST);
  }

  toggle(run: string): void {
    if (!this.hidden.delete(run)) {
      this.hidden.add(run);
    }
    this.tell();
  }

  /** Where the point at `place` stands on the horizontal axis. */
  x(series: Series, place: number): number {
    if (this.xAxis === 'step') {
      return series.steps.at(place);
    }
    const wall = series.walls.at(place);
    return this.xAxis === 'wall' ? wall : wall - series.walls.at(0);
  }

  /** First and last place in view on the horizontal axis. */
  xRange(): Range {
    if (this.view !== null) {
      return this.view;
    }
    const all = this.series.filter(series => series.length > 0 && !this.hidden.has(series.run));
    const low = Math.min(...all.map(series => this.x(series, 0)));
    const high = Math.max(...all.map(series => this.x(series, series.length - 1)));
    if (all.length === 0) {
      return [0, 1];
    }
    return this.logX
      ? [Math.max(low, Math.min(1, high) || 1), Math.max(high, 2)]
      : [low, high > low ? high : low + 1];
  }

  /** Smoothed values at the places of the points: of what was saved, or of all. */
  smoothAt(series: Series, place: number): number {
    if (this.isWhole) {
      return series.smoothed(this.smoothing).at(place);
    }
    return this.saved.get(series)?.[place] ?? Number.NaN;
  }

  /** What was recorded at a step, or last before it. */
  async recorded(step: number): Promise<Recorded> {
    if (this.channel === null) {
      throw new Error(say('The kernel that recorded this training is gone.'));
    }
    const { content } = await this.channel.ask('step', { step });
    if (!isRecorded(content)) {
      throw new Error(say('The kernel answered in a way that this extension does not know.'));
    }
    return content;
  }

  /** The plain-text twin: a line a curve. */
  get text(): string {
    const lines = this.series
      .filter(series => series.length > 0)
      .map(series => {
        const last = series.length - 1;
        const name = series.run === '' ? series.tag : `${series.tag} (${series.run})`;
        const [first, now] = [inShort(series.raw.at(0)), inShort(series.raw.at(last))];
        return `${name}: ${say('%1 at first, %2 at step %3', first, now, series.steps.at(last))}`;
      });
    return [...lines, ...this.captions.map(caption => `${caption.tag}: ${caption.text}`)].join('\n');
  }

  private askAll(): void {
    this.channel
      ?.ask('points', { have: [] })
      .then(({ content, buffers }) => {
        if (isPoints(content)) {
          this.series.length = 0;
          this.isWhole = true;
          this.take(content, buffers);
        }
      })
      .catch(ignored);
  }

  private hear(content: Record<string, unknown>, buffers: DataView[]): void {
    if (content.push === 'points' && isPoints(content)) {
      this.take(content, buffers);
    }
  }

  private take(points: Points, buffers: DataView[]): void {
    points.series.forEach((head, i) => {
      const series = this.seriesOf(head.run, head.tag);
      const [steps, walls, values] = buffers.slice(3 * i, 3 * i + 3).map(numbers);
      if (head.from > series.length && this.isWhole) {
        this.isWhole = false; // something was missed: all will be asked for
        this.askAll();
      }
      for (let place = series.length - head.from; place < (values?.length ?? 0) && this.isWhole; place += 1) {
        series.push(steps?.[place] ?? 0, walls?.[place] ?? 0, values?.[place] ?? Number.NaN);
      }
    });
    this.progress = points.progress;
    this.captions = points.captions ?? this.captions;
    this.tell();
  }

  private seriesOf(run: string, tag: string): Series {
    let found = this.series.find(series => series.run === run && series.tag === tag);
    if (found === undefined) {
      found = new Series(run, tag);
      this.series.push(found);
    }
    return found;
  }

  private tell(): void {
    for (const heard of [...this.listeners]) {
      heard();
    }
  }

  private readonly saved = new Map<Series, Float32Array>();
  private readonly listeners = new Set<() => void>();
  private channel: Channel | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stop: () => void = () => {};
}

function numbers(buffer: DataView): Float64Array {
  return new Float64Array(whole(aligned(buffer), 8));
}

/** Without the rest that makes no whole number. */
function whole(bytes: ArrayBuffer, size: number): ArrayBuffer {
  return bytes.byteLength % size === 0 ? bytes : bytes.slice(0, bytes.byteLength - (bytes.byteLength % size));
}

/** Four digits at most; as a power of ten where that is shorter, so that it has room beside an axis. */
export function inShort(value: number): string {
  const rounded = Number(value.toPrecision(4));
  const plain = String(rounded).replace('e+', 'e');
  const power = rounded.toExponential().replace('e+', 'e');
  return Number.isFinite(value)
    ? plain.length > 6 && power.length < plain.length
      ? power
      : plain
    : Number.isNaN(value)
      ? 'NaN'
      : String(value);
}

function ignored(): void {}
