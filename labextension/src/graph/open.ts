/** From what lies in a notebook to a view: checks it, unpacks it, and remembers what stood open. */
import { nodesOf, unpack } from '../contract/columns';
import { type Graph, problemIn } from '../contract/graph';
import { GraphModel, type State } from './model';
import { register } from './shown';
import { render, renderProblem } from './view';

/** What stood open, by the key of the display, for as long as the page lives. */
const remembered = new Map<string, State>();
const MOST_REMEMBERED = 100;

/** Draws `data`, which may be anything, into `el`; `text` stands in where it cannot be drawn. */
export function open(data: unknown, text: string, el: HTMLElement): () => void {
  const problem = problemIn(data);
  if (problem !== null) {
    const own = (data as { text?: unknown } | undefined)?.text;
    return renderProblem(el, problem, typeof own === 'string' ? own : text);
  }
  const graph = data as Graph;
  const failed = (reason: unknown) => renderProblem(el, (reason as Error).message, graph.text);
  if (typeof graph.table !== 'string') {
    try {
      return show(new GraphModel(graph, nodesOf(graph.table)), el);
    } catch (reason) {
      return failed(reason);
    }
  }
  let clear: () => void = () => {};
  let isCleared = false;
  unpack(graph.table).then(
    nodes => {
      if (!isCleared) {
        clear = show(new GraphModel(graph, nodes), el);
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

function show(model: GraphModel, el: HTMLElement): () => void {
  const { key } = model.graph;
  const before = remembered.get(key);
  if (key !== '' && before !== undefined) {
    model.restore(before);
  }
  const unsubscribe = model.subscribe(() => remember(key, model.state));
  const clear = render({ model, el });
  const unregister = register(model, el);
  return () => {
    unregister();
    unsubscribe();
    clear();
  };
}

function remember(key: string, state: State): void {
  if (key !== '') {
    remembered.delete(key);
    remembered.set(key, state);
    if (remembered.size > MOST_REMEMBERED) {
      remembered.delete(remembered.keys().next().value as string);
    }
  }
}
