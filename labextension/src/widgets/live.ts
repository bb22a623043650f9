/** The ipywidgets classes: a model that is the channel to the kernel, and a view for layouts of several. */
import { DOMWidgetModel, DOMWidgetView } from '@jupyter-widgets/base';
import type { JSONObject } from '@lumino/coreutils';
import type { Answer, Channel } from '../contract/channel';
import { drawAny } from '../lab/formats';
import { connect } from './connections';

type Heard = (content: Record<string, unknown>, buffers: DataView[]) => void;
type Asked = { resolve: (answer: Answer) => void; reject: (error: Error) => void };

export class LiveModel extends DOMWidgetModel implements Channel {
  override defaults() {
    const own = { _model_name: 'LiveModel', _view_name: 'LiveView' };
    return { ...super.defaults(), ...own, _model_module: 'minitf', _view_module: 'minitf' };
  }

  override initialize(...made: Parameters<DOMWidgetModel['initialize']>): void {
    super.initialize(...made);
    this.asked = new Map();
    this.listeners = new Set();
    this.questions = 0;
    this.on('msg:custom', (content: Record<string, unknown>, buffers: DataView[]) =>
      this.hear(content, buffers)
    );
    this.on('destroy', () => this.end());
    this.on('comm_live_update', () => connect(this.model_id, this.comm_live ? this : null));
    connect(this.model_id, this);
  }

  ask(question: string, details: Record<string, unknown> = {}): Promise<Answer> {
    const id = ++this.questions;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.send({ id, ask: question, details: details as JSONObject });
    });
  }

  listen(heard: Heard): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  private hear(content: Record<string, unknown>, buffers: DataView[]): void {
    const asked = this.asked.get(content.answers as number);
    if (asked === undefined) {
      this.listeners.forEach(heard => void heard(content, buffers));
      return;
    }
    this.asked.delete(content.answers as number);
    if (typeof content.problem === 'string') {
      asked.reject(new Error(content.problem));
    } else {
      asked.resolve({ content: content.answer as Record<string, unknown>, buffers });
    }
  }

  private end(): void {
    connect(this.model_id, null);
    for (const { reject } of this.asked.values()) {
      reject(new Error('The kernel no longer knows this view.'));
    }
    this.asked.clear();
  }

  // Backbone calls `initialize` before class fields get their values, so these are only declared.
  declare private asked: Map<number, Asked>;
  declare private listeners: Set<Heard>;
  declare private questions: number;
}

export class LiveView extends DOMWidgetView {
  override render(): void {
    void (this.model as LiveModel).ask('describe').then(({ content }) => {
      this.clear = drawAny({ ...content, widget: this.model.model_id }, this.el);
    });
  }

  override remove(): void {
    this.clear?.();
    super.remove();
  }

  declare private clear: (() => void) | undefined;
}
