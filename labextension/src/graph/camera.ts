/** Where one looks in a picture: zoom and place. Moving is a CSS transform, so the page paints nothing anew. */

const SMALLEST = 0.1;
const LARGEST = 4;
const READABLE = 0.62; // fitting does not go below: a large picture is then larger than its frame
const RECOGNISABLE = 0.42; // a first view goes down to this, where that shows the whole width

export class Camera {
  scale = 1;
  private x = 0;
  private y = 0;
  private width = 0;
  private height = 0;
  private picture: SVGElement | null = null;

  /** `covered` tells how many pixels at the right of the frame are hidden, `moved` is told after each move. */
  constructor(
    private readonly frame: HTMLElement,
    private readonly covered: () => number = () => 0,
    private readonly moved: () => void = () => {}
  ) {
    frame.addEventListener('pointerdown', this.startDrag);
    frame.addEventListener('wheel', this.wheel, { passive: false });
  }

  /** Looks at another picture of this size, from where it looked at the last one. */
  show(picture: SVGElement, width: number, height: number): void {
    this.picture = picture;
    [this.width, this.height] = [width, height];
    this.apply();
  }

  /** The zoom at which a picture of this size fits, in view of what can be read. */
  fitting(width: number, height: number, room = this.room()): number {
    const whole = Math.min(1, room.width / width, room.height / height);
    return Math.max(whole, Math.min(READABLE, 1));
  }

  /** The zoom of a first view: of a wide picture its whole width, where its boxes can still be told apart. */
  opening(width: number, height: number, room = this.room()): number {
    const wide = Math.max(RECOGNISABLE, room.width / width);
    return Math.min(this.fitting(width, height, room), wide);
  }

  open(): void {
    this.fit(this.opening(this.width, this.height));
  }

  fit(scale = this.fitting(this.width, this.height)): void {
    this.scale = scale;
    const room = this.room();
    this.x = Math.max(0, (room.width - this.width * this.scale) / 2);
    this.y = Math.max(0, (room.height - this.height * this.scale) / 2);
    this.apply();
  }

  /** Shows all of it, however small. */
  overview(): void {
    const room = this.room();
    this.scale = Math.max(SMALLEST, Math.min(1, room.width / this.width, room.height / this.height));
    this.x = (room.width - this.width * this.scale) / 2;
    this.y = (room.height - this.height * this.scale) / 2;
    this.apply();
  }

  /** Zooms by `factor` around a point of the frame (its middle, if none is given). */
  zoom(factor: number, at?: { x: number; y: number }): void {
    const room = this.room();
    const point = at ?? { x: room.width / 2, y: room.height / 2 };
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
    this.x = point.x - ((point.x - this.x) * scale) / this.scale;
    this.y = point.y - ((point.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.apply();
  }

  pan(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
    this.move();
  }

  /** Moves as little as needed to bring a rectangle of the picture into view; `still` keeps a corner in place. */
  bring(rectangle: { x: number; y: number; width: number; height: number }): void {
    const room = this.room();
    const space = 16;
    const left = rectangle.x * this.scale + this.x;
    const top = rectangle.y * this.scale + this.y;
    const right = left + rectangle.width * this.scale;
    const bottom = top + rectangle.height * this.scale;
    const dx = left < space ? space - left : Math.min(0, Math.max(room.width - space - right, space - left));
    const dy = top < space ? space - top : Math.min(0, Math.max(room.height - space - bottom, space - top));
    this.pan(dx, dy);
  }

  /** Whether some of a rectangle of the picture lies under what covers the frame, though there is room beside it. */
  isCovered(rectangle: { x: number; width: number }): boolean {
    const { width } = this.room();
    const right = (rectangle.x + rectangle.width) * this.scale + this.x;
    return this.covered() > 0 && right > width && rectangle.width * this.scale <= width;
  }

  /** Whether nothing of a rectangle of the picture can be seen. */
  isOutside(rectangle: { x: number; y: number; width: number; height: number }): boolean {
    const room = this.room();
    const left = rectangle.x * this.scale + this.x;
    const top = rectangle.y * this.scale + this.y;
    const isBeside = left >= room.width || left + rectangle.width * this.scale <= 0;
    return isBeside || top >= room.height || top + rectangle.height * this.scale <= 0;
  }

  /** Keeps a point of the picture where it was on the screen, when the picture around it changes. */
  hold(before: { x: number; y: number }, after: { x: number; y: number }): void {
    this.pan((before.x - after.x) * this.scale, (before.y - after.y) * this.scale);
  }

  dispose(): void {
    this.frame.removeEventListener('pointerdown', this.startDrag);
    this.frame.removeEventListener('wheel', this.wheel);
    this.endDrag();
  }

  private room(): { width: number; height: number } {
    const width = this.frame.clientWidth || 800;
    return { width: width - this.covered(), height: this.frame.clientHeight || 420 };
  }

  private apply(): void {
    this.picture?.setAttribute('width', String(this.width * this.scale));
    this.picture?.setAttribute('height', String(this.height * this.scale));
    this.move();
  }

  private move(): void {
    if (this.picture !== null) {
      this.picture.style.transform = `translate(${this.x}px, ${this.y}px)`;
      this.moved();
    }
  }

  private readonly startDrag = (event: PointerEvent) => {
    if (event.button === 0) {
      this.last = { x: event.clientX, y: event.clientY };
      window.addEventListener('pointermove', this.drag);
      window.addEventListener('pointerup', this.endDrag);
    }
  };

  private readonly drag = (event: PointerEvent) => {
    this.pan(event.clientX - this.last.x, event.clientY - this.last.y);
    this.last = { x: event.clientX, y: event.clientY };
  };

  private readonly endDrag = () => {
    window.removeEventListener('pointermove', this.drag);
    window.removeEventListener('pointerup', this.endDrag);
  };

  /** The wheel scrolls the notebook, as everywhere; with Ctrl (or a pinch) it zooms. */
  private readonly wheel = (event: WheelEvent) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const { left, top } = this.frame.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY / 300), { x: event.clientX - left, y: event.clientY - top });
    }
  };

  private last = { x: 0, y: 0 };
}
