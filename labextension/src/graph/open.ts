/** From what lies in a notebook to a view: checks it, unpacks it, and remembers what stood open. */
import { nodesOf, unpack } from '../contract/columns';
import { type Graph, isKept, type Kept, problemIn } from '../contract/graph';
import { asSvg } from './export';
import { GraphModel } from './model';
import { register } from './shown';
import { render, renderProblem } from './view';

/** What stood open, by the key of the display, for as long as the page lives. */
const remembered = new Map<string, Kept>();
const MOST_REMEMBERED = 100;
const REST = 600; // milliseconds without a change, after which the notebook keeps the picture
const MOST_SVG = 60_000; // letters of a drawing that is kept

/** How a host keeps the picture: what the reader did, and the drawing, `''` where it is too large. */
export type Keep = (kept: Kept, svg: string) => void;

/** Draws `data`, which may be anything, into `el`; `text` stands in where it cannot be drawn. */
export function open(
  data: unknown,
  text: string,
  el: HTMLElement,
  kept: unknown = undefined,
  keep: Keep = () => {}
): () => void {
  const problem = problemIn(data);
  if (problem !== null) {
    const own = (data as { text?: unknown } | undefined)?.text;
    return renderProblem(el, problem, typeof own === 'string' ? own : text);
  }
  const graph = data as Graph;
  const failed = (reason: unknown) => renderProblem(el, (reason as Error).message, graph.text);
  if (typeof graph.table !== 'string') {
    try {
      return show(new GraphModel(graph, nodesOf(graph.table)), el, kept, keep);
    } catch (reason) {
      return failed(reason);
    }
  }
  let clear: () => void = () => {};
  let isCleared = false;
  unpack(graph.table).then(
    nodes => {
      if (!isCleared) {
        clear = show(new GraphModel(graph, nodes), el, kept, keep);
      }
    },
    reason => {
      if (!isCleared) {
        clear = failed(reason);
      }
    }
  );
  return () => {
    isCleared = true;
    clear();
  };
}

function show(model: GraphModel, el: HTMLElement, kept: unknown, keep: Keep): () => void {
  const { key } = model.graph;
  const before = key === '' ? undefined : remembered.get(key);
  if (before !== undefined) {
    model.restore(before);
  } else if (isKept(kept)) {
    model.restore(kept);
  }
  let last = JSON.stringify(model.kept);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = model.subscribe(() => {
    remember(key, model.kept);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const now = JSON.stringify(model.kept);
      if (now !== last) {
        last = now;
        keep(model.kept, drawingIn(el));
      }
    }, REST);
  });
  const clear = render({ model, el });
  const unregister = register(model, el);
  return () => {
    clearTimeout(timer);
    unregister();
    unsubscribe();
    clear();
  };
}

/** The picture as it is seen now, for viewers without this extension. */
function drawingIn(el: HTMLElement): string {
  const picture = el.querySelector<SVGElement>('.minitf-graph-svg');
  if (picture === null) {
    return '';
  }
  const svg = asSvg(picture, getComputedStyle(picture.parentElement ?? picture).backgroundColor);
  return svg.length <= MOST_SVG ? svg : '';
}

function remember(key: string, state: Kept): void {
  if (key !== '') {
    remembered.delete(key);
    remembered.set(key, state);
    if (remembered.size > MOST_REMEMBERED) {
      remembered.delete(remembered.keys().next().value as string);
    }
  }
}
