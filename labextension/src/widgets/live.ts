/** The ipywidgets classes: a model that is the channel to the kernel, and a view for layouts of several. */
import { DOMWidgetModel, DOMWidgetView } from '@jupyter-widgets/base';
import type { JSONObject } from '@lumino/coreutils';
import { drawAny } from '../lab/formats';
import { connect } from './connections';
import { Conversation } from './conversation';

export class LiveModel extends DOMWidgetModel {
  override defaults() {
    const own = { _model_name: 'LiveModel', _view_name: 'LiveView' };
    return { ...super.defaults(), ...own, _model_module: 'minitf', _view_module: 'minitf' };
  }

  override initialize(...made: Parameters<DOMWidgetModel['initialize']>): void {
    super.initialize(...made);
    this.conversation = new Conversation(content => void this.send(content as JSONObject));
    this.on('msg:custom', (content: Record<string, unknown>, buffers: DataView[]) =>
      this.conversation.hear(content, buffers)
    );
    this.on('destroy', () => {
      connect(this.model_id, null);
      this.conversation.end();
    });
    this.on('comm_live_update', () => connect(this.model_id, this.comm_live ? this.conversation : null));
    connect(this.model_id, this.conversation);
  }

  // Backbone calls `initialize` before class fields get their values, so this is only declared.
  declare conversation: Conversation;
}

export class LiveView extends DOMWidgetView {
  override render(): void {
    void (this.model as LiveModel).conversation.ask('describe').then(({ content }) => {
      this.clear = drawAny({ ...content, widget: this.model.model_id }, this.el);
    });
  }

  override remove(): void {
    this.clear?.();
    super.remove();
  }

  declare private clear: (() => void) | undefined;
}
