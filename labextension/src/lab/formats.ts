/** What minitf writes into notebooks: a format is one MIME type, and the view that draws it. */
import type { JSONObject } from '@lumino/coreutils';
import { CheckpointModel } from '../checkpoints/model';
import { render as renderCheckpoint } from '../checkpoints/view';
import type { Channel } from '../contract/channel';
import { CHECKPOINT_MIME, isCheckpoint, problemIn as problemInCheckpoint } from '../contract/checkpoint';
import { GRAPH_MIME } from '../contract/graph';
import { isScopes, problemIn as problemInScopes, SCOPES_MIME } from '../contract/scopes';
import { isTensor, problemIn as problemInTensor, TENSOR_MIME } from '../contract/tensor';
import { isTraining, problemIn as problemInTraining, TRAINING_MIME } from '../contract/training';
import { TrainingModel } from '../curves/model';
import { render as renderTraining } from '../curves/view';
import { open } from '../graph/open';
import { renderProblem } from '../graph/view';
import { ScopesModel } from '../scopes/model';
import { render as renderScopes } from '../scopes/view';
import { TensorModel } from '../tensor/model';
import { render as renderTensor } from '../tensor/view';
import { whenConnected } from '../widgets/connections';

/** One MIME type and the view that draws it. */
export interface Format {
  /** Short and unique: `graph`. */
  name: string;
  mime: string;
  /** Draws what came out of a notebook, which may be anything, into `el`; returns what clears it. */
  draw(output: Output, el: HTMLElement): () => void;
}

export interface Output {
  data: unknown;
  /** The `text/plain` of the same output, for what cannot be drawn. */
  text: string;
  /** What a view kept in the metadata of the output, if anything. */
  kept?: unknown;
  /** Lets the notebook keep what the reader did, and the drawing where there is one. */
  keep?: (kept: JSONObject, svg: string) => void;
}

const graph: Format = {
  name: 'graph',
  mime: GRAPH_MIME,
  draw: ({ data, text, kept, keep }, el) =>
    open(data, text, el, kept, (state, svg) => keep?.({ ...state }, svg))
};
const scopes = format('scopes', SCOPES_MIME, isScopes, problemInScopes, (data, el) =>
  renderScopes({ model: new ScopesModel(data), el })
);
const tensor = format('tensor', TENSOR_MIME, isTensor, problemInTensor, (data, el) =>
  live(data, new TensorModel(data), model => renderTensor({ model, el }))
);
const training = format('training', TRAINING_MIME, isTraining, problemInTraining, (data, el) =>
  live(data, new TrainingModel(data), model => renderTraining({ model, el, draw: drawAny }))
);
const checkpoint = format('checkpoint', CHECKPOINT_MIME, isCheckpoint, problemInCheckpoint, (data, el) =>
  live(data, new CheckpointModel(data), model => renderCheckpoint({ model, el, draw: drawAny }))
);

export const FORMATS: Format[] = [graph, scopes, tensor, training, checkpoint];

/** Draws whatever of ours `data` is; nothing for anything else. */
export function drawAny(data: unknown, el: HTMLElement): () => void {
  const kind = (data as { kind?: unknown } | undefined)?.kind;
  return FORMATS.find(({ name }) => name === kind)?.draw({ data, text: '' }, el) ?? (() => {});
}

function format<T>(
  name: string,
  mime: string,
  is: (data: unknown) => data is T,
  problemIn: (data: unknown) => string | null,
  show: (data: T, el: HTMLElement) => () => void
): Format {
  const draw = ({ data, text }: Output, el: HTMLElement) => {
    if (is(data)) {
      return show(data, el);
    }
    const own = (data as { text?: unknown } | undefined)?.text;
    return renderProblem(el, problemIn(data) ?? '', typeof own === 'string' ? own : text);
  };
  return { name, mime, draw };
}

interface Connected {
  connect: (channel: Channel | null) => void;
}

/** Draws a view, and connects its model with the kernel while there is one. */
function live<M extends Connected>({ widget }: { widget: string }, model: M, show: (model: M) => () => void) {
  const disconnect = whenConnected(widget, channel => model.connect(channel));
  const clear = show(model);
  return () => {
    disconnect();
    clear();
  };
}
